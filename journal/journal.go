package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rediscloud-go/rediscloud"
)

// A Store keeps entries by name. Each entry is a short text without passwords:
// up to 4 KiB of ASCII. [Directory] is a Store of files; one in a database
// takes a few lines. Its methods may be called concurrently. Two processes must
// not use the same name at the same time.
type Store interface {
	// Load returns the entry with a name, or "" if there is none.
	Load(ctx context.Context, name string) (entry string, err error)

	// Save stores an entry, replacing any other with the name. When it returns
	// nil, the entry survives the process and a power failure.
	Save(ctx context.Context, name, entry string) error

	// Remove drops the entry with a name. A missing entry is not an error.
	Remove(ctx context.Context, name string) error
}

// intentPrefix distinguishes the token of an intent from that of a task.
const intentPrefix = "rediscloud-intent-"

// Run makes the write that submit makes, once for the name, and returns its
// result once it is provisioned, like [rediscloud.Task.WaitProvisioned]. The
// package documentation says what it keeps. submit must make exactly one write,
// with the context passed to it, and return its task; it isn't called if an
// earlier run has already made the write.
//
// If the response is lost, Run looks for the task of the write, which takes at
// least 15 s. If the write has certainly created nothing, it is sent again, three
// times in all.
//
// The errors are those of submit and of WaitProvisioned. After a
// [*rediscloud.TaskError], after an error of submit that means the write was
// rejected, and after three lost requests that created nothing, the entry is
// removed; after any other error it stays, and Run can be called again. A
// [*rediscloud.LostTaskError] means that it can't be determined whether an
// earlier run has made the write: check the candidates, then remove the entry,
// or Save the id of the task that it was. The API forgets a task after about ten
// days: the error of a later run then matches [rediscloud.ErrNotFound]. Look for
// the resource by its name, and remove the entry.
func Run[T any](ctx context.Context, store Store, name string, client *rediscloud.Client, submit func(context.Context) (*rediscloud.Task[T], error), opts ...rediscloud.WaitOption) (*T, error) {
	task, err := Start(ctx, store, name, client, submit)
	if err != nil {
		return nil, err
	}
	result, err := task.WaitProvisioned(ctx, opts...)
	return result, forgetFailed(ctx, store, name, err)
}

// RunInTurn is [Run] for a change to a subscription, made as by
// [rediscloud.InTurn]: a change that is rejected only because it came too early
// is submitted again.
func RunInTurn[T any](ctx context.Context, store Store, name string, client *rediscloud.Client, subscriptionID int, submit func(context.Context) (*rediscloud.Task[T], error), opts ...rediscloud.WaitOption) (*T, error) {
	again := false
	result, err := rediscloud.InTurn(ctx, client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[T], error) {
		if again { // what was submitted before came too early
			if err := store.Remove(ctx, name); err != nil {
				return nil, inEntry(name, err)
			}
		}
		again = true
		return Start(ctx, store, name, client, submit)
	}, opts...)
	return result, forgetFailed(ctx, store, name, err)
}

// forgetFailed drops the entry of a task that has failed, and so created
// nothing.
func forgetFailed(ctx context.Context, store Store, name string, err error) error {
	if _, failed := errors.AsType[*rediscloud.TaskError](err); failed {
		return errors.Join(err, inEntry(name, store.Remove(ctx, name)))
	}
	return err
}

// Start is [Run] without the wait: it returns the task as soon as its token is
// stored, whether new or from an earlier run. It is for programs that wait for
// many tasks at once, with [rediscloud.WaitAllProvisioned]. Remove the entry
// of a task that ended in a [*rediscloud.TaskError].
func Start[T any](ctx context.Context, store Store, name string, client *rediscloud.Client, submit func(context.Context) (*rediscloud.Task[T], error)) (*rediscloud.Task[T], error) {
	if ctx == nil || store == nil || submit == nil {
		return nil, errors.New("rediscloud: journal: the context, the store or submit is nil")
	}
	leave, err := enter(ctx, placeOf(store, name))
	if err != nil {
		return nil, inEntry(name, err)
	}
	defer leave()
	entry, err := store.Load(ctx, name)
	switch {
	case err != nil:
		return nil, inEntry(name, err)
	case entry == "":
		return begin(ctx, store, name, client, submit)
	case !strings.HasPrefix(entry, intentPrefix):
		task, err := rediscloud.ResumeTask[T](client, entry)
		return task, inEntry(name, err)
	}
	lost, err := rediscloud.ResumeIntent(client, entry)
	if err != nil {
		return nil, inEntry(name, err)
	}
	task, err := rediscloud.FindTask[T](ctx, lost)
	switch {
	case err == nil:
		return keep(ctx, store, name, task)
	case nothingMade(err):
		return begin(ctx, store, name, client, submit)
	}
	return nil, inEntry(name, err)
}

// maxLost is how many times in all a write is sent that was lost and not
// accepted.
const maxLost = 3

// begin submits the write and stores its token. A write that was lost, and has
// certainly created nothing, is sent again.
func begin[T any](ctx context.Context, store Store, name string, client *rediscloud.Client, submit func(context.Context) (*rediscloud.Task[T], error)) (*rediscloud.Task[T], error) {
	for sent := 1; ; sent++ {
		task, err := once(ctx, store, name, client, submit)
		lost, again := errors.AsType[*lostError](err)
		switch {
		case !again:
			return task, err
		case sent == maxLost:
			err := fmt.Errorf("sent %d times, and created nothing: %w", sent, lost.cause)
			return nil, errors.Join(inEntry(name, err), inEntry(name, store.Remove(context.WithoutCancel(ctx), name)))
		}
	}
}

// A lostError is a write that was lost and has certainly created nothing.
type lostError struct{ cause error }

func (e *lostError) Error() string { return e.cause.Error() }

// once submits the write once.
func once[T any](ctx context.Context, store Store, name string, client *rediscloud.Client, submit func(context.Context) (*rediscloud.Task[T], error)) (*rediscloud.Task[T], error) {
	var intent string
	task, err := submit(rediscloud.OnIntent(ctx, func(token string) error {
		if intent != "" && !refused[T](ctx, client, intent) {
			return errors.New("submit may make only one write")
		}
		intent = token
		return store.Save(ctx, name, token)
	}))
	lost, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	switch {
	case err == nil:
		return keep(ctx, store, name, task)
	case unknown:
		found, missed := rediscloud.FindTask[T](ctx, lost)
		if missed == nil {
			return keep(ctx, store, name, found)
		}
		if nothingMade(missed) {
			return nil, &lostError{lost.Err}
		}
		return nil, inEntry(name, fmt.Errorf("%w; %w", err, missed))
	case intent != "" && refused[T](context.WithoutCancel(ctx), client, intent):
		return nil, errors.Join(err, inEntry(name, store.Remove(context.WithoutCancel(ctx), name)))
	}
	return nil, err
}

// refused reports whether a write of this process was certainly not accepted.
func refused[T any](ctx context.Context, client *rediscloud.Client, intent string) bool {
	lost, err := rediscloud.ResumeIntent(client, intent)
	if err != nil {
		return false
	}
	_, err = rediscloud.FindTask[T](ctx, lost)
	return nothingMade(err)
}

// nothingMade reports whether a write that was searched for has created
// nothing: it wasn't accepted, or its task has failed.
func nothingMade(err error) bool {
	untold, ok := errors.AsType[*rediscloud.LostTaskError](err)
	return errors.Is(err, rediscloud.ErrNotFound) || ok && untold.NothingCreated()
}

// keep stores the token of a task in the entry. ctx may have ended just when
// the response came, which is no reason to lose the token.
func keep[T any](ctx context.Context, store Store, name string, task *rediscloud.Task[T]) (*rediscloud.Task[T], error) {
	if task == nil {
		return nil, inEntry(name, errors.New("submit returned no task"))
	}
	if err := store.Save(context.WithoutCancel(ctx), name, task.Token()); err != nil {
		return nil, inEntry(name, fmt.Errorf("task %s was started: %w", task.ID(), err))
	}
	return task, nil
}

func inEntry(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rediscloud: journal entry %q: %w", name, err)
}

// A place is where an entry is kept. Two values of a Store that isn't a
// Directory may keep their entries in the same place, so they count as one:
// waiting in vain costs less than a write that is made twice.
type place struct{ directory, name string }

func placeOf(store Store, name string) place {
	if d, ok := store.(*Directory); ok {
		if path, err := filepath.Abs(d.path); err == nil {
			if resolved, err := filepath.EvalSymlinks(path); err == nil {
				path = resolved
			}
			return place{path, name}
		}
	}
	return place{name: name}
}

// The entries in use, so that two goroutines don't make one write twice.
var (
	mu    sync.Mutex
	inUse = map[place]chan struct{}{}
)

// enter waits until no other goroutine uses the entry at a place.
func enter(ctx context.Context, at place) (leave func(), err error) {
	for {
		mu.Lock()
		done, busy := inUse[at]
		if !busy {
			done = make(chan struct{})
			inUse[at] = done
			mu.Unlock()
			return func() {
				mu.Lock()
				defer mu.Unlock()
				delete(inUse, at)
				close(done)
			}, nil
		}
		mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
