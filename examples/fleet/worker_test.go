package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
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
	r.workMeanwhile()
	nowhere := Job{5, "d"}
	r.add(nowhere)
	outcome := r.ended(nowhere)
	assert.Equal(t, stateFailed, outcome.State)
	assert.Contains(t, outcome.Error, "404")
	assert.Zero(t, outcome.Database)

	r.fake.FailNextTask("DATABASE_SIZE_TOO_BIG", "400 BAD_REQUEST", "It is too big.")
	broken := Job{sub, "broken"}
	r.add(broken)
	assert.Contains(t, r.ended(broken).Error, "DATABASE_SIZE_TOO_BIG")
	assert.Empty(t, r.fake.Databases(sub))
	r.drained()
}

// What exists isn't created, whoever created it, before or after the fleet
// checked. What has been removed since is.
func TestWhatExists(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sub := r.fake.AddSubscription("s")
	before, removed := r.fake.AddDatabase(sub, "before"), r.fake.AddDatabase(sub, "removed")
	r.workMeanwhile()
	r.add(Job{sub, "before"})
	assert.Equal(t, Outcome{State: stateActive, Database: before}, r.ended(Job{sub, "before"}))
	assert.Zero(t, r.posts())

	after := r.fake.AddDatabase(sub, "after")
	r.add(Job{sub, "after"})
	assert.Equal(t, Outcome{State: stateActive, Database: after}, r.ended(Job{sub, "after"}))

	remove, err := r.client(r.fake.SecretKey()).Databases.Delete(t.Context(), sub, removed)
	require.NoError(t, err)
	_, err = remove.WaitProvisioned(t.Context())
	require.NoError(t, err)
	r.add(Job{sub, "removed"})
	outcome := r.ended(Job{sub, "removed"})
	assert.Equal(t, stateActive, outcome.State, outcome.Error)
	assert.NotEqual(t, removed, outcome.Database)
	r.drained()
}

// A database that is broken exists: the outcome names it.
func TestBrokenDatabaseIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	job := Job{r.fake.AddSubscription("s"), "d"}
	r.fake.SetStatus(databasePath(job.Subscription, 51000001), "error")
	r.add(job)
	r.workMeanwhile()
	outcome := r.ended(job)
	assert.Equal(t, stateFailed, outcome.State)
	assert.Equal(t, 51000001, outcome.Database)
}

// What the API refuses temporarily is retried: a busy subscription, a request
// that didn't arrive, and a lost response.
func TestTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sub := r.fake.AddSubscription("s")
	// The journal handles one name at a time in a process, so these names
	// differ from those of other tests.
	jobs := []Job{{sub, "tried-1"}, {sub, "tried-2"}, {sub, "tried-3"}}
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

// The Redis comes back empty while a worker is busy with jobs: it creates the
// streams again and continues. The queued jobs are added again.
func TestRedisCameBackEmpty(t *testing.T) {
	t.Parallel()
	r := newRig(t, rediscloudtest.WithProvisioning(3*time.Second), rediscloudtest.WithLateListing(100*time.Millisecond), rediscloudtest.WithParallelTasks(3))
	sub := r.fake.AddSubscription("s")
	jobs := []Job{{sub, "a"}, {sub, "b"}, {sub, "c"}, {sub, "d"}}
	r.workMeanwhile()
	r.add(jobs[:2]...)
	require.Eventually(t, func() bool {
		pending, err := r.rdb.XPending(t.Context(), waitsStream, group).Result()
		return err == nil && pending.Count == 2
	}, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, r.rdb.FlushAll(t.Context()).Err())
	for _, job := range jobs[:2] {
		assert.Equal(t, stateActive, r.ended(job).State, "its worker knew of it")
	}
	require.NoError(t, r.rdb.FlushAll(t.Context()).Err())
	require.Eventually(t, func() bool { return r.rdb.Exists(t.Context(), waitsStream, jobsStream).Val() == 2 }, 10*time.Second, 10*time.Millisecond)
	r.add(jobs...)
	for _, job := range jobs {
		assert.Equal(t, stateActive, r.ended(job).State)
	}
	assert.Len(t, r.fake.Databases(sub), len(jobs))
	assert.Equal(t, len(jobs), r.posts())
	r.drained()
}

// Tasks that an earlier fleet has submitted are waited for before anything is
// submitted, if nobody is left who knows of them.
func TestRedisAndWorkersAreNew(t *testing.T) {
	t.Parallel()
	r := newRig(t, rediscloudtest.WithProcessing(time.Second))
	job := Job{r.fake.AddSubscription("s"), "d"}
	r.add(job)
	worker := r.start("")
	require.Eventually(t, func() bool { return r.outcome(job).State == stateWaiting }, 10*time.Second, 10*time.Millisecond)
	kill(worker)
	require.NoError(t, r.rdb.FlushAll(t.Context()).Err())
	r.workMeanwhile()
	r.add(job)
	assert.Equal(t, stateActive, r.ended(job).State)
	assert.Equal(t, 1, r.posts())
}

func TestCommands(t *testing.T) {
	r := newRig(t)
	t.Setenv("REDIS_URL", r.redisURL)
	sub := fmt.Sprint(r.fake.AddSubscription("s"))
	var out, problems strings.Builder
	require.Zero(t, run(t.Context(), []string{"add", sub, "a", "b"}, &out, &problems), problems.String())
	assert.Equal(t, sub+"/a: not submitted\n"+sub+"/b: not submitted\n", out.String())
	ctx, cancel := context.WithCancel(t.Context())
	t.Setenv(rediscloud.EnvBaseURL, r.apiURL)
	t.Setenv(rediscloud.EnvAccountKey, r.fake.AccountKey())
	t.Setenv(rediscloud.EnvSecretKey, r.fake.SecretKey())
	done := make(chan int, 1)
	go func() { done <- run(ctx, []string{"work", "-patience=100ms"}, &out, &problems) }()
	r.ended(Job{r.fake.Subscriptions()[0], "a"})
	r.ended(Job{r.fake.Subscriptions()[0], "b"})
	cancel()
	require.Zero(t, <-done)
	out.Reset()
	require.Zero(t, run(t.Context(), []string{"show", sub, "a"}, &out, &problems))
	assert.Contains(t, out.String(), "/a: active, database 5100000")
	assert.Empty(t, problems.String())
}

func TestUsage(t *testing.T) {
	t.Setenv("REDIS_URL", "")
	t.Setenv(rediscloud.EnvAccountKey, "key")
	for _, help := range [][]string{{"-h"}, {"--help"}, {"work", "-h"}, {"add", "-h"}} {
		var out, problems strings.Builder
		assert.Zero(t, run(t.Context(), help, &out, &problems), help)
		assert.Equal(t, usage, out.String())
		assert.Empty(t, problems.String())
	}
	for args, message := range map[string]string{
		"worc":                  `there is no command "worc"; did you mean "work"?`,
		"sho 1 a":               `there is no command "sho"; did you mean "show"?`,
		"fly":                   `there is no command "fly"; the commands are work, add and show`,
		"-fly":                  "flag provided but not defined: -fly",
		"-- stray":              `unexpected argument "stray"`,
		"work -fly":             "flag provided but not defined: -fly",
		"work -lease=soon":      `invalid value "soon" for flag -lease: parse error`,
		"work -lease=1ms":       "-lease must be at least 1s, -submit-time and -poll positive, -patience not negative",
		"work -waiters=0":       "-submitters and -waiters must be at least 1",
		"work -requests=1":      "an allowance needs a burst of at least 1, more requests than that, and positive times",
		"work stray":            `unexpected argument "stray"`,
		"work":                  "set REDIS_URL, such as redis://127.0.0.1:6379",
		"add":                   "missing the id of a subscription or the names of databases",
		"add x y":               `"x" is not the id of a subscription`,
		"":                      "with " + rediscloud.EnvAccountKey + " set, there is no demo; the commands are work, add and show",
		strings.Repeat("x", 99): `there is no command "` + strings.Repeat("x", 99) + `"; the commands are work, add and show`,
	} {
		var out, problems strings.Builder
		assert.Equal(t, 2, run(t.Context(), strings.Fields(args), &out, &problems), args)
		assert.Equal(t, "fleet: "+message+"\n\n"+usage, problems.String())
		assert.Empty(t, out.String())
	}
}

func TestDemo(t *testing.T) {
	needRedis(t)
	t.Setenv(envCommand, "1")
	t.Setenv(rediscloud.EnvAccountKey, "")
	var out, problems strings.Builder
	require.Zero(t, run(t.Context(), nil, &out, &problems), problems.String())
	assert.Contains(t, out.String(), "is not set: this runs against a fake of the API")
	assert.Contains(t, out.String(), "killing worker ")
	assert.Contains(t, out.String(), "\n12 databases exist, created by 12 tasks, ")
	assert.Equal(t, 12, strings.Count(out.String(), ": active, database "))
}

// However the demo ends, its workers and its Redis end with it.
func TestKilledDemo(t *testing.T) {
	t.Parallel()
	needRedis(t)
	needProc(t)
	program, err := os.Executable()
	require.NoError(t, err)
	demo := exec.CommandContext(t.Context(), program)
	demo.Env = append(os.Environ(), envCommand+"=1", rediscloud.EnvAccountKey+"=")
	out, err := demo.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, demo.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "killing worker ") {
	}
	left := descendants(t, demo.Process.Pid)
	require.GreaterOrEqual(t, len(left), 5, "a Redis with its keeper, and three workers")
	require.NoError(t, demo.Process.Kill())
	_ = demo.Wait()
	require.Eventually(t, func() bool {
		return !slices.ContainsFunc(left, func(pid int) bool { return syscall.Kill(pid, 0) == nil })
	}, 5*time.Second, 50*time.Millisecond, "some of %d are left", left)
}

// descendants are the processes that a process has started, and their
// descendants.
func descendants(t *testing.T, pid int) (all []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended in the meantime
		}
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		require.NoError(t, err)
		if fields := statOf(text); len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(pid) {
			all = append(append(all, id), descendants(t, id)...)
		}
	}
	return all
}

// statOf returns the fields of a process from its state and parent on.
func statOf(stat []byte) []string {
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.Fields(rest)
}

func needProc(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc to read processes from: ", err)
	}
}
