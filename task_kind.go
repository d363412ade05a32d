package rediscloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"
)

// A kind describes one kind of results of tasks: how they are found, and what
// their statuses mean. It is declared beside the type, and passed on by the
// methods. A status that isn't listed means that the resource is on its way:
// the API adds such statuses without notice.
type kind struct {
	name   string            // in tokens: it must not change, even if the Go type does
	result reflect.Type      // that its results decode into
	noun   string            // the name in errors and progress
	member string            // of the document, that holds the status; "" if it has none
	ready  []string          // usable
	failed []string          // will not become usable
	action map[string]string // needs manual action, by status
	route  string            // where the resource is read when only its task is known

	// list are the fields that lead to the elements of the list in which the
	// resource is found, if it has no read operation, and id is the field with
	// an element's id.
	list []string
	id   string

	siblings bool     // the path above the resource lists it too, with its status
	paged    bool     // page by page
	within   *kind    // of the list's parent, whose status shows that something in it is changing
	also     string   // a field with a second status, which must be ready too if present
	part     bool     // it is a part of what is read: without a status, it doesn't exist
	absent   bool     // the task of a list may have none: the list is empty, or not known yet for an element that is waited for
	gone     []string // after a removal: these count as gone
	blank    bool     // a document without fields, except for links, says that there is none

	// How long a final status may date from before, if nothing shows otherwise:
	// after a change, and for a wait without one.
	settle, doubt time.Duration

	// How long it must be ready without interruption, since its status flips:
	// after any change, and after a create unless the field filled is more than
	// 0.
	holds, holdsFresh time.Duration
	filled            string

	exact bool // a document that differs from the request is never the result
}

// A kindOf is the kind of the results that decode into a T. A result of another
// type doesn't compile.
type kindOf[T any] struct{ *kind }

// The kinds by their names, which are in tokens, and by the types of the
// results.
var (
	kindsByName = map[string]*kind{}
	kindsByType = map[reflect.Type]*kind{}
)

// newKind declares the kind of the results of type T.
func newKind[T any](name string, k kind) kindOf[T] {
	declared := newVariant[T](name, k)
	kindsByType[reflect.TypeFor[T]()] = declared.kind
	return declared
}

// newVariant declares another kind of the same type, whose statuses have
// another meaning, or which is found in another way.
func newVariant[T any](name string, k kind) kindOf[T] {
	if kindsByName[name] != nil {
		panic("rediscloud: two kinds are called " + name)
	}
	k.name, k.result = name, reflect.TypeFor[T]()
	kindsByName[name] = &k
	return kindOf[T]{&k}
}

// kindFor is the kind of the results of type T.
func kindFor[T any]() (*kind, error) {
	if k := kindsByType[reflect.TypeFor[T]()]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("rediscloud: no task yields %s", reflect.TypeFor[T]())
}

var noneKind = newKind[None]("None", kind{})

// present refuses, with ErrNotFound, a document that says that the resource
// doesn't exist.
func (k *kind) present(doc []byte) error {
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
	return fmt.Errorf("rediscloud: there is no %s: %w", k.noun, ErrNotFound)
}

// status finds the status of a resource of the kind in its document. The error
// for a part that doesn't exist is ErrNotFound.
func (k *kind) status(doc []byte) (string, error) {
	status, err := statusIn(doc, k.member)
	switch {
	case err != nil && k.part && isObject(doc):
		return "", fmt.Errorf("%w: %w", err, ErrNotFound)
	case err == nil && k.also != "" && slices.Contains(k.ready, status):
		if second, err := statusIn(doc, k.also); err == nil {
			return second, nil
		}
	}
	return status, err
}

// statusIn finds the status in a resource's document: "" for a kind that has
// none, where the wait is only for its end.
func statusIn(doc []byte, member string) (string, error) {
	if member == "" {
		return "", nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc, &members); err != nil {
		return "", fmt.Errorf("rediscloud: the resource's document can't be used: %w", err)
	}
	var status string
	if err := json.Unmarshal(members[member], &status); err != nil || status == "" {
		return "", fmt.Errorf("rediscloud: the resource's document lacks its %s", member)
	}
	return status, nil
}

// errNoList is the reason for which an element can't be found in a list that
// may be absent.
var errNoList = errors.New("the list is not known yet")

// element finds the element of a key in a list document. If the list lacks it,
// the error is ErrNotFound.
func (k *kind) element(doc []byte, at place) ([]byte, error) {
	elements, err := k.elements(doc, at.Path)
	if err != nil {
		return nil, err
	}
	if element := elements[at.key()]; element != nil {
		return element, nil
	}
	return nil, k.unlisted(at.Path, at.key())
}

func (k *kind) unlisted(path, key string) error {
	return fmt.Errorf("rediscloud: GET %s: %s %s isn't in the list: %w", path, k.noun, key, ErrNotFound)
}

// elements returns the elements of a list document by their ids.
func (k *kind) elements(doc []byte, path string) (map[string][]byte, error) {
	if doc == nil && k.absent {
		return nil, fmt.Errorf("rediscloud: GET %s: %w", path, errNoList)
	}
	elements, err := elementsIn(doc, k.list, k.id)
	if err != nil && doc != nil { // a task may carry no list at all
		return nil, &DecodeError{Method: http.MethodGet, Path: path, StatusCode: http.StatusOK, Body: doc, Err: err}
	}
	return elements, nil
}

// hasOwnRead reports whether the API has a read operation for one resource of
// the kind.
func (k *kind) hasOwnRead() bool { return k.list == nil || k.siblings }
