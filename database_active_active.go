package rediscloud

import (
	"cmp"
	"context"
)

// UpdateRegions changes an Active-Active database, globally and in single
// regions; fields that req leaves unset stay unchanged. The task yields the
// database; [Task.WaitProvisioned] waits until the change is carried out.
//
// API: PUT /subscriptions/{subscriptionId}/databases/{databaseId}/regions
func (s *DatabasesService) UpdateRegions(ctx context.Context, subscriptionID, databaseID int, req *DatabaseRegionsUpdateRequest) (*Task[Database], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/databases/{databaseId}/regions", subscriptionID, databaseID).withBody(req).
			shows("name", "supportOSSClusterApi", "useExternalEndpointForOSSClusterApi", "dataEvictionPolicy", "autoMinorVersionUpgrade", "queryPerformanceFactor", "globalDataPersistence", "globalEnableDefaultUser", "globalSourceIp?", "globalAlerts"),
		readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// UpdateRegionsDryRun changes nothing: the task yields what
// [DatabasesService.UpdateRegions] would cost.
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
// database. Fields that are nil stay unchanged. Those that begin with Global
// apply to all regions without a setting of their own.
type DatabaseRegionsUpdateRequest struct {
	Name *string `json:"name,omitempty"` // as in DatabaseCreateRequest

	// DatasetSizeInGB is the maximum size of the data, at least 0.1.
	// Replication doubles the memory it takes.
	DatasetSizeInGB *float64 `json:"datasetSizeInGb,omitempty"`

	// MemoryLimitInGB is the total memory, replication included, at least 0.1.
	// It can't be combined with DatasetSizeInGB.
	//
	// Deprecated: use DatasetSizeInGB.
	MemoryLimitInGB *float64 `json:"memoryLimitInGb,omitempty"`

	SupportOSSClusterAPI *bool `json:"supportOSSClusterApi,omitempty"`

	// UseExternalEndpointForOSSClusterAPI makes the cluster API return the
	// external endpoint, and blocks the private one. True needs
	// SupportOSSClusterAPI, in the database or in this request.
	UseExternalEndpointForOSSClusterAPI *bool `json:"useExternalEndpointForOSSClusterApi,omitempty"`

	EnableTLS             *bool                     `json:"enableTls,omitempty"`            // false removes the client certificates too
	ClientTLSCertificates []DatabaseCertificateSpec `json:"clientTlsCertificates,omitzero"` // an empty list removes them

	// ClientSSLCertificate is one certificate that clients must present, in PEM
	// form; "" removes it.
	//
	// Deprecated: use ClientTLSCertificates.
	ClientSSLCertificate *string `json:"clientSslCertificate,omitempty"`

	DataEvictionPolicy      *EvictionPolicy `json:"dataEvictionPolicy,omitempty"`
	AutoMinorVersionUpgrade *bool           `json:"autoMinorVersionUpgrade,omitempty"` // from Redis 8.4 on
	QueryPerformanceFactor  *string         `json:"queryPerformanceFactor,omitempty"`  // such as "4x"

	GlobalDataPersistence *DataPersistence `json:"globalDataPersistence,omitempty"`
	GlobalPassword        *Secret          `json:"globalPassword,omitempty"` // not with GlobalEnableDefaultUser false

	// GlobalEnableDefaultUser lets clients connect as the user "default"; with
	// false only ACL users can.
	GlobalEnableDefaultUser *bool `json:"globalEnableDefaultUser,omitempty"`

	GlobalSourceIPs []string    `json:"globalSourceIp,omitzero"` // addresses or CIDRs that clients may connect from; an empty list means all
	GlobalAlerts    []AlertSpec `json:"globalAlerts,omitzero"`   // an empty list removes them

	Regions []DatabaseRegionUpdate `json:"regions,omitzero"` // settings of single regions
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
// region. Region is required; fields that are nil stay unchanged.
type DatabaseRegionUpdate struct {
	Region string `json:"region"` // such as "us-east-1"

	RemoteBackup               *BackupSpec      `json:"remoteBackup,omitempty"`
	LocalThroughputMeasurement *LocalThroughput `json:"localThroughputMeasurement,omitempty"`
	DataPersistence            *DataPersistence `json:"dataPersistence,omitempty"`
	Password                   *Secret          `json:"password,omitempty"` // not with EnableDefaultUser false
	SourceIPs                  []string         `json:"sourceIp,omitzero"`  // an empty list means all
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
