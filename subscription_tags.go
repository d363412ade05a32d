package rediscloud

import (
	"cmp"
	"context"
)

// A ResourceTag is a tag of the cloud provider's resources that belong to a
// subscription. Only subscriptions in a cloud account of the customer have
// them.
type ResourceTag struct {
	Key   string `json:"key"` // must be unique and not empty
	Value string `json:"value"`
}

func (t *ResourceTag) validate() error { return required("Key", t.Key != "") }

// ResourceTagsReplaceRequest sets the resource tags of a subscription.
type ResourceTagsReplaceRequest struct {
	// ResourceTags replace all existing ones. An empty list removes them, so
	// nil is an error.
	ResourceTags []ResourceTag `json:"resourceTags"`
}

func (r *ResourceTagsReplaceRequest) validate() error {
	return cmp.Or(
		required("ResourceTags", r.ResourceTags != nil),
		nestedEach("ResourceTags", r.ResourceTags))
}

// ReplaceResourceTags replaces all resource tags of a subscription. The task
// yields the subscription, which has them in CloudDetails.
//
// API: PUT /subscriptions/{subscriptionId}/resource-tags
func (s *SubscriptionsService) ReplaceResourceTags(ctx context.Context, subscriptionID int, req *ResourceTagsReplaceRequest) (*Task[Subscription], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/resource-tags", subscriptionID).withBody(req).
			shows("resourceTags=cloudDetails.resourceTags"),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}
