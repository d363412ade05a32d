package rediscloud

import (
	"errors"
	"time"
)

// TaskErrorTypeTGWAttachmentDoesNotExist is the reason for which changing or
// deleting the attachment of a transit gateway fails if there is none.
const TaskErrorTypeTGWAttachmentDoesNotExist TaskErrorType = "TGW_ATTACHMENT_DOES_NOT_EXIST"

// A TransitGatewayStatus says whether a transit gateway, or its attachment,
// carries traffic. The API adds values without notice.
type TransitGatewayStatus string

// The statuses of a transit gateway and of its attachment.
const (
	TransitGatewayStatusAvailable         TransitGatewayStatus = "available"
	TransitGatewayStatusInitiatingRequest TransitGatewayStatus = "initiating-request"
	TransitGatewayStatusPendingAcceptance TransitGatewayStatus = "pendingAcceptance" // the owner of the gateway must accept
	TransitGatewayStatusPending           TransitGatewayStatus = "pending"
	TransitGatewayStatusModifying         TransitGatewayStatus = "modifying"
	TransitGatewayStatusDeleting          TransitGatewayStatus = "deleting"
	TransitGatewayStatusDeleted           TransitGatewayStatus = "deleted"
	TransitGatewayStatusRejecting         TransitGatewayStatus = "rejecting"
	TransitGatewayStatusRejected          TransitGatewayStatus = "rejected"
	TransitGatewayStatusRollingBack       TransitGatewayStatus = "rollingBack"
	TransitGatewayStatusFailing           TransitGatewayStatus = "failing"
	TransitGatewayStatusFailed            TransitGatewayStatus = "failed"
)

// TransitGatewayList is what [TransitGatewaysService.List] yields.
type TransitGatewayList struct {
	TransitGateways []TransitGateway `json:"tgws"`
}

func (l *TransitGatewayList) elements() []TransitGateway { return l.TransitGateways }

var transitGatewayListKind = newKind[TransitGatewayList]("TransitGatewayList", kind{noun: "transit gateways", absent: true})

// A TransitGateway is shared with a subscription. It includes its attachment,
// if there is one.
type TransitGateway struct {
	ID               int                  `json:"id"`
	Status           TransitGatewayStatus `json:"status"`
	AWSTGWUID        string               `json:"awsTgwUid,omitempty"` // such as tgw-0123456789abcdef0
	AWSAccountID     string               `json:"awsAccountId,omitempty"`
	AttachmentUID    string               `json:"attachmentUid,omitempty"`    // such as tgw-attach-0123456789abcdef0; "" if it isn't attached
	AttachmentStatus TransitGatewayStatus `json:"attachmentStatus,omitempty"` // "" if it isn't attached
	CIDRs            []TransitGatewayCIDR `json:"cidrs,omitempty"`            // reached through it
}

// The attachment of a transit gateway, which outlives it.
var transitGatewayAttachmentKind = newVariant[TransitGateway]("TransitGatewayAttachment", kind{
	noun: "transit gateway attachment", member: "attachmentStatus", part: true,
	list: []string{"tgws"}, id: "id", absent: true,
	settle: 5 * time.Second,
})

var transitGatewayKind = newKind[TransitGateway]("TransitGateway", kind{
	noun: "transit gateway", member: "status", also: "attachmentStatus",
	ready:  []string{string(TransitGatewayStatusAvailable)},
	failed: []string{string(TransitGatewayStatusFailed), string(TransitGatewayStatusRejected), string(TransitGatewayStatusDeleted)},
	action: map[string]string{
		string(TransitGatewayStatusPendingAcceptance): "accept the attachment in the AWS account that owns the transit gateway",
	},
	list: []string{"tgws"}, id: "id", absent: true,
	settle: 5 * time.Second,
})

func (g *TransitGateway) check() error {
	if g.ID == 0 {
		return errors.New("missing id of a transit gateway")
	}
	return nil
}

// A TransitGatewayCIDR is a range of addresses that is reached through a
// transit gateway.
type TransitGatewayCIDR struct {
	CIDR   string `json:"cidrAddress"`
	Status string `json:"status,omitempty"` // such as "active"
}

// form turns a bare range into an object.
func (TransitGatewayCIDR) form(value []byte) []byte { return bare(value, `"`, "cidrAddress") }

// A TransitGatewayInvitationStatus is the state of an invitation.
type TransitGatewayInvitationStatus string

// The statuses of an invitation.
const (
	TransitGatewayInvitationStatusPending  TransitGatewayInvitationStatus = "pending" // must be accepted or rejected
	TransitGatewayInvitationStatusAccepted TransitGatewayInvitationStatus = "accepted"
	TransitGatewayInvitationStatusRejected TransitGatewayInvitationStatus = "rejected"
)

// TransitGatewayInvitationList is what [TransitGatewaysService.ListInvitations]
// yields.
type TransitGatewayInvitationList struct {
	Invitations []TransitGatewayInvitation `json:"resources"`
}

func (l *TransitGatewayInvitationList) elements() []TransitGatewayInvitation { return l.Invitations }

var transitGatewayInvitationListKind = newKind[TransitGatewayInvitationList]("TransitGatewayInvitationList", kind{noun: "invitations", absent: true})

// A TransitGatewayInvitation is an offer to share a transit gateway.
type TransitGatewayInvitation struct {
	ID               int                            `json:"id"`
	Name             string                         `json:"name"` // of the share in AWS
	ResourceShareUID string                         `json:"resourceShareUid,omitempty"`
	AWSAccountID     string                         `json:"awsAccountId,omitempty"` // that shares the gateway
	Status           TransitGatewayInvitationStatus `json:"status"`
	SharedDate       Time                           `json:"sharedDate,omitzero"`
}

// A wait for an invitation follows its acceptance or rejection: pending is on
// its way.
var transitGatewayInvitationKind = newKind[TransitGatewayInvitation]("TransitGatewayInvitation", kind{
	noun: "invitation", member: "status",
	ready: []string{string(TransitGatewayInvitationStatusAccepted), string(TransitGatewayInvitationStatusRejected)},
	list:  []string{"resources"}, id: "id", absent: true,
	settle: 5 * time.Second,
})

func (i *TransitGatewayInvitation) check() error {
	if i.ID == 0 {
		return errors.New("missing id of an invitation")
	}
	return nil
}
