package rediscloud

import (
	"context"
	"testing"
)

func TestSubscriptionsUpdateResourceTags(t *testing.T) {
	for _, tt := range []struct {
		name string
		tags []ResourceTag
		want string
	}{
		{"some", []ResourceTag{{Key: "team", Value: "a"}, {Key: "blank"}}, `{"resourceTags":[{"key":"team","value":"a"},{"key":"blank","value":""}]}`},
		{"none", []ResourceTag{}, `{"resourceTags":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := waitWire(t,
				func(ctx context.Context, c *Client) (*Task[Subscription], error) {
					return c.Subscriptions.ReplaceResourceTags(ctx, 12, &ResourceTagsReplaceRequest{ResourceTags: tt.tags})
				},
				wire{method: "PUT", path: "/subscriptions/12/resource-tags", body: tt.want, status: 202, answer: received},
				completed(`{}`),
				wire{method: "GET", path: "/subscriptions/12", answer: subscription12},
			)
			assertSubscription12(t, s, err)
		})
	}
}
