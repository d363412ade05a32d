package rediscloud_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const createRoute = "POST /subscriptions/{subscriptionId}/databases"

// loseAnswer submits a create whose answer is lost.
func loseAnswer(t *testing.T, fake *rediscloudtest.Server, client *rediscloud.Client, sub int, name string, when rediscloudtest.Cut) *rediscloud.OutcomeUnknownError {
	t.Helper()
	fake.CutNext(1, createRoute, when)
	_, err := client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: name})
	unknown, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	require.True(t, ok, "%v", err)
	return unknown
}

// The answer is cut off after the API has acted: in the end there is one
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
		assert.Equal(t, 10*time.Second, time.Since(start))

		short, cancel := context.WithTimeout(ctx, 2500*time.Millisecond)
		defer cancel()
		_, err = rediscloud.FindTask[rediscloud.Database](short, lost)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// Of several, none is taken.
func TestFindTaskAmongSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(0))
		client, other, ctx := connect(t, fake), connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		old, err := other.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "old"})
		require.NoError(t, err)
		_, err = old.Wait(ctx)
		require.NoError(t, err)
		time.Sleep(2 * time.Minute)

		lost := loseAnswer(t, fake, client, sub, "d", rediscloudtest.CutAfter)
		foreign, err := other.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "foreign"})
		require.NoError(t, err)
		time.Sleep(time.Second)
		_, err = rediscloud.FindTask[rediscloud.Database](ctx, lost)
		require.ErrorContains(t, err, "several tasks may be of this write: ")
		require.ErrorContains(t, err, foreign.ID())
		candidates, err := lost.Candidates(ctx)
		require.NoError(t, err)
		require.Len(t, candidates, 2)
		for _, state := range candidates {
			assert.NotEqual(t, old.ID(), state.TaskID)
			state, err = client.WaitForTask(ctx, state)
			require.NoError(t, err)
			assert.NotZero(t, state.Response.ResourceID)
		}
	})
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
// of one for the rate would.
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

		off := connect(t, fake, rediscloud.WithRetry(rediscloud.RetryPolicy{}))
		_, err = off.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "e"})
		require.ErrorIs(t, err, rediscloud.ErrTooManyChanges)
	})
}
