package rediscloud

import "cmp"

// DatabaseCreateRequest describes a database to create. Only Name is required.
// Members are for all databases where nothing else is said.
type DatabaseCreateRequest struct {
	// Name has up to 40 letters, digits and hyphens; it begins with a letter
	// and ends with a letter or a digit.
	Name string `json:"name"`

	Protocol *Protocol `json:"protocol,omitempty"` // default ProtocolRedis
	Port     *int      `json:"port,omitempty"`     // 10000 to 19999; chosen by the API if nil

	// DatasetSizeInGB is the most data that the database holds, at least 0.1.
	// With replication it takes twice that in memory.
	DatasetSizeInGB *float64 `json:"datasetSizeInGb,omitempty"`

	// MemoryLimitInGB is the memory for everything, replication included, at
	// least 0.1. It can't be given together with DatasetSizeInGB.
	//
	// Deprecated: use DatasetSizeInGB.
	MemoryLimitInGB *float64 `json:"memoryLimitInGb,omitempty"`

	RedisVersion            *string      `json:"redisVersion,omitempty"`            // such as "7.4"; default: the one marked so in the list of versions
	AutoMinorVersionUpgrade *bool        `json:"autoMinorVersionUpgrade,omitempty"` // from Redis 8.4 on; default true
	RESPVersion             *RESPVersion `json:"respVersion,omitempty"`

	SupportOSSClusterAPI *bool `json:"supportOSSClusterApi,omitempty"` // default false

	// UseExternalEndpointForOSSClusterAPI makes the cluster API lead to the
	// external endpoint, and blocks the private one. Default false; true needs
	// SupportOSSClusterAPI.
	UseExternalEndpointForOSSClusterAPI *bool `json:"useExternalEndpointForOSSClusterApi,omitempty"`

	DataPersistence    *DataPersistence `json:"dataPersistence,omitempty"`    // default DataPersistenceNone
	DataEvictionPolicy *EvictionPolicy  `json:"dataEvictionPolicy,omitempty"` // default EvictionPolicyVolatileLRU
	Replication        *bool            `json:"replication,omitempty"`        // default true
	Replica            *ReplicaSpec     `json:"replica,omitempty"`            // what this database is a replica of

	// ReplicaOf are the URIs of the databases that this one is a replica of.
	//
	// Deprecated: use Replica.
	ReplicaOf []SecretURI `json:"replicaOf,omitzero"`

	ThroughputMeasurement      *Throughput       `json:"throughputMeasurement,omitempty"`
	LocalThroughputMeasurement []LocalThroughput `json:"localThroughputMeasurement,omitzero"` // Active-Active: for each region

	// AverageItemSizeInBytes is an estimate, for databases on flash. Default 1000.
	//
	// Deprecated: use RAMPercentage.
	AverageItemSizeInBytes *int64 `json:"averageItemSizeInBytes,omitempty"`

	RAMPercentage *int `json:"ramPercentage,omitempty"` // on flash: the share held in RAM, 10 to 50 in steps of 10; default 20

	RemoteBackup *BackupSpec `json:"remoteBackup,omitempty"`

	// PeriodicBackupPath is where the database is backed up to every 24 hours.
	// It can't be given together with RemoteBackup.
	//
	// Deprecated: use RemoteBackup.
	PeriodicBackupPath *SecretURI `json:"periodicBackupPath,omitempty"`

	SourceIPs []string `json:"sourceIp,omitzero"` // addresses or CIDRs that clients may come from; default: all

	EnableTLS             *bool                     `json:"enableTls,omitempty"`            // default false
	ClientTLSCertificates []DatabaseCertificateSpec `json:"clientTlsCertificates,omitzero"` // clients must identify themselves with one of them

	// ClientSSLCertificate is one certificate that clients must identify
	// themselves with, in PEM form.
	//
	// Deprecated: use ClientTLSCertificates.
	ClientSSLCertificate *string `json:"clientSslCertificate,omitempty"`

	Password     *Secret `json:"password,omitempty"`     // of the default user; made up by the API if nil; not with memcached
	SASLUsername *string `json:"saslUsername,omitempty"` // memcached only; made up by the API if nil
	SASLPassword *Secret `json:"saslPassword,omitempty"` // memcached only; made up by the API if nil

	Alerts       []AlertSpec   `json:"alerts,omitzero"`
	Modules      []ModuleSpec  `json:"modules,omitzero"`
	ShardingType *ShardingType `json:"shardingType,omitempty"`

	// QueryPerformanceFactor multiplies the compute power for search and
	// query, such as "4x".
	QueryPerformanceFactor *string `json:"queryPerformanceFactor,omitempty"`
}

func (r *DatabaseCreateRequest) validate() error {
	memcached := r.Protocol != nil && *r.Protocol == ProtocolMemcached
	return cmp.Or(
		required("Name", r.Name != ""),
		checkPort(r.Port),
		checkSize(r.MemoryLimitInGB, r.DatasetSizeInGB),
		onlyWith("UseExternalEndpointForOSSClusterAPI", isTrue(r.UseExternalEndpointForOSSClusterAPI), "SupportOSSClusterAPI", isTrue(r.SupportOSSClusterAPI)),
		nested("Replica", r.Replica),
		eachGiven("ReplicaOf", r.ReplicaOf),
		nested("ThroughputMeasurement", r.ThroughputMeasurement),
		checkRegionalThroughput("LocalThroughputMeasurement", r.LocalThroughputMeasurement),
		atLeast("AverageItemSizeInBytes", r.AverageItemSizeInBytes, 1),
		checkRAMPercentage(r.RAMPercentage),
		exclusive("RemoteBackup", r.RemoteBackup != nil, "PeriodicBackupPath", r.PeriodicBackupPath != nil),
		nested("RemoteBackup", r.RemoteBackup),
		eachGiven("SourceIPs", r.SourceIPs),
		nestedEach("ClientTLSCertificates", r.ClientTLSCertificates),
		onlyWith("Password", r.Password != nil, "ProtocolRedis", !memcached),
		onlyWith("SASLUsername", r.SASLUsername != nil, "ProtocolMemcached", memcached),
		onlyWith("SASLPassword", r.SASLPassword != nil, "ProtocolMemcached", memcached),
		nestedEach("Alerts", r.Alerts),
		nestedEach("Modules", r.Modules))
}

// DatabaseUpdateRequest describes the change of a database. A member that is
// nil changes nothing; how a setting is taken back is said at those that can be.
type DatabaseUpdateRequest struct {
	Name *string `json:"name,omitempty"` // as in DatabaseCreateRequest

	// DatasetSizeInGB is the most data that the database holds, at least 0.1.
	// With replication it takes twice that in memory.
	DatasetSizeInGB *float64 `json:"datasetSizeInGb,omitempty"`

	// MemoryLimitInGB is the memory for everything, replication included, at
	// least 0.1. It can't be given together with DatasetSizeInGB.
	//
	// Deprecated: use DatasetSizeInGB.
	MemoryLimitInGB *float64 `json:"memoryLimitInGb,omitempty"`

	AutoMinorVersionUpgrade *bool            `json:"autoMinorVersionUpgrade,omitempty"` // from Redis 8.4 on
	RESPVersion             *RESPVersion     `json:"respVersion,omitempty"`
	ThroughputMeasurement   *Throughput      `json:"throughputMeasurement,omitempty"`
	DataPersistence         *DataPersistence `json:"dataPersistence,omitempty"`
	DataEvictionPolicy      *EvictionPolicy  `json:"dataEvictionPolicy,omitempty"`
	Replication             *bool            `json:"replication,omitempty"`
	RegexRules              []string         `json:"regexRules,omitzero"` // of the hashing policy, with ShardingTypeCustomRegexRules
	Replica                 *ReplicaSpec     `json:"replica,omitempty"`   // what this database is a replica of

	// ReplicaOf are the URIs of the databases that this one is a replica of; an
	// empty list makes it a database of its own.
	//
	// Deprecated: use Replica.
	ReplicaOf []SecretURI `json:"replicaOf,omitzero"`

	SupportOSSClusterAPI *bool `json:"supportOSSClusterApi,omitempty"`

	// UseExternalEndpointForOSSClusterAPI makes the cluster API lead to the
	// external endpoint, and blocks the private one. True needs
	// SupportOSSClusterAPI, in the database or in this request.
	UseExternalEndpointForOSSClusterAPI *bool `json:"useExternalEndpointForOSSClusterApi,omitempty"`

	Password     *Secret `json:"password,omitempty"`     // of the default user; not with memcached
	SASLUsername *string `json:"saslUsername,omitempty"` // memcached only
	SASLPassword *Secret `json:"saslPassword,omitempty"` // memcached only

	// EnableDefaultUser lets clients in as the user "default"; with false only
	// those of access control are. False can't be given together with Password.
	EnableDefaultUser *bool `json:"enableDefaultUser,omitempty"`

	SourceIPs []string `json:"sourceIp,omitzero"` // addresses or CIDRs that clients may come from; an empty list: all

	EnableTLS             *bool                     `json:"enableTls,omitempty"`            // false removes the client certificates too
	ClientTLSCertificates []DatabaseCertificateSpec `json:"clientTlsCertificates,omitzero"` // an empty list removes them

	// ClientSSLCertificate is one certificate that clients must identify
	// themselves with, in PEM form; "" removes it.
	//
	// Deprecated: use ClientTLSCertificates.
	ClientSSLCertificate *string `json:"clientSslCertificate,omitempty"`

	RemoteBackup *BackupSpec `json:"remoteBackup,omitempty"` // Active false turns backups off

	// PeriodicBackupPath is where the database is backed up to every 24 hours;
	// "" ends that. It can't be given together with RemoteBackup.
	//
	// Deprecated: use RemoteBackup.
	PeriodicBackupPath *SecretURI `json:"periodicBackupPath,omitempty"`

	Alerts                 []AlertSpec `json:"alerts,omitzero"`                  // an empty list removes them
	RAMPercentage          *int        `json:"ramPercentage,omitempty"`          // on flash: the share held in RAM, 10 to 50 in steps of 10
	QueryPerformanceFactor *string     `json:"queryPerformanceFactor,omitempty"` // such as "4x"
}

func (r *DatabaseUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		checkSize(r.MemoryLimitInGB, r.DatasetSizeInGB),
		nested("ThroughputMeasurement", r.ThroughputMeasurement),
		nested("Replica", r.Replica),
		eachGiven("ReplicaOf", r.ReplicaOf),
		onlyWith("UseExternalEndpointForOSSClusterAPI", isTrue(r.UseExternalEndpointForOSSClusterAPI), "SupportOSSClusterAPI", !isFalse(r.SupportOSSClusterAPI)),
		checkDefaultUser("EnableDefaultUser", r.EnableDefaultUser, "Password", r.Password),
		eachGiven("SourceIPs", r.SourceIPs),
		nestedEach("ClientTLSCertificates", r.ClientTLSCertificates),
		exclusive("RemoteBackup", r.RemoteBackup != nil, "PeriodicBackupPath", r.PeriodicBackupPath != nil),
		nested("RemoteBackup", r.RemoteBackup),
		nestedEach("Alerts", r.Alerts),
		checkRAMPercentage(r.RAMPercentage))
}

// checkDefaultUser refuses a new password for a user that is turned off.
func checkDefaultUser(enableName string, enable *bool, passwordName string, password *Secret) error {
	return exclusive(enableName+" false", isFalse(enable), passwordName, password != nil)
}

// databaseShows are the members of the requests for a database that the database shows.
var databaseShows = []string{
	"name", "protocol", "datasetSizeInGb", "memoryLimitInGb", "respVersion", "autoMinorVersionUpgrade",
	"supportOSSClusterApi", "useExternalEndpointForOSSClusterApi", "dataPersistence", "dataEvictionPolicy",
	"replication", "throughputMeasurement", "ramPercentage", "queryPerformanceFactor",
	"sourceIp?=security.sourceIps", "enableTls=security.enableTls",
	"enableDefaultUser=security.enableDefaultUser", "alerts", "remoteBackup.active=backup.enableRemoteBackup",
	"remoteBackup.interval=backup.interval", "regexRules?=clustering.regexRules.pattern",
}
