package rediscloud

import (
	"net/http"
	"strconv"
	"strings"
)

// A TaskError is the error of a task that ended in processing-error. errors.Is
// matches it with [ErrNotFound] and its siblings, by the status that the reason
// names or, if it names none, by the suffix of its type.
type TaskError struct {
	TaskID         string
	CommandType    string
	Type           TaskErrorType // such as SUBSCRIPTION_NOT_ACTIVE
	Status         string        // such as "404 NOT_FOUND"; "" if the API doesn't say
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

// Error returns the task's id, its command and the reason.
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

// StatusCode returns the HTTP status that the reason begins with, or 0.
func (e *TaskError) StatusCode() int {
	digits, _, _ := strings.Cut(strings.TrimSpace(e.Status), " ")
	code, err := strconv.Atoi(digits)
	if err != nil || code < 100 || code > 999 {
		return 0
	}
	return code
}

// Is matches the conditions of this package. A type that is unambiguous takes
// precedence over the status, which is 400 for much that doesn't exist.
func (e *TaskError) Is(target error) bool {
	if target == ErrTooManyChanges {
		concurrent := strings.Contains(strings.ToLower(e.Description+" "+e.AdditionalInfo), "concurrent")
		return e.Type == "TOO_MANY_PENDING_SUBSCRIPTIONS" || e.StatusCode() == http.StatusTooManyRequests && concurrent
	}
	return target != nil && target == sentinelFor(e.code())
}

// code is the HTTP status that corresponds to the failure.
func (e *TaskError) code() int {
	if code, sure := surely[e.Type]; sure {
		return code
	}
	if user := referredTo[e.Type]; user != "" {
		if strings.HasPrefix(e.CommandType, user) {
			return http.StatusBadRequest
		}
		return http.StatusNotFound
	}
	if code := e.StatusCode(); code != 0 {
		return code
	}
	return e.Type.statusCode()
}

// The types that end in _DOES_NOT_EXIST or _DOES_NOT_EXISTS differ in what
// doesn't exist: the subject of the request, which is ErrNotFound, or something
// that its body refers to, which makes the request invalid. The status is 400
// for both.
var (
	// surely are the types that always mean the same.
	surely = map[TaskErrorType]int{
		"TGW_ATTACHMENT_DOES_NOT_EXIST":     http.StatusNotFound,   // the subject of a change or removal: it is gone
		"TGW_DOES_NOT_EXIST":                http.StatusNotFound,   // the gateway in the path
		"TGW_RESOURCE_SHARE_DOES_NOT_EXIST": http.StatusNotFound,   // the invitation in the path
		"TGW_REGION_DOES_NOT_EXIST":         http.StatusNotFound,   // the region in the path
		"USER_ROLE_DOES_NOT_EXISTS":         http.StatusBadRequest, // the role for a user of the account
		"AWS_ERROR_VPC_DOES_NOT_EXIST":      http.StatusBadRequest, // the customer's network, in the body
	}

	// referredTo are the types that concern another object in requests whose
	// command type has this prefix: a user's role, a role's rule. In the
	// object's own requests they concern the subject.
	referredTo = map[TaskErrorType]string{
		"ACL_ROLE_DOES_NOT_EXISTS":       "aclUser",
		"ACL_REDIS_RULE_DOES_NOT_EXISTS": "aclRole",
	}
)

// A TaskErrorType names why a task failed. The API has about 600 of them and
// adds more; the constants are those that programs branch on most often.
type TaskErrorType string

// Some of the reasons for which tasks fail.
const (
	TaskErrorTypeUnauthorized           TaskErrorType = "UNAUTHORIZED"
	TaskErrorTypeSubscriptionNotActive  TaskErrorType = "SUBSCRIPTION_NOT_ACTIVE"
	TaskErrorTypeSubscriptionNotFound   TaskErrorType = "SUBSCRIPTION_NOT_FOUND"
	TaskErrorTypeSubscriptionInUse      TaskErrorType = "SUBSCRIPTION_IN_USE"
	TaskErrorTypeDatabaseNotActive      TaskErrorType = "DATABASE_NOT_ACTIVE"
	TaskErrorTypeDatabaseNotFound       TaskErrorType = "DATABASE_NOT_FOUND"
	TaskErrorTypeDatabaseNameExists     TaskErrorType = "DATABASE_NAME_EXISTS"
	TaskErrorTypeDatabaseBackupDisabled TaskErrorType = "DATABASE_BACKUP_DISABLED"
)

// statusCode derives the status from the suffix of the type.
func (t TaskErrorType) statusCode() int {
	for ending, code := range map[string]int{
		"NOT_FOUND":         http.StatusNotFound,
		"DOES_NOT_EXIST":    http.StatusNotFound,
		"DOES_NOT_EXISTS":   http.StatusNotFound,
		"UNAUTHORIZED":      http.StatusUnauthorized,
		"FORBIDDEN":         http.StatusForbidden,
		"NAME_EXISTS":       http.StatusConflict,
		"ACCESS_KEY_EXISTS": http.StatusConflict,
		"ALREADY_EXISTS":    http.StatusConflict,
		"ALREADY_EXIST":     http.StatusConflict,
	} {
		if t == TaskErrorType(ending) || strings.HasSuffix(string(t), "_"+ending) {
			return code
		}
	}
	if strings.Contains(string(t), "_ALREADY_EXISTS_") { // followed by more
		return http.StatusConflict
	}
	return 0
}
