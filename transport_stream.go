package rediscloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// leave leaves the body of a response to the caller. The resources of the
// attempt are released when the body is closed or at its end.
func (x *exchange) leave(resp *http.Response, release func()) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	resp.Body = &unreadBody{ctx: x.ctx, call: x.call, body: resp.Body, release: release, http1: resp.ProtoMajor == 1, length: resp.ContentLength}
	x.hide(resp.Header, nil)
	x.note(resp, nil)
}

// An unreadBody is the body of a response that hasn't been read yet.
type unreadBody struct {
	ctx     context.Context // the caller's; it bounds the reads
	call    call
	body    io.ReadCloser
	release func()
	http1   bool
	length  int64 // -1 if unknown
	read    int64
}

// Read reads from the body. An error other than io.EOF names the request.
func (b *unreadBody) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, b.failure(contextError(b.ctx))
	}
	n, err := b.body.Read(p)
	b.read += int64(n)
	if err == nil {
		return n, nil
	}
	if err == io.EOF { //nolint:errorlint // a wrapped one is a failure
		b.release()
		return n, io.EOF
	}
	if b.ctx.Err() != nil {
		err = contextError(b.ctx)
	}
	return n, b.failure(err)
}

func (b *unreadBody) failure(err error) error {
	b.release()
	return fmt.Errorf("rediscloud: %s: reading the response: %w", b.call, err)
}

// Close closes the body. It may be called while another goroutine reads.
func (b *unreadBody) Close() error {
	b.release()
	return b.body.Close()
}

// stream sends a call once and returns the body of the response unread, for
// callers that need only its beginning. The timeout of an attempt includes the
// reading.
func (t *transport) stream(ctx context.Context, call call) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.attemptTimeout, &timeoutError{after: t.attemptTimeout})
	var body io.ReadCloser
	call.stream = &body
	if _, err := t.do(ctx, call, noRetries); err != nil {
		cancel()
		return nil, err
	}
	return &cutBody{ReadCloser: body, cancel: cancel}, nil
}

// A cutBody is a body that may be closed before its end.
type cutBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// cheapRest is how much unwanted data is read if the connection would be lost
// otherwise: about the cost of a new one with TLS.
const cheapRest = 8 << 10

// Close cuts off the body. Over HTTP/2 that is one frame; HTTP/1.1 can't reuse
// the connection unless the rest is read, which is worthwhile if it is short.
func (b *cutBody) Close() error {
	defer b.cancel()
	if body, ok := b.ReadCloser.(*unreadBody); ok && body.http1 && body.length-body.read <= cheapRest {
		_, _ = io.CopyN(io.Discard, body, cheapRest) // a failure costs only the connection
	}
	return b.ReadCloser.Close()
}
