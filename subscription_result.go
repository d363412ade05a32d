package rediscloud

import (
	"errors"
	"time"
)

// A SubscriptionStatus says whether a subscription can be used. The API adds
// values without notice.
type SubscriptionStatus string

// The statuses of a subscription.
const (
	SubscriptionStatusActive               SubscriptionStatus = "active"
	SubscriptionStatusPending              SubscriptionStatus = "pending"
	SubscriptionStatusEncryptionKeyPending SubscriptionStatus = "encryption_key_pending" // Redis needs access to the customer's key
	SubscriptionStatusError                SubscriptionStatus = "error"
	SubscriptionStatusDeleting             SubscriptionStatus = "deleting"
	SubscriptionStatusNotActivated         SubscriptionStatus = "not_activated"
)

// A Subscription holds databases in one or, if it is Active-Active, more regions.
type Subscription struct {
	ID                int                `json:"id"`
	Name              string             `json:"name"`
	Status            SubscriptionStatus `json:"status"`
	DeploymentType    DeploymentType     `json:"deploymentType,omitempty"`
	MemoryStorage     MemoryStorage      `json:"memoryStorage,omitempty"`
	NumberOfDatabases int                `json:"numberOfDatabases"` // of a new subscription, too low for a while

	PaymentMethodType PaymentMethod `json:"paymentMethodType,omitempty"`
	PaymentMethodID   int           `json:"paymentMethodId,omitempty"` // 0 if it is paid for through a marketplace

	// PublicEndpointAccess reports whether the databases can be reached through
	// public endpoints. nil means that the API didn't say, and that they can.
	PublicEndpointAccess *bool `json:"publicEndpointAccess,omitempty"`

	// StorageEncryption reports whether stored data is encrypted,
	// PersistentStorageEncryptionType with whose keys.
	StorageEncryption               bool           `json:"storageEncryption"`
	PersistentStorageEncryptionType EncryptionType `json:"persistentStorageEncryptionType,omitempty"`

	// With customer-managed keys: how long the subscription is kept without
	// access to them, and what access they need. nil without such keys.
	DeletionGracePeriod             DeletionGracePeriod       `json:"deletionGracePeriod,omitempty"`
	CustomerManagedKeyAccessDetails *CustomerManagedKeyAccess `json:"customerManagedKeyAccessDetails,omitempty"`

	CloudDetails       []CloudDetails `json:"cloudDetails,omitempty"`
	Pricing            []PricingItem  `json:"subscriptionPricing,omitempty"`
	PrometheusEndpoint string         `json:"prometheusEndpoint,omitempty"` // host and port to read metrics from
	Links              Links          `json:"links,omitempty"`
}

var subscriptionKind = newKind[Subscription]("Subscription", kind{
	noun: "subscription", member: "status",
	ready:  []string{string(SubscriptionStatusActive)},
	failed: []string{string(SubscriptionStatusError)},
	action: map[string]string{
		string(SubscriptionStatusEncryptionKeyPending): "grant Redis access to the encryption key, then confirm with UpdateEncryptionKeys",
		string(SubscriptionStatusNotActivated):         "activate the subscription in the Redis Cloud console",
	},
	route: "/subscriptions/{resourceId}",
	list:  []string{"subscriptions"}, id: "id", siblings: true,
	settle: 10 * time.Second, holdsFresh: 30 * time.Second, filled: "numberOfDatabases", // active before its databases are listed
})

func (s *Subscription) check() error {
	if s.ID == 0 {
		return errors.New("missing id of a subscription")
	}
	return nil
}

// SubscriptionList is the response of [SubscriptionsService.List].
type SubscriptionList struct {
	AccountID     int            `json:"accountId"`
	Subscriptions []Subscription `json:"subscriptions"`
	Links         Links          `json:"links,omitempty"`
}

func (l *SubscriptionList) elements() []Subscription { return l.Subscriptions }

// CloudDetails say where a subscription is deployed.
type CloudDetails struct {
	Provider       Provider      `json:"provider,omitempty"`
	CloudAccountID int           `json:"cloudAccountId,omitempty"` // 1 is the account of Redis itself
	AWSAccountID   string        `json:"awsAccountId,omitempty"`
	TotalSizeInGB  float64       `json:"totalSizeInGb"` // of all databases
	Regions        []CloudRegion `json:"regions,omitempty"`
	ResourceTags   []ResourceTag `json:"resourceTags,omitempty"`
	Links          Links         `json:"links,omitempty"`
}

// A CloudRegion is a region that a subscription is deployed in.
type CloudRegion struct {
	Region                     string            `json:"region"`
	MultipleAvailabilityZones  bool              `json:"multipleAvailabilityZones"`
	PreferredAvailabilityZones []string          `json:"preferredAvailabilityZones,omitempty"`
	Networking                 []CloudNetworking `json:"networking,omitempty"`
}

// CloudNetworking is a network of a region.
type CloudNetworking struct {
	DeploymentCIDR string `json:"deploymentCIDR,omitempty"`
	VPCID          string `json:"vpcId,omitempty"`
	SubnetID       string `json:"subnetId,omitempty"`

	SecurityGroupID string `json:"securityGroupId,omitempty"` // of the AWS account
}

// CustomerManagedKeyAccess describes what the customer must grant for Redis to
// use the customer's encryption keys. Which fields are set depends on the
// provider.
type CustomerManagedKeyAccess struct {
	// On Google Cloud: the account that needs access, with the predefined
	// roles, or with a custom role that has the permissions.
	RedisServiceAccount     string   `json:"redisServiceAccount,omitempty"`
	GooglePredefinedRoles   []string `json:"googlePredefinedRoles,omitempty"`
	GoogleCustomPermissions []string `json:"googleCustomPermissions,omitempty"`

	// On AWS: the role that needs access, and the statements that the key
	// policy needs, as decoded JSON.
	RedisIAMRole                string `json:"redisIamRole,omitempty"`
	RequiredKeyPolicyStatements any    `json:"requiredKeyPolicyStatements,omitempty"`

	DeletionGracePeriodOptions []DeletionGracePeriod `json:"deletionGracePeriodOptions,omitempty"`
}

// A DeploymentType says in how many regions a subscription has its databases.
type DeploymentType string

// The types of deployment.
const (
	DeploymentTypeSingleRegion DeploymentType = "single-region"
	DeploymentTypeActiveActive DeploymentType = "active-active" // the same databases in several regions, all writable
)

// A PaymentMethod says how a subscription is paid for.
type PaymentMethod string

// The methods of payment.
const (
	PaymentMethodCreditCard  PaymentMethod = "credit-card" // by the payment method with an id
	PaymentMethodMarketplace PaymentMethod = "marketplace" // through the cloud provider's bill
)

// An EncryptionType says whose keys encrypt stored data.
type EncryptionType string

// The types of encryption.
const (
	EncryptionTypeCloudProviderManagedKey EncryptionType = "cloud-provider-managed-key"
	EncryptionTypeCustomerManagedKey      EncryptionType = "customer-managed-key"
)

// A DeletionGracePeriod is how long a subscription is kept once Redis has lost
// access to the customer's encryption key.
type DeletionGracePeriod string

// The grace periods. Not every subscription can have all of them: see
// CustomerManagedKeyAccess.DeletionGracePeriodOptions.
const (
	DeletionGracePeriodAlertsOnly DeletionGracePeriod = "alerts-only" // it is never deleted, only warned about
	DeletionGracePeriodImmediate  DeletionGracePeriod = "immediate"
	DeletionGracePeriod15Minutes  DeletionGracePeriod = "15-minutes"
	DeletionGracePeriod30Minutes  DeletionGracePeriod = "30-minutes"
	DeletionGracePeriod1Hour      DeletionGracePeriod = "1-hour"
	DeletionGracePeriod4Hours     DeletionGracePeriod = "4-hours"
	DeletionGracePeriod8Hours     DeletionGracePeriod = "8-hours"
	DeletionGracePeriod12Hours    DeletionGracePeriod = "12-hours"
	DeletionGracePeriod24Hours    DeletionGracePeriod = "24-hours"
)
