package rediscloud

import (
	"context"
	"errors"
)

// A Task is a handle on an operation that the API has accepted and that yields
// a T. It is immutable: any number of goroutines may wait on it, any number of
// times, and a wait that ends early can be resumed.
type Task[T any] struct {
	client *Client
	state  TaskState // as submitted
	out    source
	kind   *kind
}

func newTask[T any](c *Client, state *TaskState, out outcome[T]) *Task[T] {
	return &Task[T]{client: c, state: *state, out: out.source, kind: out.kind.kind}
}

var errNoTask = errors.New("rediscloud: the task is nil; tasks come from the methods of the services and from ResumeTask")

func (t *Task[T]) ready(ctx context.Context) error {
	if t == nil || t.client == nil {
		return errNoTask
	}
	return t.client.usable(ctx)
}

func (t *Task[T]) reference() *TaskState {
	if t == nil {
		return nil
	}
	state := t.state
	return &state
}

// ID returns the task's id.
func (t *Task[T]) ID() string {
	if t == nil {
		return ""
	}
	return t.state.TaskID
}

// Submitted returns the state in the API's response to the request. For a
// resumed task only the id is known.
func (t *Task[T]) Submitted() *TaskState {
	return t.reference()
}

// Poll reads the task's state once. The error for a task that was just
// submitted may be [ErrNotFound] for a moment.
//
// API: GET /tasks/{taskId}
func (t *Task[T]) Poll(ctx context.Context) (*TaskState, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	return t.client.Tasks.Get(ctx, t.ID())
}
