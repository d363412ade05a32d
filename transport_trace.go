package rediscloud

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"strings"
	"sync"
)

// A sending is what the trace reports of one attempt: whether the request has
// been sent, and whether net/http is about to send it again.
//
// It must not. Over HTTP/2 net/http repeats a request of any method, as often
// as the server causes it to, when the stream is reset with PROTOCOL_ERROR or
// REFUSED_STREAM, or the connection is shut down (GOAWAY), even if the server
// has acted on the request. So the attempt ends when net/http gets a second
// connection for a request whose headers were written: it checks the context
// once more before it writes. Over HTTP/1 net/http repeats only reads, and
// writes of which no byte has been sent, which is fine.
type sending struct {
	end     context.CancelCauseFunc // of the attempt
	precise bool                    // the transport is net/http's, which reports everything

	mu        sync.Mutex
	dialing   bool // or getting an idle connection
	connected bool
	conn      net.Conn
	http2     bool // the headers were those of HTTP/2
	headers   int  // how often they were written
	refused   bool // the server reported that it hadn't processed the request
}

// errRepeated ends an attempt that net/http would send again.
var errRepeated = errors.New("the server ended the HTTP/2 stream or connection without a response")

// trace returns a context that observes a request. end ends that context.
func (s *sending) trace(ctx context.Context, end context.CancelCauseFunc) context.Context {
	s.end = end
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { s.note(func() { s.dialing = true }) },
		GotConn:          s.gotConn,
		WroteHeaderField: func(name string, _ []string) { s.note(func() { s.http2 = strings.HasPrefix(name, ":") || s.http2 }) },
		WroteHeaders:     func() { s.note(func() { s.headers++ }) },
	})
}

func (s *sending) note(what func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what()
}

func (s *sending) gotConn(info httptrace.GotConnInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connected = true
	if s.http2 && s.headers > 0 {
		// net/http repeats a request on the same connection only after
		// REFUSED_STREAM: after the others it abandons the connection.
		s.refused = isSameConn(s.conn, info.Conn)
		s.end(errRepeated)
	}
	s.conn = info.Conn
}

// isSameConn compares connections of HTTP/2; others needn't be comparable.
func isSameConn(a, b net.Conn) bool {
	x, ok := a.(*tls.Conn)
	y, same := b.(*tls.Conn)
	return ok && same && x == y
}

// mayHaveLeft reports whether the request of an attempt that failed with err
// may have reached the API and been processed.
func (s *sending) mayHaveLeft(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.refused, isUndone(err), s.headers == 0 && s.dialing && (s.precise || !s.connected):
		return false
	case s.http2 && s.headers > 0:
		return true // whatever the second connection led to
	}
	return !isDialError(err)
}

// times is how often the request was sent. A transport that doesn't report it
// has sent it at most once.
func (s *sending) times(left bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.headers == 0 && left {
		return 1
	}
	return s.headers
}

// What net/http (and golang.org/x/net/http2) reports, around the reason, if it
// would have sent a request again but has no second copy of its body. If
// another version words this differently, a certain end becomes an uncertain
// one, not the other way round.
const (
	notRepeatedBefore = "http2: Transport: cannot retry err ["
	notRepeatedAfter  = "] after Request.Body was written"
)

// notRepeated returns the reason for which net/http would have sent a request
// again.
func notRepeated(err error) (reason string, ok bool) {
	if err == nil {
		return "", false
	}
	rest, ok := strings.CutPrefix(err.Error(), notRepeatedBefore)
	if !ok {
		return "", false
	}
	reason, _, ok = strings.Cut(rest, notRepeatedAfter)
	return reason, ok
}

// isUndone reports whether the server reported that it hadn't processed the
// request: RFC 9113, 8.7.
func isUndone(err error) bool {
	reason, ok := notRepeated(err)
	return ok && (strings.HasPrefix(reason, "stream error: ") && strings.HasSuffix(reason, "; REFUSED_STREAM; received from peer") ||
		strings.HasSuffix(reason, "received Server's graceful shutdown GOAWAY"))
}
