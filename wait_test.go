package rediscloud

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exactly makes the pauses of a wait predictable.
var exactly = WithWaitOptions(WithPollJitter(0))

func inProgress(id string) func() (*http.Response, error) {
	return answers(200, `{"taskId":"`+id+`","status":"processing-in-progress"}`)
}

// When each poll is sent.
func TestWaitSchedule(t *testing.T) {
	notFound, unavailable := answers(404, ""), answers(503, "")
	done := answers(200, `{"taskId":"t1","status":"processing-completed"}`)
	ms := time.Millisecond
	for name, test := range map[string]struct {
		steps []func() (*http.Response, error)
		want  []time.Duration // since the wait began
	}{
		"at once":           {[]func() (*http.Response, error){done}, []time.Duration{500 * ms}},
		"unknown at first":  {[]func() (*http.Response, error){notFound, notFound, done}, []time.Duration{500 * ms, 1000 * ms, 1500 * ms}},
		"failures slow":     {[]func() (*http.Response, error){unavailable, unavailable, unavailable, unavailable, done}, []time.Duration{500 * ms, 1500 * ms, 3500 * ms, 7500 * ms, 15500 * ms}},
		"the API's hint":    {[]func() (*http.Response, error){answers(429, "", "x-rate-limit-retry-after-seconds", "7"), done}, []time.Duration{500 * ms, 7500 * ms}},
		"steady, then slow": {[]func() (*http.Response, error){inProgress("t1"), inProgress("t1"), inProgress("t1"), inProgress("t1"), inProgress("t1"), inProgress("t1"), inProgress("t1"), done}, []time.Duration{500 * ms, 1000 * ms, 1500 * ms, 2000 * ms, 2500 * ms, 3000 * ms, 3500 * ms, 4125 * ms}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var polls []time.Duration
				server := &script{steps: test.steps}
				client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
					if req.URL.Path == "/v1/tasks/t1" { // if it fails, the list is read as well
						polls = append(polls, time.Since(start))
					}
					return server.RoundTrip(req)
				}), exactly)
				_, err := client.WaitForTask(t.Context(), &TaskState{TaskID: "t1", Status: TaskStatusReceived})
				require.NoError(t, err)
				assert.Equal(t, test.want, polls)
			})
		})
	}
}

// What doesn't end a wait.
func TestWaitTolerates(t *testing.T) {
	for name, bump := range map[string]func() (*http.Response, error){
		"404":             answers(404, ""),
		"404 of Spring":   answers(404, `{"status":404,"error":"Not Found"}`),
		"408":             answers(408, ""),
		"429":             answers(429, ""),
		"500":             answers(500, `{"error":"x"}`),
		"502 HTML":        answers(502, "<html>Bad Gateway</html>"),
		"503":             answers(503, ""),
		"504":             answers(504, ""),
		"HTML":            answers(200, "<html>maintenance</html>"),
		"empty":           answers(200, ""),
		"null":            answers(200, "null"),
		"{}":              answers(200, "{}"),
		"cut JSON":        answers(200, `{"taskId":"t1","sta`),
		"a list":          answers(200, `[]`),
		"unknown status":  answers(200, `{"taskId":"t1","status":"thinking"}`),
		"no status":       answers(200, `{"taskId":"t1"}`),
		"another's id":    answers(200, `{"taskId":"t2","status":"received"}`),
		"no connection":   fails(errDial),
		"connection lost": fails(errors.New("connection reset by peer")),
		"redirect":        answers(302, "", "Location", "https://elsewhere.example/"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []func() (*http.Response, error){bump, inProgress("t1"), bump, bump, answers(200, `{"taskId":"t1","status":"processing-completed"}`)}}
				state, err := newTestClient(t, server).WaitForTask(t.Context(), &TaskState{TaskID: "t1"})
				require.NoError(t, err)
				assert.Equal(t, TaskStatusProcessingCompleted, state.Status)
				assert.Equal(t, 5, server.sent)
			})
		})
	}
}

// What ends it at once.
func TestWaitEndsAtAnswersThatCannotChange(t *testing.T) {
	for status, sentinel := range map[int]error{401: ErrUnauthorized, 403: ErrForbidden, 400: nil, 410: nil, 412: nil} {
		synctest.Test(t, func(t *testing.T) {
			server := &script{steps: []func() (*http.Response, error){inProgress("t1"), answers(status, "")}}
			state, err := newTestClient(t, server).WaitForTask(t.Context(), &TaskState{TaskID: "t1"})
			failure, ok := errors.AsType[*WaitError](err)
			require.True(t, ok, "%v", err)
			if sentinel != nil {
				require.ErrorIs(t, err, sentinel)
			}
			assert.Equal(t, TaskStatusProcessingInProgress, state.Status)
			assert.Same(t, state, failure.Last)
			assert.Equal(t, "t1", failure.TaskID)
			assert.Equal(t, 1, failure.FailedPolls)
			assert.Equal(t, 2, server.sent)
		})
	}
}

func TestWaitNotFoundGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		server := &script{steps: []func() (*http.Response, error){answers(404, "")}}
		_, err := newTestClient(t, server).WaitForTask(t.Context(), &TaskState{TaskID: "t1"}, WithNotFoundGrace(10*time.Second))
		require.ErrorIs(t, err, ErrNotFound)
		assert.InDelta(t, 10.5, time.Since(start).Seconds(), 1.5)
		assert.ErrorContains(t, err, "rediscloud: the API doesn't know, or no longer knows, task t1; gave up after ")

		// The grace period is that of the wait: the age of the handle doesn't
		// matter.
		client := newTestClient(t, &script{steps: []func() (*http.Response, error){answers(404, "")}})
		task := newTask(client, &TaskState{TaskID: "t1"}, nothing)
		time.Sleep(time.Hour)
		start = time.Now()
		_, err = task.Wait(t.Context())
		require.ErrorIs(t, err, ErrNotFound)
		assert.InDelta(t, 31.5, time.Since(start).Seconds(), 1.5)
	})
}

func TestWaitMaxFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unavailable := answers(503, "")
		server := &script{steps: []func() (*http.Response, error){unavailable, unavailable, inProgress("t1"), unavailable}}
		_, err := newTestClient(t, server).WaitForTask(t.Context(), &TaskState{TaskID: "t1"}, WithMaxPollFailures(2))
		failure, ok := errors.AsType[*WaitError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, 5, failure.FailedPolls)
		assert.Equal(t, 6, server.sent)
		assert.ErrorContains(t, err, `task t1 is still running, last "processing-in-progress"; gave up after `)
	})
}

func TestWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []func() (*http.Response, error){inProgress("t1"), answers(503, "")}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		state, err := newTestClient(t, server).WaitForTask(ctx, &TaskState{TaskID: "t1", Status: TaskStatusReceived})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		failure, ok := errors.AsType[*WaitError](err)
		require.True(t, ok)
		assert.Equal(t, "t1", failure.TaskID)
		assert.Equal(t, TaskStatusProcessingInProgress, failure.Last.Status)
		assert.Equal(t, TaskStatusProcessingInProgress, state.Status)
		assert.Equal(t, time.Minute, failure.Elapsed)
		assert.Positive(t, failure.FailedPolls)
		require.Error(t, failure.LastPollErr)
		assert.Regexp(t, `^rediscloud: task t1 is still running, last "processing-in-progress"; gave up after 1m0s: context deadline exceeded \(\d+ failed polls, the last: rediscloud: GET /tasks/t1: 503 Service Unavailable\)$`, err.Error())
	})
}

func TestWaitFailedTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []func() (*http.Response, error){answers(200, `{"taskId":"t1","commandType":"databaseCreateRequest","status":"processing-error","response":{"error":{"type":"DATABASE_NAME_EXISTS","status":"409 CONFLICT","description":"taken"}}}`)}}
		state, err := newTestClient(t, server).WaitForTask(t.Context(), &TaskState{TaskID: "t1"})
		require.ErrorIs(t, err, ErrConflict)
		failure, ok := errors.AsType[*TaskError](err)
		require.True(t, ok)
		assert.Equal(t, TaskErrorTypeDatabaseNameExists, failure.Type)
		assert.Same(t, state, failure.State)
	})
}

// The response to the write is the first observation.
func TestWaitForTaskThatIsDone(t *testing.T) {
	state := &TaskState{TaskID: "t1", Status: TaskStatusProcessingCompleted}
	got, err := newWire(t).WaitForTask(t.Context(), state)
	require.NoError(t, err)
	assert.Same(t, state, got)
	_, err = newWire(t).WaitForTask(t.Context(), &TaskState{TaskID: "t1", Status: TaskStatusProcessingError})
	_, ok := errors.AsType[*TaskError](err)
	assert.True(t, ok)
}

// A task's own link is followed on our host, and nowhere else.
func TestWaitFollowsTaskLink(t *testing.T) {
	for href, want := range map[string]string{
		testBase + "/tasks/t1":                "/tasks/t1",
		testBase + "/v2tasks/t1":              "/v2tasks/t1",
		"https://evil.example/v1/tasks/t1":    "/tasks/t1",
		"http://api.example.com/v1/tasks/t1":  "/tasks/t1",
		"https://api.example.com/v1/../admin": "/tasks/t1",
		"":                                    "/tasks/t1",
	} {
		synctest.Test(t, func(t *testing.T) {
			client := newWire(t, wire{method: "GET", path: want, answer: `{"taskId":"t1","status":"processing-completed"}`})
			_, err := client.WaitForTask(t.Context(), &TaskState{TaskID: "t1", Links: Links{{Rel: "task", Href: href}}})
			require.NoError(t, err)
		})
	}
	// A link that leads to something else is abandoned after the first poll.
	synctest.Test(t, func(t *testing.T) {
		client := newWire(t,
			wire{method: "GET", path: "/odd/t1", answer: `{"id":5}`},
			wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-completed"}`})
		_, err := client.WaitForTask(t.Context(), &TaskState{TaskID: "t1", Links: Links{{Rel: "task", Href: testBase + "/odd/t1"}}})
		require.NoError(t, err)
	})
}

func TestWaitForTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			switch id := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]; id {
			case "good":
				return response(200, `{"taskId":"good","status":"processing-completed","response":{"resourceId":5}}`), nil
			case "bad":
				return response(200, `{"taskId":"bad","status":"processing-error","response":{"error":"SUBSCRIPTION_NOT_FOUND"}}`), nil
			default:
				return response(200, `{"taskId":"`+id+`","status":"received"}`), nil
			}
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		tasks := []AnyTask{
			&TaskState{TaskID: "long"},
			newTask(client, &TaskState{TaskID: "good"}, carried(databaseKind)),
			newTask(client, &TaskState{TaskID: "bad"}, nothing),
			(*Task[None])(nil),
		}
		states, err := client.WaitForTasks(ctx, tasks)
		require.Len(t, states, 4)
		assert.Equal(t, TaskStatusReceived, states[0].Status)
		assert.Equal(t, 5, states[1].Response.ResourceID)
		assert.Equal(t, TaskStatusProcessingError, states[2].Status)
		assert.Nil(t, states[3])
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ErrNotFound)
		require.ErrorContains(t, err, "tasks[3] is nil")

		states, err = client.WaitForTasks(t.Context(), nil)
		require.NoError(t, err)
		assert.Empty(t, states)
	})
}

func TestOnUpdateTellsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []func() (*http.Response, error){
			answers(200, `{"taskId":"t1","status":"received"}`), answers(503, ""), inProgress("t1"), inProgress("t1"),
			answers(200, `{"taskId":"t1","status":"processing-completed"}`),
		}}
		var byClient, byWait []TaskStatus
		client := newTestClient(t, server, WithWaitOptions(OnUpdate(func(s *TaskState) { byClient = append(byClient, s.Status) })))
		_, err := client.WaitForTask(t.Context(), &TaskState{TaskID: "t1", Status: TaskStatusReceived}, OnUpdate(func(s *TaskState) { byWait = append(byWait, s.Status) }))
		require.NoError(t, err)
		want := []TaskStatus{TaskStatusReceived, TaskStatusProcessingInProgress, TaskStatusProcessingCompleted}
		assert.Equal(t, want, byClient)
		assert.Equal(t, want, byWait)
	})
}

func TestWaitOptionsAreChecked(t *testing.T) {
	for want, opt := range map[string]WaitOption{
		"WithPollDelay: want 0 < minimum <= maximum, not 0s and 1s": WithPollDelay(0, time.Second),
		"WithPollDelay: want 0 < minimum <= maximum, not 2s and 1s": WithPollDelay(2*time.Second, time.Second),
		"WithPollFactor: want 1 to 100, not 0.5":                    WithPollFactor(0.5),
		"WithPollJitter: want 0 to 1, not 2":                        WithPollJitter(2),
		"WithNotFoundGrace: want 0 or more, not -1s":                WithNotFoundGrace(-time.Second),
		"WithMaxPollFailures: want 0 or more, not -1":               WithMaxPollFailures(-1),
	} {
		_, err := newWire(t).WaitForTask(t.Context(), &TaskState{TaskID: "t1"}, opt)
		require.EqualError(t, err, "rediscloud: "+want)
		_, err = NewClient(WithCredentials("a", "b"), WithWaitOptions(opt))
		require.EqualError(t, err, "rediscloud: "+want)
	}
	for _, task := range []AnyTask{nil, (*TaskState)(nil), &TaskState{}, (*Task[None])(nil), &Task[None]{}} {
		_, err := newWire(t).WaitForTask(t.Context(), task)
		require.Error(t, err)
	}
	for _, client := range []*Client{nil, {}} {
		_, err := client.WaitForTask(t.Context(), &TaskState{TaskID: "t1"})
		require.ErrorIs(t, err, errNoClient)
	}
}

// A link that leads to something else on the client's own base URL is abandoned
// for the task's own path, whatever the response there.
func TestLinkThatLeadsAstray(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 405, 410, 500} {
		synctest.Test(t, func(t *testing.T) {
			var asked []string
			client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
				asked = append(asked, req.URL.Path)
				if req.URL.Path == "/v1/odd/t1" {
					return response(status, ""), nil
				}
				return response(200, `{"taskId":"t1","status":"processing-completed"}`), nil
			}))
			state := &TaskState{TaskID: "t1", Status: TaskStatusReceived, Links: Links{{Rel: RelTask, Href: testBase + "/odd/t1"}}}
			last, err := client.WaitForTask(t.Context(), state)
			require.NoError(t, err)
			assert.Equal(t, TaskStatusProcessingCompleted, last.Status)
			assert.Equal(t, []string{"/v1/odd/t1", "/v1/tasks/t1"}, asked)
		})
	}
}
