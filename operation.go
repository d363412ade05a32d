package rediscloud

import (
	"context"
	"fmt"
	"io"
)

// A method of a service is one expression: a call, and one of these functions,
// which carries it out.

// fetch runs a synchronous call and decodes the document in the response. With
// T = None the document is ignored.
func fetch[T any](ctx context.Context, c *Client, call call) (*T, error) {
	answer, err := c.roundTrip(ctx, call)
	if err != nil {
		return nil, err
	}
	doc, err := decode[T](answer)
	if err != nil {
		return nil, unusable(call, answer, err)
	}
	noteUnread(ctx, answer)
	return doc, nil
}

// noteUnread records what could not be read of a response, or of a part of it,
// where [WithCaptureResponse] asks for it.
func noteUnread(ctx context.Context, answer *Response) {
	if capture, ok := ctx.Value(captureKey{}).(*Response); ok && capture != nil {
		capture.Unread = answer.Unread
	}
}

// run is fetch for a call whose response has no document.
func run(ctx context.Context, c *Client, call call) error {
	_, err := fetch[None](ctx, c, call)
	return err
}

// fetchElement reads a list and decodes the element with an id. It reads
// resources that have no read operation of their own. If the list lacks the
// element, the error is ErrNotFound.
func fetchElement[T any](ctx context.Context, c *Client, k kindOf[T], call call, id int) (*T, error) {
	if call.err == nil && id <= 0 {
		call.err = fmt.Errorf("the id of the %s must be positive, not %d", k.noun, id)
	}
	answer, err := c.roundTrip(ctx, call)
	if err != nil {
		return nil, err
	}
	doc, err := k.element(answer.Body, place{Path: call.path, ID: id})
	if err != nil {
		return nil, err
	}
	part := &Response{Body: doc}
	element, err := decode[T](part)
	if err != nil {
		return nil, unusable(call, answer, err)
	}
	noteUnread(ctx, part)
	return element, nil
}

// download runs a call whose response is a file, and returns its body unread.
// The caller must close it.
func download(ctx context.Context, c *Client, call call) (io.ReadCloser, error) {
	var body io.ReadCloser
	call.accept, call.stream = "*/*", &body
	if _, err := c.roundTrip(ctx, call); err != nil {
		return nil, err
	}
	return body, nil
}

// submit runs a call that starts a task.
func submit[T any](ctx context.Context, c *Client, call call, out outcome[T]) (*Task[T], error) {
	if call.err == nil {
		call.err = out.err
	}
	out.Want = call.want
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	write := newLostWrite(c, call, out.source, out.kind.kind)
	if call.err == nil {
		if err := write.announce(ctx); err != nil {
			return nil, err
		}
	}
	answer, err := c.roundTrip(ctx, call)
	if err != nil {
		return nil, write.failed(err)
	}
	state, err := decode[TaskState](answer)
	if err != nil {
		return nil, write.failed(unusable(call, answer, err))
	}
	c.submitted.add(state.TaskID)
	write.answered(state)
	return newTask(c, state, out), nil
}
