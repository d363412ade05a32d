// Command fleet creates databases with many workers on many machines, which
// share one account of Redis Cloud and its allowance of requests. Any of them
// may be killed at any moment: no database is lost, and none is created twice.
//
//	fleet                           the demo, on this machine, without an account
//	fleet work                      a worker; start as many as you like
//	fleet add SUBSCRIPTION NAME...  queue databases to create
//	fleet show SUBSCRIPTION NAME... tell what has become of them
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rediscloud-go/rediscloud"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return demo(ctx, out)
	}
	command, args := args[0], args[1:]
	switch command {
	case "work":
		return work(ctx, args)
	case "add", "show":
		return jobs(ctx, command == "add", args, out)
	}
	return fmt.Errorf("no command %q; there are work, add and show", command)
}

// connectRedis connects to REDIS_URL.
func connectRedis() (*redis.Client, error) {
	url := os.Getenv("REDIS_URL")
	if url == "" {
		return nil, errors.New("set REDIS_URL, such as redis://127.0.0.1:6379")
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("REDIS_URL is no URL of a Redis")
	}
	return redis.NewClient(options), nil
}

// work runs a worker until it is interrupted.
func work(ctx context.Context, args []string) error {
	s, allowance, poll := defaultSettings, accountAllowance, 500*time.Millisecond
	flags := flag.NewFlagSet("work", flag.ContinueOnError)
	flags.IntVar(&s.Submitters, "submitters", s.Submitters, "jobs to submit at the same time")
	flags.IntVar(&s.Waiters, "waiters", s.Waiters, "tasks to wait for at the same time")
	flags.DurationVar(&s.Lease, "lease", s.Lease, "others take over after so long a silence")
	flags.DurationVar(&s.SubmitTime, "submit-time", s.SubmitTime, "time for a request to create a database")
	flags.DurationVar(&s.Patience, "patience", s.Patience, "time until the API lists what it has accepted")
	flags.DurationVar(&poll, "poll", poll, "shortest pause between two looks at a task")
	flags.IntVar(&allowance.Requests, "requests", allowance.Requests, "requests that the account may send in -per")
	flags.DurationVar(&allowance.Per, "per", allowance.Per, "see -requests")
	flags.IntVar(&allowance.Burst, "burst", allowance.Burst, "requests without a pause")
	flags.DurationVar(&allowance.Slack, "slack", allowance.Slack, "by how much requests may be delayed on their way")
	if err := flags.Parse(args); err != nil {
		return err
	}
	rdb, err := connectRedis()
	if err != nil {
		return err
	}
	defer func() { _ = rdb.Close() }()
	limiter, err := NewSharedLimiter(rdb, limitKey, allowance)
	if err != nil {
		return err
	}
	client, err := rediscloud.NewClient(
		rediscloud.WithUserAgent("rediscloud-fleet"),
		rediscloud.WithRateLimiter(limiter),
		rediscloud.WithWaitOptions(rediscloud.WithPollDelay(poll, 4*poll)))
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	worker := Worker{
		Client:   client,
		Queue:    Queue{rdb},
		Name:     fmt.Sprintf("%s-%d-%d", host, os.Getpid(), time.Now().UnixNano()),
		Settings: s,
	}
	return worker.Run(ctx)
}

// jobs queues jobs, or shows how they stand.
func jobs(ctx context.Context, add bool, args []string, out io.Writer) error {
	if len(args) < 2 {
		return errors.New("which? give the id of a subscription and the names of databases")
	}
	subscription, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("%q is no id of a subscription", args[0])
	}
	rdb, err := connectRedis()
	if err != nil {
		return err
	}
	defer func() { _ = rdb.Close() }()
	queue := Queue{rdb}
	for _, name := range args[1:] {
		job := Job{Subscription: subscription, Name: name}
		if add {
			if err := queue.Add(ctx, job); err != nil {
				return err
			}
		}
		outcome, err := queue.Outcome(ctx, job)
		if err != nil {
			return err
		}
		show(out, job, outcome)
	}
	return nil
}

func show(out io.Writer, job Job, o Outcome) {
	state := o.State
	if state == "" {
		state = "not submitted"
	}
	fmt.Fprintf(out, "%d/%s: %s", job.Subscription, job.Name, state)
	if o.Database != 0 {
		fmt.Fprintf(out, ", database %d", o.Database)
	}
	if o.Error != "" {
		fmt.Fprintf(out, ", %s", o.Error)
	}
	fmt.Fprintln(out)
}
