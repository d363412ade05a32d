package rediscloud

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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

// elementsIn are the elements of a list document by their ids: list names the
// members that lead to them, through arrays too.
func elementsIn(doc []byte, list []string, idMember string) map[int][]byte {
	found := map[int][]byte{}
	var collect func(doc []byte, list []string)
	collect = func(doc []byte, list []string) {
		var elements []json.RawMessage
		if json.Unmarshal(doc, &elements) == nil {
			for _, element := range elements {
				collect(element, list)
			}
			return
		}
		var members map[string]json.RawMessage
		if json.Unmarshal(doc, &members) != nil {
			return
		}
		if len(list) > 0 {
			collect(members[list[0]], list[1:])
			return
		}
		var id lenientInt
		if json.Unmarshal(members[idMember], &id) == nil && id != 0 {
			found[int(id)] = doc
		}
	}
	collect(doc, list)
	return found
}

// elementOf is the element that a place stands for in its list. One that isn't
// there is ErrNotFound; a document that is no list says nothing.
func elementOf(doc []byte, k kind, at place) ([]byte, error) {
	if doc == nil && k.absent {
		return nil, fmt.Errorf("rediscloud: GET %s: %w", at.Path, errNoList)
	}
	var list any
	if err := unmarshal(doc, &list); err != nil && doc != nil { // a task may carry no list at all
		return nil, &DecodeError{Method: http.MethodGet, Path: at.Path, StatusCode: http.StatusOK, Body: doc, Err: err}
	}
	if element := elementsIn(doc, k.list, k.id)[at.ID]; element != nil {
		return element, nil
	}
	return nil, fmt.Errorf("rediscloud: GET %s: %s %d isn't in the list: %w", at.Path, k.name, at.ID, ErrNotFound)
}
