package rediscloud

import (
	"cmp"
	"context"
	"iter"
)

// TransitGatewaysService attaches transit gateways of the customer's AWS account
// to the networks of Pro subscriptions on AWS.
//
// A gateway is first shared with the AWS account of Redis, in the resource
// access manager of AWS. That appears here as an invitation; once it is
// accepted, the gateway is in the list and can be attached.
type TransitGatewaysService struct{ client *Client }

// List reads the transit gateways that are shared with a network. The API reads
// them in a task, which yields the list. It is empty while the subscription is
// being provisioned.
//
// API: GET /subscriptions/{subscriptionId}/transitGateways
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways
func (s *TransitGatewaysService) List(ctx context.Context, network NetworkRef) (*Task[TransitGatewayList], error) {
	route, ids := network.route("/transitGateways")
	return submit(ctx, s.client, get(route, ids...), carried(transitGatewayListKind))
}

// All iterates over the transit gateways that List reads. It waits for the task
// of the list. An error comes last.
//
// API: GET /subscriptions/{subscriptionId}/transitGateways
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways
func (s *TransitGatewaysService) All(ctx context.Context, network NetworkRef) iter.Seq2[*TransitGateway, error] {
	return listed(ctx, waited(func(ctx context.Context) (*Task[TransitGatewayList], error) { return s.List(ctx, network) }))
}

// ListInvitations reads the offers to share a transit gateway with a network.
// The API reads them in a task, which yields the list.
//
// API: GET /subscriptions/{subscriptionId}/transitGateways/invitations
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways/invitations
func (s *TransitGatewaysService) ListInvitations(ctx context.Context, network NetworkRef) (*Task[TransitGatewayInvitationList], error) {
	route, ids := network.route("/transitGateways/invitations")
	return submit(ctx, s.client, get(route, ids...), carried(transitGatewayInvitationListKind))
}

// AllInvitations iterates over the invitations that ListInvitations reads. It
// waits for the task of the list. An error comes last.
//
// API: GET /subscriptions/{subscriptionId}/transitGateways/invitations
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways/invitations
func (s *TransitGatewaysService) AllInvitations(ctx context.Context, network NetworkRef) iter.Seq2[*TransitGatewayInvitation, error] {
	return listed(ctx, waited(func(ctx context.Context) (*Task[TransitGatewayInvitationList], error) {
		return s.ListInvitations(ctx, network)
	}))
}

// WaitInvitation waits until match accepts an invitation in the list, and
// returns that: an invitation appears some time after a transit gateway was
// shared in AWS. Each poll passes all invitations to match, including accepted
// and rejected ones; a nil match accepts any that is pending.
//
// If the subscription doesn't exist, the error is [ErrNotFound]. Anything else
// that ends the wait early, such as ctx, or the API's response that the network
// can't have transit gateways, is a [*WaitError]. Each poll is a task of the
// API. [OnUpdate] and [OnProvisioning] have no effect.
//
// API: GET /subscriptions/{subscriptionId}/transitGateways/invitations
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways/invitations
func (s *TransitGatewaysService) WaitInvitation(ctx context.Context, network NetworkRef, match func(*TransitGatewayInvitation) bool, opts ...WaitOption) (*TransitGatewayInvitation, error) {
	if match == nil {
		match = func(i *TransitGatewayInvitation) bool { return i.Status == TransitGatewayInvitationStatusPending }
	}
	route, ids := network.route("/transitGateways/invitations")
	return waitListed[TransitGatewayInvitation, TransitGatewayInvitationList](ctx, s.client, opts, match, route, ids...)
}

// AcceptInvitation accepts an offer to share a transit gateway. The task yields
// the invitation; with WaitProvisioned, once it is accepted.
//
// API: PUT /subscriptions/{subscriptionId}/transitGateways/invitations/{tgwInvitationId}/accept
//
// API: PUT /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways/invitations/{tgwInvitationId}/accept
func (s *TransitGatewaysService) AcceptInvitation(ctx context.Context, network NetworkRef, invitationID int) (*Task[TransitGatewayInvitation], error) {
	route, ids := network.route("/transitGateways/invitations/{tgwInvitationId}/accept", invitationID)
	return submit(ctx, s.client, put(route, ids...).command("tgwAcceptInvitationRequest"), network.invitation(invitationID))
}

// RejectInvitation rejects an offer to share a transit gateway. The task yields
// the invitation; with WaitProvisioned, once it is rejected.
//
// API: PUT /subscriptions/{subscriptionId}/transitGateways/invitations/{tgwInvitationId}/reject
//
// API: PUT /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways/invitations/{tgwInvitationId}/reject
func (s *TransitGatewaysService) RejectInvitation(ctx context.Context, network NetworkRef, invitationID int) (*Task[TransitGatewayInvitation], error) {
	route, ids := network.route("/transitGateways/invitations/{tgwInvitationId}/reject", invitationID)
	return submit(ctx, s.client, put(route, ids...).command("tgwRejectInvitationRequest"), network.invitation(invitationID))
}

// WaitListed waits until match accepts a transit gateway in the list, and
// returns that: a gateway appears, with its ID, some time after its invitation
// was accepted. A nil match accepts any.
//
// The errors and the options are those of
// [TransitGatewaysService.WaitInvitation].
//
// API: GET /subscriptions/{subscriptionId}/transitGateways
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways
func (s *TransitGatewaysService) WaitListed(ctx context.Context, network NetworkRef, match func(*TransitGateway) bool, opts ...WaitOption) (*TransitGateway, error) {
	if match == nil {
		match = func(*TransitGateway) bool { return true }
	}
	route, ids := network.route("/transitGateways")
	return waitListed[TransitGateway, TransitGatewayList](ctx, s.client, opts, match, route, ids...)
}

// CreateAttachment attaches a transit gateway to a network. The task yields the
// gateway.
//
// Unless the gateway accepts attachments automatically, its owner must do so in
// AWS: at TransitGatewayStatusPendingAcceptance WaitProvisioned ends with a
// [*ProvisionError], or with [WithWaitForAction] keeps waiting until the
// attachment is available.
//
// API: POST /subscriptions/{subscriptionId}/transitGateways/{TgwId}/attachment
//
// API: POST /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways/{TgwId}/attachment
func (s *TransitGatewaysService) CreateAttachment(ctx context.Context, network NetworkRef, transitGatewayID int) (*Task[TransitGateway], error) {
	route, ids := network.route("/transitGateways/{TgwId}/attachment", transitGatewayID)
	return submit(ctx, s.client, post(route, ids...).command("tgwAttachmentCreateRequest"), network.transitGateway(transitGatewayID).creating())
}

// UpdateAttachment sets which ranges of addresses are reached through an
// attached transit gateway. The task yields the gateway; with WaitProvisioned,
// once the attachment is available again.
//
// API: PUT /subscriptions/{subscriptionId}/transitGateways/{TgwId}/attachment
//
// API: PUT /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways/{TgwId}/attachment
func (s *TransitGatewaysService) UpdateAttachment(ctx context.Context, network NetworkRef, transitGatewayID int, req *TransitGatewayAttachmentUpdateRequest) (*Task[TransitGateway], error) {
	route, ids := network.route("/transitGateways/{TgwId}/attachment", transitGatewayID)
	return submit(ctx, s.client, put(route, ids...).command("tgwUpdateCidrsRequest").withBody(req).
		shows("cidrs=cidrs.cidrAddress"), network.transitGateway(transitGatewayID))
}

// WaitProvisioned waits until a transit gateway and its attachment are available,
// and returns it.
//
// If it doesn't exist, the error is [ErrNotFound]; if it fails or needs manual
// action, a [*ProvisionError]. Anything else that ends the wait, such as ctx,
// is a [*WaitError]. Each poll is a task of the API.
//
// API: GET /subscriptions/{subscriptionId}/transitGateways
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways
func (s *TransitGatewaysService) WaitProvisioned(ctx context.Context, network NetworkRef, transitGatewayID int, opts ...WaitOption) (*TransitGateway, error) {
	return waitActive(ctx, s.client, knownToExist(opts), network.transitGateway(transitGatewayID))
}

// DeleteAttachment detaches a transit gateway, which remains shared.
// WaitProvisioned waits until the attachment is gone. If there is none, the
// task fails with [TaskErrorTypeTGWAttachmentDoesNotExist].
//
// API: DELETE /subscriptions/{subscriptionId}/transitGateways/{TgwId}/attachment
//
// API: DELETE /subscriptions/{subscriptionId}/regions/{regionId}/transitGateways/{TgwId}/attachment
func (s *TransitGatewaysService) DeleteAttachment(ctx context.Context, network NetworkRef, transitGatewayID int) (*Task[None], error) {
	route, ids := network.route("/transitGateways/{TgwId}/attachment", transitGatewayID)
	list, listIDs := network.route("/transitGateways")
	return submit(ctx, s.client, del(route, ids...).command("tgwAttachmentDeleteRequest"),
		removal(transitGatewayAttachmentKind, list, listIDs...).element(transitGatewayID).asking())
}

// transitGateway is the outcome of a task that changes a transit gateway.
func (n NetworkRef) transitGateway(id int) outcome[TransitGateway] {
	list, ids := n.route("/transitGateways")
	return askBack(transitGatewayKind, list, ids...).element(id)
}

// invitation is the outcome of a task that accepts or rejects an invitation.
func (n NetworkRef) invitation(id int) outcome[TransitGatewayInvitation] {
	list, ids := n.route("/transitGateways/invitations")
	return askBack(transitGatewayInvitationKind, list, ids...).element(id)
}

// TransitGatewayAttachmentUpdateRequest sets which ranges of addresses are
// reached through an attached transit gateway.
type TransitGatewayAttachmentUpdateRequest struct {
	// CIDRs, such as "10.10.20.0/24", replace all existing ones. An empty list
	// removes them, so nil is an error.
	CIDRs []string `json:"cidrs"`
}

func (r *TransitGatewayAttachmentUpdateRequest) validate() error {
	return cmp.Or(
		required("CIDRs", r.CIDRs != nil),
		checkCIDRs("CIDRs", r.CIDRs))
}
