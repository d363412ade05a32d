package rediscloud

import (
	"cmp"
	"fmt"
)

// VPCPeeringCreateAWSRequest asks for a peering with a VPC on AWS.
type VPCPeeringCreateAWSRequest struct {
	Region            string  `json:"region"`                      // of the subscription, such as us-east-1
	DestinationRegion *string `json:"destinationRegion,omitempty"` // of the VPC: required for Active-Active subscriptions, and only for them
	AWSAccountID      string  `json:"awsAccountId"`                // of the VPC's owner
	VPCID             string  `json:"vpcId"`                       // such as vpc-0123456789abcdef0

	// The range of addresses of the VPC, such as 10.10.10.0/24, or several: set
	// exactly one of these two.
	VPCCIDR  *string  `json:"vpcCidr,omitempty"`
	VPCCIDRs []string `json:"vpcCidrs,omitzero"`
}

func (r *VPCPeeringCreateAWSRequest) validate() error {
	return cmp.Or(
		r.validateMembers(),
		onlyActiveActive("DestinationRegion", r.DestinationRegion))
}

func (r *VPCPeeringCreateAWSRequest) validateMembers() error {
	return cmp.Or(
		required("Region", r.Region != ""),
		required("AWSAccountID", r.AWSAccountID != ""),
		required("VPCID", r.VPCID != ""),
		checkVPCCIDRs(r.VPCCIDR, r.VPCCIDRs))
}

// in returns the body of the request for a network.
func (r *VPCPeeringCreateAWSRequest) in(network NetworkRef) any {
	if network.RegionID == 0 {
		return r
	}
	return (*activeActiveVPCPeeringCreateAWS)(r)
}

// activeActiveVPCPeeringCreateAWS is the request for an Active-Active
// subscription.
type activeActiveVPCPeeringCreateAWS struct {
	Region            string   `json:"sourceRegion"`
	DestinationRegion *string  `json:"destinationRegion"`
	AWSAccountID      string   `json:"awsAccountId"`
	VPCID             string   `json:"vpcId"`
	VPCCIDR           *string  `json:"vpcCidr,omitempty"`
	VPCCIDRs          []string `json:"vpcCidrs,omitzero"`
}

func (r *activeActiveVPCPeeringCreateAWS) validate() error {
	return cmp.Or(
		(*VPCPeeringCreateAWSRequest)(r).validateMembers(),
		requiredText("DestinationRegion", r.DestinationRegion))
}

// VPCPeeringCreateGCPRequest asks for a peering with a network on Google Cloud.
type VPCPeeringCreateGCPRequest struct {
	Region         *string `json:"region,omitempty"` // such as us-east1: required for Active-Active subscriptions, and only for them
	VPCProjectUID  string  `json:"vpcProjectUid"`    // the project of the network
	VPCNetworkName string  `json:"vpcNetworkName"`
}

func (r *VPCPeeringCreateGCPRequest) validate() error {
	return cmp.Or(
		r.validateMembers(),
		onlyActiveActive("Region", r.Region))
}

func (r *VPCPeeringCreateGCPRequest) validateMembers() error {
	return cmp.Or(
		required("VPCProjectUID", r.VPCProjectUID != ""),
		required("VPCNetworkName", r.VPCNetworkName != ""))
}

// in returns the body of the request for a network.
func (r *VPCPeeringCreateGCPRequest) in(network NetworkRef) any {
	if network.RegionID == 0 {
		return r
	}
	return (*activeActiveVPCPeeringCreateGCP)(r)
}

// activeActiveVPCPeeringCreateGCP is the request for an Active-Active
// subscription.
type activeActiveVPCPeeringCreateGCP struct {
	Region         *string `json:"sourceRegion"`
	VPCProjectUID  string  `json:"vpcProjectUid"`
	VPCNetworkName string  `json:"vpcNetworkName"`
}

func (r *activeActiveVPCPeeringCreateGCP) validate() error {
	return cmp.Or(
		requiredText("Region", r.Region),
		(*VPCPeeringCreateGCPRequest)(r).validateMembers())
}

// onlyActiveActive refuses a field that the API doesn't accept for other
// subscriptions.
func onlyActiveActive(name string, text *string) error {
	if text != nil {
		return fmt.Errorf("%s is for Active-Active subscriptions only: the NetworkRef has no RegionID", name)
	}
	return nil
}

func requiredText(name string, text *string) error { return required(name, text != nil && *text != "") }

// VPCPeeringUpdateAWSRequest changes the ranges of addresses of the VPC that a
// peering on AWS leads to. Set exactly one of the two fields.
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

// checkCIDRs refuses a list with an element that isn't a range of addresses.
func checkCIDRs(name string, list []string) error {
	for i := range list {
		if err := checkCIDR(fmt.Sprintf("%s[%d]", name, i), &list[i]); err != nil {
			return err
		}
	}
	return nil
}

// on adds the provider, from which the API knows what the other fields of the
// body are. "gcp" is in lower case: the API isn't known to accept any other form.
func (c call) on(provider string) call { return c.with(`"provider":"` + provider + `"`) }
