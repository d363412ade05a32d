package rediscloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
)

// A TaskStatus is how far a task is.
type TaskStatus string

// The statuses of a task. One that isn't among them is taken as not finished.
const (
	TaskInitialized TaskStatus = "initialized"
	TaskReceived    TaskStatus = "received" // queued: an account's tasks are processed one at a time
	TaskInProgress  TaskStatus = "processing-in-progress"
	TaskCompleted   TaskStatus = "processing-completed" // its resource may still be provisioned
	TaskFailed      TaskStatus = "processing-error"
)

// A TaskState is what the API tells of a task at one moment.
type TaskState struct {
	TaskID      string        `json:"taskId"`
	CommandType string        `json:"commandType,omitempty"` // such as subscriptionCreateRequest
	Status      TaskStatus    `json:"status,omitempty"`
	Description string        `json:"description,omitempty"`
	Timestamp   Time          `json:"timestamp,omitzero"` // of the latest change of status
	Response    *TaskResponse `json:"response,omitempty"` // nil as long as there is none
	Links       Links         `json:"links,omitempty"`

	// Raw is the document as it came, with members that this package doesn't know.
	Raw json.RawMessage `json:"-"`
}

// A TaskResponse is what a task has brought about.
type TaskResponse struct {
	// ResourceID is the id of what was made, changed or deleted; 0 if the
	// API names none, or one that isn't a whole number (see TaskState.Raw).
	ResourceID int `json:"resourceId,omitempty"`

	// AdditionalResourceID is the id of what holds the resource, such as the
	// subscription of a database.
	AdditionalResourceID int `json:"additionalResourceId,omitempty"`

	// Resource is the document that a task yields in place of an id.
	Resource json.RawMessage `json:"resource,omitempty"`

	Error          *TaskFailure `json:"error,omitempty"` // why the task failed
	AdditionalInfo string       `json:"additionalInfo,omitempty"`
}

// A TaskFailure is the reason why a task failed.
type TaskFailure struct {
	Type        TaskErrorType `json:"type,omitempty"`
	Status      string        `json:"status,omitempty"` // such as "404 NOT_FOUND"
	Description string        `json:"description,omitempty"`
}

// Done reports whether the task has come to its end, good or bad.
func (s *TaskState) Done() bool { return s != nil && (s.Status == TaskCompleted || s.Failed()) }

// Failed reports whether the task ended in an error. A state without any
// status that gives a reason counts as failed too.
func (s *TaskState) Failed() bool {
	if s == nil {
		return false
	}
	reason := s.Response != nil && s.Response.Error != nil
	return s.Status == TaskFailed || reason && (s.Status == TaskCompleted || s.Status == "")
}

// document is what the task carries, nil if it is nothing.
func (s *TaskState) document() json.RawMessage {
	if s.Response == nil {
		return nil
	}
	return s.Response.Resource
}

func (s *TaskState) check() error {
	if s.TaskID == "" {
		return errors.New("it holds no taskId")
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

// taskStateJSON are the members whose form is sure. The rest is read with
// leniency: a task's id and status are too precious to lose over an odd timestamp.
type taskStateJSON struct {
	TaskID      string          `json:"taskId"`
	Status      TaskStatus      `json:"status"`
	CommandType lenient[string] `json:"commandType"`
	Description lenient[string] `json:"description"`
	Timestamp   Time            `json:"timestamp"`
	Response    json.RawMessage `json:"response"`
	Links       Links           `json:"links"`
	OldLinks    Links           `json:"_links"`
}

// UnmarshalJSON reads a task document in any of its forms, and keeps it in Raw.
func (s *TaskState) UnmarshalJSON(data []byte) error {
	var doc taskStateJSON
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	*s = TaskState{
		TaskID:      doc.TaskID,
		CommandType: doc.CommandType.value,
		Status:      doc.Status,
		Description: doc.Description.value,
		Timestamp:   doc.Timestamp,
		Links:       append(doc.Links, doc.OldLinks...),
		Raw:         bytes.Clone(data),
	}
	var response TaskResponse
	if json.Unmarshal(doc.Response, &response) == nil && isObject(doc.Response) {
		s.Response = &response
	}
	return nil
}

// UnmarshalJSON reads ids that are numbers or texts, and an error that is an
// object or the bare name of its type.
func (r *TaskResponse) UnmarshalJSON(data []byte) error {
	var doc struct {
		ResourceID           lenientInt           `json:"resourceId"`
		AdditionalResourceID lenientInt           `json:"additionalResourceId"`
		Resource             json.RawMessage      `json:"resource"`
		Error                *lenient[taskReason] `json:"error"`
		AdditionalInfo       lenient[string]      `json:"additionalInfo"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	*r = TaskResponse{
		ResourceID:           int(doc.ResourceID),
		AdditionalResourceID: int(doc.AdditionalResourceID),
		AdditionalInfo:       doc.AdditionalInfo.value,
	}
	if !bytes.Equal(doc.Resource, []byte("null")) {
		r.Resource = doc.Resource
	}
	if doc.Error != nil {
		r.Error = (*TaskFailure)(&doc.Error.value)
	}
	return nil
}

// taskReason decodes an object, or a text that is the type.
type taskReason TaskFailure

func (r *taskReason) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &r.Type) == nil {
		return nil
	}
	var doc struct {
		Type        lenient[TaskErrorType] `json:"type"`
		Status      lenient[string]        `json:"status"`
		Description lenient[string]        `json:"description"`
	}
	err := json.Unmarshal(data, &doc)
	*r = taskReason{Type: doc.Type.value, Status: doc.Status.value, Description: doc.Description.value}
	return err
}

// lenient decodes a T, or stays zero if the value is something else.
type lenient[T any] struct{ value T }

func (l *lenient[T]) UnmarshalJSON(data []byte) error {
	var value T
	if json.Unmarshal(data, &value) == nil {
		l.value = value
	}
	return nil
}

// lenientInt decodes a whole number, also one in a text; it is 0 for all else.
type lenientInt int

func (i *lenientInt) UnmarshalJSON(data []byte) error {
	text := string(bytes.Trim(data, `"`))
	if n, err := strconv.ParseInt(text, 10, strconv.IntSize); err == nil {
		*i = lenientInt(n)
	}
	return nil
}

// TasksService reads the tasks of the account.
type TasksService struct{ client *Client }

// TaskList is the answer of TasksService.List.
type TaskList struct {
	Tasks []TaskState `json:"tasks"`
}

// Get returns the state of a task, as it is now. A task that was just submitted
// may be ErrNotFound for a moment, and is so again after about 10 days.
//
// API: GET /tasks/{taskId}
func (s *TasksService) Get(ctx context.Context, taskID string) (*TaskState, error) {
	return fetch[TaskState](ctx, s.client, get("/tasks/{taskId}", taskID))
}

// List returns the tasks of the last 10 days, the latest change first. The API
// sends them all at once: of a busy account that is a large document.
//
// API: GET /tasks
func (s *TasksService) List(ctx context.Context) (*TaskList, error) {
	return fetch[TaskList](ctx, s.client, get("/tasks"))
}

// All iterates over the tasks that List returns. It ends with the error, if
// there is one.
//
// API: GET /tasks
func (s *TasksService) All(ctx context.Context) iter.Seq2[*TaskState, error] {
	return func(yield func(*TaskState, error) bool) {
		list, err := s.List(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		each(list.Tasks, yield)
	}
}
