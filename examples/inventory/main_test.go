package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/examples/internal/command"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func TestAgainstFake(t *testing.T) {
	t.Setenv(rediscloud.EnvAccountKey, "")
	t.Setenv(rediscloud.EnvSecretKey, "")
	for _, test := range []struct {
		args   string
		code   int
		out    string
		stderr string
	}{
		{"", 0, `SUBSCRIPTION  DATABASE               ID        STATUS    USED MB   LIMIT MB  USED
reports       queue                  51000005  active        1.0     5120.0    0%
shop          orders                 51000001  active        1.0     2048.0    0%
shop          carts                  51000002  active        1.0     2048.0    0%
trial         cache                  51000004  active        1.0       30.0    3%
worldwide     sessions in eu-west-1  51000003  active        1.0     2048.0    0%
worldwide     sessions in us-east-1  51000003  active        1.0     2048.0    0%
`, "REDISCLOUD_ACCESS_KEY is not set: this runs against the embedded fake, and costs nothing.\n\n"},
		{"-h", 0, "", "usage: go run ./examples/inventory [flags]\n"},
		{"-x", 2, "", "flag provided but not defined: -x\nusage: go run ./examples/inventory [flags]\n"},
		{"x", 2, "", "unexpected argument \"x\"\nusage: go run ./examples/inventory [flags]\n"},
	} {
		var out, stderr strings.Builder
		err := run(t.Context(), strings.Fields(test.args), command.Streams{Out: &out, Err: &stderr})
		assert.Equal(t, test.code, command.Exit("inventory", err, &stderr))
		assert.Equal(t, test.out, out.String())
		assert.Equal(t, test.stderr, stderr.String())
	}
}

func client(t *testing.T, fake *rediscloudtest.Server) *rediscloud.Client {
	c, err := rediscloud.NewClient(rediscloud.WithBaseURL(fake.URL()), rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()), rediscloud.WithHTTPClient(fake.Client()))
	require.NoError(t, err)
	return c
}

// A large account is read as fast as the limit allows, and no faster.
func TestAsFastAsTheLimitAllows(t *testing.T) {
	for subscriptions, longest := range map[int]time.Duration{240: 10 * time.Second, 600: 130 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			fake := rediscloudtest.New(rediscloudtest.WithRoundTrip(400 * time.Millisecond))
			for i := range subscriptions {
				id := fake.AddSubscription(fmt.Sprint("s", i))
				if i%3 > 0 { // some are empty
					fake.AddDatabase(id, "a")
					fake.AddDatabase(id, "b")
				}
			}
			begun := time.Now()
			rows, err := inventory(t.Context(), client(t, fake))
			require.NoError(t, err)
			assert.Len(t, rows, subscriptions/3*2*2)
			assert.Less(t, time.Since(begun), longest)
			for _, request := range fake.Requests() {
				require.NotEqual(t, http.StatusTooManyRequests, request.Status)
			}
		})
	}
}

// Each type of database reports its size in another way.
func TestOneUnit(t *testing.T) {
	fake := rediscloudtest.New()
	require.NoError(t, fake.Seed(strings.NewReader(`{
		"/subscriptions": [{"name": "pro", "databases": [
			{"name": "small", "datasetSizeInGb": 0.1, "replication": false},
			{"name": "twice", "datasetSizeInGb": 3, "replication": true}]}],
		"/fixed/subscriptions": [
			{"name": "mb", "planId": 34858, "databases": [{"name": "quarter"}]},
			{"name": "paid by use", "planId": 98601, "databases": [{"name": "own", "datasetSizeInGb": 2}]}]}`)))
	rows, err := inventory(t.Context(), client(t, fake))
	require.NoError(t, err)
	limits := map[string]float64{}
	for _, r := range rows {
		limits[r.database] = r.limit
	}
	assert.Equal(t, map[string]float64{"small": 102.4, "twice": 6144, "quarter": 250, "own": 4096}, limits)
}

// What can't be read doesn't hide the rest, and what was removed is not an
// error.
func TestPartOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := exampleAccount()
		shop, worldwide := fake.Subscriptions()[0], fake.Subscriptions()[1]
		fake.AnswerNext(100, fmt.Sprintf("GET /subscriptions/%d/databases", shop), http.StatusForbidden, nil, "")
		fake.AnswerNext(1, fmt.Sprintf("GET /subscriptions/%d/databases", worldwide), http.StatusNotFound, nil, "")
		rows, err := inventory(t.Context(), client(t, fake))
		require.ErrorIs(t, err, rediscloud.ErrForbidden)
		names := []string{}
		for _, r := range rows {
			names = append(names, r.database)
		}
		slices.Sort(names)
		assert.Equal(t, []string{"cache", "queue"}, names)

		fake.AnswerNext(100, "GET /subscriptions", http.StatusForbidden, nil, "")
		rows, err = inventory(t.Context(), client(t, fake))
		require.ErrorIs(t, err, rediscloud.ErrForbidden)
		assert.Len(t, rows, 2)
	})
}

func TestUnknownLimit(t *testing.T) {
	var out strings.Builder
	require.NoError(t, write(&out, []row{{subscription: "s", database: "d", id: 1, status: "active", used: 12.25}}))
	assert.Equal(t, "s             d         1   active       12.2        0.0    ?", strings.Split(out.String(), "\n")[1])
}
