package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Provisioning is the state of a resource on its way to being usable.
type Provisioning struct {
	Kind    string        // such as "database"
	Path    string        // of the resource, below the base URL
	Status  string        // verbatim; "" once the resource is gone
	Elapsed time.Duration // since the wait began
}

// waitActive waits until a resource is usable, without a task that created or
// changed it.
func waitActive[T any](ctx context.Context, c *Client, opts []WaitOption, out outcome[T]) (*T, error) {
	if out.err == nil && out.Read.InList && out.Read.key() == "0" {
		out.err = errors.New("the id must be positive, not 0")
	}
	if out.err != nil {
		return nil, fmt.Errorf("rediscloud: %w", out.err)
	}
	w, err := c.newResourceWait(ctx, opts)
	if err != nil {
		return nil, err
	}
	doc, err := w.provisioned(ctx, &judge{kind: out.kind.kind, source: out.source})
	if err != nil {
		return nil, err
	}
	result := new(T)
	if err := w.decode(doc, result); err != nil {
		return nil, w.failure(err)
	}
	return result, nil
}

// existingGrace is how long a resource that should exist may be missing: a list
// can be out of date.
const existingGrace = 10 * time.Second

// knownToExist are the options of a wait for something that isn't new: if it
// doesn't exist, the wait ends soon.
func knownToExist(opts []WaitOption) []WaitOption {
	return append([]WaitOption{WithNotFoundGrace(existingGrace)}, opts...)
}

// newResourceWait is a wait for a resource without a known task.
func (c *Client) newResourceWait(ctx context.Context, opts []WaitOption) (*wait, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	config := c.wait.with(opts)
	if config.err != nil {
		return nil, config.err
	}
	return &wait{client: c, config: config, last: &TaskState{}, began: time.Now()}, nil
}

// provisioned waits until the resource of a completed task has reached the end
// of its provisioning, and returns its document as last read (none after a
// removal).
//
// It reads the resource itself at first, and when a list has shown a final
// status, since lists omit fields. In between, the engine delivers the
// observations, from reads that it shares among all waits.
func (w *wait) provisioned(ctx context.Context, j *judge) (doc []byte, err error) {
	j.wait, j.since = w, time.Now()
	paths := w.paths(j.source.watched())
	if len(paths) == 0 {
		return nil, w.failure(errors.New("the task names no resource to wait for"))
	}
	ctx = asPoll(ctx)
	at := w.named(j.source.watched()).at(paths[0])
	var seen observation
	g, id := w.client.resourceGroup(at, j.kind, w.config.cadence)
	if len(paths) > 1 || !w.client.engine.reads(g) {
		at, seen = w.firstLook(ctx, j, paths)
		r := j.take(seen)
		if r.done {
			return seen.doc, r.err
		}
		g, id = w.client.resourceGroup(at, j.kind, w.config.cadence)
	}
	w.resource = at.Path
	waiter := w.client.engine.join(g, id, observation{status: seen.status}) //nolint:contextcheck // the engine is for all waits
	defer waiter.leave()
	for {
		fresh, polls, err := waiter.await(ctx)
		if err != nil {
			return nil, w.failure(err)
		}
		if w.polls = polls; polls.last != nil {
			fresh = append(fresh, observation{err: polls.last})
		}
		for _, seen := range fresh {
			r := j.take(seen)
			if r.again {
				seen = w.look(ctx, at, j.kind)
				r = j.take(seen)
			}
			if r.done {
				return seen.doc, r.err
			}
		}
	}
}

// repeat judges the results of a read, starting with the first observation,
// until judge is done or ctx ends.
func (w *wait) repeat(ctx context.Context, first observation, read loneReader, judge func(observation) (done bool, err error)) (observation, error) {
	w.polls.take(first.err, time.Now())
	if done, err := judge(first); done {
		return first, err
	}
	waiter := w.client.engine.joinAlone(w.resource, w.config.cadence, read) //nolint:contextcheck // the engine is for all waits
	defer waiter.leave()
	seen := first
	for {
		fresh, polls, err := waiter.await(ctx)
		if err != nil {
			return seen, w.failure(err)
		}
		w.polls = polls
		switch {
		case polls.last != nil:
			seen = observation{err: polls.last}
		case len(fresh) > 0:
			seen = fresh[len(fresh)-1]
		default:
			continue
		}
		if done, err := judge(seen); done {
			return seen, err
		}
	}
}

// held reports whether the resource has been ready for as long as WithSettling
// requires.
func (w *wait) held(ready bool) bool {
	if !ready {
		w.readySince = time.Time{}
		return false
	}
	if w.readySince.IsZero() {
		w.readySince = time.Now()
	}
	return w.config.settling == nil || time.Since(w.readySince) >= *w.config.settling
}

// firstLook reads the resource, at its other path if the first path leads to
// something else, or nothing.
func (w *wait) firstLook(ctx context.Context, j *judge, paths []string) (at place, seen observation) {
	for _, path := range paths {
		at = w.named(j.source.watched()).at(path)
		if seen = w.look(ctx, at, j.kind); seen.err == nil {
			break
		}
	}
	return at, seen
}

// look reads the resource once.
func (w *wait) look(ctx context.Context, at place, k *kind) observation {
	w.resource = at.Path
	asked := time.Now()
	seen := w.client.observe(ctx, at, k, noRetries)
	seen.asked = asked
	w.polls.take(seen.err, time.Now())
	return seen
}

// see records a status, and passes it to the callbacks if it has changed.
func (w *wait) see(k *kind, status string) {
	if status == w.status && w.sawStatus {
		return
	}
	w.status, w.sawStatus = status, true
	for _, f := range w.config.onProvisioning {
		f(Provisioning{Kind: k.noun, Path: w.resource, Status: status, Elapsed: time.Since(w.began)})
	}
}
