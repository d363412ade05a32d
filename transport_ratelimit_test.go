package rediscloud

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/internal/ratelimit"
)

// countingLimiter is a user's limiter.
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

// Requests with a slow connection are counted when they arrive.
func TestStalledConnectionsStayWithinTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex
		var arrived []time.Duration
		client := newTestClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
			if time.Since(start) < 25*time.Second {
				time.Sleep(25*time.Second - time.Since(start)) // no connection until then
			}
			time.Sleep(40 * time.Millisecond)
			mu.Lock()
			arrived = append(arrived, time.Since(start))
			mu.Unlock()
			time.Sleep(40 * time.Millisecond)
			return response(200, `{"taskId":"t1"}`), nil
		}))
		var calls sync.WaitGroup
		for range 1000 {
			calls.Go(func() { assert.NoError(t, second(client.Tasks.Get(t.Context(), "t1"))) })
		}
		calls.Wait()
		assert.Len(t, arrived, 1000)
		for i := DefaultRateLimit; i < len(arrived); i++ {
			assert.GreaterOrEqual(t, arrived[i]-arrived[i-DefaultRateLimit], time.Minute)
		}
		assert.Less(t, time.Since(start), 25*time.Second+2*ratelimit.Length+time.Second, "the allowance is used")
	})
}

// Requests that were never sent don't count.
func TestFailedDialsAreNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []func() (*http.Response, error){fails(errDial)}}
		client := newTestClient(t, server, WithRateLimit(2), WithoutRetries())
		start := time.Now()
		for range 10 {
			require.Error(t, second(client.Tasks.Get(t.Context(), "t1")))
		}
		assert.Zero(t, time.Since(start))
	})
}

// While the allowance is used up, a wait continues until its deadline, and a
// call that can't be sent before its own deadline fails at once.
func TestWaitOutlastsUsedUpAllowance(t *testing.T) {
	for name, wait := range map[string]func(context.Context, *Client, *Task[Database]) error{
		"task": func(ctx context.Context, c *Client, _ *Task[Database]) error {
			return second(c.WaitForTask(ctx, &TaskState{TaskID: "t2"}))
		},
		"resource": func(ctx context.Context, c *Client, _ *Task[Database]) error {
			return second(c.Databases.WaitProvisioned(ctx, 7, 8))
		},
		"result": func(ctx context.Context, _ *Client, done *Task[Database]) error { return second(done.Wait(ctx)) },
		"a marked result": func(ctx context.Context, c *Client, _ *Task[Database]) error {
			return second(c.Tasks.Get(asResult(ctx), "t2"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newTestClient(t, &script{steps: []func() (*http.Response, error){
					answers(202, `{"taskId":"t1","status":"processing-completed","response":{"resourceId":8}}`), answers(200, `{"taskId":"t2","databaseId":8,"status":"pending"}`)}}, WithRateLimit(10))
				done, err := createOne(t.Context(), client)
				require.NoError(t, err)
				for used := 1; used < 10; used++ {
					require.NoError(t, second(client.Tasks.Get(asPoll(t.Context()), "t2")))
				}
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				start := time.Now()
				require.ErrorIs(t, second(client.Tasks.Get(ctx, "t2")), context.DeadlineExceeded)
				assert.Zero(t, time.Since(start))
				require.ErrorIs(t, wait(ctx, client, done), context.DeadlineExceeded)
				assert.Equal(t, 30*time.Second, time.Since(start))
			})
		})
	}
}

// A proxy that always reports a remaining allowance of 0 doesn't stop a
// program.
func TestAlwaysZeroRemaining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newTestClient(t, &script{steps: []func() (*http.Response, error){answers(200, `{"taskId":"t1"}`, "X-Rate-Limit-Remaining", "0")}})
		start := time.Now()
		for range 100 {
			require.NoError(t, second(client.Tasks.Get(t.Context(), "t1")))
		}
		assert.Less(t, time.Since(start), time.Minute)
	})
}

// The allowance in a response can slow the client down for a while, but never
// stop it for good or let it send more than the limit.
func TestAllowanceIsBounded(t *testing.T) {
	for _, left := range []string{"0", "-1", "99999999999", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "x", ""} {
		synctest.Test(t, func(t *testing.T) {
			server := &script{steps: []func() (*http.Response, error){
				answers(429, "", "X-Rate-Limit-Remaining", left, "Retry-After", "1e300"), answers(200, `{"taskId":"t1"}`, "X-Rate-Limit-Remaining", left)}}
			client := newTestClient(t, server, WithRateLimit(10), WithoutRetries())
			start := time.Now()
			require.Error(t, second(client.Tasks.Get(t.Context(), "t1")))
			for range 20 {
				require.NoError(t, second(client.Tasks.Get(t.Context(), "t1")))
			}
			assert.Greater(t, time.Since(start), 2*rateWindow, left)
			assert.LessOrEqual(t, time.Since(start), 5*rateWindow, left)
		})
	}
}

// The engine may ask when a poll would be sent before it makes one.
func TestNextPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newTestClient(t, &script{steps: []func() (*http.Response, error){answers(200, `{"taskId":"t1"}`)}}, WithRateLimit(10))
		assert.Zero(t, client.transport.nextPoll())
		for range 10 {
			require.NoError(t, second(client.Tasks.Get(t.Context(), "t1")))
		}
		time.Sleep(time.Second)
		assert.Equal(t, ratelimit.Length-time.Second, client.transport.nextPoll())
		client = newTestClient(t, nil, WithRateLimiter(&countingLimiter{}))
		assert.Zero(t, client.transport.nextPoll())
	})
}
