// Command connect goes all the way from the API to the data: it creates a
// database of Redis Cloud, waits until it is active, connects to it by what the
// API tells, writes and reads.
//
// Without keys in the environment it runs against a fake of the API, which hands
// out the address of a redis-server that it starts on this machine.
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
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "connect:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("connect", flag.ContinueOnError)
	subscription := flags.Int("subscription", 0, "the `id` of the subscription to create the database in, which costs money")
	withTLS := flags.Bool("tls", false, "have the database take connections with TLS only")
	keep := flags.Bool("keep", false, "leave the database in place")
	if err := flags.Parse(args); err != nil {
		return err
	}
	request := &rediscloud.DatabaseCreateRequest{
		Name:            "connect-example",
		DatasetSizeInGB: new(1.0),
		EnableTLS:       withTLS,
	}
	if os.Getenv(rediscloud.EnvAccountKey) == "" && os.Getenv(rediscloud.EnvSecretKey) == "" {
		fmt.Fprintf(out, "%s is not set: this runs against the fake API and a redis-server on this machine, and costs nothing.\n\n", rediscloud.EnvAccountKey)
		local, err := startLocal(ctx, *withTLS)
		if err != nil {
			return err
		}
		defer local.stop()
		// The real API makes up a password.
		request.Password = new(rediscloud.Secret(local.password))
		return demo(ctx, local.api, local.subscription, request, *keep, out)
	}
	if *subscription == 0 {
		return errors.New("give the -subscription to create the database in; it costs money")
	}
	api, err := rediscloud.NewClient(rediscloud.WithUserAgent("rediscloud-connect"))
	if err != nil {
		return err
	}
	return demo(ctx, api, *subscription, request, *keep, out)
}

// demo is the program that one would write.
func demo(ctx context.Context, api *rediscloud.Client, subscriptionID int, request *rediscloud.DatabaseCreateRequest, keep bool, out io.Writer) (err error) {
	task, err := api.Databases.Create(ctx, subscriptionID, request)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "creating a database, task %s\n", task.ID())
	db, err := task.WaitProvisioned(ctx)
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
	if _, err := task.WaitProvisioned(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "database %d is removed\n", databaseID)
	return nil
}
