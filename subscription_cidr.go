package rediscloud

import (
	"cmp"
	"context"
)

// A CIDRAllowlist lists who may connect to a subscription in a cloud account of
// the customer.
type CIDRAllowlist struct {
	CIDRIPs          []string `json:"cidr_ips"`
	SecurityGroupIDs []string `json:"security_group_ids"` // AWS
	Errors           any      `json:"errors,omitempty"`   // decoded JSON, nil if there are none
}

var cidrAllowlistKind = newKind[CIDRAllowlist]("CIDRAllowlist", kind{})

// CIDRAllowlistUpdateRequest changes a CIDRAllowlist. A list that is set
// replaces the existing one; an empty list clears it, nil leaves it unchanged.
type CIDRAllowlistUpdateRequest struct {
	CIDRIPs          []string `json:"cidrIps,omitzero"`          // such as "10.1.1.0/32"
	SecurityGroupIDs []string `json:"securityGroupIds,omitzero"` // of the AWS account
}

func (r *CIDRAllowlistUpdateRequest) validate() error {
	return cmp.Or(
		eachGiven("CIDRIPs", r.CIDRIPs),
		eachGiven("SecurityGroupIDs", r.SecurityGroupIDs))
}

// GetCIDRAllowlist reads who may connect to a subscription. It works only for
// subscriptions with one region in a cloud account of the customer. The API
// reads it in a task, which yields the list.
//
// API: GET /subscriptions/{subscriptionId}/cidr
func (s *SubscriptionsService) GetCIDRAllowlist(ctx context.Context, subscriptionID int) (*Task[CIDRAllowlist], error) {
	return submit(ctx, s.client, get("/subscriptions/{subscriptionId}/cidr", subscriptionID), carried(cidrAllowlistKind))
}

// UpdateCIDRAllowlist changes who may connect to a subscription, under the same
// conditions as [SubscriptionsService.GetCIDRAllowlist]. The task yields the
// new list.
//
// API: PUT /subscriptions/{subscriptionId}/cidr
func (s *SubscriptionsService) UpdateCIDRAllowlist(ctx context.Context, subscriptionID int, req *CIDRAllowlistUpdateRequest) (*Task[CIDRAllowlist], error) {
	return submit(ctx, s.client, put("/subscriptions/{subscriptionId}/cidr", subscriptionID).command("cidrUpdateRequest").withBody(req).
		shows("cidrIps=cidr_ips", "securityGroupIds=security_group_ids"), askBack(cidrAllowlistKind, "/subscriptions/{subscriptionId}/cidr", subscriptionID))
}
