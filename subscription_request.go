package rediscloud

import (
	"cmp"
	"fmt"
	"net/netip"
)

// SubscriptionCreateRequest describes a subscription to create.
type SubscriptionCreateRequest struct {
	Name           *string         `json:"name,omitempty"`
	DeploymentType *DeploymentType `json:"deploymentType,omitempty"` // default DeploymentTypeSingleRegion
	MemoryStorage  *MemoryStorage  `json:"memoryStorage,omitempty"`  // default MemoryStorageRAM

	// PaymentMethod is PaymentMethodCreditCard by default. PaymentMethodID is a
	// payment method of the account, which the API requires except for
	// PaymentMethodMarketplace: leave it nil then. If PaymentMethod is set to
	// PaymentMethodCreditCard, a nil PaymentMethodID is rejected before anything
	// is sent; so is one that isn't positive. The rest only the API checks, such
	// as an id that is missing while PaymentMethod is nil.
	PaymentMethod   *PaymentMethod `json:"paymentMethod,omitempty"`
	PaymentMethodID *int           `json:"paymentMethodId,omitempty"`

	// PersistentStorageEncryptionType is EncryptionTypeCloudProviderManagedKey by
	// default. PersistentStorageEncryptionKeys are the keys for
	// EncryptionTypeCustomerManagedKey, which works only in a cloud account of the
	// customer.
	PersistentStorageEncryptionType *EncryptionType     `json:"persistentStorageEncryptionType,omitempty"`
	PersistentStorageEncryptionKeys *EncryptionKeysSpec `json:"persistentStorageEncryptionKeys,omitempty"`

	// CloudProviders say where to deploy, and Databases what. Both are
	// required.
	CloudProviders []CloudProviderSpec        `json:"cloudProviders"`
	Databases      []SubscriptionDatabaseSpec `json:"databases"`

	// RedisVersion is the version of the databases in this request.
	//
	// Deprecated: set SubscriptionDatabaseSpec.RedisVersion.
	RedisVersion *string `json:"redisVersion,omitempty"`

	// PublicEndpointAccess is true by default. With false, databases accept
	// connections only from private addresses (RFC 1918), through a private
	// network.
	PublicEndpointAccess *bool `json:"publicEndpointAccess,omitempty"`
}

func (r *SubscriptionCreateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		checkPayment(r.PaymentMethod, r.PaymentMethodID),
		nested("PersistentStorageEncryptionKeys", r.PersistentStorageEncryptionKeys),
		required("CloudProviders", len(r.CloudProviders) > 0),
		nestedEach("CloudProviders", r.CloudProviders),
		required("Databases", len(r.Databases) > 0),
		nestedEach("Databases", r.Databases))
}

// checkPayment checks how a subscription is paid for. Programs tend to send an
// id of 0 for a marketplace; the API wants no id then.
func checkPayment(method *PaymentMethod, id *int) error {
	if method != nil && *method == PaymentMethodCreditCard && id == nil {
		return fmt.Errorf("PaymentMethodID is required with PaymentMethod %s", *method)
	}
	if id != nil && *id <= 0 {
		return fmt.Errorf("PaymentMethodID must be positive, not %d; leave it nil to pay through a marketplace", *id)
	}
	return nil
}

// A CloudProviderSpec says where to deploy a subscription.
type CloudProviderSpec struct {
	Provider *Provider `json:"provider,omitempty"` // default ProviderAWS

	// CloudAccountID is the account that pays for the resources and holds them.
	// The default is 1, that of Redis itself, and the only one for ProviderGCP.
	CloudAccountID *int `json:"cloudAccountId,omitempty"`

	Regions      []CloudRegionSpec `json:"regions"`               // required: one, or several if Active-Active
	ResourceTags []ResourceTag     `json:"resourceTags,omitzero"` // only in a cloud account of the customer; at most 30
}

func (s *CloudProviderSpec) validate() error {
	return cmp.Or(
		notBlank("Provider", s.Provider),
		atLeast("CloudAccountID", s.CloudAccountID, 1),
		required("Regions", len(s.Regions) > 0),
		nestedEach("Regions", s.Regions),
		nestedEach("ResourceTags", s.ResourceTags))
}

// A CloudRegionSpec is a region to deploy a subscription in.
type CloudRegionSpec struct {
	Region string `json:"region"` // the provider's name for it, such as us-east-1

	// MultipleAvailabilityZones is false by default; for Active-Active it is
	// true by default if the region has several zones.
	// PreferredAvailabilityZones are the ids of three zones if it is true, of
	// one otherwise.
	MultipleAvailabilityZones  *bool    `json:"multipleAvailabilityZones,omitempty"`
	PreferredAvailabilityZones []string `json:"preferredAvailabilityZones,omitzero"`

	// Networking is required for Active-Active subscriptions.
	Networking *CloudNetworkingSpec `json:"networking,omitempty"`
}

func (s *CloudRegionSpec) validate() error {
	return cmp.Or(
		required("Region", s.Region != ""),
		eachGiven("PreferredAvailabilityZones", s.PreferredAvailabilityZones),
		nested("Networking", s.Networking))
}

// A CloudNetworkingSpec is the network of a region. All fields except
// DeploymentCIDR name what already exists in the customer's AWS account.
type CloudNetworkingSpec struct {
	// DeploymentCIDR is a range of 256 addresses, such as 10.0.0.0/24. In one
	// region of Redis' own cloud account it is 192.168.0.0/24 by default.
	DeploymentCIDR  *string  `json:"deploymentCIDR,omitempty"`
	VPCID           *string  `json:"vpcId,omitempty"` // nil creates a new VPC
	SubnetIDs       []string `json:"subnetIds,omitzero"`
	SecurityGroupID *string  `json:"securityGroupId,omitempty"`
}

func (s *CloudNetworkingSpec) validate() error {
	return cmp.Or(
		checkCIDR("DeploymentCIDR", s.DeploymentCIDR),
		notBlank("VPCID", s.VPCID),
		eachGiven("SubnetIDs", s.SubnetIDs),
		notBlank("SecurityGroupID", s.SecurityGroupID))
}

// checkCIDR rejects a text that is set and isn't a range of addresses.
func checkCIDR(name string, cidr *string) error {
	if cidr == nil {
		return nil
	}
	if _, err := netip.ParsePrefix(*cidr); err != nil {
		return fmt.Errorf("%s must be a range of addresses such as 10.0.0.0/24, not %q", name, *cidr)
	}
	return nil
}

// A SubscriptionDatabaseSpec is a database, or several identical ones, to
// create along with a subscription. It has the settings that determine the size
// of the subscription; for the others, see [DatabasesService.Update].
type SubscriptionDatabaseSpec struct {
	// Name has at most 40 letters, digits and hyphens, begins with a letter
	// and doesn't end with a hyphen.
	Name     string    `json:"name"`
	Protocol *Protocol `json:"protocol,omitempty"` // default ProtocolRedis
	Port     *int      `json:"port,omitempty"`     // 10000 to 19999; chosen by the API by default
	Quantity *int      `json:"quantity,omitempty"` // how many such databases; default 1

	// MemoryLimitInGB is the total memory, with replicas and overhead, at least 0.1.
	//
	// Deprecated: set DatasetSizeInGB.
	MemoryLimitInGB *float64 `json:"memoryLimitInGb,omitempty"`

	// DatasetSizeInGB is how much data the database may hold, at least 0.1.
	// With replication it takes twice as much memory.
	DatasetSizeInGB *float64 `json:"datasetSizeInGb,omitempty"`

	// ThroughputMeasurement is for one region, LocalThroughputMeasurement for
	// each region of an Active-Active database, by default with 1000 reads and
	// writes per second.
	ThroughputMeasurement      *Throughput       `json:"throughputMeasurement,omitempty"`
	LocalThroughputMeasurement []LocalThroughput `json:"localThroughputMeasurement,omitzero"`

	SupportOSSClusterAPI    *bool            `json:"supportOSSClusterApi,omitempty"` // default false
	DataPersistence         *DataPersistence `json:"dataPersistence,omitempty"`      // default DataPersistenceNone
	Replication             *bool            `json:"replication,omitempty"`          // default true
	ShardingType            *ShardingType    `json:"shardingType,omitempty"`
	Modules                 []ModuleSpec     `json:"modules,omitzero"`                  // not for Redis 8 and later, which include them
	QueryPerformanceFactor  *string          `json:"queryPerformanceFactor,omitempty"`  // more power for search, such as "2x"
	RESPVersion             *RESPVersion     `json:"respVersion,omitempty"`             // must match the version of Redis
	RedisVersion            *string          `json:"redisVersion,omitempty"`            // see ListRedisVersions, which marks the default
	AutoMinorVersionUpgrade *bool            `json:"autoMinorVersionUpgrade,omitempty"` // Redis 8.4 and later; default true

	// RAMPercentage is how much of the data is held in RAM with
	// MemoryStorageRAMAndFlash: 10, 20 (the default), 30, 40 or 50.
	RAMPercentage *int `json:"ramPercentage,omitempty"`

	// AverageItemSizeInBytes is an estimate for MemoryStorageRAMAndFlash; default 1000.
	//
	// Deprecated: set RAMPercentage.
	AverageItemSizeInBytes *int64 `json:"averageItemSizeInBytes,omitempty"`
}

func (s *SubscriptionDatabaseSpec) validate() error {
	return cmp.Or(
		required("Name", s.Name != ""),
		notBlank("Protocol", s.Protocol),
		checkPort(s.Port),
		atLeast("Quantity", s.Quantity, 1),
		checkSize(s.MemoryLimitInGB, s.DatasetSizeInGB),
		nested("ThroughputMeasurement", s.ThroughputMeasurement),
		checkRegionalThroughput("LocalThroughputMeasurement", s.LocalThroughputMeasurement),
		nestedEach("Modules", s.Modules),
		notBlank("RedisVersion", s.RedisVersion),
		checkRAMPercentage(s.RAMPercentage),
		atLeast("AverageItemSizeInBytes", s.AverageItemSizeInBytes, 1))
}

// EncryptionKeysSpec are the customer's keys that encrypt what a new
// subscription stores.
type EncryptionKeysSpec struct {
	CustomerManagedKeys []CustomerManagedKey `json:"customerManagedKeys"` // required: one for each region

	// DeletionGracePeriod is how long the subscription is kept without access
	// to the keys. It is required when a new subscription first gets keys.
	DeletionGracePeriod *DeletionGracePeriod `json:"deletionGracePeriod,omitempty"`
}

func (s *EncryptionKeysSpec) validate() error { return checkKeys(s.CustomerManagedKeys) }

// A CustomerManagedKey is an encryption key in the customer's cloud account.
type CustomerManagedKey struct {
	ResourceName string  `json:"resourceName"`     // the provider's name for it: an ARN, or projects/.../cryptoKeys/...
	Region       *string `json:"region,omitempty"` // required for Active-Active subscriptions, and only for them
}

func (k *CustomerManagedKey) validate() error {
	return cmp.Or(
		required("ResourceName", k.ResourceName != ""),
		notBlank("Region", k.Region))
}

func checkKeys(keys []CustomerManagedKey) error {
	return cmp.Or(
		required("CustomerManagedKeys", len(keys) > 0),
		nestedEach("CustomerManagedKeys", keys))
}

// EncryptionKeysUpdateRequest sets the encryption keys of a subscription.
type EncryptionKeysUpdateRequest struct {
	CustomerManagedKeys []CustomerManagedKey `json:"customerManagedKeys"` // required: one for each region

	// DeletionGracePeriod is how long the subscription is kept without access
	// to the keys. It is required when a new subscription first gets keys.
	DeletionGracePeriod *DeletionGracePeriod `json:"deletionGracePeriod,omitempty"`
}

func (r *EncryptionKeysUpdateRequest) validate() error { return checkKeys(r.CustomerManagedKeys) }

// SubscriptionUpdateRequest changes a subscription. Fields that are nil leave
// it unchanged.
type SubscriptionUpdateRequest struct {
	Name *string `json:"name,omitempty"`

	// PaymentMethodID is required with PaymentMethodCreditCard; leave it nil with
	// PaymentMethodMarketplace.
	PaymentMethod   *PaymentMethod `json:"paymentMethod,omitempty"`
	PaymentMethodID *int           `json:"paymentMethodId,omitempty"`

	// PublicEndpointAccess false makes databases refuse all connections except
	// for those from private addresses (RFC 1918), through a private network.
	PublicEndpointAccess *bool `json:"publicEndpointAccess,omitempty"`
}

func (r *SubscriptionUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		checkPayment(r.PaymentMethod, r.PaymentMethodID))
}
