package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// VPCPeeringsService connects the networks of Pro subscriptions with networks
// of the customer, by VPC peering.
//
// The API lists the peerings of all regions of an Active-Active subscription in
// one place. RegionID of the NetworkRef only says that the subscription is
// Active-Active: the id of any region works, and the request names the region
// of a new peering.
type VPCPeeringsService struct{ client *Client }

// List reads the peerings of a subscription, for an Active-Active one those of
// all its regions. The API reads them in a task, which yields the list.
//
// API: GET /subscriptions/{subscriptionId}/peerings
//
// API: GET /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) List(ctx context.Context, network NetworkRef) (*Task[VPCPeeringList], error) {
	route, ids := network.peerings("")
	list := carried(vpcPeeringListKind)
	list.err = network.checkRegion()
	return submit(ctx, s.client, get(route, ids...), list)
}

// All iterates over the peerings that List reads. It waits for the task of the
// list. An error comes last.
//
// API: GET /subscriptions/{subscriptionId}/peerings
//
// API: GET /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) All(ctx context.Context, network NetworkRef) iter.Seq2[*VPCPeering, error] {
	return listed(ctx, waited(func(ctx context.Context) (*Task[VPCPeeringList], error) { return s.List(ctx, network) }))
}

// CreateAWS asks for a peering with a VPC on AWS. The task yields the peering.
//
// The owner of the VPC must accept it: at VPCPeeringStatusPendingAcceptance
// WaitProvisioned ends with a [*ProvisionError], or with [WithWaitForAction]
// keeps waiting until the peering is active. A peering that is rejected or
// expires has failed.
//
// API: POST /subscriptions/{subscriptionId}/peerings
//
// API: POST /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) CreateAWS(ctx context.Context, network NetworkRef, req *VPCPeeringCreateAWSRequest) (*Task[VPCPeering], error) {
	route, ids := network.peerings("")
	return submit(ctx, s.client,
		post(route, ids...).command(network.command("peeringCreateRequest", "")).withBody(req.in(network)).on("AWS").
			shows("sourceRegion", "destinationRegion", "awsAccountId", "vpcId=vpcUid", "vpcCidr", "vpcCidrs=vpcCidrs.vpcCidr"),
		network.peering(0))
}

// CreateGCP sets up this side of a peering with a network on Google Cloud. The
// task yields the peering.
//
// The peering must be set up in the customer's project too, with the project
// and the network that VPCPeering.RedisProjectUID and RedisNetworkName name.
// Until then WaitProvisioned ends with a [*ProvisionError], or with
// [WithWaitForAction] keeps waiting until the peering is active.
//
// API: POST /subscriptions/{subscriptionId}/peerings
//
// API: POST /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) CreateGCP(ctx context.Context, network NetworkRef, req *VPCPeeringCreateGCPRequest) (*Task[VPCPeering], error) {
	route, ids := network.peerings("")
	return submit(ctx, s.client,
		post(route, ids...).command(network.command("peeringCreateRequest", "")).withBody(req.in(network)).on("gcp").
			shows("sourceRegion", "vpcProjectUid", "vpcNetworkName", "vpcProjectUid=projectUid", "vpcNetworkName=networkName"),
		network.peering(0))
}

// UpdateAWS changes the ranges of addresses that a peering with a VPC on AWS
// leads to. The task yields the peering.
//
// API: PUT /subscriptions/{subscriptionId}/peerings/{peeringId}
//
// API: PUT /subscriptions/{subscriptionId}/regions/peerings/{peeringId}
func (s *VPCPeeringsService) UpdateAWS(ctx context.Context, network NetworkRef, peeringID int, req *VPCPeeringUpdateAWSRequest) (*Task[VPCPeering], error) {
	route, ids := network.peerings("/{peeringId}", peeringID)
	return submit(ctx, s.client,
		put(route, ids...).withBody(req).shows("vpcCidr", "vpcCidrs=vpcCidrs.vpcCidr"), network.peering(peeringID))
}

// Delete removes a peering. WaitProvisioned waits until it is gone.
//
// API: DELETE /subscriptions/{subscriptionId}/peerings/{peeringId}
//
// API: DELETE /subscriptions/{subscriptionId}/regions/peerings/{peeringId}
func (s *VPCPeeringsService) Delete(ctx context.Context, network NetworkRef, peeringID int) (*Task[None], error) {
	route, ids := network.peerings("/{peeringId}", peeringID)
	list, listIDs := network.peerings("")
	gone := removal(network.peeringKind(), list, listIDs...).element(peeringID).asking()
	gone.err = errors.Join(gone.err, network.checkRegion())
	return submit(ctx, s.client, del(route, ids...).command(network.command("peeringDeleteRequest", "")), gone)
}

// WaitProvisioned waits until a peering is active, and returns it: after the
// other side has accepted it, for instance.
//
// If it doesn't exist, the error is [ErrNotFound]; if it fails or needs manual
// action, a [*ProvisionError]. Anything else that ends the wait, such as ctx,
// is a [*WaitError]. Each poll is a task of the API.
//
// API: GET /subscriptions/{subscriptionId}/peerings
//
// API: GET /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) WaitProvisioned(ctx context.Context, network NetworkRef, peeringID int, opts ...WaitOption) (*VPCPeering, error) {
	return waitActive(ctx, s.client, knownToExist(opts), network.peering(peeringID))
}

// peerings returns the route and the ids of the peerings, or of what is below
// them.
func (n NetworkRef) peerings(below string, ids ...any) (string, []any) {
	route := "/subscriptions/{subscriptionId}/peerings"
	if n.RegionID != 0 {
		route = "/subscriptions/{subscriptionId}/regions/peerings"
	}
	return route + below, append([]any{n.SubscriptionID}, ids...)
}

// peering is the outcome of a task that creates or changes a peering.
func (n NetworkRef) peering(id int) outcome[VPCPeering] {
	list, ids := n.peerings("")
	out := askBack(n.peeringKind(), list, ids...).element(id)
	out.err = errors.Join(out.err, n.checkRegion())
	return out
}

func (n NetworkRef) peeringKind() kindOf[VPCPeering] {
	if n.RegionID == 0 {
		return vpcPeeringKind
	}
	return activeActiveVPCPeeringKind
}

// checkRegion refuses a region id that the path, which doesn't contain it,
// can't refuse.
func (n NetworkRef) checkRegion() error {
	if n.RegionID < 0 {
		return fmt.Errorf("regionId must be positive, not %d", n.RegionID)
	}
	return nil
}
