package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// roundTripper is a RoundTripper that is a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// response is a response for a roundTripper; headers are name, value, name,
// value.
func response(status int, body string, headers ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ProtoMajor: 1, ProtoMinor: 1}
	for i := 0; i < len(headers); i += 2 {
		resp.Header.Add(headers[i], headers[i+1])
	}
	return resp
}

// script returns the responses one after the other, the last one for ever, and
// counts them. There is no list of tasks, and polls of it don't count.
type script struct {
	steps []func() (*http.Response, error)
	sent  int
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	if req.Context().Value(waitKey{}) != nil && req.URL.Path == "/v1/tasks" {
		return response(http.StatusNotFound, ""), nil
	}
	s.sent++
	return s.steps[min(s.sent, len(s.steps))-1]()
}

func answers(status int, body string, headers ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return response(status, body, headers...), nil }
}

func fails(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

var errDial = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

func TestHeaders(t *testing.T) {
	client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		assert.Equal(t, "account", req.Header.Get("x-api-key"))
		assert.Equal(t, "secret", req.Header.Get("x-api-secret-key"))
		assert.Equal(t, "application/json", req.Header.Get("Accept"))
		assert.Equal(t, "application/json", req.Header.Get("Content-Type"))
		assert.Regexp(t, `^my-app/1\.2 rediscloud-go/`+regexp.QuoteMeta(Version())+` \(go1\.\S+; \w+/\w+\)$`, req.Header.Get("User-Agent"))
		return response(200, `{"tasks":[]}`), nil
	}), WithUserAgent("my-app/1.2"))
	_, err := client.Tasks.List(t.Context())
	require.NoError(t, err)
}

// How often requests are sent, and what is returned.
func TestRetries(t *testing.T) {
	const taskDoc = `{"taskId":"t1","status":"received"}`
	cut := fails(io.ErrUnexpectedEOF)
	dial := fails(errDial)
	for name, test := range map[string]struct {
		steps     []func() (*http.Response, error)
		readSent  int
		writeSent int
		read      string // the error's text, "" for success
		write     string
		unknown   bool // whether the write may have been accepted
	}{
		"well":                {[]func() (*http.Response, error){answers(200, taskDoc)}, 1, 1, "", "", false},
		"202":                 {[]func() (*http.Response, error){answers(202, taskDoc)}, 1, 1, "", "", false},
		"500 once":            {[]func() (*http.Response, error){answers(500, ""), answers(200, taskDoc)}, 2, 1, "", "500 Internal", true},
		"500 always":          {[]func() (*http.Response, error){answers(500, "")}, 5, 1, "500 Internal", "500 Internal", true},
		"503 once":            {[]func() (*http.Response, error){answers(503, ""), answers(200, taskDoc)}, 2, 1, "", "503 Service", true},
		"502 with HTML":       {[]func() (*http.Response, error){answers(502, "<html>x</html>")}, 5, 1, "502 Bad Gateway", "502 Bad Gateway", true},
		"429 once":            {[]func() (*http.Response, error){answers(429, ""), answers(200, taskDoc)}, 2, 2, "", "", false},
		"429 always":          {[]func() (*http.Response, error){answers(429, `{"message":"Too many requests!"}`)}, 5, 5, "Too many requests!", "Too many requests!", false},
		"429, a long hint":    {[]func() (*http.Response, error){answers(429, "", "Retry-After", "3600")}, 1, 1, "429", "429", false},
		"400":                 {[]func() (*http.Response, error){answers(400, `{"message":"no"}`)}, 1, 1, "400 Bad Request: no", "400 Bad Request: no", false},
		"404":                 {[]func() (*http.Response, error){answers(404, "")}, 1, 1, "404 Not Found", "404 Not Found", false},
		"401 with HTML":       {[]func() (*http.Response, error){answers(401, "<html>401</html>")}, 1, 1, "401 Unauthorized", "401 Unauthorized", false},
		"no connection once":  {[]func() (*http.Response, error){dial, answers(200, taskDoc)}, 2, 2, "", "", false},
		"no connection":       {[]func() (*http.Response, error){dial}, 5, 5, "connection refused", "connection refused", false},
		"connection lost":     {[]func() (*http.Response, error){cut, answers(200, taskDoc)}, 2, 1, "", "unexpected EOF", true},
		"empty":               {[]func() (*http.Response, error){answers(200, "")}, 1, 1, "the response is empty", "the response is empty", true},
		"null":                {[]func() (*http.Response, error){answers(200, "null")}, 1, 1, "the response is null", "the response is null", true},
		"no id":               {[]func() (*http.Response, error){answers(200, "{}")}, 1, 1, "missing taskId", "missing taskId", true},
		"HTML":                {[]func() (*http.Response, error){answers(200, "<html>")}, 1, 1, "invalid character", "invalid character", true},
		"redirect to nowhere": {[]func() (*http.Response, error){answers(302, "")}, 1, 1, "302 Found", "302 Found", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: test.steps}
				client := newTestClient(t, server)
				state, err := client.Tasks.Get(t.Context(), "t1")
				assert.Equal(t, test.readSent, server.sent, "reads sent")
				if test.read == "" {
					require.NoError(t, err)
					assert.Equal(t, "t1", state.TaskID)
				} else {
					require.ErrorContains(t, err, test.read)
					assert.Regexp(t, `^rediscloud: GET /tasks/t1: `, err.Error())
				}

				server.sent = 0
				task, err := client.Subscriptions.Delete(t.Context(), 7)
				assert.Equal(t, test.writeSent, server.sent, "writes sent")
				if test.write == "" {
					require.NoError(t, err)
					assert.Equal(t, "t1", task.ID())
				} else {
					require.ErrorContains(t, err, test.write)
					assert.Regexp(t, `^rediscloud: DELETE /subscriptions/7: `, err.Error())
				}
				unknown, ok := errors.AsType[*OutcomeUnknownError](err)
				assert.Equal(t, test.unknown, ok)
				if ok {
					assert.Equal(t, "DELETE", unknown.Method)
					assert.Equal(t, "/subscriptions/7", unknown.Path)
				}
			})
		})
	}
}

func TestBodyCutIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := func() (*http.Response, error) {
			resp := response(200, "")
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"taskId":`), iotestErrReader{io.ErrUnexpectedEOF}))
			return resp, nil
		}
		server := &script{steps: []func() (*http.Response, error){broken, answers(200, `{"taskId":"t1"}`)}}
		_, err := newTestClient(t, server).Tasks.Get(t.Context(), "t1")
		require.NoError(t, err)
		assert.Equal(t, 2, server.sent)

		server = &script{steps: []func() (*http.Response, error){broken}}
		_, err = newTestClient(t, server).Subscriptions.Delete(t.Context(), 7)
		_, unknown := errors.AsType[*OutcomeUnknownError](err)
		assert.True(t, unknown, "%v", err)
		assert.Equal(t, 1, server.sent)
	})
}

type iotestErrReader struct{ err error }

func (r iotestErrReader) Read([]byte) (int, error) { return 0, r.err }

func TestHintsAreObeyed(t *testing.T) {
	for name, test := range map[string]struct {
		headers []string
		want    time.Duration
	}{
		"seconds":        {[]string{"Retry-After", "7"}, 7 * time.Second},
		"the API's own":  {[]string{"x-rate-limit-retry-after-seconds", "9"}, 9 * time.Second},
		"the longer one": {[]string{"x-rate-limit-retry-after-seconds", "9", "Retry-After", "4"}, 9 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []func() (*http.Response, error){answers(429, "", test.headers...), answers(200, `{"taskId":"t1"}`)}}
				start := time.Now()
				_, err := newTestClient(t, server).Tasks.Get(t.Context(), "t1")
				require.NoError(t, err)
				assert.Equal(t, test.want, time.Since(start))
			})
		})
	}
}

func TestHintIsNotSleptIntoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []func() (*http.Response, error){answers(429, "", "Retry-After", "30")}}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		_, err := newTestClient(t, server).Tasks.Get(ctx, "t1")
		require.ErrorIs(t, err, ErrRateLimited)
		failure, ok := errors.AsType[*APIError](err)
		require.True(t, ok)
		assert.Equal(t, 30*time.Second, failure.RetryAfter)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, 1, server.sent)
	})
}

func TestRetryHint(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"0": 0, "12": 12 * time.Second, "1.5": 1500 * time.Millisecond,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute,
		"Fri, 02 Jan 2026 03:03:05 GMT": 0,
		"99999999999999999999":          maxHintSeconds * time.Second,
		"Inf":                           maxHintSeconds * time.Second,
		"":                              -1, "-5": -1, "NaN": -1, "soon": -1,
	} {
		got, ok := retryHint(http.Header{"Retry-After": {text}}, now)
		if want < 0 {
			assert.False(t, ok, text)
			continue
		}
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
}

func FuzzRetryHint(f *testing.F) {
	for _, text := range []string{"1", "-1", "NaN", "1e300", "Fri, 02 Jan 2026 03:05:05 GMT", "0x10", "1_0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, ok := retryHint(http.Header{"Retry-After": {text}}, time.Unix(0, 0)); ok && d < 0 {
			t.Errorf("%q asks for %s", text, d)
		}
	})
}

func TestAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		hang := roundTripper(func(req *http.Request) (*http.Response, error) {
			sent++
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		client := newTestClient(t, hang, WithAttemptTimeout(5*time.Second))
		start := time.Now()
		_, err := client.Subscriptions.Delete(t.Context(), 7)
		require.ErrorContains(t, err, "no response within 5s")
		require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller's context goes on")
		timeout, ok := errors.AsType[net.Error](err)
		require.True(t, ok)
		assert.True(t, timeout.Timeout())
		_, unknown := errors.AsType[*OutcomeUnknownError](err)
		assert.True(t, unknown)
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.Equal(t, 1, sent)

		sent = 0
		_, err = client.Tasks.Get(t.Context(), "t1")
		require.ErrorContains(t, err, "no response within 5s")
		assert.Equal(t, 5, sent)
	})
}

func TestCanceledCallReturnsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := roundTripper(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("shutting down")
		time.AfterFunc(3*time.Second, func() { cancel(why) })
		start := time.Now()
		_, err := newTestClient(t, hang).Tasks.Get(ctx, "t1")
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, why)
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

// The response to a write contains the task's id: even if ctx ends while its
// body is arriving, it is read to its end.
func TestAnswerToWriteSurvivesContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		slow := roundTripper(func(req *http.Request) (*http.Response, error) {
			resp := response(202, "")
			resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
				cancel()
				time.Sleep(time.Second)
				if err := req.Context().Err(); err != nil {
					return 0, err
				}
				return copy(p, received), io.EOF
			}))
			return resp, nil
		})
		task, err := newTestClient(t, slow).Subscriptions.Delete(ctx, 7)
		require.NoError(t, err)
		assert.Equal(t, "t1", task.ID())
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestCaptureResponse(t *testing.T) {
	client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		if strings.HasSuffix(req.URL.Path, "/7") {
			return response(200, `{"id":7,"novelty":true}`, "X-Request-Id", "r1"), nil
		}
		return response(404, `{"message":"none"}`), nil
	}))
	var answer Response
	ctx := WithCaptureResponse(t.Context(), &answer)
	_, err := client.Subscriptions.Get(ctx, 7)
	require.NoError(t, err)
	assert.Equal(t, 200, answer.StatusCode)
	assert.Equal(t, "r1", answer.Header.Get("X-Request-Id"))
	assert.JSONEq(t, `{"id":7,"novelty":true}`, string(answer.Body))

	_, err = client.Subscriptions.Get(ctx, 8)
	require.ErrorIs(t, err, ErrNotFound)
	assert.Equal(t, 404, answer.StatusCode)
	assert.JSONEq(t, `{"message":"none"}`, string(answer.Body))
}

// Over a real connection: the keys are sent only below the base URL, whatever a
// redirect says.
func TestRedirects(t *testing.T) {
	foreign := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the foreign host was asked for %s with the key %q", r.URL, r.Header.Get("x-api-key"))
	}))
	defer foreign.Close()
	asked := 0
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch r.URL.Path {
		case "/v1/tasks/moved":
			http.Redirect(w, r, server.URL+"/v1/tasks/t1", http.StatusMovedPermanently)
		case "/v1/tasks/t1":
			assert.Equal(t, "account", r.Header.Get("x-api-key"))
			fmt.Fprint(w, `{"taskId":"t1"}`)
		case "/v1/tasks/loop":
			http.Redirect(w, r, "/v1/tasks/loop", http.StatusFound)
		case "/v1/tasks/above":
			http.Redirect(w, r, "/admin", http.StatusFound)
		default:
			http.Redirect(w, r, foreign.URL+"/v1/tasks/t1", http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithCredentials("account", "secret"))
	require.NoError(t, err)

	state, err := client.Tasks.Get(t.Context(), "moved")
	require.NoError(t, err)
	assert.Equal(t, "t1", state.TaskID)

	for id, status := range map[string]int{"away": 307, "loop": 302, "above": 302} {
		_, err = client.Tasks.Get(t.Context(), id)
		failure, ok := errors.AsType[*APIError](err)
		require.True(t, ok, "%s: %v", id, err)
		assert.Equal(t, status, failure.StatusCode)
	}
	asked = 0
	_, err = client.Subscriptions.Delete(t.Context(), 7)
	failure, ok := errors.AsType[*APIError](err)
	require.True(t, ok, err)
	assert.Equal(t, 307, failure.StatusCode)
	assert.Equal(t, 1, asked)
}

// go-retryablehttp closes the idle connections of the client after a failure.
// The client is the user's, and its connections may be shared.
func TestSharedConnectionsStay(t *testing.T) {
	transport := &closeCounter{RoundTripper: &script{steps: []func() (*http.Response, error){answers(500, "")}}}
	_, err := newTestClient(t, transport, WithoutRetries()).Tasks.List(t.Context())
	require.Error(t, err)
	assert.Zero(t, transport.closed)
}

type closeCounter struct {
	http.RoundTripper
	closed int
}

func (c *closeCounter) CloseIdleConnections() { c.closed++ }

func TestBodyBounds(t *testing.T) {
	t.Parallel()
	endless := func(status int) roundTripper {
		return func(*http.Request) (*http.Response, error) {
			resp := response(status, "")
			resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) { return len(p), nil }))
			return resp, nil
		}
	}
	_, err := newTestClient(t, endless(200), WithoutRetries()).Tasks.List(t.Context())
	require.ErrorContains(t, err, "the 200 response can't be used: it is larger than 32 MiB")

	_, err = newTestClient(t, endless(400)).Tasks.List(t.Context())
	failure, ok := errors.AsType[*APIError](err)
	require.True(t, ok, err)
	assert.Len(t, failure.Body, maxErrorBody)
}

func TestLogHoldsNoSecrets(t *testing.T) {
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := newTestClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
		return response(200, `{"databaseId":8,"security":{"password":"hunter2"}}`), nil
	}), WithLogger(logger))
	_, err := client.Databases.Get(t.Context(), 7, 8)
	require.NoError(t, err)
	assert.Contains(t, log.String(), "route=/subscriptions/{id}/databases/{id}")
	assert.Contains(t, log.String(), "path=/subscriptions/7/databases/8")
	assert.Contains(t, log.String(), "status=200")
	for _, secret := range []string{"hunter2", "account", "=secret"} {
		assert.NotContains(t, log.String(), secret)
	}
}

func TestRoute(t *testing.T) {
	var routes []string
	client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		routes = append(routes, Route(req.Context()))
		return response(200, `{"taskId":"t1","status":"processing-completed","response":{"resourceId":8}}`), nil
	}))
	task, err := client.Databases.Delete(t.Context(), 7, 8)
	require.NoError(t, err)
	_, err = task.Wait(t.Context())
	require.NoError(t, err)
	_, err = client.Tasks.Get(t.Context(), "t1")
	require.NoError(t, err)
	require.NoError(t, client.Do(t.Context(), "GET", "/things/5/parts", nil, nil))
	assert.Equal(t, []string{"/subscriptions/{id}/databases/{id}", "/tasks/{id}", "/things/{id}/parts"}, routes)
	assert.Empty(t, Route(t.Context()))
}
