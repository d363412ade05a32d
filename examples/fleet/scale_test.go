package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// A restartable is a Redis that can be killed and come back, with its data or
// empty.
type restartable struct {
	t      *testing.T
	dir    string
	server *exec.Cmd
}

func newRestartable(t *testing.T) *restartable {
	t.Helper()
	needRedis(t)
	dir, err := os.MkdirTemp("", "fleet") // the path of a socket must be short
	require.NoError(t, err)
	r := &restartable{t: t, dir: dir}
	t.Cleanup(func() {
		r.kill()
		_ = os.RemoveAll(dir)
	})
	r.start()
	return r
}

func (r *restartable) start() {
	r.t.Helper()
	r.server = exec.CommandContext(context.Background(), "redis-server", "--port", "0", "--unixsocket", socketIn(r.dir), "--dir", r.dir, "--save", "", "--appendonly", "yes")
	require.NoError(r.t, r.server.Start())
	require.NoError(r.t, awaitRedis(r.t.Context(), socketIn(r.dir)))
}

func (r *restartable) kill() {
	_ = r.server.Process.Kill()
	_ = r.server.Wait()
}

// comeBack kills the Redis and restarts it after a moment.
func (r *restartable) comeBack(empty bool) {
	r.t.Helper()
	r.kill()
	if empty {
		require.NoError(r.t, os.RemoveAll(filepath.Join(r.dir, "appendonlydir")))
	}
	time.Sleep(300 * time.Millisecond)
	r.start()
}

// Eight workers create a thousand databases. Two of them are killed. The Redis
// is killed twice, and the second time it comes back empty, so all jobs are
// added again. Then each database exists once, and no task has created another.
func TestScale(t *testing.T) {
	const workers, databases, subscriptions = 8, 1000, 10
	allowance := Allowance{Requests: 400, Per: time.Second, Burst: 20, Slack: 200 * time.Millisecond} // sixty times the real limit
	rds := newRestartable(t)
	r := newRigOn(t, "unix://"+socketIn(rds.dir),
		rediscloudtest.WithRateLimit(allowance.Requests), rediscloudtest.WithRateWindow(allowance.Per),
		rediscloudtest.WithProcessing(8*time.Millisecond), rediscloudtest.WithUnknownFor(50*time.Millisecond), rediscloudtest.WithProvisioning(200*time.Millisecond))
	r.fake.DelayNext(2*databases, createRoute, 100*time.Millisecond) // time to die in, after the API has acted
	var jobs []Job
	for i := range subscriptions {
		sub := r.fake.AddSubscription("s")
		for n := range databases / subscriptions {
			jobs = append(jobs, Job{sub, fmt.Sprintf("d-%d-%d", i, n)})
		}
	}
	start := time.Now()
	r.add(jobs...)
	var alive []*exec.Cmd
	for range workers {
		alive = append(alive, r.start("", "-lease=1s", "-submit-time=2s", fmt.Sprint("-requests=", allowance.Requests), fmt.Sprint("-per=", allowance.Per), fmt.Sprint("-burst=", allowance.Burst), fmt.Sprint("-slack=", allowance.Slack)))
	}
	at := func(databases int, what string, do func()) {
		t.Helper()
		require.Eventually(t, func() bool { return len(r.fake.Tasks()) >= databases }, 40*time.Second, 10*time.Millisecond, what)
		t.Logf("%5.1f s: %s", time.Since(start).Seconds(), what)
		do()
	}
	at(100, "a worker is killed", func() { kill(alive[0]) })
	at(250, "the Redis is killed and comes back", func() { rds.comeBack(false) })
	at(500, "the Redis is killed and comes back empty", func() {
		rds.comeBack(true)
		r.add(jobs...)
	})
	at(700, "another worker is killed", func() { kill(alive[1]) })

	made := map[int]Job{}
	for _, job := range jobs {
		outcome := r.ended(job)
		require.Equal(t, stateActive, outcome.State, outcome.Error)
		require.NotContains(t, made, outcome.Database)
		made[outcome.Database] = job
	}
	t.Logf("%5.1f s: all jobs have ended", time.Since(start).Seconds())
	exist := 0
	for _, sub := range r.fake.Subscriptions() {
		for _, id := range r.fake.Databases(sub) {
			exist++
			assert.Equal(t, sub, made[id].Subscription, "nobody knows of %d", id)
		}
	}
	assert.Equal(t, databases, exist)
	failed := 0
	for _, task := range r.fake.Tasks() {
		if task.Status != "processing-completed" {
			failed++
		}
	}
	t.Logf("%d databases by %d tasks, of which %d were refused; %d requests, %d beyond the allowance",
		exist, len(r.fake.Tasks()), failed, len(r.fake.Requests()), r.refused())
	assert.Len(t, r.fake.Tasks(), databases+failed, "each by one task")
	assert.LessOrEqual(t, failed, workers*testSettings.Submitters, "only what was on its way when the Redis was lost")
	assert.Zero(t, r.refused())
	r.drained()
}
