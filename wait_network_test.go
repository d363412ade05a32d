package rediscloud

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Networks can be waited for without a task: by another process after the other
// side has accepted, for instance. Each poll is a task.
func TestNetworksWaitActive(t *testing.T) {
	pro, region := NetworkRef{SubscriptionID: 12}, NetworkRef{SubscriptionID: 12, RegionID: 3}
	for name, test := range map[string]struct {
		path            string
		wait            func(context.Context, *Client) (status string, err error)
		pending, active string
	}{
		"VPC peering": {"/subscriptions/12/peerings", func(ctx context.Context, c *Client) (string, error) {
			p, err := c.VPCPeerings.WaitProvisioned(ctx, pro, 5)
			return statusOf(p, err, func() string { return string(p.Status) })
		}, `{"peerings":[{"vpcPeeringId":5,"status":"initiating-request"}]}`, `{"peerings":[{"vpcPeeringId":5,"status":"active"}]}`},
		"VPC peering, Active-Active": {"/subscriptions/12/regions/peerings", func(ctx context.Context, c *Client) (string, error) {
			p, err := c.VPCPeerings.WaitProvisioned(ctx, region, 5)
			return statusOf(p, err, func() string { return string(p.Status) })
		}, `{"regions":[{"vpcPeerings":[{"id":5,"status":"initiating-request"}]}]}`, `{"regions":[{"vpcPeerings":[{"id":5,"status":"active"}]}]}`},
		"transit gateway": {"/subscriptions/12/regions/3/transitGateways", func(ctx context.Context, c *Client) (string, error) {
			g, err := c.TransitGateways.WaitProvisioned(ctx, region, 5)
			return statusOf(g, err, func() string { return string(g.Status) })
		}, `{"tgws":[{"id":5,"status":"available","attachmentStatus":"pending"}]}`, `{"tgws":[{"id":5,"status":"available","attachmentStatus":"available"}]}`},
		"Private Service Connect": {"/subscriptions/12/private-service-connect", func(ctx context.Context, c *Client) (string, error) {
			p, err := c.PrivateServiceConnect.WaitProvisioned(ctx, pro)
			return statusOf(p, err, func() string { return string(p.Status) })
		}, `{"id":5,"status":"create-pending"}`, `{"id":5,"status":"active"}`},
		"endpoint": {"/subscriptions/12/private-service-connect/4", func(ctx context.Context, c *Client) (string, error) {
			e, err := c.PrivateServiceConnect.WaitEndpointProvisioned(ctx, PSCEndpointRef{NetworkRef: pro, ServiceID: 4, EndpointID: 5})
			return statusOf(e, err, func() string { return string(e.Status) })
		}, `{"endpoints":[{"id":5,"status":"processing"}]}`, `{"endpoints":[{"id":5,"status":"active"}]}`},
		"PrivateLink": {"/subscriptions/12/regions/3/private-link", func(ctx context.Context, c *Client) (string, error) {
			l, err := c.PrivateLink.WaitProvisioned(ctx, region)
			return statusOf(l, err, func() string { return string(l.Status) })
		}, `{"status":"initializing"}`, `{"status":"active"}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				look := func(doc string) wire {
					return wire{method: "GET", path: test.path, answer: `{"taskId":"t1","status":"processing-completed","response":{"resource":` + doc + `}}`}
				}
				status, err := test.wait(t.Context(), newWire(t, look(test.pending), look(test.pending), look(test.active)))
				require.NoError(t, err)
				assert.Contains(t, []string{"active", "available"}, status)
			})
		})
	}
}

func statusOf[T any](result *T, err error, status func() string) (string, error) {
	if err != nil || result == nil {
		return "", err
	}
	return status(), nil
}
