package rediscloud

import "errors"

// TaskErrorTransitGatewayAttachmentMissing is why changing or deleting the
// attachment of a transit gateway fails that has none.
const TaskErrorTransitGatewayAttachmentMissing TaskErrorType = "TGW_ATTACHMENT_DOES_NOT_EXIST"

// A TransitGatewayStatus tells whether a transit gateway, or its attachment,
// carries traffic. The API adds values without notice.
type TransitGatewayStatus string

// The statuses of a transit gateway and of its attachment.
const (
	TransitGatewayAvailable         TransitGatewayStatus = "available"
	TransitGatewayInitiatingRequest TransitGatewayStatus = "initiating-request"
	TransitGatewayPendingAcceptance TransitGatewayStatus = "pendingAcceptance" // waits for the owner of the gateway
	TransitGatewayPending           TransitGatewayStatus = "pending"
	TransitGatewayModifying         TransitGatewayStatus = "modifying"
	TransitGatewayDeleting          TransitGatewayStatus = "deleting"
	TransitGatewayDeleted           TransitGatewayStatus = "deleted"
	TransitGatewayRejecting         TransitGatewayStatus = "rejecting"
	TransitGatewayRejected          TransitGatewayStatus = "rejected"
	TransitGatewayRollingBack       TransitGatewayStatus = "rollingBack"
	TransitGatewayFailing           TransitGatewayStatus = "failing"
	TransitGatewayFailed            TransitGatewayStatus = "failed"
)

// TransitGatewayList is what TransitGatewaysService.List yields.
type TransitGatewayList struct {
	TransitGateways []TransitGateway `json:"tgws"`
}

// A TransitGateway is one that is shared with a subscription, with its
// attachment if there is one.
type TransitGateway struct {
	ID               int                  `json:"id"`
	Status           TransitGatewayStatus `json:"status"`
	AWSTGWUID        string               `json:"awsTgwUid,omitempty"` // such as tgw-0123456789abcdef0
	AWSAccountID     string               `json:"awsAccountId,omitempty"`
	AttachmentUID    string               `json:"attachmentUid,omitempty"`    // such as tgw-attach-0123456789abcdef0; "" if it isn't attached
	AttachmentStatus TransitGatewayStatus `json:"attachmentStatus,omitempty"` // "" if it isn't attached
	CIDRs            []TransitGatewayCIDR `json:"cidrs,omitempty"`            // that are reached through it
}

func (g *TransitGateway) check() error {
	if g.ID == 0 {
		return errors.New("it holds no id of a transit gateway")
	}
	return nil
}

// A TransitGatewayCIDR is a range of addresses that is reached through a
// transit gateway.
type TransitGatewayCIDR struct {
	CIDR   string `json:"cidrAddress"`
	Status string `json:"status,omitempty"` // such as "active"
}

// A TransitGatewayInvitationStatus tells what became of an invitation.
type TransitGatewayInvitationStatus string

// The statuses of an invitation.
const (
	TransitGatewayInvitationPending  TransitGatewayInvitationStatus = "pending" // to be accepted or rejected
	TransitGatewayInvitationAccepted TransitGatewayInvitationStatus = "accepted"
	TransitGatewayInvitationRejected TransitGatewayInvitationStatus = "rejected"
)

// TransitGatewayInvitationList is what TransitGatewaysService.ListInvitations yields.
type TransitGatewayInvitationList struct {
	Invitations []TransitGatewayInvitation `json:"resources"`
}

// A TransitGatewayInvitation is an offer to share a transit gateway.
type TransitGatewayInvitation struct {
	ID               int                            `json:"id"`
	Name             string                         `json:"name"` // of the share in AWS
	ResourceShareUID string                         `json:"resourceShareUid,omitempty"`
	AWSAccountID     string                         `json:"awsAccountId,omitempty"` // that shares the gateway
	Status           TransitGatewayInvitationStatus `json:"status"`
	SharedDate       Time                           `json:"sharedDate,omitzero"`
}

func (i *TransitGatewayInvitation) check() error {
	if i.ID == 0 {
		return errors.New("it holds no id of an invitation")
	}
	return nil
}
