package rediscloud_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

// An answering server responds with a function of the request and the time
// since the start, and keeps a log of the requests.
type answering struct {
	mu    sync.Mutex
	began time.Time
	log   []string
	f     func(req string, at time.Duration) (status int, body string, header http.Header)
}

func newAnswering(t *testing.T, f func(req string, at time.Duration) (int, string, http.Header)) (*answering, *rediscloud.Client) {
	t.Helper()
	h := &answering{began: time.Now(), f: f}
	c, err := rediscloud.NewClient(rediscloud.WithCredentials("account", "secret"), rediscloud.WithBaseURL("https://api.example.com/v1"), rediscloud.WithHTTPClient(&http.Client{Transport: h}))
	require.NoError(t, err)
	return h, c
}

func (h *answering) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(40 * time.Millisecond)
	h.mu.Lock()
	name, at := req.Method+" "+strings.TrimPrefix(req.URL.Path, "/v1"), time.Since(h.began)
	h.log = append(h.log, name)
	h.mu.Unlock()
	status, body, header := h.f(name, at)
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}
