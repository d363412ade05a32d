package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

const (
	// sendGrace is how long an interrupt waits for the response to a submission
	// that is on its way.
	sendGrace = 10 * time.Second

	// recent is how long ago the task may have ended of something that isn't
	// listed yet.
	recent = 10 * time.Minute
)

// entry returns the name of an item's entry in the state. The same state may be
// used to apply the plan to another API.
func entry(i item) string { return entryAt(baseURL(), i) }

func entryAt(url string, i item) string {
	hash := sha256.Sum256([]byte(url + " " + i.String()))
	return fmt.Sprintf("%s-%.40s-%x", i.kind, notPlain.ReplaceAllString(i.name, "_"), hash[:8])
}

var errMissing = fmt.Errorf("it doesn't exist; to create it, give its cloudProviders and databases, and no id: %w", rediscloud.ErrNotFound)

var notPlain = regexp.MustCompile(`[^A-Za-z0-9]`)

// ensure ensures that a thing exists, is active, and matches the plan. It
// returns its id, also with the error if only the last fails.
func ensure[T any](ctx context.Context, a *applier, th thing[T]) (int, error) {
	id, isNew, err := attain(ctx, a, th)
	end := event{Event: eventDone, item: th.item, ID: id}
	if err == nil && !isNew {
		end.Differs, err = reconcile(ctx, a, th, id)
	}
	a.queue.update(th.item, nil)
	switch {
	case errors.Is(err, errUnknown):
		end.Event = eventUnknown
	case stopped(ctx, err):
		end.Event = eventStopped
	case err != nil:
		end.Event = eventFailed
	case end.Differs != nil:
		end.Event, end.Advice = eventDiffers, "change it with -update"
		if a.strict {
			err = &differsError{end.Differs}
		}
	}
	if err != nil {
		err = &itemError{th.item, err}
		end.Error, end.Advice = plain(err.Error()), advice(ctx, err)
	}
	a.out.report(end)
	return id, err
}

// attain finds or creates a thing, and waits until it is active.
func attain[T any](ctx context.Context, a *applier, th thing[T]) (id int, isNew bool, err error) {
	kept, err := a.state.Load(ctx, entry(th.item))
	switch {
	case err != nil:
		return 0, false, a.conclude(ctx, th.item, err)
	case kept == "":
		if id, err := find(ctx, a, th); id != 0 || err != nil {
			return id, false, err
		}
	case a.isIntent(kept):
		a.out.report(event{Event: eventLooking, item: th.item})
	default:
		e := event{Event: eventResumed, item: th.item}
		if task, err := rediscloud.ResumeTask[T](a.client, kept); err == nil {
			e.Task = task.ID()
		}
		a.out.report(e)
	}
	result, err := th.once(ctx, func(ctx context.Context) (*rediscloud.Task[T], error) {
		sending, done := outlive(ctx)
		defer done()
		task, err := th.create(sending)
		if err == nil {
			a.out.report(event{Event: eventSubmitted, item: th.item, Task: task.ID()})
		}
		return task, err
	}, a.watch(th.item)...)
	if err == nil {
		id, _, _ = th.tell(result)
		return id, kept == "", a.state.Remove(context.WithoutCancel(ctx), entry(th.item)) // from now on it is found by name
	}
	return 0, false, a.conclude(ctx, th.item, err)
}

// conclude returns what an error means for an item. While the state has its
// intent, it may or may not have been submitted.
func (a *applier) conclude(ctx context.Context, i item, err error) error {
	ctx = context.WithoutCancel(ctx) // ctx may have ended
	kept, loadErr := a.state.Load(ctx, entry(i))
	_, stuck := errors.AsType[*rediscloud.ProvisionError](err)
	switch {
	case loadErr != nil || a.isIntent(kept):
		return errors.Join(fmt.Errorf("%w: %w", errUnknown, err), loadErr)
	case stuck || errors.Is(err, rediscloud.ErrNotFound): // its task has no more to report
		return errors.Join(err, a.state.Remove(ctx, entry(i)))
	}
	return err
}

func (a *applier) isIntent(kept string) bool {
	_, err := rediscloud.ResumeIntent(a.client, kept)
	return err == nil
}

// find looks for a thing without an entry in the state, by its name and among
// the account's tasks, and waits until it is active: a run that has lost its
// state must not create a second one. If it isn't found, find looks again when
// everything submitted before this run must be listed. The id is 0 if there is
// nothing.
func find[T any](ctx context.Context, a *applier, th thing[T]) (id int, err error) {
	for _, earlier := range a.earlier {
		if <-earlier.taken; earlier.err != nil {
			return 0, earlier.err
		}
		status := ""
		result, err := th.named(ctx)
		switch missing := errors.Is(err, rediscloud.ErrNotFound); {
		case err == nil:
			id, _, status = th.tell(result)
		case missing && th.create == nil:
			return 0, errMissing
		case missing:
			id, err = madeBy(ctx, a, th, earlier.tasks)
		}
		if err != nil {
			return 0, err
		}
		if strings.HasPrefix(status, "delet") {
			return 0, fmt.Errorf("%d is being removed; run it again once it is gone", id)
		}
		if id == 0 {
			continue
		}
		a.out.report(event{Event: eventFound, item: th.item, ID: id, Detail: status})
		opts := a.watch(th.item)
		if th.isNew != nil && (status == "" || th.isNew(result)) {
			opts = append(opts, rediscloud.WithSettling(3*a.settle))
		}
		if _, err = th.await(ctx, id, opts...); err != nil {
			return 0, err
		}
		return id, nil
	}
	return 0, nil
}

// madeBy returns the id of the thing if one of these tasks has created it: it
// waits for each that may.
func madeBy[T any](ctx context.Context, a *applier, th thing[T], tasks []rediscloud.TaskState) (int, error) {
	for i := range tasks {
		task := &tasks[i]
		old := task.Done() && !task.Timestamp.IsZero() && time.Since(task.Timestamp.Time) > recent
		if old || !strings.EqualFold(task.CommandType, th.command) {
			continue
		}
		if !task.Done() {
			a.out.report(event{Event: eventLooking, item: th.item, Task: task.TaskID})
			var err error
			task, err = a.client.WaitForTask(ctx, task)
			if _, failed := errors.AsType[*rediscloud.TaskError](err); err != nil && !failed && !errors.Is(err, rediscloud.ErrNotFound) {
				return 0, err
			}
		}
		if made, err := isBy(ctx, th, task); err != nil || made != 0 {
			return made, err
		}
	}
	return 0, nil
}

// isBy returns the id of the thing if this task has created it, otherwise 0.
func isBy[T any](ctx context.Context, th thing[T], task *rediscloud.TaskState) (int, error) {
	if !task.Done() || task.Failed() || task.Response == nil || task.Response.ResourceID == 0 {
		return 0, nil
	}
	result, err := th.read(ctx, task.Response.ResourceID)
	if errors.Is(err, rediscloud.ErrNotFound) {
		return 0, nil // removed in the meantime, or of another subscription
	}
	if err != nil {
		return 0, err
	}
	if id, name, _ := th.tell(result); name == th.item.name {
		return id, nil
	}
	return 0, nil
}

// outlive returns a context that ends some time after ctx.
func outlive(ctx context.Context) (longer context.Context, done func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(sendGrace, cancel) })
	return longer, func() { stop(); cancel() }
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watch makes a wait report the state of its item.
func (a *applier) watch(i item) []rediscloud.WaitOption {
	last := rediscloud.TaskState{}
	return []rediscloud.WaitOption{
		rediscloud.OnUpdate(func(task *rediscloud.TaskState) {
			a.queue.update(i, task)
			again := task.TaskID == last.TaskID && task.Status == last.Status // the wait for the turn, and then for the resource
			if last = *task; !again && !task.Failed() {
				a.out.report(event{Event: eventStatus, item: i, Task: task.TaskID, Status: statusOf(task), Detail: string(task.Status)})
			}
		}),
		rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
			a.out.report(event{Event: eventStatus, item: i, Status: statusProvisioning, Detail: p.Kind + " is " + p.Status})
		}),
	}
}
