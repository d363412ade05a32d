package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No foreign text makes an error or a log line long, or breaks the line.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é\n\x1b[31m", 1<<18)
	quoted := strconv.Quote(long)
	for name, answer := range map[string]func() (*http.Response, error){
		"a message":    answers(400, `{"message":`+quoted+`}`),
		"plain text":   answers(400, long),
		"no JSON":      answers(200, long),
		"a number":     answers(200, `{"databaseId":`+strings.Repeat("9", 1<<20)+`}`),
		"a text":       answers(200, `{"databaseId":`+quoted+`}`),
		"a member":     answers(200, `{`+quoted+`:1,"databaseId":"x"}`),
		"no transport": fails(errors.New(long)),
		"a redirect":   answers(302, "", "Location", "https://%zz"+long),
		"a task":       answers(200, `{"taskId":"t1","status":"processing-error","commandType":`+quoted+`,"response":{"error":{"type":`+quoted+`,"status":`+quoted+`,"description":`+quoted+`},"additionalInfo":`+quoted+`}}`),
		"a status":     answers(200, `{"taskId":"t1","databaseId":8,"status":`+quoted+`}`),
		"a task id":    answers(200, `{"taskId":`+quoted+`}`),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder
				client := newTestClient(t, roundTripper(func(*http.Request) (*http.Response, error) { return answer() }),
					WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
				check := func(err error) {
					if err == nil {
						return
					}
					assert.Less(t, len(err.Error()), 10*maxMessage)
					assert.NotContains(t, err.Error(), "\n")
					assert.NotContains(t, err.Error(), "\x1b")
				}
				check(second(client.Databases.Get(t.Context(), 7, 8)))
				check(second(createOne(t.Context(), client)))
				check(second(client.Tasks.Get(t.Context(), "t1")))
				check(second(client.WaitForTask(t.Context(), &TaskState{TaskID: "t1"}, WithMaxPollFailures(1), WithNotFoundGrace(0))))
				check(second(client.Databases.WaitProvisioned(t.Context(), 7, 8, WithMaxPollFailures(1))))
				synctest.Wait()
				for line := range strings.SplitSeq(log.String(), "\n") {
					assert.Less(t, len(line), 10*maxMessage)
				}
			})
		})
	}
}

func TestCandidatesNamedAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tasks []string
		for i := range 1000 {
			tasks = append(tasks, fmt.Sprintf(`{"taskId":"t%d","commandType":"databaseCreateRequest","status":"received"}`, i))
		}
		tasks = append(tasks, `{"taskId":"..","commandType":"databaseCreateRequest"}`) // not a task that can be read
		client := newTestClient(t, routes{"POST /subscriptions/7/databases": "503", "GET /tasks": `{"tasks":[` + strings.Join(tasks, ",") + `]}`})
		_, err := createOne(t.Context(), client)
		lost, ok := errors.AsType[*OutcomeUnknownError](err)
		require.True(t, ok)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = FindTask[Database](ctx, lost)
		require.ErrorContains(t, err, "t0, t1, t10, t100, t101, t102, t103, t104, t105, t106, and 990 more")
	})
}

// An invalid number fails where a task's document requires it, and is 0
// elsewhere.
func TestNumbersAreBounded(t *testing.T) {
	for _, number := range []string{"1e999", "9223372036854775808", "-1e400", "1.5", strings.Repeat("9", 1000)} {
		client := newTestClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
			return response(200, `{"taskId":"t1","databaseId":`+number+`,"response":{"resourceId":`+number+`}}`), nil
		}))
		_, err := client.Databases.Get(t.Context(), 7, 8)
		_, ok := errors.AsType[*DecodeError](err)
		assert.True(t, ok, "%v", err)
		state, err := client.Tasks.Get(t.Context(), "t1")
		require.NoError(t, err)
		assert.Zero(t, state.Response.ResourceID)
		assert.Contains(t, string(state.Raw), number)
	}
}

// A poll's hint is obeyed up to a minute.
func TestHintsOfPollsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []func() (*http.Response, error){
			answers(503, "", "Retry-After", "1e300"), answers(200, `{"taskId":"t1","status":"processing-completed"}`)}}
		start := time.Now()
		_, err := newTestClient(t, server).WaitForTask(t.Context(), &TaskState{TaskID: "t1"})
		require.NoError(t, err)
		assert.LessOrEqual(t, time.Since(start), rateWindow+time.Second)
	})
}

func TestLinksAreBounded(t *testing.T) {
	client := untouched(t)
	base := client.transport.base
	fits := testBase + "/" + strings.Repeat("x", maxLink-len(testBase)-1)
	_, ok := within(base, fits)
	assert.True(t, ok)
	_, ok = within(base, fits+"x")
	assert.False(t, ok)
	call := client.taskCall(&TaskState{TaskID: "t1", Links: Links{{Rel: RelTask, Href: fits + "x"}}})
	assert.Equal(t, "/tasks/t1", call.path)
}

// A list that never shows the awaited resource is not read forever.
func TestSiblingPagesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var full []string
		for i := range defaultPageSize {
			full = append(full, fmt.Sprintf(`{"databaseId":%d,"status":"active"}`, 1000+i))
		}
		page := `{"subscription":[{"databases":[` + strings.Join(full, ",") + `]}]}`
		start, pages := time.Now(), 0
		client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "/databases") {
				pages++
				return response(200, page), nil
			}
			status := "pending"
			if time.Since(start) >= time.Second {
				status = "active"
			}
			id := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
			return response(200, `{"databaseId":`+id+`,"status":"`+status+`"}`), nil
		}))
		done := make(chan error)
		for _, id := range []int{8, 9} {
			go func() { done <- second(client.Databases.WaitProvisioned(t.Context(), 7, id)) }()
		}
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		assert.Positive(t, pages)
		assert.LessOrEqual(t, pages, 4*maxListPages)
		assert.Zero(t, pages%maxListPages)
	})
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	s := &subject{history: []observation{{state: &TaskState{}}}, waiters: map[*waiter]struct{}{}}
	w := &waiter{subject: s}
	s.waiters[w] = struct{}{}
	for i := range 10 * maxHistory {
		s.add(observation{state: &TaskState{Description: strconv.Itoa(i)}})
	}
	assert.Len(t, s.history, maxHistory)
	assert.Zero(t, w.next)

	var submitted recent
	for i := range recentTasks + 10 {
		submitted.add(strconv.Itoa(i))
	}
	assert.Len(t, submitted.ids, recentTasks)
	assert.False(t, submitted.has("9"))
	assert.True(t, submitted.has("10"))
}

// A response that is too large is read once, and no further than needed.
func TestTooLargeIsNotReadAgain(t *testing.T) {
	read, sent := 0, 0
	client := newTestClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
		sent++
		resp := response(200, "")
		resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			read += len(p)
			return len(p), nil
		}))
		return resp, nil
	}))
	client.transport.maxDocument = 1 << 20
	_, err := client.Tasks.List(t.Context())
	failure, ok := errors.AsType[*DecodeError](err)
	require.True(t, ok, "%v", err)
	require.EqualError(t, failure, "rediscloud: GET /tasks: the 200 response can't be used: it is larger than 1 MiB")
	assert.Equal(t, 1, sent)
	assert.Less(t, read, 4<<20)
}
