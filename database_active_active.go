package rediscloud

import (
	"cmp"
	"context"
)

// UpdateRegions changes an Active-Active database, in all regions and in single
// ones; what req doesn't set stays as it is. The task yields the database; with
// WaitProvisioned, once the change is carried out.
//
// API: PUT /subscriptions/{subscriptionId}/databases/{databaseId}/regions
func (s *DatabasesService) UpdateRegions(ctx context.Context, subscriptionID, databaseID int, req *DatabaseRegionsUpdateRequest) (*Task[Database], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/databases/{databaseId}/regions", subscriptionID, databaseID).withBody(req).
			shows("name", "supportOSSClusterApi", "useExternalEndpointForOSSClusterApi", "dataEvictionPolicy", "autoMinorVersionUpgrade", "queryPerformanceFactor", "globalDataPersistence", "globalEnableDefaultUser", "globalSourceIp?", "globalAlerts"),
		readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// UpdateRegionsDryRun changes nothing: the task yields what UpdateRegions would cost.
//
// API: PUT /subscriptions/{subscriptionId}/databases/{databaseId}/regions with dryRun
func (s *DatabasesService) UpdateRegionsDryRun(ctx context.Context, subscriptionID, databaseID int, req *DatabaseRegionsUpdateRequest) (*Task[Pricing], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/databases/{databaseId}/regions", subscriptionID, databaseID).withDryRun(req), carried(pricingKind))
}

// Flush removes all data from an Active-Active database.
//
// API: PUT /subscriptions/{subscriptionId}/databases/{databaseId}/flush
func (s *DatabasesService) Flush(ctx context.Context, subscriptionID, databaseID int) (*Task[None], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/databases/{databaseId}/flush", subscriptionID, databaseID).withBody(struct{}{}), nothing)
}

// DatabaseRegionsUpdateRequest describes the change of an Active-Active
// database. A member that is nil changes nothing. Those that begin with Global
// are for all regions that have no setting of their own.
type DatabaseRegionsUpdateRequest struct {
	Name *string `json:"name,omitempty"` // as in DatabaseCreateRequest

	// DatasetSizeInGB is the most data that the database holds, at least 0.1.
	// With replication it takes twice that in memory.
	DatasetSizeInGB *float64 `json:"datasetSizeInGb,omitempty"`

	// MemoryLimitInGB is the memory for everything, replication included, at
	// least 0.1. It can't be given together with DatasetSizeInGB.
	//
	// Deprecated: use DatasetSizeInGB.
	MemoryLimitInGB *float64 `json:"memoryLimitInGb,omitempty"`

	SupportOSSClusterAPI *bool `json:"supportOSSClusterApi,omitempty"`

	// UseExternalEndpointForOSSClusterAPI makes the cluster API lead to the
	// external endpoint, and blocks the private one. True needs
	// SupportOSSClusterAPI, in the database or in this request.
	UseExternalEndpointForOSSClusterAPI *bool `json:"useExternalEndpointForOSSClusterApi,omitempty"`

	EnableTLS             *bool                     `json:"enableTls,omitempty"`            // false removes the client certificates too
	ClientTLSCertificates []DatabaseCertificateSpec `json:"clientTlsCertificates,omitzero"` // an empty list removes them

	// ClientSSLCertificate is one certificate that clients must identify
	// themselves with, in PEM form; "" removes it.
	//
	// Deprecated: use ClientTLSCertificates.
	ClientSSLCertificate *string `json:"clientSslCertificate,omitempty"`

	DataEvictionPolicy      *EvictionPolicy `json:"dataEvictionPolicy,omitempty"`
	AutoMinorVersionUpgrade *bool           `json:"autoMinorVersionUpgrade,omitempty"` // from Redis 8.4 on
	QueryPerformanceFactor  *string         `json:"queryPerformanceFactor,omitempty"`  // such as "4x"

	GlobalDataPersistence *DataPersistence `json:"globalDataPersistence,omitempty"`
	GlobalPassword        *Secret          `json:"globalPassword,omitempty"` // not together with GlobalEnableDefaultUser false

	// GlobalEnableDefaultUser lets clients in as the user "default"; with
	// false only those of access control are.
	GlobalEnableDefaultUser *bool `json:"globalEnableDefaultUser,omitempty"`

	GlobalSourceIPs []string    `json:"globalSourceIp,omitzero"` // addresses or CIDRs that clients may come from; an empty list: all
	GlobalAlerts    []AlertSpec `json:"globalAlerts,omitzero"`   // an empty list removes them

	Regions []DatabaseRegionUpdate `json:"regions,omitzero"` // what is different in single regions
}

func (r *DatabaseRegionsUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		checkSize(r.MemoryLimitInGB, r.DatasetSizeInGB),
		onlyWith("UseExternalEndpointForOSSClusterAPI", isTrue(r.UseExternalEndpointForOSSClusterAPI), "SupportOSSClusterAPI", !isFalse(r.SupportOSSClusterAPI)),
		nestedEach("ClientTLSCertificates", r.ClientTLSCertificates),
		checkDefaultUser("GlobalEnableDefaultUser", r.GlobalEnableDefaultUser, "GlobalPassword", r.GlobalPassword),
		eachGiven("GlobalSourceIPs", r.GlobalSourceIPs),
		nestedEach("GlobalAlerts", r.GlobalAlerts),
		nestedEach("Regions", r.Regions))
}

// DatabaseRegionUpdate describes the change of an Active-Active database in one
// region. Region is required; a member that is nil changes nothing.
type DatabaseRegionUpdate struct {
	Region string `json:"region"` // such as us-east-1

	RemoteBackup               *BackupSpec      `json:"remoteBackup,omitempty"`
	LocalThroughputMeasurement *LocalThroughput `json:"localThroughputMeasurement,omitempty"`
	DataPersistence            *DataPersistence `json:"dataPersistence,omitempty"`
	Password                   *Secret          `json:"password,omitempty"` // not together with EnableDefaultUser false
	SourceIPs                  []string         `json:"sourceIp,omitzero"`  // an empty list: all
	Alerts                     []AlertSpec      `json:"alerts,omitzero"`    // an empty list removes them
	RESPVersion                *RESPVersion     `json:"respVersion,omitempty"`
	EnableDefaultUser          *bool            `json:"enableDefaultUser,omitempty"`
}

func (r *DatabaseRegionUpdate) validate() error {
	return cmp.Or(
		required("Region", r.Region != ""),
		nested("RemoteBackup", r.RemoteBackup),
		nested("LocalThroughputMeasurement", r.LocalThroughputMeasurement),
		checkDefaultUser("EnableDefaultUser", r.EnableDefaultUser, "Password", r.Password),
		eachGiven("SourceIPs", r.SourceIPs),
		nestedEach("Alerts", r.Alerts))
}
