package rediscloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/go-querystring/query"
)

// A call is one request to the API as a service method states it. It is created
// with get, post, put, patch or del, and run by fetch or submit. A mistake in
// its arguments is kept in err and returned when the call is run, so that a
// method can be one expression.
type call struct {
	method string
	route  string // the path with its placeholders: a name with few values
	path   string // the escaped path below the base URL
	query  url.Values
	body   []byte
	cmd    string         // the command type of the task that it starts, if known
	accept string         // the media type, if not JSON
	want   want           // the part of the request that the result will show
	stream *io.ReadCloser // receives the response's body unread; nil to have it read
	err    error
}

func get(route string, ids ...any) call  { return newCall(http.MethodGet, route, ids) }
func post(route string, ids ...any) call { return newCall(http.MethodPost, route, ids) }
func put(route string, ids ...any) call  { return newCall(http.MethodPut, route, ids) }
func del(route string, ids ...any) call  { return newCall(http.MethodDelete, route, ids) }

func patch(route string, ids ...any) call { return newCall(http.MethodPatch, route, ids) }

func newCall(method, route string, ids []any) call {
	path, err := expand(route, ids...)
	return call{method: method, route: route, path: path, err: err}
}

// command sets the command type of the task that the call starts, to find it if
// the response is lost.
func (c call) command(name string) call {
	c.cmd = name
	return c
}

// withQuery adds the query options: a pointer to a struct with url tags, or
// nil.
func (c call) withQuery(opts any) call {
	if c.err != nil || isNil(opts) {
		return c
	}
	if c.err = check(opts); c.err == nil {
		c.query, c.err = query.Values(opts)
	}
	return c
}

// withBody adds the request body, which must not be nil.
func (c call) withBody(body any) call {
	if c.err != nil {
		return c
	}
	if isNil(body) {
		c.err = errors.New("the request is nil")
		return c
	}
	if c.err = check(body); c.err == nil {
		c.body, c.err = json.Marshal(body)
	}
	return c
}

// withOptionalBody adds the request body unless it is nil.
func (c call) withOptionalBody(body any) call {
	if isNil(body) {
		return c
	}
	return c.withBody(body)
}

// shows names the fields of the body that the result will show: see pick. Never
// name a secret: what is picked is stored in tokens.
func (c call) shows(members ...string) call {
	if c.err == nil {
		c.want = pick(c.body, members)
	}
	return c
}

// withDryRun is withBody with the field that asks for the price only.
func (c call) withDryRun(req any) call {
	return c.withBody(req).with(`"dryRun":true`)
}

// with adds a field, as JSON, in front of those in the body.
func (c call) with(member string) call {
	if c.err != nil {
		return c
	}
	rest := bytes.TrimPrefix(c.body, []byte("{"))
	if len(rest) > 1 {
		member += ","
	}
	c.body = append([]byte("{"+member), rest...)
	return c
}

// name is the route with the same placeholder for each id.
func (c call) name() string {
	var name strings.Builder
	for rest := c.route; ; {
		before, after, found := strings.Cut(rest, "{")
		name.WriteString(before)
		if !found {
			return name.String()
		}
		name.WriteString("{id}")
		_, rest, _ = strings.Cut(after, "}")
	}
}

// String names the call for error texts, without the query, which may hold more
// than a reader should see.
func (c call) String() string { return c.method + " " + c.path }

// failed reports the mistake in a call's arguments.
func (c call) failed() error {
	return fmt.Errorf("rediscloud: %s %s: %w", c.method, c.route, c.err)
}

// expand fills the placeholders of a route, in order: ints are ids and must be
// positive; strings must name something and are escaped. Placeholders without
// an argument are left unchanged.
func expand(route string, ids ...any) (string, error) {
	var path strings.Builder
	rest := route
	for _, id := range ids {
		before, after, found := strings.Cut(rest, "{")
		name, tail, closed := strings.Cut(after, "}")
		if !found || !closed {
			return "", fmt.Errorf("route %s has no place for %v", route, id)
		}
		segment, err := pathSegment(name, id)
		if err != nil {
			return "", err
		}
		path.WriteString(before)
		path.WriteString(segment)
		rest = tail
	}
	path.WriteString(rest)
	return path.String(), nil
}

func pathSegment(name string, id any) (string, error) {
	switch id := id.(type) {
	case int:
		if id <= 0 {
			return "", fmt.Errorf("%s must be positive, not %d", name, id)
		}
		return strconv.Itoa(id), nil
	case string:
		// "." and ".." would change the path even when escaped, and text that
		// isn't UTF-8 would change in a token.
		if strings.TrimSpace(id) == "" || id == "." || id == ".." || !utf8.ValidString(id) {
			return "", fmt.Errorf("%s must not be %q", name, id)
		}
		return url.PathEscape(id), nil
	default:
		return "", fmt.Errorf("%s has the unexpected type %T", name, id)
	}
}

// decode decodes the document of a response and checks that it is complete.
func decode[T any](answer *Response) (doc *T, err error) {
	doc = new(T)
	if _, nothing := any(doc).(*None); nothing {
		return doc, nil
	}
	if answer.Unread, err = unmarshalNaming(answer.Body, doc); err != nil {
		return nil, err
	}
	return doc, nil
}

// unusable is the error for a 2xx response whose document can't be used. For a
// write that is worse than a failure: it may have been accepted.
func unusable(call call, answer *Response, err error) error {
	failure := &DecodeError{Method: call.method, Path: call.path, StatusCode: answer.StatusCode, Body: answer.Body, Err: err}
	if call.method == http.MethodGet {
		return failure
	}
	return &OutcomeUnknownError{Method: call.method, Path: call.path, Err: failure}
}

// getPath is the call that reads a path whose route isn't known.
func getPath(path string) call {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if _, err := strconv.Atoi(segment); err == nil {
			segments[i] = "{id}"
		}
	}
	return call{method: http.MethodGet, route: strings.Join(segments, "/"), path: path}
}
