package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// An AnyTask is a task of any type: a [*Task], or a [*TaskState] that a response
// was decoded into.
type AnyTask interface {
	reference() *TaskState
}

func (s *TaskState) reference() *TaskState { return s }

// WaitForTask waits until a task is processed, and returns its final state. It
// polls the task's own link, or GET /tasks/{taskId} if the link points away from
// the client's base URL.
//
// If the task failed, the error is a [*TaskError]. Anything else that ends the
// wait is a [*WaitError]: ctx, a response that can't change (401, 403 and most
// other 4xx, a 404 that outlasts its grace), or more failures than
// [WithMaxPollFailures] allows. The last state seen is returned in any case; it
// is nil only if task is nil. There is no timeout except for that of ctx.
//
// To wait for a task of which only the id is known, use [ResumeTask], or a
// TaskState with that TaskID.
//
// API: GET /tasks/{taskId}
func (c *Client) WaitForTask(ctx context.Context, task AnyTask, opts ...WaitOption) (*TaskState, error) {
	w, err := c.newWait(ctx, task, opts)
	if err != nil {
		return nil, err
	}
	return w.processed(ctx)
}

// WaitForTasks waits until all of the tasks are processed. It returns the last
// state seen of each, in the order of the tasks, and the joined errors of those
// that failed or whose wait did. For tasks of one type, [WaitAll] returns what
// they yield.
//
// API: GET /tasks/{taskId}
func (c *Client) WaitForTasks(ctx context.Context, tasks []AnyTask, opts ...WaitOption) ([]*TaskState, error) {
	return all(tasks, func(task AnyTask) (*TaskState, error) { return c.WaitForTask(ctx, task, opts...) })
}

// A wait is one caller's wait: for a task, and then perhaps for its resource.
type wait struct {
	client      *Client
	config      waitConfig
	began       time.Time
	last        *TaskState
	submittedAt time.Time // the server's time of the state that the wait began with
	polls       failures
	resource    string // its path, once it is read
	status      string // the last one seen
	sawStatus   bool
	readySince  time.Time // without interruption
}

func (c *Client) newWait(ctx context.Context, task AnyTask, opts []WaitOption) (*wait, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	if isNil(task) {
		return nil, errors.New("rediscloud: the task is nil")
	}
	state := task.reference()
	if state == nil || state.TaskID == "" {
		return nil, errors.New("rediscloud: the task has no id")
	}
	if err := checkTaskID(state.TaskID); err != nil {
		return nil, fmt.Errorf("rediscloud: %w", err)
	}
	config := c.wait.with(opts)
	if config.err != nil {
		return nil, config.err
	}
	return &wait{client: c, config: config, last: state, submittedAt: state.Timestamp.Time, began: time.Now()}, nil
}

// processed waits for the end of the task.
func (w *wait) processed(ctx context.Context) (*TaskState, error) {
	id := w.last.TaskID
	if w.last.Status != "" {
		w.tell(w.last)
	}
	if !w.last.Done() {
		if err := w.follow(ctx); err != nil {
			return w.last, w.failure(err)
		}
	}
	w.polls = failures{inAll: w.polls.inAll, last: w.polls.last}
	if w.last.Failed() {
		return w.last, newTaskError(id, w.last)
	}
	return w.last, nil
}

// follow follows the task until it is done.
func (w *wait) follow(ctx context.Context) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	waiter := w.client.engine.join(w.client.tasksGroup(w.config.cadence), w.last.TaskID, observation{state: w.last}) //nolint:contextcheck // the engine is for all waits
	defer waiter.leave()
	for {
		fresh, polls, err := waiter.await(ctx)
		if err != nil {
			return err
		}
		for _, seen := range fresh {
			if changed(w.last, seen.state) {
				w.tell(seen.state)
			}
			w.last = seen.state
		}
		w.polls = polls
		if w.last.Done() {
			return nil
		}
		if polls.last != nil && w.givesUp() {
			return polls.last
		}
	}
}

// givesUp reports whether the polls that have failed end the wait.
func (w *wait) givesUp() bool {
	p := w.polls
	if !transient(p.last) || w.config.maxFailures > 0 && p.inARow > w.config.maxFailures {
		return true
	}
	return !p.missing.IsZero() && time.Since(p.missing) >= w.config.grace
}

// transient reports whether another poll may succeed.
func transient(err error) bool {
	if errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden) {
		return false
	}
	answer, ok := errors.AsType[*APIError](err)
	if !ok {
		return true // also a certificate that is refused: it may be renewed
	}
	switch answer.StatusCode {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests, statusClientClosed:
		return true
	}
	return answer.StatusCode < 400 || answer.StatusCode >= 500
}

// taskCall is the call that reads a task: by its link, if that may be followed.
func (c *Client) taskCall(state *TaskState) call {
	poll := get("/tasks/{taskId}", state.TaskID)
	if link, ok := state.Links.Get(RelTask); ok {
		if path, ok := within(c.transport.base, link.Href); ok {
			poll.path = path
		}
	}
	return poll
}

// changed reports whether two states of a task differ for a reader.
func changed(a, b *TaskState) bool {
	return a.Status != b.Status || a.Description != b.Description || !a.Timestamp.Equal(b.Timestamp.Time)
}

func (w *wait) tell(state *TaskState) {
	for _, f := range w.config.onUpdate {
		f(state)
	}
}

// failure is the error of a wait that err has ended.
func (w *wait) failure(err error) error {
	return &WaitError{
		TaskID:      w.last.TaskID,
		Last:        w.last,
		Resource:    w.resource,
		Status:      w.status,
		Elapsed:     time.Since(w.began),
		FailedPolls: w.polls.inAll,
		LastPollErr: w.polls.last,
		Err:         err,
	}
}

// Wait waits until the task is processed, and returns its result: the resource
// that the task names, as the service's Get returns it (a database with its
// password), or the document in the task. A resource that was just created is
// usually still "pending": call [Task.WaitProvisioned] to wait until it is
// usable.
//
// The errors are those of [Client.WaitForTask]. If the result can't be read, the
// [*WaitError] holds the completed state, and with it the id of the resource.
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
	return resolve[T](ctx, w, t.out, t.kind)
}

// WaitProvisioned waits until the task is processed, and then until its resource
// is usable, or gone if the task deletes it. It returns the resource as the
// service's Get does, a database with its password. For a result without such
// states it is the same as [Task.Wait].
//
// Its errors are those of Wait, and a [*ProvisionError] if the resource fails or
// needs manual action; see [WithWaitForAction].
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
	k := t.out.judgedBy(t.kind)
	if k.member == "" && !t.out.Gone || t.out.watched().Path == "" {
		return resolve[T](ctx, w, t.out, t.kind)
	}
	doc, err := w.provisioned(ctx, &judge{kind: k, source: t.out, changes: true})
	if err != nil {
		return nil, err
	}
	if t.out.Watch.Path != "" {
		return resolve[T](ctx, w, t.out, t.kind)
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

// Updates iterates over the states of the task, from the first to the last,
// without repetitions. An error comes last, with the last state seen: a
// [*TaskError] if the task failed, a [*WaitError] if the wait did. Leaving the
// loop ends the wait.
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
