package rediscloudtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFailNextTask(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		databases := fmt.Sprintf("/subscriptions/%d/databases", id)
		r.FailNextTask("DATABASE_NOT_FOUND", "404 NOT_FOUND", "gone")
		r.FailNextTask("OTHER", "500 INTERNAL_SERVER_ERROR", "")
		require.Equal(t, object{"error": object{"type": "DATABASE_NOT_FOUND", "status": "404 NOT_FOUND", "description": "gone"}},
			r.finish("POST", databases, `{"name":"x"}`)["response"])
		require.Empty(t, r.Databases(id))
		require.Equal(t, "OTHER", r.fail("POST", databases, `{"name":"x"}`))
		r.complete("POST", databases, `{"name":"x"}`)
	})
}

func TestAnswerNext(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.AnswerNext(2, "GET /tasks/{taskId}", 503, http.Header{"Retry-After": {"7"}}, "<html>")
		r.AnswerNext(1, "GET /tasks/b", 502, nil, "")
		r.AnswerNext(1, "", 500, nil, "any")
		r.AnswerNext(0, "", 500, nil, "none")
		require.Equal(t, 500, r.status("GET", "/subscriptions", ""))
		require.Equal(t, 200, r.status("GET", "/subscriptions", ""))
		for _, want := range []int{503, 503, 502, 404} {
			res, text := r.do("GET", "/tasks/b", "")
			require.Equal(t, want, res.StatusCode)
			if want == 503 {
				require.Equal(t, "<html>", text)
				require.Equal(t, http.Header{"Retry-After": {"7"}, "Date": {"Sat, 01 Jan 2000 00:00:00 GMT"}}, res.Header)
			}
		}
		r.AnswerNext(1, "POST /subscriptions", 200, nil, "{}")
		require.Equal(t, 200, r.status("POST", "/subscriptions", creation))
		time.Sleep(time.Minute)
		require.Empty(t, r.Subscriptions())
		require.Empty(t, r.Tasks())
	})
}

func TestAnswersAreNotShared(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.AnswerNext(2, "", 200, http.Header{"A": {"1"}}, "")
		first, _ := r.do("GET", "/tasks", "")
		first.Header.Set("A", "2")
		second, _ := r.do("GET", "/tasks", "")
		require.Equal(t, "1", second.Header.Get("A"))
	})
}

func TestCutNext(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.CutNext(1, "POST /subscriptions", CutBefore)
		r.CutNext(1, "POST /subscriptions", CutAfter)
		for want := range 2 {
			_, err := r.Client().Do(r.request(t, "POST", "/subscriptions", creation))
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			time.Sleep(time.Minute)
			require.Len(t, r.Subscriptions(), want)
		}
		require.Equal(t, 202, r.status("POST", "/subscriptions", creation))
		require.Equal(t, 0, r.Requests()[1].Status)
		require.Equal(t, 0, r.Requests()[1].ResponseBytes)
	})
}

func TestDelayNext(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.DelayNext(1, "GET /tasks", 3*time.Second)
		r.AnswerNext(1, "GET /tasks", 503, nil, "")
		require.Equal(t, 503, r.status("GET", "/tasks", ""), "one exchange has both faults")
		require.Equal(t, 3*time.Second, time.Since(epoch))

		r.DelayNext(1, "", time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := r.Client().Do(r.request(t, "POST", "/subscriptions", creation).WithContext(ctx))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Len(t, r.Subscriptions(), 1, "the server has acted all the same")
		require.Equal(t, time.Minute+3*time.Second, time.Since(epoch))
	})
}

func TestForgetTask(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.submit("POST", "/subscriptions", creation)
		time.Sleep(time.Second)
		r.ForgetTask(id, 5*time.Second)
		r.ForgetTask("nonsense", time.Hour)
		require.Equal(t, 404, r.status("GET", "/tasks/"+id, ""))
		require.Empty(t, r.listed())
		time.Sleep(5 * time.Second)
		require.Equal(t, "processing-completed", r.get("/tasks/" + id)["status"])
	})
}

func TestRoundTrip(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		require.Equal(t, 202, r.status("POST", "/subscriptions", creation))
		require.Equal(t, time.Second, time.Since(epoch))
		require.Equal(t, epoch.Add(500*time.Millisecond).Local(), r.Tasks()[0].Submitted)

		for _, patience := range []time.Duration{400 * time.Millisecond, 600 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			_, err := r.Client().Do(r.request(t, "GET", "/tasks", "").WithContext(ctx))
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		require.Len(t, r.Requests(), 2, "only the patient one was served")
	}, WithRoundTrip(time.Second))
}

type requestBody struct {
	io.Reader
	closed bool
}

func (b *requestBody) Close() error { b.closed = true; return nil }

func TestTransport(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		transport := r.Transport()
		send := func(change func(*http.Request)) (*http.Response, error) {
			sent := &requestBody{Reader: bytes.NewReader(nil)}
			req := r.request(t, "GET", "/tasks", "")
			req.Body = sent
			change(req)
			res, err := transport.RoundTrip(req)
			require.True(t, sent.closed, "a transport closes the body")
			return res, err
		}
		res, err := send(func(*http.Request) {})
		require.NoError(t, err)
		require.Equal(t, "200 OK", res.Status)

		_, err = send(func(req *http.Request) { req.URL.Host, req.Host = "api.redislabs.com", "" })
		require.ErrorContains(t, err, `no such host "api.redislabs.com"`)
		stray := r.Requests()[1]
		require.Equal(t, "api.redislabs.com 0", fmt.Sprint(stray.Host, " ", stray.Status))

		_, err = send(func(req *http.Request) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			*req = *req.WithContext(ctx)
		})
		require.ErrorIs(t, err, context.Canceled)

		broken := errors.New("broken")
		_, err = send(func(req *http.Request) { req.Body.(*requestBody).Reader = iotest.ErrReader(broken) })
		require.ErrorIs(t, err, broken)

		withoutBody := r.request(t, "GET", "/tasks", "")
		withoutBody.Body = nil
		_, err = transport.RoundTrip(withoutBody)
		require.NoError(t, err)
		require.Len(t, r.Requests(), 3)
	})
}
