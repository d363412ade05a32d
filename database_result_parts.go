package rediscloud

// DynamicEndpoints are the endpoints that stay the same when a database moves.
// They are in private preview.
type DynamicEndpoints struct {
	Public  string `json:"public,omitempty"` // host:port
	Private string `json:"private,omitempty"`
}

// A DatabaseReplica says what a database is a replica of.
type DatabaseReplica struct {
	Description string       `json:"description,omitempty"`
	SyncSources []SyncSource `json:"syncSources,omitempty"`
}

// A SyncSource is a database that another one is a replica of.
type SyncSource struct {
	Description string            `json:"description,omitempty"`
	Endpoint    ReceivedSecretURI `json:"endpoint"`
	Encryption  bool              `json:"encryption"`
	ServerCert  string            `json:"serverCert,omitempty"`
	ClientCert  string            `json:"clientCert,omitempty"`
}

// ReplicaOf are the URIs of the databases that a database is a replica of.
type ReplicaOf struct {
	Endpoints []ReceivedSecretURI `json:"endpoints,omitempty"`
}

// form turns a bare list, or a bare element of it, into an object.
func (ReplicaOf) form(value []byte) []byte { return bare(value, `["`, "endpoints") }

// DatabaseClustering describes how a database is spread over shards.
type DatabaseClustering struct {
	NumberOfShards int           `json:"numberOfShards"`
	RegexRules     []RegexRule   `json:"regexRules,omitempty"`
	HashingPolicy  HashingPolicy `json:"hashingPolicy,omitempty"`
}

// A RegexRule is a pattern that finds the part of a key to hash.
type RegexRule struct {
	Ordinal int    `json:"ordinal"` // rules are tried in this order
	Pattern string `json:"pattern"`
}

// A HashingPolicy says whether keys are hashed by standard or custom rules.
type HashingPolicy string

// The hashing policies.
const (
	HashingPolicyStandard HashingPolicy = "standard"
	HashingPolicyCustom   HashingPolicy = "custom"
)

// DatabaseSecurity says who can connect to a database, and how.
type DatabaseSecurity struct {
	EnableDefaultUser       *bool          `json:"enableDefaultUser,omitempty"`
	Password                ReceivedSecret `json:"password,omitempty"` // not in lists
	EnableTLS               bool           `json:"enableTls"`
	SSLClientAuthentication bool           `json:"sslClientAuthentication"` // clients present a certificate; the deprecated setting
	TLSClientAuthentication bool           `json:"tlsClientAuthentication"` // clients present a certificate
	SourceIPs               []string       `json:"sourceIps,omitempty"`     // addresses or CIDRs that clients may connect from
}

// A DatabaseModule is an advanced capability of a database.
type DatabaseModule struct {
	ID             int    `json:"id"`
	Name           string `json:"name"`           // such as "RedisJSON"
	CapabilityName string `json:"capabilityName"` // such as "JSON"
	Version        string `json:"version"`
	Description    string `json:"description"`

	Parameters []DatabaseModuleParameter `json:"parameters,omitempty"`
}

// A DatabaseModuleParameter is a setting of a [DatabaseModule].
type DatabaseModuleParameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// An Alert is an alert of a database.
type Alert struct {
	ID           string    `json:"id,omitempty"`
	Name         AlertName `json:"name"`
	Value        int       `json:"value"`
	DefaultValue int       `json:"defaultValue,omitempty"`
}

// A DatabaseBackup describes the regular backups of a database.
type DatabaseBackup struct {
	Enabled     bool              `json:"enableRemoteBackup"`
	Interval    BackupInterval    `json:"interval,omitempty"`
	TimeUTC     string            `json:"timeUTC,omitempty"` // such as "14:00"
	Destination ReceivedSecretURI `json:"destination,omitempty"`
}
