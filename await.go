package rediscloud

import (
	"context"
	"time"
)

// await waits until a resource that no task leads to is ready, and returns it.
func await[T any](ctx context.Context, c *Client, read call, opts []WaitOption) (*T, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	if read.err != nil {
		return nil, read.failed()
	}
	config := c.wait.with(opts)
	if config.err != nil {
		return nil, config.err
	}
	w := &wait{client: c, config: config, last: &TaskState{}, began: time.Now()}
	doc, err := w.provisioned(ctx, outcome{Read: place{Path: read.path}}, kinds[typeName[T]()])
	if err != nil {
		return nil, err
	}
	result := new(T)
	if err := w.decode(doc, result); err != nil {
		return nil, w.failure(err)
	}
	return result, nil
}
