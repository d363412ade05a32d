package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type aclRoleModel struct {
	ID       types.Int64        `tfsdk:"id"`
	Name     types.String       `tfsdk:"name"`
	Rules    []aclRoleRuleModel `tfsdk:"rules"`
	Status   types.String       `tfsdk:"status"`
	Timeouts timeouts.Value     `tfsdk:"timeouts"`
}

type aclRoleRuleModel struct {
	Rule      types.String           `tfsdk:"rule"`
	Databases []aclRoleDatabaseModel `tfsdk:"databases"`
}

type aclRoleDatabaseModel struct {
	SubscriptionID types.Int64 `tfsdk:"subscription_id"`
	ID             types.Int64 `tfsdk:"id"`
	Regions        types.Set   `tfsdk:"regions"`
}

func aclRoleSchema(context.Context) schema.Schema {
	return schema.Schema{
		Description: "A role of users: which rules apply to them in which databases. Imported by id.",
		Attributes: map[string]schema.Attribute{
			"id":   idAttribute("ID of the role."),
			"name": schema.StringAttribute{Required: true, Description: "Name, by which users refer to it."},
			"rules": schema.SetNestedAttribute{
				Required: true, Description: "Its rules.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"rule": schema.StringAttribute{Required: true, Description: "Name of the rule."},
					"databases": schema.SetNestedAttribute{
						Required: true, Description: "Where it applies. A role can have one rule per database.",
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"subscription_id": schema.Int64Attribute{Required: true, Description: "ID of the subscription of the database."},
							"id":              schema.Int64Attribute{Required: true, Description: "ID of the database."},
							"regions":         schema.SetAttribute{ElementType: types.StringType, Optional: true, Description: "Regions in which it applies, for an Active-Active database."},
						}},
					},
				}},
			},
			"status": statusAttribute(),
		},
	}
}

func (m *aclRoleModel) key() (int, string) { return 0, m.Name.ValueString() }

func (m *aclRoleModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.ACLRole], error) {
	return client.ACLRoles.Create(ctx, &rediscloud.ACLRoleCreateRequest{Name: m.Name.ValueString(), RedisRules: m.specs()})
}

func (m *aclRoleModel) read(ctx context.Context, client *rediscloud.Client) (*rediscloud.ACLRole, error) {
	return client.ACLRoles.Get(ctx, id(m.ID))
}

func (m *aclRoleModel) update(state *aclRoleModel) request[rediscloud.ACLRole] {
	req := &rediscloud.ACLRoleUpdateRequest{Name: optional[string](changed(m.Name, state.Name))}
	if specs := m.specs(); !sameRules(specs, state.specs()) {
		req.RedisRules = specs
	}
	if isZero(req) {
		return nil
	}
	return func(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.ACLRole], error) {
		return client.ACLRoles.Update(ctx, id(state.ID), req)
	}
}

func (m *aclRoleModel) delete(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error) {
	return client.ACLRoles.Delete(ctx, id(m.ID))
}

func (m *aclRoleModel) specs() []rediscloud.ACLRoleRuleSpec {
	var specs []rediscloud.ACLRoleRuleSpec
	for _, rule := range m.Rules {
		spec := rediscloud.ACLRoleRuleSpec{RuleName: rule.Rule.ValueString(), Databases: []rediscloud.ACLRoleDatabaseSpec{}}
		for _, db := range rule.Databases {
			spec.Databases = append(spec.Databases, rediscloud.ACLRoleDatabaseSpec{SubscriptionID: id(db.SubscriptionID), DatabaseID: id(db.ID), Regions: texts(db.Regions)})
		}
		specs = append(specs, spec)
	}
	return specs
}

// sameRules reports whether two roles have the same rules in the same places,
// in any order.
func sameRules(a, b []rediscloud.ACLRoleRuleSpec) bool {
	type place struct {
		rule                   string
		subscription, database int
		region                 string
	}
	places := func(specs []rediscloud.ACLRoleRuleSpec) map[place]bool {
		found := map[place]bool{}
		for _, spec := range specs {
			found[place{rule: spec.RuleName}] = true
			for _, db := range spec.Databases {
				found[place{spec.RuleName, db.SubscriptionID, db.DatabaseID, ""}] = len(db.Regions) == 0
				for _, region := range db.Regions {
					found[place{spec.RuleName, db.SubscriptionID, db.DatabaseID, region}] = true
				}
			}
		}
		return found
	}
	return reflect.DeepEqual(places(a), places(b))
}

func (m *aclRoleModel) fill(role *rediscloud.ACLRole) {
	m.ID = types.Int64Value(int64(role.ID))
	m.Name = text(role.Name)
	m.Status = text(role.Status)
	m.Rules = []aclRoleRuleModel{}
	for _, rule := range role.RedisRules {
		filled := aclRoleRuleModel{Rule: text(rule.RuleName), Databases: []aclRoleDatabaseModel{}}
		for _, db := range rule.Databases {
			regions := types.SetNull(types.StringType)
			if len(db.Regions) > 0 {
				regions = textSet(db.Regions)
			}
			filled.Databases = append(filled.Databases, aclRoleDatabaseModel{
				SubscriptionID: types.Int64Value(int64(db.SubscriptionID)), ID: types.Int64Value(int64(db.DatabaseID)), Regions: regions,
			})
		}
		m.Rules = append(m.Rules, filled)
	}
}
