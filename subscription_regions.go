package rediscloud

import (
	"cmp"
	"context"
	"iter"
)

// A SubscriptionRegionList lists the regions of an Active-Active subscription.
type SubscriptionRegionList struct {
	SubscriptionID int                  `json:"subscriptionId"`
	Regions        []SubscriptionRegion `json:"regions"`
	Links          Links                `json:"links,omitempty"`
}

func (l *SubscriptionRegionList) elements() []SubscriptionRegion { return l.Regions }

var subscriptionRegionListKind = newKind[SubscriptionRegionList]("SubscriptionRegions", kind{})

// A SubscriptionRegion is one region of an Active-Active subscription.
type SubscriptionRegion struct {
	ID             int              `json:"regionId"`
	Region         string           `json:"region"` // the provider's name for it, such as us-east-1
	DeploymentCIDR string           `json:"deploymentCidr,omitempty"`
	VPCID          string           `json:"vpcId,omitempty"`
	Databases      []RegionDatabase `json:"databases,omitempty"`
	Links          Links            `json:"links,omitempty"`
}

// A RegionDatabase describes the part of a database that is in a region.
type RegionDatabase struct {
	ID                       int         `json:"databaseId"`
	Name                     string      `json:"databaseName"`
	ReadOperationsPerSecond  int64       `json:"readOperationsPerSecond"`
	WriteOperationsPerSecond int64       `json:"writeOperationsPerSecond"`
	RESPVersion              RESPVersion `json:"respVersion,omitempty"`
	Links                    Links       `json:"links,omitempty"`
}

// ListRegions returns the regions of an Active-Active subscription.
//
// API: GET /subscriptions/{subscriptionId}/regions
func (s *SubscriptionsService) ListRegions(ctx context.Context, subscriptionID int) (*SubscriptionRegionList, error) {
	return fetch[SubscriptionRegionList](ctx, s.client, get("/subscriptions/{subscriptionId}/regions", subscriptionID))
}

// AllRegions iterates over the regions that ListRegions returns. An error comes
// last.
//
// API: GET /subscriptions/{subscriptionId}/regions
func (s *SubscriptionsService) AllRegions(ctx context.Context, subscriptionID int) iter.Seq2[*SubscriptionRegion, error] {
	return listed(ctx, func(ctx context.Context) (*SubscriptionRegionList, error) { return s.ListRegions(ctx, subscriptionID) })
}

// CreateRegion deploys an Active-Active subscription, with all of its
// databases, in one more region. The task yields all regions of the
// subscription; with WaitProvisioned, once the subscription is active again.
//
// API: POST /subscriptions/{subscriptionId}/regions
func (s *SubscriptionsService) CreateRegion(ctx context.Context, subscriptionID int, req *RegionCreateRequest) (*Task[SubscriptionRegionList], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/regions", subscriptionID).withBody(req).
			shows("region=regions.region"),
		readBack(subscriptionRegionListKind, "/subscriptions/{subscriptionId}/regions", subscriptionID).
			watching(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// CreateRegionDryRun adds nothing: the task yields what CreateRegion would
// cost.
//
// API: POST /subscriptions/{subscriptionId}/regions with dryRun
func (s *SubscriptionsService) CreateRegionDryRun(ctx context.Context, subscriptionID int, req *RegionCreateRequest) (*Task[Pricing], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/regions", subscriptionID).withDryRun(req), carried(pricingKind))
}

// DeleteRegions removes regions from an Active-Active subscription, with the
// copies of the data that its databases have there. At least one region must
// remain. WaitProvisioned waits until the subscription is active again.
//
// API: DELETE /subscriptions/{subscriptionId}/regions
func (s *SubscriptionsService) DeleteRegions(ctx context.Context, subscriptionID int, req *RegionsDeleteRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/subscriptions/{subscriptionId}/regions", subscriptionID).withBody(req),
		nothing.watching(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// DeleteRegionsDryRun deletes nothing: the task yields the prices that
// DeleteRegions would lead to.
//
// API: DELETE /subscriptions/{subscriptionId}/regions with dryRun
func (s *SubscriptionsService) DeleteRegionsDryRun(ctx context.Context, subscriptionID int, req *RegionsDeleteRequest) (*Task[Pricing], error) {
	return submit(ctx, s.client,
		del("/subscriptions/{subscriptionId}/regions", subscriptionID).withDryRun(req), carried(pricingKind))
}

// RegionCreateRequest describes a region to add to an Active-Active subscription.
type RegionCreateRequest struct {
	Region string `json:"region"` // the provider's name for it, such as us-east-1

	// DeploymentCIDR is a range of 256 addresses that no other region of the
	// subscription uses, such as 10.0.1.0/24.
	DeploymentCIDR *string `json:"deploymentCIDR,omitempty"`

	// These name what already exists in the customer's AWS account.
	VPCID           *string  `json:"vpcId,omitempty"` // nil creates a new VPC
	SubnetIDs       []string `json:"subnetIds,omitzero"`
	SecurityGroupID *string  `json:"securityGroupId,omitempty"`

	// MultipleAvailabilityZones is true by default if the region has several.
	MultipleAvailabilityZones  *bool    `json:"multipleAvailabilityZones,omitempty"`
	PreferredAvailabilityZones []string `json:"preferredAvailabilityZones,omitzero"` // zone ids

	// Databases are the throughputs in the new region of all databases of the
	// subscription; by default 1000 reads and writes per second each.
	Databases []RegionDatabaseSpec `json:"databases,omitzero"`

	// RESPVersion must match the version of Redis.
	//
	// Deprecated: by the API, which names no replacement.
	RESPVersion *RESPVersion `json:"respVersion,omitempty"`

	// CustomerManagedKeyResourceName is the encryption key for the region,
	// required if the subscription uses customer-managed keys.
	CustomerManagedKeyResourceName *string `json:"customerManagedKeyResourceName,omitempty"`
}

func (r *RegionCreateRequest) validate() error {
	return cmp.Or(
		required("Region", r.Region != ""),
		checkCIDR("DeploymentCIDR", r.DeploymentCIDR),
		notBlank("VPCID", r.VPCID),
		eachGiven("SubnetIDs", r.SubnetIDs),
		notBlank("SecurityGroupID", r.SecurityGroupID),
		eachGiven("PreferredAvailabilityZones", r.PreferredAvailabilityZones),
		nestedEach("Databases", r.Databases),
		notBlank("CustomerManagedKeyResourceName", r.CustomerManagedKeyResourceName))
}

// A RegionDatabaseSpec is the throughput of a database in a new region.
type RegionDatabaseSpec struct {
	Name                       string           `json:"name"`
	LocalThroughputMeasurement *LocalThroughput `json:"localThroughputMeasurement,omitempty"`
}

func (s *RegionDatabaseSpec) validate() error {
	return cmp.Or(
		required("Name", s.Name != ""),
		nested("LocalThroughputMeasurement", s.LocalThroughputMeasurement))
}

// RegionsDeleteRequest names the regions to remove from an Active-Active
// subscription.
type RegionsDeleteRequest struct {
	Regions []RegionToDelete `json:"regions"` // required
}

func (r *RegionsDeleteRequest) validate() error {
	return cmp.Or(
		required("Regions", len(r.Regions) > 0),
		nestedEach("Regions", r.Regions))
}

// A RegionToDelete names one region of RegionsDeleteRequest.
type RegionToDelete struct {
	Region string `json:"region"` // the provider's name for it, such as us-east-1
}

func (r *RegionToDelete) validate() error { return required("Region", r.Region != "") }
