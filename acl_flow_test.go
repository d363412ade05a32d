package rediscloud_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// provisioned waits for the task of a call until its resource is ready, or
// gone.
func provisioned[T any](t *testing.T) func(*rediscloud.Task[T], error) *T {
	return func(task *rediscloud.Task[T], err error) *T {
		t.Helper()
		require.NoError(t, err)
		result, err := task.WaitProvisioned(t.Context())
		require.NoError(t, err)
		return result
	}
}

// refused waits for the task of a call, which must fail with the given reason.
func refused[T any](t *testing.T, want rediscloud.TaskErrorType) func(*rediscloud.Task[T], error) error {
	return func(task *rediscloud.Task[T], err error) error {
		t.Helper()
		require.NoError(t, err)
		_, err = task.WaitProvisioned(t.Context())
		var failed *rediscloud.TaskError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, want, failed.Type)
		return err
	}
}

// The life of a rule, a role that includes it and a user that has the role.
func TestFlowACL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(30*time.Second), rediscloudtest.WithRoundTrip(80*time.Millisecond))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		cache := rediscloud.ACLRoleDatabaseSpec{SubscriptionID: sub, DatabaseID: fake.AddDatabase(sub, "cache")}
		aa := fake.AddSubscription("aa", "us-east-1", "eu-west-1")
		global := rediscloud.ACLRoleDatabaseSpec{SubscriptionID: aa, DatabaseID: fake.AddDatabase(aa, "global"), Regions: []string{"eu-west-1"}}

		newRule := &rediscloud.ACLRedisRuleCreateRequest{Name: "getter", Rule: "+get ~*"}
		ruleTask, err := client.ACLRedisRules.Create(ctx, newRule)
		require.NoError(t, err)
		rule, err := ruleTask.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.ACLStatusPending, rule.Status)
		newRole := &rediscloud.ACLRoleCreateRequest{Name: "reader", RedisRules: []rediscloud.ACLRoleRuleSpec{
			{RuleName: "getter", Databases: []rediscloud.ACLRoleDatabaseSpec{cache, global}},
		}}
		_ = refused[rediscloud.ACLRole](t, rediscloud.TaskErrorTypeACLRedisRuleNotActive)(client.ACLRoles.Create(ctx, newRole))
		rule, err = ruleTask.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, &rediscloud.ACLRedisRule{ID: rule.ID, Name: "getter", Rule: "+get ~*", Status: rediscloud.ACLStatusActive}, rule)
		require.ErrorIs(t, refused[rediscloud.ACLRedisRule](t, rediscloud.TaskErrorTypeACLRedisRuleNameAlreadyExists)(client.ACLRedisRules.Create(ctx, newRule)), rediscloud.ErrConflict)

		role := provisioned[rediscloud.ACLRole](t)(client.ACLRoles.Create(ctx, newRole))
		assert.Equal(t, &rediscloud.ACLRole{
			ID: role.ID, Name: "reader", Status: rediscloud.ACLStatusActive, Users: []rediscloud.ACLRoleUser{},
			RedisRules: []rediscloud.ACLRoleRule{{RuleID: rule.ID, RuleName: "getter", Databases: []rediscloud.ACLRoleDatabase{
				{SubscriptionID: sub, DatabaseID: cache.DatabaseID, DatabaseName: "cache"},
				{SubscriptionID: aa, DatabaseID: global.DatabaseID, DatabaseName: "global", Regions: []string{"eu-west-1"}},
			}}},
		}, role)

		newUser := &rediscloud.ACLUserCreateRequest{Name: "ann", Role: "reader", Password: "Pa55-word"}
		user := provisioned[rediscloud.ACLUser](t)(client.ACLUsers.Create(ctx, newUser))
		assert.Equal(t, rediscloud.ACLStatusActive, user.Status)
		require.ErrorIs(t, refused[rediscloud.ACLUser](t, rediscloud.TaskErrorTypeACLUserNameAlreadyExists)(client.ACLUsers.Create(ctx, newUser)), rediscloud.ErrConflict)
		weak := refused[rediscloud.ACLUser](t, "ACL_USER_PASSWORD_NOT_VALID")(client.ACLUsers.Update(ctx, user.ID, &rediscloud.ACLUserUpdateRequest{Password: new(rediscloud.Secret("pa55"))}))
		require.ErrorContains(t, weak, "cluster-user-password-wrong-pattern")
		_ = refused[rediscloud.ACLUser](t, rediscloud.TaskErrorTypeACLRoleDoesNotExists)(client.ACLUsers.Update(ctx, user.ID, &rediscloud.ACLUserUpdateRequest{Role: new("nobody")}))

		// Change all of them.
		rule = provisioned[rediscloud.ACLRedisRule](t)(client.ACLRedisRules.Update(ctx, rule.ID, &rediscloud.ACLRedisRuleUpdateRequest{Name: "getters", Rule: "+get +mget ~*"}))
		assert.Equal(t, "+get +mget ~*", rule.Rule)
		role = provisioned[rediscloud.ACLRole](t)(client.ACLRoles.Update(ctx, role.ID, &rediscloud.ACLRoleUpdateRequest{Name: new("readers")}))
		assert.Equal(t, "getters", role.RedisRules[0].RuleName)
		assert.Equal(t, []rediscloud.ACLRoleUser{{ID: user.ID, Name: "ann"}}, role.Users)
		user = provisioned[rediscloud.ACLUser](t)(client.ACLUsers.Update(ctx, user.ID, &rediscloud.ACLUserUpdateRequest{Password: new(rediscloud.Secret("N3w-word"))}))
		assert.Equal(t, "readers", user.Role)

		// Read them one by one and in lists.
		got, err := client.ACLRoles.Get(ctx, role.ID)
		require.NoError(t, err)
		assert.Equal(t, role, got)
		var rules []string
		for rule, err := range client.ACLRedisRules.All(ctx) {
			require.NoError(t, err)
			rules = append(rules, rule.Name)
		}
		assert.Equal(t, []string{"Full-Access", "Read-Write", "Read-Only", "getters"}, rules)
		users, err := client.ACLUsers.List(ctx)
		require.NoError(t, err)
		assert.Len(t, users.Users, 1)

		// What is in use can't be deleted, the rest can.
		_ = refused[rediscloud.None](t, rediscloud.TaskErrorTypeACLRedisRuleCannotDeleteWhenAssociatedWithRoles)(client.ACLRedisRules.Delete(ctx, rule.ID))
		_ = refused[rediscloud.None](t, rediscloud.TaskErrorTypeACLRoleHasActiveUsersAndCannotBeDeleted)(client.ACLRoles.Delete(ctx, role.ID))
		provisioned[rediscloud.None](t)(client.ACLUsers.Delete(ctx, user.ID))
		_, err = client.ACLUsers.Get(ctx, user.ID)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		provisioned[rediscloud.None](t)(client.ACLRoles.Delete(ctx, role.ID))
		_, err = client.ACLRoles.Get(ctx, role.ID)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		provisioned[rediscloud.None](t)(client.ACLRedisRules.Delete(ctx, rule.ID))
		_, err = client.ACLRedisRules.Get(ctx, rule.ID)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)

		require.ErrorIs(t, refused[rediscloud.None](t, rediscloud.TaskErrorTypeACLUserNotFound)(client.ACLUsers.Delete(ctx, user.ID)), rediscloud.ErrNotFound)
		require.ErrorIs(t, refused[rediscloud.None](t, rediscloud.TaskErrorTypeACLRoleNotFound)(client.ACLRoles.Delete(ctx, role.ID)), rediscloud.ErrNotFound)
		require.ErrorIs(t, refused[rediscloud.None](t, rediscloud.TaskErrorTypeACLRedisRuleNotFound)(client.ACLRedisRules.Delete(ctx, rule.ID)), rediscloud.ErrNotFound)
	})
}

// A handle from another process finds a role in its list too.
func TestFlowACLResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		task, err := client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: "getter", Rule: "+get ~*"})
		require.NoError(t, err)
		for _, token := range []string{task.Token(), task.ID()} {
			resumed, err := rediscloud.ResumeTask[rediscloud.ACLRedisRule](connect(t, fake), token)
			rule := provisioned[rediscloud.ACLRedisRule](t)(resumed, err)
			assert.Equal(t, "getter", rule.Name)
		}
	})
}

func TestFlowCloudAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(30*time.Second))
		client, ctx := connect(t, fake), t.Context()
		req := &rediscloud.CloudAccountCreateRequest{
			Name: "mine", AccessKeyID: "AKIA4", AccessSecretKey: "s3cret",
			ConsoleUsername: "me", ConsolePassword: "pa55", SignInLoginURL: "https://1.signin.aws.amazon.com/console",
		}
		task, err := client.CloudAccounts.Create(ctx, req)
		require.NoError(t, err)
		var seen []string
		account, err := task.WaitProvisioned(ctx, rediscloud.OnProvisioning(func(p rediscloud.Provisioning) { seen = append(seen, p.Status) }))
		require.NoError(t, err)
		assert.Equal(t, []string{"draft", "pending", "active"}, seen)
		assert.Equal(t, "AKIA4", account.AccessKeyID)
		require.ErrorIs(t, refused[rediscloud.CloudAccount](t, rediscloud.TaskErrorTypeCloudAccountNameExists)(client.CloudAccounts.Create(ctx, req)), rediscloud.ErrConflict)

		account = provisioned[rediscloud.CloudAccount](t)(client.CloudAccounts.Update(ctx, account.ID, &rediscloud.CloudAccountUpdateRequest{
			Name: new("ours"), AccessKeyID: "AKIA5", AccessSecretKey: "s", ConsoleUsername: "me", ConsolePassword: "p",
		}))
		assert.Equal(t, "ours", account.Name)
		assert.Equal(t, "AKIA5", account.AccessKeyID)
		assert.Equal(t, rediscloud.CloudAccountStatusActive, account.Status)

		ids := []int{}
		for account, err := range client.CloudAccounts.All(ctx) {
			require.NoError(t, err)
			ids = append(ids, account.ID)
		}
		assert.Equal(t, []int{1, account.ID}, ids)

		deployed := subscriptionRequest("first")
		deployed.CloudProviders[0].CloudAccountID = new(account.ID)
		sub := provisioned[rediscloud.Subscription](t)(client.Subscriptions.Create(ctx, deployed))
		_ = refused[rediscloud.None](t, rediscloud.TaskErrorTypeCloudAccountUsed)(client.CloudAccounts.Delete(ctx, account.ID))
		for _, id := range fake.Databases(sub.ID) {
			provisioned[rediscloud.None](t)(client.Databases.Delete(ctx, sub.ID, id))
		}
		provisioned[rediscloud.None](t)(client.Subscriptions.Delete(ctx, sub.ID))
		provisioned[rediscloud.None](t)(client.CloudAccounts.Delete(ctx, account.ID))
		_, err = client.CloudAccounts.Get(ctx, account.ID)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		require.ErrorIs(t, refused[rediscloud.None](t, rediscloud.TaskErrorTypeCloudAccountNotFound)(client.CloudAccounts.Delete(ctx, account.ID)), rediscloud.ErrNotFound)

		// A cloud account with invalid credentials.
		fake.SetStatus("/cloud-accounts/102", "error")
		task, err = client.CloudAccounts.Create(ctx, req)
		require.NoError(t, err)
		_, err = task.WaitProvisioned(ctx)
		var failed *rediscloud.ProvisionError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "error", failed.Status)
	})
}

func TestFlowUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		client, ctx := connect(t, fake), t.Context()
		ann, bob := fake.AddUser("Ann", "ann@example.com", "Owner"), fake.AddUser("Bob", "bob@example.com", "Viewer")
		list, err := client.AccountUsers.List(ctx)
		require.NoError(t, err)
		assert.Equal(t, 1001, list.AccountID)
		require.Len(t, list.Users, 2)
		assert.Equal(t, rediscloud.AccountRoleOwner, list.Users[0].Role)

		user := provisioned[rediscloud.AccountUser](t)(client.AccountUsers.Update(ctx, bob, &rediscloud.AccountUserUpdateRequest{Name: "Bob B.", Role: new(rediscloud.AccountRoleLogsViewer)}))
		assert.Equal(t, "Bob B.", user.Name)
		assert.Equal(t, rediscloud.AccountRoleLogsViewer, user.Role)

		provisioned[rediscloud.None](t)(client.AccountUsers.Delete(ctx, bob))
		_, err = client.AccountUsers.Get(ctx, bob)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.AccountUsers.Get(ctx, ann)
		require.NoError(t, err)
		task, err := client.AccountUsers.Update(ctx, bob, &rediscloud.AccountUserUpdateRequest{Name: "Bob"})
		require.NoError(t, err)
		_, err = task.Wait(ctx)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
	})
}

// If the API keeps showing a deleted user, the wait for it ends with its
// context.
func TestFlowUserThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client := connect(t, fake)
		id := fake.AddUser("Ann", "ann@example.com", "Owner")
		fake.AnswerNext(1000, "GET /users/{userId}", 200, nil, `{"id":60001,"name":"Ann"}`)
		task, err := client.AccountUsers.Delete(t.Context(), id)
		require.NoError(t, err)
		_, err = task.Wait(t.Context())
		require.NoError(t, err)
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = task.WaitProvisioned(short)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}
