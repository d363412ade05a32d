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

// answerTimeout is for how long the answer to a create is awaited although Terraform is being stopped.
const answerTimeout = 2 * time.Minute

// A creation is a create on its way.
type creation[M, T any, P model[M, T]] struct {
	*managed[M, T, P]
	plan  P
	resp  *resource.CreateResponse
	blank tftypes.Value // the state while nothing is known but the task
	begun begun

	submitted bool // by this run, not by an earlier one
}

// Create makes the resource, or takes up what an earlier run has begun. Whatever ends it, nothing is lost and nothing is made twice: the request's
// intent is in the journal before it is sent, then the task, and what is known of the resource is in the state that Terraform gets.
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
		resp.Diagnostics.AddError("No place to remember the create", fmt.Sprintf("Nothing has been created. Set task_dir of the provider to a directory that can be written to: %v.", err))
		return
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c.end(ctx, c.run(limited))
}

// run brings the resource to where the plan wants it.
func (c *creation[M, T, P]) run(ctx context.Context) error {
	made, err := carryOut(ctx, c.client, c.plan, c.submit)
	if err != nil {
		return err
	}
	// What the create didn't take is set by an update: some settings aren't accepted when a resource is made, and an earlier run may have had
	// other plans.
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

// submit returns the task of the create once it is processed, and keeps what is known then. InTurn calls it again if the request came too early.
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

// save puts into the state what is known.
func (c *creation[M, T, P]) save(ctx context.Context, made *T) {
	state := *c.plan
	P(&state).fill(made)
	c.resp.Diagnostics.Append(c.resp.State.Set(ctx, state)...)
}

// nothing says that there is no resource.
func (c *creation[M, T, P]) nothing(ctx context.Context) {
	c.begun.Token = ""
	c.resp.State.RemoveResource(ctx)
}

// end reports to Terraform how the create ended. An error would taint the resource, and have it replaced by the next apply.
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
		c.resp.Diagnostics.AddWarning("Interrupted while "+what+" is being created", "It continues at Redis Cloud. The next plan or apply waits for it, and takes it up.")
	default:
		c.resp.Diagnostics.Append(problem("create "+what, err))
	}
	c.resp.Diagnostics.Append(putBegun(ctx, c.resp.Private, &c.begun)...)
}

// refresh reads the resource again: it has moved since it was last put into the state.
func (c *creation[M, T, P]) refresh(ctx context.Context) {
	var state M
	c.resp.Diagnostics.Append(c.resp.State.Get(ctx, &state)...)
	if now, err := P(&state).read(ctx, c.client); err == nil {
		c.save(ctx, now)
	}
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
