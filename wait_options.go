package rediscloud

import (
	"errors"
	"fmt"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/schedule"
)

// A WaitOption configures a wait. Pass it to a single wait, or to all waits of a
// client with [WithWaitOptions].
type WaitOption func(*waitConfig)

type waitConfig struct {
	cadence        schedule.Cadence
	grace          time.Duration
	maxFailures    int
	waitForAction  bool
	settling       *time.Duration
	onUpdate       []func(*TaskState)
	onProvisioning []func(Provisioning)
	onSubmit       []func(token string)
	err            error
}

var defaultWait = waitConfig{cadence: schedule.DefaultCadence, grace: 30 * time.Second}

func (c *waitConfig) refuse(format string, args ...any) {
	c.err = errors.Join(c.err, fmt.Errorf("rediscloud: "+format, args...))
}

// WithPollDelay sets the pause between two polls of a wait that is the client's
// only one: minimum at first and after each change of status, then growing to
// maximum while nothing changes: 1.4 s within the first minute, 3.7 s after two,
// 30 s after an hour and a half. The defaults are 0.5 s and 30 s. Several waits
// are polled together, every 1.1 s or less often. A minimum below the default,
// for use in tests, shortens all pauses alike.
func WithPollDelay(minimum, maximum time.Duration) WaitOption {
	return func(c *waitConfig) {
		if minimum <= 0 || maximum < minimum {
			c.refuse("WithPollDelay: want 0 < minimum <= maximum, not %s and %s", minimum, maximum)
			return
		}
		c.cadence.Min, c.cadence.Max = minimum, maximum
	}
}

// WithPollFactor sets the factor by which the pause grows from poll to poll, from
// 1 to 100. The default is 1.25.
func WithPollFactor(factor float64) WaitOption {
	return func(c *waitConfig) {
		if !(factor >= 1 && factor <= 100) {
			c.refuse("WithPollFactor: want 1 to 100, not %v", factor)
			return
		}
		c.cadence.Factor = factor
	}
}

// WithPollJitter sets the share of a pause that is random, from 0 to 1. The
// default is 0: the pauses are exact.
func WithPollJitter(share float64) WaitOption {
	return func(c *waitConfig) {
		if !(share >= 0 && share <= 1) {
			c.refuse("WithPollJitter: want 0 to 1, not %v", share)
			return
		}
		c.cadence.Jitter = share
	}
}

// WithNotFoundGrace sets for how long uninterrupted 404s are taken as "not yet":
// for a task that was just submitted, or a resource that was just created. The
// default is 30 s.
func WithNotFoundGrace(d time.Duration) WaitOption {
	return func(c *waitConfig) {
		if d < 0 {
			c.refuse("WithNotFoundGrace: want 0 or more, not %s", d)
			return
		}
		c.grace = d
	}
}

// WithMaxPollFailures ends a wait when more than n polls in a row have failed.
// With 0, the default, failed polls never end a wait; the context does. A
// response that can't change, such as 401, ends a wait at once in any case.
func WithMaxPollFailures(n int) WaitOption {
	return func(c *waitConfig) {
		if n < 0 {
			c.refuse("WithMaxPollFailures: want 0 or more, not %d", n)
			return
		}
		c.maxFailures = n
	}
}

// WithWaitForAction makes WaitProvisioned keep waiting while a resource needs
// manual action, such as granting a subscription access to an encryption key.
// Without it, the wait ends with a [*ProvisionError] that says what to do.
func WithWaitForAction() WaitOption {
	return func(c *waitConfig) { c.waitForAction = true }
}

// WithSettling makes WaitProvisioned wait until the resource has been usable for
// d without interruption, instead of the default. By default it distrusts a
// final status that may date from before the change, for a time that depends on
// the resource (10 s for databases and subscriptions), unless the document shows
// what was requested; ACL users and roles, which flip between active and
// pending, must stay active for 15 s, and a new subscription that doesn't show
// its databases for 30 s. With 0 the first final status is accepted.
func WithSettling(d time.Duration) WaitOption {
	return func(c *waitConfig) {
		if d < 0 {
			c.refuse("WithSettling: want 0 or more, not %s", d)
			return
		}
		c.settling = &d
	}
}

// OnUpdate calls f with the state that a wait starts with, and with each state
// that differs from the one before. The wait continues when f returns.
func OnUpdate(f func(*TaskState)) WaitOption {
	return func(c *waitConfig) {
		if f != nil {
			c.onUpdate = append(c.onUpdate[:len(c.onUpdate):len(c.onUpdate)], f)
		}
	}
}

// OnProvisioning calls f with each status of the resource that WaitProvisioned
// sees, if it differs from the one before. The wait continues when f returns.
func OnProvisioning(f func(Provisioning)) WaitOption {
	return func(c *waitConfig) {
		if f != nil {
			c.onProvisioning = append(c.onProvisioning[:len(c.onProvisioning):len(c.onProvisioning)], f)
		}
	}
}

func (c waitConfig) with(opts []WaitOption) waitConfig {
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	return c
}
