package rediscloud

import (
	"context"
	"errors"
	"iter"
	"time"
)

// A Task is a handle on an operation that the API has accepted and that yields
// a T. It never changes: any number of goroutines may wait on it, any number of
// times, and a wait that ends early can be taken up again.
type Task[T any] struct {
	client    *Client
	state     TaskState // as submitted
	submitted time.Time // zero if not known
	out       outcome
}

func newTask[T any](c *Client, state *TaskState, out outcome) *Task[T] {
	return &Task[T]{client: c, state: *state, submitted: time.Now(), out: out}
}

var errNoTask = errors.New("rediscloud: the task is nil; tasks come from the methods of the services and from ResumeTask")

func (t *Task[T]) ready(ctx context.Context) error {
	if t == nil || t.client == nil {
		return errNoTask
	}
	return t.client.usable(ctx)
}

func (t *Task[T]) reference() (*TaskState, time.Time) {
	if t == nil {
		return nil, time.Time{}
	}
	state := t.state
	return &state, t.submitted
}

// ID returns the task's id.
func (t *Task[T]) ID() string {
	if t == nil {
		return ""
	}
	return t.state.TaskID
}

// Submitted returns the state with which the API answered the request. Of a
// resumed task only the id is known.
func (t *Task[T]) Submitted() *TaskState {
	state, _ := t.reference()
	return state
}

// Poll reads the task's state once. A task that was just submitted may be
// ErrNotFound for a moment.
//
// API: GET /tasks/{taskId}
func (t *Task[T]) Poll(ctx context.Context) (*TaskState, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	return t.client.Tasks.Get(ctx, t.ID())
}

// Wait waits until the task is processed, and returns its result: the resource
// that the task names, read by its link or its id, or the document that the
// task carries. A resource that was just created is usually still "pending";
// to have it usable, call WaitProvisioned.
//
// The errors are those of Client.WaitForTask. When the result can't be read,
// the *WaitError holds the completed state, and with it the id of what was made.
//
// API: GET /tasks/{taskId}, and the read of the resource
func (t *Task[T]) Wait(ctx context.Context, opts ...WaitOption) (*T, error) {
	w, err := t.begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	if _, err := w.processed(ctx); err != nil {
		return nil, err
	}
	return resolve[T](ctx, w, t.out)
}

// WaitProvisioned waits until the task is processed, and then until its
// resource is usable, or gone if the task removes it. For a result that has no
// such states it does what Wait does.
//
// Beyond the errors of Wait, a resource that fails, or that waits for a person,
// ends it with a *ProvisionError; see WithWaitForPerson.
//
// API: GET /tasks/{taskId}, and the read of the resource
func (t *Task[T]) WaitProvisioned(ctx context.Context, opts ...WaitOption) (*T, error) {
	w, err := t.begin(ctx, opts)
	if err != nil {
		return nil, err
	}
	if _, err := w.processed(ctx); err != nil {
		return nil, err
	}
	k := kinds[firstOf(t.out.Kind, typeName[T]())]
	if k.member == "" && !t.out.Gone || t.out.watched().Path == "" {
		return resolve[T](ctx, w, t.out)
	}
	doc, err := w.provisioned(ctx, t.out, k)
	if err != nil {
		return nil, err
	}
	if t.out.Watch.Path != "" {
		return resolve[T](ctx, w, t.out)
	}
	result := new(T)
	if err := w.decode(doc, result); err != nil {
		return nil, w.failure(err)
	}
	return result, nil
}

func (t *Task[T]) begin(ctx context.Context, opts []WaitOption) (*wait, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	return t.client.newWait(ctx, t, opts)
}

// Updates iterates over the states of the task, from the one that it was
// submitted with to the one that it ends in; states that are the same as the
// one before are left out. An error comes last, with the last state seen: a
// *TaskError if the task failed, a *WaitError if the wait did. Leaving the loop
// ends the wait.
//
// API: GET /tasks/{taskId}
func (t *Task[T]) Updates(ctx context.Context, opts ...WaitOption) iter.Seq2[*TaskState, error] {
	return func(yield func(*TaskState, error) bool) {
		if err := t.ready(ctx); err != nil {
			yield(nil, err)
			return
		}
		watching, leave := context.WithCancel(ctx)
		defer leave()
		left := false
		show := OnUpdate(func(state *TaskState) {
			if !left && !state.Failed() && !yield(state, nil) {
				left = true
				leave()
			}
		})
		state, err := t.client.WaitForTask(watching, t, append(opts[:len(opts):len(opts)], show)...)
		if err != nil && !left {
			yield(state, err)
		}
	}
}
