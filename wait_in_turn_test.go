package rediscloud_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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
					assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
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
		assert.Equal(t, 21, writes, "one is refused, which tells that this subscription does refuse")
		assert.Equal(t, 1, refused)
	})
}

// Another program changes the subscription too: what came too early is
// submitted again, and nothing else is.
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

		// A change that the response itself refuses as too early is.
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

		_, err = rediscloud.InTurn(ctx, client, 5, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Update(ctx, 5, id, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
		})
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

// Five databases in one subscription: an account that accepts them at once
// provisions them at once; otherwise all five are created too.
func TestInTurnMakesFive(t *testing.T) {
	for name, world := range map[string]struct {
		opts        []rediscloudtest.Option
		least, most time.Duration
	}{
		"lenient": {[]rediscloudtest.Option{rediscloudtest.WithLenientSubscriptions()}, 5 * time.Minute, 5*time.Minute + 30*time.Second},
		"strict":  {nil, 25 * time.Minute, 28 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(append(world.opts, rediscloudtest.WithProvisioning(5*time.Minute))...)
				client, ctx := connect(t, fake), t.Context()
				sub := fake.AddSubscription("s")
				start := time.Now()
				var group sync.WaitGroup
				for _, name := range []string{"a", "b", "c", "d", "e"} {
					group.Go(func() {
						db, err := rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
							return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: name})
						})
						if assert.NoError(t, err) {
							assert.Equal(t, name, db.Name)
							assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
						}
					})
				}
				group.Wait()
				took := time.Since(start)
				t.Logf("five databases in %s", took)
				assert.GreaterOrEqual(t, took, world.least)
				assert.LessOrEqual(t, took, world.most)
				assert.Len(t, fake.Databases(sub), 5)
			})
		})
	}
}

// A permanent refusal doesn't cause a flood.
func TestInTurnPausesWhileRefused(t *testing.T) {
	for name, answer := range map[string]func(puts int) (int, string){
		"in the answer": func(int) (int, string) { return 409, `{"message":"SUBSCRIPTION_NOT_ACTIVE"}` },
		"in the task":   func(puts int) (int, string) { return 202, fmt.Sprintf(`{"taskId":"t%d","status":"received"}`, puts) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				puts := 0
				_, client := newAnswering(t, func(req string, at time.Duration) (int, string, http.Header) {
					switch {
					case strings.HasPrefix(req, "PUT") && at < 10*time.Minute:
						puts++
						status, body := answer(puts)
						return status, body, nil
					case strings.HasPrefix(req, "GET /tasks/"):
						return 200, fmt.Sprintf(`{"taskId":"t%d","status":"processing-error","response":{"error":{"type":"DATABASE_SUBSCRIPTION_IN_PENDING_STATUS","status":"400 BAD_REQUEST"}}}`, puts), nil
					case strings.HasSuffix(req, "/databases"):
						return 200, `{"subscription":[{"subscriptionId":1,"databases":[{"databaseId":7,"status":"active"}]}]}`, nil
					case req == "GET /subscriptions/1":
						return 200, `{"id":1,"status":"active"}`, nil
					}
					return 400, "", nil
				})
				_, err := rediscloud.InTurn(t.Context(), client, 1, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
					return client.Databases.Update(ctx, 1, 7, &rediscloud.DatabaseUpdateRequest{Name: new("n")})
				})
				require.ErrorContains(t, err, "400 Bad Request")
				assert.Greater(t, puts, 10)
				assert.Less(t, puts, 40, "submissions in 10 min")
			})
		})
	}
}

// All the ways in which the API says "too early", in a response and as a task.
func TestInTurnKnowsWhatIsTooEarly(t *testing.T) {
	concurrent := `"status":"429 TOO_MANY_REQUESTS","description":"Too many resources are concurrently created / updated / deleted in the account"`
	for reason, again := range map[string]bool{
		`"type":"SUBSCRIPTION_NOT_ACTIVE"`: true, `"type":"SUBSCRIPTION_NOT_ACTIVE","status":"403 FORBIDDEN"`: true, `"type":"DATABASE_SUBSCRIPTION_IN_PENDING_STATUS","status":"400 BAD_REQUEST"`: true,
		`"type":"TOO_MANY_PENDING_SUBSCRIPTIONS"`: true, `"type":"VPC_PEERING_CLUSTER_NOT_ACTIVE"`: true, `"type":"PSC_SERVICE_NOT_ACTIVE"`: true,
		`"type":"TGW_ATTACHMENT_IS_NOT_ACTIVE"`: true, `"type":"CLOUD_ACCOUNT_NOT_ACTIVE"`: true, `"type":"ACL_REDIS_RULE_NOT_ACTIVE"`: true,
		`"type":"ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_UPDATED"`: true, `"type":"CLUSTER_UNDER_MAINTENANCE"`: true, concurrent: true,
		`"type":"DATABASE_NAME_EXISTS"`: false, `"type":"VPC_PEERING_NOT_ACTIVE"`: false, `"type":"PSC_ENDPOINT_NOT_ACTIVE"`: false,
		`"type":"ACCOUNT_MARKETPLACE_IS_NOT_ACTIVE"`: false, `"type":"X_SUBSCRIPTION_NOT_ACTIVE"`: false, `"status":"429 TOO_MANY_REQUESTS"`: false,
	} {
		for _, inTask := range []bool{true, false} {
			if !inTask && reason == concurrent {
				continue // which the retries of a request handle
			}
			synctest.Test(t, func(t *testing.T) {
				puts := 0
				_, client := newAnswering(t, func(req string, _ time.Duration) (int, string, http.Header) {
					switch {
					case strings.HasPrefix(req, "PUT"):
						puts++
						if !inTask && puts == 1 {
							return 400, `{` + reason + `}`, nil
						}
						return 202, fmt.Sprintf(`{"taskId":"t%d","status":"received"}`, puts), nil
					case req == "GET /tasks/t1" && inTask:
						return 200, `{"taskId":"t1","status":"processing-error","response":{"error":{` + reason + `}}}`, nil
					case strings.HasPrefix(req, "GET /tasks/"):
						return 200, fmt.Sprintf(`{"taskId":"t%d","status":"processing-completed","response":{"resourceId":7}}`, puts), nil
					case strings.HasSuffix(req, "/databases"):
						return 200, `{"subscription":[{"subscriptionId":1,"databases":[{"databaseId":7,"status":"active"}]}]}`, nil
					case strings.HasSuffix(req, "/7"):
						return 200, `{"databaseId":7,"name":"n","status":"active"}`, nil
					}
					return 200, `{"id":1,"status":"active"}`, nil
				})
				var tokens []string
				_, err := rediscloud.InTurn(t.Context(), client, 1, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
					return client.Databases.Update(ctx, 1, 7, &rediscloud.DatabaseUpdateRequest{Name: new("n")})
				}, rediscloud.OnSubmit(func(token string) { tokens = append(tokens, token) }))
				assert.Equal(t, again, err == nil, "%s: %v", reason, err)
				want := 1
				if again {
					want = 2
				}
				assert.Equal(t, want, puts, reason)
				if inTask {
					assert.Len(t, tokens, want, reason)
				}
			})
		}
	}
}

// A nested InTurn runs in the turn that is held.
func TestInTurnWithinInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		create := func(ctx context.Context, name string) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: name})
		}
		short, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		db, err := rediscloud.InTurn(short, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			_, err := rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
				return create(ctx, "inner")
			})
			require.NoError(t, err)
			return create(ctx, "outer")
		})
		require.NoError(t, err)
		assert.Equal(t, "outer", db.Name)
		assert.Len(t, fake.Databases(sub), 2)
	})
}

// What submit returns may be the task of an earlier process.
func TestInTurnTakesUpTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(time.Minute))
		ctx := t.Context()
		sub := fake.AddSubscription("s")
		earlier, err := connect(t, fake).Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		client := connect(t, fake)
		var token string
		db, err := rediscloud.InTurn(ctx, client, sub, func(context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return rediscloud.ResumeTask[rediscloud.Database](client, earlier.Token())
		}, rediscloud.OnSubmit(func(t string) { token = t }))
		require.NoError(t, err)
		assert.Equal(t, "d", db.Name)
		assert.Equal(t, earlier.Token(), token)
		assert.Len(t, fake.Tasks(), 1)

		_, err = rediscloud.InTurn(ctx, client, sub, func(context.Context) (*rediscloud.Task[rediscloud.Database], error) { return nil, nil })
		require.ErrorContains(t, err, "the task is nil")
	})
}

// A subscription that needs manual action can be removed; a change that is
// refused meanwhile says why.
func TestInTurnOnWhatWaitsForSomebody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		fake.SetStatus("/subscriptions/"+itoa(sub), "encryption_key_pending")
		_, err := rediscloud.InTurn(ctx, client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
		})
		failed, ok := errors.AsType[*rediscloud.ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "encryption_key_pending", failed.Status)

		deleted := false
		_, client = newAnswering(t, func(req string, _ time.Duration) (int, string, http.Header) {
			switch {
			case strings.HasPrefix(req, "DELETE"):
				deleted = true
				return 202, `{"taskId":"t1","status":"received"}`, nil
			case strings.HasPrefix(req, "GET /tasks"):
				return 200, `{"taskId":"t1","status":"processing-completed"}`, nil
			case deleted:
				return 404, "", nil
			}
			return 200, `{"id":1,"status":"encryption_key_pending"}`, nil
		})
		_, err = rediscloud.InTurn(ctx, client, 1, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
			return client.Subscriptions.Delete(ctx, 1)
		})
		require.NoError(t, err)
		assert.True(t, deleted)
	})
}

func TestWaitActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithLenientSubscriptions(), rediscloudtest.WithProvisioning(time.Minute))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		databases, err := client.Databases.WaitAllProvisioned(ctx, sub)
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
		databases, err = client.Databases.WaitAllProvisioned(ctx, sub)
		require.NoError(t, err)
		assert.Len(t, databases, 3)
		for _, db := range databases {
			assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
		}
		id := states[0].Response.ResourceID
		db, err := client.Databases.WaitProvisioned(ctx, sub, id)
		require.NoError(t, err)
		assert.NotEmpty(t, db.Security.Password)

		path := "/subscriptions/" + itoa(sub) + "/databases/" + itoa(id)
		fake.SetStatus(path, "error")
		_, err = client.Databases.WaitAllProvisioned(ctx, sub)
		failed, ok := errors.AsType[*rediscloud.ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, path, failed.Resource)
		assert.EqualError(t, failed, "rediscloud: database "+path+` is "error"`)

		fake.SetStatus(path, "pending")
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_, err = client.Databases.WaitProvisioned(short, sub, id)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "rediscloud: waiting for "+path+`, last "pending"; gave up after 10s`)

		_, err = client.Subscriptions.WaitProvisioned(ctx, 5)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.Databases.WaitAllProvisioned(ctx, 5)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.Databases.WaitProvisioned(ctx, 0, 1)
		require.ErrorContains(t, err, "subscriptionId must be positive")
	})
}

// With WithSettling, a state that flips back isn't the end.
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
		_, err := client.Databases.WaitProvisioned(ctx, sub, id)
		require.NoError(t, err)
		assert.Less(t, time.Since(start), time.Second)
		_, err = client.Databases.WaitProvisioned(ctx, sub, id, rediscloud.WithSettling(10*time.Second))
		require.NoError(t, err)
		assert.InDelta(t, 31, time.Since(start).Seconds(), 2)
	})
}

// Other resources that have a status can be waited for too.
func TestWaitActiveKin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(time.Minute))
		client, ctx := connect(t, fake), t.Context()
		ruleTask, err := client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: "reader", Rule: "+@read ~*"})
		require.NoError(t, err)
		rule, err := ruleTask.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.ACLStatusPending, rule.Status)
		rule, err = client.ACLRedisRules.WaitProvisioned(ctx, rule.ID)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.ACLStatusActive, rule.Status)
		_, err = client.ACLRoles.WaitProvisioned(ctx, 4711)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.ACLRoles.WaitProvisioned(ctx, 0)
		require.Error(t, err)
		_, err = client.ACLUsers.WaitProvisioned(ctx, 4711)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.CloudAccounts.WaitProvisioned(ctx, 1)
		require.NoError(t, err)

		sub := fake.AddEssentialsSubscription("small", rediscloudtest.PlanStandard)
		essentials, err := client.EssentialsSubscriptions.WaitProvisioned(ctx, sub)
		require.NoError(t, err)
		assert.Equal(t, sub, essentials.ID)
		id := fake.AddDatabase(sub, "d")
		db, err := client.EssentialsDatabases.WaitProvisioned(ctx, sub, id)
		require.NoError(t, err)
		assert.Equal(t, id, db.ID)
	})
}
