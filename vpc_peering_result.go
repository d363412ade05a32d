package rediscloud

import (
	"errors"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// A VPCPeeringStatus tells whether a peering carries traffic. The API adds
// values without notice.
type VPCPeeringStatus string

// The statuses of a peering.
const (
	VPCPeeringStatusInitiatingRequest VPCPeeringStatus = "initiating-request"
	VPCPeeringStatusPendingAcceptance VPCPeeringStatus = "pending-acceptance" // waits for the owner of the other network
	VPCPeeringStatusActive            VPCPeeringStatus = "active"
	VPCPeeringStatusInactive          VPCPeeringStatus = "inactive" // not set up from the other network
	VPCPeeringStatusFailed            VPCPeeringStatus = "failed"   // rejected and expired ones too
)

// VPCPeeringList is what VPCPeeringsService.List yields.
type VPCPeeringList struct {
	Peerings []VPCPeering `json:"peerings"`
}

var vpcPeeringListKind = newKind[VPCPeeringList]("VPCPeeringList", kind{noun: "VPC peerings", absent: true})

// A VPCPeering connects the network of a subscription with one of the customer.
type VPCPeering struct {
	ID     int              `json:"vpcPeeringId"`
	Status VPCPeeringStatus `json:"status"`
	Region string           `json:"regionName,omitempty"`

	// On AWS: the peered VPC, and what AWS calls the peering.
	AWSAccountID  string           `json:"awsAccountId,omitempty"`
	AWSPeeringUID string           `json:"awsPeeringUid,omitempty"` // such as pcx-0123456789abcdef0
	VPCUID        string           `json:"vpcUid,omitempty"`
	VPCCIDR       string           `json:"vpcCidr,omitempty"`
	VPCCIDRs      []VPCPeeringCIDR `json:"vpcCidrs,omitempty"`

	// On Google Cloud: the peered network, what it has to be peered with from
	// its own side, and what Google Cloud calls the peering.
	ProjectUID       string `json:"projectUid,omitempty"`
	NetworkName      string `json:"networkName,omitempty"`
	RedisProjectUID  string `json:"redisProjectUid,omitempty"`
	RedisNetworkName string `json:"redisNetworkName,omitempty"`
	CloudPeeringID   string `json:"cloudPeeringId,omitempty"`
}

var vpcPeeringKind = newKind[VPCPeering]("VPCPeering", kind{
	noun: "VPC peering", member: "status",
	ready:  []string{string(VPCPeeringStatusActive)},
	failed: []string{string(VPCPeeringStatusFailed)},
	action: peeringHints,
	list:   []string{"peerings"}, id: "vpcPeeringId",
	settle: 10 * time.Second,
})

var peeringHints = map[string]string{
	string(VPCPeeringStatusPendingAcceptance): "accept the peering in the cloud account that owns the other network",
	string(VPCPeeringStatusInactive):          "set up the peering from the other network too",
}

func (p *VPCPeering) check() error { return checkPeeringID(p.ID) }

// ActiveActiveVPCPeeringList is what VPCPeeringsService.ListActiveActive yields.
type ActiveActiveVPCPeeringList struct {
	SubscriptionID int                         `json:"subscriptionId"`
	Regions        []ActiveActivePeeringRegion `json:"regions"`
}

var activeActiveVPCPeeringListKind = newKind[ActiveActiveVPCPeeringList]("ActiveActiveVPCPeeringList", kind{noun: "VPC peerings", absent: true})

// An ActiveActivePeeringRegion is a region of an Active-Active subscription with
// its peerings.
type ActiveActivePeeringRegion struct {
	ID       int                      `json:"id"`
	Region   string                   `json:"region"` // as the provider calls it, such as us-east-1
	Peerings []ActiveActiveVPCPeering `json:"vpcPeerings"`
}

// An ActiveActiveVPCPeering connects the network of one region of an
// Active-Active subscription with one of the customer.
type ActiveActiveVPCPeering struct {
	ID                int              `json:"id"`
	Status            VPCPeeringStatus `json:"status"`
	RegionID          int              `json:"regionId,omitempty"`
	Region            string           `json:"regionName,omitempty"`
	SourceRegion      string           `json:"sourceRegion,omitempty"`      // of the subscription
	DestinationRegion string           `json:"destinationRegion,omitempty"` // of the customer's network

	// On AWS: the peered VPC, and what AWS calls the peering.
	AWSAccountID  string           `json:"awsAccountId,omitempty"`
	AWSPeeringUID string           `json:"awsPeeringUid,omitempty"` // such as pcx-0123456789abcdef0
	VPCUID        string           `json:"vpcUid,omitempty"`
	VPCCIDR       string           `json:"vpcCidr,omitempty"`
	VPCCIDRs      []VPCPeeringCIDR `json:"vpcCidrs,omitempty"`

	// On Google Cloud: the peered network, what it has to be peered with from
	// its own side, and what Google Cloud calls the peering.
	VPCProjectUID    string `json:"vpcProjectUid,omitempty"`
	VPCNetworkName   string `json:"vpcNetworkName,omitempty"`
	RedisProjectUID  string `json:"redisProjectUid,omitempty"`
	RedisNetworkName string `json:"redisNetworkName,omitempty"`
	CloudPeeringID   string `json:"cloudPeeringId,omitempty"`
}

var activeActiveVPCPeeringKind = newKind[ActiveActiveVPCPeering]("ActiveActiveVPCPeering", kind{
	noun: "VPC peering", member: "status",
	ready:  []string{string(VPCPeeringStatusActive)},
	failed: []string{string(VPCPeeringStatusFailed)},
	action: peeringHints,
	list:   []string{"regions", "vpcPeerings"}, id: "id",
	settle: 10 * time.Second,
})

func (p *ActiveActiveVPCPeering) check() error { return checkPeeringID(p.ID) }

func checkPeeringID(id int) error {
	if id == 0 {
		return errors.New("missing id of a peering")
	}
	return nil
}

// A VPCPeeringCIDR is a range of addresses of a peered VPC.
type VPCPeeringCIDR struct {
	CIDR   string `json:"vpcCidr"`
	Status string `json:"active,omitempty" also:"status"` // such as "active"
}

// form makes an object of the bare range, and a status of a boolean.
func (VPCPeeringCIDR) form(value []byte) []byte {
	value = bare(value, `"`, "vpcCidr")
	switch cidr := tolerant.Member(value, "vpcCidr"); string(tolerant.Member(value, "active")) {
	case "true":
		return object("vpcCidr", cidr, "active", quote("active"))
	case "false":
		return object("vpcCidr", cidr, "active", quote("inactive"))
	}
	return value
}
