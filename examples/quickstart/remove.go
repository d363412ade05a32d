package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// removeEarlier removes a subscription if this program created it.
func (d *demo) removeEarlier(ctx context.Context, subscriptionID int) error {
	subscription, err := d.client.Subscriptions.Get(ctx, subscriptionID)
	if errors.Is(err, rediscloud.ErrNotFound) {
		fmt.Fprintf(d.out, "subscription %d is already gone\n", subscriptionID)
		return nil
	}
	if err != nil {
		return err
	}
	if err := itsOwn(subscription); err != nil {
		return err
	}
	for database, err := range d.client.Databases.All(ctx, subscriptionID, nil) {
		if errors.Is(err, rediscloud.ErrNotFound) {
			break
		}
		if err != nil {
			return err
		}
		if database.Name != databaseName {
			return fmt.Errorf("subscription %d has a database named %q, which this program didn't create: nothing was removed", subscriptionID, database.Name)
		}
	}
	return d.remove(ctx, subscriptionID)
}

// itsOwn protects what this program didn't create, also from a token of another
// program.
func itsOwn(subscription *rediscloud.Subscription) error {
	if subscription.Name != subscriptionName {
		return fmt.Errorf("subscription %d is named %q: this program removes only what it created, which is named %q", subscription.ID, subscription.Name, subscriptionName)
	}
	return nil
}

// What is gone may be listed for a moment longer.
const (
	lag      = 3 * time.Second
	maxTries = 20
)

// remove removes the databases, and then their subscription. Anything already
// gone or being removed is not an error.
func (d *demo) remove(ctx context.Context, subscriptionID int) error {
	err := d.removeAll(ctx, subscriptionID)
	for tries := 1; inUse(err) && tries < maxTries; tries++ {
		select {
		case <-time.After(lag):
			err = d.removeAll(ctx, subscriptionID)
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	if err != nil {
		return d.stillThere(err, subscriptionID)
	}
	return nil
}

// inUse reports whether a subscription couldn't be removed because it still has
// a database.
func inUse(err error) bool {
	failed, ok := errors.AsType[*rediscloud.TaskError](err)
	return ok && failed.Type == rediscloud.TaskErrorTypeSubscriptionInUse
}

func (d *demo) removeAll(ctx context.Context, subscriptionID int) error {
	for database, err := range d.client.Databases.All(ctx, subscriptionID, nil) {
		if errors.Is(err, rediscloud.ErrNotFound) {
			break
		}
		if err == nil {
			err = d.removeOne(ctx, subscriptionID, fmt.Sprintf("database %d", database.ID), func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
				return d.client.Databases.Delete(ctx, subscriptionID, database.ID)
			})
		}
		if err != nil {
			return err
		}
	}
	return d.removeOne(ctx, subscriptionID, fmt.Sprintf("subscription %d", subscriptionID), func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
		return d.client.Subscriptions.Delete(ctx, subscriptionID)
	})
}

// removeOne removes one resource when it is its turn: another removal, of an
// interrupted run, may still be running.
func (d *demo) removeOne(ctx context.Context, subscriptionID int, what string, remove func(context.Context) (*rediscloud.Task[rediscloud.None], error)) error {
	_, err := rediscloud.InTurn(ctx, d.client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
		task, err := remove(ctx)
		if err == nil {
			d.progress.Printf("removing %s, task %s\n", what, task.ID())
		}
		return task, err
	}, d.progress.Begin()...)
	d.progress.End()
	if errors.Is(err, rediscloud.ErrNotFound) {
		fmt.Fprintf(d.out, "%s is already gone\n", what)
		return nil
	}
	return err
}
