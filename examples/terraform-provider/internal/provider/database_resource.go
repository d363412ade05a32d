package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/rediscloud-go/rediscloud"
)

type databaseResource struct{ connected }

func (r *databaseResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "rediscloud_database"
}

func (r *databaseResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "A database of a Pro subscription. It is imported by subscription_id/id.",
		Attributes: map[string]schema.Attribute{
			"id":                 idAttribute("Id of the database."),
			"subscription_id":    parentAttribute("Id of the subscription that it is in."),
			"name":               schema.StringAttribute{Required: true, Description: "Name, of up to 40 letters, digits and hyphens."},
			"dataset_size_in_gb": schema.Float64Attribute{Required: true, Description: "The most data that it holds, at least 0.1. With replication it takes twice that in memory."},
			"throughput_operations_per_second": schema.Int64Attribute{
				Optional: true, Computed: true, Description: "What it is built to carry.",
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"protocol":             fixedText("Protocol: redis or memcached."),
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

func (r *databaseResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan databaseModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	subscriptionID := id(plan.SubscriptionID)
	request := plan.createRequest(ctx, &resp.Diagnostics)
	create(ctx, creation[rediscloud.Database]{
		connection: r.connection, what: "database", name: plan.Name.ValueString(), parent: subscriptionID, timeouts: plan.Timeouts,
		submit: func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return r.client.Databases.Create(ctx, subscriptionID, request)
		},
		inTurn: true,
		is:     func(db *rediscloud.Database) bool { return db.Name == request.Name },
		amend: func(ctx context.Context, db *rediscloud.Database) (*rediscloud.Database, error) {
			var state databaseModel
			state.read(db)
			return r.update(ctx, &plan, &state, &resp.Diagnostics)
		},
		save: saveDatabase(&resp.State, plan),
	}, req, resp)
}

// saveDatabase returns the function that puts a database into the state.
func saveDatabase(state *tfsdk.State, model databaseModel) func(context.Context, *rediscloud.Database) diag.Diagnostics {
	return func(ctx context.Context, db *rediscloud.Database) diag.Diagnostics {
		model.read(db)
		return state.Set(ctx, model)
	}
}

func (r *databaseResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state databaseModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	read(ctx, reading[rediscloud.Database]{
		connection: r.connection, what: "database", timeouts: state.Timeouts,
		get: func(ctx context.Context) (*rediscloud.Database, error) {
			return r.client.Databases.Get(ctx, id(state.SubscriptionID), id(state.ID))
		},
		save: saveDatabase(&resp.State, state),
	}, &resp.State, resp.Private, &resp.Diagnostics)
}

func (r *databaseResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state databaseModel
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
		resp.Diagnostics.Append(problem("change database "+state.Name.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(saveDatabase(&resp.State, plan)(ctx, db)...)
}

func (r *databaseResource) update(ctx context.Context, plan, state *databaseModel, diags *diag.Diagnostics) (*rediscloud.Database, error) {
	subscriptionID, databaseID := id(plan.SubscriptionID), id(state.ID)
	request, needed := plan.updateRequest(ctx, state, diags)
	if !needed {
		return r.client.Databases.Get(ctx, subscriptionID, databaseID)
	}
	return rediscloud.InTurn(ctx, r.client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
		return r.client.Databases.Update(ctx, subscriptionID, databaseID, request)
	})
}

func (r *databaseResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state databaseModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	subscriptionID, databaseID := id(state.SubscriptionID), id(state.ID)
	if databaseID == 0 {
		db, err := unfinished[rediscloud.Database](ctx, r.connection, req.Private)
		if db == nil {
			removed(ctx, r.connection, "database", err, req.Private, resp)
			return
		}
		databaseID = db.ID
	}
	_, err := rediscloud.InTurn(ctx, r.client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
		return r.client.Databases.Delete(ctx, subscriptionID, databaseID)
	})
	removed(ctx, r.connection, "database", err, req.Private, resp)
}

func (r *databaseResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importIDs(ctx, req, resp, "subscription_id", "id")
}
