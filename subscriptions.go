package rediscloud

import (
	"context"
	"iter"
)

// SubscriptionsService manages Pro subscriptions, including Active-Active ones.
type SubscriptionsService struct{ client *Client }

// Get returns a subscription. If it doesn't exist, or no longer does, the error
// is [ErrNotFound].
//
// API: GET /subscriptions/{subscriptionId}
func (s *SubscriptionsService) Get(ctx context.Context, subscriptionID int) (*Subscription, error) {
	return fetch[Subscription](ctx, s.client, get("/subscriptions/{subscriptionId}", subscriptionID))
}

// List returns all Pro subscriptions of the account.
//
// API: GET /subscriptions
func (s *SubscriptionsService) List(ctx context.Context) (*SubscriptionList, error) {
	return fetch[SubscriptionList](ctx, s.client, get("/subscriptions"))
}

// All iterates over the subscriptions that List returns. An error comes last.
//
// API: GET /subscriptions
func (s *SubscriptionsService) All(ctx context.Context) iter.Seq2[*Subscription, error] {
	return listed(ctx, s.List)
}

// GetByName returns the subscription with exactly that name, as List shows it.
// If there is none, the error is [ErrNotFound]; if there are several, it is an
// [*AmbiguousNameError].
//
// API: GET /subscriptions
func (s *SubscriptionsService) GetByName(ctx context.Context, name string) (*Subscription, error) {
	return byName(subscriptionKind.noun, name, s.All(ctx), func(sub *Subscription) (int, string) { return sub.ID, sub.Name })
}

// WaitProvisioned waits until a subscription is active, and returns it as Get
// does. If it doesn't exist, the error is [ErrNotFound]; if it fails or needs
// manual action, a [*ProvisionError]. Anything else that ends the wait, such as
// ctx, is a [*WaitError].
//
// API: GET /subscriptions/{subscriptionId}
func (s *SubscriptionsService) WaitProvisioned(ctx context.Context, subscriptionID int, opts ...WaitOption) (*Subscription, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// Create creates a subscription with its first databases. The task yields the
// subscription; with WaitProvisioned, once it is active.
//
// A subscription with customer-managed keys stops at "encryption_key_pending"
// until Redis has access to them: WaitProvisioned then ends with a
// [*ProvisionError], or keeps waiting with [WithWaitForAction].
//
// API: POST /subscriptions
func (s *SubscriptionsService) Create(ctx context.Context, req *SubscriptionCreateRequest) (*Task[Subscription], error) {
	return submit(ctx, s.client,
		post("/subscriptions").command("subscriptionCreateRequest").withBody(req).
			shows("name", "deploymentType", "memoryStorage", "paymentMethod=paymentMethodType", "paymentMethodId", "persistentStorageEncryptionType", "publicEndpointAccess", "cloudProviders.provider=cloudDetails.provider", "cloudProviders.cloudAccountId=cloudDetails.cloudAccountId", "cloudProviders.regions.region=cloudDetails.regions.region"),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}"))
}

// CreateDryRun creates nothing: the task yields what Create would cost.
//
// API: POST /subscriptions with dryRun
func (s *SubscriptionsService) CreateDryRun(ctx context.Context, req *SubscriptionCreateRequest) (*Task[Pricing], error) {
	return submit(ctx, s.client, post("/subscriptions").withDryRun(req), carried(pricingKind))
}

// Update changes the name of a subscription, how it is paid for, and whether
// its databases have public endpoints. Fields that aren't set stay unchanged.
// The task yields the subscription.
//
// The same API operation also takes encryption keys, in a separate request: see
// [SubscriptionsService.UpdateEncryptionKeys].
//
// API: PUT /subscriptions/{subscriptionId}
func (s *SubscriptionsService) Update(ctx context.Context, subscriptionID int, req *SubscriptionUpdateRequest) (*Task[Subscription], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}", subscriptionID).command("subscriptionUpdateRequest").withBody(req).
			shows("name", "paymentMethod=paymentMethodType", "paymentMethodId", "publicEndpointAccess"),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// UpdateEncryptionKeys sets the customer's keys that encrypt what a
// subscription stores. For a new subscription that is "encryption_key_pending",
// it confirms that Redis has access to the keys:
// Subscription.CustomerManagedKeyAccessDetails lists what to grant.
//
// The task yields the subscription. It may remain pending for a little longer,
// so wait with WaitProvisioned and [WithWaitForAction].
//
// API: PUT /subscriptions/{subscriptionId}
func (s *SubscriptionsService) UpdateEncryptionKeys(ctx context.Context, subscriptionID int, req *EncryptionKeysUpdateRequest) (*Task[Subscription], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}", subscriptionID).command("subscriptionUpdateRequest").withBody(req).shows("deletionGracePeriod"),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// Delete removes a subscription, whose databases must have been deleted.
// WaitProvisioned waits until it is gone. While a removed database is still
// listed, the task may fail with [TaskErrorTypeSubscriptionInUse]: try again
// after a pause.
//
// API: DELETE /subscriptions/{subscriptionId}
func (s *SubscriptionsService) Delete(ctx context.Context, subscriptionID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/subscriptions/{subscriptionId}", subscriptionID).command("subscriptionDeleteRequest"),
		removal(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// GetPricing returns what a subscription costs at present.
//
// API: GET /subscriptions/{subscriptionId}/pricing
func (s *SubscriptionsService) GetPricing(ctx context.Context, subscriptionID int) (*Pricing, error) {
	return fetch[Pricing](ctx, s.client, get("/subscriptions/{subscriptionId}/pricing", subscriptionID))
}

// RedisVersionsOptions narrow down what ListRedisVersions returns.
type RedisVersionsOptions struct {
	// SubscriptionID is the existing subscription that a database is meant for:
	// not every version is available in every subscription.
	SubscriptionID int `url:"subscriptionId,omitempty"`
}

// ListRedisVersions returns the versions of Redis that a new database can have,
// in a new subscription or in the one that opts names. opts may be nil.
//
// API: GET /subscriptions/redis-versions
func (s *SubscriptionsService) ListRedisVersions(ctx context.Context, opts *RedisVersionsOptions) (*RedisVersionList, error) {
	return fetch[RedisVersionList](ctx, s.client, get("/subscriptions/redis-versions").withQuery(opts))
}

// AllRedisVersions iterates over the versions that ListRedisVersions returns.
// An error comes last. opts may be nil.
//
// API: GET /subscriptions/redis-versions
func (s *SubscriptionsService) AllRedisVersions(ctx context.Context, opts *RedisVersionsOptions) iter.Seq2[*RedisVersion, error] {
	return listed(ctx, func(ctx context.Context) (*RedisVersionList, error) { return s.ListRedisVersions(ctx, opts) })
}

// RedisVersionList is the response of [SubscriptionsService.ListRedisVersions].
type RedisVersionList struct {
	Versions []RedisVersion `json:"redisVersions"`
}

func (l *RedisVersionList) elements() []RedisVersion { return l.Versions }

// A RedisVersion is a version of Redis that databases can run.
type RedisVersion struct {
	Version   string `json:"version"`          // such as "7.4"
	EOLDate   Time   `json:"eolDate,omitzero"` // end of life; zero if not set
	IsPreview bool   `json:"isPreview"`        // not for production
	IsDefault bool   `json:"isDefault"`        // of databases that ask for none
}
