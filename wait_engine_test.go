package rediscloud_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
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

const (
	engineRoundTrip = 80 * time.Millisecond
	taskRoute       = "GET /tasks/{taskId}"
	listRoute       = "GET /tasks"
)

// A schedule says when each task is processed, in any order: its API accepts
// the removal of the databases 0, 1, 2… as those tasks.
type schedule struct {
	spans []span
	began time.Time

	mu       sync.Mutex
	requests []string
}

// A span is the time from the start to the end of a task's processing, since
// the schedule began.
type span struct{ start, end time.Duration }

func newSchedule(spans ...span) *schedule { return &schedule{spans: spans, began: time.Now()} }

func (s *schedule) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := sleepFor(req.Context(), engineRoundTrip/2); err != nil {
		return nil, err
	}
	resp := s.answer(req)
	return resp, sleepFor(req.Context(), engineRoundTrip/2)
}

func (s *schedule) answer(req *http.Request) *http.Response {
	path := strings.TrimPrefix(req.URL.Path, "/v1")
	s.mu.Lock()
	s.requests = append(s.requests, req.Method+" "+path)
	s.mu.Unlock()
	if path == "/tasks" {
		type dated struct {
			doc string
			at  time.Duration
		}
		docs := make([]dated, len(s.spans))
		for i := range s.spans {
			docs[i].doc, docs[i].at = s.document(i)
		}
		slices.SortStableFunc(docs, func(a, b dated) int { return int(b.at - a.at) })
		var list []string
		for _, d := range docs {
			list = append(list, d.doc)
		}
		return answer(http.StatusOK, []byte(`{"tasks":[`+strings.Join(list, ",")+`]}`))
	}
	var i int
	if _, err := fmt.Sscanf(path[strings.LastIndex(path, "/")+1:], "%d", &i); err != nil {
		return answer(http.StatusNotFound, nil)
	}
	doc, _ := s.document(i - 1)
	if req.Method == http.MethodDelete {
		return answer(http.StatusAccepted, []byte(doc))
	}
	return answer(http.StatusOK, []byte(doc))
}

func (s *schedule) document(i int) (doc string, since time.Duration) {
	status, now := rediscloud.TaskStatusReceived, time.Since(s.began)
	if now >= s.spans[i].start {
		status, since = rediscloud.TaskStatusProcessingInProgress, s.spans[i].start
	}
	if now >= s.spans[i].end {
		status, since = rediscloud.TaskStatusProcessingCompleted, s.spans[i].end
	}
	return fmt.Sprintf(`{"taskId":"%d","commandType":"databaseDeleteRequest","status":%q,"timestamp":%q,"response":{}}`,
		i+1, status, s.began.Add(since).UTC().Format(time.RFC3339Nano)), since
}

// sleepFor sleeps for d, or until ctx ends.
func sleepFor(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// await submits the tasks of the schedule, waits for each in a separate
// goroutine, and returns how late their ends were noticed, on average and at
// most.
func (s *schedule) await(t *testing.T) (mean, latest time.Duration) {
	client, err := rediscloud.NewClient(rediscloud.WithCredentials("a", "s"), rediscloud.WithHTTPClient(&http.Client{Transport: s}))
	require.NoError(t, err)
	late := make([]time.Duration, len(s.spans))
	var group sync.WaitGroup
	for i := range s.spans {
		task, err := client.Databases.Delete(t.Context(), 1, i+1)
		require.NoError(t, err)
		group.Go(func() {
			_, err := task.Wait(t.Context())
			assert.NoError(t, err)
			late[i] = time.Since(s.began) - s.spans[i].end
		})
	}
	group.Wait()
	for _, d := range late {
		mean += d / time.Duration(len(late))
	}
	return mean, slices.Max(late)
}

// oneByOne are consecutive spans, in the given order.
func oneByOne(begin, length time.Duration, order []int) []span {
	spans := make([]span, len(order))
	for turn, i := range order {
		start := begin + time.Duration(turn)*length
		spans[i] = span{start, start + length}
	}
	return spans
}

// Ends that come in an order other than that of submission, and those of tasks
// that are processed in parallel, are found through the list of tasks.
func TestEngineOrders(t *testing.T) {
	const n, begin, length = 20, 3 * time.Second, 5 * time.Second
	var up, down []int
	for i := range n {
		up, down = append(up, i), append(down, n-1-i)
	}
	shuffled := rand.New(rand.NewPCG(1, 2)).Perm(n)
	// Four at once, then one after the other: a new worker pool, in effect.
	fourThenOne := oneByOne(begin, length, up)
	for i := range n {
		four := begin + time.Duration(i/4)*length
		if fourThenOne[i] = (span{four, four + length}); i >= n/2 {
			one := begin + time.Duration(n/2/4+1+i-n/2)*length
			fourThenOne[i] = span{one, one + length}
		}
	}
	for name, c := range map[string]struct {
		spans        []span
		requests     int
		mean, latest time.Duration
	}{
		"as submitted":       {oneByOne(begin, length, up), 130, 1500 * time.Millisecond, 2500 * time.Millisecond},
		"last first":         {oneByOne(begin, length, down), 160, 2500 * time.Millisecond, 8 * time.Second},
		"at random":          {oneByOne(begin, length, shuffled), 160, 2500 * time.Millisecond, 8 * time.Second},
		"four, then one":     {fourThenOne, 130, 2 * time.Second, 4 * time.Second},
		"all at once":        {slices.Repeat([]span{{begin, begin + length}}, n), 60, 2 * time.Second, 4 * time.Second},
		"the first one long": {append([]span{{begin, begin + 2*time.Minute}}, oneByOne(begin, length, up[:n-1])...), 200, 2500 * time.Millisecond, 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newSchedule(c.spans...)
				mean, latest := api.await(t)
				api.mu.Lock()
				defer api.mu.Unlock()
				lists := 0
				for _, req := range api.requests {
					if req == listRoute {
						lists++
					}
				}
				t.Logf("%d tasks of %s: %d requests of %d, %d of them lists; late by %s of %s on average, %s of %s at most", n, length,
					len(api.requests), c.requests, lists, mean.Round(10*time.Millisecond), c.mean, latest.Round(10*time.Millisecond), c.latest)
				assert.LessOrEqual(t, len(api.requests), c.requests)
				assert.LessOrEqual(t, mean, c.mean)
				assert.LessOrEqual(t, latest, c.latest)
			})
		})
	}
}

// A crowd is a fake API with tasks that are waited for.
type crowd struct {
	*testing.T
	fake   *rediscloudtest.Server
	client *rediscloud.Client
	sub    int
	group  sync.WaitGroup

	mu    sync.Mutex
	waits map[string]wait
}

// A wait is the times at which a wait began and returned.
type wait struct{ began, returned time.Time }

func newCrowd(t *testing.T, opts ...rediscloudtest.Option) *crowd {
	fake := rediscloudtest.New(append([]rediscloudtest.Option{
		rediscloudtest.WithRoundTrip(engineRoundTrip),
		rediscloudtest.WithProcessing(5 * time.Second),
		rediscloudtest.WithProvisioning(0),
	}, opts...)...)
	return &crowd{T: t, fake: fake, client: connect(t, fake), sub: fake.AddSubscription("s"), waits: map[string]wait{}}
}

// submit starts n removals.
func (c *crowd) submit(n int) []*rediscloud.Task[rediscloud.None] {
	c.Helper()
	tasks := make([]*rediscloud.Task[rediscloud.None], n)
	for i := range tasks {
		id := c.fake.AddDatabase(c.sub, fmt.Sprintf("d%d", len(c.fake.Databases(c.sub))))
		task, err := c.client.Databases.Delete(c.Context(), c.sub, id)
		require.NoError(c, err)
		tasks[i] = task
	}
	return tasks
}

// wait waits for the tasks, each in a goroutine.
func (c *crowd) wait(tasks []*rediscloud.Task[rediscloud.None], opts ...rediscloud.WaitOption) {
	began := time.Now()
	for _, task := range tasks {
		c.group.Go(func() {
			_, err := task.Wait(c.Context(), opts...)
			assert.NoError(c, err)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.waits[task.ID()] = wait{began, time.Now()}
		})
	}
}

// lateness waits until all waits have returned, and returns how late that was,
// since the end of the task or the start of the wait: the latest last.
func (c *crowd) lateness() []time.Duration {
	c.group.Wait()
	var late []time.Duration
	for _, task := range c.fake.Tasks() {
		if wait, ok := c.waits[task.ID]; ok {
			late = append(late, min(wait.returned.Sub(task.Ended), wait.returned.Sub(wait.began)).Round(10*time.Millisecond))
		}
	}
	slices.Sort(late)
	return late
}

// late is lateness on average and at most.
func (c *crowd) late() (mean, latest time.Duration) {
	late := c.lateness()
	for _, d := range late {
		mean += d / time.Duration(len(late))
	}
	return mean.Round(10 * time.Millisecond), late[len(late)-1]
}

// asked counts the requests on a route, "" for any.
func (c *crowd) asked(route string) (requests, bytes int) {
	for _, req := range c.fake.Requests() {
		if route == "" || req.Route == route {
			requests++
			bytes += req.BytesRead
		}
	}
	return requests, bytes
}

func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// The tasks of other programs are processed before ours.
func TestEngineBehindOthers(t *testing.T) {
	for _, ours := range []int{1, 5} {
		inBubble(t, fmt.Sprint(ours), func(t *testing.T) {
			c := newCrowd(t)
			others := &crowd{T: t, fake: c.fake, client: connect(t, c.fake), sub: c.sub}
			others.submit(30)
			before, _ := c.asked("")
			tasks := c.submit(ours)
			start := time.Now()
			c.wait(tasks)
			mean, latest := c.late()
			waited := time.Since(start)
			requests, _ := c.asked("")
			requests -= before + ours
			lists, bytes := c.asked(listRoute)
			t.Logf("%d of ours after 30 others: %d requests in %s, %d of them lists with %d KiB; late by %s on average, %s at most",
				ours, requests, waited.Round(time.Second), lists, bytes>>10, mean, latest)
			assert.LessOrEqual(t, requests, 70+15*ours)
			assert.LessOrEqual(t, latest, 5500*time.Millisecond)
		})
	}
}

// Lists of tasks with little or no information: the waits continue with single
// reads. If many tasks end at once, the last one is read when the allowance
// permits: 150 take a minute.
func TestEngineWithoutList(t *testing.T) {
	t.Parallel()
	foreign := make([]byte, 0, 2<<20)
	foreign = append(foreign, `{"tasks":[`...)
	for i := 0; len(foreign) < 2<<20-400; i++ {
		foreign = fmt.Appendf(foreign, `{"taskId":"foreign-%d","commandType":"databaseCreateRequest","status":"processing-completed","description":"The request has been processed.","timestamp":"2000-01-01T00:00:00Z","response":{"resourceId":%d,"additionalResourceId":5},"links":[]},`, i, i+1)
	}
	foreign = append(foreign[:len(foreign)-1], `]}`...)
	for name, list := range map[string]struct {
		status int
		body   string
	}{
		// These can be read.
		"empty":           {http.StatusOK, `{"tasks":[]}`},
		"of odd elements": {http.StatusOK, `{"tasks":[null,{},{"taskId":null},{"taskId":"","status":"processing-completed"}]}`},
		// These can't.
		"forbidden":       {http.StatusForbidden, `{"message":"no"}`},
		"failing":         {http.StatusInternalServerError, ""},
		"refused":         {http.StatusTooManyRequests, ""},
		"huge":            {http.StatusOK, string(foreign)},
		"HTML":            {http.StatusOK, "<html>"},
		"cut short":       {http.StatusOK, `{"tasks":[{"taskId":"a","status":"processing-`},
		"null":            {http.StatusOK, "null"},
		"of another form": {http.StatusOK, `{"tasks":"none"}`},
	} {
		for _, tasks := range []struct {
			n              int
			length, latest time.Duration
		}{{20, 5 * time.Second, 3 * time.Second}, {150, 200 * time.Millisecond, 75 * time.Second}} {
			inBubble(t, fmt.Sprintf("%s, %d of %s", name, tasks.n, tasks.length), func(t *testing.T) {
				c := newCrowd(t, rediscloudtest.WithProcessing(tasks.length))
				c.fake.AnswerNext(1e9, listRoute, list.status, nil, list.body)
				start := time.Now()
				c.wait(c.submit(tasks.n))
				mean, latest := c.late()
				lists, bytes := c.asked(listRoute)
				requests, _ := c.asked("")
				minutes := time.Since(start).Minutes()
				t.Logf("%d requests in %.1f minutes, %d of them lists with %d KiB; late by %s on average, %s at most", requests, minutes, lists, bytes>>10, mean, latest)
				assert.LessOrEqual(t, lists, int(2+5*minutes))
				assert.LessOrEqual(t, latest, tasks.latest)
				assert.LessOrEqual(t, bytes, 3<<20)
			})
		}
	}

	// A list of running tasks only.
	inBubble(t, "running ones alone", func(t *testing.T) {
		c := newCrowd(t)
		c.client = connect(t, c.fake, rediscloud.WithHTTPClient(&http.Client{Transport: runningOnly{c.fake.Transport()}}))
		c.wait(c.submit(20))
		mean, latest := c.late()
		requests, _ := c.asked("")
		lists, _ := c.asked(listRoute)
		t.Logf("%d requests, %d of them lists; late by %s on average, %s at most", requests, lists, mean, latest)
		assert.LessOrEqual(t, latest, 4*time.Second)
		assert.LessOrEqual(t, requests, 250)
	})
}

// runningOnly removes all other tasks from the list.
type runningOnly struct{ next http.RoundTripper }

func (f runningOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := f.next.RoundTrip(req)
	if err != nil || req.URL.Path != "/v1/tasks" {
		return resp, err
	}
	defer resp.Body.Close()
	var list struct {
		Tasks []map[string]any `json:"tasks"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		return nil, err
	}
	list.Tasks = slices.DeleteFunc(list.Tasks, func(task map[string]any) bool { return task["status"] != "processing-in-progress" })
	body, err := json.Marshal(list)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

// A read that hangs until its attempt is given up delays neither the other
// tasks nor, if the list shows it, its own.
func TestEngineHangingRead(t *testing.T) {
	for name, c := range map[string]struct {
		route    string
		listless bool
		parallel int
		others   time.Duration
		latest   time.Duration
	}{
		"of a task":                         {taskRoute, false, 1, 3 * time.Second, 3 * time.Second},
		"of a task among four":              {taskRoute, false, 4, 3 * time.Second, 3 * time.Second},
		"of the list":                       {listRoute, false, 1, 3 * time.Second, 3 * time.Second},
		"of a task, and there is no list":   {taskRoute, true, 1, 3 * time.Second, rediscloud.DefaultAttemptTimeout + 2*time.Second},
		"of a task among four, and no list": {taskRoute, true, 4, 4 * time.Second, rediscloud.DefaultAttemptTimeout + 2*time.Second},
	} {
		inBubble(t, name, func(t *testing.T) {
			crowd := newCrowd(t, rediscloudtest.WithParallelTasks(c.parallel))
			if c.listless {
				crowd.fake.AnswerNext(1e9, listRoute, http.StatusForbidden, nil, "")
			}
			crowd.wait(crowd.submit(20))
			time.Sleep(7 * time.Second)
			crowd.fake.DelayNext(1, c.route, time.Hour)
			late := crowd.lateness()
			others, latest := late[len(late)-2], late[len(late)-1]
			t.Logf("one task late by %s, the others by %s at most", latest, others)
			assert.LessOrEqual(t, others, c.others)
			assert.LessOrEqual(t, latest, c.latest)
		})
	}
}

// A wait that ends doesn't affect others, for the same task or for others.
func TestEngineLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		tasks := c.submit(10)
		c.wait(tasks)
		for i := range 200 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*200*time.Millisecond)
			c.group.Go(func() {
				defer cancel()
				task := tasks[i%len(tasks)]
				_, err := task.Wait(ctx)
				if err != nil {
					assert.ErrorIs(t, err, context.DeadlineExceeded)
				}
			})
		}
		mean, latest := c.late()
		requests, _ := c.asked("")
		t.Logf("%d requests; late by %s on average, %s at most", requests, mean, latest)
		assert.LessOrEqual(t, latest, 2500*time.Millisecond)
		assert.LessOrEqual(t, requests, 80)
	})
	// The only waiter for the task that is being processed leaves: the end of
	// the next one is noticed all the same.
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, rediscloudtest.WithTaskDuration(func(string) time.Duration { return 2 * time.Minute }))
		tasks := c.submit(3)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c.group.Go(func() {
			_, err := tasks[0].Wait(ctx)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
		c.wait(tasks[1:])
		mean, latest := c.late()
		t.Logf("late by %s on average, %s at most", mean, latest)
		assert.LessOrEqual(t, latest, 6*time.Second)
	})
}

// A waiter with a slow OnUpdate delays no other waiter.
func TestEngineSlowCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		tasks := c.submit(10)
		var seen []rediscloud.TaskStatus
		slow := make(chan time.Duration, 1)
		go func() {
			_, err := tasks[3].Wait(t.Context(), rediscloud.OnUpdate(func(state *rediscloud.TaskState) {
				time.Sleep(time.Minute)
				seen = append(seen, state.Status)
			}))
			assert.NoError(t, err)
			slow <- time.Since(c.fake.Tasks()[3].Ended)
		}()
		c.wait(tasks)
		mean, latest := c.late()
		t.Logf("late by %s on average, %s at most; the slow one by %s", mean, latest, <-slow)
		assert.LessOrEqual(t, latest, 2500*time.Millisecond)
		assert.Equal(t, rediscloud.TaskStatusReceived, seen[0])
		assert.Equal(t, rediscloud.TaskStatusProcessingCompleted, seen[len(seen)-1])
	})
}

// Invalid credentials end all waits of the client at the first poll.
func TestEngineUnauthorized(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		tasks := c.submit(50)
		time.Sleep(time.Second)
		start := time.Now()
		c.fake.AnswerNext(1e9, taskRoute, http.StatusUnauthorized, nil, "")
		c.fake.AnswerNext(1e9, listRoute, http.StatusUnauthorized, nil, "")
		before, _ := c.asked("")
		var ends []time.Duration
		for _, task := range tasks {
			c.group.Go(func() {
				_, err := task.Wait(t.Context())
				assert.ErrorIs(t, err, rediscloud.ErrUnauthorized)
				var wait *rediscloud.WaitError
				if assert.ErrorAs(t, err, &wait) {
					assert.Equal(t, task.ID(), wait.TaskID)
				}
				c.mu.Lock()
				defer c.mu.Unlock()
				ends = append(ends, time.Since(start))
			})
		}
		c.group.Wait()
		after, _ := c.asked("")
		t.Logf("50 waits ended between %s and %s, after %d requests", slices.Min(ends), slices.Max(ends), after-before)
		assert.Equal(t, slices.Min(ends), slices.Max(ends))
		assert.Less(t, slices.Max(ends), 2*time.Second)
		assert.LessOrEqual(t, after-before, 2)
	})
}

// Resumed handles, of whose tasks nothing is known.
func TestEngineTakesUpMany(t *testing.T) {
	const n = 200
	for name, c := range map[string]struct {
		listless bool
		done     bool // all of them, long ago
		requests int
	}{
		"queued":              {false, false, 20},
		"all done":            {false, true, 20},
		"all done, no list":   {true, true, n + 30}, // one by one, at the pace of the allowance
		"queued, and no list": {true, false, n + 30},
	} {
		inBubble(t, name, func(t *testing.T) {
			crowd := newCrowd(t, rediscloudtest.WithProcessing(time.Minute))
			tasks := crowd.submit(n)
			if c.done {
				time.Sleep(n * 2 * time.Minute)
			} else {
				time.Sleep(2*time.Minute + 30*time.Second)
			}
			if c.listless {
				crowd.fake.AnswerNext(1e9, listRoute, http.StatusForbidden, nil, "")
			}
			client := connect(t, crowd.fake)
			before, _ := crowd.asked("")
			start := time.Now()
			within := 30 * time.Second
			if c.listless {
				within = 75 * time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			var mu sync.Mutex
			known, knownAt := 0, time.Duration(0) // waits that have seen a status
			for i, task := range tasks {
				text := task.ID()
				if i%2 == 0 {
					text = task.Token()
				}
				resumed, err := rediscloud.ResumeTask[rediscloud.None](client, text)
				require.NoError(t, err)
				crowd.group.Go(func() {
					first := true
					_, err := resumed.Wait(ctx, rediscloud.OnUpdate(func(*rediscloud.TaskState) {
						mu.Lock()
						defer mu.Unlock()
						if first {
							known++
							first, knownAt = false, time.Since(start)
						}
					}))
					if err != nil {
						assert.ErrorIs(t, err, context.DeadlineExceeded)
					}
				})
			}
			for ctx.Err() == nil {
				mu.Lock()
				all := known == n
				mu.Unlock()
				if all {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			took, _ := crowd.asked("")
			crowd.group.Wait()
			t.Logf("%d of %d taken up after %s, with %d requests", known, n, knownAt.Round(10*time.Millisecond), took-before)
			assert.Equal(t, n, known)
			assert.LessOrEqual(t, took-before, c.requests)
		})
	}
}

// After the last waiter no request is sent, and a later wait starts afresh.
func TestEngineRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		for round := range 5 {
			tasks := c.submit(5)
			c.wait(tasks[:4])
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			c.group.Go(func() {
				defer cancel()
				_, err := tasks[4].Wait(ctx)
				assert.NoError(t, err)
			})
			mean, latest := c.late()
			before, _ := c.asked("")
			time.Sleep(time.Hour)
			after, _ := c.asked("")
			assert.Equal(t, before, after, "requests after the last waiter has left")
			t.Logf("round %d: late by %s on average, %s at most, %d requests so far", round, mean, latest, after)
			assert.LessOrEqual(t, latest, 2500*time.Millisecond)
		}
		// One that is given up halfway.
		tasks := c.submit(5)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		for _, task := range tasks {
			c.group.Go(func() {
				_, err := task.Wait(ctx)
				assert.ErrorIs(t, err, context.DeadlineExceeded)
			})
		}
		c.group.Wait()
		before, _ := c.asked("")
		time.Sleep(time.Hour)
		after, _ := c.asked("")
		assert.Equal(t, before, after, "requests after the last waiter has left")
		c.wait(tasks)
		start := time.Now()
		c.group.Wait()
		assert.Less(t, time.Since(start), 3*time.Second)
	})
}

// Each waiter sees each status once, and in order.
func TestEngineTellsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		tasks := c.submit(10)
		rank := []rediscloud.TaskStatus{rediscloud.TaskStatusReceived, rediscloud.TaskStatusInitialized, rediscloud.TaskStatusProcessingInProgress, rediscloud.TaskStatusProcessingCompleted}
		for i := range 100 {
			task := tasks[i%len(tasks)]
			c.group.Go(func() {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond) // not all at the same time
				var seen []rediscloud.TaskStatus
				_, err := task.Wait(t.Context(), rediscloud.OnUpdate(func(state *rediscloud.TaskState) {
					assert.Equal(t, task.ID(), state.TaskID)
					seen = append(seen, state.Status)
				}))
				assert.NoError(t, err)
				assert.True(t, slices.IsSortedFunc(seen, func(a, b rediscloud.TaskStatus) int {
					return slices.Index(rank, a) - slices.Index(rank, b)
				}), "%v", seen)
				assert.Len(t, slices.Compact(slices.Clone(seen)), len(seen), "%v", seen)
				assert.Equal(t, rediscloud.TaskStatusReceived, seen[0])
				assert.Equal(t, rediscloud.TaskStatusProcessingCompleted, seen[len(seen)-1])
			})
		}
		c.group.Wait()
	})
}

// Leaving a loop over the updates affects no other wait and leaves nothing
// behind.
func TestEngineUpdatesLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		tasks := c.submit(3)
		c.wait(tasks)
		for state, err := range tasks[2].Updates(t.Context()) {
			require.NoError(t, err)
			if state.Status == rediscloud.TaskStatusProcessingInProgress {
				break
			}
		}
		mean, latest := c.late()
		t.Logf("late by %s on average, %s at most", mean, latest)
		assert.LessOrEqual(t, latest, 2500*time.Millisecond)

		alone := c.submit(1)[0]
		for state, err := range alone.Updates(t.Context()) {
			require.NoError(t, err)
			require.Equal(t, rediscloud.TaskStatusReceived, state.Status)
			break
		}
		before, _ := c.asked("")
		time.Sleep(time.Hour)
		after, _ := c.asked("")
		assert.Equal(t, before, after, "requests after the loop was left")
		var seen []rediscloud.TaskStatus
		for state, err := range alone.Updates(t.Context()) {
			require.NoError(t, err)
			seen = append(seen, state.Status)
		}
		assert.Equal(t, []rediscloud.TaskStatus{rediscloud.TaskStatusReceived, rediscloud.TaskStatusProcessingCompleted}, seen)
	})
}
