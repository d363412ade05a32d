package rediscloud

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// A source says how to find the result of a task once it is processed. It is
// plain data, since it is stored in tokens.
type source struct {
	// Read is where to read the result. Without a path, the task contains it.
	Read place `json:"read,omitzero"`

	// Watch is the resource whose status says when the result is usable, if
	// that isn't Read. Kind is the name of the kind that judges it, if that
	// isn't the kind of the result.
	Watch place  `json:"watch,omitzero"`
	Kind  string `json:"kind,omitempty"`

	// Fresh means that the task creates the resource, which didn't exist
	// before.
	Fresh bool `json:"fresh,omitempty"`

	// Gone means that the wait is for the end of the resource.
	Gone bool `json:"gone,omitempty"`

	// Want is the part of the request that the result will show. It
	// distinguishes the result from other resources, and from its earlier
	// state.
	Want want `json:"want,omitempty"`
}

// An outcome is what a method knows of the result of the task that it starts.
type outcome[T any] struct {
	source
	kind kindOf[T]
	err  error
}

// A place is where a resource can be read.
type place struct {
	// Path may have placeholders for the ids in the task's response, or in its
	// document: see idSegment.
	Path string `json:"path,omitempty"`

	// Asks means that the read is itself a task, which contains the document.
	Asks bool `json:"asks,omitempty"`

	// InList means that the document is a list, in which the resource is the
	// element with that ID; 0 stands for the id in the task's response.
	InList bool `json:"inList,omitempty"`
	ID     int  `json:"id,omitempty"`

	Key string `json:"key,omitempty"` // instead of ID, if the id is a text
}

// key is the id of the element in its list.
func (p place) key() string {
	if p.Key != "" {
		return p.Key
	}
	return strconv.Itoa(p.ID)
}

// carried is the outcome of a task that contains its result.
func carried[T any](k kindOf[T]) outcome[T] { return outcome[T]{kind: k} }

// nothing is the outcome of a task that leaves nothing to read.
var nothing = carried(noneKind)

// readBack is the outcome of a task whose result is read from a path. If an id
// is missing, it is the one that the task names.
func readBack[T any](k kindOf[T], route string, ids ...any) outcome[T] {
	path, err := expand(route, ids...)
	fresh := strings.Contains(path, "{")
	return outcome[T]{source: source{Read: place{Path: path}, Fresh: fresh}, kind: k, err: err}
}

// askBack is the outcome of a task whose result is yielded by another task,
// which the read of a path starts, unless the first task contains it.
func askBack[T any](k kindOf[T], route string, ids ...any) outcome[T] {
	o := readBack(k, route, ids...)
	o.Read.Asks = true
	return o
}

// removal is the outcome of a task that removes the resource at a path.
func removal[T any](k kindOf[T], route string, ids ...any) outcome[None] {
	o := nothing.watching(k, route, ids...)
	o.Gone = true
	return o
}

// watching makes WaitProvisioned follow a resource other than the result.
func (o outcome[T]) watching(k named, route string, ids ...any) outcome[T] {
	path, err := expand(route, ids...)
	o.Watch, o.Kind, o.err = place{Path: path}, k.kindName(), errors.Join(o.err, err)
	return o
}

// named is a kind of any type.
type named interface{ kindName() string }

func (k *kind) kindName() string { return k.name }

// element makes the result, or what is removed, an element of the list that is
// read. With id 0 the task names it.
func (o outcome[T]) element(id int) outcome[T] {
	p := &o.Read
	if o.Gone {
		p = &o.Watch
	}
	p.InList, p.ID = true, id
	o.Fresh = o.Fresh || id == 0
	if id < 0 {
		o.err = errors.Join(o.err, fmt.Errorf("the id must be positive, not %d", id))
	}
	return o
}

// keyed is element for a list whose elements have a text as their id.
func (o outcome[T]) keyed(key string) outcome[T] {
	p := &o.Read
	if o.Gone {
		p = &o.Watch
	}
	p.InList, p.Key = true, key
	return o
}

// as makes WaitProvisioned judge the result by a kind other than its own.
func (o outcome[T]) as(k kindOf[T]) outcome[T] {
	o.Kind = k.name
	return o
}

// creating marks the outcome of a task that creates the resource at a path that
// is known in advance.
func (o outcome[T]) creating() outcome[T] {
	o.Fresh = true
	return o
}

// asking marks the read of what is removed as a task.
func (o outcome[T]) asking() outcome[T] {
	o.Watch.Asks = true
	return o
}

// watched is the place whose status WaitProvisioned follows.
func (s source) watched() place {
	if s.Watch.Path != "" {
		return s.Watch
	}
	return s.Read
}

// judgedBy is the kind by which WaitProvisioned judges: own is that of the
// result.
func (s source) judgedBy(own *kind) *kind {
	if k := kindsByName[s.Kind]; k != nil {
		return k
	}
	return own
}

// check refuses a source, possibly from a token, that would make the client
// send unexpected requests.
func (s source) check() error {
	for _, path := range []string{s.Read.Path, s.Watch.Path} {
		if path != "" && (!strings.HasPrefix(path, "/") || !cleanPath(path[1:])) {
			return fmt.Errorf("the path %q is not one of the API", oneLine(path))
		}
	}
	if s.Kind != "" && kindsByName[s.Kind] == nil {
		return fmt.Errorf("it names a kind of resource that this version doesn't know: %q", oneLine(s.Kind))
	}
	return nil
}

// at is the place with its path filled in.
func (p place) at(path string) place {
	p.Path = path
	return p
}

// maxTextID bounds a text id from a task's document, which becomes part of a
// path.
const maxTextID = 256

// fillIDs replaces the placeholders of a path by the ids in a task's response.
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
		segment, ok := idSegment(name, response)
		if !ok {
			return "", false
		}
		path = before + segment + after
	}
}

// idSegment returns the id that replaces a placeholder, as a segment of a path.
// "resource.storeId" stands for the field storeId of the task's document,
// "additionalResourceId" for that field of the response, and any other name for
// resourceId.
func idSegment(name string, response *TaskResponse) (segment string, ok bool) {
	if member, ok := strings.CutPrefix(name, "resource."); ok {
		value := tolerant.Member(response.Resource, member)
		if value == nil {
			return "", false
		}
		id := idText(value)
		segment, err := pathSegment(member, id)
		return segment, err == nil && len(id) <= maxTextID && cleanPath(segment)
	}
	id := response.ResourceID
	if name == "additionalResourceId" {
		id = response.AdditionalResourceID
	}
	return strconv.Itoa(id), id > 0
}
