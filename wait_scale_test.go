package rediscloud_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

const scaleWaiters = 10_000

// The cost of 10,000 waiters on one client: memory, goroutines, and the time
// that they take to leave.
func TestScale(t *testing.T) {
	for name, c := range map[string]struct {
		status rediscloud.TaskStatus
		id     func(i int) string
	}{
		"a task each":                   {rediscloud.TaskStatusReceived, func(i int) string { return fmt.Sprintf("task-%05d", i) }},
		"a task each, of unknown state": {"", func(i int) string { return fmt.Sprintf("task-%05d", i) }},
		"one task":                      {rediscloud.TaskStatusReceived, func(int) string { return "task-00000" }},
	} {
		t.Run(name, func(t *testing.T) {
			now := realClock(t)
			synctest.Test(t, func(t *testing.T) { scale(t, now, c.status, c.id) })
		})
	}
}

func scale(t *testing.T, realNow func() time.Time, status rediscloud.TaskStatus, id func(int) string) {
	var requests atomic.Int64
	client, err := rediscloud.NewClient(rediscloud.WithCredentials("a", "s"), rediscloud.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(req *http.Request) *http.Response {
			requests.Add(1)
			select {
			case <-req.Context().Done():
			case <-time.After(80 * time.Millisecond):
			}
			if req.URL.Path == "/v1/tasks" {
				return answer(http.StatusOK, []byte(`{"tasks":[]}`))
			}
			name := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
			return answer(http.StatusOK, []byte(`{"taskId":"`+name+`","status":"received"}`))
		})}))
	require.NoError(t, err)
	states := make([]rediscloud.TaskState, scaleWaiters)
	for i := range states {
		states[i] = rediscloud.TaskState{TaskID: id(i), Status: status}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	goroutines, heap := runtime.NumGoroutine(), heapInUse()
	var group sync.WaitGroup
	began := realNow()
	for i := range states {
		group.Go(func() {
			_, err := client.WaitForTask(ctx, &states[i])
			assert.ErrorIs(t, err, context.Canceled)
		})
	}
	time.Sleep(100 * time.Millisecond)
	synctest.Wait()
	joined := realNow().Sub(began)
	time.Sleep(2 * time.Second)
	synctest.Wait()
	perWaiter := float64(heapInUse()-heap) / scaleWaiters
	extra := runtime.NumGoroutine() - goroutines - scaleWaiters

	start, left := time.Now(), realNow()
	cancel()
	group.Wait()
	took, leaving := time.Since(start), realNow().Sub(left)
	sent := requests.Load()
	synctest.Wait()
	t.Logf("%d waiters: %.0f bytes of heap each, %d goroutines besides theirs; joined in %s, left %s after cancel (%s of real time); %d requests",
		scaleWaiters, perWaiter, extra, joined.Round(time.Millisecond), took, leaving.Round(time.Millisecond), sent)
	assert.Less(t, perWaiter, 4096.0)
	assert.LessOrEqual(t, extra, 8)
	assert.Zero(t, took)
	assert.Less(t, leaving, 5*time.Second)

	// Nothing of the client remains. The runtime may start a goroutine
	// meanwhile.
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines+2)
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	assert.NotContains(t, string(stacks), "rediscloud.(*poller)")
	time.Sleep(time.Hour)
	assert.Equal(t, sent, requests.Load())
}

func heapInUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// realClock returns a clock that shows the real time even within a bubble.
func realClock(t *testing.T) func() time.Time {
	ask, tell := make(chan struct{}), make(chan time.Time)
	go func() {
		for range ask {
			tell <- time.Now()
		}
	}()
	t.Cleanup(func() { close(ask) })
	return func() time.Time {
		ask <- struct{}{}
		return <-tell
	}
}
