package rediscloud

import (
	"context"
	"iter"
)

// EssentialsSubscriptionsService manages Essentials subscriptions.
type EssentialsSubscriptionsService struct{ client *Client }

// Get returns a subscription. If it doesn't exist, or no longer does, the error
// is [ErrNotFound].
//
// API: GET /fixed/subscriptions/{subscriptionId}
func (s *EssentialsSubscriptionsService) Get(ctx context.Context, subscriptionID int) (*EssentialsSubscription, error) {
	return fetch[EssentialsSubscription](ctx, s.client, get("/fixed/subscriptions/{subscriptionId}", subscriptionID))
}

// WaitProvisioned waits until a subscription is active, and returns it as Get
// does. If it doesn't exist, the error is [ErrNotFound]; if it fails, a
// [*ProvisionError]. Anything else that ends the wait, such as ctx, is a
// [*WaitError].
//
// API: GET /fixed/subscriptions/{subscriptionId}
func (s *EssentialsSubscriptionsService) WaitProvisioned(ctx context.Context, subscriptionID int, opts ...WaitOption) (*EssentialsSubscription, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(essentialsSubscriptionKind, "/fixed/subscriptions/{subscriptionId}", subscriptionID))
}

// List returns all Essentials subscriptions of the account.
//
// API: GET /fixed/subscriptions
func (s *EssentialsSubscriptionsService) List(ctx context.Context) (*EssentialsSubscriptionList, error) {
	return fetch[EssentialsSubscriptionList](ctx, s.client, get("/fixed/subscriptions"))
}

// All iterates over the subscriptions that
// [EssentialsSubscriptionsService.List] returns. On failure it yields the error
// and stops.
//
// API: GET /fixed/subscriptions
func (s *EssentialsSubscriptionsService) All(ctx context.Context) iter.Seq2[*EssentialsSubscription, error] {
	return listed(ctx, s.List)
}

// GetByName returns the subscription with exactly that name, as listed. If
// there is none, the error is [ErrNotFound]; if there are several, an
// [*AmbiguousNameError].
//
// API: GET /fixed/subscriptions
func (s *EssentialsSubscriptionsService) GetByName(ctx context.Context, name string) (*EssentialsSubscription, error) {
	return byName(essentialsSubscriptionKind.noun, name, s.All(ctx), func(sub *EssentialsSubscription) (int, string) { return sub.ID, sub.Name })
}

// Create creates a subscription, which is empty at first. The task yields it;
// [Task.WaitProvisioned] waits until it is active.
//
// API: POST /fixed/subscriptions
func (s *EssentialsSubscriptionsService) Create(ctx context.Context, req *EssentialsSubscriptionCreateRequest) (*Task[EssentialsSubscription], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions").command("fixedSubscriptionCreateRequest").withBody(req).
			shows("name", "planId", "paymentMethod=paymentMethodType", "paymentMethodId"),
		readBack(essentialsSubscriptionKind, "/fixed/subscriptions/{subscriptionId}"))
}

// Update changes the name of a subscription, its plan, and how it is paid.
// Unset fields stay unchanged. The task yields the subscription.
//
// API: PUT /fixed/subscriptions/{subscriptionId}
func (s *EssentialsSubscriptionsService) Update(ctx context.Context, subscriptionID int, req *EssentialsSubscriptionUpdateRequest) (*Task[EssentialsSubscription], error) {
	return submit(ctx, s.client,
		put("/fixed/subscriptions/{subscriptionId}", subscriptionID).command("fixedSubscriptionUpdateRequest").withBody(req).
			shows("name", "planId", "paymentMethod=paymentMethodType", "paymentMethodId"),
		readBack(essentialsSubscriptionKind, "/fixed/subscriptions/{subscriptionId}", subscriptionID))
}

// Delete removes a subscription. Its databases must be deleted first.
// [Task.WaitProvisioned] waits until it is gone. While a removed database is
// still listed, the task may fail with [TaskErrorTypeSubscriptionInUse]: try
// again after a pause.
//
// API: DELETE /fixed/subscriptions/{subscriptionId}
func (s *EssentialsSubscriptionsService) Delete(ctx context.Context, subscriptionID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/fixed/subscriptions/{subscriptionId}", subscriptionID).command("fixedSubscriptionDeleteRequest"),
		removal(essentialsSubscriptionKind, "/fixed/subscriptions/{subscriptionId}", subscriptionID))
}

// ListRedisVersions returns the Redis versions that a new database in a
// subscription can have.
//
// API: GET /fixed/redis-versions
func (s *EssentialsSubscriptionsService) ListRedisVersions(ctx context.Context, subscriptionID int) (*RedisVersionList, error) {
	return fetch[RedisVersionList](ctx, s.client,
		get("/fixed/redis-versions").withQuery(versionsQuery{subscriptionID}))
}

// AllRedisVersions iterates over the versions that
// [EssentialsSubscriptionsService.ListRedisVersions] returns. On failure it
// yields the error and stops.
//
// API: GET /fixed/redis-versions
func (s *EssentialsSubscriptionsService) AllRedisVersions(ctx context.Context, subscriptionID int) iter.Seq2[*RedisVersion, error] {
	return listed(ctx, func(ctx context.Context) (*RedisVersionList, error) { return s.ListRedisVersions(ctx, subscriptionID) })
}

// versionsQuery names the subscription whose Redis versions are listed.
type versionsQuery struct {
	SubscriptionID int `url:"subscriptionId"`
}

func (q versionsQuery) validate() error { return atLeast("subscriptionId", &q.SubscriptionID, 1) }
