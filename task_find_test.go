package rediscloud_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const createRoute = "POST /subscriptions/{subscriptionId}/databases"

// loseAnswer submits a create whose response is lost.
func loseAnswer(t *testing.T, fake *rediscloudtest.Server, client *rediscloud.Client, sub int, name string, when rediscloudtest.Cut) *rediscloud.OutcomeUnknownError {
	t.Helper()
	fake.CutNext(1, createRoute, when)
	_, err := client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: name})
	unknown, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	require.True(t, ok, "%v", err)
	return unknown
}

// The response is cut off after the API has acted: in the end there is one
// database, and its id is known.
func TestFindTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(0))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		before, err := client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "before"})
		require.NoError(t, err)
		lost := loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutAfter)
		assert.Equal(t, "/subscriptions/"+itoa(sub)+"/databases", lost.Path)
		after, err := client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "after"})
		require.NoError(t, err)

		task, err := rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.NoError(t, err)
		assert.NotContains(t, []string{before.ID(), after.ID()}, task.ID())
		db, err := task.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, "d", db.Name)
		_, err = after.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Len(t, fake.Databases(sub), 3)

		_, err = rediscloud.FindTask[rediscloud.Subscription](ctx, lost)
		require.ErrorContains(t, err, "the write yields Database, not Subscription")
	})
}

func TestFindTaskThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		fake.AddDatabase(sub, "other")
		_, err := client.Subscriptions.Update(ctx, sub, &rediscloud.SubscriptionUpdateRequest{Name: new("renamed")})
		require.NoError(t, err)
		lost := loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutBefore)
		start := time.Now()
		_, err = rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		assert.Equal(t, 15*time.Second, time.Since(start))

		_, err = rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.ErrorIs(t, err, rediscloud.ErrNotFound, "asked again")
		assert.Equal(t, 15*time.Second, time.Since(start))

		short, cancel := context.WithTimeout(ctx, 2500*time.Millisecond)
		defer cancel()
		_, err = rediscloud.FindTask[rediscloud.Database](short, loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutBefore))
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A task of another client that did the same, but ended before the write was
// sent, isn't the write's: not even if it ended only a little earlier than the
// clocks within the API may differ.
func TestFindTaskTakesNoneFromBefore(t *testing.T) {
	for _, before := range []time.Duration{3500 * time.Millisecond, 10 * time.Second, time.Hour} {
		t.Run(before.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(rediscloudtest.WithCalm(), rediscloudtest.WithProvisioning(0))
				client, other := connect(t, fake), connect(t, fake)
				sub := fake.AddSubscription("s")
				task, err := other.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
				require.NoError(t, err)
				_, err = task.WaitProvisioned(t.Context())
				require.NoError(t, err)
				time.Sleep(before)
				_, err = rediscloud.FindTask[rediscloud.Database](t.Context(), loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutBefore))
				require.ErrorIs(t, err, rediscloud.ErrNotFound)
			})
		})
	}
}

// Among tasks of the same kind at the same time, it is identified by what it
// created.
func TestFindTaskAmongSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(0))
		client, other, ctx := connect(t, fake), connect(t, fake), t.Context()
		sub, elsewhere := fake.AddSubscription("s"), fake.AddSubscription("t")
		old, err := other.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "old"})
		require.NoError(t, err)
		_, err = old.Wait(ctx)
		require.NoError(t, err)
		time.Sleep(2 * time.Minute)

		lost := loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutAfter)
		foreign, err := other.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "foreign"})
		require.NoError(t, err)
		namesake, err := other.Databases.Create(ctx, elsewhere, &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		time.Sleep(time.Second)
		candidates, err := lost.Candidates(ctx)
		require.NoError(t, err)
		require.Len(t, candidates, 3)
		for _, state := range candidates {
			assert.NotEqual(t, old.ID(), state.TaskID)
		}
		task, err := rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.NoError(t, err)
		assert.NotContains(t, []string{foreign.ID(), namesake.ID()}, task.ID())
		again, err := rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.NoError(t, err)
		assert.Equal(t, task.ID(), again.ID())
		db, err := task.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, "d", db.Name)
	})
}

// FindTask doesn't guess: two subscriptions may have the same name. A function
// of the caller may know more.
func TestFindTaskThatCantBeTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, other, ctx := connect(t, fake), connect(t, fake), t.Context()
		req := func(region string) *rediscloud.SubscriptionCreateRequest {
			return &rediscloud.SubscriptionCreateRequest{
				Name:           new("s"),
				CloudProviders: []rediscloud.CloudProviderSpec{{Regions: []rediscloud.CloudRegionSpec{{Region: region, Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: new("10.0.0.0/24")}}}}},
				Databases:      []rediscloud.SubscriptionDatabaseSpec{{Name: "d", DatasetSizeInGB: new(1.0)}},
			}
		}
		fake.CutNext(1, "POST /subscriptions", rediscloudtest.CutAfter)
		_, err := client.Subscriptions.Create(ctx, req("us-east-1"))
		lost, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
		require.True(t, ok, "%v", err)
		foreign, err := other.Subscriptions.Create(ctx, req("us-east-1"))
		require.NoError(t, err)

		for range 2 {
			_, err = rediscloud.FindTask[rediscloud.Subscription](ctx, lost)
			untold, ok := errors.AsType[*rediscloud.LostTaskError](err)
			require.True(t, ok, "%v", err)
			require.NotErrorIs(t, err, rediscloud.ErrNotFound)
			require.Len(t, untold.Candidates, 2)
			assert.False(t, untold.NothingCreated())
			require.ErrorContains(t, err, foreign.ID())
		}
		theirs, err := foreign.Wait(ctx)
		require.NoError(t, err)
		task, err := rediscloud.FindTask(ctx, lost, func(s *rediscloud.Subscription) bool { return s.ID != theirs.ID })
		require.NoError(t, err)
		assert.NotEqual(t, foreign.ID(), task.ID())
	})
}

// Two lost writes of one client neither swap their tasks nor share one.
func TestFindTaskOfTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			fake := rediscloudtest.New()
			client, ctx := connect(t, fake), t.Context()
			names := []string{"one", "two"}
			var losses [2]*rediscloud.OutcomeUnknownError
			for i, name := range names {
				fake.CutNext(1, "POST /acl/redisRules", rediscloudtest.CutAfter)
				_, err := client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: name, Rule: "+@read"})
				var ok bool
				losses[i], ok = errors.AsType[*rediscloud.OutcomeUnknownError](err)
				require.True(t, ok, "%v", err)
			}
			var group sync.WaitGroup
			for i, name := range names {
				for range 2 { // two search for the same
					group.Go(func() {
						task, err := rediscloud.FindTask[rediscloud.ACLRedisRule](ctx, losses[i])
						if !assert.NoError(t, err) {
							return
						}
						rule, err := task.Wait(ctx)
						assert.NoError(t, err)
						assert.Equal(t, name, rule.Name)
					})
				}
			}
			group.Wait()
		}
	})
}

// Twins: one of two equal writes was accepted, and it is impossible to know
// which.
func TestFindTaskOfTwins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		id := fake.AddDatabase(sub, "d")
		const route = "PUT /subscriptions/{subscriptionId}/databases/{databaseId}"
		update := func(when rediscloudtest.Cut) *rediscloud.OutcomeUnknownError {
			fake.CutNext(1, route, when)
			_, err := client.Databases.Update(ctx, sub, id, &rediscloud.DatabaseUpdateRequest{Replication: new(false)})
			lost, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
			require.True(t, ok, "%v", err)
			return lost
		}
		first, second := update(rediscloudtest.CutBefore), update(rediscloudtest.CutAfter)
		for _, lost := range []*rediscloud.OutcomeUnknownError{first, second} {
			_, err := rediscloud.FindTask[rediscloud.Database](ctx, lost)
			_, ok := errors.AsType[*rediscloud.LostTaskError](err)
			assert.True(t, ok, "%v", err)
		}
	})
}

// Updates and deletes are identified by the ids.
func TestFindTaskByIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, other, ctx := connect(t, fake), connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		mine, theirs := fake.AddDatabase(sub, "mine"), fake.AddDatabase(sub, "theirs")
		const route = "DELETE /subscriptions/{subscriptionId}/databases/{databaseId}"
		fake.CutNext(1, route, rediscloudtest.CutBefore)
		_, err := client.Databases.Delete(ctx, sub, mine)
		lost, _ := errors.AsType[*rediscloud.OutcomeUnknownError](err)
		foreign, err := other.Databases.Delete(ctx, sub, theirs)
		require.NoError(t, err)
		_, err = rediscloud.FindTask[rediscloud.None](ctx, lost)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)

		fake.CutNext(1, route, rediscloudtest.CutAfter)
		_, err = client.Databases.Delete(ctx, sub, mine)
		lost, _ = errors.AsType[*rediscloud.OutcomeUnknownError](err)
		task, err := rediscloud.FindTask[rediscloud.None](ctx, lost)
		require.NoError(t, err)
		assert.NotEqual(t, foreign.ID(), task.ID())
		_, err = task.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Empty(t, fake.Databases(sub))
	})
}

// A write whose path has no known command type is identified by ids and result.
func TestFindTaskWithoutCommandType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, other, ctx := connect(t, fake), connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		id, theirs := fake.AddDatabase(sub, "d"), fake.AddDatabase(sub, "e")
		upgrade := &rediscloud.DatabaseUpgradeRequest{TargetRedisVersion: "8.2"}
		lose := func(when rediscloudtest.Cut) *rediscloud.OutcomeUnknownError {
			fake.CutNext(1, "POST /subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", when)
			_, err := client.Databases.Upgrade(ctx, sub, id, upgrade)
			lost, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
			require.True(t, ok, "%v", err)
			return lost
		}
		lost := lose(rediscloudtest.CutBefore)
		_, err := other.Databases.Upgrade(ctx, sub, theirs, upgrade)
		require.NoError(t, err)
		_, err = other.Databases.Delete(ctx, sub, theirs)
		require.NoError(t, err)
		_, err = rediscloud.FindTask[rediscloud.DatabaseUpgrade](ctx, lost)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		task, err := rediscloud.FindTask[rediscloud.DatabaseUpgrade](ctx, lose(rediscloudtest.CutAfter))
		require.NoError(t, err)
		result, err := task.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, id, result.DatabaseID)
	})
}

// A task that this client has a handle for is never taken.
func TestFindTaskLeavesResumedOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, other, ctx := connect(t, fake), connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		lost := loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutBefore)
		foreign, err := other.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		_, err = rediscloud.ResumeTask[rediscloud.Database](client, foreign.Token())
		require.NoError(t, err)
		_, err = rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
	})
}

// A list that can't be read shows nothing about the task.
func TestFindTaskWithoutList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		lost := loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutAfter)
		fake.AnswerNext(1, "GET /tasks", 404, nil, "")
		_, err := rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.ErrorContains(t, err, "looking for its task: GET /tasks: 404 Not Found")
		require.NotErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.NoError(t, err)
	})
}

// A list that lacks a task that this client knows may lack the lost one too:
// for instance one that omits finished tasks, or is minutes late.
func TestFindTaskInListWithGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		posts := 0
		_, client := newAnswering(t, func(req string, _ time.Duration) (int, string, http.Header) {
			switch req {
			case "GET /tasks":
				return 200, `{"tasks":[]}`, nil
			case "POST /acl/redisRules":
				if posts++; posts == 1 {
					return 202, `{"taskId":"t1","status":"received"}`, nil
				}
			}
			return 503, "", nil
		})
		create := func() error {
			_, err := client.ACLRedisRules.Create(t.Context(), &rediscloud.ACLRedisRuleCreateRequest{Name: "r", Rule: "+@read"})
			return err
		}
		require.NoError(t, create())
		lost, _ := errors.AsType[*rediscloud.OutcomeUnknownError](create())
		_, err := rediscloud.FindTask[rediscloud.ACLRedisRule](t.Context(), lost)
		untold, ok := errors.AsType[*rediscloud.LostTaskError](err)
		require.True(t, ok, "%v", err)
		assert.Empty(t, untold.Candidates)
		assert.False(t, untold.NothingCreated())
		assert.ErrorContains(t, err, "the list of tasks lacks some that are known")
	})
}

// The clock of this machine is a minute ahead of the API's, or behind it.
func TestFindTaskByTheClockOfTheAPI(t *testing.T) {
	for _, off := range []time.Duration{-time.Hour, -61 * time.Second, 0, 61 * time.Second, time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				_, client := newAnswering(t, func(req string, _ time.Duration) (int, string, http.Header) {
					stamp := func(at time.Time) string { return at.Add(off).UTC().Format(time.RFC3339Nano) }
					header := http.Header{"Date": {time.Now().Add(off).UTC().Format(http.TimeFormat)}}
					task := func(id string, at time.Time, made int) string {
						return fmt.Sprintf(`{"taskId":%q,"commandType":"databaseCreateRequest","status":"processing-completed","timestamp":%q,"response":{"resourceId":%d,"additionalResourceId":1}}`, id, stamp(at), made)
					}
					switch req {
					case "GET /tasks":
						return 200, `{"tasks":[` + task("mine", began.Add(time.Second), 7) + `,` + task("older", began.Add(-20*time.Second), 8) + `]}`, header
					case "GET /subscriptions/1/databases/7", "GET /subscriptions/1/databases/8":
						return 200, `{"databaseId":7,"name":"mine","status":"active"}`, header
					}
					return 503, "<html>", nil
				})
				_, err := client.Databases.Create(t.Context(), 1, &rediscloud.DatabaseCreateRequest{Name: "mine"})
				lost, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
				require.True(t, ok, "%v", err)
				task, err := rediscloud.FindTask[rediscloud.Database](t.Context(), lost)
				require.NoError(t, err)
				assert.Equal(t, "mine", task.ID())
			})
		})
	}
}

// The write was refused by a proxy; a task of another program, queued for 20
// minutes, starts to be processed during the search, and creates the same.
func TestFindTaskLeavesOlderOnes(t *testing.T) {
	for name, dated := range map[string]bool{"with dates": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				_, client := newAnswering(t, func(req string, at time.Duration) (int, string, http.Header) {
					header := http.Header{}
					if dated {
						header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
					}
					if req == "GET /subscriptions/1/databases/7" {
						return 200, `{"databaseId":7,"name":"mine","status":"active"}`, header
					}
					if req != "GET /tasks" {
						return 503, "<html>", header
					}
					status, since, response := "received", began.Add(-20*time.Minute), ""
					if at > 3*time.Second {
						status, since, response = "processing-completed", began.Add(3*time.Second), `,"response":{"resourceId":7}`
					}
					return 200, fmt.Sprintf(`{"tasks":[{"taskId":"theirs","commandType":"databaseCreateRequest","status":%q,"timestamp":%q%s}]}`, status, since.UTC().Format(time.RFC3339Nano), response), header
				})
				_, err := client.Tasks.List(t.Context())
				require.NoError(t, err)
				time.Sleep(time.Millisecond)
				_, err = client.Databases.Create(t.Context(), 1, &rediscloud.DatabaseCreateRequest{Name: "mine"})
				lost, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
				require.True(t, ok)
				time.Sleep(time.Minute) // it is finished when the search begins
				_, err = rediscloud.FindTask[rediscloud.Database](t.Context(), lost)
				require.ErrorIs(t, err, rediscloud.ErrNotFound)
			})
		})
	}
}

// The task takes long: FindTask waits for it, as long as the context lasts.
func TestFindTaskWaitsUntilItCanTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProcessing(5*time.Minute), rediscloudtest.WithUnknownFor(8*time.Second))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		lost := loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutAfter)
		short, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		_, err := rediscloud.FindTask[rediscloud.Database](short, lost)
		untold, ok := errors.AsType[*rediscloud.LostTaskError](err)
		require.True(t, ok, "%v", err)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Len(t, untold.Candidates, 1)
		task, err := rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.NoError(t, err)
		assert.Equal(t, untold.Candidates[0].TaskID, task.ID())
	})
}

// A task of the kind failed, whoever started it: nothing was created.
func TestFindTaskThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		fake.FailNextTask("DATABASE_NAME_EXISTS", "409 CONFLICT", "")
		lost := loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutAfter)
		_, err := rediscloud.FindTask[rediscloud.Database](ctx, lost)
		untold, ok := errors.AsType[*rediscloud.LostTaskError](err)
		require.True(t, ok, "%v", err)
		assert.True(t, untold.NothingCreated())
		assert.ErrorContains(t, err, "; they all failed")
	})
}

// An intent is enough to find the task from another process.
func TestFindTaskOfIntent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		_, err := client.Tasks.List(ctx) // which shows the API's time
		require.NoError(t, err)
		var token string
		noting := rediscloud.OnIntent(ctx, func(t string) error { token = t; return nil })
		fake.CutNext(1, createRoute, rediscloudtest.CutAfter)
		_, err = client.Databases.Create(noting, sub, &rediscloud.DatabaseCreateRequest{Name: "d", Password: new(rediscloud.Secret("geheim"))})
		require.Error(t, err)
		text, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, "rediscloud-intent-1."))
		require.NoError(t, err)
		assert.NotContains(t, string(text), "geheim")
		assert.Contains(t, string(text), `"server":`+strconv.FormatInt(time.Now().Truncate(time.Second).UnixMilli(), 10)[:7])

		next := connect(t, fake)
		lost, err := rediscloud.ResumeIntent(next, token)
		require.NoError(t, err)
		assert.EqualError(t, lost, "rediscloud: POST /subscriptions/"+itoa(sub)+"/databases: only the intent is known, no response (the API may have accepted the request)")
		task, err := rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.NoError(t, err)
		again, err := rediscloud.ResumeIntent(next, token)
		require.NoError(t, err)
		same, err := rediscloud.FindTask[rediscloud.Database](ctx, again)
		require.NoError(t, err)
		assert.Equal(t, task.ID(), same.ID())

		// In the same process, the result is known: a task, or a refusal.
		answered, err := client.Databases.Create(noting, sub, &rediscloud.DatabaseCreateRequest{Name: "e"})
		require.NoError(t, err)
		lost, err = rediscloud.ResumeIntent(client, token)
		require.NoError(t, err)
		task, err = rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.NoError(t, err)
		assert.Equal(t, answered.ID(), task.ID())
		fake.AnswerNext(1, createRoute, 400, nil, "")
		_, err = client.Databases.Create(noting, sub, &rediscloud.DatabaseCreateRequest{Name: "f"})
		require.Error(t, err)
		lost, err = rediscloud.ResumeIntent(client, token)
		require.NoError(t, err)
		_, err = rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)

		// A write whose intent can't be recorded isn't sent.
		sent := len(fake.Requests())
		full := errors.New("disk full")
		_, err = client.Databases.Create(rediscloud.OnIntent(ctx, func(string) error { return full }), sub, &rediscloud.DatabaseCreateRequest{Name: "g"})
		require.ErrorIs(t, err, full)
		assert.Len(t, fake.Requests(), sent)
	})
}

func TestResumeIntentRefuses(t *testing.T) {
	client := connect(t, rediscloudtest.New())
	token := func(text string) string {
		return "rediscloud-intent-1." + base64.RawURLEncoding.EncodeToString([]byte(text))
	}
	for _, bad := range []string{
		"", "x", "rediscloud-intent-1.", "rediscloud-intent-1.!", "rediscloud-intent-2.e30", token("{}"), token("[]"),
		token(`{"method":"GET","path":"/x","result":"Database"}`),
		token(`{"method":"POST","path":"//evil","result":"Database"}`),
		token(`{"method":"POST","path":"/../x","result":"Database"}`),
		token(`{"method":"POST","path":"/x","result":"Unheard"}`),
		token(`{"method":"POST","path":"/x","result":"Database","outcome":{"read":{"path":"https://evil"}}}`),
		token(`{"method":"POST","path":"/x` + strings.Repeat("x", 5000) + `","result":"Database"}`),
	} {
		_, err := rediscloud.ResumeIntent(client, bad)
		require.Error(t, err, bad)
	}
	_, err := rediscloud.ResumeIntent(nil, token("{}"))
	require.Error(t, err)
	_, err = rediscloud.ResumeIntent(client, token(`{"method":"POST","path":"/subscriptions","result":"Subscription"}`))
	require.NoError(t, err)
}

func TestFindTaskRefuses(t *testing.T) {
	_, err := rediscloud.FindTask[rediscloud.Database](t.Context(), nil)
	require.Error(t, err)
	_, err = rediscloud.FindTask[rediscloud.Database](t.Context(), &rediscloud.OutcomeUnknownError{})
	require.Error(t, err)
	_, err = (&rediscloud.OutcomeUnknownError{}).Candidates(t.Context())
	require.Error(t, err)
}

// A 429 for too many changes at once is waited out for longer than the retries
// after a 429 for the rate would take.
func TestTooManyChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const body = `{"message":"Too many resources are concurrently created"}`
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		fake.AnswerNext(12, createRoute, 429, nil, body)
		_, err := client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		assert.Len(t, fake.Requests(), 13)

		fake.AnswerNext(1000, createRoute, 429, nil, body)
		short, cancel := context.WithTimeout(ctx, 5*time.Minute)
		defer cancel()
		start := time.Now()
		_, err = client.Databases.Create(short, sub, &rediscloud.DatabaseCreateRequest{Name: "e"})
		require.ErrorIs(t, err, rediscloud.ErrTooManyChanges)
		require.ErrorIs(t, err, rediscloud.ErrRateLimited)
		assert.InDelta(t, 285, time.Since(start).Seconds(), 20)

		off := connect(t, fake, rediscloud.WithoutRetries())
		_, err = off.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "e"})
		require.ErrorIs(t, err, rediscloud.ErrTooManyChanges)
	})
}
