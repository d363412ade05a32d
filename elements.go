package rediscloud

import (
	"context"
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
	if err := checkList(call, answer); err != nil {
		return nil, err
	}
	doc, err := elementOf(answer.Body, call.path, k, id)
	if err != nil {
		return nil, err
	}
	element, err := decode[T](&Response{Body: doc})
	if err != nil {
		return nil, unusable(call, answer, err)
	}
	return element, nil
}

// checkList refuses an answer that is no document at all: what it lacks says
// nothing.
func checkList(call call, answer *Response) error {
	var doc any
	if err := unmarshal(answer.Body, &doc); err != nil {
		return unusable(call, answer, err)
	}
	return nil
}

// elementOf finds the element of an id in the list that was read at a path.
func elementOf(list []byte, path string, k kind, id int) ([]byte, error) {
	element, ok := findElement(list, k.list, k.id, id)
	if !ok {
		return nil, fmt.Errorf("rediscloud: %s %s: %s %d isn't in the list: %w", http.MethodGet, path, k.name, id, ErrNotFound)
	}
	return element, nil
}
