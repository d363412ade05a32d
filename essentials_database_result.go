package rediscloud

import (
	"errors"
	"time"
)

// An EssentialsDatabase is a database of an Essentials subscription.
type EssentialsDatabase struct {
	ID       int            `json:"databaseId"`
	Name     string         `json:"name"`
	Status   DatabaseStatus `json:"status"`
	Protocol Protocol       `json:"protocol"`
	Provider Provider       `json:"provider"`
	Region   string         `json:"region"`

	RedisVersion string `json:"redisVersion"`

	// RedisVersionCompliance is what older responses have instead of
	// RedisVersion.
	//
	// Deprecated: use RedisVersion.
	RedisVersionCompliance string      `json:"redisVersionCompliance,omitempty"`
	RESPVersion            RESPVersion `json:"respVersion"`

	// PlanMemoryLimit is the memory and PlanDatasetSize the data that the plan
	// allows, both in MemoryLimitMeasurementUnit.
	PlanMemoryLimit            float64  `json:"planMemoryLimit"`
	PlanDatasetSize            float64  `json:"planDatasetSize,omitempty"`
	MemoryLimitMeasurementUnit SizeUnit `json:"memoryLimitMeasurementUnit"`

	// DatasetSizeInGB and MemoryLimitInGB, which includes replication, are the
	// size of the database where the plan sets none: PlanTypePayAsYouGo.
	DatasetSizeInGB float64 `json:"datasetSizeInGb,omitempty"`
	MemoryLimitInGB float64 `json:"memoryLimitInGb,omitempty"`

	MemoryUsedInMB            float64       `json:"memoryUsedInMb"`
	NetworkMonthlyUsageInByte float64       `json:"networkMonthlyUsageInByte"` // this month so far
	MemoryStorage             MemoryStorage `json:"memoryStorage"`
	RedisFlex                 bool          `json:"redisFlex"`

	SupportOSSClusterAPI                bool `json:"supportOSSClusterApi"`
	UseExternalEndpointForOSSClusterAPI bool `json:"useExternalEndpointForOSSClusterApi"`

	DataPersistence    DataPersistence `json:"dataPersistence"`
	DataEvictionPolicy EvictionPolicy  `json:"dataEvictionPolicy"`
	Replication        bool            `json:"replication"`

	ActivatedOn  Time `json:"activatedOn,omitzero"`
	LastModified Time `json:"lastModified,omitzero"`

	PublicEndpoint           string                   `json:"publicEndpoint,omitempty"` // host:port
	PrivateEndpoint          string                   `json:"privateEndpoint,omitempty"`
	DynamicEndpoints         DynamicEndpoints         `json:"dynamicEndpoints,omitzero"`
	ReplicaAsSourceEndpoints ReplicaAsSourceEndpoints `json:"replicaAsSourceEndpoints,omitzero"`

	Replica    DatabaseReplica              `json:"replica,omitzero"`   // what this database is a replica of
	ReplicaOf  ReplicaOf                    `json:"replicaOf,omitzero"` // the same, in older responses
	Clustering EssentialsDatabaseClustering `json:"clustering,omitzero"`
	Security   EssentialsDatabaseSecurity   `json:"security,omitzero"`
	Modules    []DatabaseModule             `json:"modules,omitempty"`
	Alerts     []Alert                      `json:"alerts,omitempty"`
	Backup     EssentialsDatabaseBackup     `json:"backup,omitzero"`

	Links Links `json:"links,omitempty"`
}

var essentialsDatabaseKind = newKind[EssentialsDatabase]("EssentialsDatabase", kind{
	noun: "database", member: "status",
	ready:  []string{string(DatabaseStatusActive)},
	failed: []string{string(DatabaseStatusError), string(DatabaseStatusCreationFailed)},
	route:  "/fixed/subscriptions/{additionalResourceId}/databases/{resourceId}",
	list:   []string{"subscription", "databases"}, id: "databaseId", siblings: true, paged: true,
	within: essentialsSubscriptionKind.kind, settle: 10 * time.Second,
})

func (d *EssentialsDatabase) check() error {
	if d.ID == 0 {
		return errors.New("missing databaseId")
	}
	return nil
}

// ReplicaAsSourceEndpoints are the endpoints of the database's cluster, for
// another database to replicate from.
type ReplicaAsSourceEndpoints struct {
	Public  string `json:"public,omitempty"` // host:port
	Private string `json:"private,omitempty"`
}

// EssentialsDatabaseClustering describes how a database is spread over shards.
type EssentialsDatabaseClustering struct {
	Enabled       bool          `json:"enabled"`
	RegexRules    []RegexRule   `json:"regexRules,omitempty"`
	HashingPolicy HashingPolicy `json:"hashingPolicy,omitempty"`
}

// EssentialsDatabaseSecurity says who can connect to a database, and how.
type EssentialsDatabaseSecurity struct {
	EnableDefaultUser       *bool          `json:"defaultUserEnabled,omitempty"` // nil if the API doesn't say
	Password                ReceivedSecret `json:"password,omitempty"`           // not in lists
	EnableTLS               bool           `json:"enableTls"`
	SSLClientAuthentication bool           `json:"sslClientAuthentication"` // clients present a certificate; the deprecated setting
	TLSClientAuthentication bool           `json:"tlsClientAuthentication"` // clients present a certificate
	SourceIPs               []string       `json:"sourceIps,omitempty"`     // addresses or CIDRs that clients may connect from
}

// An EssentialsDatabaseBackup describes the regular backups of a database.
type EssentialsDatabaseBackup struct {
	Enabled     bool              `json:"remoteBackupEnabled"`
	Interval    BackupInterval    `json:"interval,omitempty"`
	Destination ReceivedSecretURI `json:"destination,omitempty"`
	Status      BackupState       `json:"status,omitempty"`
}
