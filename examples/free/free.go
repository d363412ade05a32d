package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/examples/internal/command"
)

// A demo is the program that you would write.
type demo struct {
	settings
	client   *rediscloud.Client
	progress *command.Progress
}

// ensure returns the database, active and with its password. It creates it if
// it doesn't exist.
func (d *demo) ensure(ctx context.Context) (*rediscloud.EssentialsDatabase, error) {
	subscription, err := foundOrMade(ctx, d.progress, "subscription", func() (*rediscloud.EssentialsSubscription, error) {
		found, err := d.findSubscription(ctx)
		if err != nil {
			return nil, err
		}
		return d.client.EssentialsSubscriptions.WaitProvisioned(ctx, found.ID)
	}, func() (*rediscloud.Task[rediscloud.EssentialsSubscription], error) {
		plan, err := d.freePlan(ctx)
		if err != nil {
			return nil, err
		}
		return d.client.EssentialsSubscriptions.Create(ctx, &rediscloud.EssentialsSubscriptionCreateRequest{Name: d.subscription, PlanID: plan.ID})
	})
	if err != nil {
		return nil, err
	}
	return foundOrMade(ctx, d.progress, "database", func() (*rediscloud.EssentialsDatabase, error) {
		found, err := d.findDatabase(ctx, subscription)
		if err != nil {
			return nil, err
		}
		return d.client.EssentialsDatabases.WaitProvisioned(ctx, subscription.ID, found.ID)
	}, func() (*rediscloud.Task[rediscloud.EssentialsDatabase], error) {
		return d.client.EssentialsDatabases.Create(ctx, subscription.ID, &rediscloud.EssentialsDatabaseCreateRequest{
			Name:            d.database,
			DataPersistence: new(rediscloud.DataPersistenceNone), // free plans have neither
			Replication:     new(false),
		})
	})
}

// foundOrMade creates what it can't find, and waits until it is active.
func foundOrMade[T any](ctx context.Context, p *command.Progress, noun string, find func() (*T, error), create func() (*rediscloud.Task[T], error)) (*T, error) {
	found, err := find()
	if !errors.Is(err, rediscloud.ErrNotFound) {
		return found, err
	}
	task, err := create()
	if err != nil {
		return nil, err
	}
	p.Printf("creating a %s, task %s\n", noun, task.ID())
	made, err := task.WaitProvisioned(ctx, p.Begin()...)
	p.End()
	if _, refused := errors.AsType[*rediscloud.TaskError](err); refused {
		// An earlier run may have created it just now.
		if found, missed := find(); missed == nil {
			return found, nil
		}
	}
	return made, err
}

// findSubscription finds the subscription by name. One that costs money is an
// error.
func (d *demo) findSubscription(ctx context.Context) (*rediscloud.EssentialsSubscription, error) {
	found, err := d.client.EssentialsSubscriptions.GetByName(ctx, d.subscription)
	if err != nil {
		return nil, err
	}
	plan, err := d.client.EssentialsPlans.Get(ctx, found.PlanID)
	if err != nil {
		return nil, err
	}
	if !plan.Free() {
		return nil, fmt.Errorf("the subscription %q (%d) has the plan %q, which isn't free: name another with -subscription", found.Name, found.ID, plan.Name)
	}
	return found, nil
}

// findDatabase finds the database by name. It is an error if a database of
// another name takes the only place.
func (d *demo) findDatabase(ctx context.Context, subscription *rediscloud.EssentialsSubscription) (*rediscloud.EssentialsDatabase, error) {
	found, err := d.client.EssentialsDatabases.GetByName(ctx, subscription.ID, d.database)
	if !errors.Is(err, rediscloud.ErrNotFound) {
		return found, err
	}
	for other, failure := range d.client.EssentialsDatabases.All(ctx, subscription.ID, nil) {
		if failure != nil {
			return nil, failure
		}
		return nil, fmt.Errorf("the subscription %q already has the database %q: use that with -database %[2]q", subscription.Name, other.Name)
	}
	return nil, err
}

// freePlan chooses a free plan. If the account already has a subscription of
// one, that is an error, since it can't have two.
func (d *demo) freePlan(ctx context.Context) (*rediscloud.EssentialsPlan, error) {
	plans, err := d.client.EssentialsPlans.List(ctx, nil)
	if err != nil {
		return nil, err
	}
	var chosen *rediscloud.EssentialsPlan
	var regions []string
	free := map[int]bool{}
	for _, plan := range plans.Plans {
		if !plan.Free() {
			continue
		}
		free[plan.ID] = true
		regions = append(regions, plan.Region)
		if chosen == nil && (d.region == "" || d.region == plan.Region) {
			chosen = &plan
		}
	}
	for subscription, err := range d.client.EssentialsSubscriptions.All(ctx) {
		if err != nil {
			return nil, err
		}
		if free[subscription.PlanID] && subscription.Name != d.subscription { // or it was created just now
			return nil, fmt.Errorf("the account already has a free subscription, %q: use that with -subscription %[1]q", subscription.Name)
		}
	}
	if chosen == nil {
		return nil, fmt.Errorf("there is no free plan in the region %q; the regions with one are %q", d.region, regions)
	}
	return chosen, nil
}

// takeAway removes the database, the variable that points to it, and the
// subscription if it is empty then.
func (d *demo) takeAway(ctx context.Context) error {
	subscription, err := d.findSubscription(ctx)
	if errors.Is(err, rediscloud.ErrNotFound) {
		d.progress.Printf("there is no subscription %q\n", d.subscription)
		return nil
	}
	if err != nil {
		return err
	}
	database, err := d.client.EssentialsDatabases.GetByName(ctx, subscription.ID, d.database)
	if err == nil {
		err = d.removeDatabase(ctx, subscription.ID, database)
	}
	if err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
		return err
	}
	for other, err := range d.client.EssentialsDatabases.All(ctx, subscription.ID, nil) {
		if err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
			return err
		}
		if err == nil && other.Name != d.database { // it may still be listed
			d.progress.Printf("the subscription %q stays, since it has the database %q\n", subscription.Name, other.Name)
			return nil
		}
	}
	return d.removeOne(ctx, fmt.Sprintf("subscription %d", subscription.ID), func() error {
		_, err := d.client.EssentialsSubscriptions.WaitProvisioned(ctx, subscription.ID)
		return err
	}, func() (*rediscloud.Task[rediscloud.None], error) {
		return d.client.EssentialsSubscriptions.Delete(ctx, subscription.ID)
	})
}

func (d *demo) removeDatabase(ctx context.Context, subscriptionID int, database *rediscloud.EssentialsDatabase) error {
	dropped, err := dropVariable(d.file, database.PublicEndpoint)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if dropped {
		d.progress.Printf("%s is no longer in %s\n", variable, d.file)
	}
	return d.removeOne(ctx, fmt.Sprintf("database %d", database.ID), func() error {
		_, err := d.client.EssentialsDatabases.WaitProvisioned(ctx, subscriptionID, database.ID)
		return err
	}, func() (*rediscloud.Task[rediscloud.None], error) {
		return d.client.EssentialsDatabases.Delete(ctx, subscriptionID, database.ID)
	})
}

// A removal may have to wait for something else, such as an interrupted run,
// although everything looks active.
const (
	lag      = 3 * time.Second
	maxTries = 20
)

// removeOne removes one resource, once no other change is running. Anything
// already gone or being removed is not an error.
func (d *demo) removeOne(ctx context.Context, what string, active func() error, remove func() (*rediscloud.Task[rediscloud.None], error)) error {
	for try := 1; ; try++ {
		err := active()
		if _, failed := errors.AsType[*rediscloud.ProvisionError](err); failed || err == nil {
			err = d.removeNow(ctx, what, remove)
		}
		switch {
		case err == nil || errors.Is(err, rediscloud.ErrNotFound):
			d.progress.Printf("%s is gone\n", what)
			return nil
		case !tooEarly(err) || try == maxTries:
			return err
		}
		select {
		case <-time.After(lag):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (d *demo) removeNow(ctx context.Context, what string, remove func() (*rediscloud.Task[rediscloud.None], error)) error {
	task, err := remove()
	if err != nil {
		return err
	}
	d.progress.Printf("removing %s, task %s\n", what, task.ID())
	_, err = task.WaitProvisioned(ctx, d.progress.Begin()...)
	d.progress.End()
	return err
}

// tooEarly reports whether a removal was refused for a temporary reason.
func tooEarly(err error) bool {
	failed, ok := errors.AsType[*rediscloud.TaskError](err)
	if !ok {
		return false
	}
	switch failed.Type {
	case rediscloud.TaskErrorTypeSubscriptionNotActive, rediscloud.TaskErrorTypeDatabaseNotActive, rediscloud.TaskErrorTypeSubscriptionInUse:
		return true
	default:
		return false
	}
}
