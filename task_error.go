package rediscloud

import (
	"net/http"
	"strconv"
	"strings"
)

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
