package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Provisioning is how far a resource is on its way to being usable.
type Provisioning struct {
	Kind    string        // such as "database"
	Path    string        // of the resource, below the base URL
	Status  string        // as the API has it; "" once the resource is gone
	Elapsed time.Duration // since the wait began
}

// waitActive waits until a resource is usable, without a task that has made it so.
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
	doc, err := w.provisioned(ctx, out.source, out.kind.kind)
	if err != nil {
		return nil, err
	}
	result := new(T)
	if err := w.decode(doc, result); err != nil {
		return nil, w.failure(err)
	}
	return result, nil
}

// knownToExist are the options of a wait for something that isn't new: that it
// isn't there is the end at once.
func knownToExist(opts []WaitOption) []WaitOption {
	return append([]WaitOption{WithNotFoundGrace(0)}, opts...)
}

// newResourceWait is a wait for a resource of which no task is known.
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
// of its provisioning, and returns the document it was read as (none after a
// removal).
//
// It reads the resource itself at first and at the end. Between, it hears from
// the lookout, which reads for all.
func (w *wait) provisioned(ctx context.Context, out source, k *kind) (doc []byte, err error) {
	paths := w.paths(out.watched())
	if len(paths) == 0 {
		return nil, w.failure(errors.New("the task names no resource to wait for"))
	}
	ctx = asPoll(ctx)
	at := w.named(out.watched()).at(paths[0])
	var watcher *watcher
	var seen sighting
	for direct := true; ; {
		if direct {
			w.resource = at.Path
			seen = w.sight(ctx, at, k, seen.missing)
			if seen.err != nil && len(paths) > 1 {
				// What the link led to may be something else, or nothing.
				at, paths = at.at(paths[1]), paths[1:]
				continue
			}
		}
		done, again, err := w.judge(out, k, seen)
		if done {
			return seen.doc, err
		}
		if direct = again; direct {
			continue
		}
		if watcher == nil {
			watcher = w.client.lookout.join(at, k, w.config.pace)
			defer w.client.lookout.leave(watcher)
		}
		select {
		case <-ctx.Done():
			return nil, w.failure(contextError(ctx))
		case <-watcher.news:
			seen = w.client.lookout.take(watcher)
		}
	}
}

// sight reads the resource once.
func (w *wait) sight(ctx context.Context, at place, k *kind, missing time.Time) (seen sighting) {
	seen.doc, seen.err = w.read(ctx, at, k, RetryPolicy{})
	if seen.err == nil {
		seen.status, seen.err = k.status(seen.doc)
	}
	seen.missing = missingSince(seen.err, missing, time.Now())
	return seen
}

// judge tells whether a sighting is the end, and whether it is a bad one. An end
// that a list has told of is to be looked at again, for the document.
func (w *wait) judge(out source, k *kind, seen sighting) (done, again bool, err error) {
	if seen.err != nil {
		return w.judgeFailure(out, k, seen)
	}
	w.failures = 0
	if k.member != "" {
		w.see(k, seen.status)
	}
	ready, failed := slices.Contains(k.ready, seen.status), slices.Contains(k.failed, seen.status)
	hint, awaitsPerson := k.person[seen.status]
	if out.Gone {
		// What is removed may have failed before. That its removal has failed
		// shows by a change.
		ready = seen.status == "deleted" || slices.Contains(k.gone, seen.status)
		failed, w.sound = failed && w.sound && !ready, w.sound || !failed
		awaitsPerson = false
	}
	awaitsPerson = awaitsPerson && !w.config.throughPersons
	switch {
	case failed && seen.doc != nil || awaitsPerson && seen.doc != nil:
		failure := &ProvisionError{TaskID: w.last.TaskID, Kind: k.noun, Resource: w.resource, Status: seen.status, Body: seen.doc}
		if awaitsPerson {
			failure.AwaitsPerson, failure.Hint = true, hint
		}
		return true, false, failure
	case failed || awaitsPerson:
		return false, true, nil
	case out.Gone:
		return ready, false, nil
	}
	holds := w.holds(ready)
	return holds && seen.doc != nil, holds && seen.doc == nil, nil
}

// judgeFailure is judge for a look that failed.
func (w *wait) judgeFailure(out source, k *kind, seen sighting) (done, again bool, err error) {
	if out.Gone && errors.Is(seen.err, ErrNotFound) {
		w.see(k, "")
		return true, false, nil
	}
	w.failures++
	w.failed++
	w.pollErr = seen.err
	if w.givesUp(seen.err, seen.missing) {
		return true, false, w.failure(seen.err)
	}
	return false, false, nil
}

// holds reports whether what is waited for has been ready for as long as it
// should be.
func (w *wait) holds(ready bool) bool {
	if !ready {
		w.settled = time.Time{}
		return false
	}
	if w.settled.IsZero() {
		w.settled = time.Now()
	}
	return time.Since(w.settled) >= w.config.settling
}

// see notes a status, and tells whoever wants to know if it is another one.
func (w *wait) see(k *kind, status string) {
	if status == w.status && w.sawStatus {
		return
	}
	w.status, w.sawStatus = status, true
	for _, f := range w.config.onProvisioning {
		f(Provisioning{Kind: k.noun, Path: w.resource, Status: status, Elapsed: time.Since(w.began)})
	}
}
