package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
)

// applyPlan creates what the plan has and the account hasn't, and waits until
// everything is active.
func applyPlan(ctx context.Context, client *rediscloud.Client, s settings, p *plan, stdout io.Writer) (err error) {
	if s.dryRun {
		return pricePlan(ctx, client, s, p, stdout)
	}
	store, closeState, err := openState(s, p)
	if err != nil {
		return err
	}
	defer closeState()
	out := newReporter(stdout, s.json)
	defer func() { out.close(exitCode(ctx, err)) }()
	a := &applier{client: client, settings: s, state: store, out: out, queue: newQueue(client, out)}
	if s.fake {
		a.settle = 0 // the fake is new
	}
	return a.apply(ctx, p)
}

// openState opens the directory that keeps what has been submitted. No other
// run can use it until it is closed.
func openState(s settings, p *plan) (store *journal.Directory, closeState func(), err error) {
	path := cmp.Or(s.state, p.path+".state")
	if s.fake {
		if path, err = os.MkdirTemp("", "automation-"); err != nil {
			return nil, nil, err
		}
	}
	if store, err = journal.Dir(path); err != nil {
		return nil, nil, mistake{fmt.Errorf("can't keep the state in %s: %w", path, err)}
	}
	unlock, err := lock(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return store, func() {
		unlock()
		if s.fake {
			_ = os.RemoveAll(path)
		}
	}, nil
}

// An applier applies a plan.
type applier struct {
	client *rediscloud.Client
	settings
	state *journal.Directory // an entry for each item whose creation has started and isn't complete
	out   reporter
	queue *queue

	// earlier are the account's tasks when the run started, and when they must
	// include everything submitted before it.
	earlier []*snapshot
}

// A snapshot is the account's tasks at some moment.
type snapshot struct {
	taken chan struct{}
	tasks []rediscloud.TaskState
	err   error
}

// takeSnapshot takes a snapshot after a time.
func (a *applier) takeSnapshot(ctx context.Context, after time.Duration) *snapshot {
	s := &snapshot{taken: make(chan struct{})}
	go func() {
		defer close(s.taken)
		if s.err = pause(ctx, after); s.err != nil {
			return
		}
		var list *rediscloud.TaskList
		if list, s.err = a.client.Tasks.List(ctx); s.err == nil {
			s.tasks = list.Tasks
		}
	}()
	return s
}

// apply works on all subscriptions concurrently: their order is up to the API,
// which processes one task after the other.
func (a *applier) apply(ctx context.Context, p *plan) error {
	for _, s := range p.subscriptions {
		a.out.report(event{Event: eventPlanned, item: s.item})
		for _, d := range s.databases {
			a.out.report(event{Event: eventPlanned, item: d.item})
		}
	}
	defer a.queue.watch(ctx)()
	looking, stop := context.WithCancel(ctx)
	defer stop()
	a.earlier = []*snapshot{a.takeSnapshot(looking, 0), a.takeSnapshot(looking, a.settle)}
	errs := make([]error, len(p.subscriptions))
	var work sync.WaitGroup
	for i, s := range p.subscriptions {
		work.Go(func() { errs[i] = a.subscription(ctx, s) })
	}
	work.Wait()
	return errors.Join(errs...)
}

// subscription ensures a subscription and then its databases, one after the
// other: a subscription takes one change at a time. A database that fails
// doesn't prevent the others from being created.
func (a *applier) subscription(ctx context.Context, s *subscriptionPlan) error {
	id, err := ensure(ctx, a, a.subscriptionThing(s))
	if id == 0 {
		return err
	}
	errs := []error{err}
	for _, d := range s.databases {
		_, err := ensure(ctx, a, a.databaseThing(id, d))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// A thing is a subscription or a database: how it is found, created and
// changed.
type thing[T any] struct {
	item    item
	asked   map[string]any // what the plan says of it
	command string         // the type of the task that creates it
	within  int            // the subscription of a database

	tell   func(*T) (id int, name, status string)
	named  func(context.Context) (*T, error) // by name, or by the id in the plan
	read   func(ctx context.Context, id int) (*T, error)
	isNew  func(*T) bool // it may not list yet everything that was created along with it
	await  func(ctx context.Context, id int, opts ...rediscloud.WaitOption) (*T, error)
	create submission[T]                                                                  // nil if it must exist
	once   func(context.Context, submission[T], ...rediscloud.WaitOption) (*T, error)     // creates it
	update func(ctx context.Context, id int, changes []byte) (*rediscloud.Task[T], error) // changes are JSON
}

type submission[T any] = func(context.Context) (*rediscloud.Task[T], error)

func (a *applier) subscriptionThing(s *subscriptionPlan) thing[rediscloud.Subscription] {
	service := a.client.Subscriptions
	th := thing[rediscloud.Subscription]{
		item: s.item, asked: s.asked, command: "subscriptionCreateRequest",
		tell: func(sub *rediscloud.Subscription) (int, string, string) { return sub.ID, sub.Name, string(sub.Status) },
		named: func(ctx context.Context) (*rediscloud.Subscription, error) {
			if s.id != 0 {
				return service.Get(ctx, s.id)
			}
			return service.GetByName(ctx, s.item.name)
		},
		read: service.Get, await: service.WaitProvisioned,
		once: func(ctx context.Context, submit submission[rediscloud.Subscription], opts ...rediscloud.WaitOption) (*rediscloud.Subscription, error) {
			return journal.Run(ctx, a.state, entry(s.item), a.client, submit, opts...)
		},
		update: func(ctx context.Context, id int, changes []byte) (*rediscloud.Task[rediscloud.Subscription], error) {
			req := new(rediscloud.SubscriptionUpdateRequest)
			if err := decode(changes, req); err != nil {
				return nil, err
			}
			return service.Update(ctx, id, req)
		},
	}
	if s.request != nil {
		th.isNew = func(sub *rediscloud.Subscription) bool {
			return sub.Status != rediscloud.SubscriptionStatusActive || sub.NumberOfDatabases < len(s.wholes())
		}
		th.create = func(ctx context.Context) (*rediscloud.Task[rediscloud.Subscription], error) {
			req := *s.request
			req.Databases = s.wholes()
			return service.Create(ctx, &req)
		}
	}
	return th
}

func (a *applier) databaseThing(subscriptionID int, d *databasePlan) thing[rediscloud.Database] {
	service := a.client.Databases
	return thing[rediscloud.Database]{
		item: d.item, asked: d.asked, command: "databaseCreateRequest", within: subscriptionID,
		tell: func(db *rediscloud.Database) (int, string, string) { return db.ID, db.Name, string(db.Status) },
		named: func(ctx context.Context) (*rediscloud.Database, error) {
			return service.GetByName(ctx, subscriptionID, d.item.name)
		},
		read: func(ctx context.Context, id int) (*rediscloud.Database, error) {
			return service.Get(ctx, subscriptionID, id)
		},
		await: func(ctx context.Context, id int, opts ...rediscloud.WaitOption) (*rediscloud.Database, error) {
			return service.WaitProvisioned(ctx, subscriptionID, id, opts...)
		},
		create: func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return service.Create(ctx, subscriptionID, d.request)
		},
		once: func(ctx context.Context, submit submission[rediscloud.Database], opts ...rediscloud.WaitOption) (*rediscloud.Database, error) {
			return journal.RunInTurn(ctx, a.state, entry(d.item), a.client, subscriptionID, submit, opts...)
		},
		update: func(ctx context.Context, id int, changes []byte) (*rediscloud.Task[rediscloud.Database], error) {
			req := new(rediscloud.DatabaseUpdateRequest)
			if err := decode(changes, req); err != nil {
				return nil, err
			}
			return service.Update(ctx, subscriptionID, id, req)
		},
	}
}
