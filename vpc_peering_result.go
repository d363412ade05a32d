package rediscloud

import (
	"cmp"
	"errors"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// A VPCPeeringStatus says whether a peering carries traffic. The API adds
// values without notice.
type VPCPeeringStatus string

// The statuses of a peering.
const (
	VPCPeeringStatusInitiatingRequest VPCPeeringStatus = "initiating-request"
	VPCPeeringStatusPendingAcceptance VPCPeeringStatus = "pending-acceptance" // the owner of the other network must accept
	VPCPeeringStatusActive            VPCPeeringStatus = "active"
	VPCPeeringStatusInactive          VPCPeeringStatus = "inactive" // not set up in the other network
	VPCPeeringStatusFailed            VPCPeeringStatus = "failed"   // including rejected and expired ones
)

// VPCPeeringList is what [VPCPeeringsService.List] yields. For an Active-Active
// subscription it lists the peerings of all regions, in the order of the
// regions, each with its RegionID, Region and SourceRegion.
type VPCPeeringList struct {
	Peerings []VPCPeering `json:"peerings"`

	// Only for an Active-Active subscription.
	SubscriptionID int                `json:"subscriptionId,omitempty"`
	Regions        []VPCPeeringRegion `json:"regions,omitempty"` // including those without peerings
}

func (l *VPCPeeringList) elements() []VPCPeering { return l.Peerings }

// A VPCPeeringRegion is a region of an Active-Active subscription.
type VPCPeeringRegion struct {
	ID     int    `json:"id"`
	Region string `json:"region"` // the provider's name for it, such as us-east-1
}

var vpcPeeringListKind = newKind[VPCPeeringList]("VPCPeeringList", kind{noun: "VPC peerings", absent: true})

// A vpcPeeringsDocument is the document of either list.
type vpcPeeringsDocument struct {
	VPCPeeringList
	Regions []struct {
		VPCPeeringRegion
		Peerings []VPCPeering `json:"vpcPeerings"`
	} `json:"regions"`
}

// unmarshal merges the lists of all regions.
func (l *VPCPeeringList) unmarshal(data []byte) (unread []string, err error) {
	var doc vpcPeeringsDocument
	unread, err = decoder.Unmarshal(data, &doc)
	*l = doc.VPCPeeringList
	for _, region := range doc.Regions {
		l.Regions = append(l.Regions, region.VPCPeeringRegion)
		for _, peering := range region.Peerings {
			peering.RegionID = cmp.Or(peering.RegionID, region.ID)
			peering.Region = cmp.Or(peering.Region, region.Region)
			peering.SourceRegion = cmp.Or(peering.SourceRegion, region.Region)
			l.Peerings = append(l.Peerings, peering)
		}
	}
	return unread, err
}

// A VPCPeering connects the network of a subscription, or of one region of an
// Active-Active subscription, with a network of the customer.
type VPCPeering struct {
	ID     int              `json:"vpcPeeringId" also:"id"`
	Status VPCPeeringStatus `json:"status"`

	// Region is that of the subscription. For Active-Active subscriptions on
	// AWS it may be that of the customer's network: use SourceRegion instead.
	Region string `json:"regionName,omitempty"`

	// Only for an Active-Active subscription.
	RegionID          int    `json:"regionId,omitempty"`
	SourceRegion      string `json:"sourceRegion,omitempty"`      // of the subscription
	DestinationRegion string `json:"destinationRegion,omitempty"` // of the customer's network

	// On AWS: the peered VPC, and the id of the peering in AWS.
	AWSAccountID  string           `json:"awsAccountId,omitempty"`
	AWSPeeringUID string           `json:"awsPeeringUid,omitempty"` // such as pcx-0123456789abcdef0
	VPCUID        string           `json:"vpcUid,omitempty"`
	VPCCIDR       string           `json:"vpcCidr,omitempty"`
	VPCCIDRs      []VPCPeeringCIDR `json:"vpcCidrs,omitempty"`

	// On Google Cloud: the peered network, the network that it must be peered
	// with from the customer's side, and the name of the peering in Google
	// Cloud.
	ProjectUID       string `json:"projectUid,omitempty" also:"vpcProjectUid"`
	NetworkName      string `json:"networkName,omitempty" also:"vpcNetworkName"`
	RedisProjectUID  string `json:"redisProjectUid,omitempty"`
	RedisNetworkName string `json:"redisNetworkName,omitempty"`
	CloudPeeringID   string `json:"cloudPeeringId,omitempty"`
}

var vpcPeeringKind = newKind[VPCPeering]("VPCPeering", vpcPeeringIn([]string{"peerings"}, "vpcPeeringId"))

var activeActiveVPCPeeringKind = newVariant[VPCPeering]("ActiveActiveVPCPeering", vpcPeeringIn([]string{"regions", "vpcPeerings"}, "id"))

func vpcPeeringIn(list []string, id string) kind {
	return kind{
		noun: "VPC peering", member: "status",
		ready:  []string{string(VPCPeeringStatusActive)},
		failed: []string{string(VPCPeeringStatusFailed)},
		action: map[string]string{
			string(VPCPeeringStatusPendingAcceptance): "accept the peering in the cloud account that owns the other network",
			string(VPCPeeringStatusInactive):          "set up the peering in the other network too",
		},
		list: list, id: id,
		settle: 10 * time.Second,
	}
}

func (p *VPCPeering) check() error {
	if p.ID == 0 {
		return errors.New("missing id of a peering")
	}
	return nil
}

// A VPCPeeringCIDR is a range of addresses of a peered VPC.
type VPCPeeringCIDR struct {
	CIDR   string `json:"vpcCidr"`
	Status string `json:"active,omitempty" also:"status"` // such as "active"
}

// form turns a bare range into an object, and a boolean into a status.
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
