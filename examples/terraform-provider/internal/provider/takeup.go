package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/rediscloud-go/rediscloud"
)

// takeUp completes an interrupted create, within the timeout of a create. A
// resource that failed or needs manual action exists anyway.
func (r *managed[M, T, P]) takeUp(ctx context.Context, begun *begun, state P, resp *resource.ReadResponse) {
	timeout := timeoutOf(ctx, resp.State, timeouts.Value.Create, &resp.Diagnostics)
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	save := func(known *T) {
		state.fill(known)
		resp.Diagnostics.Append(resp.State.Set(ctx, *state)...)
	}
	what := r.title(state)
	made, nothing, err := r.complete(limited, begun, state, idIn(ctx, resp.State), save, waitsOf(state)...)
	stuck, isStuck := errors.AsType[*rediscloud.ProvisionError](err)
	_, more := any(state).(finisher[T])
	switch {
	case nothing:
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.AddWarning("The interrupted create of "+what+" created nothing", problem("create it", err).Detail())
	case err == nil:
		save(made)
	case isStuck && stuck.ActionRequired:
		if now, err := state.read(ctx, r.client); err == nil {
			save(now)
		}
		resp.Diagnostics.Append(awaited(what, stuck))
		if more {
			return
		}
	case isStuck:
		resp.Diagnostics.AddWarning("The interrupted create of "+what+" has not succeeded", problem("create it", err).Detail())
	default:
		resp.Diagnostics.Append(problem("read "+what, err))
		return
	}
	r.journal.forget(ctx, begun)
	resp.Diagnostics.Append(putBegun(ctx, resp.Private, nil)...)
}

// complete waits for the end of an interrupted create, and calls tell with what
// is known when its task is processed. nothing is true if it created nothing.
func (r *managed[M, T, P]) complete(ctx context.Context, begun *begun, state P, id int, tell func(*T), opts ...rediscloud.WaitOption) (made *T, nothing bool, err error) {
	task, err := rediscloud.ResumeTask[T](r.client, begun.Token)
	if err != nil {
		return nil, false, err
	}
	known, err := task.Wait(ctx)
	switch {
	case err == nil:
	case begunInVain(err):
		return nil, true, err
	case errors.Is(err, rediscloud.ErrNotFound) && id != 0: // so long ago that the resource can be assumed to exist
		made, err = state.read(ctx, r.client)
		return made, false, err
	case errors.Is(err, rediscloud.ErrNotFound):
		return nil, false, forgotten("remove it from the state with terraform state rm", err)
	default:
		return nil, false, err
	}
	tell(known)
	if made, err = task.WaitProvisioned(ctx, opts...); err == nil {
		made, err = finish(ctx, r.client, state, made)
	}
	return made, false, err
}

// unfinished completes an interrupted create before its resource is deleted:
// what isn't complete can't be deleted.
func (r *managed[M, T, P]) unfinished(ctx context.Context, begun *begun, state P, id int) (nothing bool, err error) {
	switch {
	case begun == nil && id != 0:
		return false, nil
	case begun == nil:
		return false, errors.New("neither its id nor its task is known; remove it from the state with terraform state rm")
	}
	_, nothing, err = r.complete(ctx, begun, state, id, state.fill)
	if _, stuck := errors.AsType[*rediscloud.ProvisionError](err); stuck || nothing {
		err = nil
	}
	return nothing, err
}

// begunInVain reports whether nothing is left of a create: its task failed, or
// its resource is already gone.
func begunInVain(err error) bool {
	if _, failed := errors.AsType[*rediscloud.TaskError](err); failed {
		return true
	}
	ended, ok := errors.AsType[*rediscloud.WaitError](err)
	return ok && errors.Is(err, rediscloud.ErrNotFound) && ended.Last.Done()
}

// forgotten is the error of a create whose task Redis Cloud no longer knows,
// after about ten days. It isn't ErrNotFound: the resource may exist.
func forgotten(remedy string, err error) error {
	return fmt.Errorf("an earlier run began to create it, and Redis Cloud no longer knows that task; %s, then check whether it exists, and import it if so: %s", remedy, err.Error())
}
