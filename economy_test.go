package rediscloud_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func readCloser(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

// What waiting costs, and how soon the end of a task is noticed: 80 ms a round
// trip, and a new task unknown for 300 ms. Lateness is the time from the end of
// the task at the API until Wait returns with the resource read.
func TestEconomy(t *testing.T) {
	for _, test := range []struct {
		task     time.Duration
		requests int
		late     time.Duration
	}{
		{3 * time.Second, 8, 800 * time.Millisecond},
		{45 * time.Second, 40, 2 * time.Second},
	} {
		t.Run(test.task.String(), func(t *testing.T) {
			var worst struct {
				requests int
				late     time.Duration
			}
			// The pauses are random, and the worst of many runs is what counts.
			const runs = 200
			for run := range runs {
				synctest.Test(t, func(t *testing.T) {
					requests, late := economy(t, test.task+time.Duration(run)*time.Millisecond)
					worst.requests = max(worst.requests, requests)
					worst.late = max(worst.late, late)
				})
			}
			t.Logf("a task of %s: at most %d requests before the read (allowed %d), at most %s late (allowed %s), over %d runs",
				test.task, worst.requests, test.requests, worst.late, test.late, runs)
			assert.LessOrEqual(t, worst.requests, test.requests)
			assert.LessOrEqual(t, worst.late, test.late)
		})
	}
}

// economy creates a database by a task of the given length and returns the
// number of requests before its read, and how late the read was done.
func economy(t *testing.T, length time.Duration) (requests int, late time.Duration) {
	fake := rediscloudtest.New(
		rediscloudtest.WithRoundTrip(80*time.Millisecond),
		rediscloudtest.WithUnknownFor(300*time.Millisecond),
		rediscloudtest.WithProcessing(length),
		rediscloudtest.WithProvisioning(0))
	client := connect(t, fake)
	sub := fake.AddSubscription("s")
	task, err := client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
	require.NoError(t, err)
	_, err = task.Wait(t.Context())
	require.NoError(t, err)
	late = time.Since(fake.Tasks()[0].Ended)
	for _, req := range fake.Requests() {
		require.NotEqual(t, http.StatusTooManyRequests, req.Status)
	}
	return len(fake.Requests()) - 1, late
}
