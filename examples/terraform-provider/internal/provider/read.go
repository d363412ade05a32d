package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/rediscloud-go/rediscloud"
)

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
	if err != nil && !begunInVain(err) && errors.Is(err, rediscloud.ErrNotFound) {
		return nil, false, forgotten("remove it from the state with terraform state rm", err)
	}
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
