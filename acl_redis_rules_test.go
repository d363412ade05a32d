package rediscloud

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readRules is the list with the rule that the task tests use.
func readRules(status string) wire {
	return wire{method: "GET", path: "/acl/redisRules", answer: `{"accountId":7,"redisRules":[
		{"id":7,"name":"Full-Access","acl":"+@all  ~*","isDefault":true,"status":"active"},
		{"id":20,"name":"getter","acl":"+get ~*","isDefault":false,"status":"` + status + `"}]}`}
}

func TestACLRedisRulesGet(t *testing.T) {
	client := newWire(t, readRules("active"), readRules("active"))
	rule, err := client.ACLRedisRules.Get(t.Context(), 7)
	require.NoError(t, err)
	assert.Equal(t, &ACLRedisRule{ID: 7, Name: "Full-Access", Rule: "+@all  ~*", IsDefault: true, Status: ACLStatusActive}, rule)
	_, err = client.ACLRedisRules.Get(t.Context(), 8)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestACLRedisRulesList(t *testing.T) {
	client := newWire(t, readRules("active"), readRules("active"), readRules("active"), wire{method: "GET", path: "/acl/redisRules", status: 403})
	list, err := client.ACLRedisRules.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 7, list.AccountID)
	require.Len(t, list.RedisRules, 2)
	assertAll(t, client.ACLRedisRules.All, func(r *ACLRedisRule) int { return r.ID }, 7, 20)
}

func TestACLRedisRulesCreateAndUpdate(t *testing.T) {
	for _, test := range []struct {
		method, path string
		submit       func(context.Context, *Client) (*Task[ACLRedisRule], error)
	}{
		{"POST", "/acl/redisRules", func(ctx context.Context, c *Client) (*Task[ACLRedisRule], error) {
			return c.ACLRedisRules.Create(ctx, &ACLRedisRuleCreateRequest{Name: "getter", Rule: "+get ~*"})
		}},
		{"PUT", "/acl/redisRules/20", func(ctx context.Context, c *Client) (*Task[ACLRedisRule], error) {
			return c.ACLRedisRules.Update(ctx, 20, &ACLRedisRuleUpdateRequest{Name: "getter", Rule: "+get ~*"})
		}},
	} {
		write := wire{method: test.method, path: test.path, body: `{"name":"getter","redisRule":"+get ~*"}`, status: 202, answer: received}
		rule, err := waitWire(t, test.submit, write, completed(`{"resourceId":20}`), readRules("pending"))
		require.NoError(t, err)
		assert.Equal(t, &ACLRedisRule{ID: 20, Name: "getter", Rule: "+get ~*", Status: ACLStatusPending}, rule)

		rule, err = provisionWire(t, test.submit, write, completed(`{"resourceId":20}`), readRules("pending"), readRules("active"))
		require.NoError(t, err)
		assert.Equal(t, ACLStatusActive, rule.Status)
	}
}

func TestACLRedisRulesDelete(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) { return c.ACLRedisRules.Delete(ctx, 20) },
		wire{method: "DELETE", path: "/acl/redisRules/20", status: 202, answer: received},
		completed(`{"resourceId":20}`), readRules("deleting"),
		wire{method: "GET", path: "/acl/redisRules", answer: `{"redisRules":[{"id":7,"status":"active"}]}`, times: 2})
	require.NoError(t, err)
}

func TestACLRedisRuleDecodes(t *testing.T) {
	assertDecodes(t, ACLRedisRuleList{
		AccountID: 7,
		RedisRules: []ACLRedisRule{{
			ID: 7, Name: "Full-Access", Rule: "+@all  ~*", IsDefault: true, Status: ACLStatusActive,
			Links: Links{{Rel: "self", Href: "https://x/acl/redisRules/7"}},
		}},
		Links: Links{{Rel: "self", Href: "https://x/acl/redisRules"}},
	}, `{"accountId":7,"redisRules":[{"id":7,"name":"Full-Access","acl":"+@all  ~*","isDefault":true,"status":"active",
		"links":[{"rel":"self","href":"https://x/acl/redisRules/7"}]}],"links":[{"rel":"self","href":"https://x/acl/redisRules"}]}`)
}
