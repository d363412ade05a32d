// Command quickstart creates a Redis Cloud subscription with a database, waits
// until it is active, prints where to connect, and removes it all again.
//
// Without keys in the environment it runs against a fake of the API. With
// REDISCLOUD_ACCESS_KEY and REDISCLOUD_SECRET_KEY it creates the real thing,
// which costs money, and asks first. When it is interrupted, it says what is
// left in the account, and prints the command that continues from there.
//
// The first go run compiles for up to half a minute before anything is printed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/examples/internal/command"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func main() { command.Main("quickstart", run) }

// Everything that is created has these names, and nothing else is removed.
const (
	subscriptionName = "quickstart"
	databaseName     = "cache"
)

// settings holds the values of the flags.
type settings struct {
	yes, keep     bool
	region        string
	paymentMethod int
	resume        string
	remove        int
}

// earlier reports whether the run continues from an earlier one.
func (s settings) earlier() bool { return s.resume != "" || s.remove != 0 }

func parse(args []string, stderr io.Writer) (s settings, err error) {
	flags := command.Flags("quickstart", stderr)
	flags.BoolVar(&s.yes, "yes", false, "spend money without asking")
	flags.BoolVar(&s.keep, "keep", false, "leave the subscription in place")
	flags.StringVar(&s.region, "region", "us-east-1", "the AWS `region` to create it in")
	flags.IntVar(&s.paymentMethod, "payment-method", 0, "the `id` of the payment method, for accounts that pay by credit card")
	flags.Func("resume", "create nothing, but continue an interrupted run from the `token` that it printed", func(token string) error {
		if !strings.HasPrefix(token, "rediscloud-") {
			return errors.New("not a token that an interrupted run prints")
		}
		s.resume = token
		return nil
	})
	flags.Func("remove", "only remove what an earlier run has left behind: the `id` of its subscription", func(text string) (err error) {
		if s.remove, err = strconv.Atoi(text); err != nil || s.remove <= 0 {
			return errors.New("not the id of a subscription")
		}
		return nil
	})
	if err := command.Parse(flags, args); err != nil {
		return s, err
	}
	switch {
	case s.remove != 0 && (s.resume != "" || s.keep):
		return s, command.Misused(flags, "-remove can't be combined with -resume or -keep")
	case s.earlier() && !command.WithKeys():
		return s, command.Misused(flags, "-resume and -remove need the keys of the account in %s and %s: the embedded fake forgets everything when a run ends",
			rediscloud.EnvAccountKey, rediscloud.EnvSecretKey)
	}
	return s, nil
}

func run(ctx context.Context, args []string, std command.Streams) error {
	s, err := parse(args, std.Err)
	if err != nil {
		return err
	}
	fake := func() *rediscloudtest.Server { return rediscloudtest.New(rediscloudtest.WithCalm()) } // a calm fake lists the first database once it is active
	client, err := command.Connect("quickstart", fake, std.Out)
	if err != nil {
		return err
	}
	if command.WithKeys() && !s.earlier() && !s.yes {
		if err := command.Confirm(ctx, "This creates a subscription with a database in your account, which costs money.", std.In, std.Out); err != nil {
			return err
		}
	}
	d := &demo{client: client, settings: s, progress: command.NewProgress(std.Out), out: std.Out}
	switch {
	case s.remove != 0:
		return d.removeEarlier(ctx, s.remove)
	case s.resume != "":
		return d.resumeEarlier(ctx, s.resume)
	}
	return d.fromTheBeginning(ctx)
}

// A demo is the program that you would write.
type demo struct {
	settings
	client   *rediscloud.Client
	progress *command.Progress
	out      io.Writer
}

func (d *demo) fromTheBeginning(ctx context.Context) error {
	switch there, err := d.client.Subscriptions.GetByName(ctx, subscriptionName); {
	case err == nil:
		return d.left(fmt.Errorf("there is already a subscription named %s, and a second one would cost as much again", subscriptionName),
			fmt.Sprintf("If subscription %d is from an earlier run, remove it with", there.ID), "-remove %d", there.ID)
	case !errors.Is(err, rediscloud.ErrNotFound):
		return err
	}
	req := &rediscloud.SubscriptionCreateRequest{
		Name: new(subscriptionName),
		CloudProviders: []rediscloud.CloudProviderSpec{{
			Regions: []rediscloud.CloudRegionSpec{{
				Region:     d.region,
				Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: new("10.0.0.0/24")},
			}},
		}},
		Databases: []rediscloud.SubscriptionDatabaseSpec{{Name: databaseName, DatasetSizeInGB: new(1.0)}},
	}
	if d.paymentMethod != 0 {
		req.PaymentMethodID = new(d.paymentMethod)
	}
	// The intent is known before the request is sent, so the run can be
	// continued even if the response doesn't arrive.
	var intent string
	task, err := d.client.Subscriptions.Create(rediscloud.OnIntent(ctx, func(token string) error {
		intent = token
		return nil
	}), req)
	if _, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err); unknown {
		return d.left(err, "The subscription may be on its way, and may cost money. Find out, and continue, with", "%s", d.resumeFlags(intent))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "creating a subscription, task %s\n", task.ID())
	return d.goOn(ctx, task)
}

// resumeEarlier continues from the token of a task or of an intent.
func (d *demo) resumeEarlier(ctx context.Context, token string) error {
	task, err := d.earlierTask(ctx, token)
	if err != nil || task == nil {
		return err
	}
	// If the subscription has been removed since, it shows here:
	// WaitProvisioned would wait for it to appear.
	_, err = task.Wait(ctx, d.progress.Begin()...)
	d.progress.End()
	if err != nil {
		return d.notProvisioned(err, task)
	}
	return d.goOn(ctx, task)
}

// earlierTask returns the task of a token, or nil if there is none.
func (d *demo) earlierTask(ctx context.Context, token string) (*rediscloud.Task[rediscloud.Subscription], error) {
	if !strings.HasPrefix(token, "rediscloud-intent-") {
		return rediscloud.ResumeTask[rediscloud.Subscription](d.client, token)
	}
	lost, err := rediscloud.ResumeIntent(d.client, token)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(d.out, "looking for the task of the interrupted run")
	task, err := rediscloud.FindTask[rediscloud.Subscription](ctx, lost)
	switch {
	case errors.Is(err, rediscloud.ErrNotFound):
		fmt.Fprintln(d.out, "the interrupted run has created nothing")
		return nil, nil
	case err != nil:
		return nil, d.left(err, "Try again with", "%s", d.resumeFlags(token))
	}
	return task, nil
}

// goOn waits for the subscription, uses it, and removes it.
func (d *demo) goOn(ctx context.Context, task *rediscloud.Task[rediscloud.Subscription]) error {
	subscription, err := task.WaitProvisioned(ctx, d.progress.Begin()...)
	d.progress.End()
	if err != nil {
		return d.notProvisioned(err, task)
	}
	if err := itsOwn(subscription); err != nil {
		return err
	}
	err = d.show(ctx, subscription.ID)
	switch {
	case d.keep:
		return d.left(err, fmt.Sprintf("Subscription %d stays, and costs money. Remove it with", subscription.ID), "-remove %d", subscription.ID)
	case ctx.Err() != nil:
		return d.stillThere(err, subscription.ID)
	}
	return errors.Join(err, d.remove(ctx, subscription.ID))
}

// notProvisioned says what is left after a wait that failed.
func (d *demo) notProvisioned(err error, task *rediscloud.Task[rediscloud.Subscription]) error {
	if _, failed := errors.AsType[*rediscloud.TaskError](err); failed {
		return fmt.Errorf("%w\nnothing was created", err)
	}
	if errors.Is(err, rediscloud.ErrNotFound) {
		return fmt.Errorf("%w\nthe subscription has been removed, or its task is more than ten days old: check the console for one named %s", err, subscriptionName)
	}
	if failed, ok := errors.AsType[*rediscloud.ProvisionError](err); ok {
		return d.left(err, "The subscription exists, but can't be used. Remove it with", "-remove %s", path.Base(failed.Resource))
	}
	return d.left(err, "The subscription is on its way, and costs money. Continue with", "%s", d.resumeFlags(task.Token()))
}

func (d *demo) show(ctx context.Context, subscriptionID int) error {
	for database, err := range d.client.Databases.All(ctx, subscriptionID, nil) {
		if err != nil {
			return err
		}
		// The list omits the password.
		database, err = d.client.Databases.Get(ctx, subscriptionID, database.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "\ndatabase %d is %s\n  endpoint  %s\n  password  %d characters, not printed\n\n",
			database.ID, database.Status, database.PublicEndpoint, len(database.Security.Password))
	}
	return nil
}

func (d *demo) resumeFlags(token string) string {
	if d.keep {
		return "-keep -resume " + token
	}
	return "-resume " + token
}

// left adds to an error what is left in the account, and the command that
// continues, which is on a line to itself however long it is. Without an error,
// it prints that.
func (d *demo) left(err error, what, flags string, args ...any) error {
	what += ":\n\ngo run ./examples/quickstart " + fmt.Sprintf(flags, args...) + "\n"
	if !command.WithKeys() {
		what = "The fake is gone with this run, and nothing is left. With an account this would be printed: " + what
	}
	if err == nil {
		fmt.Fprintf(d.out, "%s", what)
		return nil
	}
	return fmt.Errorf("%w\n\n%s", err, what)
}

func (d *demo) stillThere(err error, subscriptionID int) error {
	return d.left(err, fmt.Sprintf("Subscription %d is left, or being removed, and costs money until it is gone. Continue with", subscriptionID), "-remove %d", subscriptionID)
}
