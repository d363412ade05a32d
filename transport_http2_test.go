package rediscloud

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Types and flags of HTTP/2 frames.
const (
	frameData      = 0
	frameHeaders   = 1
	frameReset     = 3
	frameSettings  = 4
	framePing      = 6
	frameGoAway    = 7
	flagEndStream  = 1
	flagAck        = 1
	flagEndHeaders = 4
)

var resetCodes = []string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
	"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

// A rawServer speaks HTTP/2 frame by frame. serve decides what to do with a
// request, once it has arrived completely; n counts the requests of all
// connections from 1.
type rawServer struct {
	listener net.Listener
	serve    func(c *rawConn, stream uint32, n int)

	mu       sync.Mutex
	requests int
	conns    map[net.Conn]struct{}
}

type rawConn struct{ *tls.Conn }

// newRawServer returns a server, and a client with its address and a transport
// that trusts it.
func newRawServer(t *testing.T, serve func(c *rawConn, stream uint32, n int), opts ...Option) (*rawServer, *Client) {
	t.Helper()
	certified := httptest.NewUnstartedServer(nil)
	certified.EnableHTTP2 = true
	certified.StartTLS()
	defer certified.Close()
	httpTransport := certified.Client().Transport.(*http.Transport).Clone()
	httpTransport.ForceAttemptHTTP2 = true
	config := &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	require.NoError(t, err)
	s := &rawServer{listener: listener, serve: serve, conns: map[net.Conn]struct{}{}}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[conn] = struct{}{}
			s.mu.Unlock()
			served.Go(func() { s.converse(&rawConn{conn.(*tls.Conn)}) })
		}
	})
	t.Cleanup(func() {
		httpTransport.CloseIdleConnections()
		_ = listener.Close()
		s.mu.Lock()
		for conn := range s.conns {
			_ = conn.Close()
		}
		s.mu.Unlock()
		served.Wait()
	})
	client, err := NewClient(append([]Option{
		WithBaseURL("https://" + listener.Addr().String() + "/v1"), WithCredentials("account", "secret"),
		WithHTTPClient(&http.Client{Transport: httpTransport}),
		WithRetry(RetryPolicy{MaxRetries: 2, MinDelay: time.Millisecond, MaxDelay: time.Millisecond}),
		WithAttemptTimeout(10 * time.Second),
	}, opts...)...)
	require.NoError(t, err)
	return s, client
}

func (s *rawServer) converse(c *rawConn) {
	defer func() { _ = c.Close() }()
	if _, err := io.ReadFull(c, make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	c.frame(frameSettings, 0, 0, nil)
	for {
		var head [9]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(c, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			c.frame(frameSettings, flagAck, 0, nil)
		case kind == framePing && flags&flagAck == 0:
			c.frame(framePing, flagAck, 0, payload)
		case (kind == frameHeaders || kind == frameData) && flags&flagEndStream != 0:
			s.mu.Lock()
			s.requests++
			n := s.requests
			s.mu.Unlock()
			s.serve(c, stream, n)
		}
	}
}

func (s *rawServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (c *rawConn) frame(kind, flags byte, stream uint32, payload []byte) {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	head = binary.BigEndian.AppendUint32(head, stream)
	_, _ = c.Write(append(head, payload...))
}

// answer sends 200, which has its own index, and a body.
func (c *rawConn) answer(stream uint32, body string) {
	c.frame(frameHeaders, flagEndHeaders, stream, []byte{0x88})
	c.frame(frameData, flagEndStream, stream, []byte(body))
}

func (c *rawConn) reset(stream, code uint32) {
	c.frame(frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, code))
}

func (c *rawConn) goAway(last, code uint32) {
	c.frame(frameGoAway, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code))
}

const rawAnswer = `{"taskId":"t1","status":"received","redirectionId":"r1","databaseId":8}`

// rawCalls are a request of each kind: with a body and without.
var rawCalls = map[string]func(context.Context, *Client) error{
	"GET":               func(ctx context.Context, c *Client) error { return second(c.Databases.Get(ctx, 7, 8)) },
	"POST":              func(ctx context.Context, c *Client) error { return second(createOne(ctx, c)) },
	"POST without body": func(ctx context.Context, c *Client) error { return second(c.EndpointRedirections.Revert(ctx, "r1")) },
	"PUT": func(ctx context.Context, c *Client) error {
		return second(c.Databases.Update(ctx, 7, 8, &DatabaseUpdateRequest{Name: new("n")}))
	},
	"DELETE": func(ctx context.Context, c *Client) error { return second(c.Databases.Delete(ctx, 7, 8)) },
}

// Over HTTP/2 the server receives each request, acts or not, and ends the
// stream without a response, every time. How often it receives one depends only
// on the policy; a write is sent again only if the server reports that it
// hasn't processed it.
func TestHTTP2EndsOfStreams(t *testing.T) {
	t.Parallel()
	type ending struct {
		end     func(c *rawConn, stream uint32)
		certain func(call string) bool // that nothing was processed
	}
	always := func(string) bool { return true }
	never := func(string) bool { return false }
	withBody := func(call string) bool { return call == "POST" || call == "PUT" }
	endings := map[string]ending{
		"GOAWAY before": {func(c *rawConn, stream uint32) { c.goAway(stream-1, 0) }, withBody}, // without one, it looks like a reset
		"GOAWAY of none, and closed": {func(c *rawConn, _ uint32) {
			c.goAway(0, 0)
			_ = c.CloseWrite()
		}, withBody},
		"GOAWAY after, and closed": {func(c *rawConn, stream uint32) {
			c.goAway(stream, 0)
			_ = c.CloseWrite()
		}, never},
		"GOAWAY for an error": {func(c *rawConn, stream uint32) { c.goAway(stream-1, 2) }, never},
		"closed":              {func(c *rawConn, _ uint32) { _ = c.CloseWrite() }, never},
	}
	for code, name := range resetCodes {
		certain := never
		if name == "REFUSED_STREAM" {
			certain = always
		}
		endings[name] = ending{func(c *rawConn, stream uint32) { c.reset(stream, uint32(code)) }, certain}
	}
	for name, ending := range endings {
		for method, call := range rawCalls {
			for _, retries := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/retries=%t", name, method, retries), func(t *testing.T) {
					t.Parallel()
					var opts []Option
					if !retries {
						opts = []Option{WithoutRetries()}
					}
					server, client := newRawServer(t, func(c *rawConn, stream uint32, _ int) { ending.end(c, stream) }, opts...)
					err := call(t.Context(), client)
					require.Error(t, err)
					certain := method == "GET" || ending.certain(method)
					_, unknown := errors.AsType[*OutcomeUnknownError](err)
					assert.Equal(t, !certain, unknown, "%v", err)
					want := 1
					if certain && retries {
						want = 3
					}
					assert.Equal(t, want, server.count(), "%v", err)
					assert.NotContains(t, err.Error(), "GetBody")
					assert.NotErrorIs(t, err, context.Canceled)
				})
			}
		}
	}
}

// The same once, on a connection that has been used before, and everything
// works afterwards.
func TestHTTP2EndOfOneStream(t *testing.T) {
	t.Parallel()
	endings := map[string]func(c *rawConn, stream uint32){
		"PROTOCOL_ERROR": func(c *rawConn, stream uint32) { c.reset(stream, 1) },
		"REFUSED_STREAM": func(c *rawConn, stream uint32) { c.reset(stream, 7) },
		"CANCEL":         func(c *rawConn, stream uint32) { c.reset(stream, 8) },
		"GOAWAY":         func(c *rawConn, stream uint32) { c.goAway(stream-2, 0) },
		"GOAWAY after":   func(c *rawConn, stream uint32) { c.goAway(stream, 0); c.answer(stream, rawAnswer) },
		"GOAWAY twice": func(c *rawConn, stream uint32) {
			c.goAway(1<<31-1, 0) // a warning, as servers send it
			c.goAway(stream-2, 0)
		},
	}
	again := map[string]bool{ // for the writes
		"REFUSED_STREAM/POST": true, "REFUSED_STREAM/PUT": true, "REFUSED_STREAM/DELETE": true, "REFUSED_STREAM/POST without body": true,
		"GOAWAY/POST": true, "GOAWAY/PUT": true, "GOAWAY twice/POST": true, "GOAWAY twice/PUT": true,
	}
	for name, end := range endings {
		for method, call := range rawCalls {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				server, client := newRawServer(t, func(c *rawConn, stream uint32, n int) {
					if n == 2 {
						end(c, stream)
						return
					}
					c.answer(stream, rawAnswer)
				})
				require.NoError(t, second(client.Tasks.Get(t.Context(), "t1")))
				err := call(t.Context(), client)
				if name == "GOAWAY after" {
					require.NoError(t, err)
					assert.Equal(t, 2, server.count())
					return
				}
				if method == "GET" || again[name+"/"+method] {
					require.NoError(t, err)
					assert.Equal(t, 3, server.count())
				} else {
					_, unknown := errors.AsType[*OutcomeUnknownError](err)
					assert.True(t, unknown, "%v", err)
					assert.Equal(t, 2, server.count())
				}
				require.NoError(t, second(client.Tasks.Get(t.Context(), "t1")), "the client goes on")
			})
		}
	}
}

// net/http sends a write over HTTP/1 again, even with a body, if the pooled
// connection was dead and not a byte has left. However it ends, the reported
// outcome is true.
func TestHTTP1DeadConnection(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	acted := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodPost {
			acted++
		}
		_, _ = io.Copy(w, bytes.NewReader([]byte(rawAnswer)))
	}))
	defer server.Close()
	httpTransport := &http.Transport{}
	defer httpTransport.CloseIdleConnections()
	client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithCredentials("account", "secret"), WithHTTPClient(&http.Client{Transport: httpTransport}), WithoutRetries())
	require.NoError(t, err)
	well := 0
	for range 100 {
		require.NoError(t, second(client.Tasks.Get(t.Context(), "t1")))
		server.CloseClientConnections()
		mu.Lock()
		before := acted
		mu.Unlock()
		err := second(createOne(t.Context(), client))
		_, unknown := errors.AsType[*OutcomeUnknownError](err)
		mu.Lock()
		switch {
		case err == nil:
			well++
			assert.Equal(t, before+1, acted)
		case !unknown:
			assert.Equal(t, before, acted, "%v", err)
		}
		mu.Unlock()
	}
	t.Logf("%d of 100 went well", well)
}

// For that net/http needs a second copy of the body, which it doesn't get over
// HTTP/2.
func TestSecondCopyOfBody(t *testing.T) {
	var copies []bool
	major := 0
	client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		copies = append(copies, req.GetBody != nil)
		resp := response(200, rawAnswer)
		resp.ProtoMajor = major
		return resp, nil
	}))
	for _, major = range []int{1, 2, 1, 0} {
		require.NoError(t, second(createOne(t.Context(), client)))
	}
	assert.Equal(t, []bool{false, true, false, true}, copies, "by the answer before")
}

// A foreign transport may report its connections but not what it sends: then a
// write may have left. Before there is a connection it can't have.
func TestTransportThatTellsLittle(t *testing.T) {
	for name, test := range map[string]struct {
		tell    func(*httptrace.ClientTrace)
		unknown bool
	}{
		"nothing":      {func(*httptrace.ClientTrace) {}, true},
		"a connection": {func(c *httptrace.ClientTrace) { c.GetConn("h:443"); c.GotConn(httptrace.GotConnInfo{}) }, true},
		"a dial":       {func(c *httptrace.ClientTrace) { c.GetConn("h:443") }, false},
	} {
		sent := 0
		client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			sent++
			test.tell(httptrace.ContextClientTrace(req.Context()))
			return nil, io.ErrUnexpectedEOF
		}), WithoutRetries())
		_, unknown := errors.AsType[*OutcomeUnknownError](second(createOne(t.Context(), client)))
		assert.Equal(t, test.unknown, unknown, name)
		assert.Equal(t, 1, sent)
	}
}

// Calls leave nothing behind if the client has a timeout, for which net/http
// runs a goroutine until the body of the response is closed.
func TestCallsLeaveNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rawAnswer) }))
	defer server.Close()
	httpTransport := &http.Transport{}
	client, err := NewClient(WithBaseURL(server.URL+"/v1"), WithCredentials("account", "secret"), WithHTTPClient(&http.Client{Transport: httpTransport, Timeout: time.Hour}))
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	for range 50 {
		require.NoError(t, second(client.Tasks.Get(t.Context(), "t1")))
		require.NoError(t, second(createOne(t.Context(), client)))
	}
	httpTransport.CloseIdleConnections()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
}
