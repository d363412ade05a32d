package rediscloud

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSubscriptionsCIDRAllowlist(t *testing.T) {
	list, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[CIDRAllowlist], error) {
			return c.Subscriptions.GetCIDRAllowlist(ctx, 12)
		},
		wire{method: "GET", path: "/subscriptions/12/cidr", status: 202, answer: received},
		completed(`{"resourceId":12,"resource":{"cidr_ips":["10.1.1.0/32"],"security_group_ids":["sg-1"],"errors":null}}`),
	)
	require.NoError(t, err)
	assert.Equal(t, &CIDRAllowlist{CIDRIPs: []string{"10.1.1.0/32"}, SecurityGroupIDs: []string{"sg-1"}}, list)
}

func TestSubscriptionsUpdateCIDRAllowlist(t *testing.T) {
	list, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[CIDRAllowlist], error) {
			return c.Subscriptions.UpdateCIDRAllowlist(ctx, 12, &CIDRAllowlistUpdateRequest{
				CIDRIPs:          []string{"10.1.1.0/32"},
				SecurityGroupIDs: []string{"sg-1"},
			})
		},
		wire{method: "PUT", path: "/subscriptions/12/cidr", body: `{"cidrIps":["10.1.1.0/32"],"securityGroupIds":["sg-1"]}`, status: 202, answer: received},
		completed(`{"resource":{"cidr_ips":["10.1.1.0/32"],"security_group_ids":["sg-1"]}}`),
	)
	require.NoError(t, err)
	assert.Equal(t, &CIDRAllowlist{CIDRIPs: []string{"10.1.1.0/32"}, SecurityGroupIDs: []string{"sg-1"}}, list)
}

// The API need not echo the list: then it is read.
func TestSubscriptionsUpdateCIDRAllowlistWithoutEcho(t *testing.T) {
	list, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[CIDRAllowlist], error) {
			return c.Subscriptions.UpdateCIDRAllowlist(ctx, 12, &CIDRAllowlistUpdateRequest{CIDRIPs: []string{}})
		},
		wire{method: "PUT", path: "/subscriptions/12/cidr", body: `{"cidrIps":[]}`, answer: received},
		completed(`{}`),
		wire{method: "GET", path: "/subscriptions/12/cidr", answer: `{"taskId":"t2","status":"received"}`},
		wire{method: "GET", path: "/tasks/t2", answer: `{"taskId":"t2","status":"processing-completed","response":{"resource":{"cidr_ips":[]}}}`},
	)
	require.NoError(t, err)
	assert.Equal(t, &CIDRAllowlist{CIDRIPs: []string{}}, list)
}

func TestCIDRAllowlistDecodes(t *testing.T) {
	for doc, errs := range map[string]any{
		`["overlap"]`:      []any{"overlap"},
		`{"sg-1":"gone"}`:  map[string]any{"sg-1": "gone"},
		`"something else"`: "something else",
	} {
		assertDecodes(t, CIDRAllowlist{CIDRIPs: []string{"10.1.1.0/32"}, SecurityGroupIDs: []string{}, Errors: errs},
			`{"cidr_ips":["10.1.1.0/32"],"security_group_ids":[],"errors":`+doc+`}`)
	}
}
