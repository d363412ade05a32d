package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type aclUserModel struct {
	ID       types.Int64    `tfsdk:"id"`
	Name     types.String   `tfsdk:"name"`
	Role     types.String   `tfsdk:"role"`
	Password types.String   `tfsdk:"password"`
	Status   types.String   `tfsdk:"status"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func aclUserSchema(context.Context) schema.Schema {
	return schema.Schema{
		Description: "A user that connects to databases. Imported by id; the password is then set again.",
		Attributes: map[string]schema.Attribute{
			"id": idAttribute("ID of the user."),
			"name": schema.StringAttribute{
				Required: true, Description: "Name, which can't be changed.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"role":     schema.StringAttribute{Required: true, Description: "Name of the role, which determines what the user may do."},
			"password": schema.StringAttribute{Required: true, Sensitive: true, Description: "Password. Redis Cloud doesn't return it, so changes made elsewhere aren't detected."},
			"status":   statusAttribute(),
		},
	}
}

func (m *aclUserModel) key() (int, string) { return 0, m.Name.ValueString() }

func (m *aclUserModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.ACLUser], error) {
	return client.ACLUsers.Create(ctx, &rediscloud.ACLUserCreateRequest{
		Name: m.Name.ValueString(), Role: m.Role.ValueString(), Password: rediscloud.Secret(m.Password.ValueString()),
	})
}

func (m *aclUserModel) read(ctx context.Context, client *rediscloud.Client) (*rediscloud.ACLUser, error) {
	return client.ACLUsers.Get(ctx, id(m.ID))
}

func (m *aclUserModel) update(state *aclUserModel) request[rediscloud.ACLUser] {
	req := &rediscloud.ACLUserUpdateRequest{
		Role: optional[string](changed(m.Role, state.Role)), Password: optional[rediscloud.Secret](changed(m.Password, state.Password)),
	}
	if isZero(req) {
		return nil
	}
	return func(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.ACLUser], error) {
		return client.ACLUsers.Update(ctx, id(state.ID), req)
	}
}

func (m *aclUserModel) delete(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error) {
	return client.ACLUsers.Delete(ctx, id(m.ID))
}

// fill sets everything except the password, which the API doesn't return.
func (m *aclUserModel) fill(user *rediscloud.ACLUser) {
	m.ID = types.Int64Value(int64(user.ID))
	m.Name = text(user.Name)
	m.Role = text(user.Role)
	m.Status = text(user.Status)
}
