package rediscloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Conditions to branch on with errors.Is. They match however the API reports
// them: by the status of a response ([APIError]), or by the reason for which a
// task failed ([TaskError]).
var (
	ErrUnauthorized = errors.New("rediscloud: invalid credentials")       // 401
	ErrForbidden    = errors.New("rediscloud: not permitted")             // 403
	ErrNotFound     = errors.New("rediscloud: not found")                 // 404
	ErrConflict     = errors.New("rediscloud: conflict with what exists") // 409
	ErrRateLimited  = errors.New("rediscloud: too many requests")         // 429

	// ErrTooManyChanges is a 429 of another kind: too many resources of the
	// account are being changed at once. It matches along with ErrRateLimited,
	// except for a task of the type TOO_MANY_PENDING_SUBSCRIPTIONS.
	ErrTooManyChanges = errors.New("rediscloud: too many changes at once")
)

// sentinelFor is the condition that an HTTP status stands for, or nil.
func sentinelFor(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusTooManyRequests:
		return ErrRateLimited
	}
	return nil
}

// An APIError is a response with a status other than 2xx. errors.Is matches it
// with ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict and
// ErrRateLimited by its status.
type APIError struct {
	Method     string
	Path       string // below the base URL
	StatusCode int
	Message    string // what the API said, in one line of at most 500 characters; "" if it can't be read
	RetryAfter time.Duration
	Header     http.Header
	Body       Body // verbatim, at most 64 KiB
}

// Error returns the method, the path, the status and what the API said.
func (e *APIError) Error() string {
	text := fmt.Sprintf("rediscloud: %s %s: %d", e.Method, e.Path, e.StatusCode)
	if name := http.StatusText(e.StatusCode); name != "" {
		text += " " + name
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Is matches the conditions of this package by status.
func (e *APIError) Is(target error) bool {
	if target == ErrTooManyChanges {
		return e.StatusCode == http.StatusTooManyRequests && tooManyChanges(e.Body)
	}
	return target == sentinelFor(e.StatusCode) && target != nil
}

// tooManyChanges reports whether a 429 is for concurrent changes: one for the
// rate of requests has another text.
func tooManyChanges(body []byte) bool {
	return strings.Contains(strings.ToLower(errorMessage(body)), "concurrent")
}

// errorMessage finds what an error's body says: Spring's JSON, other JSON,
// or plain text. HTML comes from some proxy and says nothing.
func errorMessage(body []byte) string {
	body = bytes.TrimSpace(body)
	if bytes.HasPrefix(body, []byte("<")) {
		return ""
	}
	if !bytes.HasPrefix(body, []byte("{")) {
		return oneLine(string(body))
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return ""
	}
	for _, name := range []string{"message", "description", "detail", "error", "errors", "title", "type"} {
		if text := messageText(members[name]); text != "" {
			return oneLine(text)
		}
	}
	return ""
}

// messageText reads a string, the first string of a list, or the description of
// an object.
func messageText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil && len(list) > 0 {
		return list[0]
	}
	var object struct{ Type, Message, Description string }
	if json.Unmarshal(raw, &object) == nil {
		return firstOf(object.Description, object.Message, object.Type)
	}
	return ""
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

const maxMessage = 500

// oneLine makes foreign text fit for an error or a log: printable, on one line,
// short.
func oneLine(text string) string {
	if len(text) > 4*maxMessage {
		text = text[:4*maxMessage]
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "…"
	}
	return text
}

// A DecodeError is a 2xx response whose document can't be used: it is empty or
// not JSON, lacks its id or its list, or is too large. A value of an unexpected
// type is not an error: see [Unmarshal].
type DecodeError struct {
	Method     string
	Path       string // below the base URL
	StatusCode int
	Body       Body  // verbatim; may hold passwords; nil if it was too large
	Err        error // what is wrong with it
}

// Error returns the method, the path and what is wrong, and nothing of the body.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("rediscloud: %s %s: the %d response can't be used: %s", e.Method, e.Path, e.StatusCode, oneLine(fmt.Sprint(e.Err)))
}

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

// An OutcomeUnknownError is a write that may or may not have been accepted: the
// connection was lost after the request was sent, ctx ended before the response,
// or the response was a 5xx or had no task id. This package doesn't send the
// write again, since what is created twice is billed twice. Look for its task
// with [FindTask] or Candidates before you send it again.
//
// Err is the failure itself, for errors.As and errors.Is: an [*APIError], a
// [*DecodeError], the context's error or an error of the network.
type OutcomeUnknownError struct {
	Method string
	Path   string // below the base URL
	Err    error

	lost any // a *lostWrite, of a write that starts a task
}

// Error returns the failure, and says that the write may have been accepted.
func (e *OutcomeUnknownError) Error() string {
	return fmt.Sprintf("%v (the API may have accepted the request)", e.Err)
}

// Unwrap returns the failure.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }
