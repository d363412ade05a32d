package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// demo runs four workers that create twelve databases, and kills two of them.
func demo(ctx context.Context, out io.Writer) error {
	if os.Getenv(rediscloud.EnvAccountKey) != "" {
		return usageError{errors.New("with " + rediscloud.EnvAccountKey + " set, there is no demo; the commands are work, add and show")}
	}
	fmt.Fprintf(out, "%s is not set: this runs against a fake of the API and a temporary redis-server, and costs nothing.\n\n", rediscloud.EnvAccountKey)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	url, stopRedis, err := startRedis(ctx)
	if err != nil {
		return err
	}
	defer stopRedis()
	options, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	rdb := redis.NewClient(options)
	defer func() { _ = rdb.Close() }()
	queue := Queue{rdb}

	// The databases are in one subscription: an account that takes one change
	// at a time would create them one by one.
	fake := rediscloudtest.New(rediscloudtest.WithProcessing(500*time.Millisecond), rediscloudtest.WithLenientSubscriptions())
	subscription := fake.AddSubscription("fleet")
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()

	program, err := os.Executable()
	if err != nil {
		return err
	}
	var workers []*exec.Cmd
	defer func() {
		for _, worker := range workers {
			_ = worker.Process.Kill()
			_ = worker.Wait()
		}
	}()
	for range 4 {
		worker := exec.CommandContext(ctx, program, "work", "-submitters=2", "-lease=3s", "-submit-time=5s", "-patience=1s", "-until-eof")
		worker.Env = append(os.Environ(),
			"REDIS_URL="+url,
			rediscloud.EnvBaseURL+"=http://"+listener.Addr().String()+"/v1",
			rediscloud.EnvAccountKey+"="+fake.AccountKey(),
			rediscloud.EnvSecretKey+"="+fake.SecretKey())
		worker.Stderr = os.Stderr
		if _, err := startLeashed(worker); err != nil {
			return err
		}
		workers = append(workers, worker)
	}

	var queued []Job
	for i := range 12 {
		job := Job{Subscription: subscription, Name: fmt.Sprintf("cache-%d", i+1)}
		if err := queue.Add(ctx, job); err != nil {
			return err
		}
		queued = append(queued, job)
	}
	fmt.Fprintf(out, "%d workers, %d databases to create\n", len(workers), len(queued))
	start := time.Now()
	killed := 0
	for ended, told := 0, 0; ended < len(queued); {
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		if killed < 2 && time.Since(start) > time.Duration(killed+1)*1500*time.Millisecond {
			fmt.Fprintf(out, "killing worker %d\n", workers[killed].Process.Pid)
			_ = workers[killed].Process.Kill()
			killed++
		}
		if ended, err = queue.ended(ctx, queued); err != nil {
			return err
		}
		if ended > told {
			fmt.Fprintf(out, "%4.1fs  %d of %d are done\n", time.Since(start).Seconds(), ended, len(queued))
			told = ended
		}
	}
	for _, job := range queued {
		outcome, err := queue.Outcome(ctx, job)
		if err != nil {
			return err
		}
		show(out, job, outcome)
	}
	fmt.Fprintf(out, "\n%d databases exist, created by %d tasks, with %d requests, in %s\n",
		len(fake.Databases(subscription)), len(fake.Tasks()), len(fake.Requests()), time.Since(start).Round(100*time.Millisecond))
	return nil
}

// ended counts the jobs that have ended.
func (q Queue) ended(ctx context.Context, jobs []Job) (n int, err error) {
	for _, job := range jobs {
		outcome, err := q.Outcome(ctx, job)
		if err != nil {
			return n, err
		}
		if outcome.State == stateActive || outcome.State == stateFailed {
			n++
		}
	}
	return n, nil
}
