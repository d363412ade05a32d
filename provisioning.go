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
func (w *wait) provisioned(ctx context.Context, out outcome, k kind) (doc []byte, err error) {
	at := out.watched()
	paths := w.paths(at)
	if len(paths) == 0 {
		return nil, w.failure(errors.New("the task names no resource to wait for"))
	}
	w.resource = paths[0]
	first := true
	err = w.newWatch("").run(ctx, func(ctx context.Context) (status string, done bool, err error) {
		doc, err = w.read(ctx, at.at(w.resource), k, RetryPolicy{})
		if out.Gone && errors.Is(err, ErrNotFound) {
			w.see(k, "", first)
			return "", true, nil
		}
		if err == nil {
			status, err = statusIn(doc, k.member)
		}
		if err != nil {
			// What the link led to may be something else, or nothing.
			w.resource = paths[len(paths)-1]
			return "", false, err
		}
		w.see(k, status, first)
		first = false
		done, err = w.judge(out, k, status, doc)
		return status, done, err
	})
	if failed, ok := errors.AsType[*ProvisionError](err); ok {
		return nil, failed
	}
	if err != nil {
		return nil, w.failure(err)
	}
	return doc, nil
}

// judge tells whether a status is the end, and a bad one.
func (w *wait) judge(out outcome, k kind, status string, doc []byte) (done bool, err error) {
	failure := &ProvisionError{TaskID: w.last.TaskID, Kind: k.name, Resource: w.resource, Status: status, Body: doc}
	hint, awaitsPerson := k.person[status]
	switch {
	case slices.Contains(k.failed, status):
		return true, failure
	case out.Gone:
		return status == "deleted" || slices.Contains(k.gone, status), nil
	case slices.Contains(k.ready, status):
		return true, nil
	case awaitsPerson && !w.config.throughPersons:
		failure.AwaitsPerson, failure.Hint = true, hint
		return true, failure
	}
	return false, nil
}

// see notes a status, and tells whoever wants to know if it is another one.
func (w *wait) see(k kind, status string, first bool) {
	if status == w.status && !first {
		return
	}
	w.status = status
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
