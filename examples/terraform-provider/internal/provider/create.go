package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rediscloud-go/rediscloud"
)

// defaultTimeout is for each operation of a resource whose timeouts say nothing.
const defaultTimeout = 30 * time.Minute

// findTimeout bounds the search for a task whose id was lost on the way.
const findTimeout = 20 * time.Second

// A creation is what there is to know of a create, which yields a T.
type creation[T any] struct {
	*connection
	what     string // as messages call it
	name     string
	parent   int // the subscription or 0
	timeouts timeouts.Value

	submit func(context.Context) (*rediscloud.Task[T], error)
	inTurn bool                                  // changes of the parent exclude each other
	is     func(*T) bool                         // tells ours from others
	amend  func(context.Context, *T) (*T, error) // makes it what is planned now, if it was begun in an earlier run; may be nil
	finish func(context.Context, *T) error       // what remains to be done; may be nil
	save   func(context.Context, *T) diag.Diagnostics
}

// A running creation is one on its way.
type running[T any] struct {
	creation[T]
	entry *entry
	resp  *resource.CreateResponse
	blank tftypes.Value // the state while nothing is known but the task
	token string        // of the task; "" while there is none

	forgotten bool // an earlier run's task can't be followed any more
	lost      bool // the request may have been accepted, and its task isn't found
}

// create runs a create such that whatever ends it, nothing is lost and nothing is made twice: the token of the task is in the
// journal as soon as there is one, and what is known of the resource is in the state that Terraform gets at the end.
func create[T any](ctx context.Context, c creation[T], req resource.CreateRequest, resp *resource.CreateResponse) {
	timeout, diags := c.timeouts.Create(ctx, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	blank, err := withoutUnknowns(req.Plan.Raw)
	if err != nil {
		resp.Diagnostics.AddError("The plan can't be read", err.Error())
		return
	}
	entry, err := c.journal.open(c.what, c.parent, c.name)
	if err != nil {
		resp.Diagnostics.AddError("No place to remember the create", fmt.Sprintf("Nothing has been created. Set task_dir of the provider to a directory that can be written to: %v.", err))
		return
	}
	r := &running[T]{creation: c, entry: entry, resp: resp, blank: blank}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	made, err := r.run(limited)

	var failed *rediscloud.TaskError
	switch {
	case err == nil:
		entry.remove()
	case r.lost:
		entry.release() // with the intent, by which the next create looks for the task
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(problem("create "+c.what+" "+c.name, err))
	case r.token == "", !made && errors.As(err, &failed):
		entry.remove()
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(problem("create "+c.what+" "+c.name, err))
	case r.forgotten:
		entry.release()
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(problem("create "+c.what+" "+c.name, err))
	case ctx.Err() != nil:
		// Terraform is being stopped. An error would taint the resource, and have it replaced by the next apply: with a warning
		// it is kept, and the next refresh takes it up.
		entry.release()
		resp.Diagnostics.Append(putToken(ctx, resp.Private, r.token)...)
		resp.Diagnostics.AddWarning("Interrupted while "+c.what+" "+c.name+" is being created", "It goes on at Redis Cloud. The next plan or apply waits for it, and takes it up.")
	default:
		entry.release()
		resp.Diagnostics.Append(putToken(ctx, resp.Private, r.token)...)
		resp.Diagnostics.Append(problem("create "+c.what+" "+c.name, err))
	}
}

// run creates, or takes up what an earlier run has begun. made tells that the task has succeeded.
func (r *running[T]) run(ctx context.Context) (made bool, err error) {
	result, resumed, err := r.resume(ctx)
	if err == nil && !resumed {
		if r.inTurn {
			result, err = rediscloud.InTurn(ctx, r.client, r.parent, r.submitted)
		} else if task, e := r.submitted(ctx); e != nil {
			err = e
		} else {
			result, err = task.WaitProvisioned(ctx)
		}
	}
	if err == nil && resumed && r.amend != nil {
		made = true
		result, err = r.amend(ctx, result)
	}
	if err == nil && r.finish != nil {
		made = true
		err = r.finish(ctx, result)
	}
	if err == nil {
		r.resp.Diagnostics.Append(r.save(ctx, result)...)
	}
	return made, err
}

// resume takes up the create that a killed process has left behind, if there is one.
func (r *running[T]) resume(ctx context.Context) (result *T, resumed bool, err error) {
	if r.entry.token == "" {
		return nil, false, nil
	}
	task, err := r.left(ctx)
	if task == nil && err == nil {
		return nil, false, nil
	}
	if err == nil {
		err = r.follow(ctx, task)
	}
	if err == nil {
		result, err = task.WaitProvisioned(ctx)
	}
	if begunInVain(err) {
		r.token = ""
		return nil, false, nil
	}
	if errors.Is(err, rediscloud.ErrNotFound) {
		r.forgotten = true
		err = forgotten("remove "+r.entry.path, err)
	}
	return result, true, err
}

// left is the task that the entry is of, or nil if it holds the intent of a request that didn't arrive.
func (r *running[T]) left(ctx context.Context) (*rediscloud.Task[T], error) {
	if !strings.HasPrefix(r.entry.token, "rediscloud-intent-") {
		return rediscloud.ResumeTask[T](r.client, r.entry.token)
	}
	lost, err := rediscloud.ResumeIntent(r.client, r.entry.token)
	if err != nil {
		return nil, err
	}
	task, err := r.find(ctx, lost)
	if untold := new(rediscloud.LostTaskError); errors.Is(err, rediscloud.ErrNotFound) || errors.As(err, &untold) && untold.NothingCreated() {
		r.lost = false
		return nil, nil
	}
	return task, err
}

// begunInVain tells that nothing is left of a create: its task failed, or what it made is gone since.
func begunInVain(err error) bool {
	var failed *rediscloud.TaskError
	var ended *rediscloud.WaitError
	return errors.As(err, &failed) || errors.As(err, &ended) && errors.Is(err, rediscloud.ErrNotFound) && ended.Last.Done()
}

// forgotten is the error of a create whose task Redis Cloud doesn't know any more, after some ten days. It isn't ErrNotFound: what was
// to be created may be there.
func forgotten(remedy string, err error) error {
	return fmt.Errorf("an earlier run has begun to create it, and Redis Cloud doesn't know that task any more; %s, then see whether it is there, and import it if so: %s", remedy, err.Error())
}

// submitted sends the request, and returns once its task is processed. InTurn calls it again if the request came too early.
func (r *running[T]) submitted(ctx context.Context) (*rediscloud.Task[T], error) {
	r.token, r.lost = "", false
	r.resp.State.RemoveResource(ctx)
	task, err := r.submit(rediscloud.OnIntent(ctx, r.entry.write))
	lost, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	if !ok {
		if err != nil {
			return nil, err
		}
		return task, r.follow(ctx, task)
	}
	// The answer is lost, perhaps because Terraform is being stopped.
	finding, cancel := context.WithTimeout(context.WithoutCancel(ctx), findTimeout)
	defer cancel()
	if task, err = r.find(finding, lost); err != nil {
		return nil, err
	}
	return task, r.follow(ctx, task)
}

// find looks for the task of a request whose answer is lost.
func (r *running[T]) find(ctx context.Context, lost *rediscloud.OutcomeUnknownError) (*rediscloud.Task[T], error) {
	task, err := rediscloud.FindTask(ctx, lost, r.is)
	if err != nil {
		r.lost = !errors.Is(err, rediscloud.ErrNotFound)
		return nil, fmt.Errorf("%w; %w", lost, err)
	}
	r.lost = false
	return task, nil
}

// follow waits until the task is processed, and keeps what is known.
func (r *running[T]) follow(ctx context.Context, task *rediscloud.Task[T]) error {
	r.token = task.Token()
	r.resp.State.Raw = r.blank
	if err := r.entry.write(r.token); err != nil {
		r.resp.Diagnostics.AddWarning("The create can't be remembered", fmt.Sprintf("If it is killed, look for the task %s. %v", task.ID(), err))
	}
	result, err := task.Wait(ctx)
	if err != nil {
		return err
	}
	r.resp.Diagnostics.Append(r.save(ctx, result)...)
	return nil
}

// withoutUnknowns is what a state may be while little is known: Terraform takes null, but nothing that is unknown.
func withoutUnknowns(plan tftypes.Value) (tftypes.Value, error) {
	return tftypes.Transform(plan, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if !value.IsKnown() {
			return tftypes.NewValue(value.Type(), nil), nil
		}
		return value, nil
	})
}
