package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// WaitAll waits until all of the tasks are processed, and returns what they
// yield, in the order of the tasks: it is [Task.Wait] for many tasks. All waits
// of a client share their polls, so a hundred cost about as much as one.
//
// A failure ends the wait for its own task only. The errors are joined, and
// each names its task; the result of a failed task is nil. errors.Is and
// errors.AsType find the first error of a kind, and Unwrap() []error returns
// all of them.
//
// API: GET /tasks/{taskId}
func WaitAll[T any](ctx context.Context, tasks []*Task[T], opts ...WaitOption) ([]*T, error) {
	return all(tasks, func(task *Task[T]) (*T, error) { return task.Wait(ctx, opts...) })
}

// WaitAllProvisioned is [WaitAll] for resources that must be usable: it waits
// until all of them are provisioned, as [Task.WaitProvisioned] does for one.
//
// API: GET /tasks/{taskId}
func WaitAllProvisioned[T any](ctx context.Context, tasks []*Task[T], opts ...WaitOption) ([]*T, error) {
	return all(tasks, func(task *Task[T]) (*T, error) { return task.WaitProvisioned(ctx, opts...) })
}

// all waits for all tasks concurrently, and returns when the last wait has
// ended.
func all[A AnyTask, R any](tasks []A, wait func(A) (*R, error)) ([]*R, error) {
	results, errs := make([]*R, len(tasks)), make([]error, len(tasks))
	var group sync.WaitGroup
	var panics panicked
	for i, task := range tasks {
		group.Go(func() {
			defer panics.keep()
			if isNil(task) {
				errs[i] = fmt.Errorf("rediscloud: tasks[%d] is nil", i)
				return
			}
			results[i], errs[i] = wait(task)
		})
	}
	group.Wait()
	panics.again()
	return results, errors.Join(errs...)
}

// panicked carries a panic of a callback from the goroutine of its wait to the
// caller, who can recover it.
type panicked struct {
	once  sync.Once
	value any
}

func (p *panicked) keep() {
	if value := recover(); value != nil {
		p.once.Do(func() { p.value = value })
	}
}

func (p *panicked) again() {
	if p.value != nil {
		panic(p.value)
	}
}
