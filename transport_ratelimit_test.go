package rediscloud

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// However many ask, no window of a minute holds more than the limit, and the
// allowance is used.
func TestRateLimitWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := newSlidingWindow(400)
		start := time.Now()
		var mu sync.Mutex
		var passed []time.Duration
		var group sync.WaitGroup
		for range 1000 {
			group.Go(func() {
				if assert.NoError(t, limiter.Wait(t.Context())) {
					mu.Lock()
					passed = append(passed, time.Since(start))
					mu.Unlock()
				}
			})
		}
		group.Wait()
		assert.Len(t, passed, 1000)
		for i := 400; i < len(passed); i++ {
			assert.Greater(t, passed[i]-passed[i-400], time.Minute)
		}
		took := passed[len(passed)-1]
		t.Logf("1000 requests took %s of virtual time: in the long run %.1f%% of the allowed rate", took, 100*rateWindow.Seconds()/limiter.window.Seconds())
		assert.Equal(t, 2*(rateWindow+rateMargin), took)
	})
}

func TestRateLimitDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := newSlidingWindow(1)
		require.NoError(t, limiter.Wait(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, limiter.Wait(ctx), context.DeadlineExceeded)
		assert.Zero(t, time.Since(start), "it can't be met, so it isn't waited for")
	})
}

// A waiter that leaves takes nothing with it.
func TestRateLimitCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := newSlidingWindow(1)
		require.NoError(t, limiter.Wait(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error)
		for range 3 {
			go func() { errs <- limiter.Wait(ctx) }()
		}
		time.Sleep(time.Second)
		cancel()
		for range 3 {
			require.ErrorIs(t, <-errs, context.Canceled)
		}
		start := time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		assert.Equal(t, rateWindow+rateMargin-time.Second, time.Since(start))
		require.ErrorIs(t, limiter.Wait(ctx), context.Canceled)
	})
}

func TestRateLimitLearnsFromAnswers(t *testing.T) {
	remaining := func(n int) http.Header { return http.Header{"X-Rate-Limit-Remaining": {strconv.Itoa(n)}} }
	synctest.Test(t, func(t *testing.T) {
		limiter := newSlidingWindow(10)
		pass := func() bool { return limiter.take(time.Now(), false) == 0 }
		require.True(t, pass())
		limiter.observe(remaining(3)) // others have used 6
		for range 3 {
			require.True(t, pass())
		}
		assert.False(t, pass())
		limiter.observe(remaining(2)) // they have not: two of theirs left the window
		assert.True(t, pass())
		assert.True(t, pass())
		assert.False(t, pass())
		limiter.observe(remaining(400)) // more than our own count is no news
		assert.True(t, pass())
		for _, odd := range []string{"", "-5", "many", "99999999999999999999"} {
			limiter.observe(http.Header{"X-Rate-Limit-Remaining": {odd}})
		}
		limiter.observe(remaining(0))
		assert.False(t, pass())
		time.Sleep(rateWindow + rateMargin)
		for range 10 {
			assert.True(t, pass(), "nothing is heard of others for a minute")
		}
	})
}

func TestRateLimitPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := newSlidingWindow(10)
		limiter.pause(12 * time.Second)
		start := time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		assert.Equal(t, 12*time.Second, time.Since(start))
	})
}

// countingLimiter is a user's own.
type countingLimiter struct{ waits int }

func (l *countingLimiter) Wait(context.Context) error { l.waits++; return nil }

func TestOwnLimiterSeesEveryAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := &countingLimiter{}
		server := &script{steps: []func() (*http.Response, error){answers(503, ""), answers(503, ""), answers(200, `{"tasks":[]}`)}}
		_, err := newTestClient(t, server, WithRateLimiter(limiter)).Tasks.List(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 3, limiter.waits)
	})
}
