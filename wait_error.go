package rediscloud

import (
	"errors"
	"fmt"
	"time"
)

// A WaitError is a wait that ended early. The task is still running at the API,
// whatever ended the wait: wait again with the same handle, or with one from
// [ResumeTask]. errors.Is and errors.As find the cause, such as
// context.DeadlineExceeded.
type WaitError struct {
	TaskID      string        // "" if the wait was for a resource
	Last        *TaskState    // the last state seen of the task, never nil
	Resource    string        // the path of the resource, once it has been read
	Status      string        // the last status seen of the resource
	Elapsed     time.Duration // since the wait began
	FailedPolls int           // how many polls failed
	LastPollErr error         // of the latest failed poll
	Err         error         // why the wait ended
}

// Error returns the id and the last state of the task, and why the wait ended.
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
	case e.Last.Done():
		return task + " is done; its result can't be read"
	case errors.Is(e.Err, ErrNotFound):
		return "the API doesn't know, or no longer knows, " + task
	case e.Last == nil:
		return task + " may still be running, no state seen"
	case e.Last.Status != "":
		return fmt.Sprintf("%s is still running, last %q", task, oneLine(string(e.Last.Status)))
	}
	return task + " may still be running, no state seen"
}

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

// A ProvisionError is a resource whose task was processed but which will not
// become active without help: it failed, or it needs manual action.
type ProvisionError struct {
	TaskID         string // "" if no task led to the resource
	Kind           string // such as "database"
	Resource       string // its path below the base URL
	Status         string // the status that it ended in
	ActionRequired bool   // it needs manual action; see Hint
	Hint           string // the manual action that is needed, or ""
	Reason         string // what the API says went wrong; "" if nothing
	Body           Body   // the resource's document; may hold passwords
}

// Error returns the resource and its status, and the action that is needed.
func (e *ProvisionError) Error() string {
	text := fmt.Sprintf("rediscloud: %s %s", e.Kind, e.Resource)
	if e.TaskID != "" {
		text += " of task " + oneLine(e.TaskID)
	}
	text += fmt.Sprintf(" is %q", oneLine(e.Status))
	if e.ActionRequired {
		text += ": " + e.Hint
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}
