package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/rediscloud-go/rediscloud"
)

type essentialsDatabaseResource struct{ connected }

func (r *essentialsDatabaseResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "rediscloud_essentials_database"
}

func (r *essentialsDatabaseResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "A database of an Essentials subscription, whose plan says what it can have. It is imported by subscription_id/id.",
		Attributes: map[string]schema.Attribute{
			"id":              idAttribute("Id of the database."),
			"subscription_id": parentAttribute("Id of the subscription that it is in."),
			"name":            schema.StringAttribute{Required: true, Description: "Name, of up to 40 letters, digits and hyphens."},
			"dataset_size_in_gb": schema.Float64Attribute{
				Optional: true, Computed: true, Description: "The most data that it holds, with a plan that is paid as you go.",
				PlanModifiers: []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
			},
			"protocol":             fixedText("Protocol: stack, redis or memcached."),
			"redis_version":        fixedText("Version of Redis, such as 7.4."),
			"data_persistence":     optionalText("How data is kept on disk, such as none or aof-every-1-second."),
			"data_eviction_policy": optionalText("What goes when the memory is full, such as volatile-lru."),
			"replication":          optionalFlag("Whether the data is held twice."),
			"enable_tls":           optionalFlag("Whether clients have to use TLS."),
			"source_ips":           sourceIPsAttribute(),
			"alerts":               alertsAttribute(),
			"password":             secretText("Password of the default user; made up by Redis Cloud if not given."),
			"status":               statusAttribute(),
			"public_endpoint":      shown("Where it is reached from anywhere, as host:port."),
			"private_endpoint":     shown("Where it is reached from private networks, as host:port."),
			"timeouts":             timeoutsAttribute(ctx),
		},
	}
}

func (r *essentialsDatabaseResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan essentialsDatabaseModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	subscriptionID := id(plan.SubscriptionID)
	request := plan.createRequest(ctx, &resp.Diagnostics)
	create(ctx, creation[rediscloud.EssentialsDatabase]{
		connection: r.connection, what: "Essentials database", name: plan.Name.ValueString(), parent: subscriptionID, timeouts: plan.Timeouts,
		submit: func(ctx context.Context) (*rediscloud.Task[rediscloud.EssentialsDatabase], error) {
			return r.client.EssentialsDatabases.Create(ctx, subscriptionID, request)
		},
		is: func(db *rediscloud.EssentialsDatabase) bool { return db.Name == request.Name },
		amend: func(ctx context.Context, db *rediscloud.EssentialsDatabase) (*rediscloud.EssentialsDatabase, error) {
			var state essentialsDatabaseModel
			state.read(db)
			return r.update(ctx, &plan, &state, &resp.Diagnostics)
		},
		save: saveEssentialsDatabase(&resp.State, plan),
	}, req, resp)
}

// saveEssentialsDatabase returns the function that puts a database into the state.
func saveEssentialsDatabase(state *tfsdk.State, model essentialsDatabaseModel) func(context.Context, *rediscloud.EssentialsDatabase) diag.Diagnostics {
	return func(ctx context.Context, db *rediscloud.EssentialsDatabase) diag.Diagnostics {
		model.read(db)
		return state.Set(ctx, model)
	}
}

func (r *essentialsDatabaseResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state essentialsDatabaseModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	read(ctx, reading[rediscloud.EssentialsDatabase]{
		connection: r.connection, what: "Essentials database", timeouts: state.Timeouts,
		get: func(ctx context.Context) (*rediscloud.EssentialsDatabase, error) {
			return r.client.EssentialsDatabases.Get(ctx, id(state.SubscriptionID), id(state.ID))
		},
		save: saveEssentialsDatabase(&resp.State, state),
	}, &resp.State, resp.Private, &resp.Diagnostics)
}

func (r *essentialsDatabaseResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state essentialsDatabaseModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	db, err := r.update(ctx, &plan, &state, &resp.Diagnostics)
	if err != nil {
		resp.Diagnostics.Append(problem("change Essentials database "+state.Name.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(saveEssentialsDatabase(&resp.State, plan)(ctx, db)...)
}

func (r *essentialsDatabaseResource) update(ctx context.Context, plan, state *essentialsDatabaseModel, diags *diag.Diagnostics) (*rediscloud.EssentialsDatabase, error) {
	subscriptionID, databaseID := id(plan.SubscriptionID), id(state.ID)
	request, needed := plan.updateRequest(ctx, state, diags)
	if !needed {
		return r.client.EssentialsDatabases.Get(ctx, subscriptionID, databaseID)
	}
	task, err := r.client.EssentialsDatabases.Update(ctx, subscriptionID, databaseID, request)
	if err != nil {
		return nil, err
	}
	return task.WaitProvisioned(ctx)
}

func (r *essentialsDatabaseResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state essentialsDatabaseModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	subscriptionID, databaseID := id(state.SubscriptionID), id(state.ID)
	if databaseID == 0 {
		db, err := unfinished[rediscloud.EssentialsDatabase](ctx, r.connection, req.Private)
		if db == nil {
			removed(ctx, r.connection, "Essentials database", err, req.Private, resp)
			return
		}
		databaseID = db.ID
	}
	task, err := r.client.EssentialsDatabases.Delete(ctx, subscriptionID, databaseID)
	if err == nil {
		_, err = task.WaitProvisioned(ctx)
	}
	removed(ctx, r.connection, "Essentials database", err, req.Private, resp)
}

func (r *essentialsDatabaseResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importIDs(ctx, req, resp, "subscription_id", "id")
}
