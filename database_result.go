package rediscloud

import (
	"errors"
	"time"
)

// A DatabaseStatus says whether a database can be used. The API may add values
// without notice. Values other than active and those marked as final are
// transitional.
type DatabaseStatus string

// The statuses of a database.
const (
	DatabaseStatusActive         DatabaseStatus = "active"          // can be used
	DatabaseStatusError          DatabaseStatus = "error"           // final
	DatabaseStatusCreationFailed DatabaseStatus = "creation-failed" // final

	DatabaseStatusDraft                           DatabaseStatus = "draft"
	DatabaseStatusPending                         DatabaseStatus = "pending"
	DatabaseStatusActiveChangePending             DatabaseStatus = "active-change-pending"
	DatabaseStatusActiveChangeDraft               DatabaseStatus = "active-change-draft"
	DatabaseStatusRCPDraft                        DatabaseStatus = "rcp-draft"
	DatabaseStatusRCPChangePending                DatabaseStatus = "rcp-change-pending"
	DatabaseStatusRCPActiveChangeDraft            DatabaseStatus = "rcp-active-change-draft"
	DatabaseStatusActiveUpgradePending            DatabaseStatus = "active-upgrade-pending"
	DatabaseStatusDynamicEndpointsCreationPending DatabaseStatus = "dynamic-endpoints-creation-pending"
	DatabaseStatusProxyPolicyChangePending        DatabaseStatus = "proxy-policy-change-pending"
	DatabaseStatusProxyPolicyChangeDraft          DatabaseStatus = "proxy-policy-change-draft"
	DatabaseStatusBDBUpdatePending                DatabaseStatus = "bdb-update-pending"
	DatabaseStatusImportPending                   DatabaseStatus = "import-pending"
	DatabaseStatusDeletePending                   DatabaseStatus = "delete-pending"
	DatabaseStatusRecovery                        DatabaseStatus = "recovery"
)

// A Database is a database of a Pro subscription. If ActiveActive is true, it
// has Regions and the fields that begin with Global; otherwise it has the
// fields of a single region.
type Database struct {
	ID       int            `json:"databaseId"`
	Name     string         `json:"name"`
	Status   DatabaseStatus `json:"status"`
	Protocol Protocol       `json:"protocol"`
	Provider Provider       `json:"provider"`
	Region   string         `json:"region"`

	RedisVersion            string      `json:"redisVersion"`
	RedisVersionCompliance  string      `json:"redisVersionCompliance,omitempty"` // what older responses have instead of RedisVersion
	RESPVersion             RESPVersion `json:"respVersion"`
	AutoMinorVersionUpgrade *bool       `json:"autoMinorVersionUpgrade,omitempty"` // nil if the API doesn't say

	DatasetSizeInGB float64       `json:"datasetSizeInGb"`
	MemoryLimitInGB float64       `json:"memoryLimitInGb,omitempty"` // replication included; 0 if the API doesn't say
	MemoryUsedInMB  float64       `json:"memoryUsedInMb"`
	MemoryStorage   MemoryStorage `json:"memoryStorage"`
	RAMPercentage   int           `json:"ramPercentage,omitempty"` // with flash: the percentage held in RAM

	SupportOSSClusterAPI                bool `json:"supportOSSClusterApi"`
	UseExternalEndpointForOSSClusterAPI bool `json:"useExternalEndpointForOSSClusterApi"`

	DataPersistence        DataPersistence `json:"dataPersistence"`
	DataEvictionPolicy     EvictionPolicy  `json:"dataEvictionPolicy"`
	Replication            bool            `json:"replication"`
	ThroughputMeasurement  Throughput      `json:"throughputMeasurement"`
	QueryPerformanceFactor string          `json:"queryPerformanceFactor,omitempty"` // such as "4x"

	ActivatedOn  Time `json:"activatedOn,omitzero"`
	LastModified Time `json:"lastModified,omitzero"`

	PublicEndpoint   string           `json:"publicEndpoint,omitempty"` // host:port
	PrivateEndpoint  string           `json:"privateEndpoint,omitempty"`
	DynamicEndpoints DynamicEndpoints `json:"dynamicEndpoints,omitzero"`

	Replica    DatabaseReplica    `json:"replica,omitzero"`   // what this database is a replica of
	ReplicaOf  ReplicaOf          `json:"replicaOf,omitzero"` // the same, in older responses
	Clustering DatabaseClustering `json:"clustering,omitzero"`
	Security   DatabaseSecurity   `json:"security,omitzero"`
	Modules    []DatabaseModule   `json:"modules,omitempty"`
	Alerts     []Alert            `json:"alerts,omitempty"`
	Backup     DatabaseBackup     `json:"backup,omitzero"`

	ActiveActive            bool             `json:"activeActiveRedis,omitempty"`
	GlobalDataPersistence   DataPersistence  `json:"globalDataPersistence,omitempty"`
	GlobalPassword          ReceivedSecret   `json:"globalPassword,omitempty"` // the API may send asterisks
	GlobalEnableDefaultUser *bool            `json:"globalEnableDefaultUser,omitempty"`
	GlobalSourceIPs         []string         `json:"globalSourceIp,omitempty"`
	GlobalAlerts            []Alert          `json:"globalAlerts,omitempty"`
	Regions                 []DatabaseRegion `json:"crdbDatabases,omitempty"`

	Links Links `json:"links,omitempty"`
}

var databaseKind = newKind[Database]("Database", kind{
	noun: "database", member: "status",
	ready:  []string{string(DatabaseStatusActive)},
	failed: []string{string(DatabaseStatusError), string(DatabaseStatusCreationFailed)},
	route:  "/subscriptions/{additionalResourceId}/databases/{resourceId}",
	list:   []string{"subscription", "databases"}, id: "databaseId", siblings: true, paged: true,
	within: subscriptionKind.kind, settle: 10 * time.Second,
})

func (d *Database) check() error {
	if d.ID == 0 {
		return errors.New("missing databaseId")
	}
	return nil
}

// A DatabaseRegion describes an Active-Active database in one region.
type DatabaseRegion struct {
	Region   string   `json:"region"`
	Provider Provider `json:"provider"`

	RedisVersionCompliance string      `json:"redisVersionCompliance"` // the Redis version
	RESPVersion            RESPVersion `json:"respVersion,omitempty"`

	DatasetSizeInGB float64 `json:"datasetSizeInGb"`
	MemoryLimitInGB float64 `json:"memoryLimitInGb"` // replication included
	MemoryUsedInMB  float64 `json:"memoryUsedInMb"`

	ReadOperationsPerSecond  int64           `json:"readOperationsPerSecond"`
	WriteOperationsPerSecond int64           `json:"writeOperationsPerSecond"`
	DataPersistence          DataPersistence `json:"dataPersistence"`
	QueryPerformanceFactor   string          `json:"queryPerformanceFactor,omitempty"`

	PublicEndpoint  string `json:"publicEndpoint,omitempty"`
	PrivateEndpoint string `json:"privateEndpoint,omitempty"`

	Security DatabaseSecurity `json:"security,omitzero"`
	Alerts   []Alert          `json:"alerts,omitempty"`
	Backup   DatabaseBackup   `json:"backup,omitzero"`
	Links    Links            `json:"links,omitempty"`
}
