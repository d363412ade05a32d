package rediscloud

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// An AmbiguousNameError is the error of GetByName if several resources have the
// name: the API doesn't keep all names unique. Read the one you mean with Get.
type AmbiguousNameError struct {
	Kind string   // such as "database"
	Name string   // that was asked for
	IDs  []string // of the resources that have it, in the order of the list
}

// Error returns the name and the ids of the resources.
func (e *AmbiguousNameError) Error() string {
	return fmt.Sprintf("rediscloud: more than one %s is named %q: ids %s", e.Kind, e.Name, oneLine(strings.Join(e.IDs, ", ")))
}

// A noSuchNameError is ErrNotFound for a name.
type noSuchNameError struct{ kind, name string }

func (e *noSuchNameError) Error() string {
	return fmt.Sprintf("rediscloud: there is no %s named %q", e.kind, e.name)
}

func (e *noSuchNameError) Is(target error) bool { return target == ErrNotFound }

// whole reads the resource that byName has found in a list. If it is gone by
// now, and only the list still shows it, there is none with that name.
func whole[T any](noun, name string, read func() (*T, error)) (*T, error) {
	resource, err := read()
	if errors.Is(err, ErrNotFound) {
		return nil, &noSuchNameError{noun, name}
	}
	return resource, err
}

// byName returns the one element that has the name, of a list that it reads to
// its end. It doesn't read the list for an empty name.
func byName[T any, ID int | string](noun, name string, all iter.Seq2[*T, error], labels func(*T) (id ID, name string)) (*T, error) {
	if name == "" {
		return nil, fmt.Errorf("rediscloud: the name of the %s must not be empty", noun)
	}
	var found *T
	var ids []string
	for element, err := range all {
		if err != nil {
			return nil, err
		}
		id, known := labels(element)
		if text := fmt.Sprint(id); known == name && !slices.Contains(ids, text) {
			found, ids = element, append(ids, text)
		}
	}
	switch len(ids) {
	case 0:
		return nil, &noSuchNameError{noun, name}
	case 1:
		return found, nil
	}
	return nil, &AmbiguousNameError{Kind: noun, Name: name, IDs: ids}
}
