package rediscloud

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// A Protocol is the protocol that a database speaks.
type Protocol string

// The protocols of databases.
const (
	ProtocolRedis     Protocol = "redis"
	ProtocolMemcached Protocol = "memcached" // for legacy applications
	ProtocolStack     Protocol = "stack"     // Essentials only
)

// A RESPVersion is a version of the Redis serialization protocol.
type RESPVersion string

// The versions of the Redis serialization protocol.
const (
	RESPVersion2 RESPVersion = "resp2"
	RESPVersion3 RESPVersion = "resp3"
)

// DataPersistence is how, and how often, a database is persisted.
type DataPersistence string

// The types of data persistence.
const (
	DataPersistenceNone                 DataPersistence = "none"
	DataPersistenceAOFEvery1Second      DataPersistence = "aof-every-1-second"
	DataPersistenceAOFEveryWrite        DataPersistence = "aof-every-write"
	DataPersistenceSnapshotEvery1Hour   DataPersistence = "snapshot-every-1-hour"
	DataPersistenceSnapshotEvery6Hours  DataPersistence = "snapshot-every-6-hours"
	DataPersistenceSnapshotEvery12Hours DataPersistence = "snapshot-every-12-hours"
)

// An EvictionPolicy says which keys are evicted when a database is full.
type EvictionPolicy string

// The eviction policies. Those named volatile evict only keys that have a time
// to live.
const (
	EvictionPolicyAllKeysLRU     EvictionPolicy = "allkeys-lru" // least recently used
	EvictionPolicyAllKeysLFU     EvictionPolicy = "allkeys-lfu" // least frequently used
	EvictionPolicyAllKeysLRM     EvictionPolicy = "allkeys-lrm" // least recently modified
	EvictionPolicyAllKeysRandom  EvictionPolicy = "allkeys-random"
	EvictionPolicyVolatileLRU    EvictionPolicy = "volatile-lru"
	EvictionPolicyVolatileLFU    EvictionPolicy = "volatile-lfu"
	EvictionPolicyVolatileLRM    EvictionPolicy = "volatile-lrm"
	EvictionPolicyVolatileRandom EvictionPolicy = "volatile-random"
	EvictionPolicyVolatileTTL    EvictionPolicy = "volatile-ttl" // shortest time to live
	EvictionPolicyNoEviction     EvictionPolicy = "noeviction"   // writes fail
)

// A ShardingType describes how keys are spread over the shards of a database.
type ShardingType string

// The types of sharding.
const (
	ShardingTypeDefaultRegexRules ShardingType = "default-regex-rules"
	ShardingTypeCustomRegexRules  ShardingType = "custom-regex-rules"
	ShardingTypeRedisOSSHashing   ShardingType = "redis-oss-hashing"
)

// MemoryStorage is where a database keeps its data.
type MemoryStorage string

// The types of memory storage.
const (
	MemoryStorageRAM         MemoryStorage = "ram"
	MemoryStorageRAMAndFlash MemoryStorage = "ram-and-flash"
)

// A Provider is a cloud provider.
type Provider string

// The cloud providers.
const (
	ProviderAWS   Provider = "AWS"
	ProviderGCP   Provider = "GCP"
	ProviderAzure Provider = "AZURE" // Essentials only
)

// A ThroughputUnit is the unit of throughput.
type ThroughputUnit string

// The units of throughput.
const (
	ThroughputUnitOperationsPerSecond ThroughputUnit = "operations-per-second"
	ThroughputUnitNumberOfShards      ThroughputUnit = "number-of-shards" // not for new databases
)

// Throughput is the throughput that a database is provisioned for.
type Throughput struct {
	By    ThroughputUnit `json:"by"`
	Value int64          `json:"value"`
}

func (t *Throughput) validate() error {
	return cmp.Or(
		required("By", t.By != ""),
		atLeast("Value", &t.Value, 1))
}

// LocalThroughput is the throughput that an Active-Active database is
// provisioned for in one region.
type LocalThroughput struct {
	Region                   *string `json:"region,omitempty"`                   // such as "us-east-1"
	WriteOperationsPerSecond *int64  `json:"writeOperationsPerSecond,omitempty"` // default 1000
	ReadOperationsPerSecond  *int64  `json:"readOperationsPerSecond,omitempty"`  // default 1000
}

func (t *LocalThroughput) validate() error {
	return cmp.Or(
		notBlank("Region", t.Region),
		atLeast("WriteOperationsPerSecond", t.WriteOperationsPerSecond, 0),
		atLeast("ReadOperationsPerSecond", t.ReadOperationsPerSecond, 0))
}

// checkRegionalThroughput checks a list of throughputs, each of which must name
// its region.
func checkRegionalThroughput(name string, list []LocalThroughput) error {
	for i, t := range list {
		if err := required(fmt.Sprintf("%s[%d].Region", name, i), t.Region != nil); err != nil {
			return err
		}
	}
	return nestedEach(name, list)
}

// A ModuleSpec requests an advanced capability, also known as a module. From
// Redis 8 on, databases have them all and none may be given.
type ModuleSpec struct {
	Name       string         `json:"name"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

func (m *ModuleSpec) validate() error { return required("Name", m.Name != "") }

// An AlertName is what an alert watches.
type AlertName string

// The alerts. The plan determines which are available.
const (
	AlertNameDatasetSize          AlertName = "dataset-size"
	AlertNameDatasetsSize         AlertName = "datasets-size" // the same, in Essentials
	AlertNameThroughputHigherThan AlertName = "throughput-higher-than"
	AlertNameThroughputLowerThan  AlertName = "throughput-lower-than"
	AlertNameLatency              AlertName = "latency"
	AlertNameSyncSourceError      AlertName = "syncsource-error"
	AlertNameSyncSourceLag        AlertName = "syncsource-lag"
	AlertNameConnectionsLimit     AlertName = "connections-limit"
)

// An AlertSpec sets an alert of a database.
type AlertSpec struct {
	Name  AlertName `json:"name"`
	Value int       `json:"value"` // the threshold above which it fires, or below for throughput-lower-than; unit and bounds depend on the alert
}

func (a *AlertSpec) validate() error { return required("Name", a.Name != "") }

// A BackupInterval is how often a database is backed up.
type BackupInterval string

// The intervals of backups.
const (
	BackupIntervalEvery24Hours BackupInterval = "every-24-hours"
	BackupIntervalEvery12Hours BackupInterval = "every-12-hours"
	BackupIntervalEvery6Hours  BackupInterval = "every-6-hours"
	BackupIntervalEvery4Hours  BackupInterval = "every-4-hours"
	BackupIntervalEvery2Hours  BackupInterval = "every-2-hours"
	BackupIntervalEvery1Hour   BackupInterval = "every-1-hours"
)

// A StorageType is the type of storage for backups and imports.
type StorageType string

// The types of storage.
const (
	StorageTypeAWSS3             StorageType = "aws-s3"
	StorageTypeGoogleBlobStorage StorageType = "google-blob-storage"
	StorageTypeAzureBlobStorage  StorageType = "azure-blob-storage"
	StorageTypeFTP               StorageType = "ftp"
	StorageTypeHTTP              StorageType = "http"  // imports only
	StorageTypeRedis             StorageType = "redis" // imports only: a running Redis database
)

// A BackupSpec sets the regular backups of a database.
type BackupSpec struct {
	// Active turns backups on or off; nil leaves that unchanged. With true,
	// Interval, StorageType and StoragePath are required.
	Active *bool `json:"active,omitempty"`

	Interval    *BackupInterval `json:"interval,omitempty"`
	TimeUTC     *string         `json:"timeUTC,omitempty"` // the hour of the start, such as "14:00"; for 12 and 24 hours only
	StorageType *StorageType    `json:"storageType,omitempty"`
	StoragePath *SecretURI      `json:"storagePath,omitempty"`
}

func (b *BackupSpec) validate() error {
	off := !isTrue(b.Active)
	return cmp.Or(
		required("Interval", off || b.Interval != nil),
		required("StorageType", off || b.StorageType != nil),
		required("StoragePath", off || b.StoragePath != nil),
		notBlank("Interval", b.Interval),
		notBlank("StorageType", b.StorageType))
}

// A ReplicaSpec makes a database a replica of others.
type ReplicaSpec struct {
	// SyncSources are the databases to replicate. It must not be nil; an empty
	// list removes all.
	SyncSources []SyncSourceSpec `json:"syncSources"`
}

func (r *ReplicaSpec) validate() error {
	return cmp.Or(
		required("SyncSources", r.SyncSources != nil),
		nestedEach("SyncSources", r.SyncSources))
}

// A SyncSourceSpec is a database that another one is a replica of.
type SyncSourceSpec struct {
	// Endpoint is redis://user:password@host:port, or just redis://host:port
	// for a Redis Cloud database.
	Endpoint SecretURI `json:"endpoint"`

	// Encryption enables TLS, and ServerCert is the certificate chain of the
	// source. Both are detected automatically for a Redis Cloud database.
	Encryption *bool   `json:"encryption,omitempty"`
	ServerCert *string `json:"serverCert,omitempty"`
}

func (s *SyncSourceSpec) validate() error { return required("Endpoint", s.Endpoint != "") }

// A DatabaseCertificateSpec is a certificate that clients of a Pro or
// Active-Active database present.
//
// It is sent as a bare string, as the official clients do. The API's document
// describes an object, which is unconfirmed: AsObject sends one.
type DatabaseCertificateSpec struct {
	PublicCertificatePEM string `json:"publicCertificatePEMString"`
	AsObject             bool   `json:"-"`
}

// MarshalJSON writes the string or the object.
func (c DatabaseCertificateSpec) MarshalJSON() ([]byte, error) {
	if !c.AsObject {
		return json.Marshal(c.PublicCertificatePEM)
	}
	return json.Marshal(CertificateSpec{PublicCertificatePEM: c.PublicCertificatePEM})
}

func (c *DatabaseCertificateSpec) validate() error {
	return required("PublicCertificatePEM", c.PublicCertificatePEM != "")
}

// A CertificateSpec is a certificate that clients of an Essentials database
// present.
type CertificateSpec struct {
	PublicCertificatePEM string `json:"publicCertificatePEMString"`
}

func (c *CertificateSpec) validate() error {
	return required("PublicCertificatePEM", c.PublicCertificatePEM != "")
}

// checkSize checks the two ways to give the size of a database, in GB.
func checkSize(memoryLimit, datasetSize *float64) error {
	return cmp.Or(
		exclusive("MemoryLimitInGB", memoryLimit != nil, "DatasetSizeInGB", datasetSize != nil),
		atLeast("MemoryLimitInGB", memoryLimit, 0.1),
		atLeast("DatasetSizeInGB", datasetSize, 0.1))
}

// checkPort checks the port of a database.
func checkPort(port *int) error { return between("Port", port, 10000, 19999) }

// checkRAMPercentage checks the percentage of a database with flash that is
// held in RAM.
func checkRAMPercentage(percentage *int) error {
	if percentage != nil && *percentage%10 != 0 {
		return fmt.Errorf("RAMPercentage must be a multiple of 10, not %d", *percentage)
	}
	return between("RAMPercentage", percentage, 10, 50)
}
