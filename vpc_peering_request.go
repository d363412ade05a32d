package rediscloud

import (
	"bytes"
	"cmp"
	"fmt"
)

// VPCPeeringCreateAWSRequest asks for a peering with a VPC on AWS.
type VPCPeeringCreateAWSRequest struct {
	Region       string `json:"region"`       // of the subscription, such as us-east-1
	AWSAccountID string `json:"awsAccountId"` // that owns the VPC
	VPCID        string `json:"vpcId"`        // such as vpc-0123456789abcdef0

	// The range of addresses of the VPC, such as 10.10.10.0/24, or several: set
	// one of the two.
	VPCCIDR  *string  `json:"vpcCidr,omitempty"`
	VPCCIDRs []string `json:"vpcCidrs,omitzero"`
}

func (r *VPCPeeringCreateAWSRequest) validate() error {
	return cmp.Or(
		required("Region", r.Region != ""),
		required("AWSAccountID", r.AWSAccountID != ""),
		required("VPCID", r.VPCID != ""),
		checkVPCCIDRs(r.VPCCIDR, r.VPCCIDRs))
}

// VPCPeeringCreateGCPRequest asks for a peering with a network on Google Cloud.
type VPCPeeringCreateGCPRequest struct {
	VPCProjectUID  string `json:"vpcProjectUid"` // the project that the network is in
	VPCNetworkName string `json:"vpcNetworkName"`
}

func (r *VPCPeeringCreateGCPRequest) validate() error {
	return cmp.Or(
		required("VPCProjectUID", r.VPCProjectUID != ""),
		required("VPCNetworkName", r.VPCNetworkName != ""))
}

// ActiveActiveVPCPeeringCreateAWSRequest asks for a peering of one region of an
// Active-Active subscription with a VPC on AWS.
type ActiveActiveVPCPeeringCreateAWSRequest struct {
	SourceRegion      string `json:"sourceRegion"`      // of the subscription, such as us-east-1
	DestinationRegion string `json:"destinationRegion"` // that the VPC is in
	AWSAccountID      string `json:"awsAccountId"`      // that owns the VPC
	VPCID             string `json:"vpcId"`             // such as vpc-0123456789abcdef0

	// The range of addresses of the VPC, such as 10.10.10.0/24, or several: set
	// one of the two.
	VPCCIDR  *string  `json:"vpcCidr,omitempty"`
	VPCCIDRs []string `json:"vpcCidrs,omitzero"`
}

func (r *ActiveActiveVPCPeeringCreateAWSRequest) validate() error {
	return cmp.Or(
		required("SourceRegion", r.SourceRegion != ""),
		required("DestinationRegion", r.DestinationRegion != ""),
		required("AWSAccountID", r.AWSAccountID != ""),
		required("VPCID", r.VPCID != ""),
		checkVPCCIDRs(r.VPCCIDR, r.VPCCIDRs))
}

// ActiveActiveVPCPeeringCreateGCPRequest asks for a peering of one region of an
// Active-Active subscription with a network on Google Cloud.
type ActiveActiveVPCPeeringCreateGCPRequest struct {
	SourceRegion   string `json:"sourceRegion"`  // of the subscription, such as us-east1
	VPCProjectUID  string `json:"vpcProjectUid"` // the project that the network is in
	VPCNetworkName string `json:"vpcNetworkName"`
}

func (r *ActiveActiveVPCPeeringCreateGCPRequest) validate() error {
	return cmp.Or(
		required("SourceRegion", r.SourceRegion != ""),
		required("VPCProjectUID", r.VPCProjectUID != ""),
		required("VPCNetworkName", r.VPCNetworkName != ""))
}

// VPCPeeringUpdateAWSRequest changes the ranges of addresses of the VPC that a
// peering on AWS leads to. Set one of the two members.
type VPCPeeringUpdateAWSRequest struct {
	VPCCIDR  *string  `json:"vpcCidr,omitempty"` // such as 10.10.10.0/24
	VPCCIDRs []string `json:"vpcCidrs,omitzero"`
}

func (r *VPCPeeringUpdateAWSRequest) validate() error {
	return cmp.Or(
		required("VPCCIDR or VPCCIDRs", r.VPCCIDR != nil || r.VPCCIDRs != nil),
		checkVPCCIDRs(r.VPCCIDR, r.VPCCIDRs))
}

func checkVPCCIDRs(one *string, several []string) error {
	return cmp.Or(
		exclusive("VPCCIDR", one != nil, "VPCCIDRs", several != nil),
		checkCIDR("VPCCIDR", one),
		checkCIDRs("VPCCIDRs", several))
}

// checkCIDRs refuses a list with an element that is no range of addresses.
func checkCIDRs(name string, list []string) error {
	for i := range list {
		if err := checkCIDR(fmt.Sprintf("%s[%d]", name, i), &list[i]); err != nil {
			return err
		}
	}
	return nil
}

// on adds the provider, which tells the API what the other members of the body
// are. There must be some. "gcp" is in lower case, since no other form of it is
// known to have been taken.
func (c call) on(provider string) call {
	if c.err == nil {
		c.body = append([]byte(`{"provider":"`+provider+`",`), bytes.TrimPrefix(c.body, []byte("{"))...)
	}
	return c
}
