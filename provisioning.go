package rediscloud

import (
	"context"
	"encoding/json"
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

// provisioned waits until the resource of a completed task has reached the end
// of its provisioning, and returns the document it was read as (none after a
// removal).
//
// It reads the resource itself at first and at the end. Between, it hears from
// the lookout, which reads for all.
func (w *wait) provisioned(ctx context.Context, out outcome, k kind) (doc []byte, err error) {
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
func (w *wait) sight(ctx context.Context, at place, k kind, missing time.Time) (seen sighting) {
	seen.doc, seen.err = w.read(ctx, at, k, RetryPolicy{})
	if seen.err == nil {
		seen.status, seen.err = statusIn(seen.doc, k.member)
	}
	if errors.Is(seen.err, ErrNotFound) {
		if seen.missing = missing; missing.IsZero() {
			seen.missing = time.Now()
		}
	}
	return seen
}

// judge tells whether a sighting is the end, and whether it is a bad one. An end
// that a list has told of is to be looked at again, for the document.
func (w *wait) judge(out outcome, k kind, seen sighting) (done, again bool, err error) {
	if seen.err != nil {
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
	w.failures = 0
	w.see(k, seen.status)
	hint, awaitsPerson := k.person[seen.status]
	failed := slices.Contains(k.failed, seen.status)
	awaitsPerson = awaitsPerson && !w.config.throughPersons && !out.Gone
	switch {
	case failed || awaitsPerson:
		if seen.doc == nil {
			return false, true, nil
		}
		failure := &ProvisionError{TaskID: w.last.TaskID, Kind: k.name, Resource: w.resource, Status: seen.status, Body: seen.doc}
		if awaitsPerson {
			failure.AwaitsPerson, failure.Hint = true, hint
		}
		return true, false, failure
	case out.Gone:
		return seen.status == "deleted", false, nil
	case slices.Contains(k.ready, seen.status):
		if w.settled.IsZero() {
			w.settled = time.Now()
		}
		holds := time.Since(w.settled) >= w.config.settling
		return holds && seen.doc != nil, holds && seen.doc == nil, nil
	}
	w.settled = time.Time{}
	return false, false, nil
}

// see notes a status, and tells whoever wants to know if it is another one.
func (w *wait) see(k kind, status string) {
	if status == w.status && w.sawStatus {
		return
	}
	w.status, w.sawStatus = status, true
	for _, f := range w.config.onProvisioning {
		f(Provisioning{Kind: k.name, Path: w.resource, Status: status, Elapsed: time.Since(w.began)})
	}
}

// statusIn finds the status in a resource's document.
func statusIn(doc []byte, member string) (string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc, &members); err != nil {
		return "", fmt.Errorf("rediscloud: the resource's document can't be used: %w", err)
	}
	var status string
	if err := json.Unmarshal(members[member], &status); err != nil || status == "" {
		return "", fmt.Errorf("rediscloud: the resource's document holds no %s", member)
	}
	return status, nil
}
