package rediscloudtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// submitMany submits n tasks at once, and returns their ids.
func (r rig) submitMany(n int) []string {
	path := fmt.Sprintf("/subscriptions/%d/cidr", r.AddSubscription("s"))
	ids := make([]string, n)
	for i := range ids {
		ids[i] = r.submit("GET", path, "")
	}
	return ids
}

// byStart returns the positions of the tasks in the order in which they were
// started.
func byStart(tasks []Task) []int {
	order := make([]int, len(tasks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return tasks[a].Started.Compare(tasks[b].Started) })
	return order
}

func TestTaskOrder(t *testing.T) {
	orders := func(opts ...Option) (order []int) {
		inBubble(t, func(t *testing.T, r rig) {
			r.submitMany(6)
			time.Sleep(time.Minute)
			tasks := r.Tasks()
			order = byStart(tasks)
			for i, at := range order {
				require.Equal(t, time.Duration(i)*time.Second, tasks[at].Started.Sub(epoch), "one at a time, without a pause")
				require.Equal(t, "processing-completed", tasks[at].Status)
			}
		}, opts...)
		return order
	}
	require.Equal(t, []int{0, 1, 2, 3, 4, 5}, orders())
	require.Equal(t, []int{0, 5, 4, 3, 2, 1}, orders(WithTaskOrder(OrderLIFO)), "the first began before the others came")
	first := orders(WithTaskOrder(OrderRandom), WithSeed(1))
	require.Equal(t, first, orders(WithTaskOrder(OrderRandom), WithSeed(1)))
	require.NotEqual(t, first, orders(WithTaskOrder(OrderRandom), WithSeed(2)))
	unseeded := orders(WithTaskOrder(OrderRandom))
	require.Equal(t, unseeded, orders(WithTaskOrder(OrderRandom)), "there is a seed without one too")
}

func TestTaskOrderWithSeveralAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.submitMany(4)
		time.Sleep(500 * time.Millisecond)
		r.submitMany(2)
		time.Sleep(time.Minute)
		var starts []time.Duration
		for _, task := range r.Tasks() {
			starts = append(starts, task.Started.Sub(epoch))
		}
		require.Equal(t, []time.Duration{0, 0, 2 * time.Second, 2 * time.Second, time.Second, time.Second}, starts)
	}, WithTaskOrder(OrderLIFO), WithParallelTasks(2))
}

func TestSeedDecidesTaskIDs(t *testing.T) {
	ids := func(opts ...Option) (ids []string) {
		inBubble(t, func(_ *testing.T, r rig) { ids = r.submitMany(3) }, opts...)
		return ids
	}
	first := ids(WithSeed(1))
	require.Equal(t, first, ids(WithSeed(1)))
	require.NotEqual(t, first, ids(WithSeed(2)))
	unseeded := ids()
	require.NotEqual(t, unseeded, ids())
}

func TestRandomRoundTrip(t *testing.T) {
	trips := func(seed uint64) (there, back []time.Duration) {
		inBubble(t, func(t *testing.T, r rig) {
			for range 200 {
				begun := time.Now()
				require.Equal(t, 200, r.status("GET", "/subscriptions", ""))
				requests := r.Requests()
				there = append(there, requests[len(requests)-1].Time.Sub(begun))
				back = append(back, time.Since(begun)-there[len(there)-1])
			}
		}, WithRandomRoundTrip(40*time.Millisecond, 400*time.Millisecond), WithSeed(seed), WithRoundTrip(time.Hour))
		return there, back
	}
	there, back := trips(7)
	for _, legs := range [][]time.Duration{there, back} {
		require.GreaterOrEqual(t, slices.Min(legs), 20*time.Millisecond)
		require.Less(t, slices.Min(legs), 30*time.Millisecond)
		require.LessOrEqual(t, slices.Max(legs), 200*time.Millisecond)
		require.Greater(t, slices.Max(legs), 190*time.Millisecond)
	}
	require.NotEqual(t, there, back)
	again, _ := trips(7)
	require.Equal(t, there, again)
	other, _ := trips(8)
	require.NotEqual(t, there, other)
}

func TestRoundTripOverHTTP(t *testing.T) {
	fake := New(WithRandomRoundTrip(20*time.Millisecond, 20*time.Millisecond))
	begun := time.Now()
	fake.ServeHTTP(httptest.NewRecorder(), fake.request(t, "GET", "/subscriptions", ""))
	require.GreaterOrEqual(t, time.Since(begun), 20*time.Millisecond)
}

func TestHeavyTail(t *testing.T) {
	lengths := func(seed uint64) (lengths []time.Duration) {
		inBubble(t, func(_ *testing.T, r rig) {
			r.submitMany(500)
			time.Sleep(24 * time.Hour)
			for _, task := range r.Tasks() {
				lengths = append(lengths, task.Ended.Sub(task.Started))
			}
		}, WithHeavyTail(500*time.Millisecond, 10*time.Minute), WithSeed(seed), WithRateLimit(0))
		return lengths
	}
	first := lengths(1)
	require.Equal(t, first, lengths(1))
	require.NotEqual(t, first, lengths(2))
	slices.Sort(first)
	require.GreaterOrEqual(t, first[0], 500*time.Millisecond)
	require.InDelta(t, time.Second, first[250], float64(200*time.Millisecond), "half of them")
	require.Greater(t, first[497], 30*time.Second)
	require.LessOrEqual(t, first[499], 10*time.Minute)
}

func TestForeignTasks(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.FailNextTask("OURS", "400 BAD_REQUEST", "")
		ids := r.submitMany(2)
		tasks := r.Tasks()
		require.Len(t, tasks, 8)
		for i, task := range tasks {
			require.Equal(t, i%4 != 3, task.Foreign, i)
			require.False(t, task.Old)
		}
		require.Equal(t, []string{tasks[3].ID, tasks[7].ID}, ids)
		time.Sleep(4*time.Second - 1)
		require.Equal(t, "processing-in-progress", r.get("/tasks/" + ids[0])["status"], "three were before it")
		require.Len(t, r.listed(), 8)
		time.Sleep(time.Minute)
		require.Equal(t, "processing-error", r.get("/tasks/" + ids[0])["status"], "a planned failure is the callers'")
		require.Equal(t, "processing-completed", r.get("/tasks/" + tasks[0].ID)["status"])
		require.Equal(t, 8*time.Second, r.Tasks()[7].Ended.Sub(epoch))
	}, WithForeignTasks(3))
}

func TestOldTasks(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.submitMany(1)[0]
		time.Sleep(time.Second)
		list := r.get("/tasks")["tasks"].([]any)
		require.Len(t, list, 1001)
		require.Equal(t, id, list[0].(object)["taskId"])
		statuses := map[any]int{}
		last := "9999"
		for _, task := range list {
			stamp := task.(object)["timestamp"].(string)
			require.LessOrEqual(t, stamp, last)
			last = stamp
			statuses[task.(object)["status"]]++
		}
		require.Equal(t, map[any]int{"processing-completed": 951, "processing-error": 50}, statuses)
		old := r.Tasks()[0]
		require.True(t, old.Old)
		require.Less(t, old.Ended.Sub(epoch), -9*24*time.Hour)
		require.Equal(t, old.Status, r.get("/tasks/" + old.ID)["status"])

		time.Sleep(5 * 24 * time.Hour)
		require.InDelta(t, 500, len(r.listed()), 100, "they are forgotten one by one")
		time.Sleep(5*24*time.Hour + time.Second)
		require.Empty(t, r.Tasks())
	}, WithOldTasks(1000))
}

func TestUnsortedTaskList(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		ids := r.submitMany(20)
		time.Sleep(time.Minute)
		slices.Reverse(ids)
		listed := r.listed()
		require.NotEqual(t, ids, listed)
		require.ElementsMatch(t, ids, listed)
		require.Equal(t, listed, r.listed())
	}, WithUnsortedTaskList())
}

func TestSlowTaskList(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.submitMany(1)[0]
		time.Sleep(900 * time.Millisecond)
		begun := time.Now()
		list := r.get("/tasks")["tasks"].([]any)
		require.Equal(t, 3*time.Second, time.Since(begun))
		require.Equal(t, "processing-in-progress", list[0].(object)["status"], "as it was when it was asked for")
		begun = time.Now()
		r.get("/tasks/" + id)
		require.Zero(t, time.Since(begun))
	}, WithSlowTaskList(3*time.Second))
}

func TestStaleTaskList(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		ids := r.submitMany(2)
		seen := func(id string) string {
			for _, task := range r.get("/tasks")["tasks"].([]any) {
				if task := task.(object); task["taskId"] == id {
					return task["status"].(string)
				}
			}
			return ""
		}
		time.Sleep(10*time.Second + 299*time.Millisecond)
		require.Empty(t, r.listed())
		require.Equal(t, "processing-completed", r.get("/tasks/" + ids[1])["status"])
		time.Sleep(time.Millisecond)
		require.Equal(t, []string{"processing-in-progress", "received"}, []string{seen(ids[0]), seen(ids[1])})
		time.Sleep(time.Second)
		require.Equal(t, []string{"processing-completed", "processing-in-progress"}, []string{seen(ids[0]), seen(ids[1])})
		time.Sleep(time.Second)
		require.Equal(t, "processing-completed", seen(ids[1]))
		require.Equal(t, []string{ids[1], ids[0]}, r.listed())
	}, WithStaleTaskList(10*time.Second))
}

func TestTaskListHiding(t *testing.T) {
	for _, test := range []struct {
		hidden []string
		shown  []int // of three tasks, of which the first has ended and the second is being processed
	}{
		{nil, []int{0, 1, 2}},
		{[]string{"received"}, []int{0, 1}},
		{[]string{"processing-completed", "processing-error"}, []int{1, 2}},
	} {
		inBubble(t, func(t *testing.T, r rig) {
			ids := r.submitMany(3)
			time.Sleep(1500 * time.Millisecond)
			var want []string
			for _, i := range test.shown {
				want = append(want, ids[i])
			}
			require.ElementsMatch(t, want, r.listed())
			require.Equal(t, 200, r.status("GET", "/tasks/"+ids[2], ""))
		}, WithTaskListHiding(test.hidden...))
	}
}

func TestWithoutTaskTimestamps(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		_, text := r.do("GET", fmt.Sprintf("/subscriptions/%d/cidr", r.AddSubscription("s")), "")
		time.Sleep(time.Second)
		_, list := r.do("GET", "/tasks", "")
		_, single := r.do("GET", "/tasks/"+r.Tasks()[0].ID, "")
		for _, text := range []string{text, list, single} {
			require.Contains(t, text, "taskId")
			require.NotContains(t, text, "timestamp")
		}
	}, WithoutTaskTimestamps())
}

func TestClockSkew(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		res, text := r.do("GET", fmt.Sprintf("/subscriptions/%d/cidr", r.AddSubscription("s")), "")
		require.Equal(t, "2000-01-01T01:00:00.000Z", parse(t, text)["timestamp"])
		require.Equal(t, "Sat, 01 Jan 2000 01:00:00 GMT", res.Header.Get("Date"))
		require.Zero(t, r.Tasks()[0].Ended)
		time.Sleep(time.Second)
		task := r.Tasks()[0]
		require.Equal(t, []time.Duration{0, 0, 300 * time.Millisecond, time.Second}, []time.Duration{
			task.Submitted.Sub(epoch), task.Started.Sub(epoch), task.Visible.Sub(epoch), task.Ended.Sub(epoch)})
		require.Equal(t, epoch.Local(), r.Requests()[0].Time)
		r.ForgetTask(task.ID, time.Second)
		require.Equal(t, 404, r.status("GET", "/tasks/"+task.ID, ""))
		time.Sleep(time.Second)
		require.Equal(t, "2000-01-01T01:00:01.000Z", r.get("/tasks/" + task.ID)["timestamp"])
	}, WithClockSkew(time.Hour))
}

func TestEachAnswerHasADate(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		time.Sleep(90 * time.Second)
		r.AnswerNext(1, "GET /regions", 503, nil, "")
		for _, path := range []string{"/tasks", "/tasks/x", "/nowhere", "/regions", "/subscriptions"} {
			res, _ := r.do("GET", path, "")
			require.Equal(t, "Sat, 01 Jan 2000 00:01:30 GMT", res.Header.Get("Date"), path)
		}
		req := r.request(t, "GET", "/tasks", "")
		req.Header.Del("x-api-key")
		res, err := r.Client().Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, 401, res.StatusCode)
		require.NotEmpty(t, res.Header.Get("Date"))
	})
}

func TestTaskListOutage(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.submitMany(1)[0]
		time.Sleep(10*time.Second - 1)
		require.Equal(t, 200, r.status("GET", "/tasks", ""))
		time.Sleep(time.Nanosecond)
		res, text := r.do("GET", "/tasks", "")
		require.Equal(t, 403, res.StatusCode)
		require.Equal(t, "<html>", text)
		require.Equal(t, "7", res.Header.Get("Retry-After"))
		require.Equal(t, "397", res.Header.Get("X-Rate-Limit-Remaining"))
		require.Equal(t, 200, r.status("GET", "/tasks/"+id, ""))
		time.Sleep(20*time.Second - 1)
		require.Equal(t, 403, r.status("GET", "/tasks", ""))
		time.Sleep(time.Nanosecond)
		require.Equal(t, 200, r.status("GET", "/tasks", ""))
		time.Sleep(time.Hour)
		_, err := r.Client().Do(r.request(t, "GET", "/tasks", ""))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		last := r.Requests()[len(r.Requests())-1]
		require.Equal(t, 0, last.Status+last.ResponseBytes)
	},
		WithTaskListOutage(Outage{Status: 403, Header: http.Header{"retry-after": {"7"}}, Body: "<html>", From: 10 * time.Second, For: 20 * time.Second}),
		WithTaskListOutage(Outage{From: time.Hour}))
}

func TestTaskOutage(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		time.Sleep(time.Hour)
		ids := r.submitMany(3)
		read := func(id string) int {
			res, err := r.Client().Do(r.request(t, "GET", "/tasks/"+id, ""))
			if err != nil {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				return 0
			}
			require.NoError(t, res.Body.Close())
			return res.StatusCode
		}
		time.Sleep(time.Second)
		require.Equal(t, []int{200, 500, 0}, []int{read(ids[0]), read(ids[1]), read(ids[2])})
		require.Len(t, r.listed(), 9, "with the foreign ones")
		require.Equal(t, 200, read(r.Tasks()[0].ID), "which are not concerned")
		time.Sleep(time.Minute)
		require.Equal(t, []int{200, 500, 200}, []int{read(ids[0]), read(ids[1]), read(ids[2])})
		require.Contains(t, r.listed(), ids[1])
	},
		WithForeignTasks(2),
		WithTaskOutage(func(n int) bool { return n == 1 }, Outage{Status: 500}),
		WithTaskOutage(func(n int) bool { return n == 2 }, Outage{For: time.Minute}))
}

func TestCallersMayStopReading(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		res, err := r.Client().Do(r.request(t, "GET", "/tasks", ""))
		require.NoError(t, err)
		decoder := json.NewDecoder(io.LimitReader(res.Body, 1000))
		_, err = decoder.Token()
		require.NoError(t, err)
		entry := r.Requests()[0]
		require.Equal(t, res.ContentLength, int64(entry.ResponseBytes))
		require.Greater(t, entry.ResponseBytes, 100_000)
		require.LessOrEqual(t, entry.BytesRead, 1000)
		require.NotZero(t, entry.BytesRead)
		require.NoError(t, res.Body.Close())
		_, err = res.Body.Read(make([]byte, 10))
		require.ErrorIs(t, err, http.ErrBodyReadAfterClose)

		r.get("/tasks")
		require.Equal(t, r.Requests()[1].ResponseBytes, r.Requests()[1].BytesRead)
	}, WithOldTasks(500))
}

func TestListIsWhatSingleReadsTell(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.submit("POST", "/subscriptions", creation)
		r.submit("POST", "/subscriptions", `{"cloudProviders":[{"regions":[{"region":"x"}]}],"databases":[]}`)
		for range 40 {
			for _, task := range r.get("/tasks")["tasks"].([]any) {
				listed := task.(object)
				single := r.get("/tasks/" + listed["taskId"].(string))
				require.Len(t, listed["links"], len(single["links"].([]any)))
				delete(single, "links")
				delete(listed, "links")
				require.Equal(t, single, listed)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}, WithRateLimit(0), WithLinkForm(LinkArray))
}

// BenchmarkLongTaskList reads the top of a list of 5000 tasks.
func BenchmarkLongTaskList(b *testing.B) {
	fake := New(WithOldTasks(5000), WithRateLimit(0))
	client := fake.Client()
	req, _ := http.NewRequest(http.MethodGet, fake.URL()+"/tasks", strings.NewReader(""))
	req.Header.Set("x-api-key", fake.AccountKey())
	req.Header.Set("x-api-secret-key", fake.SecretKey())
	for b.Loop() {
		res, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.CopyN(io.Discard, res.Body, 4096)
		_ = res.Body.Close()
	}
}

// The whole server uses one clock, or WithClockSkew would make it inconsistent.
func TestOneClock(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "server.go" {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NotContains(t, string(text), "time.Now()", "%s: want the server's now()", name)
	}
}
