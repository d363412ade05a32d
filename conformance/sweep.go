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

// namePrefix starts the name of everything that the flows create.
const namePrefix = "conformance-"

const (
	sweepRounds = 3                // a thing in use can go once its users are gone
	sweepWait   = 10 * time.Minute // for one thing to become removable
)

// A leftover is something to remove.
type leftover struct {
	kind, name string
	ready      func(ctx context.Context) error // waits until it can be removed
	remove     func(ctx context.Context) error
}

func (l leftover) String() string { return l.kind + " " + l.name }

// sweep removes everything whose name has the prefix, after the tasks that may
// still be creating some of it. What is already gone is not an error, and a
// failure doesn't keep the rest from being removed.
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
				failed = append(failed, fmt.Errorf("%s isn't removed: %w", l, err))
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
	// What never becomes active may still be removable: try it.
	_ = l.ready(waiting)
	if err := l.remove(ctx); err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
		return err
	}
	return nil
}

// finishTasks waits for the account's running tasks. An error means that they
// can't be seen: something may still be being created.
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
	// The cleanup doesn't care how they end.
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

// each calls do for every element of a list, up to the first error. The API may
// not find the list of a subscription that has none.
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

// named returns leftovers for the elements of a list whose name has the prefix.
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

// gone waits until what a task removes is gone; it may have been gone before.
func gone(task *rediscloud.Task[rediscloud.None], err error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err == nil {
			_, err = task.WaitProvisioned(ctx)
		}
		return unlessGone(err)
	}
}

// unlessGone returns err, except for one that says that something doesn't
// exist.
func unlessGone(err error) error {
	if errors.Is(err, rediscloud.ErrNotFound) {
		return nil
	}
	return err
}
