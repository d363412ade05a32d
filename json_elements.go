package rediscloud

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// fetchElement reads a list and decodes the element of an id, which is how a
// resource is read that has no read of its own. One that the list lacks is
// ErrNotFound.
func fetchElement[T any](ctx context.Context, c *Client, call call, id int) (*T, error) {
	k := kinds[typeName[T]()]
	if call.err == nil && id <= 0 {
		call.err = fmt.Errorf("the id of the %s must be positive, not %d", k.name, id)
	}
	answer, err := c.roundTrip(ctx, call)
	if err != nil {
		return nil, err
	}
	doc, err := elementOf(answer.Body, k, place{Path: call.path, ID: id})
	if err != nil {
		return nil, err
	}
	element, err := decode[T](&Response{Body: doc})
	if err != nil {
		return nil, unusable(call, answer, err)
	}
	return element, nil
}

// elementsIn are the elements of a list document by their ids, numbers or texts:
// list names the members that lead to them, through arrays too. A document of
// another form is an error, since what it lacks says nothing.
func elementsIn(doc []byte, list []string, idMember string) (map[string][]byte, error) {
	found := map[string][]byte{}
	var members map[string]json.RawMessage
	if err := unmarshal(doc, &members); err != nil {
		return nil, err
	}
	level := []map[string]json.RawMessage{members}
	for i, name := range list {
		var next []map[string]json.RawMessage
		for _, members := range level {
			var elements []json.RawMessage
			raw := members[name]
			last := i == len(list)-1
			switch {
			case raw == nil || string(raw) == "null":
			case !last && isObject(raw):
				elements = []json.RawMessage{raw}
			default:
				if err := json.Unmarshal(raw, &elements); err != nil {
					return nil, fmt.Errorf("%s is no list: %w", name, err)
				}
			}
			for _, element := range elements {
				var members map[string]json.RawMessage
				if json.Unmarshal(element, &members) != nil {
					continue
				}
				if id := strings.Trim(string(members[idMember]), `"`); last && id != "" {
					found[id] = element
				}
				next = append(next, members)
			}
		}
		level = next
	}
	return found, nil
}

// elementOf is the element that a place stands for in its list. One that isn't
// there is ErrNotFound.
func elementOf(doc []byte, k kind, at place) ([]byte, error) {
	if doc == nil && k.absent {
		return nil, fmt.Errorf("rediscloud: GET %s: %w", at.Path, errNoList)
	}
	elements, err := elementsIn(doc, k.list, k.id)
	if err != nil && doc != nil { // a task may carry no list at all
		return nil, &DecodeError{Method: http.MethodGet, Path: at.Path, StatusCode: http.StatusOK, Body: doc, Err: err}
	}
	if element := elements[at.key()]; element != nil {
		return element, nil
	}
	return nil, fmt.Errorf("rediscloud: GET %s: %s %s isn't in the list: %w", at.Path, k.name, at.key(), ErrNotFound)
}
