package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// waitListed waits until match accepts an element of a list, which the API
// reads in a task, and returns the first such element. As long as the list can
// be read, only ctx ends it.
func waitListed[T, L any, P interface {
	*L
	lister[T]
}](ctx context.Context, c *Client, opts []WaitOption, match func(*T) bool, route string, ids ...any) (*T, error) {
	w, err := c.newResourceWait(ctx, knownToExist(opts))
	if err != nil {
		return nil, err
	}
	if w.resource, err = expand(route, ids...); err != nil {
		return nil, fmt.Errorf("rediscloud: %w", err)
	}
	path := w.resource
	read := func(ctx context.Context) observation {
		list := P(new(L))
		doc, err := c.ask(ctx, path)
		if err == nil && doc != nil {
			err = decodeAt(path, doc, list)
		}
		return observation{value: list.elements(), err: err}
	}
	var found *T
	_, err = w.repeat(ctx, read(asPoll(ctx)), read, func(seen observation) (bool, error) {
		if seen.err != nil {
			return w.givesUp() || refusedForGood(seen.err), w.failure(seen.err)
		}
		elements := seen.value.([]T)
		for i := range elements {
			if match(&elements[i]) {
				found = &elements[i]
				return true, nil
			}
		}
		return false, nil
	})
	return found, err
}

// refusedForGood reports whether a task failed for a reason that is permanent,
// such as a network of a different kind than the one asked about.
func refusedForGood(err error) bool {
	failed, ok := errors.AsType[*TaskError](err)
	if !ok || cameTooEarly(err) {
		return false
	}
	switch code := failed.code(); code {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return false
	default:
		return code >= 400 && code < 500
	}
}
