package rediscloudtest

import (
	"fmt"
	"net/http"
)

const host = "api.rediscloud.test"

// URL returns the base URL to use with [Server.Client]:
// https://api.rediscloud.test/v1, a name that doesn't resolve.
func (s *Server) URL() string { return "https://" + host + basePath }

// Client returns an HTTP client that reaches the server through
// [Server.Transport].
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.Transport()} }

// Transport returns a RoundTripper that reaches the server without a network or
// a goroutine. Requests to a host other than that of [Server.URL] fail, as for
// a name that can't be resolved, and are recorded in the request log.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if req.URL.Host != host {
		t.server.recordStray(req)
		return nil, fmt.Errorf("rediscloudtest: no such host %q: this server is %s", req.URL.Host, t.server.URL())
	}
	a, entry, err := t.server.exchange(req)
	if err != nil {
		return nil, err
	}
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          t.server.stream(a, entry),
		ContentLength: int64(a.size()),
		Request:       req,
	}, nil
}
