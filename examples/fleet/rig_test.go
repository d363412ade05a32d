package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// With envCommand, the test binary is the program. At the point that envAt
// names after "kill " or "stop ", it kills or stops itself, once.
const (
	envCommand = "FLEET_TEST_COMMAND"
	envAt      = "FLEET_TEST_AT"
)

func TestMain(m *testing.M) {
	kept := len(os.Args) > 1 && os.Args[1] == keepCommand
	if os.Getenv(envCommand) == "" && !kept {
		flag.Parse()
		_ = flag.Set("test.parallel", "6") // they sleep most of the time
		os.Exit(m.Run())
	}
	reached = func(here string) {
		switch os.Getenv(envAt) {
		case "kill " + here:
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		case "stop " + here:
			_ = os.Unsetenv(envAt)
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// A rig is a Redis, a fake API and a queue.
type rig struct {
	t        *testing.T
	redisURL string
	apiURL   string
	rdb      *redis.Client
	queue    Queue
	fake     *rediscloudtest.Server
}

func newRig(t *testing.T, opts ...rediscloudtest.Option) *rig {
	t.Helper()
	return newRigOn(t, testRedis(t), opts...)
}

func newRigOn(t *testing.T, url string, opts ...rediscloudtest.Option) *rig {
	t.Helper()
	fake := rediscloudtest.New(append([]rediscloudtest.Option{
		rediscloudtest.WithLenientSubscriptions(), // each database of a job is created once, by one task
		rediscloudtest.WithProcessing(100 * time.Millisecond),
		rediscloudtest.WithProvisioning(400 * time.Millisecond),
		rediscloudtest.WithUnknownFor(200 * time.Millisecond),
	}, opts...)...)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	rdb := redisClient(t, url)
	r := &rig{t: t, redisURL: url, apiURL: server.URL + "/v1", rdb: rdb, queue: Queue{rdb}, fake: fake}
	require.NoError(t, r.queue.Prepare(t.Context()))
	return r
}

// envRedis, if set, makes tests fail that are otherwise skipped without
// redis-server.
const envRedis = "REDISCLOUD_TEST_REDIS"

func needRedis(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		const missing = "redis-server is not on the PATH (apt-get install redis-server)"
		require.Empty(t, os.Getenv(envRedis), missing)
		t.Skip("SKIPPED, NOTHING WAS TESTED: " + missing + "; with " + envRedis + "=1 this fails")
	}
}

// testRedis starts a redis-server for a test, or skips the test.
func testRedis(t *testing.T) (url string) {
	t.Helper()
	needRedis(t)
	url, stop, err := startRedis(context.Background())
	require.NoError(t, err)
	t.Cleanup(stop)
	return url
}

func redisClient(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	rdb := redis.NewClient(options)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// testSettings suit a fake that is a hundred times as fast as the real API.
var testSettings = Settings{Submitters: 2, Waiters: 16, Lease: 2 * time.Second, SubmitTime: 3 * time.Second, Patience: 300 * time.Millisecond}

// start runs a worker as a process. at is the value of envAt.
func (r *rig) start(at string, flags ...string) *exec.Cmd {
	r.t.Helper()
	program, err := os.Executable()
	require.NoError(r.t, err)
	s := testSettings
	args := append([]string{"work",
		fmt.Sprint("-submitters=", s.Submitters), fmt.Sprint("-waiters=", s.Waiters), fmt.Sprint("-lease=", s.Lease),
		fmt.Sprint("-submit-time=", s.SubmitTime), fmt.Sprint("-patience=", s.Patience), "-poll=100ms", "-until-eof",
	}, flags...)
	worker := exec.CommandContext(context.Background(), program, args...)
	worker.Env = append(os.Environ(), envCommand+"=1", envAt+"="+at, "REDIS_URL="+r.redisURL,
		rediscloud.EnvBaseURL+"="+r.apiURL, rediscloud.EnvAccountKey+"="+r.fake.AccountKey(), rediscloud.EnvSecretKey+"="+r.fake.SecretKey())
	worker.Stderr = os.Stderr
	_, err = startLeashed(worker)
	require.NoError(r.t, err)
	r.t.Cleanup(func() { kill(worker) })
	return worker
}

func kill(worker *exec.Cmd) {
	if worker.ProcessState == nil {
		_ = worker.Process.Kill()
		_ = worker.Wait()
	}
}

func (r *rig) client(secret string) *rediscloud.Client {
	r.t.Helper()
	client, err := rediscloud.NewClient(rediscloud.WithBaseURL(r.apiURL), rediscloud.WithCredentials(r.fake.AccountKey(), secret),
		rediscloud.WithWaitOptions(rediscloud.WithPollDelay(50*time.Millisecond, 200*time.Millisecond)))
	require.NoError(r.t, err)
	return client
}

// work runs a worker in the test, until the test ends.
func (r *rig) work(ctx context.Context, secret string) error {
	r.t.Helper()
	worker := Worker{Client: r.client(secret), Queue: r.queue, Name: "in-test", Settings: testSettings}
	return worker.Run(ctx)
}

// workMeanwhile runs a worker for the rest of the test.
func (r *rig) workMeanwhile() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.work(ctx, r.fake.SecretKey()) }()
	r.t.Cleanup(func() {
		cancel()
		require.NoError(r.t, <-done)
	})
}

func (r *rig) add(jobs ...Job) {
	r.t.Helper()
	for _, job := range jobs {
		require.NoError(r.t, r.queue.Add(r.t.Context(), job))
	}
}

func (r *rig) outcome(job Job) Outcome {
	r.t.Helper()
	outcome, err := r.queue.Outcome(r.t.Context(), job)
	require.NoError(r.t, err)
	return outcome
}

func ended(o Outcome) bool { return o.State == stateActive || o.State == stateFailed }

// ended waits until a job has ended, and returns its outcome.
func (r *rig) ended(job Job) Outcome {
	r.t.Helper()
	for end := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if outcome := r.outcome(job); ended(outcome) {
			return outcome
		}
		require.False(r.t, time.Now().After(end), "%v has not ended: %+v", job, r.outcome(job))
	}
}

func databasePath(subscription, database int) string {
	return fmt.Sprintf("/subscriptions/%d/databases/%d", subscription, database)
}

// posts are the requests to create a database that have arrived.
func (r *rig) posts() int {
	return r.count(func(q rediscloudtest.Request) bool { return q.Method == http.MethodPost })
}

func (r *rig) refused() int {
	return r.count(func(q rediscloudtest.Request) bool { return q.Status == 429 })
}

func (r *rig) count(is func(rediscloudtest.Request) bool) (n int) {
	for _, request := range r.fake.Requests() {
		if is(request) {
			n++
		}
	}
	return n
}

// drained checks that nothing stays in the streams, claimed or not. A job that
// was added twice may still be searched for.
func (r *rig) drained() {
	r.t.Helper()
	for _, stream := range []string{jobsStream, waitsStream} {
		require.Eventually(r.t, func() bool {
			pending, err := r.rdb.XPending(r.t.Context(), stream, group).Result()
			return err == nil && pending.Count == 0 && r.rdb.XLen(r.t.Context(), stream).Val() == 0
		}, 30*time.Second, 50*time.Millisecond, strings.TrimPrefix(stream, "{fleet}:"))
	}
}

func autoClaim() *redis.XAutoClaimArgs {
	return &redis.XAutoClaimArgs{Stream: waitsStream, Group: group, Consumer: "thief", MinIdle: testSettings.Lease, Start: "0-0", Count: 10}
}
