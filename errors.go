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

// Conditions to branch on with errors.Is. They match in whichever way the API
// tells them: by the status of an answer (APIError), or by the reason of a
// failed task (TaskError).
var (
	ErrUnauthorized = errors.New("rediscloud: the keys were not accepted")   // 401
	ErrForbidden    = errors.New("rediscloud: not permitted")                // 403
	ErrNotFound     = errors.New("rediscloud: not found")                    // 404
	ErrConflict     = errors.New("rediscloud: in conflict with what exists") // 409
	ErrRateLimited  = errors.New("rediscloud: too many requests")            // 429

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

// An APIError is an answer with a status other than 2xx. errors.Is matches it
// with ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict and
// ErrRateLimited by its status.
type APIError struct {
	Method     string
	Path       string // below the base URL
	StatusCode int
	Message    string // what the API said, in one line of at most 500 characters; "" if nothing that can be read
	RetryAfter time.Duration
	Header     http.Header
	Body       Body // as it came, at most 64 KiB
}

// Error tells method, path, status and what the API said.
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

// tooManyChanges tells a 429 for concurrent changes from one for the rate of
// requests, which comes with other words.
func tooManyChanges(body []byte) bool {
	return strings.Contains(strings.ToLower(errorMessage(body)), "concurrent")
}

// errorMessage finds what an error's body says: Spring's JSON, other JSON,
// or plain text. HTML is the words of some proxy and says nothing.
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

// messageText reads a text, the first text of a list, or the description of an object.
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

// oneLine makes foreign text fit for an error or a log: printable, on one line, short.
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

// A DecodeError is a 2xx answer whose document can't be used: it is empty, is no
// JSON, lacks its id or the list that it is about, or is too large. A value of
// another kind than expected is no such error: see Unmarshal.
type DecodeError struct {
	Method     string
	Path       string // below the base URL
	StatusCode int
	Body       Body  // as it came; may hold passwords; nil if it was too large
	Err        error // what is wrong with it
}

// Error tells method, path and what is wrong, but nothing of the body.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("rediscloud: %s %s: the %d answer can't be used: %s", e.Method, e.Path, e.StatusCode, oneLine(fmt.Sprint(e.Err)))
}

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

// An OutcomeUnknownError is a write that may or may not have been accepted: the
// connection was lost after sending, ctx ended before the answer, or the answer
// was a 5xx or one without a task id. The write is not sent again by this
// package, since what is created twice is billed twice. Look for its task with
// FindTask or Candidates before sending it again.
//
// Err is the failure itself, for errors.As and errors.Is: an *APIError, a
// *DecodeError, the end of the context or an error of the network.
type OutcomeUnknownError struct {
	Method string
	Path   string // below the base URL
	Err    error

	lost any // a *lostWrite, of a write that starts a task
}

// Error tells the failure, and that the write may have been accepted.
func (e *OutcomeUnknownError) Error() string {
	return fmt.Sprintf("%v (the API may have accepted the request)", e.Err)
}

// Unwrap returns the failure.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }
