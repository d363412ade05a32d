package ratelimit

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// However many ask, no stretch of a minute has more than the limit, and the
// allowance is used.
func TestLimiterWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := New(limit)
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
		for i := limit; i < len(passed); i++ {
			assert.Greater(t, passed[i]-passed[i-limit], time.Minute)
		}
		assert.Equal(t, 2*Length, passed[len(passed)-1])
	})
}

func TestLimiterDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := New(1)
		require.NoError(t, limiter.Wait(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		err := limiter.Wait(ctx)
		require.ErrorIs(t, err, ErrDeadline)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start), "it can't be met, so it isn't waited for")
		for _, class := range []Class{Poll, Result} {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			_, err = limiter.Acquire(ctx, class)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NotErrorIs(t, err, ErrDeadline)
			assert.Equal(t, 10*time.Second, time.Since(start), "a wait goes on until then")
		}
	})
}

// A waiter that leaves takes nothing with it.
func TestLimiterCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := New(1)
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
		assert.Equal(t, Length-time.Second, time.Since(start))
		require.ErrorIs(t, limiter.Wait(ctx), context.Canceled)
		assert.Zero(t, limiter.window.waiting)
		assert.Zero(t, limiter.window.flying)
	})
}

// A returned slot makes room at once, or nearly so.
func TestLimiterSlotComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := New(1)
		slot, err := limiter.Acquire(t.Context(), Read)
		require.NoError(t, err)
		start := time.Now()
		time.AfterFunc(5*time.Second, func() { slot.Done(0) })
		require.NoError(t, limiter.Wait(t.Context()))
		assert.LessOrEqual(t, time.Since(start), 6*time.Second)
	})
}

func TestLimiterPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := New(10)
		limiter.Pause(12 * time.Second)
		limiter.Pause(time.Second)
		start := time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		assert.Equal(t, 12*time.Second, time.Since(start))
		limiter.Pause(1000 * time.Hour)
		start = time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		assert.Equal(t, Length, time.Since(start))
	})
}

func TestZeroSlot(*testing.T) {
	var slot Slot
	slot.Done(1)
	slot.Told(0)
	slot.Refused(0)
}

// What the limiter adds to a request, after a minute full of requests, does not
// depend on the limit.
func BenchmarkWindow(b *testing.B) {
	for name, limit := range map[string]int{"400": 400, "1000000": 1_000_000} {
		b.Run(name, func(b *testing.B) {
			window, now := NewWindow(limit, Length), time.Now()
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(Length / time.Duration(limit-2))
				for window.Take(now, Poll) > 0 {
					now = now.Add(grain)
				}
				window.Done(now, Poll, 1)
			}
		})
	}
}
