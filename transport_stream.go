package rediscloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// leave leaves the body of an answer to the caller. What the attempt holds is
// released when the body is closed or at its end.
func (x *exchange) leave(resp *http.Response, release func()) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	resp.Body = &unreadBody{ctx: x.ctx, call: x.call, body: resp.Body, release: release}
	x.hide(resp.Header, nil)
	x.note(resp, nil)
}

// An unreadBody is the body of an answer on its way.
type unreadBody struct {
	ctx     context.Context // the caller's: its end is that of the body
	call    call
	body    io.ReadCloser
	release func()
}

// Read reads on. An error other than io.EOF says what was being read.
func (b *unreadBody) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, b.failure(contextError(b.ctx))
	}
	n, err := b.body.Read(p)
	if err == nil {
		return n, nil
	}
	if err == io.EOF { //nolint:errorlint // wrapped, it would be a failure
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
	return fmt.Errorf("rediscloud: %s: reading the answer: %w", b.call, err)
}

// Close ends the reading. It may be called while another goroutine reads.
func (b *unreadBody) Close() error {
	b.release()
	return b.body.Close()
}
