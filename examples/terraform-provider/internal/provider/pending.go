package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rediscloud-go/rediscloud"
)

// defaultTimeout is for each operation of a resource whose timeouts say nothing.
const defaultTimeout = 30 * time.Minute

// findTimeout bounds the search for a task whose id was lost on the way.
const findTimeout = 20 * time.Second

// privateTask is the key in the private state that holds the token of a create that isn't done.
const privateTask = "task"

type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func putToken(ctx context.Context, private privateState, token string) diag.Diagnostics {
	if token == "" {
		return private.SetKey(ctx, privateTask, nil)
	}
	text, err := json.Marshal(token)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The task can't be kept", err.Error())}
	}
	return private.SetKey(ctx, privateTask, text)
}

func getToken(ctx context.Context, private privateState) (token string, diags diag.Diagnostics) {
	text, diags := private.GetKey(ctx, privateTask)
	if len(text) > 0 {
		if err := json.Unmarshal(text, &token); err != nil {
			diags.AddError("The private state is damaged", err.Error())
		}
	}
	return token, diags
}

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
	case r.token == "", !made && errors.As(err, &failed):
		entry.remove()
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
	task, err := rediscloud.ResumeTask[T](r.client, r.entry.token)
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
		err = fmt.Errorf("an earlier run has begun to create it, and Redis Cloud doesn't know that task any more; see whether it is there and import it, else remove %s: %w", r.entry.path, err)
	}
	return result, true, err
}

// begunInVain tells that nothing is left of a create: its task failed, or what it made is gone since.
func begunInVain(err error) bool {
	var failed *rediscloud.TaskError
	var ended *rediscloud.WaitError
	return errors.As(err, &failed) || errors.As(err, &ended) && errors.Is(err, rediscloud.ErrNotFound) && ended.Last.Done()
}

// submitted sends the request, and returns once its task is processed. InTurn calls it again if the request came too early.
func (r *running[T]) submitted(ctx context.Context) (*rediscloud.Task[T], error) {
	r.token = ""
	r.resp.State.RemoveResource(ctx)
	task, err := r.submit(ctx)
	lost, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	if !ok {
		if err != nil {
			return nil, err
		}
		return task, r.follow(ctx, task)
	}
	// The answer is lost, perhaps because Terraform is being stopped. The task can often be found, but may be another's.
	finding, cancel := context.WithTimeout(context.WithoutCancel(ctx), findTimeout)
	defer cancel()
	task, missed := rediscloud.FindTask[T](finding, lost)
	if missed != nil {
		return nil, fmt.Errorf("%w; %w", err, missed)
	}
	result, missed := task.Wait(ctx)
	if missed == nil && !r.is(result) {
		return nil, err
	}
	return task, r.follow(ctx, task)
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

// A reading is what there is to know of a read, which yields a T.
type reading[T any] struct {
	*connection
	what     string
	timeouts timeouts.Value
	get      func(context.Context) (*T, error)
	finish   func(context.Context, *T) error // of the create; may be nil
	save     func(context.Context, *T) diag.Diagnostics
}

// read refreshes the state. A create that was interrupted is brought to its end first, within the time of a create.
func read[T any](ctx context.Context, r reading[T], state *tfsdk.State, private privateState, diags *diag.Diagnostics) {
	token, problems := getToken(ctx, private)
	if diags.Append(problems...); diags.HasError() {
		return
	}
	var result *T
	var vain bool
	var err error
	if token == "" {
		result, err = r.get(ctx)
	} else if result, vain, err = r.takeUp(ctx, token, diags); err == nil || vain {
		r.journal.forget(token)
		diags.Append(putToken(ctx, private, "")...)
	}
	switch {
	case vain:
		state.RemoveResource(ctx)
		diags.AddWarning("The interrupted create of the "+r.what+" came to nothing", problem("create it", err).Detail())
	case token == "" && errors.Is(err, rediscloud.ErrNotFound):
		state.RemoveResource(ctx)
	case err != nil:
		diags.Append(problem("read the "+r.what, err))
	default:
		diags.Append(r.save(ctx, result)...)
	}
}

// takeUp waits for the end of a create that was interrupted. What fails or waits for a person is there all the same; vain tells that
// nothing is.
func (r reading[T]) takeUp(ctx context.Context, token string, diags *diag.Diagnostics) (result *T, vain bool, err error) {
	timeout, problems := r.timeouts.Create(ctx, defaultTimeout)
	diags.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	task, err := rediscloud.ResumeTask[T](r.client, token)
	if err != nil {
		return nil, false, err
	}
	known, err := task.Wait(ctx)
	if err != nil {
		return nil, begunInVain(err), err
	}
	diags.Append(r.save(ctx, known)...)
	result, err = task.WaitProvisioned(ctx)
	if _, failed := errors.AsType[*rediscloud.ProvisionError](err); failed {
		diags.AddWarning("The interrupted create of the "+r.what+" has not succeeded", problem("create it", err).Detail())
		return known, false, nil
	}
	if err == nil && r.finish != nil {
		err = r.finish(ctx, result)
	}
	return result, false, err
}

// unfinished finds what an interrupted create has made, for its removal. It returns nil if that is nothing.
func unfinished[T any](ctx context.Context, c *connection, private privateState) (*T, error) {
	token, diags := getToken(ctx, private)
	if token == "" || diags.HasError() {
		return nil, errors.New("neither the id is known nor the task; remove it from the state with terraform state rm")
	}
	task, err := rediscloud.ResumeTask[T](c.client, token)
	if err != nil {
		return nil, err
	}
	result, err := task.Wait(ctx)
	if begunInVain(err) {
		return nil, nil
	}
	return result, err
}

// removed ends a delete: what isn't there is removed.
func removed(ctx context.Context, c *connection, what string, err error, private privateState, resp *resource.DeleteResponse) {
	if err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
		resp.Diagnostics.Append(problem("delete the "+what, err))
		return
	}
	if token, _ := getToken(ctx, private); token != "" {
		c.journal.forget(token)
	}
}
