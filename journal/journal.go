package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/rediscloud-go/rediscloud"
)

// A Store keeps entries by their names. Each is a short text that holds no
// password: up to 4 KiB of ASCII. Dir is a Store of files; one of a database is
// a few lines. Its methods may be called by several goroutines at once. Two
// processes must not use one name at the same time.
type Store interface {
	// Load returns the entry of a name, "" if there is none.
	Load(ctx context.Context, name string) (entry string, err error)

	// Save keeps an entry in place of any other of the name. When it returns
	// nil, the entry outlives the process and the machine's power.
	Save(ctx context.Context, name, entry string) error

	// Remove drops the entry of a name. That there is none is no error.
	Remove(ctx context.Context, name string) error
}

// intentPrefix tells the token of an intent from that of a task.
const intentPrefix = "rediscloud-intent-"

// Run makes the write that submit makes, once for the name, and returns its
// result once it is provisioned, as Task.WaitProvisioned does. See the package
// for what it keeps. submit makes exactly one write, with the context that it
// is given, and returns its task; it isn't called if an earlier run has made
// the write already.
//
// The errors are those of submit and of WaitProvisioned. After a *TaskError, and
// after an error of submit by which the write was refused, there is no entry
// any more, since nothing was made; after all others it stays, and Run can be
// called again. If it is a *rediscloud.LostTaskError, it can't be told whether an
// earlier run has made the write: look at the candidates, then remove the entry,
// or Save the token of the task that it was.
func Run[T any](ctx context.Context, store Store, name string, client *rediscloud.Client, submit func(context.Context) (*rediscloud.Task[T], error), opts ...rediscloud.WaitOption) (*T, error) {
	task, err := Start(ctx, store, name, client, submit)
	if err != nil {
		return nil, err
	}
	result, err := task.WaitProvisioned(ctx, opts...)
	return result, forgetFailed(ctx, store, name, err)
}

// RunInTurn is Run for a change to a subscription, which it makes as
// rediscloud.InTurn does: a change that is refused only because it came too
// early is submitted again.
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

// forgetFailed drops the entry of a task that has failed, and so made nothing.
func forgetFailed(ctx context.Context, store Store, name string, err error) error {
	if _, failed := errors.AsType[*rediscloud.TaskError](err); failed {
		return errors.Join(err, inEntry(name, store.Remove(ctx, name)))
	}
	return err
}

// Start is Run without the wait: it returns the task as soon as its token is
// kept, be it a new one or that of an earlier run. It is for programs that wait
// for many tasks at once, with Client.WaitForTasks. Drop the entry of a task that
// ended in a *TaskError.
func Start[T any](ctx context.Context, store Store, name string, client *rediscloud.Client, submit func(context.Context) (*rediscloud.Task[T], error)) (*rediscloud.Task[T], error) {
	if ctx == nil || store == nil || submit == nil {
		return nil, errors.New("rediscloud: journal: the context, the store or submit is nil")
	}
	leave, err := enter(ctx, name)
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

// begin submits.
func begin[T any](ctx context.Context, store Store, name string, client *rediscloud.Client, submit func(context.Context) (*rediscloud.Task[T], error)) (*rediscloud.Task[T], error) {
	var intent string
	task, err := submit(rediscloud.OnIntent(ctx, func(token string) error {
		if intent != "" && !refused[T](ctx, client, intent) {
			return errors.New("it is the second one, and an entry keeps one")
		}
		intent = token
		return store.Save(ctx, name, token)
	}))
	if lost, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err); unknown {
		found, missed := rediscloud.FindTask[T](ctx, lost)
		if missed == nil {
			return keep(ctx, store, name, found)
		}
		if !nothingMade(missed) {
			return nil, inEntry(name, fmt.Errorf("%w; %w", err, missed))
		}
	} else if err == nil {
		return keep(ctx, store, name, task)
	} else if intent == "" || !refused[T](context.WithoutCancel(ctx), client, intent) {
		return nil, err
	}
	return nil, errors.Join(err, inEntry(name, store.Remove(context.WithoutCancel(ctx), name)))
}

// refused reports whether a write of this process was surely not accepted.
func refused[T any](ctx context.Context, client *rediscloud.Client, intent string) bool {
	lost, err := rediscloud.ResumeIntent(client, intent)
	if err != nil {
		return false
	}
	_, err = rediscloud.FindTask[T](ctx, lost)
	return nothingMade(err)
}

// nothingMade reports whether a write that was looked for has made nothing: it
// wasn't accepted, or whatever its task was, it failed.
func nothingMade(err error) bool {
	untold, ok := errors.AsType[*rediscloud.LostTaskError](err)
	return errors.Is(err, rediscloud.ErrNotFound) || ok && untold.NothingCreated()
}

// keep puts the token of a task into the entry. ctx may have ended just when the
// answer came, which is no reason to lose it.
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

// The names that are in use, so that two goroutines don't make one write twice.
var (
	mu    sync.Mutex
	inUse = map[string]chan struct{}{}
)

// enter waits until no other goroutine is at the entry of a name.
func enter(ctx context.Context, name string) (leave func(), err error) {
	for {
		mu.Lock()
		done, busy := inUse[name]
		if !busy {
			done = make(chan struct{})
			inUse[name] = done
			mu.Unlock()
			return func() {
				mu.Lock()
				defer mu.Unlock()
				delete(inUse, name)
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
