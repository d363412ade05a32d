package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func TestJobsThatFail(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sub := r.fake.AddSubscription("s")
	taken := r.fake.AddDatabase(sub, "taken")
	r.workMeanwhile()
	for job, want := range map[Job]string{
		{sub, "taken"}: "DATABASE_NAME_EXISTS",
		{5, "d"}:       "404",
	} {
		r.add(job)
		outcome := r.ended(job)
		assert.Equal(t, stateFailed, outcome.State)
		assert.Contains(t, outcome.Error, want)
		assert.Zero(t, outcome.Database)
	}
	r.fake.FailNextTask("DATABASE_SIZE_TOO_BIG", "400 BAD_REQUEST", "It is too big.")
	broken := Job{sub, "broken"}
	r.add(broken)
	assert.Contains(t, r.ended(broken).Error, "DATABASE_SIZE_TOO_BIG")
	assert.Equal(t, []int{taken}, r.fake.Databases(sub))
	r.drained()
}

// A database that is broken exists: the outcome names it.
func TestBrokenDatabaseIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	job := Job{r.fake.AddSubscription("s"), "d"}
	r.fake.SetStatus(fmt.Sprintf("/subscriptions/%d/databases/51000001", job.Subscription), "error")
	r.add(job)
	r.workMeanwhile()
	outcome := r.ended(job)
	assert.Equal(t, stateFailed, outcome.State)
	assert.Equal(t, 51000001, outcome.Database)
}

// What the API refuses for now is tried again: a busy subscription, a request
// that didn't arrive, and a lost answer.
func TestTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sub := r.fake.AddSubscription("s")
	jobs := []Job{{sub, "a"}, {sub, "b"}, {sub, "c"}}
	r.fake.CutNext(1, createRoute, rediscloudtest.CutBefore)
	r.add(jobs...)
	r.workMeanwhile()
	var ids []int
	for _, job := range jobs {
		outcome := r.ended(job)
		assert.Equal(t, stateActive, outcome.State, outcome.Error)
		ids = append(ids, outcome.Database)
	}
	assert.ElementsMatch(t, ids, r.fake.Databases(sub))
	r.drained()
}

// If a request was sent twice against all odds, the API refuses the second one,
// and the job is done all the same.
func TestSubmittedTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	job := Job{r.fake.AddSubscription("s"), "d"}
	id := r.fake.AddDatabase(job.Subscription, "d")
	require.NoError(t, r.rdb.HSet(t.Context(), job.key(), "attempts", 1).Err())
	r.add(job)
	r.workMeanwhile()
	outcome := r.ended(job)
	assert.Equal(t, stateActive, outcome.State, outcome.Error)
	assert.Equal(t, id, outcome.Database)
	assert.Equal(t, 2, outcome.Attempts)
}

func TestKeysNotAccepted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	job := Job{r.fake.AddSubscription("s"), "d"}
	r.add(job)
	require.ErrorIs(t, r.work(t.Context(), "wrong"), rediscloud.ErrUnauthorized)
	assert.False(t, ended(r.outcome(job)), "it waits for a worker with other keys")
	r.workMeanwhile()
	assert.Equal(t, stateActive, r.ended(job).State)
}

// While its worker lives, a wait is left to it, however long it takes.
func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()
	r := newRig(t, rediscloudtest.WithProvisioning(3*testSettings.Lease))
	job := Job{r.fake.AddSubscription("s"), "d"}
	r.add(job)
	r.start("")
	for !ended(r.outcome(job)) {
		time.Sleep(100 * time.Millisecond)
		stolen, _, err := r.rdb.XAutoClaim(t.Context(), autoClaim()).Result()
		require.NoError(t, err)
		require.Empty(t, stolen)
	}
}

func TestRenewKnowsWhoseItIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add(Job{7, "d"})
	mine, err := r.queue.Next(t.Context(), jobsStream, "one", time.Hour)
	require.NoError(t, err)
	kept, err := r.queue.Renew(t.Context(), mine)
	require.NoError(t, err)
	assert.True(t, kept)
	_, err = r.queue.Next(t.Context(), jobsStream, "two", 0)
	require.NoError(t, err)
	kept, err = r.queue.Renew(t.Context(), mine)
	require.NoError(t, err)
	assert.False(t, kept)
}

func TestCommands(t *testing.T) {
	r := newRig(t)
	t.Setenv("REDIS_URL", r.redisURL)
	sub := fmt.Sprint(r.fake.AddSubscription("s"))
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"add", sub, "a", "b"}, &out))
	assert.Equal(t, sub+"/a: not submitted\n"+sub+"/b: not submitted\n", out.String())
	ctx, cancel := context.WithCancel(t.Context())
	t.Setenv(rediscloud.EnvBaseURL, r.apiURL)
	t.Setenv(rediscloud.EnvAccountKey, r.fake.AccountKey())
	t.Setenv(rediscloud.EnvSecretKey, r.fake.SecretKey())
	done := make(chan error, 1)
	go func() { done <- run(ctx, []string{"work"}, &out) }()
	r.ended(Job{r.fake.Subscriptions()[0], "a"})
	r.ended(Job{r.fake.Subscriptions()[0], "b"})
	cancel()
	require.NoError(t, <-done)
	out.Reset()
	require.NoError(t, run(t.Context(), []string{"show", sub, "a"}, &out))
	assert.Contains(t, out.String(), "/a: active, database 5100000")
	for _, wrong := range [][]string{{"fly"}, {"add"}, {"add", "x", "y"}, {"work", "-requests=1"}} {
		assert.Error(t, run(t.Context(), wrong, &out), wrong)
	}
}

func TestDemo(t *testing.T) {
	testRedis(t)
	t.Setenv(envCommand, "1")
	t.Setenv(rediscloud.EnvAccountKey, "")
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))
	assert.Contains(t, out.String(), "is not set: this runs against a fake of the API")
	assert.Contains(t, out.String(), "killing worker ")
	assert.Contains(t, out.String(), "\n12 databases exist, made by 12 tasks, ")
	assert.Equal(t, 12, strings.Count(out.String(), ": active, database "))
	t.Setenv(rediscloud.EnvAccountKey, "key")
	assert.Error(t, run(t.Context(), nil, &out))
}
