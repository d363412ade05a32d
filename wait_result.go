package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// resolve reads the result of the task that w has seen completed.
func resolve[T any](ctx context.Context, w *wait, out source, k *kind) (*T, error) {
	result := new(T)
	if _, nothing := any(result).(*None); nothing {
		return result, nil
	}
	doc := w.last.document()
	there := k.present(doc)
	switch asks := out.Read.Asks && !out.Read.InList; {
	case doc == nil && out.Read.Path == "" && k.absent:
		return result, nil
	case doc != nil && (out.Read.Path == "" || asks && there == nil):
		if err := errors.Join(there, unmarshal(doc, result)); err != nil {
			return nil, w.failure(fmt.Errorf("the document of the task: %w", err))
		}
		return result, nil
	}
	paths := w.paths(out.Read)
	if len(paths) == 0 {
		return nil, w.failure(errors.New("the task names neither a resource nor a document"))
	}
	return findResult[T](asResult(ctx), w, out, k, paths) // a burst of calls must not delay the result of a wait
}

// findResult reads the result at the first path that leads to one.
func findResult[T any](ctx context.Context, w *wait, out source, k *kind, paths []string) (*T, error) {
	var at place
	var err error
	for _, path := range paths {
		at = w.named(out.Read).at(path)
		w.resource = path
		var result *T
		if result, err = readResult[T](ctx, w.client, at, k, w.client.transport.retry); err == nil {
			return result, nil
		}
		// Only a link that leads to something else is worth a second path.
		if _, odd := errors.AsType[*DecodeError](err); !odd && !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return awaitResult[T](ctx, w, at, k, err)
}

// readResult reads the resource of a completed task once.
func readResult[T any](ctx context.Context, c *Client, at place, k *kind, retry RetryPolicy) (*T, error) {
	doc, err := c.readPlace(ctx, at, k, retry)
	if err != nil {
		return nil, err
	}
	result := new(T)
	if err := decodeAt(at.Path, doc, result); err != nil {
		return nil, err
	}
	return result, nil
}

// awaitResult keeps reading after a failure: what was just created may not be
// visible at once, and a result is worth waiting for as much as the end of its
// task. An unusable document is treated like a 404, for the grace period of the
// wait.
func awaitResult[T any](ctx context.Context, w *wait, at place, k *kind, err error) (*T, error) {
	began := time.Now()
	seen, err := w.repeat(ctx, observation{err: err}, func(ctx context.Context) observation {
		result, err := readResult[T](ctx, w.client, at, k, noRetries)
		return observation{value: result, err: err}
	}, func(seen observation) (bool, error) {
		if seen.err == nil {
			return true, nil
		}
		return w.endsResult(seen.err, began), w.failure(seen.err)
	})
	if err != nil {
		return nil, err
	}
	return seen.value.(*T), nil
}

// endsResult reports whether a failure to read the result is final.
func (w *wait) endsResult(err error, began time.Time) bool {
	if errors.Is(err, errNoList) {
		return false
	}
	_, odd := errors.AsType[*DecodeError](err)
	return w.givesUp() || odd && time.Since(began) >= w.config.grace
}

// paths are the paths where the resource of a completed task may be, best
// first: the known path, the link, the path with the ids.
func (w *wait) paths(at place) []string {
	if at.InList && w.named(at).key() == "0" {
		return nil
	}
	if at.Path != "" && !strings.Contains(at.Path, "{") {
		return []string{at.Path}
	}
	var paths []string
	if link, ok := w.last.Links.Get(RelResource); ok {
		if path, ok := within(w.client.transport.base, link.Href); ok {
			paths = append(paths, path)
		}
	}
	if path, ok := fillIDs(at.Path, w.last.Response); ok && (len(paths) == 0 || paths[0] != path) {
		paths = append(paths, path)
	}
	return paths
}

// named is the place with the id that the task names, if it has none yet.
func (w *wait) named(at place) place {
	if at.InList && at.Key == "" && at.ID == 0 && w.last.Response != nil {
		at.ID = w.last.Response.ResourceID
	}
	return at
}

// decode reads the document of the resource.
func (w *wait) decode(doc []byte, result any) error { return decodeAt(w.resource, doc, result) }

func decodeAt(path string, doc []byte, result any) error {
	if err := unmarshal(doc, result); err != nil {
		return &DecodeError{Method: http.MethodGet, Path: path, StatusCode: http.StatusOK, Body: doc, Err: err}
	}
	return nil
}
