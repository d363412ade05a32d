package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/rediscloud-go/rediscloud"
)

type subscriptionResource struct{ connected }

func (r *subscriptionResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "rediscloud_subscription"
}

func (r *subscriptionResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "A Pro subscription in one region, without databases at first. It is imported by its id.",
		Attributes: map[string]schema.Attribute{
			"id":             idAttribute("Id of the subscription."),
			"name":           schema.StringAttribute{Required: true, Description: "Name."},
			"cloud_provider": fixedText("Where it is: AWS, GCP or Azure. By default AWS."),
			"region": schema.StringAttribute{
				Required: true, Description: "Region, as the cloud provider calls it.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"deployment_cidr": fixedText("Range of 256 addresses for its network, such as 10.0.0.0/24."),
			"memory_storage":  fixedText("What data is held in: ram or ram-and-flash."),
			"payment_method":  optionalText("How it is paid: credit-card or marketplace."),
			"payment_method_id": schema.Int64Attribute{
				Optional: true, Computed: true, Description: "What it is paid with, by credit-card.",
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"creation_plan": schema.SingleNestedAttribute{
				Optional: true, Description: "What Redis Cloud is to build for: databases that are created along with the subscription and removed as soon as it is active. " +
					"By default one of 1 GB. It matters for the creation alone.",
				Attributes: map[string]schema.Attribute{
					"dataset_size_in_gb":               schema.Float64Attribute{Required: true, Description: "Size of each."},
					"quantity":                         schema.Int64Attribute{Optional: true, Description: "How many there will be."},
					"replication":                      schema.BoolAttribute{Optional: true, Description: "Whether their data is held twice."},
					"throughput_operations_per_second": schema.Int64Attribute{Optional: true, Description: "What each is to carry."},
				},
			},
			"status":   statusAttribute(),
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func (r *subscriptionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan subscriptionModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	create(ctx, creation[rediscloud.Subscription]{
		connection: r.connection, what: "subscription", name: plan.Name.ValueString(), timeouts: plan.Timeouts,
		submit: func(ctx context.Context) (*rediscloud.Task[rediscloud.Subscription], error) {
			return r.client.Subscriptions.Create(ctx, plan.createRequest())
		},
		is: func(sub *rediscloud.Subscription) bool { return sub.Name == plan.Name.ValueString() },
		amend: func(ctx context.Context, sub *rediscloud.Subscription) (*rediscloud.Subscription, error) {
			var state subscriptionModel
			state.read(sub)
			return r.update(ctx, &plan, &state)
		},
		finish: r.clear,
		save:   saveSubscription(&resp.State, plan),
	}, req, resp)
}

// clear removes the databases that the subscription was created with.
func (r *subscriptionResource) clear(ctx context.Context, sub *rediscloud.Subscription) error {
	databases, err := r.client.Databases.WaitAllProvisioned(ctx, sub.ID)
	if err != nil {
		return err
	}
	for _, db := range databases {
		if !isPlanned(&db) {
			continue
		}
		_, err := rediscloud.InTurn(ctx, r.client, sub.ID, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
			return r.client.Databases.Delete(ctx, sub.ID, db.ID)
		})
		if err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
			return err
		}
	}
	return nil
}

// saveSubscription returns the function that puts a subscription into the state.
func saveSubscription(state *tfsdk.State, model subscriptionModel) func(context.Context, *rediscloud.Subscription) diag.Diagnostics {
	return func(ctx context.Context, sub *rediscloud.Subscription) diag.Diagnostics {
		model.read(sub)
		return state.Set(ctx, model)
	}
}

func (r *subscriptionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state subscriptionModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	read(ctx, reading[rediscloud.Subscription]{
		connection: r.connection, what: "subscription", timeouts: state.Timeouts,
		get: func(ctx context.Context) (*rediscloud.Subscription, error) {
			return r.client.Subscriptions.Get(ctx, id(state.ID))
		},
		finish: r.clear,
		save:   saveSubscription(&resp.State, state),
	}, &resp.State, resp.Private, &resp.Diagnostics)
}

func (r *subscriptionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state subscriptionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	sub, err := r.update(ctx, &plan, &state)
	if err != nil {
		resp.Diagnostics.Append(problem("change subscription "+state.Name.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(saveSubscription(&resp.State, plan)(ctx, sub)...)
}

func (r *subscriptionResource) update(ctx context.Context, plan, state *subscriptionModel) (*rediscloud.Subscription, error) {
	request, needed := plan.updateRequest(state)
	if !needed {
		return r.client.Subscriptions.Get(ctx, id(state.ID))
	}
	return rediscloud.InTurn(ctx, r.client, id(state.ID), func(ctx context.Context) (*rediscloud.Task[rediscloud.Subscription], error) {
		return r.client.Subscriptions.Update(ctx, id(state.ID), request)
	})
}

func (r *subscriptionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state subscriptionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	subscriptionID := id(state.ID)
	token, _ := getToken(ctx, req.Private)
	if subscriptionID == 0 {
		sub, err := unfinished[rediscloud.Subscription](ctx, r.connection, req.Private)
		if sub == nil {
			removed(ctx, r.connection, "subscription", err, req.Private, resp)
			return
		}
		subscriptionID = sub.ID
	}
	if token != "" {
		// Its create wasn't finished: there may be databases that Terraform doesn't know of.
		if sub, err := r.client.Subscriptions.WaitProvisioned(ctx, subscriptionID); err == nil {
			err = r.clear(ctx, sub)
			if err != nil {
				removed(ctx, r.connection, "subscription", err, req.Private, resp)
				return
			}
		}
	}
	remove := func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
		return r.client.Subscriptions.Delete(ctx, subscriptionID)
	}
	_, err := rediscloud.InTurn(ctx, r.client, subscriptionID, remove)
	if _, failed := errors.AsType[*rediscloud.ProvisionError](err); failed {
		// It will never be active.
		var task *rediscloud.Task[rediscloud.None]
		if task, err = remove(ctx); err == nil {
			_, err = task.WaitProvisioned(ctx)
		}
	}
	removed(ctx, r.connection, "subscription", err, req.Private, resp)
}

func (r *subscriptionResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importIDs(ctx, req, resp, "id")
}
