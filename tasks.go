package rediscloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// A TaskStatus is the state of a task.
type TaskStatus string

// The statuses of a task. Any other status means that it isn't finished.
const (
	TaskStatusInitialized          TaskStatus = "initialized"
	TaskStatusReceived             TaskStatus = "received" // queued: an account's tasks are processed one at a time
	TaskStatusProcessingInProgress TaskStatus = "processing-in-progress"
	TaskStatusProcessingCompleted  TaskStatus = "processing-completed" // its resource may still be provisioned
	TaskStatusProcessingError      TaskStatus = "processing-error"
)

// A TaskState is a task as the API described it at one moment.
type TaskState struct {
	TaskID      string        `json:"taskId"`
	CommandType string        `json:"commandType,omitempty"` // such as subscriptionCreateRequest
	Status      TaskStatus    `json:"status,omitempty"`
	Description string        `json:"description,omitempty"`
	Timestamp   Time          `json:"timestamp,omitzero"` // of the latest change of status
	Response    *TaskResponse `json:"response,omitempty"` // nil until there is one
	Links       Links         `json:"links,omitempty"`

	// Raw is the document verbatim, with fields that this package doesn't know.
	// The tasks of a TaskList share the memory of the list. encoding/json leaves it
	// nil: see [Unmarshal].
	Raw json.RawMessage `json:"-"`
}

// A TaskResponse is the outcome of a task.
type TaskResponse struct {
	// ResourceID is the id of what was created, changed or deleted; 0 if the
	// API gives none, or one that isn't a whole number (see TaskState.Raw).
	ResourceID int `json:"resourceId,omitempty"`

	// AdditionalResourceID is the id of the parent of the resource, such as the
	// subscription of a database.
	AdditionalResourceID int `json:"additionalResourceId,omitempty"`

	// Resource is the document that a task yields instead of an id.
	Resource json.RawMessage `json:"resource,omitempty"`

	Error          *TaskFailure `json:"error,omitempty"` // why the task failed
	AdditionalInfo string       `json:"additionalInfo,omitempty"`
}

// A TaskFailure is the reason for which a task failed. If the API gives it as a
// bare text, that is the Type if it is one word, the Status if it begins with an
// HTTP status, and the Description otherwise.
type TaskFailure struct {
	Type        TaskErrorType `json:"type,omitempty"`
	Status      string        `json:"status,omitempty"` // such as "404 NOT_FOUND"
	Description string        `json:"description,omitempty" also:"message"`
}

// Done reports whether the task has ended, successfully or not.
func (s *TaskState) Done() bool {
	return s != nil && (s.Status == TaskStatusProcessingCompleted || s.Failed())
}

// Failed reports whether the task ended in an error. A state that has a reason
// for a failure and no status counts as failed too.
func (s *TaskState) Failed() bool {
	if s == nil {
		return false
	}
	reason := s.Response != nil && s.Response.Error != nil && *s.Response.Error != TaskFailure{}
	return s.Status == TaskStatusProcessingError || reason && (s.Status == TaskStatusProcessingCompleted || s.Status == "")
}

// document is the document in the task, or nil.
func (s *TaskState) document() json.RawMessage {
	if s.Response == nil || string(s.Response.Resource) == "null" {
		return nil
	}
	return s.Response.Resource
}

func (s *TaskState) check() error {
	if s.TaskID == "" {
		return errors.New("missing taskId")
	}
	return checkTaskID(s.TaskID)
}

// maxTaskID bounds the id of a task. The API's have 36 characters.
const maxTaskID = 256

// checkTaskID refuses an id that can't be asked for.
func checkTaskID(id string) error {
	if len(id) > maxTaskID {
		return fmt.Errorf("a task id has at most %d characters, not %d", maxTaskID, len(id))
	}
	_, err := pathSegment("taskId", id)
	return err
}

// TasksService reads the tasks of the account.
type TasksService struct{ client *Client }

// TaskList is the response of [TasksService.List].
type TaskList struct {
	Tasks []TaskState `json:"tasks"`
}

func (l *TaskList) elements() []TaskState { return l.Tasks }

// Get returns the current state of a task. A task that was just submitted may be
// [ErrNotFound] for a moment; after about 10 days it is ErrNotFound for good.
//
// API: GET /tasks/{taskId}
func (s *TasksService) Get(ctx context.Context, taskID string) (*TaskState, error) {
	return fetch[TaskState](ctx, s.client, get("/tasks/{taskId}", taskID))
}

// List returns the tasks of the last 10 days, the latest change first. The API
// has no pages here: for a busy account this is a large document.
//
// API: GET /tasks
func (s *TasksService) List(ctx context.Context) (*TaskList, error) {
	list, err := fetch[TaskList](ctx, s.client, get("/tasks"))
	if err == nil {
		s.client.sighted.see(list.Tasks)
	}
	return list, err
}

// All iterates over the tasks that List returns. An error comes last.
//
// API: GET /tasks
func (s *TasksService) All(ctx context.Context) iter.Seq2[*TaskState, error] {
	return listed(ctx, s.List)
}
