package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
)

// answerTimeout is how long the response to a create is awaited while Terraform
// is being stopped.
const answerTimeout = 2 * time.Minute

// A creation is a create in progress.
type creation[M, T any, P model[M, T]] struct {
	*managed[M, T, P]
	plan  P
	resp  *resource.CreateResponse
	blank tftypes.Value // the state while only the task is known
	begun begun

	submitted bool // by this run, not by an earlier one
}

// Create creates the resource, or takes over what an earlier run has begun.
// Whatever ends it, nothing is lost and nothing is created twice: the journal
// has the request's intent before it is sent, then the task, and the state that
// Terraform gets has what is known of the resource.
func (r *managed[M, T, P]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan M
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout := timeoutOf(ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	c := &creation[M, T, P]{managed: r, plan: &plan, resp: resp}
	var err error
	if c.blank, err = withoutUnknowns(req.Plan.Raw); err != nil {
		resp.Diagnostics.AddError("The plan can't be read", err.Error())
		return
	}
	if c.begun.Entry, err = r.journal.open(r.kind, c.plan.key); err != nil {
		resp.Diagnostics.AddError("No place to record the create", fmt.Sprintf("Nothing has been created. Set task_dir of the provider to a writable directory: %v.", err))
		return
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c.end(ctx, c.run(limited))
}

// run creates the resource as planned.
func (c *creation[M, T, P]) run(ctx context.Context) error {
	made, err := carryOut(ctx, c.client, c.plan, c.submit)
	if err != nil {
		return err
	}
	// An update sets what the create didn't: some settings aren't accepted when
	// a resource is created, and an earlier run may have had another plan.
	state := new(M)
	if c.submitted {
		*state = *c.plan
	}
	P(state).fill(made)
	if change := c.plan.update(state); change != nil {
		if made, err = carryOut(ctx, c.client, c.plan, change); err != nil {
			return err
		}
	}
	if made, err = finish(ctx, c.client, c.plan, made); err != nil {
		return err
	}
	c.save(ctx, made)
	return nil
}

// submit returns the task of the create once it is processed, and saves what is
// known then. InTurn calls it again if the request was too early.
func (c *creation[M, T, P]) submit(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[T], error) {
	for {
		task, err := journal.Start(ctx, c.journal.store, c.begun.Entry, client, func(ctx context.Context) (*rediscloud.Task[T], error) {
			c.submitted = true
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
			defer cancel()
			return c.plan.create(ctx, client)
		})
		if err != nil {
			return nil, c.journal.remedy(ctx, c.begun.Entry, err)
		}
		c.begun.Token = task.Token()
		c.resp.State.Raw = c.blank
		made, err := task.Wait(ctx)
		switch {
		case err == nil:
			c.save(ctx, made)
			return task, nil
		case begunInVain(err):
			c.nothing(ctx)
			c.journal.forget(ctx, &c.begun)
			if c.submitted {
				return nil, err
			}
		case errors.Is(err, rediscloud.ErrNotFound):
			c.nothing(ctx)
			return nil, forgotten("remove "+c.journal.file(c.begun.Entry), err)
		default:
			return nil, err
		}
	}
}

// save writes to the state what is known.
func (c *creation[M, T, P]) save(ctx context.Context, made *T) {
	state := *c.plan
	P(&state).fill(made)
	c.resp.Diagnostics.Append(c.resp.State.Set(ctx, state)...)
}

// nothing removes the resource from the state: it doesn't exist.
func (c *creation[M, T, P]) nothing(ctx context.Context) {
	c.begun.Token = ""
	c.resp.State.RemoveResource(ctx)
}

// end reports to Terraform how the create ended. An error would taint the
// resource, and the next apply would replace it.
func (c *creation[M, T, P]) end(ctx context.Context, err error) {
	what := c.title(c.plan)
	stuck, isStuck := errors.AsType[*rediscloud.ProvisionError](err)
	switch {
	case err == nil:
		c.journal.made(ctx, &c.begun, idIn(ctx, c.resp.State))
		return
	case c.begun.Token == "":
		c.resp.Diagnostics.Append(problem("create "+what, err))
		return
	case isStuck && stuck.ActionRequired:
		c.refresh(ctx)
		c.resp.Diagnostics.Append(awaited(what, stuck))
		if _, more := any(c.plan).(finisher[T]); !more {
			c.journal.made(ctx, &c.begun, idIn(ctx, c.resp.State))
			return
		}
	case ctx.Err() != nil: // Terraform is being stopped
		c.resp.Diagnostics.AddWarning("Interrupted while "+what+" is being created", "It continues in Redis Cloud. The next plan or apply waits for it, and completes the state.")
	default:
		c.resp.Diagnostics.Append(problem("create "+what, err))
	}
	c.resp.Diagnostics.Append(putBegun(ctx, c.resp.Private, &c.begun)...)
}

// refresh reads the resource again: it has changed since it was last saved.
func (c *creation[M, T, P]) refresh(ctx context.Context) {
	var state M
	c.resp.Diagnostics.Append(c.resp.State.Get(ctx, &state)...)
	if now, err := P(&state).read(ctx, c.client); err == nil {
		c.save(ctx, now)
	}
}

// withoutUnknowns returns a state for when little is known: Terraform accepts
// null, but not unknown values.
func withoutUnknowns(plan tftypes.Value) (tftypes.Value, error) {
	return tftypes.Transform(plan, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if !value.IsKnown() {
			return tftypes.NewValue(value.Type(), nil), nil
		}
		return value, nil
	})
}
