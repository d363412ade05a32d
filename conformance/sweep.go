package conformance

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// namePrefix begins the name of everything that the flows create.
const namePrefix = "conformance-"

const (
	sweepRounds = 3                // a thing in use goes once what uses it is gone
	sweepWait   = 10 * time.Minute // for one thing to be ready to be removed
)

// A leftover is something to be removed.
type leftover struct {
	kind, name string
	ready      func(ctx context.Context) error // waits until it can be removed
	remove     func(ctx context.Context) error
}

func (l leftover) String() string { return l.kind + " " + l.name }

// sweep removes all that has a name with the prefix, after the tasks that may
// still be making some of it. What is gone already is no error, and what fails
// keeps nothing else from being removed.
func sweep(ctx context.Context, client *rediscloud.Client, prefix string, logf func(format string, args ...any)) error {
	for round := 1; ; round++ {
		unfinished := finishTasks(ctx, client)
		left, unread := leftovers(ctx, client, prefix)
		if len(left) == 0 && unfinished == nil && unread == nil {
			return nil
		}
		failed := []error{unfinished, unread}
		for _, l := range left {
			if err := l.sweep(ctx); err != nil {
				failed = append(failed, fmt.Errorf("%s stays: %w", l, err))
				continue
			}
			logf("removed %s", l)
		}
		if err := errors.Join(failed...); err != nil && (round == sweepRounds || ctx.Err() != nil) {
			return err
		}
	}
}

func (l leftover) sweep(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, sweepWait)
	defer cancel()
	// What never becomes active may still be removable: the removal tells.
	_ = l.ready(waiting)
	if err := l.remove(ctx); err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
		return err
	}
	return nil
}

// finishTasks waits for the tasks of the account that are still running. An error
// tells that they can't be seen: something may still be in the making.
func finishTasks(ctx context.Context, client *rediscloud.Client) error {
	var running []rediscloud.AnyTask
	for task, err := range client.Tasks.All(ctx) {
		if err != nil {
			return err
		}
		switch task.Status {
		case rediscloud.TaskStatusProcessingCompleted, rediscloud.TaskStatusProcessingError:
		default:
			running = append(running, task)
		}
	}
	// How they end is no business of the cleanup.
	_, _ = client.WaitForTasks(ctx, running)
	return ctx.Err()
}

// leftovers lists what has a name with the prefix, in the order in which it can
// be removed. With an error it lists what could be read.
func leftovers(ctx context.Context, client *rediscloud.Client, prefix string) (all []leftover, err error) {
	var failed []error
	for _, list := range []func(context.Context, *rediscloud.Client, string) ([]leftover, error){
		userLeftovers, roleLeftovers, ruleLeftovers, essentialsLeftovers, proLeftovers,
	} {
		some, err := list(ctx, client, prefix)
		all, failed = append(all, some...), append(failed, err)
	}
	return all, errors.Join(failed...)
}

func userLeftovers(ctx context.Context, client *rediscloud.Client, prefix string) ([]leftover, error) {
	return named(client.ACLUsers.All(ctx), prefix, func(u *rediscloud.ACLUser) leftover {
		return leftover{"ACL user", u.Name, ready(client.ACLUsers.WaitProvisioned, u.ID), removal(client.ACLUsers.Delete, u.ID)}
	})
}

func roleLeftovers(ctx context.Context, client *rediscloud.Client, prefix string) ([]leftover, error) {
	return named(client.ACLRoles.All(ctx), prefix, func(r *rediscloud.ACLRole) leftover {
		return leftover{"ACL role", r.Name, ready(client.ACLRoles.WaitProvisioned, r.ID), removal(client.ACLRoles.Delete, r.ID)}
	})
}

func ruleLeftovers(ctx context.Context, client *rediscloud.Client, prefix string) ([]leftover, error) {
	return named(client.ACLRedisRules.All(ctx), prefix, func(r *rediscloud.ACLRedisRule) leftover {
		return leftover{"ACL rule", r.Name, ready(client.ACLRedisRules.WaitProvisioned, r.ID), removal(client.ACLRedisRules.Delete, r.ID)}
	})
}

func essentialsLeftovers(ctx context.Context, client *rediscloud.Client, prefix string) ([]leftover, error) {
	return named(client.EssentialsSubscriptions.All(ctx), prefix, func(sub *rediscloud.EssentialsSubscription) leftover {
		return leftover{
			kind: "Essentials subscription", name: sub.Name,
			ready: ready(client.EssentialsSubscriptions.WaitProvisioned, sub.ID),
			remove: func(ctx context.Context) error {
				err := each(client.EssentialsDatabases.All(ctx, sub.ID, nil), func(db *rediscloud.EssentialsDatabase) error {
					_, _ = client.EssentialsDatabases.WaitProvisioned(ctx, sub.ID, db.ID)
					return gone(client.EssentialsDatabases.Delete(ctx, sub.ID, db.ID))(ctx)
				})
				if err != nil {
					return err
				}
				return removal(client.EssentialsSubscriptions.Delete, sub.ID)(ctx)
			},
		}
	})
}

func proLeftovers(ctx context.Context, client *rediscloud.Client, prefix string) ([]leftover, error) {
	return named(client.Subscriptions.All(ctx), prefix, func(sub *rediscloud.Subscription) leftover {
		return leftover{
			kind: "Pro subscription", name: sub.Name,
			ready: ready(client.Subscriptions.WaitProvisioned, sub.ID),
			remove: func(ctx context.Context) error {
				err := each(client.Databases.All(ctx, sub.ID, nil), func(db *rediscloud.Database) error {
					_, err := rediscloud.InTurn(ctx, client, sub.ID, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
						return client.Databases.Delete(ctx, sub.ID, db.ID)
					})
					return unlessGone(err)
				})
				if err != nil {
					return err
				}
				_, err = rediscloud.InTurn(ctx, client, sub.ID, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
					return client.Subscriptions.Delete(ctx, sub.ID)
				})
				return err
			},
		}
	})
}

// each does something with all of a list, up to the first error. The list of a
// subscription without any may not be found.
func each[T any](list iter.Seq2[*T, error], do func(*T) error) error {
	for one, err := range list {
		if err != nil {
			return unlessGone(err)
		}
		if err := do(one); err != nil {
			return err
		}
	}
	return nil
}

// named makes leftovers of those of a list whose name has the prefix.
func named[T any](list iter.Seq2[*T, error], prefix string, of func(*T) leftover) (all []leftover, err error) {
	for one, err := range list {
		if err != nil {
			return all, err
		}
		if l := of(one); strings.HasPrefix(l.name, prefix) {
			all = append(all, l)
		}
	}
	return all, nil
}

func ready[T any](wait func(context.Context, int, ...rediscloud.WaitOption) (*T, error), id int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := wait(ctx, id)
		return err
	}
}

func removal(del func(context.Context, int) (*rediscloud.Task[rediscloud.None], error), id int) func(context.Context) error {
	return func(ctx context.Context) error { return gone(del(ctx, id))(ctx) }
}

// gone waits until what a task removes is gone; it may have been before.
func gone(task *rediscloud.Task[rediscloud.None], err error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err == nil {
			_, err = task.WaitProvisioned(ctx)
		}
		return unlessGone(err)
	}
}

// unlessGone is an error, except for one that says that something isn't there.
func unlessGone(err error) error {
	if errors.Is(err, rediscloud.ErrNotFound) {
		return nil
	}
	return err
}
