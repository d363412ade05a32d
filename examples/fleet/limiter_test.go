package main

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// most returns the largest number of times within any span of this length.
func most(times []time.Time, span time.Duration) int {
	slices.SortFunc(times, time.Time.Compare)
	most, first := 0, 0
	for i, t := range times {
		for t.Sub(times[first]) >= span {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func TestSharedLimiter(t *testing.T) {
	t.Parallel()
	url := testRedis(t)
	allowance := Allowance{Requests: 60, Per: 2 * time.Second, Burst: 5, Slack: 200 * time.Millisecond}
	ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
	defer cancel()
	var mu sync.Mutex
	var times []time.Time
	var turns [8]int
	var group sync.WaitGroup
	start := time.Now()
	for process := range turns {
		limiter, err := NewSharedLimiter(redisClient(t, url), "limit", allowance)
		require.NoError(t, err)
		for range 5 {
			group.Go(func() {
				for limiter.Wait(ctx) == nil {
					mu.Lock()
					times = append(times, time.Now())
					turns[process]++
					mu.Unlock()
				}
			})
		}
	}
	group.Wait()
	window := most(times, allowance.Per)
	t.Logf("%d requests in %s, at most %d in any %s of %d allowed, by process: %d",
		len(times), time.Since(start).Round(time.Millisecond), window, allowance.Per, allowance.Requests, turns)
	assert.LessOrEqual(t, window, allowance.Requests)
	assert.Greater(t, len(times), int(6*time.Second/allowance.interval()))
	for _, n := range turns {
		assert.InDelta(t, len(times)/len(turns), n, 10, "first come, first served")
	}
}

func TestLimiterOfTheRealAPI(t *testing.T) {
	assert.InDelta(t, 377, float64(time.Minute)/float64(accountAllowance.interval()), 1)
	_, err := NewSharedLimiter(nil, "limit", Allowance{Requests: 5, Per: time.Second, Burst: 5})
	assert.Error(t, err)
}

func TestLimiterKeepsDeadline(t *testing.T) {
	t.Parallel()
	limiter, err := NewSharedLimiter(redisClient(t, testRedis(t)), "limit", Allowance{Requests: 2, Per: time.Second, Burst: 1})
	require.NoError(t, err)
	require.NoError(t, limiter.Wait(t.Context()))
	short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	require.ErrorIs(t, limiter.Wait(short), context.DeadlineExceeded)
	assert.Less(t, time.Since(start), 300*time.Millisecond, "it doesn't wait in vain")
	require.NoError(t, limiter.Wait(t.Context()))
	assert.Less(t, time.Since(start), 1500*time.Millisecond, "what was refused took no slot")
}

func TestNothingIsSentWithoutRedis(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: t.TempDir() + "/none", MaxRetries: -1})
	defer func() { _ = rdb.Close() }()
	limiter, err := NewSharedLimiter(rdb, "limit", accountAllowance)
	require.NoError(t, err)
	require.ErrorContains(t, limiter.Wait(t.Context()), "shared rate limit: ")
}

// A lateContext has passed its deadline without noticing, as in a process that
// was stopped and has just continued.
type lateContext struct{ context.Context }

func (lateContext) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }

func TestNothingIsSentAfterItsTime(t *testing.T) {
	t.Parallel()
	limiter, err := NewSharedLimiter(redisClient(t, testRedis(t)), "limit", Allowance{Requests: 20, Per: time.Second, Burst: 1})
	require.NoError(t, err)
	require.NoError(t, limiter.Wait(t.Context()))
	require.ErrorIs(t, sleep(lateContext{t.Context()}, time.Millisecond), context.DeadlineExceeded)
	require.ErrorIs(t, limiter.Wait(lateContext{t.Context()}), context.DeadlineExceeded)
}
