package rediscloud

import (
	"errors"
	"fmt"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/schedule"
)

// A WaitOption changes how a wait goes about it. Give it to one wait, or to
// all waits of a client by WithWaitOptions.
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

// WithPollDelay sets the pause between two polls of what is waited for alone:
// minimum at first and after each change of status, growing to maximum, the
// slower the longer nothing changes: 1.4 s in the first minute, 3.7 s after two,
// 30 s after an hour and a half. The defaults are 0.5 s and 30 s. What is waited
// for together is polled together, each 1.1 s or less often. A minimum below the
// default, as tests use it, shortens all pauses alike.
func WithPollDelay(minimum, maximum time.Duration) WaitOption {
	return func(c *waitConfig) {
		if minimum <= 0 || maximum < minimum {
			c.refuse("WithPollDelay: want 0 < minimum <= maximum, not %s and %s", minimum, maximum)
			return
		}
		c.cadence.Min, c.cadence.Max = minimum, maximum
	}
}

// WithPollFactor sets by how much the pause grows from poll to poll, once it
// does: at least 1, the default is 1.25.
func WithPollFactor(factor float64) WaitOption {
	return func(c *waitConfig) {
		if !(factor >= 1 && factor <= 100) {
			c.refuse("WithPollFactor: want 1 to 100, not %v", factor)
			return
		}
		c.cadence.Factor = factor
	}
}

// WithPollJitter sets the share, from 0 to 1, of a pause that is left to chance.
// The default is 0: the pauses are exact.
func WithPollJitter(share float64) WaitOption {
	return func(c *waitConfig) {
		if !(share >= 0 && share <= 1) {
			c.refuse("WithPollJitter: want 0 to 1, not %v", share)
			return
		}
		c.cadence.Jitter = share
	}
}

// WithNotFoundGrace sets how long a 404 in a row is taken as "not yet": of a
// task that was just submitted, or of a resource that was just made. The
// default is 30 s.
func WithNotFoundGrace(d time.Duration) WaitOption {
	return func(c *waitConfig) {
		if d < 0 {
			c.refuse("WithNotFoundGrace: want no negative time, not %s", d)
			return
		}
		c.grace = d
	}
}

// WithMaxPollFailures ends a wait when more than n polls in a row have failed.
// With 0, the default, failing polls end no wait: the context does. An answer
// that can't change, such as 401, ends a wait at once in any case.
func WithMaxPollFailures(n int) WaitOption {
	return func(c *waitConfig) {
		if n < 0 {
			c.refuse("WithMaxPollFailures: want no negative number, not %d", n)
			return
		}
		c.maxFailures = n
	}
}

// WithWaitForAction lets WaitProvisioned wait on while a resource waits for
// somebody, such as a subscription for access to an encryption key. Without
// it, that ends the wait with a ProvisionError that says what is awaited.
func WithWaitForAction() WaitOption {
	return func(c *waitConfig) { c.waitForAction = true }
}

// WithSettling makes WaitProvisioned wait until the resource has been usable for
// d without a break, in place of what it does by itself. By itself it doubts an
// end that may be that of something earlier, for a time that depends on the
// resource (10 s for databases and subscriptions), unless the document shows
// what was asked for; ACL users and roles, which flip between active and
// pending, have to stay active for 15 s, a new subscription that doesn't show
// its databases for 30 s. With 0 the first sight is believed.
func WithSettling(d time.Duration) WaitOption {
	return func(c *waitConfig) {
		if d < 0 {
			c.refuse("WithSettling: want no negative time, not %s", d)
			return
		}
		c.settling = &d
	}
}

// OnUpdate calls f with the state that a wait begins with and with each one
// that differs from the one before. The wait goes on when f returns.
func OnUpdate(f func(*TaskState)) WaitOption {
	return func(c *waitConfig) {
		if f != nil {
			c.onUpdate = append(c.onUpdate[:len(c.onUpdate):len(c.onUpdate)], f)
		}
	}
}

// OnProvisioning calls f with each status of the resource that WaitProvisioned
// sees and that differs from the one before.
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
