package rediscloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
)

// None is what an operation yields that leaves nothing to read.
type None struct{}

// An outcome says how the result of a task is found once it is processed. It
// is plain data, so that it can travel in a token.
type outcome struct {
	// Read is where the result is read. Without a path, the task carries it.
	Read place `json:"read,omitzero"`

	// Watch is the resource whose status tells when the result is usable, where
	// that isn't Read, and Kind what its statuses mean, where that isn't told
	// by the type of the result.
	Watch place  `json:"watch,omitzero"`
	Kind  string `json:"kind,omitempty"`

	// Gone makes the end of the resource the wanted one.
	Gone bool `json:"gone,omitempty"`

	err error
}

// A place is where a resource can be read.
type place struct {
	// Path may hold placeholders, which stand for the ids in the task's response.
	Path string `json:"path,omitempty"`

	// Asks tells that the read is itself a task, which carries the document.
	Asks bool `json:"asks,omitempty"`

	// InList tells that the document is a list, in which the resource is the
	// element of that ID; 0 stands for the id in the task's response.
	InList bool `json:"inList,omitempty"`
	ID     int  `json:"id,omitempty"`

	Key string `json:"key,omitempty"` // in place of ID, where that is a text
}

// key is what the element is found by in its list.
func (p place) key() string {
	if p.Key != "" {
		return p.Key
	}
	return strconv.Itoa(p.ID)
}

// carried is the outcome of a task that holds its document, or leaves none.
var carried = outcome{}

// readBack is the outcome of a task whose result is read from a path. An id
// that isn't given is the one that the task names.
func readBack(route string, ids ...any) outcome {
	path, err := expand(route, ids...)
	return outcome{Read: place{Path: path}, err: err}
}

// askBack is the outcome of a task whose result, unless the task carries it, is
// yielded by the task that the read of a path starts.
func askBack(route string, ids ...any) outcome {
	o := readBack(route, ids...)
	o.Read.Asks = true
	return o
}

// removal is the outcome of a task that removes the resource at a path.
func removal(kind, route string, ids ...any) outcome {
	return carried.watching(kind, route, ids...).gone()
}

// watching makes WaitProvisioned follow another resource than the result.
func (o outcome) watching(kind, route string, ids ...any) outcome {
	path, err := expand(route, ids...)
	o.Watch, o.Kind, o.err = place{Path: path}, kind, errors.Join(o.err, err)
	return o
}

// element makes the result, or what is removed, an element of the list that is
// read. With id 0 the task names it.
func (o outcome) element(id int) outcome {
	p := &o.Read
	if o.Gone {
		p = &o.Watch
	}
	p.InList, p.ID = true, id
	if id < 0 {
		o.err = errors.Join(o.err, fmt.Errorf("the id must be positive, not %d", id))
	}
	return o
}

// keyed is element for a list whose elements have a text for an id.
func (o outcome) keyed(key string) outcome {
	p := &o.Read
	if o.Gone {
		p = &o.Watch
	}
	p.InList, p.Key = true, key
	return o
}

// as makes WaitProvisioned judge the result by another kind than that of its
// type.
func (o outcome) as(kind string) outcome {
	o.Kind = kind
	return o
}

// asking makes the read of what is removed a task.
func (o outcome) asking() outcome {
	o.Watch.Asks = true
	return o
}

func (o outcome) gone() outcome {
	o.Gone = true
	return o
}

// watched is the place whose status WaitProvisioned follows.
func (o outcome) watched() place {
	if o.Watch.Path != "" {
		return o.Watch
	}
	return o.Read
}

// check refuses an outcome, which may have come in a token, that would make the
// client ask for odd things.
func (o outcome) check() error {
	for _, path := range []string{o.Read.Path, o.Watch.Path} {
		if path != "" && (!strings.HasPrefix(path, "/") || !cleanPath(path[1:])) {
			return fmt.Errorf("the path %q is not one of the API", oneLine(path))
		}
	}
	return nil
}

// typeName is how a result type is called in tokens and in the table of kinds.
func typeName[T any]() string { return reflect.TypeFor[T]().Name() }

// resolve yields the result of the task that w has seen completed.
func resolve[T any](ctx context.Context, w *wait, out outcome) (*T, error) {
	result := new(T)
	if _, nothing := any(result).(*None); nothing {
		return result, nil
	}
	doc := w.last.document()
	err := kinds[typeName[T]()].present(doc)
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
	if out.Read.Path == "" && kinds[typeName[T]()].absent && w.last.document() == nil {
		return result, nil
	}
	paths := w.paths(out.Read)
	if len(paths) == 0 {
		return nil, w.failure(errors.New("the task names neither a resource nor a document"))
	}
	for _, path := range paths {
		w.resource = path
		if result, err = readResult[T](ctx, w, out.Read.at(path)); err == nil {
			return result, nil
		}
		// Only a link that leads to something else is worth a second path.
		if _, odd := errors.AsType[*DecodeError](err); !odd && !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return nil, w.failure(err)
}

// errNoList is why an element can't be found in a list that may be absent.
var errNoList = errors.New("the list is not known yet")

// readResult reads the resource of a task that was just completed. It may not
// be there at once: a 404 is waited out, and so is a list that is absent.
func readResult[T any](ctx context.Context, w *wait, at place) (result *T, err error) {
	err = w.follow(ctx, func(ctx context.Context) (string, bool, error) {
		doc, err := w.read(asResult(ctx), at, kinds[typeName[T]()], w.client.transport.retry)
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

// at is the place with its path filled in.
func (p place) at(path string) place {
	p.Path = path
	return p
}

// fillIDs puts the ids of a task's response into what is left open in a path.
func fillIDs(path string, response *TaskResponse) (string, bool) {
	if path == "" || response == nil {
		return "", false
	}
	for {
		before, rest, open := strings.Cut(path, "{")
		if !open {
			return path, true
		}
		name, after, _ := strings.Cut(rest, "}")
		id := response.ResourceID
		if name == "additionalResourceId" {
			id = response.AdditionalResourceID
		}
		if id <= 0 {
			return "", false
		}
		path = before + strconv.Itoa(id) + after
	}
}

// read reads the document of a resource once. A resource that its list lacks is
// ErrNotFound.
func (w *wait) read(ctx context.Context, at place, k kind, retry RetryPolicy) (doc []byte, err error) {
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
	return elementOf(doc, k, w.named(at))
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
	task, err := submit[None](ctx, w.client, getPath(path), carried)
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

// getPath is the call that reads a path which no route is known for.
func getPath(path string) call {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if _, err := strconv.Atoi(segment); err == nil {
			segments[i] = "{id}"
		}
	}
	return call{method: http.MethodGet, route: strings.Join(segments, "/"), path: path}
}

// present refuses, with ErrNotFound, a document that says that the resource
// isn't there.
func (k kind) present(doc []byte) error {
	if !k.blank || !isObject(doc) {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc, &members); err != nil {
		return err
	}
	delete(members, "links")
	delete(members, "_links")
	if len(members) > 0 {
		return nil
	}
	return fmt.Errorf("rediscloud: there is no %s: %w", k.name, ErrNotFound)
}
