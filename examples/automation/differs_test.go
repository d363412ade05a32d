package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const changingPlan = `
subscriptions:
  - name: shop
    cloudProviders: [{provider: AWS, regions: [{region: us-east-1, networking: {deploymentCIDR: 10.0.0.0/24}}]}]
    databases:
      - {name: cache, datasetSizeInGb: 0.5}
      - name: sessions
        datasetSizeInGb: 1
        password: first-password
        dataEvictionPolicy: allkeys-lru
        sourceIp: [10.0.0.1, 10.1.0.0/16]
        throughputMeasurement: {by: operations-per-second, value: 2000}
        alerts: [{name: dataset-size, value: 80}]
`

// What matches the plan is done; what differs is reported, is changed with
// -update, and fails with -strict.
func TestChangedPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(20 * time.Second))
		client, dir := connectTo(t, fake, fake.Transport()), t.TempDir()
		output := ""
		apply := func(s settings, changes ...string) (code int, ends map[string]event) {
			p, err := parsePlan([]byte(strings.NewReplacer(changes...).Replace(changingPlan)))
			require.NoError(t, err)
			s.state, s.settle = dir, 10*time.Second
			var out bytes.Buffer
			err = applyPlan(t.Context(), client, s, p, &out)
			output, ends = out.String(), map[string]event{}
			for _, e := range parseEvents(t, output) {
				if ends[e.Name].Event != eventDiffers {
					ends[e.Name] = e
				}
			}
			assert.NotContains(t, output, "-password")
			return exitCode(t.Context(), err), ends
		}
		for range 2 {
			code, ends := apply(settings{strict: true})
			require.Equal(t, exitDone, code, output)
			for _, name := range []string{"shop", "cache", "sessions"} {
				assert.Equal(t, eventDone, ends[name].Event, output)
			}
		}
		tasks := len(fake.Tasks())

		bigger := []string{"datasetSizeInGb: 0.5", "datasetSizeInGb: 5", "allkeys-lru", "noeviction", "first-password", "second-password", "value: 2000", "value: 3000"}
		cache := []difference{{"datasetSizeInGb", 0.5, 5.0}}
		sessions := []difference{
			{"dataEvictionPolicy", "allkeys-lru", "noeviction"}, {Field: "password"},
			{"throughputMeasurement", map[string]any{"by": "operations-per-second", "value": 2000.0}, map[string]any{"by": "operations-per-second", "value": 3000.0}},
		}
		for _, s := range []settings{{}, {strict: true}, {dryRun: true}, {dryRun: true, strict: true}} {
			code, ends := apply(s, bigger...)
			want := exitDone
			if s.strict {
				want = exitFailed
			}
			assert.Equal(t, want, code, output)
			assert.Equal(t, eventDiffers, ends["cache"].Status, output)
			assert.Equal(t, cache, ends["cache"].Differs)
			assert.Equal(t, sessions, ends["sessions"].Differs)
			if !s.dryRun {
				assert.Equal(t, eventDone, ends["shop"].Event)
			}
			assert.Len(t, fake.Tasks(), tasks, "nothing is changed")
		}

		code, ends := apply(settings{update: true}, bigger...)
		require.Equal(t, exitDone, code, output)
		assert.Equal(t, eventDone, ends["cache"].Event, output)
		assert.Len(t, fake.Tasks(), tasks+2)
		code, _ = apply(settings{strict: true}, bigger...)
		assert.Equal(t, exitDone, code, output)

		// What can't be changed isn't, and is reported.
		for change, field := range map[string]string{"us-east-1": "cloudProviders", "name: cache,": "protocol"} {
			code, ends = apply(settings{update: true}, append(bigger, change, map[string]string{"cloudProviders": "eu-west-1", "protocol": "name: cache, protocol: memcached,"}[field])...)
			assert.Equal(t, exitFailed, code, output)
			name := map[string]string{"cloudProviders": "shop", "protocol": "cache"}[field]
			assert.Contains(t, ends[name].Error, field+" can't be changed", output)
			assert.Len(t, fake.Tasks(), tasks+2)
		}
	})
}

// Killed at any request of an update: run again, it matches the plan.
func TestKilledWhileUpdating(t *testing.T) {
	for n, killed := 1, true; killed; n++ {
		synctest.Test(t, func(t *testing.T) {
			fake := rediscloudtest.New()
			id := fake.AddSubscription("shop")
			db := fake.AddDatabase(id, "cache")
			p, err := parsePlan([]byte("subscriptions: [{name: shop, databases: [{name: cache, datasetSizeInGb: 5}]}]"))
			require.NoError(t, err)
			s := settings{update: true, state: t.TempDir(), settle: 10 * time.Second}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			k := &killer{next: fake.Transport(), at: n, statePath: s.state, copyPath: t.TempDir(), kill: cancel}
			err = applyPlan(ctx, connectTo(t, fake, k), s, p, io.Discard)
			if killed = k.killed; !killed {
				require.NoError(t, err)
				assert.Greater(t, n, 5)
				return
			}
			client := connectTo(t, fake, fake.Transport())
			require.NoError(t, applyPlan(t.Context(), client, s, p, io.Discard), "killed at %d", n)
			shown, err := client.Databases.Get(t.Context(), id, db)
			require.NoError(t, err)
			assert.InDelta(t, 5, shown.DatasetSizeInGB, 0)
			assert.Len(t, fake.Databases(id), 1)
		})
	}
}

func TestAgree(t *testing.T) {
	for _, test := range []struct {
		asked, shown any
		want         bool
	}{
		{1.0, 1.0, true}, {1.0, 2.0, false}, {true, false, false},
		{1.0, nil, true}, {nil, 1.0, true}, {1.0, "1", true}, // not shown, or in another form
		{"AOF-every-write", "aof-every-write", true}, {"10.0.0.1", "10.0.0.1/32", true}, {"a", "b", false},
		{[]any{"a", "b"}, []any{"b", "a"}, true}, {[]any{"a"}, []any{"a", "b"}, false}, {[]any{}, []any{"0.0.0.0/0"}, true},
		{[]any{map[string]any{"name": "a"}}, []any{map[string]any{"name": "b"}, map[string]any{"name": "a", "id": 1.0}}, true},
		{map[string]any{"a": 1.0, "c": 1.0}, map[string]any{"a": 1.0, "b": 2.0}, true}, {map[string]any{"a": 1.0}, map[string]any{"a": 2.0}, false},
	} {
		assert.Equal(t, test.want, agree(test.asked, test.shown), "%v %v", test.asked, test.shown)
	}
}
