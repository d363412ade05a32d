package main

import (
	"context"
	"errors"
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

// With envCommand the test binary is the program itself, which kills itself
// when it has come to the point that envKillAt names.
const (
	envCommand = "FLEET_TEST_COMMAND"
	envKillAt  = "FLEET_TEST_KILL_AT"
)

func TestMain(m *testing.M) {
	if os.Getenv(envCommand) == "" {
		flag.Parse()
		_ = flag.Set("test.parallel", "6") // they sleep most of the time
		os.Exit(m.Run())
	}
	if point := os.Getenv(envKillAt); point != "" {
		reached = func(here string) {
			if here == point {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
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
	url := testRedis(t)
	fake := rediscloudtest.New(append([]rediscloudtest.Option{
		rediscloudtest.WithLenientSubscriptions(), // each database of a job is made once, by one task
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

// testRedis starts a redis-server for a test, or skips the test.
func testRedis(t *testing.T) (url string) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: redis-server is not on the PATH (apt-get install redis-server)")
	}
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

// testSettings suit a fake that is a hundred times faster than the real API.
var testSettings = Settings{Submitters: 2, Waiters: 16, Lease: 2 * time.Second, SubmitTime: 3 * time.Second, Patience: time.Second}

// start runs a worker as a process.
func (r *rig) start(killAt string, flags ...string) *exec.Cmd {
	r.t.Helper()
	program, err := os.Executable()
	require.NoError(r.t, err)
	s := testSettings
	args := append([]string{"work",
		fmt.Sprint("-submitters=", s.Submitters), fmt.Sprint("-waiters=", s.Waiters), fmt.Sprint("-lease=", s.Lease),
		fmt.Sprint("-submit-time=", s.SubmitTime), fmt.Sprint("-patience=", s.Patience), "-poll=100ms",
	}, flags...)
	worker := exec.CommandContext(context.Background(), program, args...)
	worker.Env = append(os.Environ(), envCommand+"=1", envKillAt+"="+killAt, "REDIS_URL="+r.redisURL,
		rediscloud.EnvBaseURL+"="+r.apiURL, rediscloud.EnvAccountKey+"="+r.fake.AccountKey(), rediscloud.EnvSecretKey+"="+r.fake.SecretKey())
	worker.Stderr = os.Stderr
	require.NoError(r.t, worker.Start())
	r.t.Cleanup(func() { kill(worker) })
	return worker
}

func kill(worker *exec.Cmd) {
	if worker.ProcessState == nil {
		_ = worker.Process.Kill()
		_ = worker.Wait()
	}
}

// work runs a worker in the test, until the test ends.
func (r *rig) work(ctx context.Context, secret string) error {
	client, err := rediscloud.NewClient(rediscloud.WithBaseURL(r.apiURL), rediscloud.WithCredentials(r.fake.AccountKey(), secret),
		rediscloud.WithWaitOptions(rediscloud.WithPollDelay(50*time.Millisecond, 200*time.Millisecond)))
	require.NoError(r.t, err)
	worker := Worker{Client: client, Queue: r.queue, Name: "in-test", Settings: testSettings}
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

// ended waits until a job is, and tells how.
func (r *rig) ended(job Job) Outcome {
	r.t.Helper()
	for end := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if outcome := r.outcome(job); ended(outcome) {
			return outcome
		}
		require.False(r.t, time.Now().After(end), "%v has not ended: %+v", job, r.outcome(job))
	}
}

// posts are the requests to create a database that arrived.
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

// drained checks that the streams are empty, and nothing in them is claimed.
func (r *rig) drained() {
	r.t.Helper()
	for _, stream := range []string{jobsStream, waitsStream} {
		require.Eventually(r.t, func() bool {
			pending, err := r.rdb.XPending(r.t.Context(), stream, group).Result()
			return err == nil && pending.Count == 0 && r.rdb.XLen(r.t.Context(), stream).Val() == 0
		}, 10*time.Second, 50*time.Millisecond, strings.TrimPrefix(stream, "{fleet}:"))
	}
}

func autoClaim() *redis.XAutoClaimArgs {
	return &redis.XAutoClaimArgs{Stream: waitsStream, Group: group, Consumer: "thief", MinIdle: testSettings.Lease, Start: "0-0", Count: 10}
}
