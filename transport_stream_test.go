package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowFile responds with a file of n pieces, one every d, as net/http does:
// reading ends with the context of the request.
func slowFile(n int, d time.Duration) func(*http.Request) *http.Response {
	return func(req *http.Request) *http.Response {
		resp := response(200, "")
		resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			if n == 0 {
				return 0, io.EOF
			}
			n--
			if err := sleep(req.Context(), d); err != nil {
				return 0, err
			}
			return copy(p, "x"), nil
		}))
		return resp
	}
}

// The timeout of an attempt ends with the header.
func TestDownloadOutlastsAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := slowFile(10, time.Minute)
		client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			assert.Equal(t, "*/*", req.Header.Get("Accept"))
			assert.Equal(t, "account", req.Header.Get("x-api-key"))
			return file(req), nil
		}), WithAttemptTimeout(5*time.Second))
		body, err := client.CostReports.Download(t.Context(), "r.csv")
		require.NoError(t, err)
		text, err := io.ReadAll(body)
		require.NoError(t, err)
		assert.Equal(t, strings.Repeat("x", 10), string(text))
		require.NoError(t, body.Close())
	})
}

func TestDownloadHeaderIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}), WithAttemptTimeout(5*time.Second), WithoutRetries()).CostReports.Download(t.Context(), "r.csv")
		require.EqualError(t, err, "rediscloud: GET /cost-report/r.csv: no response within 5s")
		assert.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestDownloadEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := slowFile(100, time.Minute)
		why := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(150*time.Second, func() { cancel(why) })
		body, err := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			return file(req), nil
		})).CostReports.Download(ctx, "r.csv")
		require.NoError(t, err)
		start := time.Now()
		text, err := io.ReadAll(body)
		assert.Equal(t, "xx", string(text))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, why)
		require.EqualError(t, err, "rediscloud: GET /cost-report/r.csv: reading the response: context canceled: shutting down")
		assert.Equal(t, 150*time.Second, time.Since(start))
		_, err = body.Read(make([]byte, 1))
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, body.Close())
	})
}

// A download is repeated until the file begins to arrive, and not after.
func TestDownloadRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := func() (*http.Response, error) {
			resp := response(200, "")
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("A,B"), iotestErrReader{io.ErrUnexpectedEOF}))
			return resp, nil
		}
		server := &script{steps: []func() (*http.Response, error){
			fails(errDial), fails(io.ErrUnexpectedEOF), answers(503, ""), answers(429, "", "Retry-After", "7"), broken,
		}}
		body, err := newTestClient(t, server).CostReports.Download(t.Context(), "r.csv")
		require.NoError(t, err)
		text, err := io.ReadAll(body)
		assert.Equal(t, "A,B", string(text))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.EqualError(t, err, "rediscloud: GET /cost-report/r.csv: reading the response: unexpected EOF")
		assert.Equal(t, 5, server.sent)
		require.NoError(t, body.Close())

		for status, want := range map[int]error{401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound} {
			server = &script{steps: []func() (*http.Response, error){answers(status, "")}}
			body, err = newTestClient(t, server).CostReports.Download(t.Context(), "r.csv")
			require.ErrorIs(t, err, want)
			assert.Nil(t, body)
			assert.Equal(t, 1, server.sent)
		}
	})
}

func TestDownloadIsNotBuffered(t *testing.T) {
	const size = 256 << 20 // more than any other response may hold
	left := size
	var answer Response
	body, err := newTestClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
		resp := response(200, "", "Content-Disposition", "attachment")
		resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			if left == 0 {
				return 0, io.EOF
			}
			n := min(left, len(p))
			left -= n
			return n, nil
		}))
		return resp, nil
	})).CostReports.Download(WithCaptureResponse(t.Context(), &answer), "r.csv")
	require.NoError(t, err)
	assert.Equal(t, size, left, "nothing was read yet")
	assert.Equal(t, "attachment", answer.Header.Get("Content-Disposition"))
	assert.Nil(t, answer.Body)
	n, err := io.Copy(io.Discard, body)
	require.NoError(t, err)
	assert.EqualValues(t, size, n)
	require.NoError(t, body.Close())
}

func TestDownloadWithoutBody(t *testing.T) {
	body, err := newTestClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}}, nil
	})).CostReports.Download(t.Context(), "r.csv")
	require.NoError(t, err)
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Empty(t, text)
	require.NoError(t, body.Close())
}

// Over real connections, and with a timeout of the caller's HTTP client:
// however a download ends, it leaves no goroutine and no connection behind.
func TestDownloadLeavesNothing(t *testing.T) {
	closed := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "short.csv") {
			fmt.Fprint(w, "A,B")
			return
		}
		fmt.Fprint(w, "begin")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // the client has gone
		closed <- struct{}{}
	}))
	defer server.Close()
	transport := &http.Transport{}
	client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithCredentials("account", "secret"),
		WithHTTPClient(&http.Client{Transport: transport, Timeout: time.Hour}))
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	for range 5 {
		body, err := client.CostReports.Download(t.Context(), "short.csv")
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, body)
		require.NoError(t, err)
		require.NoError(t, body.Close())

		body, err = client.CostReports.Download(t.Context(), "long.csv")
		require.NoError(t, err)
		_, err = body.Read(make([]byte, 1))
		require.NoError(t, err)
		require.NoError(t, body.Close())
		<-closed
		_, err = body.Read(make([]byte, 1))
		require.Error(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		body, err = client.CostReports.Download(ctx, "long.csv")
		require.NoError(t, err)
		time.AfterFunc(time.Millisecond, cancel)
		_, err = io.Copy(io.Discard, body)
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, body.Close())
		<-closed
	}
	transport.CloseIdleConnections()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	assert.LessOrEqual(t, runtime.NumGoroutine(), before, "%s", stacks[:runtime.Stack(stacks, true)])
}
