package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// resolve yields the result of the task that w has seen completed.
func resolve[T any](ctx context.Context, w *wait, out source, k *kind) (*T, error) {
	result := new(T)
	if _, nothing := any(result).(*None); nothing {
		return result, nil
	}
	doc := w.last.document()
	err := k.present(doc)
	asks := out.Read.Asks && !out.Read.InList
	if doc != nil && (out.Read.Path == "" || asks && err == nil) {
		if err == nil {
			err = unmarshal(doc, result)
		}
		if err != nil {
			return nil, w.failure(fmt.Errorf("the document of the task: %w", err))
		}
		return result, nil
	}
	if out.Read.Path == "" && k.absent && w.last.document() == nil {
		return result, nil
	}
	paths := w.paths(out.Read)
	if len(paths) == 0 {
		return nil, w.failure(errors.New("the task names neither a resource nor a document"))
	}
	for _, path := range paths {
		w.resource = path
		if result, err = readResult[T](ctx, w, out.Read.at(path), k); err == nil {
			return result, nil
		}
		// Only a link that leads to something else is worth a second path.
		if _, odd := errors.AsType[*DecodeError](err); !odd && !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return nil, w.failure(err)
}

// readResult reads the resource of a task that was just completed. It may not
// be there at once: a 404 is waited out, and so is a list that is absent.
func readResult[T any](ctx context.Context, w *wait, at place, k *kind) (result *T, err error) {
	err = w.follow(ctx, func(ctx context.Context) (string, bool, error) {
		doc, err := w.read(ctx, at, k, w.client.transport.retry)
		if err == nil {
			result = new(T)
			err = w.decode(doc, result)
		}
		return "", !errors.Is(err, ErrNotFound) && !errors.Is(err, errNoList), err
	})
	return result, err
}

// paths are the paths at which the resource of a completed task may be, best
// first: the path that is known, the link, the path made with the ids.
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

// read reads the document of a resource once. A resource that its list lacks is
// ErrNotFound.
func (w *wait) read(ctx context.Context, at place, k *kind, retry RetryPolicy) (doc []byte, err error) {
	if at.Asks {
		doc, err = w.ask(ctx, at.Path)
	} else {
		var answer *Response
		if answer, err = w.client.transport.do(ctx, getPath(at.Path), retry); err == nil {
			doc = answer.Body
		}
	}
	if err == nil {
		err = k.present(doc)
	}
	if err != nil || !at.InList {
		return doc, err
	}
	return k.element(doc, w.named(at))
}

// named is the place with the id that the task names, where none is given.
func (w *wait) named(at place) place {
	if at.InList && at.Key == "" && at.ID == 0 && w.last.Response != nil {
		at.ID = w.last.Response.ResourceID
	}
	return at
}

// ask runs the task that the read of a path starts, and returns its document:
// nil if it has none.
func (w *wait) ask(ctx context.Context, path string) ([]byte, error) {
	task, err := submit(ctx, w.client, getPath(path), nothing)
	if err != nil {
		return nil, err
	}
	inner := wait{client: w.client, config: w.config, last: &task.state, submitted: task.submitted, began: w.began}
	inner.config.onUpdate = nil // they are told of the task that is waited for
	state, err := inner.processed(ctx)
	if err != nil {
		return nil, err
	}
	return state.document(), nil
}

// decode reads the document of the resource.
func (w *wait) decode(doc []byte, result any) error {
	if err := unmarshal(doc, result); err != nil {
		return &DecodeError{Method: http.MethodGet, Path: w.resource, StatusCode: http.StatusOK, Body: doc, Err: err}
	}
	return nil
}
