package rediscloud

import (
	"context"
	"iter"
)

// SubscriptionsService manages Pro subscriptions, Active-Active ones included.
type SubscriptionsService struct{ client *Client }

// Get returns a subscription. One that isn't there, or not any more, is ErrNotFound.
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

// All iterates over the subscriptions that List returns. It ends with the
// error, if there is one.
//
// API: GET /subscriptions
func (s *SubscriptionsService) All(ctx context.Context) iter.Seq2[*Subscription, error] {
	return listed(ctx, s.List)
}

// GetByName returns the subscription with exactly that name, as List shows it.
// None is ErrNotFound; several are an *AmbiguousNameError.
//
// API: GET /subscriptions
func (s *SubscriptionsService) GetByName(ctx context.Context, name string) (*Subscription, error) {
	return byName(subscriptionKind.noun, name, s.All(ctx), func(sub *Subscription) (int, string) { return sub.ID, sub.Name })
}

// WaitProvisioned waits until a subscription is active, and returns it. One that
// isn't there is ErrNotFound; one that fails, or waits for a person, ends the
// wait with a *ProvisionError. A *WaitError is all else that ends it, such as ctx.
//
// API: GET /subscriptions/{subscriptionId}
func (s *SubscriptionsService) WaitProvisioned(ctx context.Context, subscriptionID int, opts ...WaitOption) (*Subscription, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// Create makes a subscription with its first databases. The task yields the
// subscription; with WaitProvisioned, once it is active.
//
// A subscription with keys of the customer stops at "encryption_key_pending"
// until Redis has access to them: WaitProvisioned then ends with a
// *ProvisionError, or goes on with WithWaitForAction.
//
// API: POST /subscriptions
func (s *SubscriptionsService) Create(ctx context.Context, req *SubscriptionCreateRequest) (*Task[Subscription], error) {
	return submit(ctx, s.client,
		post("/subscriptions").command("subscriptionCreateRequest").withBody(req).
			shows("name", "deploymentType", "memoryStorage", "paymentMethod=paymentMethodType", "paymentMethodId", "persistentStorageEncryptionType", "publicEndpointAccess", "cloudProviders.provider=cloudDetails.provider", "cloudProviders.cloudAccountId=cloudDetails.cloudAccountId", "cloudProviders.regions.region=cloudDetails.regions.region"),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}"))
}

// CreateDryRun makes nothing: the task yields what Create would cost.
//
// API: POST /subscriptions with dryRun
func (s *SubscriptionsService) CreateDryRun(ctx context.Context, req *SubscriptionCreateRequest) (*Task[Pricing], error) {
	return submit(ctx, s.client, post("/subscriptions").withDryRun(req), carried(pricingKind))
}

// Update changes the name of a subscription, how it is paid, and whether its
// databases have public endpoints. What isn't set stays as it is. The task
// yields the subscription.
//
// The same operation of the API also takes encryption keys, in a request of
// its own: see UpdateEncryptionKeys.
//
// API: PUT /subscriptions/{subscriptionId}
func (s *SubscriptionsService) Update(ctx context.Context, subscriptionID int, req *SubscriptionUpdateRequest) (*Task[Subscription], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}", subscriptionID).command("subscriptionUpdateRequest").withBody(req).
			shows("name", "paymentMethod=paymentMethodType", "paymentMethodId", "publicEndpointAccess"),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// UpdateEncryptionKeys sets the customer's keys that encrypt what a
// subscription stores. On a new subscription, which waits for them as
// "encryption_key_pending", it confirms that Redis has access to the keys: see
// Subscription.CustomerManagedKeyAccessDetails for what to grant.
//
// The task yields the subscription. It may be pending on the keys a little
// longer, so wait with WaitProvisioned and WithWaitForAction.
//
// API: PUT /subscriptions/{subscriptionId}
func (s *SubscriptionsService) UpdateEncryptionKeys(ctx context.Context, subscriptionID int, req *EncryptionKeysUpdateRequest) (*Task[Subscription], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}", subscriptionID).command("subscriptionUpdateRequest").withBody(req).shows("deletionGracePeriod"),
		readBack(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// Delete removes a subscription, which must hold no databases any more.
// WaitProvisioned waits until it is gone.
//
// API: DELETE /subscriptions/{subscriptionId}
func (s *SubscriptionsService) Delete(ctx context.Context, subscriptionID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/subscriptions/{subscriptionId}", subscriptionID).command("subscriptionDeleteRequest"),
		removal(subscriptionKind, "/subscriptions/{subscriptionId}", subscriptionID))
}

// GetPricing returns what a subscription costs as it is.
//
// API: GET /subscriptions/{subscriptionId}/pricing
func (s *SubscriptionsService) GetPricing(ctx context.Context, subscriptionID int) (*Pricing, error) {
	return fetch[Pricing](ctx, s.client, get("/subscriptions/{subscriptionId}/pricing", subscriptionID))
}

// RedisVersionsOptions narrow what RedisVersions returns.
type RedisVersionsOptions struct {
	// SubscriptionID is the subscription that a database is meant for. Set it
	// for one that exists: not every version can be had in every subscription.
	SubscriptionID int `url:"subscriptionId,omitempty"`
}

// ListRedisVersions returns the versions of Redis that a new database can have, in
// a new subscription or in the one that opts names. opts may be nil.
//
// API: GET /subscriptions/redis-versions
func (s *SubscriptionsService) ListRedisVersions(ctx context.Context, opts *RedisVersionsOptions) (*RedisVersionList, error) {
	return fetch[RedisVersionList](ctx, s.client, get("/subscriptions/redis-versions").withQuery(opts))
}

// AllRedisVersions iterates over the versions that RedisVersions returns. It
// ends with the error, if there is one. opts may be nil.
//
// API: GET /subscriptions/redis-versions
func (s *SubscriptionsService) AllRedisVersions(ctx context.Context, opts *RedisVersionsOptions) iter.Seq2[*RedisVersion, error] {
	return listed(ctx, func(ctx context.Context) (*RedisVersionList, error) { return s.ListRedisVersions(ctx, opts) })
}

// RedisVersionList is the answer of SubscriptionsService.ListRedisVersions.
type RedisVersionList struct {
	Versions []RedisVersion `json:"redisVersions"`
}

func (l *RedisVersionList) elements() []RedisVersion { return l.Versions }

// A RedisVersion is a version of Redis that databases can run.
type RedisVersion struct {
	Version   string `json:"version"`          // such as "7.4"
	EOLDate   Time   `json:"eolDate,omitzero"` // the end of its life; zero if none is set
	IsPreview bool   `json:"isPreview"`        // not for production yet
	IsDefault bool   `json:"isDefault"`        // what a database gets that asks for none
}
