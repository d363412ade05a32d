package rediscloud

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A taskServer has tasks that end at random times within its span, and many old
// ones. It is for tests in real time, on real connections.
type taskServer struct {
	*httptest.Server
	began   time.Time
	ends    map[string]time.Duration
	old     string        // the end of the list
	late    time.Duration // how long a response takes, at most
	lists   atomic.Int64
	singles atomic.Int64
	written atomic.Int64 // bytes of lists
}

func newTaskServer(t *testing.T, tasks, old int, http2 bool, late time.Duration) (*taskServer, *Client) {
	s := &taskServer{ends: map[string]time.Duration{}, late: late, began: time.Now()}
	for i := range tasks {
		s.ends[fmt.Sprintf("t%d", i)] = 50*time.Millisecond + rand.N(300*time.Millisecond)
	}
	var list strings.Builder
	for i := range old {
		fmt.Fprintf(&list, `,{"taskId":"old%d","status":"processing-completed","timestamp":%q,"description":%q}`,
			i, s.began.Add(-time.Hour-time.Duration(i)*time.Second).UTC().Format(time.RFC3339Nano), strings.Repeat("x", 200))
	}
	s.old = list.String()
	s.Server = httptest.NewUnstartedServer(s)
	opts := []Option{WithCredentials("a", "s"), WithWaitOptions(WithPollDelay(5*time.Millisecond, 15*time.Millisecond)), WithRateLimit(100_000)}
	if http2 {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
		opts = append(opts, WithInsecureHTTP())
	}
	t.Cleanup(s.Close)
	client, err := NewClient(append(opts, WithBaseURL(s.URL+"/v1"), WithHTTPClient(s.Client()))...)
	require.NoError(t, err)
	return s, client
}

func (s *taskServer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	doc := s.answer(req)
	if s.late > 0 { // a response is old when it arrives, and may come after that to a later request
		time.Sleep(rand.N(s.late))
	}
	n, _ := w.Write([]byte(doc))
	if req.URL.Path == "/v1/tasks" {
		s.written.Add(int64(n))
	}
}

func (s *taskServer) answer(req *http.Request) string {
	id := strings.TrimPrefix(req.URL.Path, "/v1/tasks/")
	if _, ok := s.ends[id]; ok {
		s.singles.Add(1)
		doc, _ := s.document(id)
		return doc
	}
	s.lists.Add(1)
	type dated struct {
		doc string
		at  time.Duration
	}
	var tasks []dated
	for id := range s.ends {
		doc, at := s.document(id)
		tasks = append(tasks, dated{doc, at})
	}
	slices.SortFunc(tasks, func(a, b dated) int { return int(b.at - a.at) })
	var docs []string
	for _, task := range tasks {
		docs = append(docs, task.doc)
	}
	return `{"tasks":[` + strings.Join(docs, ",") + s.old + `]}`
}

func (s *taskServer) document(id string) (doc string, since time.Duration) {
	status := TaskStatusReceived
	if end := s.ends[id]; time.Since(s.began) >= end {
		status, since = TaskStatusProcessingCompleted, end
	}
	return fmt.Sprintf(`{"taskId":%q,"status":%q,"timestamp":%q}`, id, status, s.began.Add(since).UTC().Format(time.RFC3339Nano)), since
}

// await waits for all tasks, each in a goroutine, and returns how late the last
// of them was noticed.
func (s *taskServer) await(t *testing.T, client *Client) time.Duration {
	var group sync.WaitGroup
	var latest atomic.Int64
	for id, end := range s.ends {
		group.Go(func() {
			state, err := client.WaitForTask(t.Context(), &TaskState{TaskID: id, Status: TaskStatusReceived, Timestamp: Time{Time: s.began}})
			assert.NoError(t, err)
			assert.Equal(t, TaskStatusProcessingCompleted, state.Status)
			assert.Equal(t, id, state.TaskID)
			late := int64(time.Since(s.began) - end)
			for old := latest.Load(); late > old && !latest.CompareAndSwap(old, late); old = latest.Load() {
			}
		})
	}
	group.Wait()
	t.Logf("late by %s at most; %d lists with %d KiB, %d single reads", time.Duration(latest.Load()).Round(time.Millisecond), s.lists.Load(), s.written.Load()>>10, s.singles.Load())
	return time.Duration(latest.Load())
}

// Many waits at once, in real time.
func TestRealManyWaits(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2 ", http2), func(t *testing.T) {
			server, client := newTaskServer(t, 100, 0, http2, 0)
			assert.Less(t, server.await(t, client), 10*time.Second)
			assert.Positive(t, server.lists.Load())
			assert.Less(t, server.singles.Load(), int64(100), "the list tells of most")
		})
	}
}

// A long list is read from its top, and the rest of it isn't sent: HTTP/2
// resets the stream, HTTP/1.1 abandons the connection.
func TestRealLongList(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2 ", http2), func(t *testing.T) {
			server, client := newTaskServer(t, 10, 20_000, http2, 0)
			assert.Less(t, server.await(t, client), 10*time.Second)
			lists := server.lists.Load()
			require.Positive(t, lists)
			server.Close() // everything it has written is counted
			assert.Less(t, server.written.Load(), lists*int64(len(server.old)), "of the list of %d KiB", len(server.old)>>10)
		})
	}
}

// Responses that are late, and in an order other than that of the requests,
// never revert a state.
func TestRealLateAnswers(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2 ", http2), func(t *testing.T) {
			server, client := newTaskServer(t, 30, 0, http2, 60*time.Millisecond)
			assert.Less(t, server.await(t, client), 10*time.Second)
		})
	}
}
