package rediscloudtest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// epoch is when the clock of a bubble starts.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// A rig is a server and a caller of it.
type rig struct {
	*Server
	t *testing.T
}

// inWorld runs a test in virtual time, with a server with default options.
func inWorld(t *testing.T, test func(t *testing.T, r rig), opts ...Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, rig{New(opts...), t}) })
}

// inBubble is inWorld with a calm server, for tests that aren't about how it
// shows changes.
func inBubble(t *testing.T, test func(t *testing.T, r rig), opts ...Option) {
	t.Helper()
	inWorld(t, test, append([]Option{WithCalm()}, opts...)...)
}

func (s *Server) request(t *testing.T, method, path, body string) *http.Request {
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("x-api-key", s.AccountKey())
	req.Header.Set("x-api-secret-key", s.SecretKey())
	req.Header.Set("User-Agent", "test")
	return req
}

// do makes a request and returns the response with its body.
func (r rig) do(method, path, body string) (*http.Response, string) {
	r.t.Helper()
	res, err := r.Client().Do(r.request(r.t, method, path, body))
	require.NoError(r.t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(r.t, err)
	require.NoError(r.t, res.Body.Close())
	return res, string(text)
}

func (r rig) status(method, path, body string) int {
	r.t.Helper()
	res, _ := r.do(method, path, body)
	return res.StatusCode
}

// get returns the document at a path.
func (r rig) get(path string) object {
	r.t.Helper()
	res, text := r.do("GET", path, "")
	require.Equal(r.t, 200, res.StatusCode, text)
	return parse(r.t, text)
}

func parse(t *testing.T, text string) object {
	t.Helper()
	var document object
	require.NoError(t, json.Unmarshal([]byte(text), &document), text)
	return document
}

// submit makes a request that starts a task, and returns the task's id.
func (r rig) submit(method, path, body string) string {
	r.t.Helper()
	res, text := r.do(method, path, body)
	require.Less(r.t, res.StatusCode, 300, text)
	return parse(r.t, text)["taskId"].(string)
}

// finish makes a request that starts a task, waits until it has been processed,
// and returns it.
func (r rig) finish(method, path, body string) object {
	r.t.Helper()
	id := r.submit(method, path, body)
	tasks := r.Tasks()
	time.Sleep(time.Until(tasks[len(tasks)-1].Submitted.Add(r.processing)))
	return r.get("/tasks/" + id)
}

// complete is finish for a task that must succeed. It returns the task's
// response.
func (r rig) complete(method, path, body string) object {
	r.t.Helper()
	task := r.finish(method, path, body)
	require.Equal(r.t, "processing-completed", task["status"], task)
	return task["response"].(object)
}

// fail is finish for a task that must fail. It returns the type of its error.
func (r rig) fail(method, path, body string) string {
	r.t.Helper()
	task := r.finish(method, path, body)
	require.Equal(r.t, "processing-error", task["status"], task)
	return task["response"].(object)["error"].(object)["type"].(string)
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
