package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"time"
)

// The pauses before a change that was refused as too early is submitted again.
const (
	minTurnPause = 500 * time.Millisecond
	maxTurnPause = 30 * time.Second
)

// InTurn makes one change to a subscription when it is its turn, and returns
// its result once it is in effect.
//
// While a subscription or one of its databases isn't active, the API may refuse
// changes to it. InTurn queues the changes that a client makes to a
// subscription through it, in the order of the calls. The turn of each lasts
// until its task is processed; then InTurn waits as [Task.WaitProvisioned]
// does, while the next change has its turn. A change that was refused only
// because it came too early is submitted again, after a pause of 0.5 s to 30 s
// and once the subscription and its databases are active. From then on, changes
// queued behind it wait for that before they are submitted. Nothing else is
// submitted again, in particular no change that may have been accepted.
//
//	db, err := rediscloud.InTurn(ctx, client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
//		return client.Databases.Update(ctx, subscriptionID, databaseID, req)
//	})
//
// submit may be called more than once. The task that it returns need not be
// new: it can be one that [ResumeTask] or [FindTask] returned, from an earlier
// process. An InTurn for the same subscription within submit runs in the same
// turn, if it uses the context that submit was given. [OnSubmit] receives the
// tokens.
//
// The errors are those of submit and of WaitProvisioned. A subscription that
// needs manual action to become active, such as one in
// "encryption_key_pending", doesn't keep InTurn from trying: the change may be
// its deletion. If that is refused as too early, the error is the
// [*ProvisionError] that says which action the subscription needs.
func InTurn[T any](ctx context.Context, c *Client, subscriptionID int, submit func(context.Context) (*Task[T], error), opts ...WaitOption) (*T, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	if submit == nil {
		return nil, errors.New("rediscloud: InTurn has nothing to submit")
	}
	q, done, err := c.turns.take(ctx, subscriptionID)
	if err != nil {
		return nil, err
	}
	held := context.WithValue(ctx, turnKey{&c.turns, subscriptionID}, q)
	task, err := submitInTurn(held, c, q, subscriptionID, submit, opts)
	done()
	if err != nil {
		return nil, err
	}
	return task.WaitProvisioned(ctx, opts...)
}

// OnSubmit calls f with the token of each task that InTurn gets from submit,
// before it waits for the task: keep the last one. f is called more than once
// if a change is submitted again. Other waits don't call it.
func OnSubmit(f func(token string)) WaitOption {
	return func(c *waitConfig) {
		if f != nil {
			c.onSubmit = append(c.onSubmit[:len(c.onSubmit):len(c.onSubmit)], f)
		}
	}
}

// submitInTurn submits until the change is processed, or refused for a reason
// other than its time.
func submitInTurn[T any](ctx context.Context, c *Client, q *turn, subscriptionID int, submit func(context.Context) (*Task[T], error), opts []WaitOption) (*Task[T], error) {
	for pause := time.Duration(0); ; pause = max(minTurnPause, min(2*pause, maxTurnPause)) {
		var blocked error
		if q.strict.Load() {
			if err := c.untilActive(ctx, subscriptionID, pause > 0, opts); isProvisionError(err) {
				blocked = err
			} else if err != nil {
				return nil, err
			}
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, fmt.Errorf("rediscloud: waiting to submit a change to subscription %d again: %w", subscriptionID, err)
		}
		task, err := submitAndProcess(ctx, c, submit, opts)
		switch {
		case err == nil || !cameTooEarly(err):
			return task, err
		case blocked != nil:
			return nil, blocked
		}
		q.strict.Store(true)
	}
}

// untilActive waits until a subscription is active, and after a refusal until
// each of its databases is.
func (c *Client) untilActive(ctx context.Context, subscriptionID int, refused bool, opts []WaitOption) error {
	if _, err := c.Subscriptions.WaitProvisioned(ctx, subscriptionID, opts...); err != nil || !refused {
		return err
	}
	_, err := c.Databases.WaitAllProvisioned(ctx, subscriptionID, opts...)
	return err
}

func isProvisionError(err error) bool {
	_, ok := errors.AsType[*ProvisionError](err)
	return ok
}

// submitAndProcess returns a task once it is processed.
func submitAndProcess[T any](ctx context.Context, c *Client, submit func(context.Context) (*Task[T], error), opts []WaitOption) (*Task[T], error) {
	task, err := submit(ctx)
	if err != nil {
		return nil, err
	}
	if err := task.ready(ctx); err != nil {
		return nil, err
	}
	for _, f := range c.wait.with(opts).onSubmit {
		f(task.Token())
	}
	state, err := c.WaitForTask(ctx, task, opts...)
	if err != nil {
		return nil, err
	}
	processed := *task
	processed.state = *state
	return &processed, nil
}

// tooEarly are the reasons for a refusal that are temporary, and what they
// mean. Those that need manual action are missing, such as
// VPC_PEERING_NOT_ACTIVE and PSC_ENDPOINT_NOT_ACTIVE: a peering must be
// accepted, the script of an endpoint must be run.
var tooEarly = map[string]string{
	"SUBSCRIPTION_NOT_ACTIVE":                             "the subscription is being created or changed",
	"SUBSCRIPTION_CONTAINS_NON_ACTIVE_DATABASE":           "a database of the subscription is being created or changed",
	"DATABASE_SUBSCRIPTION_IN_PENDING_STATUS":             "the subscription of the database is being created or changed",
	"DATABASE_NOT_ACTIVE":                                 "the database is being created or changed",
	"DATABASE_IS_NOT_ACTIVE":                              "the database is being created or changed",
	"DATABASE_UPGRADE_IS_ALREADY_RUNNING":                 "the database is being upgraded",
	"DATABASE_TRAFFIC_RESUME_IN_PROGRESS":                 "the traffic of the database is being resumed",
	"TOO_MANY_PENDING_SUBSCRIPTIONS":                      "an account can create or change at most three subscriptions at once",
	"VPC_PEERING_CLUSTER_NOT_ACTIVE":                      "the cluster to be peered is being created or changed",
	"PSC_SERVICE_NOT_ACTIVE":                              "the service of the endpoint is being created",
	"TGW_ATTACHMENT_IS_NOT_ACTIVE":                        "the attachment is being created or changed",
	"CLOUD_ACCOUNT_NOT_ACTIVE":                            "the cloud account is being set up",
	"ACL_REDIS_RULE_NOT_ACTIVE":                           "the rule is being created or changed",
	"ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_UPDATED": "the role is being created or changed",
	"ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_DELETED": "the role is being created or changed",
	"CLUSTER_UNDER_MAINTENANCE":                           "the cluster is under maintenance",
	"UPDATING_A_FIXED_SUBSCRIPTION_PLAN_IS_NOT_ALLOWED_WHILE_THE_SUBSCRIPTION_OR_BDB_IS_PENDING": "the subscription or its database is being created or changed",
}

// errorType matches the types of errors.
var errorType = regexp.MustCompile(`[A-Z][A-Z0-9]*(_[A-Z0-9]+)+`)

// cameTooEarly reports whether a change was refused, and certainly not made,
// only because of its time.
func cameTooEarly(err error) bool {
	if _, unknown := errors.AsType[*OutcomeUnknownError](err); unknown {
		return false
	}
	if errors.Is(err, ErrTooManyChanges) {
		return true
	}
	if failed, ok := errors.AsType[*TaskError](err); ok {
		return tooEarly[string(failed.Type)] != ""
	}
	if refused, ok := errors.AsType[*APIError](err); ok {
		for _, name := range errorType.FindAllString(string(refused.Body), -1) {
			if tooEarly[name] != "" {
				return true
			}
		}
	}
	return false
}

// turns are the queues of the subscriptions that are being changed.
type turns struct {
	mu     sync.Mutex
	queues map[int]*turn
}

// A turn is the queue of one subscription. Its channel is held by the change
// whose turn it is; Go serves the waiting ones in order.
type turn struct {
	held  chan struct{}
	users int

	// strict is set once the subscription has refused a change as too early.
	strict atomic.Bool
}

// A turnKey is the key in a context that is used within a held turn.
type turnKey struct {
	turns          *turns
	subscriptionID int
}

// take waits for the turn of one change, unless ctx belongs to a held turn.
// done ends it.
func (t *turns) take(ctx context.Context, subscriptionID int) (q *turn, done func(), err error) {
	if q, held := ctx.Value(turnKey{t, subscriptionID}).(*turn); held {
		return q, func() {}, nil
	}
	t.mu.Lock()
	q = t.queues[subscriptionID]
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
		if ctx.Err() == nil {
			return q, func() { <-q.held; leave() }, nil
		}
		<-q.held
	case <-ctx.Done():
	}
	leave()
	return nil, nil, fmt.Errorf("rediscloud: waiting for the turn of a change to subscription %d: %w", subscriptionID, contextError(ctx))
}
