package rediscloud

import "context"

// VPCPeeringsService connects the networks of Pro subscriptions with networks
// of the customer, by VPC peering. The methods with ActiveActive in their name
// are for Active-Active subscriptions, the others for those in one region.
type VPCPeeringsService struct{ client *Client }

// List reads the peerings of a subscription. The API makes this a task too,
// which yields the list.
//
// API: GET /subscriptions/{subscriptionId}/peerings
func (s *VPCPeeringsService) List(ctx context.Context, subscriptionID int) (*Task[VPCPeeringList], error) {
	return submit(ctx, s.client, get("/subscriptions/{subscriptionId}/peerings", subscriptionID), carried(vpcPeeringListKind))
}

// CreateAWS asks for a peering with a VPC on AWS. The task yields the peering.
//
// The owner of the VPC has to accept it: at VPCPeeringStatusPendingAcceptance
// WaitProvisioned ends with a *ProvisionError, or goes on until the peering is
// active with WithWaitForAction. A peering that is rejected or expires has failed.
//
// API: POST /subscriptions/{subscriptionId}/peerings
func (s *VPCPeeringsService) CreateAWS(ctx context.Context, subscriptionID int, req *VPCPeeringCreateAWSRequest) (*Task[VPCPeering], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/peerings", subscriptionID).command("peeringCreateRequest").withBody(req).on("AWS").
			shows("awsAccountId", "vpcId=vpcUid", "vpcCidr", "vpcCidrs=vpcCidrs.vpcCidr"),
		askBack(vpcPeeringKind, "/subscriptions/{subscriptionId}/peerings", subscriptionID).element(0))
}

// CreateGCP sets up this side of a peering with a network on Google Cloud. The
// task yields the peering.
//
// The peering is to be set up in the customer's project too, with the project
// and the network that VPCPeering.RedisProjectUID and RedisNetworkName name.
// Until then WaitProvisioned ends with a *ProvisionError, or goes on until the
// peering is active with WithWaitForAction.
//
// API: POST /subscriptions/{subscriptionId}/peerings
func (s *VPCPeeringsService) CreateGCP(ctx context.Context, subscriptionID int, req *VPCPeeringCreateGCPRequest) (*Task[VPCPeering], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/peerings", subscriptionID).command("peeringCreateRequest").withBody(req).on("gcp").
			shows("vpcProjectUid=projectUid", "vpcNetworkName=networkName"),
		askBack(vpcPeeringKind, "/subscriptions/{subscriptionId}/peerings", subscriptionID).element(0))
}

// UpdateAWS changes the ranges of addresses that a peering with a VPC on AWS
// leads to. The task yields the peering.
//
// API: PUT /subscriptions/{subscriptionId}/peerings/{peeringId}
func (s *VPCPeeringsService) UpdateAWS(ctx context.Context, subscriptionID, peeringID int, req *VPCPeeringUpdateAWSRequest) (*Task[VPCPeering], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/peerings/{peeringId}", subscriptionID, peeringID).withBody(req).shows("vpcCidr", "vpcCidrs=vpcCidrs.vpcCidr"),
		askBack(vpcPeeringKind, "/subscriptions/{subscriptionId}/peerings", subscriptionID).element(peeringID))
}

// Delete removes a peering. WaitProvisioned waits until it is gone.
//
// API: DELETE /subscriptions/{subscriptionId}/peerings/{peeringId}
func (s *VPCPeeringsService) Delete(ctx context.Context, subscriptionID, peeringID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/subscriptions/{subscriptionId}/peerings/{peeringId}", subscriptionID, peeringID).command("peeringDeleteRequest"),
		removal(vpcPeeringKind, "/subscriptions/{subscriptionId}/peerings", subscriptionID).element(peeringID).asking())
}

// WaitProvisioned waits until a peering is active, and returns it: after the other
// side has accepted it, for instance.
//
// One that isn't there is ErrNotFound; one that fails, or waits for a person,
// ends the wait with a *ProvisionError. A *WaitError is all else that ends it,
// such as ctx. Each look is a task of the API.
//
// API: GET /subscriptions/{subscriptionId}/peerings
func (s *VPCPeeringsService) WaitProvisioned(ctx context.Context, subscriptionID, peeringID int, opts ...WaitOption) (*VPCPeering, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		askBack(vpcPeeringKind, "/subscriptions/{subscriptionId}/peerings", subscriptionID).element(peeringID))
}

// WaitActiveActiveActive is WaitProvisioned for a peering of an Active-Active
// subscription.
//
// API: GET /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) WaitActiveActiveActive(ctx context.Context, subscriptionID, peeringID int, opts ...WaitOption) (*ActiveActiveVPCPeering, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		askBack(activeActiveVPCPeeringKind, "/subscriptions/{subscriptionId}/regions/peerings", subscriptionID).element(peeringID))
}

// ListActiveActive reads the peerings of an Active-Active subscription, region
// by region. The API makes this a task too, which yields the list.
//
// API: GET /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) ListActiveActive(ctx context.Context, subscriptionID int) (*Task[ActiveActiveVPCPeeringList], error) {
	return submit(ctx, s.client, get("/subscriptions/{subscriptionId}/regions/peerings", subscriptionID), carried(activeActiveVPCPeeringListKind))
}

// CreateActiveActiveAWS is CreateAWS for one region of an Active-Active
// subscription.
//
// API: POST /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) CreateActiveActiveAWS(ctx context.Context, subscriptionID int, req *ActiveActiveVPCPeeringCreateAWSRequest) (*Task[ActiveActiveVPCPeering], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/regions/peerings", subscriptionID).withBody(req).on("AWS").
			shows("sourceRegion", "destinationRegion", "awsAccountId", "vpcId=vpcUid", "vpcCidr", "vpcCidrs=vpcCidrs.vpcCidr"),
		askBack(activeActiveVPCPeeringKind, "/subscriptions/{subscriptionId}/regions/peerings", subscriptionID).element(0))
}

// CreateActiveActiveGCP is CreateGCP for one region of an Active-Active
// subscription.
//
// API: POST /subscriptions/{subscriptionId}/regions/peerings
func (s *VPCPeeringsService) CreateActiveActiveGCP(ctx context.Context, subscriptionID int, req *ActiveActiveVPCPeeringCreateGCPRequest) (*Task[ActiveActiveVPCPeering], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/regions/peerings", subscriptionID).withBody(req).on("gcp").
			shows("sourceRegion", "vpcProjectUid", "vpcNetworkName"),
		askBack(activeActiveVPCPeeringKind, "/subscriptions/{subscriptionId}/regions/peerings", subscriptionID).element(0))
}

// UpdateActiveActiveAWS is UpdateAWS for an Active-Active subscription.
//
// API: PUT /subscriptions/{subscriptionId}/regions/peerings/{peeringId}
func (s *VPCPeeringsService) UpdateActiveActiveAWS(ctx context.Context, subscriptionID, peeringID int, req *VPCPeeringUpdateAWSRequest) (*Task[ActiveActiveVPCPeering], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/regions/peerings/{peeringId}", subscriptionID, peeringID).withBody(req).shows("vpcCidr", "vpcCidrs=vpcCidrs.vpcCidr"),
		askBack(activeActiveVPCPeeringKind, "/subscriptions/{subscriptionId}/regions/peerings", subscriptionID).element(peeringID))
}

// DeleteActiveActive is Delete for an Active-Active subscription.
//
// API: DELETE /subscriptions/{subscriptionId}/regions/peerings/{peeringId}
func (s *VPCPeeringsService) DeleteActiveActive(ctx context.Context, subscriptionID, peeringID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/subscriptions/{subscriptionId}/regions/peerings/{peeringId}", subscriptionID, peeringID),
		removal(activeActiveVPCPeeringKind, "/subscriptions/{subscriptionId}/regions/peerings", subscriptionID).element(peeringID).asking())
}
