package conformance

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

// A session is one run of the flows in one account.
type session struct {
	client   *rediscloud.Client
	recorder *recorder
	ctx      context.Context // ends some time before the test must end
	prefix   string          // of all names, unique to this run
}

// A flow checks how the API behaves. Each flow cleans up after itself.
type flow struct {
	name string
	cost cost
	run  func(t *testing.T, s *session)
}

// A cost is what a flow does to an account.
type cost int

const (
	nothingAtAll cost = iota // reads
	noMoney                  // creates what is free
	money
)

var flows = []flow{
	{"Account", nothingAtAll, accountFlow},
	{"Resources", nothingAtAll, resourcesFlow},
	{"Unknown", nothingAtAll, unknownFlow},
	{"Essentials", noMoney, essentialsFlow},
	{"Pro", money, proFlow},
}

// name returns a name for something to create, which is kept out of the
// recordings.
func (s *session) name(what string) string {
	s.recorder.hide(s.prefix)
	return s.prefix + "-" + what
}

// password returns one that the API accepts, which is kept out of the
// recordings.
func (s *session) password() rediscloud.Secret {
	password := "Aa1-" + rand.Text()[:16]
	s.recorder.hide(password)
	return rediscloud.Secret(password)
}

// cleanUp removes everything of this run at the end, whatever happens.
func (s *session) cleanUp(t *testing.T) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), cleanUpTime)
		defer cancel()
		if err := sweep(ctx, s.client, s.prefix, t.Logf); err != nil {
			t.Errorf("not everything is cleaned up; run it with -cleanup: %v", err)
		}
	})
}

// usable waits until what a call created or changed is in effect.
func usable[T any](t *testing.T, s *session) func(*rediscloud.Task[T], error) *T {
	return func(task *rediscloud.Task[T], err error) *T {
		t.Helper()
		require.NoError(t, err)
		require.NotEmpty(t, task.ID(), "the answer to a write has the id of a task")
		result, err := task.WaitProvisioned(s.ctx)
		require.NoError(t, err)
		return result
	}
}

// refused requires a task to fail.
func refused[T any](t *testing.T, s *session, want error) func(*rediscloud.Task[T], error) {
	return func(task *rediscloud.Task[T], err error) {
		t.Helper()
		if err == nil {
			_, err = task.Wait(s.ctx)
		}
		require.ErrorIs(t, err, want)
	}
}

// What every account has.
func accountFlow(t *testing.T, s *session) {
	account, err := s.client.Account.Get(s.ctx)
	require.NoError(t, err)
	assert.NotZero(t, account.ID)

	regions, err := s.client.Account.ListRegions(s.ctx, nil)
	require.NoError(t, err)
	assert.NotEmpty(t, regions.Regions)
	persistence, err := s.client.Account.ListDataPersistenceOptions(s.ctx)
	require.NoError(t, err)
	assert.NotEmpty(t, persistence.DataPersistence)
	modules, err := s.client.Account.ListDatabaseModules(s.ctx)
	require.NoError(t, err)
	assert.NotEmpty(t, modules.Modules)
	_, err = s.client.Account.ListQueryPerformanceFactors(s.ctx)
	require.NoError(t, err)
	_, err = s.client.Account.ListPaymentMethods(s.ctx)
	require.NoError(t, err)
	_, err = s.client.Account.ListLogs(s.ctx, &rediscloud.LogOptions{Limit: 20})
	require.NoError(t, err)
	_, err = s.client.Account.ListSessionLogs(s.ctx, &rediscloud.SessionLogOptions{Limit: 20})
	require.NoError(t, err)
	versions, err := s.client.Subscriptions.ListRedisVersions(s.ctx, nil)
	require.NoError(t, err)
	assert.NotEmpty(t, versions.Versions)

	users, err := s.client.AccountUsers.List(s.ctx)
	require.NoError(t, err)
	if len(users.Users) > 0 {
		user, err := s.client.AccountUsers.Get(s.ctx, users.Users[0].ID)
		require.NoError(t, err)
		assert.Equal(t, users.Users[0].Email, user.Email)
	}
	plans, err := s.client.EssentialsPlans.List(s.ctx, nil)
	require.NoError(t, err)
	require.NotEmpty(t, plans.Plans)
	plan, err := s.client.EssentialsPlans.Get(s.ctx, plans.Plans[0].ID)
	require.NoError(t, err)
	assert.Equal(t, plans.Plans[0].Name, plan.Name)

	tasks, err := s.client.Tasks.List(s.ctx)
	require.NoError(t, err)
	for i := 1; i < len(tasks.Tasks); i++ {
		newer, older := tasks.Tasks[i-1].Timestamp, tasks.Tasks[i].Timestamp
		assert.False(t, newer.Before(older.Time), "tasks are listed by their latest change, newest first")
	}
}

// The contents of the account: a listed resource can be read by its id, and is
// the same there.
func resourcesFlow(t *testing.T, s *session) {
	subs, err := s.client.Subscriptions.List(s.ctx)
	require.NoError(t, err)
	if len(subs.Subscriptions) > 0 {
		id := subs.Subscriptions[0].ID
		sub, err := s.client.Subscriptions.Get(s.ctx, id)
		require.NoError(t, err)
		assert.Equal(t, subs.Subscriptions[0].Name, sub.Name)
		page, err := s.client.Databases.List(s.ctx, id, nil)
		require.NoError(t, err)
		for _, listed := range page.Databases[:min(1, len(page.Databases))] {
			db, err := s.client.Databases.Get(s.ctx, id, listed.ID)
			require.NoError(t, err)
			assert.Equal(t, listed.Name, db.Name)
		}
	}
	essentials, err := s.client.EssentialsSubscriptions.List(s.ctx)
	require.NoError(t, err)
	if len(essentials.Subscriptions) > 0 {
		sub, err := s.client.EssentialsSubscriptions.Get(s.ctx, essentials.Subscriptions[0].ID)
		require.NoError(t, err)
		assert.Equal(t, essentials.Subscriptions[0].Name, sub.Name)
	}
	rules, err := s.client.ACLRedisRules.List(s.ctx)
	require.NoError(t, err)
	assert.NotEmpty(t, rules.RedisRules, "every account has the rules of the API")
	_, err = s.client.ACLRoles.List(s.ctx)
	require.NoError(t, err)
	_, err = s.client.ACLUsers.List(s.ctx)
	require.NoError(t, err)
	_, err = s.client.CloudAccounts.List(s.ctx)
	require.NoError(t, err)
}

// What doesn't exist is not found, on each channel.
func unknownFlow(t *testing.T, s *session) {
	const unknown = 2_000_000_000
	_, err := s.client.Subscriptions.Get(s.ctx, unknown)
	require.ErrorIs(t, err, rediscloud.ErrNotFound)
	_, err = s.client.EssentialsSubscriptions.Get(s.ctx, unknown)
	require.ErrorIs(t, err, rediscloud.ErrNotFound)
	_, err = s.client.ACLUsers.Get(s.ctx, unknown)
	require.ErrorIs(t, err, rediscloud.ErrNotFound)
	_, err = s.client.Tasks.Get(s.ctx, "00000000-0000-4000-8000-000000000000")
	require.ErrorIs(t, err, rediscloud.ErrNotFound)
}

// isFree reports whether a plan costs nothing. Pay as you go has a price of 0
// too, but no size.
func isFree(p rediscloud.EssentialsPlan) bool {
	return p.Price == 0 && p.Size > 0 && p.Size <= 30 && p.SizeMeasurementUnit == rediscloud.SizeUnitMB && p.MaximumDatabases == 1
}

// freePlan chooses a plan, or skips the test: an account can have only one free
// subscription.
func freePlan(t *testing.T, s *session) rediscloud.EssentialsPlan {
	plans, err := s.client.EssentialsPlans.List(s.ctx, nil)
	require.NoError(t, err)
	for sub, err := range s.client.EssentialsSubscriptions.All(s.ctx) {
		require.NoError(t, err)
		if slices.ContainsFunc(plans.Plans, func(p rediscloud.EssentialsPlan) bool { return p.ID == sub.PlanID && isFree(p) }) {
			t.Skip("the account has a free subscription already, and can't have another")
		}
	}
	i := slices.IndexFunc(plans.Plans, isFree)
	if i < 0 {
		t.Skip("no plan is free")
	}
	return plans.Plans[i]
}

// A free subscription, its database and access to it, from creation to removal.
func essentialsFlow(t *testing.T, s *session) {
	plan := freePlan(t, s)
	s.cleanUp(t)
	create, err := s.client.EssentialsSubscriptions.Create(s.ctx, &rediscloud.EssentialsSubscriptionCreateRequest{Name: s.name("free"), PlanID: plan.ID})
	sub := usable[rediscloud.EssentialsSubscription](t, s)(create, err)
	require.Zero(t, sub.Price, "the subscription is free")
	require.NotEqual(t, rediscloud.PlanTypePayAsYouGo, sub.PlanType, "the subscription is free")
	assert.Equal(t, plan.ID, sub.PlanID)
	done, err := s.client.Tasks.Get(s.ctx, create.ID())
	require.NoError(t, err)
	assert.Equal(t, rediscloud.TaskStatusProcessingCompleted, done.Status)
	versions, err := s.client.EssentialsSubscriptions.ListRedisVersions(s.ctx, sub.ID)
	require.NoError(t, err)
	assert.NotEmpty(t, versions.Versions)

	db := usable[rediscloud.EssentialsDatabase](t, s)(s.client.EssentialsDatabases.Create(s.ctx, sub.ID, &rediscloud.EssentialsDatabaseCreateRequest{
		Name: s.name("db"), Password: new(s.password()),
	}))
	assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
	assert.NotEmpty(t, db.PublicEndpoint, "an active database has an address")
	page, err := s.client.EssentialsDatabases.List(s.ctx, sub.ID, nil)
	require.NoError(t, err)
	assert.LessOrEqual(t, len(page.Databases), 1)
	essentialsTags(t, s, sub.ID, db.ID)
	access(t, s, sub.ID, db.ID)

	db = usable[rediscloud.EssentialsDatabase](t, s)(s.client.EssentialsDatabases.Update(s.ctx, sub.ID, db.ID, &rediscloud.EssentialsDatabaseUpdateRequest{
		Name: new(s.name("changed")),
	}))
	assert.Equal(t, s.name("changed"), db.Name, "a change that is in effect can be seen")
	sub = usable[rediscloud.EssentialsSubscription](t, s)(s.client.EssentialsSubscriptions.Update(s.ctx, sub.ID, &rediscloud.EssentialsSubscriptionUpdateRequest{
		Name: new(s.name("still-free")),
	}))
	assert.Equal(t, s.name("still-free"), sub.Name)

	usable[rediscloud.None](t, s)(s.client.EssentialsDatabases.Delete(s.ctx, sub.ID, db.ID))
	_, err = s.client.EssentialsDatabases.Get(s.ctx, sub.ID, db.ID)
	require.ErrorIs(t, err, rediscloud.ErrNotFound)
	usable[rediscloud.None](t, s)(s.client.EssentialsSubscriptions.Delete(s.ctx, sub.ID))
	_, err = s.client.EssentialsSubscriptions.Get(s.ctx, sub.ID)
	require.ErrorIs(t, err, rediscloud.ErrNotFound)
}

func essentialsTags(t *testing.T, s *session, sub, db int) {
	key := strings.ToLower(s.name("tag"))
	tag, err := s.client.EssentialsDatabases.CreateTag(s.ctx, sub, db, &rediscloud.TagSpec{Key: key, Value: "one"})
	require.NoError(t, err)
	assert.Equal(t, key, tag.Key)
	ref := rediscloud.TagRef{SubscriptionID: sub, DatabaseID: db, Key: key}
	tag, err = s.client.EssentialsDatabases.UpdateTag(s.ctx, ref, &rediscloud.TagUpdateRequest{Value: "two"})
	require.NoError(t, err)
	assert.Equal(t, "two", tag.Value)
	tags, err := s.client.EssentialsDatabases.ListTags(s.ctx, sub, db)
	require.NoError(t, err)
	require.Len(t, tags.Tags, 1)
	assert.Equal(t, "two", tags.Tags[0].Value)
	require.NoError(t, s.client.EssentialsDatabases.DeleteTag(s.ctx, ref))
}

// access creates a rule, a role with it and a user with the role, changes them
// and removes them. What is in use stays.
func access(t *testing.T, s *session, sub, db int) {
	rules, roles, users := s.client.ACLRedisRules, s.client.ACLRoles, s.client.ACLUsers
	rule := usable[rediscloud.ACLRedisRule](t, s)(rules.Create(s.ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: s.name("rule"), Rule: "+get ~*"}))
	refused[rediscloud.ACLRedisRule](t, s, rediscloud.ErrConflict)(rules.Create(s.ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: rule.Name, Rule: "+get ~*"}))
	role := usable[rediscloud.ACLRole](t, s)(roles.Create(s.ctx, &rediscloud.ACLRoleCreateRequest{Name: s.name("role"), RedisRules: []rediscloud.ACLRoleRuleSpec{
		{RuleName: rule.Name, Databases: []rediscloud.ACLRoleDatabaseSpec{{SubscriptionID: sub, DatabaseID: db}}},
	}}))
	user := usable[rediscloud.ACLUser](t, s)(users.Create(s.ctx, &rediscloud.ACLUserCreateRequest{Name: s.name("user"), Role: role.Name, Password: s.password()}))
	assert.Equal(t, role.Name, user.Role)

	_, err := users.Get(s.ctx, user.ID)
	require.NoError(t, err)
	_, err = roles.List(s.ctx)
	require.NoError(t, err)
	_, err = rules.List(s.ctx)
	require.NoError(t, err)
	usable[rediscloud.ACLUser](t, s)(users.Update(s.ctx, user.ID, &rediscloud.ACLUserUpdateRequest{Password: new(s.password())}))
	role = usable[rediscloud.ACLRole](t, s)(roles.Update(s.ctx, role.ID, &rediscloud.ACLRoleUpdateRequest{Name: new(s.name("role2"))}))
	assert.Equal(t, s.name("role2"), role.Name)
	rule = usable[rediscloud.ACLRedisRule](t, s)(rules.Update(s.ctx, rule.ID, &rediscloud.ACLRedisRuleUpdateRequest{Name: rule.Name, Rule: "+get +mget ~*"}))
	assert.Equal(t, "+get +mget ~*", rule.Rule)

	inUse, err := roles.Delete(s.ctx, role.ID)
	require.NoError(t, err)
	_, err = inUse.Wait(s.ctx)
	var failed *rediscloud.TaskError
	require.ErrorAs(t, err, &failed, "a role that a user has can't be removed")
	usable[rediscloud.None](t, s)(users.Delete(s.ctx, user.ID))
	usable[rediscloud.None](t, s)(roles.Delete(s.ctx, role.ID))
	usable[rediscloud.None](t, s)(rules.Delete(s.ctx, rule.ID))
	refused[rediscloud.None](t, s, rediscloud.ErrNotFound)(rules.Delete(s.ctx, rule.ID))
}

// proRequest is the smallest Pro subscription.
func proRequest(t *testing.T, s *session) *rediscloud.SubscriptionCreateRequest {
	req := &rediscloud.SubscriptionCreateRequest{
		Name: new(s.name("pro")),
		CloudProviders: []rediscloud.CloudProviderSpec{{Regions: []rediscloud.CloudRegionSpec{{
			Region: "us-east-1", Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: new("10.0.0.0/24")},
		}}}},
		Databases: []rediscloud.SubscriptionDatabaseSpec{{
			Name: s.name("first"), DatasetSizeInGB: new(0.1), Replication: new(false),
			ThroughputMeasurement: &rediscloud.Throughput{By: rediscloud.ThroughputUnitOperationsPerSecond, Value: 100},
		}},
	}
	cards, err := s.client.Account.ListPaymentMethods(s.ctx)
	require.NoError(t, err)
	if len(cards.PaymentMethods) == 0 {
		req.PaymentMethod = new(rediscloud.PaymentMethodMarketplace)
		return req
	}
	i := max(0, slices.IndexFunc(cards.PaymentMethods, func(c rediscloud.PaymentCard) bool { return c.IsDefault }))
	req.PaymentMethodID = new(cards.PaymentMethods[i].ID)
	return req
}

// A Pro subscription with two databases, from its price to its removal.
func proFlow(t *testing.T, s *session) {
	req := proRequest(t, s)
	plan, err := s.client.Subscriptions.CreateDryRun(s.ctx, req)
	require.NoError(t, err)
	pricing, err := plan.Wait(s.ctx)
	require.NoError(t, err)
	require.NotEmpty(t, pricing.Items)
	for _, item := range pricing.Items {
		t.Logf("price: %v x %v %s for a %s", item.Quantity, item.PricePerUnit, item.PriceCurrency, item.PricePeriod)
	}
	s.cleanUp(t)
	sub := usable[rediscloud.Subscription](t, s)(s.client.Subscriptions.Create(s.ctx, req))
	assert.Equal(t, rediscloud.SubscriptionStatusActive, sub.Status)
	_, err = s.client.Subscriptions.GetPricing(s.ctx, sub.ID)
	require.NoError(t, err)
	listed, err := s.client.Databases.WaitAllProvisioned(s.ctx, sub.ID)
	require.NoError(t, err)
	assert.LessOrEqual(t, len(listed), 1)

	inTurn := func(submit func(context.Context) (*rediscloud.Task[rediscloud.Database], error)) *rediscloud.Database {
		db, err := rediscloud.InTurn(s.ctx, s.client, sub.ID, submit)
		require.NoError(t, err)
		return db
	}
	db := inTurn(func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
		return s.client.Databases.Create(ctx, sub.ID, &rediscloud.DatabaseCreateRequest{
			Name: s.name("second"), DatasetSizeInGB: new(0.1), Replication: new(false), Password: new(s.password()),
			ThroughputMeasurement: &rediscloud.Throughput{By: rediscloud.ThroughputUnitOperationsPerSecond, Value: 100},
		})
	})
	assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
	db = inTurn(func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
		return s.client.Databases.Update(ctx, sub.ID, db.ID, &rediscloud.DatabaseUpdateRequest{Name: new(s.name("changed"))})
	})
	assert.Equal(t, s.name("changed"), db.Name)

	key := strings.ToLower(s.name("tag"))
	_, err = s.client.Databases.CreateTag(s.ctx, sub.ID, db.ID, &rediscloud.TagSpec{Key: key, Value: "one"})
	require.NoError(t, err)
	tags, err := s.client.Databases.ListTags(s.ctx, sub.ID, db.ID)
	require.NoError(t, err)
	assert.Len(t, tags.Tags, 1)
	page, err := s.client.Databases.List(s.ctx, sub.ID, nil)
	require.NoError(t, err)
	assert.NotEmpty(t, page.Databases)
	inUse, err := s.client.Subscriptions.Delete(s.ctx, sub.ID)
	require.NoError(t, err)
	_, err = inUse.Wait(s.ctx)
	var failed *rediscloud.TaskError
	require.ErrorAs(t, err, &failed, "a subscription that has databases can't be removed")
	require.NoError(t, sweep(s.ctx, s.client, s.prefix, t.Logf))
	_, err = s.client.Subscriptions.Get(s.ctx, sub.ID)
	require.ErrorIs(t, err, rediscloud.ErrNotFound)
}

// cleanUpTime is how long the removal of what a flow has created may take.
const cleanUpTime = 30 * time.Minute
