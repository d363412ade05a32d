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

	// The databases are in one subscription: an account that takes one change
	// at a time would create them one by one.
	fake := rediscloudtest.New(rediscloudtest.WithProcessing(500*time.Millisecond), rediscloudtest.WithLenientSubscriptions())
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()

	d := demonstration{out: out, queue: Queue{rdb}, fake: fake, subscription: fake.AddSubscription("fleet")}
	defer d.stop()
	if err := d.startWorkers(ctx, 4, "REDIS_URL="+url,
		rediscloud.EnvBaseURL+"=http://"+listener.Addr().String()+"/v1",
		rediscloud.EnvAccountKey+"="+fake.AccountKey(),
		rediscloud.EnvSecretKey+"="+fake.SecretKey()); err != nil {
		return err
	}
	if err := d.add(ctx, 12); err != nil {
		return err
	}
	return d.watch(ctx)
}

// A demonstration is what the demo has started.
type demonstration struct {
	out          io.Writer
	queue        Queue
	fake         *rediscloudtest.Server
	subscription int
	workers      []*exec.Cmd
	jobs         []Job
}

func (d *demonstration) startWorkers(ctx context.Context, n int, environment ...string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for range n {
		worker := exec.CommandContext(ctx, program, "work", "-submitters=2", "-lease=3s", "-submit-time=5s", "-patience=1s", "-until-eof")
		worker.Env = append(os.Environ(), environment...)
		worker.Stderr = os.Stderr
		if _, err := startLeashed(worker); err != nil {
			return err
		}
		d.workers = append(d.workers, worker)
	}
	return nil
}

func (d *demonstration) stop() {
	for _, worker := range d.workers {
		_ = worker.Process.Kill()
		_ = worker.Wait()
	}
}

func (d *demonstration) add(ctx context.Context, n int) error {
	for i := range n {
		job := Job{Subscription: d.subscription, Name: fmt.Sprintf("cache-%d", i+1)}
		if err := d.queue.Add(ctx, job); err != nil {
			return err
		}
		d.jobs = append(d.jobs, job)
	}
	fmt.Fprintf(d.out, "%d workers, %d databases to create\n", len(d.workers), len(d.jobs))
	return nil
}

// watch kills two workers, shows what is done until all is, and then the result.
func (d *demonstration) watch(ctx context.Context) error {
	start, killed := time.Now(), 0
	for ended, shown := 0, 0; ended < len(d.jobs); {
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		if killed < 2 && time.Since(start) > time.Duration(killed+1)*1500*time.Millisecond {
			fmt.Fprintf(d.out, "killing worker %d\n", d.workers[killed].Process.Pid)
			_ = d.workers[killed].Process.Kill()
			killed++
		}
		var err error
		if ended, err = d.queue.ended(ctx, d.jobs); err != nil {
			return err
		}
		if ended > shown {
			fmt.Fprintf(d.out, "%4.1fs  %d of %d are done\n", time.Since(start).Seconds(), ended, len(d.jobs))
			shown = ended
		}
	}
	for _, job := range d.jobs {
		outcome, err := d.queue.Outcome(ctx, job)
		if err != nil {
			return err
		}
		show(d.out, job, outcome)
	}
	fmt.Fprintf(d.out, "\n%d databases exist, created by %d tasks, with %d requests, in %s\n",
		len(d.fake.Databases(d.subscription)), len(d.fake.Tasks()), len(d.fake.Requests()), time.Since(start).Round(100*time.Millisecond))
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
