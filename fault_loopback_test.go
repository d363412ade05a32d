package rediscloud

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The faults of connections, over real ones: the errors that net/http returns
// for them must be distinguished as in the matrix.
func TestFaultsOfConnections(t *testing.T) {
	t.Parallel()
	cut := func(w http.ResponseWriter, text string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		_, _ = fmt.Fprint(conn, text)
		_ = conn.(*net.TCPConn).SetLinger(0) // a reset
		_ = conn.Close()
	}
	serve := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { cut(w, text) }
	}
	hang := func(header string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or the server doesn't notice that the client leaves
			if header != "" {
				fmt.Fprint(w, header)
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		slow    bool // the attempt's timeout ends it
		write   bool // the fault comes in time for a write to be accepted
	}{
		"reset before the answer":    {serve(""), false, true},
		"reset in the header":        {serve("HTTP/1.1 200 OK\r\nContent-Ty"), false, true},
		"reset in the body":          {serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), false, true},
		"reset in a chunk":           {serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"), false, true},
		"no HTTP":                    {serve("SSH-2.0-OpenSSH_9.6 " + strings.Repeat("x", 10_000) + "\r\n\r\n"), false, true},
		"a length that is no number": {serve("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}"), false, true},
		"no header":                  {hang(""), true, true},
		"no end of the body":         {hang("{"), true, true},
		"no end of the header": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if !assert.NoError(t, err) {
				return
			}
			defer func() { _ = conn.Close() }()
			line := "X-Line: " + strings.Repeat("x", 1000) + "\r\n"
			for _, err := fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n"); err == nil; _, err = fmt.Fprint(conn, line) {
			}
		}, false, true},
		"refused": {nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				test.handler(w, r)
			}))
			defer server.Close()
			if test.handler == nil {
				server.Close()
			}
			transport := &http.Transport{DisableKeepAlives: true}
			timeout := 20 * time.Second
			if test.slow {
				timeout = 500 * time.Millisecond // long enough for the request to arrive on a busy machine
			}
			client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithCredentials(hiddenAccountKey, hiddenSecretKey),
				WithHTTPClient(&http.Client{Transport: transport}), WithAttemptTimeout(timeout),
				WithRetry(RetryPolicy{MaxRetries: 2, MinDelay: time.Millisecond, MaxDelay: time.Millisecond}))
			require.NoError(t, err)
			check := func(err error, unknown bool, sent int32) {
				t.Helper()
				require.Error(t, err)
				_, ok := errors.AsType[*OutcomeUnknownError](err)
				assert.Equal(t, unknown, ok, "%v", err)
				_, answered := errors.AsType[*APIError](err)
				assert.False(t, answered, "%v", err)
				if test.handler == nil {
					sent = 0
				}
				assert.Equal(t, sent, asked.Swap(0), "requests")
				assert.Less(t, len(err.Error()), 2000)
				assert.NotContains(t, err.Error(), hiddenAccountKey)
				assert.NotContains(t, err.Error(), hiddenSecretKey)
				timedOut, ok := errors.AsType[net.Error](err)
				assert.Equal(t, test.slow, ok && timedOut.Timeout(), "%v", err)
			}
			_, err = client.Databases.Get(t.Context(), 7, 8)
			check(err, false, 3)
			_, err = createOne(t.Context(), client)
			check(err, test.write, 1)
		})
	}
}
