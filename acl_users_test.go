package rediscloud

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readACLUser is the read of the user that the task tests use.
func readACLUser(status string) wire {
	return wire{method: "GET", path: "/acl/users/5", answer: `{"id":5,"name":"ann","role":"reader","status":"` + status + `"}`}
}

func TestACLUsersGet(t *testing.T) {
	client := newWire(t,
		readACLUser("active"),
		wire{method: "GET", path: "/acl/users/5", status: 404, answer: `{"status":404,"error":"Not Found","message":"ACL user 5 not found"}`},
		wire{method: "GET", path: "/acl/users/5", answer: `{}`})
	user, err := client.ACLUsers.Get(t.Context(), 5)
	require.NoError(t, err)
	assert.Equal(t, &ACLUser{ID: 5, Name: "ann", Role: "reader", Status: ACLStatusActive}, user)

	_, err = client.ACLUsers.Get(t.Context(), 5)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.ACLUsers.Get(t.Context(), 5)
	var odd *DecodeError
	require.ErrorAs(t, err, &odd)
}

func TestACLUsersList(t *testing.T) {
	exchange := wire{method: "GET", path: "/acl/users", answer: `{"accountId":7,"users":[{"id":5},{"id":6}],"links":[]}`}
	client := newWire(t, exchange, exchange, exchange, wire{method: "GET", path: "/acl/users", status: 403})
	list, err := client.ACLUsers.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &ACLUserList{AccountID: 7, Users: []ACLUser{{ID: 5}, {ID: 6}}, Links: Links{}}, list)
	assertAll(t, client.ACLUsers.All, func(u *ACLUser) int { return u.ID }, 5, 6)
}

func TestACLUsersCreate(t *testing.T) {
	create := func(ctx context.Context, c *Client) (*Task[ACLUser], error) {
		return c.ACLUsers.Create(ctx, &ACLUserCreateRequest{Name: "ann", Role: "reader", Password: "pa55"})
	}
	post := wire{method: "POST", path: "/acl/users", body: `{"name":"ann","role":"reader","password":"pa55"}`, status: 202, answer: received}

	user, err := waitWire(t, create, post, completed(`{"resourceId":5}`), readACLUser("pending"))
	require.NoError(t, err)
	assert.Equal(t, &ACLUser{ID: 5, Name: "ann", Role: "reader", Status: ACLStatusPending}, user)

	user, err = provisionWire(t, create, post, completed(`{"resourceId":5}`), readACLUser("pending"), readACLUser("active"))
	require.NoError(t, err)
	assert.Equal(t, ACLStatusActive, user.Status)

	_, err = provisionWire(t, create, post, completed(`{"resourceId":5}`), readACLUser("error"))
	var failed *ProvisionError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "ACL user", failed.Kind)

	_, err = waitWire(t, create, post, wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-error",
		"response":{"error":{"type":"ACL_USER_NAME_ALREADY_EXISTS","description":"taken"},"additionalInfo":"x"}}`})
	require.ErrorIs(t, err, ErrConflict)
}

func TestACLUsersUpdate(t *testing.T) {
	for body, req := range map[string]*ACLUserUpdateRequest{
		`{}`:                                  {},
		`{"role":"reader","password":"pa55"}`: {Role: new("reader"), Password: new(Secret("pa55"))},
	} {
		user, err := provisionWire(t,
			func(ctx context.Context, c *Client) (*Task[ACLUser], error) { return c.ACLUsers.Update(ctx, 5, req) },
			wire{method: "PUT", path: "/acl/users/5", body: body, answer: received},
			completed(`{"resourceId":5}`), readACLUser("pending"), readACLUser("active"))
		require.NoError(t, err)
		assert.Equal(t, "ann", user.Name)
	}
}

func TestACLUsersDelete(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) { return c.ACLUsers.Delete(ctx, 5) },
		wire{method: "DELETE", path: "/acl/users/5", answer: received},
		completed(`{"resourceId":5}`), readACLUser("deleting"), wire{method: "GET", path: "/acl/users/5", status: 404, times: 2})
	require.NoError(t, err)
}

func TestACLUserDecodes(t *testing.T) {
	assertDecodes(t, ACLUserList{
		AccountID: 7,
		Users: []ACLUser{{
			ID: 5, Name: "ann", Role: "reader", Status: ACLStatusDeleting,
			Links: Links{{Rel: "self", Href: "https://x/acl/users/5", Type: "GET"}},
		}},
		Links: Links{{Rel: "self", Href: "https://x/acl/users"}},
	}, `{"accountId":7,"users":[{"id":5,"name":"ann","role":"reader","status":"deleting",
		"links":[{"rel":"self","href":"https://x/acl/users/5","type":"GET"}]}],"links":[{"rel":"self","href":"https://x/acl/users"}]}`)
}

// Invalid requests and ids fail before anything is sent.
func TestACLRefuse(t *testing.T) {
	ctx, c := t.Context(), newWire(t)
	second := func(_ any, err error) error { return err }
	rules := func(change func(*ACLRoleRuleSpec)) []ACLRoleRuleSpec {
		rule := ACLRoleRuleSpec{RuleName: "r", Databases: []ACLRoleDatabaseSpec{{SubscriptionID: 12, DatabaseID: 34, Regions: []string{"us-east-1"}}}}
		change(&rule)
		return []ACLRoleRuleSpec{{RuleName: "all", Databases: []ACLRoleDatabaseSpec{}}, rule}
	}
	role := func(change func(*ACLRoleRuleSpec)) error {
		return second(c.ACLRoles.Update(ctx, 3, &ACLRoleUpdateRequest{RedisRules: rules(change)}))
	}
	for want, err := range map[string]error{
		"GET /acl/users/{aclUserId}: aclUserId must be positive, not 0":                                   second(c.ACLUsers.Get(ctx, 0)),
		"POST /acl/users: the request is nil":                                                             second(c.ACLUsers.Create(ctx, nil)),
		"POST /acl/users: Name is required":                                                               second(c.ACLUsers.Create(ctx, &ACLUserCreateRequest{Role: "r", Password: "p"})),
		"POST /acl/users: Role is required":                                                               second(c.ACLUsers.Create(ctx, &ACLUserCreateRequest{Name: "n", Password: "p"})),
		"POST /acl/users: Password is required":                                                           second(c.ACLUsers.Create(ctx, &ACLUserCreateRequest{Name: "n", Role: "r"})),
		"PUT /acl/users/{aclUserId}: the request is nil":                                                  second(c.ACLUsers.Update(ctx, 5, nil)),
		"PUT /acl/users/{aclUserId}: Role must not be empty":                                              second(c.ACLUsers.Update(ctx, 5, &ACLUserUpdateRequest{Role: new("")})),
		"PUT /acl/users/{aclUserId}: Password must not be empty":                                          second(c.ACLUsers.Update(ctx, 5, &ACLUserUpdateRequest{Password: new(Secret(""))})),
		"DELETE /acl/users/{aclUserId}: aclUserId must be positive, not -1":                               second(c.ACLUsers.Delete(ctx, -1)),
		"GET /acl/roles: the id of the ACL role must be positive, not 0":                                  second(c.ACLRoles.Get(ctx, 0)),
		"POST /acl/roles: the request is nil":                                                             second(c.ACLRoles.Create(ctx, nil)),
		"POST /acl/roles: Name is required":                                                               second(c.ACLRoles.Create(ctx, &ACLRoleCreateRequest{})),
		"POST /acl/roles: RedisRules is required":                                                         second(c.ACLRoles.Create(ctx, &ACLRoleCreateRequest{Name: "n"})),
		"POST /acl/roles: RedisRules[0].RuleName is required":                                             second(c.ACLRoles.Create(ctx, &ACLRoleCreateRequest{Name: "n", RedisRules: make([]ACLRoleRuleSpec, 1)})),
		"PUT /acl/roles/{aclRoleId}: aclRoleId must be positive, not 0":                                   second(c.ACLRoles.Update(ctx, 0, &ACLRoleUpdateRequest{})),
		"PUT /acl/roles/{aclRoleId}: Name must not be empty":                                              second(c.ACLRoles.Update(ctx, 3, &ACLRoleUpdateRequest{Name: new("")})),
		"PUT /acl/roles/{aclRoleId}: RedisRules[1].RuleName is required":                                  role(func(r *ACLRoleRuleSpec) { r.RuleName = "" }),
		"PUT /acl/roles/{aclRoleId}: RedisRules[1].Databases is required":                                 role(func(r *ACLRoleRuleSpec) { r.Databases = nil }),
		"DELETE /acl/roles/{aclRoleId}: aclRoleId must be positive, not 0":                                second(c.ACLRoles.Delete(ctx, 0)),
		"GET /acl/redisRules: the id of the Redis ACL rule must be positive, not -3":                      second(c.ACLRedisRules.Get(ctx, -3)),
		"POST /acl/redisRules: Name is required":                                                          second(c.ACLRedisRules.Create(ctx, &ACLRedisRuleCreateRequest{Rule: "+get"})),
		"POST /acl/redisRules: Rule is required":                                                          second(c.ACLRedisRules.Create(ctx, &ACLRedisRuleCreateRequest{Name: "n"})),
		"PUT /acl/redisRules/{aclRedisRuleId}: Name is required":                                          second(c.ACLRedisRules.Update(ctx, 9, &ACLRedisRuleUpdateRequest{Rule: "+get"})),
		"PUT /acl/redisRules/{aclRedisRuleId}: Rule is required":                                          second(c.ACLRedisRules.Update(ctx, 9, &ACLRedisRuleUpdateRequest{Name: "n"})),
		"DELETE /acl/redisRules/{aclRedisRuleId}: aclRedisRuleId must be positive, not 0":                 second(c.ACLRedisRules.Delete(ctx, 0)),
		"PUT /acl/roles/{aclRoleId}: RedisRules[1].Databases[0].SubscriptionID must be at least 1, not 0": role(func(r *ACLRoleRuleSpec) { r.Databases[0].SubscriptionID = 0 }),
		"PUT /acl/roles/{aclRoleId}: RedisRules[1].Databases[0].DatabaseID must be at least 1, not -1":    role(func(r *ACLRoleRuleSpec) { r.Databases[0].DatabaseID = -1 }),
		"PUT /acl/roles/{aclRoleId}: RedisRules[1].Databases[0].Regions[0] must not be empty":             role(func(r *ACLRoleRuleSpec) { r.Databases[0].Regions[0] = "" }),
	} {
		require.EqualError(t, err, "rediscloud: "+want)
	}
}

func TestACLSecretsAreNotPrinted(t *testing.T) {
	req := &ACLUserCreateRequest{Name: "ann", Role: "reader", Password: "pa55"}
	assert.NotContains(t, fmt.Sprintf("%+v %#v", req, req), "pa55")
	doc, err := json.Marshal(req)
	require.NoError(t, err)
	assert.Contains(t, string(doc), "pa55")
}
