package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type aclRuleModel struct {
	ID       types.Int64    `tfsdk:"id"`
	Name     types.String   `tfsdk:"name"`
	Rule     types.String   `tfsdk:"rule"`
	Status   types.String   `tfsdk:"status"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func aclRuleSchema(context.Context) schema.Schema {
	return schema.Schema{
		Description: "A rule of roles: which commands, keys and channels are allowed. Imported by id.",
		Attributes: map[string]schema.Attribute{
			"id":     idAttribute("ID of the rule."),
			"name":   schema.StringAttribute{Required: true, Description: "Name, by which roles refer to it."},
			"rule":   schema.StringAttribute{Required: true, Description: "What is allowed, in the syntax of Redis ACLs, such as +@read ~cache:*."},
			"status": statusAttribute(),
		},
	}
}

func (m *aclRuleModel) key() (int, string) { return 0, m.Name.ValueString() }

func (m *aclRuleModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.ACLRedisRule], error) {
	return client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: m.Name.ValueString(), Rule: m.Rule.ValueString()})
}

func (m *aclRuleModel) read(ctx context.Context, client *rediscloud.Client) (*rediscloud.ACLRedisRule, error) {
	return client.ACLRedisRules.Get(ctx, id(m.ID))
}

func (m *aclRuleModel) update(state *aclRuleModel) request[rediscloud.ACLRedisRule] {
	if m.Name.Equal(state.Name) && m.Rule.Equal(state.Rule) {
		return nil
	}
	return func(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.ACLRedisRule], error) {
		return client.ACLRedisRules.Update(ctx, id(state.ID), &rediscloud.ACLRedisRuleUpdateRequest{Name: m.Name.ValueString(), Rule: m.Rule.ValueString()})
	}
}

func (m *aclRuleModel) delete(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error) {
	return client.ACLRedisRules.Delete(ctx, id(m.ID))
}

func (m *aclRuleModel) fill(rule *rediscloud.ACLRedisRule) {
	m.ID = types.Int64Value(int64(rule.ID))
	m.Name = text(rule.Name)
	m.Rule = text(rule.Rule)
	m.Status = text(rule.Status)
}
