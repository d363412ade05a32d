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

// A sending is what the trace tells of one attempt: whether the request has
// left, and whether net/http is about to send it again.
//
// That it must not. Over HTTP/2 it repeats a request of any method, as often as
// the server makes it, when the stream is reset with PROTOCOL_ERROR or
// REFUSED_STREAM, or the connection is shut down (GOAWAY): also where the server
// has acted. The second connection that it gets for a request whose headers were
// written ends the attempt: net/http looks at the context once more before it
// writes. Over HTTP/1 it repeats reads alone, and writes of which not a byte has
// left; that is as it should be.
type sending struct {
	end     context.CancelCauseFunc // of the attempt
	precise bool                    // the transport is net/http's, which tells all

	mu        sync.Mutex
	dialing   bool // or looking for a connection
	connected bool
	conn      net.Conn
	http2     bool // the headers were those of HTTP/2
	headers   int  // how often they were written
	refused   bool // the server said that it hadn't begun with the request
}

// errRepeated ends an attempt that net/http would send again.
var errRepeated = errors.New("the server ended the HTTP/2 stream or connection without an answer")

// trace returns a context in which a request is watched. end ends that context.
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
		// On the connection that it was on, net/http repeats a request only
		// after REFUSED_STREAM: the others make it leave the connection.
		s.refused = isSameConn(s.conn, info.Conn)
		s.end(errRepeated)
	}
	s.conn = info.Conn
}

// isSameConn compares connections as HTTP/2 has them; others needn't be comparable.
func isSameConn(a, b net.Conn) bool {
	x, ok := a.(*tls.Conn)
	y, same := b.(*tls.Conn)
	return ok && same && x == y
}

// mayHaveLeft reports whether the request of an attempt that failed with err may
// have reached the API, and the API may have begun with it.
func (s *sending) mayHaveLeft(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.refused, isUndone(err), s.headers == 0 && s.dialing && (s.precise || !s.connected):
		return false
	case s.http2 && s.headers > 0:
		return true // whatever came of a second connection
	}
	return !isDialError(err)
}

// times is how often the request was sent. A transport that doesn't tell has sent
// it once, if at all.
func (s *sending) times(left bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.headers == 0 && left {
		return 1
	}
	return s.headers
}

// What package net/http (and golang.org/x/net/http2) says where it would have
// sent a request again but has no second copy of its body, around the reason.
// A text that is put otherwise in another version makes a certain end an
// uncertain one, not the other way round.
const (
	notRepeatedBefore = "http2: Transport: cannot retry err ["
	notRepeatedAfter  = "] after Request.Body was written"
)

// notRepeated is the reason for which net/http would have sent a request again.
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

// isUndone reports whether the server said that it hadn't begun with the
// request: RFC 9113, 8.7.
func isUndone(err error) bool {
	reason, ok := notRepeated(err)
	return ok && (strings.HasPrefix(reason, "stream error: ") && strings.HasSuffix(reason, "; REFUSED_STREAM; received from peer") ||
		strings.HasSuffix(reason, "received Server's graceful shutdown GOAWAY"))
}
