// Command quickstart creates a Redis Cloud subscription with a database, waits
// until it is active, prints where to connect, and removes it all again.
//
// Without keys in the environment it runs against a fake of the API. With
// REDISCLOUD_ACCESS_KEY and REDISCLOUD_SECRET_KEY it creates the real thing,
// which costs money, and asks first.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	yes, keep     bool
	region        string
	paymentMethod int
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.BoolVar(&s.yes, "yes", false, "spend money without asking")
	flags.BoolVar(&s.keep, "keep", false, "leave the subscription in place")
	flags.StringVar(&s.region, "region", "us-east-1", "the AWS `region` to create it in")
	flags.IntVar(&s.paymentMethod, "payment-method", 0, "the `id` of the payment method, for accounts that pay by credit card")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}

	client, err := connect(s, in, out)
	if err != nil {
		return err
	}
	return demo(ctx, client, s, newProgress(out), out)
}

// connect returns a client of the real API if there are keys and the user
// agrees, or else of a fake.
func connect(s settings, in io.Reader, out io.Writer) (*rediscloud.Client, error) {
	if os.Getenv(rediscloud.EnvAccountKey) == "" && os.Getenv(rediscloud.EnvSecretKey) == "" {
		fmt.Fprintf(out, "%s is not set: this runs against the embedded fake, and costs nothing.\n\n", rediscloud.EnvAccountKey)
		fake := rediscloudtest.New(rediscloudtest.WithCalm()) // which lists a subscription's first database as soon as it is active
		return rediscloud.NewClient(
			rediscloud.WithBaseURL(fake.URL()),
			rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
			rediscloud.WithHTTPClient(fake.Client()))
	}
	client, err := rediscloud.NewClient(rediscloud.WithUserAgent("rediscloud-quickstart"))
	if err != nil {
		return nil, err
	}
	if !s.yes {
		fmt.Fprintf(out, "This creates a subscription with a database in your account, which costs money. Go on? [y/N] ")
		answer, _ := bufio.NewReader(in).ReadString('\n')
		if !strings.EqualFold(strings.TrimSpace(answer), "y") {
			return nil, errors.New("stopped; nothing was created")
		}
	}
	return client, nil
}

// demo is the program that one would write.
func demo(ctx context.Context, client *rediscloud.Client, s settings, p *progress, out io.Writer) (err error) {
	req := &rediscloud.SubscriptionCreateRequest{
		Name: new("quickstart"),
		CloudProviders: []rediscloud.CloudProviderSpec{{
			Regions: []rediscloud.CloudRegionSpec{{
				Region:     s.region,
				Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: new("10.0.0.0/24")},
			}},
		}},
		Databases: []rediscloud.SubscriptionDatabaseSpec{{Name: "cache", DatasetSizeInGB: new(1.0)}},
	}
	if s.paymentMethod != 0 {
		req.PaymentMethodID = new(s.paymentMethod)
	}
	create, err := client.Subscriptions.Create(ctx, req)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "creating a subscription, task %s\n", create.ID())
	subscription, err := create.WaitProvisioned(ctx, p.options()...)
	p.end()
	if err != nil {
		return fmt.Errorf("%w\nthe task's token, for rediscloud.ResumeTask: %s", err, create.Token())
	}
	if !s.keep {
		// Also after an interrupt, which ends ctx.
		defer func() {
			err = errors.Join(err, cleanUp(context.WithoutCancel(ctx), client, subscription.ID, p, out))
		}()
	}
	for database, err := range client.Databases.All(ctx, subscription.ID, nil) {
		if err != nil {
			return err
		}
		// The list leaves the password out.
		database, err = client.Databases.Get(ctx, subscription.ID, database.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\ndatabase %d is %s\n  endpoint  %s\n  password  %d characters, not printed\n\n",
			database.ID, database.Status, database.PublicEndpoint, len(database.Security.Password))
	}
	return nil
}

// cleanUp removes the databases, and then the subscription that held them.
func cleanUp(ctx context.Context, client *rediscloud.Client, subscriptionID int, p *progress, out io.Writer) error {
	for database, err := range client.Databases.All(ctx, subscriptionID, nil) {
		if err != nil {
			return err
		}
		remove, err := client.Databases.Delete(ctx, subscriptionID, database.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "removing database %d, task %s\n", database.ID, remove.ID())
		_, err = remove.WaitProvisioned(ctx, p.options()...)
		p.end()
		if err != nil {
			return err
		}
	}
	remove, err := client.Subscriptions.Delete(ctx, subscriptionID)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "removing subscription %d, task %s\n", subscriptionID, remove.ID())
	_, err = remove.WaitProvisioned(ctx, p.options()...)
	p.end()
	return err
}
