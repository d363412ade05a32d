package rediscloud_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const (
	provisionedDatabases = 50
	provisioning         = time.Minute
)

// What it costs to wait until databases are active that are provisioned beside
// each other, in virtual time with 80 ms a round trip: by one client, which
// reads their list, and by a client for each, which reads its database alone.
// Late is the time from active at the API until WaitProvisioned returns. The
// clients that know nothing of each other are refused by the rate limit; what
// they would cost without one is told too.
func TestEconomyOfProvisioning(t *testing.T) {
	t.Parallel()
	measure := func(name string, shared bool, limit int) (r economyResult) {
		synctest.Test(t, func(t *testing.T) { r = provisioningEconomy(t, shared, limit) })
		t.Logf("%d databases, %s of provisioning, %s: %d requests, late by %s on average, %s at most, %d KiB read, %d lists, %d refused",
			provisionedDatabases, provisioning, name, r.requests, r.mean.Round(10*time.Millisecond), r.max.Round(10*time.Millisecond), r.bytes>>10, r.lists, r.refused)
		return r
	}
	shared := measure("one client", true, rediscloud.DefaultRateLimit)
	// 50 creates, 50 reads at the end of the tasks, 50 of the active databases.
	assert.LessOrEqual(t, shared.requests, 3*provisionedDatabases+100)
	assert.LessOrEqual(t, shared.mean, 2200*time.Millisecond)
	assert.LessOrEqual(t, shared.max, 2500*time.Millisecond)
	assert.Zero(t, shared.refused)
	if testing.Short() || raceEnabled {
		return
	}
	alone := measure("a client each", false, rediscloud.DefaultRateLimit)
	assert.Less(t, 2*shared.requests, alone.requests)
	unlimited := measure("a client each, no limit enforced", false, 0)
	assert.Less(t, 2*shared.requests, unlimited.requests)
}

func provisioningEconomy(t *testing.T, shared bool, limit int) (r economyResult) {
	fake := rediscloudtest.New(
		calm, rediscloudtest.WithLenientSubscriptions(),
		rediscloudtest.WithRoundTrip(80*time.Millisecond),
		rediscloudtest.WithProcessing(100*time.Millisecond),
		rediscloudtest.WithParallelTasks(provisionedDatabases),
		rediscloudtest.WithProvisioning(provisioning),
		rediscloudtest.WithRateLimit(limit))
	client := connect(t, fake)
	sub := fake.AddSubscription("s")
	var mu sync.Mutex
	returned := map[string]time.Time{}
	var group sync.WaitGroup
	for i := range provisionedDatabases {
		task, err := client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: fmt.Sprintf("d%d", i)})
		require.NoError(t, err)
		if !shared {
			task, err = rediscloud.ResumeTask[rediscloud.Database](connect(t, fake), task.Token())
			require.NoError(t, err)
		}
		group.Go(func() {
			db, err := task.WaitProvisioned(t.Context())
			if assert.NoError(t, err) {
				assert.Equal(t, rediscloud.DatabaseActive, db.Status)
			}
			mu.Lock()
			defer mu.Unlock()
			returned[task.ID()] = time.Now()
		})
	}
	group.Wait()
	var sum time.Duration
	for _, task := range fake.Tasks() {
		late := returned[task.ID].Sub(task.Ended.Add(provisioning))
		assert.GreaterOrEqual(t, late, time.Duration(0))
		sum += late
		r.max = max(r.max, late)
	}
	r.mean = sum / provisionedDatabases
	for _, req := range fake.Requests() {
		r.requests++
		r.bytes += req.ResponseBytes
		switch {
		case req.Status == http.StatusTooManyRequests:
			r.refused++
		case req.Route == "GET /subscriptions/{subscriptionId}/databases":
			r.lists++
		}
	}
	return r
}
