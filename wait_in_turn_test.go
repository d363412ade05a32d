package rediscloud_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// Twenty goroutines change databases of one subscription, which refuses changes
// while it isn't active: all are applied, each once.
func TestInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(
			calm,
			rediscloudtest.WithProvisioning(30*time.Second),
			rediscloudtest.WithRoundTrip(80*time.Millisecond))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		var ids []int
		for range 20 {
			ids = append(ids, fake.AddDatabase(sub, "d"+string(rune('a'+len(ids)))))
		}
		start := time.Now()
		var group sync.WaitGroup
		for _, id := range ids {
			group.Go(func() {
				db, err := rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
					return client.Databases.Update(ctx, sub, id, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
				})
				if assert.NoError(t, err) {
					assert.False(t, db.Replication)
					assert.Equal(t, rediscloud.DatabaseActive, db.Status)
				}
			})
		}
		group.Wait()
		writes, refused := 0, 0
		for _, req := range fake.Requests() {
			if req.Method == http.MethodPut {
				writes++
			}
		}
		for _, task := range fake.Tasks() {
			if task.Status == "processing-error" {
				refused++
			}
		}
		t.Logf("20 changes in %s, %d writes, %d of them refused, %d requests in all", time.Since(start), writes, refused, len(fake.Requests()))
		assert.Equal(t, 20, writes)
		assert.Zero(t, refused)
	})
}

// Somebody else changes the subscription too: what came too early is submitted
// again, and nothing else is.
func TestInTurnAgainAfterTooEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(30 * time.Second))
		client, other, ctx := connect(t, fake), connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		one, two := fake.AddDatabase(sub, "one"), fake.AddDatabase(sub, "two")
		var submitted atomic.Int32
		_, err := rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			if submitted.Add(1) == 1 {
				_, err := other.Databases.Update(ctx, sub, two, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
				require.NoError(t, err)
			}
			return client.Databases.Update(ctx, sub, one, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
		})
		require.NoError(t, err)
		assert.EqualValues(t, 2, submitted.Load())

		for _, test := range []struct {
			reason string
			want   error
		}{{"DATABASE_NAME_EXISTS", rediscloud.ErrConflict}, {"SUBSCRIPTION_NOT_FOUND", rediscloud.ErrNotFound}} {
			submitted.Store(0)
			fake.FailNextTask(test.reason, "", "")
			_, err = rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
				submitted.Add(1)
				return client.Databases.Update(ctx, sub, one, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
			})
			require.ErrorIs(t, err, test.want)
			assert.EqualValues(t, 1, submitted.Load())
		}

		// A write that may have been accepted isn't sent again.
		submitted.Store(0)
		fake.AnswerNext(1, "PUT /subscriptions/{subscriptionId}/databases/{databaseId}", 500, nil, `{"message":"SUBSCRIPTION_NOT_ACTIVE"}`)
		_, err = rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			submitted.Add(1)
			return client.Databases.Update(ctx, sub, one, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
		})
		_, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err)
		assert.True(t, unknown, "%v", err)
		assert.EqualValues(t, 1, submitted.Load())

		// One that was refused as too early in the answer itself is.
		submitted.Store(0)
		fake.AnswerNext(1, "PUT /subscriptions/{subscriptionId}/databases/{databaseId}", 409, nil, `{"message":"SUBSCRIPTION_NOT_ACTIVE"}`)
		_, err = rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			submitted.Add(1)
			return client.Databases.Update(ctx, sub, one, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
		})
		require.NoError(t, err)
		assert.EqualValues(t, 2, submitted.Load())
	})
}

func TestInTurnLeavesQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(time.Minute))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		id := fake.AddDatabase(sub, "d")
		update := func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Update(ctx, sub, id, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
		}
		var group sync.WaitGroup
		group.Go(func() {
			_, err := rediscloud.InTurn(ctx, client, sub, update)
			assert.NoError(t, err)
		})
		synctest.Wait()
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		start := time.Now()
		_, err := rediscloud.InTurn(short, client, sub, update)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		group.Wait()

		_, err = rediscloud.InTurn(ctx, client, 5, update)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = rediscloud.InTurn[rediscloud.Database](ctx, client, sub, nil)
		require.Error(t, err)
		_, err = rediscloud.InTurn(ctx, nil, sub, update)
		require.Error(t, err)
	})
}

// The last change of a subscription is its removal.
func TestInTurnRemovesSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		_, err := rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
			return client.Subscriptions.Delete(ctx, sub)
		})
		require.NoError(t, err)
		assert.Empty(t, fake.Subscriptions())
	})
}

func TestWaitActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithLenientSubscriptions(), rediscloudtest.WithProvisioning(time.Minute))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		databases, err := client.Databases.WaitAllActive(ctx, sub)
		require.NoError(t, err)
		assert.Empty(t, databases)

		var tasks []rediscloud.AnyTask
		for _, name := range []string{"a", "b", "c"} {
			task, err := client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: name})
			require.NoError(t, err)
			tasks = append(tasks, task)
		}
		states, err := client.WaitForTasks(ctx, tasks)
		require.NoError(t, err)
		databases, err = client.Databases.WaitAllActive(ctx, sub)
		require.NoError(t, err)
		assert.Len(t, databases, 3)
		for _, db := range databases {
			assert.Equal(t, rediscloud.DatabaseActive, db.Status)
		}
		id := states[0].Response.ResourceID
		db, err := client.Databases.WaitActive(ctx, sub, id)
		require.NoError(t, err)
		assert.NotEmpty(t, db.Security.Password)

		path := "/subscriptions/" + itoa(sub) + "/databases/" + itoa(id)
		fake.SetStatus(path, "error")
		_, err = client.Databases.WaitAllActive(ctx, sub)
		failed, ok := errors.AsType[*rediscloud.ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, path, failed.Resource)
		assert.EqualError(t, failed, "rediscloud: database "+path+` is "error"`)

		fake.SetStatus(path, "pending")
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_, err = client.Databases.WaitActive(short, sub, id)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "rediscloud: waiting for "+path+`, last "pending"; gave up after 10s`)

		_, err = client.Subscriptions.WaitActive(ctx, 5)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.Databases.WaitAllActive(ctx, 5)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.Databases.WaitActive(ctx, 0, 1)
		require.ErrorContains(t, err, "subscriptionId must be positive")
	})
}

// A state that flips back isn't the end for those who want it settled.
func TestSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		id := fake.AddDatabase(sub, "d")
		path := "/subscriptions/" + itoa(sub) + "/databases/" + itoa(id)
		time.AfterFunc(5*time.Second, func() { fake.SetStatus(path, "pending") })
		time.AfterFunc(20*time.Second, func() { fake.SetStatus(path, "") })
		start := time.Now()
		_, err := client.Databases.WaitActive(ctx, sub, id)
		require.NoError(t, err)
		assert.Less(t, time.Since(start), time.Second)
		_, err = client.Databases.WaitActive(ctx, sub, id, rediscloud.WithSettling(10*time.Second))
		require.NoError(t, err)
		assert.InDelta(t, 31, time.Since(start).Seconds(), 2)
	})
}

// The other things that have a status can be waited for too.
func TestWaitActiveKin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(time.Minute))
		client, ctx := connect(t, fake), t.Context()
		ruleTask, err := client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: "reader", Rule: "+@read ~*"})
		require.NoError(t, err)
		rule, err := ruleTask.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.ACLPending, rule.Status)
		rule, err = client.ACLRedisRules.WaitActive(ctx, rule.ID)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.ACLActive, rule.Status)
		_, err = client.ACLRoles.WaitActive(ctx, 4711)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.ACLRoles.WaitActive(ctx, 0)
		require.Error(t, err)
		_, err = client.ACLUsers.WaitActive(ctx, 4711)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.CloudAccounts.WaitActive(ctx, 1)
		require.NoError(t, err)

		sub := fake.AddEssentialsSubscription("small", rediscloudtest.PlanStandard)
		essentials, err := client.EssentialsSubscriptions.WaitActive(ctx, sub)
		require.NoError(t, err)
		assert.Equal(t, sub, essentials.ID)
		id := fake.AddDatabase(sub, "d")
		db, err := client.EssentialsDatabases.WaitActive(ctx, sub, id)
		require.NoError(t, err)
		assert.Equal(t, id, db.ID)
	})
}
