package rediscloud_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// More creates at once than the limit allows: the waits for those that are
// accepted see the first tasks end in the first minute, and nothing is refused.
func TestBurstOfCreatesLeavesPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithRoundTrip(160*time.Millisecond), rediscloudtest.WithProcessing(2*time.Second))
		client, sub := connect(t, fake), fake.AddSubscription("s")
		whole := t.Context()
		ctx, cancel := context.WithTimeout(whole, time.Minute)
		defer cancel()
		var mu sync.Mutex
		done := 0
		var creates sync.WaitGroup
		for i := range 500 {
			creates.Go(func() {
				task, err := client.Databases.Create(whole, sub, &rediscloud.DatabaseCreateRequest{Name: fmt.Sprintf("d%d", i)})
				if !assert.NoError(t, err) {
					return
				}
				if _, err = task.Wait(ctx); err == nil {
					mu.Lock()
					done++
					mu.Unlock()
				}
			})
		}
		creates.Wait()
		assert.Greater(t, done, 15, "of 30 that end in a minute")
		polls := 0
		for _, req := range fake.Requests() {
			require.NotEqual(t, http.StatusTooManyRequests, req.Status)
			if strings.HasPrefix(req.Route, "GET /tasks") {
				polls++
			}
		}
		assert.Greater(t, polls, 20)
	})
}

// Programs with the same key, each with its own client, learn of each other by
// the remaining allowance in the responses. Together they ask for more than is
// allowed.
func TestProgramsOnOneKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithRoundTrip(160 * time.Millisecond))
		fake.AddSubscription("s")
		const programs, length = 5, 10 * time.Minute
		counts := make([]int, programs)
		ctx, cancel := context.WithTimeout(t.Context(), length)
		defer cancel()
		var readers sync.WaitGroup
		for n := range programs {
			client := connect(t, fake)
			readers.Go(func() {
				for ctx.Err() == nil {
					if _, err := client.Subscriptions.List(ctx); err == nil {
						counts[n]++
					}
					time.Sleep(300 * time.Millisecond)
				}
			})
		}
		readers.Wait()
		refused, sum := 0, 0
		for _, req := range fake.Requests() {
			if req.Status == http.StatusTooManyRequests {
				refused++
			}
		}
		for _, n := range counts {
			sum += n
			assert.Greater(t, n, 10*rediscloud.DefaultRateLimit/programs/2, "half of an equal part")
		}
		t.Logf("%d requests in %s by %v, %d refused", sum, length, counts, refused)
		assert.LessOrEqual(t, refused*500, sum)
		assert.Greater(t, sum, 10*rediscloud.DefaultRateLimit*3/4)
	})
}
