package rediscloudtest

import (
	"time"
)

// How soon the API shows what it has done. Negative durations stand for the
// default, which depends on the provisioning time.
type world struct {
	lenient      bool
	initializing bool
	staleness    time.Duration
	lateListing  time.Duration
	lateRemoval  time.Duration
	emptyLink    time.Duration
	flips        int
}

// mostLate bounds the default delays.
const mostLate = 2 * time.Second

func defaultWorld() world {
	return world{initializing: true, staleness: -1, lateListing: -1, emptyLink: -1, flips: 2}
}

// settle sets the durations that no option has set.
func (w *world) settle(provisioning time.Duration) {
	short := min(provisioning/4, mostLate)
	for _, d := range []*time.Duration{&w.staleness, &w.lateListing} {
		if *d < 0 {
			*d = short
		}
	}
	if w.emptyLink < 0 {
		w.emptyLink = provisioning / 2
	}
}

// WithLenientSubscriptions lets subscriptions take changes at any time while
// they are active themselves. Without it, as in production, a subscription
// takes one change at a time: it is pending while any database in it is being
// provisioned, changed or deleted, and tasks processed in that time fail with
// SUBSCRIPTION_NOT_ACTIVE.
func WithLenientSubscriptions() Option {
	return func(c *config) { c.lenient = true }
}

// WithCalm makes the server show at once all that it has done, and each status
// once: it turns off [WithStaleness], [WithLateListing], [WithLateRemoval],
// [WithEmptyPrivateLink] and [WithACLFlips], and no task is initialized. It is
// for tests of something else; a program that must cope with the real API is
// better tested without it. Options after this one turn things on again.
func WithCalm() Option {
	return func(c *config) { c.world = world{lenient: c.lenient} }
}

// WithStaleness has a resource that a task changes or deletes show its old
// state, settings and status, for d after the task has completed. Default: a
// quarter of the provisioning time, 2 s at most.
func WithStaleness(d time.Duration) Option {
	return func(c *config) { c.staleness = max(d, 0) }
}

// WithLateListing leaves new databases, peerings, attachments of transit
// gateways, endpoints and principals out of the lists for d after the task that
// creates them has completed. They can be read by id at once. The databases
// that a subscription is created with are listed d after it has become active.
// Default: a quarter of the provisioning time, 2 s at most.
func WithLateListing(d time.Duration) Option {
	return func(c *config) { c.lateListing = max(d, 0) }
}

// WithLateRemoval keeps deleted databases in the list for d after they can no
// longer be read. In that time their subscription is active, but can't be
// deleted. Default: 0.
func WithLateRemoval(d time.Duration) Option {
	return func(c *config) { c.lateRemoval = max(d, 0) }
}

// WithEmptyPrivateLink has a PrivateLink return an empty document for d after
// the task that creates it has completed. Default: half of the provisioning
// time.
func WithEmptyPrivateLink(d time.Duration) Option {
	return func(c *config) { c.emptyLink = max(d, 0) }
}

// WithACLFlips sets how often a created or changed ACL user or role becomes
// active and then pending again, before it stays active at the end of the
// provisioning time. Default: 2.
func WithACLFlips(n int) Option {
	return func(c *config) { c.flips = max(n, 0) }
}

// A view is a document that is shown for a while instead of the true one.
type view struct {
	document object
	until    time.Time
}

// showOld has the resource with the path show its previous document for a
// moment.
func (s *Server) showOld(path string, before object, at time.Time) {
	if s.staleness > 0 {
		kept, _ := deepCopy(before).(object)
		s.views[path] = view{kept, at.Add(s.staleness)}
	}
}

// shown returns the document that a resource shows, current or stale. A status
// that the test has set shows at once.
func (s *Server) shown(path string, at time.Time, document func(time.Time) object) object {
	v, kept := s.views[path]
	switch {
	case !kept || s.forced[path] != "":
	case at.Before(v.until):
		old, _ := deepCopy(v.document).(object)
		return old
	default:
		delete(s.views, path)
	}
	return document(at)
}

// changing runs a change of a resource, which then shows its previous document
// for a moment.
func (s *Server) changing(path string, at time.Time, document func(time.Time) object, run func(time.Time) (outcome, *failure)) (outcome, *failure) {
	before := document(at)
	out, f := run(at)
	if f == nil {
		s.showOld(path, before, at)
	}
	return out, f
}

// deepCopy copies objects and lists at any depth: a stored document must not
// change with its source.
func deepCopy(v any) any {
	switch v := v.(type) {
	case object:
		if v == nil {
			return v
		}
		c := make(object, len(v))
		for name, member := range v {
			c[name] = deepCopy(member)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, element := range v {
			c[i] = deepCopy(element)
		}
		return c
	}
	return v
}

// flipping returns the stages of a change that reaches its end several times.
func flipping(stages []string, flips int) []string {
	if len(stages) == 0 {
		return nil
	}
	all := append([]string{}, stages...)
	for range flips {
		all = append(all, statusActive, stages[len(stages)-1])
	}
	return all
}
