// Command connect goes all the way from the API to the data: it creates a
// database of Redis Cloud, waits until it is active, connects to it with what
// the API reports, writes and reads.
//
// Without keys in the environment it runs against a fake of the API, which
// returns the address of a redis-server that it starts on this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/rediscloud-go/rediscloud"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// A usageError is a mistake in the command line or the environment.
type usageError struct{ error }

// run returns the exit code: 0 on success, 1 on failure, 2 if the command line
// or the environment is wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	flags := s.flags()
	err := parse(flags, args)
	if err == nil {
		err = connect(ctx, s, stdout)
	}
	_, wrong := errors.AsType[usageError](err)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		printUsage(flags, stdout)
		return 0
	}
	fmt.Fprintln(stderr, "connect:", err)
	if wrong {
		fmt.Fprintln(stderr)
		printUsage(flags, stderr)
		return 2
	}
	return 1
}

// settings holds the values of the flags.
type settings struct {
	subscription  int
	withTLS, keep bool
}

func (s *settings) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("connect", flag.ContinueOnError)
	flags.IntVar(&s.subscription, "subscription", 0, "the `id` of the subscription to create the database in, which costs money")
	flags.BoolVar(&s.withTLS, "tls", false, "make the database accept TLS connections only")
	flags.BoolVar(&s.keep, "keep", false, "leave the database in place")
	return flags
}

// parse parses the flags. run reports what is wrong, once.
func parse(flags *flag.FlagSet, args []string) error {
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return usageError{err}
	case flags.NArg() > 0:
		return usageError{fmt.Errorf("unexpected argument %q", flags.Arg(0))}
	}
	return nil
}

func printUsage(flags *flag.FlagSet, out io.Writer) {
	fmt.Fprint(out, "usage: connect [flags]\n\nWithout keys in the environment it runs against a fake of the API, and costs nothing.\n\nflags:\n")
	flags.SetOutput(out)
	flags.PrintDefaults()
}

// connect runs the demo, against the real API if there are keys, otherwise
// against a fake.
func connect(ctx context.Context, s settings, out io.Writer) error {
	request := &rediscloud.DatabaseCreateRequest{
		Name:            "connect-example",
		DatasetSizeInGB: new(1.0),
		EnableTLS:       &s.withTLS,
	}
	if os.Getenv(rediscloud.EnvAccountKey) == "" && os.Getenv(rediscloud.EnvSecretKey) == "" {
		if s.subscription != 0 {
			return usageError{fmt.Errorf("-subscription is for the real API: set %s and %s", rediscloud.EnvAccountKey, rediscloud.EnvSecretKey)}
		}
		fmt.Fprintf(out, "%s is not set: this runs against the fake API and a redis-server on this machine, and costs nothing.\n\n", rediscloud.EnvAccountKey)
		local, err := startLocal(ctx, s.withTLS)
		if err != nil {
			return err
		}
		defer local.stop()
		// The real API generates a password.
		request.Password = new(rediscloud.Secret(local.password))
		return demo(ctx, local.api, local.subscription, request, s.keep, out)
	}
	if s.subscription <= 0 {
		return usageError{errors.New("set -subscription to the one to create the database in; it costs money")}
	}
	api, err := rediscloud.NewClient(rediscloud.WithUserAgent("rediscloud-connect"))
	if err != nil {
		return err
	}
	return demo(ctx, api, s.subscription, request, s.keep, out)
}

// demo is the program that you would write.
func demo(ctx context.Context, api *rediscloud.Client, subscriptionID int, request *rediscloud.DatabaseCreateRequest, keep bool, out io.Writer) (err error) {
	task, err := api.Databases.Create(ctx, subscriptionID, request)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "creating a database, task %s\n", task.ID())
	opts, stop := progress(out)
	db, err := task.WaitProvisioned(ctx, opts...)
	stop()
	if err != nil {
		return fmt.Errorf("%w\nthe task's token, for rediscloud.ResumeTask: %s", err, task.Token())
	}
	fmt.Fprintf(out, "database %d is %s at %s\n", db.ID, db.Status, db.PublicEndpoint)
	if !keep {
		// Also after an interrupt, which ends ctx.
		defer func() {
			err = errors.Join(err, remove(context.WithoutCancel(ctx), api, subscriptionID, db.ID, out))
		}()
	}

	rdb, err := Connect(ctx, api, subscriptionID, db.ID)
	if err != nil {
		return err
	}
	defer func() { _ = rdb.Close() }()
	how := "without TLS"
	if rdb.Options().TLSConfig != nil {
		how = "with TLS"
	}
	fmt.Fprintf(out, "connected %s\n", how)
	if err := rdb.Set(ctx, "greeting", "hello", 0).Err(); err != nil {
		return err
	}
	greeting, err := rdb.Get(ctx, "greeting").Result()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "wrote and read %q\n", greeting)
	return nil
}

func remove(ctx context.Context, api *rediscloud.Client, subscriptionID, databaseID int, out io.Writer) error {
	task, err := api.Databases.Delete(ctx, subscriptionID, databaseID)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "removing it, task %s\n", task.ID())
	opts, stop := progress(out)
	_, err = task.WaitProvisioned(ctx, opts...)
	stop()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "database %d is removed\n", databaseID)
	return nil
}
