package provider

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

// defaultTimeout applies to each operation without a configured timeout.
const defaultTimeout = 30 * time.Minute

// A model is a resource in Terraform: M is a struct of its attributes, and T
// the type that the client of Redis Cloud uses. A resource needs only these few
// methods and its schema; managed implements the rest.
type model[M, T any] interface {
	*M

	// key identifies a create: the subscription of the resource, 0 if it has
	// none, and its name.
	key() (subscriptionID int, name string)

	create(context.Context, *rediscloud.Client) (*rediscloud.Task[T], error)
	read(context.Context, *rediscloud.Client) (*T, error) // ErrNotFound if it is gone
	delete(context.Context, *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error)

	// update returns the request that makes the resource match the model, nil
	// if the state shows that it does.
	update(state *M) request[T]

	// fill sets everything that Redis Cloud returns.
	fill(*T)
}

// A request submits a task.
type request[T any] func(context.Context, *rediscloud.Client) (*rediscloud.Task[T], error)

// Optional methods of a model.
type (
	// turner names the subscription that takes one change at a time; 0 means
	// none.
	turner interface{ turn() int }

	// waiter returns options for its waits.
	waiter interface {
		waits() []rediscloud.WaitOption
	}

	// finisher completes the resource once it exists.
	finisher[T any] interface {
		finish(context.Context, *rediscloud.Client, *T) (*T, error)
	}
)

// managed is a resource whose model is M.
type managed[M, T any, P model[M, T]] struct {
	connected
	kind      string // its type without the prefix rediscloud_
	what      string // its name in messages
	schema    func(context.Context) schema.Schema
	importIDs []string // the attributes of an import id
}

func resourceOf[M, T any, P model[M, T]](kind, what string, schema func(context.Context) schema.Schema, importIDs ...string) func() resource.Resource {
	return func() resource.Resource {
		return &managed[M, T, P]{kind: kind, what: what, schema: schema, importIDs: importIDs}
	}
}

func (r *managed[M, T, P]) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "rediscloud_" + r.kind
}

func (r *managed[M, T, P]) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema(ctx)
	resp.Schema.Attributes["timeouts"] = timeouts.Attributes(ctx, timeouts.Opts{Create: true, Update: true, Delete: true})
}

func (r *managed[M, T, P]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importIDs(ctx, req, resp, r.importIDs...)
}

// Read refreshes the state. It first completes a create that was interrupted.
func (r *managed[M, T, P]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state M
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	begun, diags := getBegun(ctx, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if begun != nil {
		r.takeUp(ctx, begun, &state, resp)
		return
	}
	result, err := P(&state).read(ctx, r.client)
	switch {
	case errors.Is(err, rediscloud.ErrNotFound):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(problem("read "+r.title(&state), err))
	default:
		P(&state).fill(result)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		r.journal.recorded(ctx, r.kind, idIn(ctx, resp.State))
	}
}

// Update changes the resource as planned.
func (r *managed[M, T, P]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state M
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout := timeoutOf(ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var result *T
	var err error
	if change := P(&plan).update(&state); change != nil {
		result, err = carryOut(ctx, r.client, P(&plan), change)
	} else {
		result, err = P(&plan).read(ctx, r.client)
	}
	if err != nil {
		resp.Diagnostics.Append(problem("change "+r.title(&state), err))
		return
	}
	P(&plan).fill(result)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete removes the resource. It succeeds if the resource is already gone.
func (r *managed[M, T, P]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state M
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	begun, diags := getBegun(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	timeout := timeoutOf(ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	id := idIn(ctx, req.State)
	nothing, err := r.unfinished(ctx, begun, &state, id)
	if err == nil && !nothing {
		_, err = carryOut(ctx, r.client, P(&state), P(&state).delete)
	}
	if err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
		resp.Diagnostics.Append(problem("delete "+r.title(&state), err))
		return
	}
	r.journal.forget(ctx, begun)
	r.journal.recorded(ctx, r.kind, id)
}

// title returns the name of the resource in messages.
func (r *managed[M, T, P]) title(m P) string {
	_, name := m.key()
	return strings.TrimSpace(r.what + " " + name)
}

// carryOut submits a request and waits until it has taken effect.
func carryOut[R any](ctx context.Context, client *rediscloud.Client, m any, submit request[R]) (*R, error) {
	opts := waitsOf(m)
	if t, ok := m.(turner); ok && t.turn() != 0 {
		return rediscloud.InTurn(ctx, client, t.turn(), func(ctx context.Context) (*rediscloud.Task[R], error) { return submit(ctx, client) }, opts...)
	}
	task, err := submit(ctx, client)
	if err != nil {
		return nil, err
	}
	return task.WaitProvisioned(ctx, opts...)
}

func waitsOf(m any) []rediscloud.WaitOption {
	if w, ok := m.(waiter); ok {
		return w.waits()
	}
	return nil
}

func finish[T any](ctx context.Context, client *rediscloud.Client, m any, made *T) (*T, error) {
	if f, ok := m.(finisher[T]); ok {
		return f.finish(ctx, client, made)
	}
	return made, nil
}

// attributesOf is a plan or a state.
type attributesOf interface {
	GetAttribute(ctx context.Context, path path.Path, target any) diag.Diagnostics
}

// timeoutOf returns the configured timeout of an operation.
func timeoutOf(ctx context.Context, from attributesOf, of func(timeouts.Value, context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics) time.Duration {
	var set timeouts.Value
	diags.Append(from.GetAttribute(ctx, path.Root("timeouts"), &set)...)
	timeout, problems := of(set, ctx, defaultTimeout)
	diags.Append(problems...)
	return timeout
}

// idIn returns the id of the resource, 0 if it isn't known yet.
func idIn(ctx context.Context, from attributesOf) int {
	var number types.Int64
	from.GetAttribute(ctx, path.Root("id"), &number)
	return id(number)
}
