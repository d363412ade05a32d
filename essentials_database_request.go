package rediscloud

import "cmp"

// EssentialsDatabaseCreateRequest describes a database to create. Only Name is
// required. What a database can have depends on the plan of its subscription;
// the members from DatasetSizeInGB to RegexRules are for plans of the type
// PlanTypePayAsYouGo only.
type EssentialsDatabaseCreateRequest struct {
	// Name has up to 40 letters, digits and hyphens; it begins with a letter
	// and ends with a letter or a digit.
	Name string `json:"name"`

	// DatasetSizeInGB is the most data that the database holds, at least 0.1.
	// With replication it takes twice that in memory.
	DatasetSizeInGB *float64 `json:"datasetSizeInGb,omitempty"`

	// MemoryLimitInGB is the memory for everything, replication included, at
	// least 0.1. It can't be given together with DatasetSizeInGB.
	//
	// Deprecated: use DatasetSizeInGB.
	MemoryLimitInGB *float64 `json:"memoryLimitInGb,omitempty"`

	SupportOSSClusterAPI *bool `json:"supportOSSClusterApi,omitempty"` // default false

	// UseExternalEndpointForOSSClusterAPI makes the cluster API lead to the
	// external endpoint, and blocks the private one. Default false; true needs
	// SupportOSSClusterAPI.
	UseExternalEndpointForOSSClusterAPI *bool `json:"useExternalEndpointForOSSClusterApi,omitempty"`

	// EnableDatabaseClustering spreads the data over several shards: over
	// NumberOfShards of them, not counting replicas. Default false.
	EnableDatabaseClustering *bool    `json:"enableDatabaseClustering,omitempty"`
	NumberOfShards           *int     `json:"numberOfShards,omitempty"`
	RegexRules               []string `json:"regexRules,omitzero"` // of the hashing policy, with EnableDatabaseClustering

	// Protocol is by default ProtocolStack, which has all capabilities. Pay as
	// you go takes ProtocolRedis, and so does Redis Flex, by default too.
	Protocol     *Protocol    `json:"protocol,omitempty"`
	RedisVersion *string      `json:"redisVersion,omitempty"` // such as "7.4"; default: the one marked so in EssentialsSubscriptionsService.ListRedisVersions
	RESPVersion  *RESPVersion `json:"respVersion,omitempty"`

	DataPersistence    *DataPersistence `json:"dataPersistence,omitempty"`
	DataEvictionPolicy *EvictionPolicy  `json:"dataEvictionPolicy,omitempty"`
	Replication        *bool            `json:"replication,omitempty"`
	Replica            *ReplicaSpec     `json:"replica,omitempty"` // what this database is a replica of

	// ReplicaOf are the URIs of the databases that this one is a replica of.
	//
	// Deprecated: use Replica.
	ReplicaOf []SecretURI `json:"replicaOf,omitzero"`

	// PeriodicBackupPath is where the database is backed up to every 24 hours,
	// and whenever Backup is called.
	PeriodicBackupPath *SecretURI `json:"periodicBackupPath,omitempty"`

	SourceIPs []string `json:"sourceIps,omitzero"` // addresses or CIDRs that clients may come from; default: all

	EnableTLS             *bool             `json:"enableTls,omitempty"`            // default false
	ClientTLSCertificates []CertificateSpec `json:"clientTlsCertificates,omitzero"` // clients must identify themselves with one of them

	// ClientSSLCertificate is one certificate that clients must identify
	// themselves with, in PEM form.
	//
	// Deprecated: use ClientTLSCertificates.
	ClientSSLCertificate *string `json:"clientSslCertificate,omitempty"`

	Password *Secret      `json:"password,omitempty"` // of the default user; made up by the API if nil
	Alerts   []AlertSpec  `json:"alerts,omitzero"`    // of those that the plan supports
	Modules  []ModuleSpec `json:"modules,omitzero"`   // with ProtocolRedis only, and not from Redis 8 on, which has them all
}

func (r *EssentialsDatabaseCreateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		checkSize(r.MemoryLimitInGB, r.DatasetSizeInGB),
		onlyWith("UseExternalEndpointForOSSClusterAPI", isTrue(r.UseExternalEndpointForOSSClusterAPI), "SupportOSSClusterAPI", isTrue(r.SupportOSSClusterAPI)),
		atLeast("NumberOfShards", r.NumberOfShards, 1),
		onlyWith("NumberOfShards", r.NumberOfShards != nil, "EnableDatabaseClustering", isTrue(r.EnableDatabaseClustering)),
		notBlank("Protocol", r.Protocol),
		notBlank("RedisVersion", r.RedisVersion),
		nested("Replica", r.Replica),
		eachGiven("ReplicaOf", r.ReplicaOf),
		eachGiven("SourceIPs", r.SourceIPs),
		nestedEach("ClientTLSCertificates", r.ClientTLSCertificates),
		nestedEach("Alerts", r.Alerts),
		onlyWith("Modules", len(r.Modules) > 0, "ProtocolRedis", r.Protocol == nil || *r.Protocol == ProtocolRedis),
		nestedEach("Modules", r.Modules))
}

// EssentialsDatabaseUpdateRequest describes the change of a database. A member
// that is nil changes nothing; how a setting is taken back is said at those
// that can be. The members from DatasetSizeInGB to RegexRules are for plans of
// the type PlanTypePayAsYouGo only.
type EssentialsDatabaseUpdateRequest struct {
	Name *string `json:"name,omitempty"` // as in EssentialsDatabaseCreateRequest

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

	EnableDatabaseClustering *bool    `json:"enableDatabaseClustering,omitempty"`
	NumberOfShards           *int     `json:"numberOfShards,omitempty"` // a multiple of what there are, not counting replicas
	RegexRules               []string `json:"regexRules,omitzero"`      // of the hashing policy

	RESPVersion        *RESPVersion     `json:"respVersion,omitempty"`
	DataPersistence    *DataPersistence `json:"dataPersistence,omitempty"`
	DataEvictionPolicy *EvictionPolicy  `json:"dataEvictionPolicy,omitempty"`
	Replication        *bool            `json:"replication,omitempty"`
	Replica            *ReplicaSpec     `json:"replica,omitempty"` // what this database is a replica of

	// ReplicaOf are the URIs of the databases that this one is a replica of; an
	// empty list makes it a database of its own.
	//
	// Deprecated: use Replica.
	ReplicaOf []SecretURI `json:"replicaOf,omitzero"`

	// PeriodicBackupPath is where the database is backed up to every 24 hours;
	// "" ends that.
	PeriodicBackupPath *SecretURI `json:"periodicBackupPath,omitempty"`

	SourceIPs []string `json:"sourceIps,omitzero"` // addresses or CIDRs that clients may come from; an empty list: all

	EnableTLS             *bool             `json:"enableTls,omitempty"`            // false removes the client certificates too
	ClientTLSCertificates []CertificateSpec `json:"clientTlsCertificates,omitzero"` // an empty list removes them

	// ClientSSLCertificate is one certificate that clients must identify
	// themselves with, in PEM form; "" removes it.
	//
	// Deprecated: use ClientTLSCertificates.
	ClientSSLCertificate *string `json:"clientSslCertificate,omitempty"`

	Password *Secret `json:"password,omitempty"` // of the default user

	// EnableDefaultUser lets clients in as the user "default"; with false only
	// those of access control are. False can't be given together with Password.
	EnableDefaultUser *bool `json:"enableDefaultUser,omitempty"`

	Alerts []AlertSpec `json:"alerts,omitzero"` // an empty list removes them
}

func (r *EssentialsDatabaseUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		checkSize(r.MemoryLimitInGB, r.DatasetSizeInGB),
		onlyWith("UseExternalEndpointForOSSClusterAPI", isTrue(r.UseExternalEndpointForOSSClusterAPI), "SupportOSSClusterAPI", !isFalse(r.SupportOSSClusterAPI)),
		atLeast("NumberOfShards", r.NumberOfShards, 1),
		onlyWith("NumberOfShards", r.NumberOfShards != nil, "EnableDatabaseClustering", !isFalse(r.EnableDatabaseClustering)),
		nested("Replica", r.Replica),
		eachGiven("ReplicaOf", r.ReplicaOf),
		eachGiven("SourceIPs", r.SourceIPs),
		nestedEach("ClientTLSCertificates", r.ClientTLSCertificates),
		checkDefaultUser("EnableDefaultUser", r.EnableDefaultUser, "Password", r.Password),
		nestedEach("Alerts", r.Alerts))
}

// essentialsDatabaseShows are the members of the requests for an Essentials database that the database shows.
var essentialsDatabaseShows = []string{
	"name", "datasetSizeInGb", "memoryLimitInGb", "respVersion", "supportOSSClusterApi",
	"useExternalEndpointForOSSClusterApi", "enableDatabaseClustering=clustering.enabled",
	"regexRules?=clustering.regexRules.pattern", "dataPersistence", "dataEvictionPolicy", "replication",
	"sourceIps?=security.sourceIps", "enableTls=security.enableTls",
	"enableDefaultUser=security.defaultUserEnabled", "alerts",
}
