// Command fleet creates databases with many workers on many machines, which
// share one account of Redis Cloud and its allowance of requests. Any of them
// may be killed at any moment: no database is lost, and none is created twice.
//
//	fleet                           the demo, on this machine, without an account
//	fleet work                      a worker; start as many as you like
//	fleet add SUBSCRIPTION NAME...  queue databases to create
//	fleet show SUBSCRIPTION NAME... show their state
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
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rediscloud-go/rediscloud"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit code: 0 on success, 1 on failure, 2 if the command line
// or the environment is wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := command(ctx, args, stdout)
	wrong, isWrong := errors.AsType[usageError](err)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case isWrong:
		fmt.Fprintf(stderr, "fleet: %v\n\n%s", wrong, usage)
		return 2
	}
	fmt.Fprintln(stderr, "fleet:", err)
	return 1
}

func command(ctx context.Context, args []string, out io.Writer) error {
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	switch name {
	case "":
		if err := noMore(flag.NewFlagSet("fleet", flag.ContinueOnError), args); err != nil {
			return err
		}
		return demo(ctx, out)
	case "work":
		return work(ctx, args)
	case "add", "show":
		return jobs(ctx, name == "add", args, out)
	case keepCommand:
		return keepRedis(ctx, args)
	}
	return usageError{fmt.Errorf("there is no command %q%s", name, meant(name, "work", "add", "show"))}
}

// connectRedis connects to REDIS_URL.
func connectRedis() (*redis.Client, error) {
	url := os.Getenv("REDIS_URL")
	if url == "" {
		return nil, usageError{errors.New("set REDIS_URL, such as redis://127.0.0.1:6379")}
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, usageError{errors.New("REDIS_URL is not the URL of a Redis")}
	}
	return redis.NewClient(options), nil
}

// workSettings holds the values of a worker's flags.
type workSettings struct {
	Settings
	allowance Allowance
	poll      time.Duration
	untilEOF  bool
}

func (s *workSettings) flags() *flag.FlagSet {
	*s = workSettings{Settings: defaultSettings, allowance: accountAllowance, poll: 500 * time.Millisecond}
	flags := flag.NewFlagSet("work", flag.ContinueOnError)
	flags.IntVar(&s.Submitters, "submitters", s.Submitters, "jobs to submit at the same time")
	flags.IntVar(&s.Waiters, "waiters", s.Waiters, "tasks to wait for at the same time")
	flags.DurationVar(&s.Lease, "lease", s.Lease, "silence after which other workers take over")
	flags.DurationVar(&s.SubmitTime, "submit-time", s.SubmitTime, "time limit of a request to create a database")
	flags.DurationVar(&s.Patience, "patience", s.Patience, "time until the API lists what it has accepted or created")
	flags.DurationVar(&s.poll, "poll", s.poll, "minimum pause between two polls of a task")
	flags.IntVar(&s.allowance.Requests, "requests", s.allowance.Requests, "requests that the account may send per -per")
	flags.DurationVar(&s.allowance.Per, "per", s.allowance.Per, "the period of -requests")
	flags.IntVar(&s.allowance.Burst, "burst", s.allowance.Burst, "requests that may be sent without a pause")
	flags.DurationVar(&s.allowance.Slack, "slack", s.allowance.Slack, "difference in time that requests may take to arrive")
	flags.BoolVar(&s.untilEOF, "until-eof", false, "exit when standard input ends")
	return flags
}

func (s *workSettings) check() error {
	switch {
	case s.Submitters < 1 || s.Waiters < 1:
		return errors.New("-submitters and -waiters must be at least 1")
	case s.Lease < time.Second || s.SubmitTime <= 0 || s.poll <= 0 || s.Patience < 0:
		return errors.New("-lease must be at least 1s, -submit-time and -poll positive, -patience not negative")
	}
	return s.allowance.check()
}

// work runs a worker until it is interrupted.
func work(ctx context.Context, args []string) error {
	var s workSettings
	if err := noMore(s.flags(), args); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return usageError{err}
	}
	if s.untilEOF {
		go func() {
			untilEOF()
			os.Exit(1) // as if it had been killed: nothing is lost
		}()
	}
	rdb, err := connectRedis()
	if err != nil {
		return err
	}
	defer func() { _ = rdb.Close() }()
	limiter, err := NewSharedLimiter(rdb, limitKey, s.allowance)
	if err != nil {
		return err
	}
	client, err := rediscloud.NewClient(
		rediscloud.WithUserAgent("rediscloud-fleet"),
		rediscloud.WithRateLimiter(limiter),
		rediscloud.WithWaitOptions(rediscloud.WithPollDelay(s.poll, 4*s.poll)))
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	worker := Worker{
		Client:   client,
		Queue:    Queue{rdb},
		Name:     fmt.Sprintf("%s-%d-%d", host, os.Getpid(), time.Now().UnixNano()),
		Settings: s.Settings,
	}
	return worker.Run(ctx)
}

// jobs queues jobs, or shows their state.
func jobs(ctx context.Context, add bool, args []string, out io.Writer) error {
	args, err := parse(flag.NewFlagSet("jobs", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if len(args) < 2 {
		return usageError{errors.New("missing the id of a subscription or the names of databases")}
	}
	subscription, err := strconv.Atoi(args[0])
	if err != nil || subscription < 1 {
		return usageError{fmt.Errorf("%q is not the id of a subscription", args[0])}
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
