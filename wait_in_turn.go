package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// InTurn makes one change to a subscription when it is its turn, and returns
// its result once it is in effect.
//
// A subscription takes one change at a time, and refuses others while it or
// one of its databases isn't active. InTurn queues the changes that a client
// makes to a subscription by it, in the order in which they come. For each it
// waits until the subscription is active, calls submit, waits as
// Task.WaitProvisioned does, and then until the subscription is active again. A
// change that the API refused only because it came too early, which happens
// when others change the subscription too, is submitted again. Nothing else is:
// in particular no change that may have been accepted.
//
//	db, err := rediscloud.InTurn(ctx, client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
//		return client.Databases.Update(ctx, subscriptionID, databaseID, req)
//	})
//
// The errors are those of submit and of WaitProvisioned. To keep the task's
// token, take it in submit, which may be called more than once.
func InTurn[T any](ctx context.Context, c *Client, subscriptionID int, submit func(context.Context) (*Task[T], error), opts ...WaitOption) (*T, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	if submit == nil {
		return nil, errors.New("rediscloud: InTurn has nothing to submit")
	}
	done, err := c.turns.wait(ctx, subscriptionID)
	if err != nil {
		return nil, err
	}
	defer done()
	for {
		if _, err := c.Subscriptions.WaitActive(ctx, subscriptionID, opts...); err != nil {
			return nil, err
		}
		result, err := submitAndWait(ctx, submit, opts)
		if err == nil {
			return result, c.settle(ctx, subscriptionID, opts)
		}
		if !cameTooEarly(err) {
			return nil, err
		}
		if _, err := c.Databases.WaitAllActive(ctx, subscriptionID, opts...); err != nil {
			return nil, err
		}
	}
}

func submitAndWait[T any](ctx context.Context, submit func(context.Context) (*Task[T], error), opts []WaitOption) (*T, error) {
	task, err := submit(ctx)
	if err != nil {
		return nil, err
	}
	return task.WaitProvisioned(ctx, opts...)
}

// settle waits until a subscription that was changed is active again. It may be
// gone, if that was the change.
func (c *Client) settle(ctx context.Context, subscriptionID int, opts []WaitOption) error {
	_, err := c.Subscriptions.WaitActive(ctx, subscriptionID, opts...)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// tooEarly are the reasons that pass by themselves.
var tooEarly = []string{
	"SUBSCRIPTION_NOT_ACTIVE",
	"SUBSCRIPTION_CONTAINS_NON_ACTIVE_DATABASE",
	"DATABASE_NOT_ACTIVE",
	"DATABASE_IS_NOT_ACTIVE",
	"DATABASE_UPGRADE_IS_ALREADY_RUNNING",
}

// cameTooEarly reports whether a change was refused, and surely not made, only
// because the subscription or a database in it wasn't active.
func cameTooEarly(err error) bool {
	if _, unknown := errors.AsType[*OutcomeUnknownError](err); unknown {
		return false
	}
	var reason string
	if failed, ok := errors.AsType[*TaskError](err); ok {
		reason = string(failed.Type)
	} else if refused, ok := errors.AsType[*APIError](err); ok {
		reason = string(refused.Body)
	}
	for _, kind := range tooEarly {
		if strings.Contains(reason, kind) {
			return true
		}
	}
	return false
}

// turns are the queues of the subscriptions that are being changed.
type turns struct {
	mu     sync.Mutex
	queues map[int]*turn
}

// A turn is the queue of one subscription. Its channel is held by whoever's
// turn it is; Go serves those that wait for it in their order.
type turn struct {
	held  chan struct{}
	users int
}

// wait waits for the turn of one change. done ends it.
func (t *turns) wait(ctx context.Context, subscriptionID int) (done func(), err error) {
	t.mu.Lock()
	q := t.queues[subscriptionID]
	if q == nil {
		q = &turn{held: make(chan struct{}, 1)}
		t.queues[subscriptionID] = q
	}
	q.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if q.users--; q.users == 0 {
			delete(t.queues, subscriptionID)
		}
	}
	select {
	case q.held <- struct{}{}:
		return func() { <-q.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, fmt.Errorf("rediscloud: waiting for the turn of a change to subscription %d: %w", subscriptionID, contextError(ctx))
	}
}
