package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// sendGrace is how long an interrupt waits for the answer to a submission that
// is on its way.
const sendGrace = 10 * time.Second

// ensure sees to it that a thing is there and active, and returns its id. It
// submits the thing at most once, whatever happened to the process before.
func ensure[T any](ctx context.Context, a *applier, th thing[T]) (int, error) {
	id, err := attain(ctx, a, th)
	if err != nil {
		a.queue.leave(th.item)
		status := eventFailed
		if _, unknown := errors.AsType[*unknownError](err); unknown {
			status = eventUnknown
		} else if stopped(ctx, err) {
			status = eventStopped
		}
		a.out.report(event{Event: status, item: th.item, Task: a.state.get(th.item).Task, Error: plain(err.Error()), Advice: advice(ctx, &itemError{th.item, err})})
		if status == eventUnknown {
			return 0, err // which names the item
		}
		return 0, &itemError{th.item, err}
	}
	a.out.report(event{Event: eventDone, item: th.item, ID: id})
	return id, nil
}

func attain[T any](ctx context.Context, a *applier, th thing[T]) (int, error) {
	known := a.state.get(th.item)
	pending := known.Token == "" && !known.Intent.IsZero()
	if err := ctx.Err(); err != nil {
		if pending {
			return 0, &unknownError{th.item, err}
		}
		return 0, err
	}
	if known.Token == "" {
		res, err := th.find(ctx)
		if err == nil && res.id == 0 && pending {
			res, err = lookFor(ctx, a, th, known.Intent)
		}
		switch {
		case err != nil && pending:
			return 0, &unknownError{th.item, err}
		case err != nil:
			return 0, err
		case res.id != 0:
			return adopt(ctx, a, th, res)
		}
	}

	result, err := th.turn(ctx, func(ctx context.Context) (*rediscloud.Task[T], error) {
		token := known.Token
		known.Token = "" // a second turn is a submission of its own
		if token == "" {
			return submit(ctx, a, th)
		}
		task, err := rediscloud.ResumeTask[T](a.client, token)
		if err != nil {
			return nil, err
		}
		a.out.report(event{Event: eventResumed, item: th.item, Task: task.ID()})
		return task, nil
	}, a.watch(th.item)...)
	if err == nil {
		id := th.id(result)
		return id, a.state.put(th.item, entry{Task: a.state.get(th.item).Task, ID: id})
	}
	return recoverFrom(ctx, a, th, err)
}

// adopt takes what is there for the thing, and waits until it is active.
func adopt[T any](ctx context.Context, a *applier, th thing[T], res resource) (int, error) {
	known := a.state.get(th.item)
	if err := a.state.put(th.item, entry{Task: known.Task, ID: res.id}); err != nil {
		return 0, err
	}
	a.out.report(event{Event: eventFound, item: th.item, ID: res.id, Status: res.status})
	if strings.HasPrefix(res.status, "delet") {
		return 0, fmt.Errorf("%d is being removed; run it again once that is gone", res.id)
	}
	return res.id, th.await(ctx, res.id, a.watch(th.item)...)
}

// submit sends the request that creates a thing. The intent is on the disk
// before, the token before anything else happens.
func submit[T any](ctx context.Context, a *applier, th thing[T]) (*rediscloud.Task[T], error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	intent := time.Now().UTC()
	if err := a.state.put(th.item, entry{Intent: intent}); err != nil {
		return nil, err
	}
	sending, done := outlive(ctx, sendGrace)
	defer done()
	task, err := th.make(sending)
	if _, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err); unknown {
		return nil, err
	}
	if err != nil { // surely not accepted
		return nil, errors.Join(err, a.state.drop(th.item))
	}
	if err := a.state.put(th.item, entry{Intent: intent, Token: task.Token(), Task: task.ID()}); err != nil {
		return nil, fmt.Errorf("it was submitted as task %s, but %w", task.ID(), err)
	}
	a.out.report(event{Event: eventSubmitted, item: th.item, Task: task.ID()})
	return task, nil
}

// outlive returns a context that ends some time after ctx.
func outlive(ctx context.Context, grace time.Duration) (context.Context, func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() {
		stop()
		cancel()
	}
}

// recoverFrom makes the best of an error of submitting or waiting.
func recoverFrom[T any](ctx context.Context, a *applier, th thing[T], err error) (int, error) {
	_, lost := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	_, failed := errors.AsType[*rediscloud.TaskError](err)
	provision, _ := errors.AsType[*rediscloud.ProvisionError](err)
	stuck := provision != nil && provision.Kind == th.item.kind // not what the thing is in
	wait, _ := errors.AsType[*rediscloud.WaitError](err)
	switch {
	case lost:
		if ctx.Err() != nil {
			return 0, &unknownError{th.item, err}
		}
		a.out.report(event{Event: eventLooking, item: th.item, Error: plain(err.Error())})
		res, lookErr := lookFor(ctx, a, th, a.state.get(th.item).Intent)
		if lookErr != nil || res.id == 0 {
			return 0, &unknownError{th.item, errors.Join(err, lookErr)}
		}
		return adopt(ctx, a, th, res)

	case failed || stuck:
		// A task that failed made nothing; what is stuck is found by its name.
		return 0, errors.Join(err, a.state.drop(th.item))

	case wait != nil && wait.TaskID != "" && errors.Is(err, rediscloud.ErrNotFound):
		// The API has forgotten the task, or it is of another account.
		res, findErr := th.find(ctx)
		if findErr == nil && res.id != 0 {
			return adopt(ctx, a, th, res)
		}
		// The next run looks for it first, and submits it if there is nothing.
		putErr := a.state.put(th.item, entry{Intent: a.state.get(th.item).Intent})
		return 0, &unknownError{th.item, errors.Join(err, findErr, putErr)}
	}
	return 0, err
}

// clockMargin is how far the clocks of this machine and of the API may differ.
const clockMargin = time.Minute

// lookFor looks for what a submission of unknown outcome has made: by its name,
// and among the tasks. While any task is running that may be the one, it waits:
// only the name of what comes out tells. A new task takes a moment to be
// listed, so that nothing is taken for granted before the settle time is over.
func lookFor[T any](ctx context.Context, a *applier, th thing[T], since time.Time) (resource, error) {
	a.out.report(event{Event: eventLooking, item: th.item})
	for began := time.Now(); ; {
		running, completed, err := candidates(ctx, a, since.Add(-clockMargin))
		if err != nil {
			return resource{}, err
		}
		if res, err := th.find(ctx); err != nil || res.id != 0 {
			return res, err
		}
		for _, made := range completed {
			res, err := th.read(ctx, made)
			if err == nil && res.name == th.item.name {
				return res, nil
			}
			if err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
				return resource{}, err
			}
		}
		switch {
		case running != nil:
			a.out.report(event{Event: eventLooking, item: th.item, Task: running.TaskID})
			_, err := a.client.WaitForTask(ctx, running)
			if _, failed := errors.AsType[*rediscloud.TaskError](err); err != nil && !failed && !errors.Is(err, rediscloud.ErrNotFound) {
				return resource{}, err
			}
			continue
		case time.Since(began) >= a.settle:
			return resource{}, nil
		}
		if err := pause(ctx, min(time.Second, a.settle)); err != nil {
			return resource{}, err
		}
	}
}

// candidates returns a task that may be the one of a lost submission and isn't
// done, and what such tasks have made since.
func candidates(ctx context.Context, a *applier, since time.Time) (running *rediscloud.TaskState, completed []*rediscloud.TaskResponse, err error) {
	for task, err := range a.client.Tasks.All(ctx) {
		switch {
		case err != nil:
			return nil, nil, err
		case a.state.hasTask(task.TaskID) || !strings.Contains(strings.ToLower(task.CommandType), "create"):
		case !task.Done():
			running = task
		case !task.Failed() && task.Response != nil && task.Response.ResourceID != 0 && (task.Timestamp.IsZero() || task.Timestamp.After(since)):
			completed = append(completed, task.Response)
		}
	}
	return running, completed, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watch makes a wait for an item report how far it is.
func (a *applier) watch(i item) []rediscloud.WaitOption {
	return []rediscloud.WaitOption{
		rediscloud.OnUpdate(func(task *rediscloud.TaskState) {
			a.queue.update(i, task)
			if !task.Failed() {
				a.out.report(event{Event: eventStatus, item: i, Task: task.TaskID, Status: string(task.Status)})
			}
		}),
		rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
			status := p.Status
			if p.Kind != i.kind {
				status = p.Kind + " is " + status
			}
			a.out.report(event{Event: eventStatus, item: i, Status: status})
		}),
	}
}
