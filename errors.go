package rediscloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
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
	// account are being changed at once. It matches along with ErrRateLimited.
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

func newAPIError(call call, answer *Response) *APIError {
	hint, _ := retryHint(answer.Header, time.Now())
	return &APIError{
		Method:     call.method,
		Path:       call.path,
		StatusCode: answer.StatusCode,
		Message:    errorMessage(answer.Body),
		RetryAfter: hint,
		Header:     answer.Header,
		Body:       answer.Body,
	}
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

// A DecodeError is a 2xx answer whose document can't be used: it is empty, is
// not the JSON that was expected, lacks its id, or is too large.
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

	lost *lostWrite // nil if the write starts no task
}

// Error tells the failure, and that the write may have been accepted.
func (e *OutcomeUnknownError) Error() string {
	return fmt.Sprintf("%v (the API may have accepted the request)", e.Err)
}

// Unwrap returns the failure.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

// A TaskError is a task that ended in processing-error. errors.Is matches it
// with ErrNotFound and its siblings, by the status that the reason names or,
// where it names none, by the ending of its type.
type TaskError struct {
	TaskID         string
	CommandType    string
	Type           TaskErrorType // such as SUBSCRIPTION_NOT_ACTIVE
	Status         string        // such as "404 NOT_FOUND"; "" if not told
	Description    string        // in the API's words
	AdditionalInfo string
	State          *TaskState // the state that the task ended in
}

func newTaskError(id string, state *TaskState) *TaskError {
	e := &TaskError{TaskID: id, CommandType: state.CommandType, State: state}
	if r := state.Response; r != nil {
		e.AdditionalInfo = r.AdditionalInfo
		if r.Error != nil {
			e.Type, e.Status, e.Description = r.Error.Type, r.Error.Status, r.Error.Description
		}
	}
	return e
}

// Error tells the task's id, its command and the reason.
func (e *TaskError) Error() string {
	text := "rediscloud: task " + oneLine(e.TaskID)
	if e.CommandType != "" {
		text += " (" + oneLine(e.CommandType) + ")"
	}
	text += " failed"
	for _, part := range []string{e.Status, string(e.Type), e.Description, e.AdditionalInfo} {
		if part != "" {
			text += ": " + oneLine(part)
		}
	}
	return text
}

// StatusCode is the HTTP status that the reason begins with, or 0.
func (e *TaskError) StatusCode() int {
	digits, _, _ := strings.Cut(strings.TrimSpace(e.Status), " ")
	code, err := strconv.Atoi(digits)
	if err != nil || code < 100 || code > 999 {
		return 0
	}
	return code
}

// Is matches the conditions of this package.
func (e *TaskError) Is(target error) bool {
	code := e.StatusCode()
	if code == 0 {
		code = e.Type.statusCode()
	}
	return target != nil && target == sentinelFor(code)
}

// A TaskErrorType names why a task failed. The API has about 600 of them and
// adds more; the constants are those that programs most often branch on.
type TaskErrorType string

// Some of the reasons for which tasks fail.
const (
	TaskErrorUnauthorized          TaskErrorType = "UNAUTHORIZED"
	TaskErrorSubscriptionNotActive TaskErrorType = "SUBSCRIPTION_NOT_ACTIVE"
	TaskErrorSubscriptionNotFound  TaskErrorType = "SUBSCRIPTION_NOT_FOUND"
	TaskErrorSubscriptionInUse     TaskErrorType = "SUBSCRIPTION_IN_USE"
	TaskErrorDatabaseNotActive     TaskErrorType = "DATABASE_NOT_ACTIVE"
	TaskErrorDatabaseNotFound      TaskErrorType = "DATABASE_NOT_FOUND"
	TaskErrorDatabaseNameExists    TaskErrorType = "DATABASE_NAME_EXISTS"
	TaskErrorBackupDisabled        TaskErrorType = "DATABASE_BACKUP_DISABLED"
)

// statusCode derives from the ending of the type what its status would say.
func (t TaskErrorType) statusCode() int {
	for ending, code := range map[string]int{
		"NOT_FOUND":      http.StatusNotFound,
		"UNAUTHORIZED":   http.StatusUnauthorized,
		"FORBIDDEN":      http.StatusForbidden,
		"NAME_EXISTS":    http.StatusConflict,
		"ALREADY_EXISTS": http.StatusConflict,
		"ALREADY_EXIST":  http.StatusConflict,
	} {
		if t == TaskErrorType(ending) || strings.HasSuffix(string(t), "_"+ending) {
			return code
		}
	}
	return 0
}

// A WaitError is a wait that ended before what was waited for. The task goes on
// at the API whatever ended the wait; wait again with the same handle, or with
// one made by ResumeTask. errors.Is and errors.As find the cause, such as
// context.DeadlineExceeded.
type WaitError struct {
	TaskID      string        // "" if the wait was for a resource
	Last        *TaskState    // the last state seen of the task, never nil
	Resource    string        // the path of the resource, once it was being read
	Status      string        // the last status seen of the resource
	Elapsed     time.Duration // since the wait began
	FailedPolls int           // polls that brought no state
	LastPollErr error         // of the latest failed poll
	Err         error         // why the wait ended
}

// Error tells the task's id, how far it came and why the wait ended.
func (e *WaitError) Error() string {
	text := "rediscloud: " + e.progress()
	text += fmt.Sprintf("; gave up after %s: %v", e.Elapsed.Round(time.Millisecond), e.Err)
	if e.FailedPolls > 0 && e.LastPollErr != nil && !errors.Is(e.Err, e.LastPollErr) {
		text += fmt.Sprintf(" (%d failed polls, the last: %v)", e.FailedPolls, e.LastPollErr)
	}
	return text
}

func (e *WaitError) progress() string {
	task := "task " + oneLine(e.TaskID)
	switch {
	case e.TaskID == "" && e.Status != "":
		return fmt.Sprintf("waiting for %s, last %q", e.Resource, oneLine(e.Status))
	case e.TaskID == "":
		return "waiting for " + e.Resource
	case e.Resource != "" && e.Status != "":
		return fmt.Sprintf("%s is done; waiting for %s, last %q", task, e.Resource, oneLine(e.Status))
	case e.Resource != "":
		return fmt.Sprintf("%s is done; reading %s", task, e.Resource)
	case e.Last == nil:
		return task + " may go on, no state seen"
	case e.Last.Done():
		return task + " is done; its result can't be read"
	case e.Last.Status != "":
		return fmt.Sprintf("%s goes on, last %q", task, oneLine(string(e.Last.Status)))
	}
	return task + " may go on, no state seen"
}

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

// A ProvisionError is a resource whose task was processed but which will not
// become active by itself: it failed, or it waits for a person.
type ProvisionError struct {
	TaskID       string // "" if no task led to the resource
	Kind         string // such as "database"
	Resource     string // its path below the base URL
	Status       string // the status that it ended in
	AwaitsPerson bool   // somebody has to act; see Hint
	Hint         string // what has to be done, if somebody has to act
	Body         Body   // the resource's document; may hold passwords
}

// Error tells the resource and its status, and what has to be done.
func (e *ProvisionError) Error() string {
	text := fmt.Sprintf("rediscloud: %s %s", e.Kind, e.Resource)
	if e.TaskID != "" {
		text += " of task " + oneLine(e.TaskID)
	}
	text += fmt.Sprintf(" is %q", oneLine(e.Status))
	if e.AwaitsPerson {
		text += ": " + e.Hint
	}
	return text
}
