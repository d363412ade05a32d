package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// applyPlan creates what a plan has and the account hasn't, and waits until all
// of it is active.
func applyPlan(ctx context.Context, client *rediscloud.Client, s settings, p *plan, stdout io.Writer) (err error) {
	if s.dryRun {
		return pricePlan(ctx, client, s, p, stdout)
	}
	path := s.state
	switch {
	case s.fake:
		path = ""
	case path == "":
		path = p.path + ".state.json"
	}
	kept, err := openState(path, baseURL())
	if err != nil {
		return err
	}
	defer kept.close()
	out := newReporter(stdout, s.json)
	defer func() { out.close(exitCode(ctx, err)) }()
	a := &applier{client: client, state: kept, out: out, settle: s.settle, queue: newQueue(client, out)}
	return a.apply(ctx, p)
}

// An applier brings a plan about.
type applier struct {
	client *rediscloud.Client
	state  *state
	out    reporter
	queue  *queue
	settle time.Duration // for how long a submission of unknown outcome is looked for
}

// apply works on all subscriptions at a time: their order is the API's business,
// which processes one task after the other.
func (a *applier) apply(ctx context.Context, p *plan) error {
	for _, s := range p.subscriptions {
		a.out.report(event{Event: eventPlanned, item: s.item})
		for _, d := range s.databases {
			a.out.report(event{Event: eventPlanned, item: d.item})
		}
	}
	watching, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	group.Go(func() { a.queue.watch(watching) })

	errs := make([]error, len(p.subscriptions))
	var work sync.WaitGroup
	for i, s := range p.subscriptions {
		work.Go(func() { errs[i] = a.subscription(ctx, s) })
	}
	work.Wait()
	return together(errs...)
}

// subscription sees to a subscription and then to its databases, one after the
// other: a subscription takes one change at a time. A database that fails
// doesn't keep the others from being created.
func (a *applier) subscription(ctx context.Context, s *subscriptionPlan) error {
	id, err := ensure(ctx, a, a.subscriptionThing(s))
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range s.databases {
		_, err := ensure(ctx, a, a.databaseThing(id, d))
		errs = append(errs, err)
	}
	return together(errs...)
}

// A thing is a subscription or a database: how it is found, made and awaited.
type thing[T any] struct {
	item  item
	find  func(context.Context) (resource, error) // by its name; the zero resource if it isn't there
	read  func(context.Context, *rediscloud.TaskResponse) (resource, error)
	make  func(context.Context) (*rediscloud.Task[T], error)
	turn  func(context.Context, func(context.Context) (*rediscloud.Task[T], error), ...rediscloud.WaitOption) (*T, error)
	await func(context.Context, int, ...rediscloud.WaitOption) error
	id    func(*T) int
}

// A resource is what is there.
type resource struct {
	id           int
	name, status string
}

func (a *applier) subscriptionThing(s *subscriptionPlan) thing[rediscloud.Subscription] {
	subscriptions := a.client.Subscriptions
	return thing[rediscloud.Subscription]{
		item: s.item,
		find: func(ctx context.Context) (resource, error) { return findSubscription(ctx, a.client, s) },
		read: func(ctx context.Context, made *rediscloud.TaskResponse) (resource, error) {
			sub, err := subscriptions.Get(ctx, made.ResourceID)
			if err != nil {
				return resource{}, err
			}
			return resource{sub.ID, sub.Name, string(sub.Status)}, nil
		},
		make: func(ctx context.Context) (*rediscloud.Task[rediscloud.Subscription], error) {
			if s.request == nil {
				return nil, fmt.Errorf("it isn't there; to have it created, give its cloudProviders and databases and no id: %w", rediscloud.ErrNotFound)
			}
			req := *s.request
			for _, d := range s.databases {
				if d.whole {
					req.Databases = append(req.Databases, *d.spec)
				}
			}
			return subscriptions.Create(ctx, &req)
		},
		turn: func(ctx context.Context, submit func(context.Context) (*rediscloud.Task[rediscloud.Subscription], error), opts ...rediscloud.WaitOption) (*rediscloud.Subscription, error) {
			task, err := submit(ctx)
			if err != nil {
				return nil, err
			}
			return task.WaitProvisioned(ctx, opts...)
		},
		await: func(ctx context.Context, id int, opts ...rediscloud.WaitOption) error {
			_, err := subscriptions.WaitProvisioned(ctx, id, opts...)
			return err
		},
		id: func(sub *rediscloud.Subscription) int { return sub.ID },
	}
}

func (a *applier) databaseThing(subscriptionID int, d *databasePlan) thing[rediscloud.Database] {
	databases := a.client.Databases
	return thing[rediscloud.Database]{
		item: d.item,
		find: func(ctx context.Context) (resource, error) {
			return findDatabase(ctx, a.client, subscriptionID, d.item.name)
		},
		read: func(ctx context.Context, made *rediscloud.TaskResponse) (resource, error) {
			db, err := databases.Get(ctx, subscriptionID, made.ResourceID)
			if err != nil {
				return resource{}, err
			}
			return resource{db.ID, db.Name, string(db.Status)}, nil
		},
		make: func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return databases.Create(ctx, subscriptionID, d.request)
		},
		turn: func(ctx context.Context, submit func(context.Context) (*rediscloud.Task[rediscloud.Database], error), opts ...rediscloud.WaitOption) (*rediscloud.Database, error) {
			return rediscloud.InTurn(ctx, a.client, subscriptionID, submit, opts...)
		},
		await: func(ctx context.Context, id int, opts ...rediscloud.WaitOption) error {
			_, err := databases.WaitProvisioned(ctx, subscriptionID, id, opts...)
			return err
		},
		id: func(db *rediscloud.Database) int { return db.ID },
	}
}

// findSubscription returns the subscription of a plan, by its id or its name, if it is there.
func findSubscription(ctx context.Context, client *rediscloud.Client, s *subscriptionPlan) (resource, error) {
	var sub *rediscloud.Subscription
	var err error
	if s.id != 0 {
		sub, err = client.Subscriptions.Get(ctx, s.id)
	} else {
		sub, err = client.Subscriptions.GetByName(ctx, s.item.name)
	}
	switch _, several := errors.AsType[*rediscloud.AmbiguousNameError](err); {
	case several:
		return resource{}, fmt.Errorf("%w; give the id of one in the plan", err)
	case errors.Is(err, rediscloud.ErrNotFound):
		return resource{}, nil
	case err != nil:
		return resource{}, err
	}
	return resource{sub.ID, sub.Name, string(sub.Status)}, nil
}

// findDatabase returns a database by its name, if it is there.
func findDatabase(ctx context.Context, client *rediscloud.Client, subscriptionID int, name string) (resource, error) {
	db, err := client.Databases.GetByName(ctx, subscriptionID, name)
	switch {
	case errors.Is(err, rediscloud.ErrNotFound):
		return resource{}, nil
	case err != nil:
		return resource{}, err
	}
	return resource{db.ID, db.Name, string(db.Status)}, nil
}
