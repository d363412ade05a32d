package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type aclUserResource struct{ connected }

type aclUserModel struct {
	ID       types.Int64    `tfsdk:"id"`
	Name     types.String   `tfsdk:"name"`
	Role     types.String   `tfsdk:"role"`
	Password types.String   `tfsdk:"password"`
	Status   types.String   `tfsdk:"status"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// read takes over all that the API tells: not the password.
func (m *aclUserModel) read(user *rediscloud.ACLUser) {
	m.ID = types.Int64Value(int64(user.ID))
	m.Name = text(user.Name)
	m.Role = text(user.Role)
	m.Status = text(user.Status)
}

func (r *aclUserResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "rediscloud_acl_user"
}

func (r *aclUserResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "A user that connects to databases. It is imported by its id, and gets its password anew.",
		Attributes: map[string]schema.Attribute{
			"id": idAttribute("Id of the user."),
			"name": schema.StringAttribute{
				Required: true, Description: "Name, which can't be changed.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"role":     schema.StringAttribute{Required: true, Description: "Name of the role that says what the user may do."},
			"password": schema.StringAttribute{Required: true, Sensitive: true, Description: "Password. Redis Cloud doesn't show it: that it was changed elsewhere isn't noticed."},
			"status":   statusAttribute(),
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func (r *aclUserResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan aclUserModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	create(ctx, creation[rediscloud.ACLUser]{
		connection: r.connection, what: "ACL user", name: plan.Name.ValueString(), timeouts: plan.Timeouts,
		submit: func(ctx context.Context) (*rediscloud.Task[rediscloud.ACLUser], error) {
			return r.client.ACLUsers.Create(ctx, &rediscloud.ACLUserCreateRequest{
				Name: plan.Name.ValueString(), Role: plan.Role.ValueString(), Password: rediscloud.Secret(plan.Password.ValueString()),
			})
		},
		is: func(user *rediscloud.ACLUser) bool { return user.Name == plan.Name.ValueString() },
		amend: func(ctx context.Context, user *rediscloud.ACLUser) (*rediscloud.ACLUser, error) {
			return r.update(ctx, user.ID, &plan)
		},
		save: saveACLUser(&resp.State, plan),
	}, req, resp)
}

// saveACLUser returns the function that puts a user into the state.
func saveACLUser(state *tfsdk.State, model aclUserModel) func(context.Context, *rediscloud.ACLUser) diag.Diagnostics {
	return func(ctx context.Context, user *rediscloud.ACLUser) diag.Diagnostics {
		model.read(user)
		return state.Set(ctx, model)
	}
}

func (r *aclUserResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state aclUserModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	read(ctx, reading[rediscloud.ACLUser]{
		connection: r.connection, what: "ACL user", timeouts: state.Timeouts,
		get: func(ctx context.Context) (*rediscloud.ACLUser, error) {
			return r.client.ACLUsers.Get(ctx, id(state.ID))
		},
		save: saveACLUser(&resp.State, state),
	}, &resp.State, resp.Private, &resp.Diagnostics)
}

func (r *aclUserResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state aclUserModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	user, err := r.update(ctx, id(state.ID), &plan)
	if err != nil {
		resp.Diagnostics.Append(problem("change ACL user "+state.Name.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(saveACLUser(&resp.State, plan)(ctx, user)...)
}

func (r *aclUserResource) update(ctx context.Context, userID int, plan *aclUserModel) (*rediscloud.ACLUser, error) {
	task, err := r.client.ACLUsers.Update(ctx, userID, &rediscloud.ACLUserUpdateRequest{
		Role: optional[string](plan.Role), Password: optional[rediscloud.Secret](plan.Password),
	})
	if err != nil {
		return nil, err
	}
	return task.WaitProvisioned(ctx)
}

func (r *aclUserResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state aclUserModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, defaultTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	userID := id(state.ID)
	if userID == 0 {
		user, err := unfinished[rediscloud.ACLUser](ctx, r.connection, req.Private)
		if user == nil {
			removed(ctx, r.connection, "ACL user", err, req.Private, resp)
			return
		}
		userID = user.ID
	}
	task, err := r.client.ACLUsers.Delete(ctx, userID)
	if err == nil {
		_, err = task.WaitProvisioned(ctx)
	}
	removed(ctx, r.connection, "ACL user", err, req.Private, resp)
}

func (r *aclUserResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importIDs(ctx, req, resp, "id")
}
