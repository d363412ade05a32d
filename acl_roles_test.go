package rediscloud

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readRoles is the list with the role that the task tests use.
func readRoles(status string) wire {
	return rolesAnswer(`{"accountId":7,"roles":[{"id":2,"name":"other","status":"active"},{"id":3,"name":"reader","status":"` + status + `"}]}`)
}

func TestACLRolesGet(t *testing.T) {
	role, err := newWire(t, readRoles("error")).ACLRoles.Get(t.Context(), 3)
	require.NoError(t, err)
	assert.Equal(t, &ACLRole{ID: 3, Name: "reader", Status: ACLStatusError}, role)
}

func TestACLRolesList(t *testing.T) {
	client := newWire(t, readRoles("active"), readRoles("active"), readRoles("active"), wire{method: "GET", path: "/acl/roles", status: 403})
	list, err := client.ACLRoles.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 7, list.AccountID)
	require.Len(t, list.Roles, 2)
	assertAll(t, client.ACLRoles.All, func(r *ACLRole) int { return r.ID }, 2, 3)
}

func TestACLRolesCreate(t *testing.T) {
	role, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[ACLRole], error) {
			return c.ACLRoles.Create(ctx, &ACLRoleCreateRequest{Name: "reader", RedisRules: []ACLRoleRuleSpec{
				{RuleName: "Read-Only", Databases: []ACLRoleDatabaseSpec{
					{SubscriptionID: 12, DatabaseID: 34},
					{SubscriptionID: 13, DatabaseID: 35, Regions: []string{"us-east-1"}},
					{SubscriptionID: 13, DatabaseID: 36, Regions: []string{}},
				}},
				{RuleName: "none", Databases: []ACLRoleDatabaseSpec{}},
			}})
		},
		wire{method: "POST", path: "/acl/roles", status: 202, answer: received, body: `{"name":"reader","redisRules":[
			{"ruleName":"Read-Only","databases":[{"subscriptionId":12,"databaseId":34},
				{"subscriptionId":13,"databaseId":35,"regions":["us-east-1"]},{"subscriptionId":13,"databaseId":36,"regions":[]}]},
			{"ruleName":"none","databases":[]}]}`},
		completed(`{"resourceId":3}`), readRoles("pending"), readRoles("active"))
	require.NoError(t, err)
	assert.Equal(t, &ACLRole{ID: 3, Name: "reader", Status: ACLStatusActive}, role)
}

func TestACLRolesUpdate(t *testing.T) {
	for body, req := range map[string]*ACLRoleUpdateRequest{
		`{}`:                {},
		`{"redisRules":[]}`: {RedisRules: []ACLRoleRuleSpec{}},
		`{"name":"reader","redisRules":[{"ruleName":"r","databases":[]}]}`: {
			Name: new("reader"), RedisRules: []ACLRoleRuleSpec{{RuleName: "r", Databases: []ACLRoleDatabaseSpec{}}},
		},
	} {
		update := func(ctx context.Context, c *Client) (*Task[ACLRole], error) { return c.ACLRoles.Update(ctx, 3, req) }
		put := wire{method: "PUT", path: "/acl/roles/3", body: body, status: 202, answer: received}

		// The task doesn't have to name the role.
		role, err := waitWire(t, update, put, completed(`{}`), readRoles("pending"))
		require.NoError(t, err)
		assert.Equal(t, &ACLRole{ID: 3, Name: "reader", Status: ACLStatusPending}, role)

		role, err = provisionWire(t, update, put, completed(`{"resourceId":3}`), readRoles("pending"), readRoles("active"))
		require.NoError(t, err)
		assert.Equal(t, ACLStatusActive, role.Status)
	}
}

func TestACLRolesDelete(t *testing.T) {
	remove := func(ctx context.Context, c *Client) (*Task[None], error) { return c.ACLRoles.Delete(ctx, 3) }
	del := wire{method: "DELETE", path: "/acl/roles/3", answer: received}

	_, err := provisionWire(t, remove, del, completed(`{"resourceId":3}`), readRoles("deleting"), rolesAnswer(`{"roles":[{"id":2}]}`), rolesAnswer(`{"roles":[{"id":2}]}`))
	require.NoError(t, err)

	_, err = provisionWire(t, remove, del, completed(`{}`), wire{method: "GET", path: "/acl/roles", status: 404, times: 2})
	require.NoError(t, err)
}

func TestACLRoleDecodes(t *testing.T) {
	assertDecodes(t, ACLRoleList{
		AccountID: 7,
		Roles: []ACLRole{{
			ID: 3, Name: "reader", Status: ACLStatusError,
			RedisRules: []ACLRoleRule{{RuleID: 9, RuleName: "Read-Only", Databases: []ACLRoleDatabase{
				{SubscriptionID: 12, DatabaseID: 34, DatabaseName: "cache"},
				{SubscriptionID: 13, DatabaseID: 35, DatabaseName: "everywhere", Regions: []string{"us-east-1"}},
			}}},
			Users: []ACLRoleUser{{ID: 5, Name: "ann"}},
			Links: Links{{Rel: "self", Href: "https://x/acl/roles/3"}},
		}},
		Links: Links{{Rel: "self", Href: "https://x/acl/roles"}},
	}, `{"accountId":7,"roles":[{"id":3,"name":"reader","status":"error","redisRules":[{"ruleId":9,"ruleName":"Read-Only","databases":[
			{"subscriptionId":12,"databaseId":34,"databaseName":"cache"},
			{"subscriptionId":13,"databaseId":35,"databaseName":"everywhere","regions":["us-east-1"]}]}],
			"users":[{"id":5,"name":"ann"}],"links":[{"rel":"self","href":"https://x/acl/roles/3"}]}],
		"links":[{"rel":"self","href":"https://x/acl/roles"}]}`)
}
