package rediscloud_test

import (
	"bytes"
	"io"
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

func readCloser(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

// An economyCase is a number of databases that are created by tasks of the same
// length, and what waiting for them may cost.
type economyCase struct {
	tasks    int
	length   time.Duration
	parallel int

	requests int // at most, without the reads of the finished databases
	mean     time.Duration
	max      time.Duration
	bytes    int // 0: any
}

// An economyResult is what it did cost.
type economyResult struct {
	requests, bytes, lists, refused int
	mean, max                       time.Duration
}

var economyCases = []economyCase{
	{1, 3 * time.Second, 1, 8, 800 * time.Millisecond, 800 * time.Millisecond, 0},
	{1, 45 * time.Second, 1, 40, 2 * time.Second, 2 * time.Second, 0},
	{10, 5 * time.Second, 1, 70, time.Second, 2500 * time.Millisecond, 1 << 20},
	{50, 5 * time.Second, 1, 330, time.Second, 2500 * time.Millisecond, 1 << 20},
	{200, 5 * time.Second, 1, 1250, time.Second, 2500 * time.Millisecond, 2 << 20},
	{500, 2 * time.Second, 1, 1600, time.Second, 2500 * time.Millisecond, 4 << 20},
	{200, 20 * time.Second, 4, 1300, 2 * time.Second, 5 * time.Second, 16 << 20},
}

// What waiting costs, and how soon the ends of tasks are noticed, in virtual
// time: 80 ms a round trip, a new task unknown for 300 ms, 400 requests a
// minute enforced. Late is the time from the end of a task at the API until
// Wait returns with the database read.
func TestEconomy(t *testing.T) {
	t.Parallel()
	t.Log("tasks            | requests    | late, mean    | late, max     | KiB read     | lists | refused")
	for _, c := range economyCases {
		r := averageEconomy(t, c)
		t.Logf("%3d of %3s, %d at once | %4d of %4d | %5s of %5s | %5s of %5s | %5d of %5d | %3d | %d",
			c.tasks, c.length, c.parallel, r.requests, c.requests, r.mean.Round(10*time.Millisecond), c.mean,
			r.max.Round(10*time.Millisecond), c.max, r.bytes>>10, c.bytes>>10, r.lists, r.refused)
		assert.LessOrEqual(t, r.requests, c.requests)
		assert.LessOrEqual(t, r.mean, c.mean)
		assert.LessOrEqual(t, r.max, c.max)
		assert.Zero(t, r.refused)
		if c.bytes > 0 {
			assert.LessOrEqual(t, r.bytes, c.bytes)
		}
	}
}

// averageEconomy measures a case of few tasks several times, since the pauses
// are random: the mean is that of all runs, all else the worst of them.
func averageEconomy(t *testing.T, c economyCase) (worst economyResult) {
	runs := max(1, 50/c.tasks)
	for range runs {
		synctest.Test(t, func(t *testing.T) {
			r := economy(t, c)
			worst.requests = max(worst.requests, r.requests)
			worst.bytes = max(worst.bytes, r.bytes)
			worst.lists = max(worst.lists, r.lists)
			worst.max = max(worst.max, r.max)
			worst.mean += r.mean / time.Duration(runs)
			worst.refused += r.refused
		})
	}
	return worst
}

func economy(t *testing.T, c economyCase) economyResult {
	fake := economyFake(c)
	client := connect(t, fake)
	sub := fake.AddSubscription("s")
	var mu sync.Mutex
	returned := map[string]time.Time{}
	var group sync.WaitGroup
	for i := range c.tasks {
		task, err := client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: "d" + string(rune('a'+i%26)) + time.Duration(i).String()})
		require.NoError(t, err)
		group.Go(func() {
			_, err := task.Wait(t.Context())
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			returned[task.ID()] = time.Now()
		})
	}
	group.Wait()
	return economyOf(fake, returned)
}

func economyFake(c economyCase) *rediscloudtest.Server {
	return rediscloudtest.New(
		rediscloudtest.WithRoundTrip(80*time.Millisecond),
		rediscloudtest.WithUnknownFor(300*time.Millisecond),
		rediscloudtest.WithProcessing(c.length),
		rediscloudtest.WithParallelTasks(c.parallel),
		rediscloudtest.WithProvisioning(0))
}

// economyOf reckons from the books of the API and the times at which the waits
// returned.
func economyOf(fake *rediscloudtest.Server, returned map[string]time.Time) (r economyResult) {
	const read = "GET /subscriptions/{subscriptionId}/databases/{databaseId}"
	var sum time.Duration
	for _, task := range fake.Tasks() {
		late := returned[task.ID].Sub(task.Ended)
		sum += late
		r.max = max(r.max, late)
	}
	r.mean = sum / time.Duration(len(returned))
	for _, req := range fake.Requests() {
		if req.Status == http.StatusTooManyRequests {
			r.refused++
		}
		if req.Route == "GET /tasks" {
			r.lists++
		}
		if req.Route != read {
			r.requests++
			r.bytes += req.ResponseBytes
		}
	}
	return r
}
