package rediscloud

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPIErrorMessages(t *testing.T) {
	for body, want := range map[string]string{
		`{"timestamp":"2023-06-21T13:51:50.571+0000","status":404,"error":"Not Found","path":"/v1/x"}`: "Not Found",
		`{"status":404,"error":"Not Found","message":"ACL user 40004 not found"}`:                      "ACL user 40004 not found",
		`{"message":"Too many requests!"}`:                                                             "Too many requests!",
		`{"description":"a","type":"B"}`:                                                               "a",
		`{"errors":["first","second"]}`:                                                                "first",
		`{"error":{"type":"T","description":"because"}}`:                                               "because",
		`{"error":{"type":"T"}}`:                                                                       "T",
		`{"message":"two\nlines\tand\u0000more"}`:                                                      "two lines andmore",
		`{"message":5}`: "",
		`{}`:            "",
		`{"message":`:   "",
		`<html><h1>401 Authorization Required</h1>`: "",
		`  plain words `:          "plain words",
		`null`:                    "null",
		``:                        "",
		strings.Repeat("x", 5000): strings.Repeat("x", 500) + "…",
	} {
		assert.Equal(t, want, errorMessage([]byte(body)), body)
	}
}

func TestAPIErrorText(t *testing.T) {
	err := newAPIError(get("/subscriptions/{subscriptionId}", 7), &Response{StatusCode: 404, Body: []byte(`{"error":"Not Found"}`)})
	assert.EqualError(t, err, "rediscloud: GET /subscriptions/7: 404 Not Found: Not Found")
	err = newAPIError(get("/tasks"), &Response{StatusCode: 599})
	assert.EqualError(t, err, "rediscloud: GET /tasks: 599")
}

func TestSentinels(t *testing.T) {
	sentinels := map[int]error{401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 409: ErrConflict, 429: ErrRateLimited}
	for status := 300; status < 600; status++ {
		for code, sentinel := range sentinels {
			answer := fmt.Errorf("wrapped: %w", &APIError{StatusCode: status})
			assert.Equal(t, status == code, errors.Is(answer, sentinel), status)
			task := &TaskError{Status: fmt.Sprintf("%d SOMETHING", status)}
			assert.Equal(t, status == code, errors.Is(task, sentinel), status)
		}
	}
	assert.NotErrorIs(t, &APIError{}, nil)
}

func TestTaskErrorConditions(t *testing.T) {
	for _, test := range []struct {
		status string
		kind   TaskErrorType
		code   int
		want   error
	}{
		{"404 NOT_FOUND", "CLOUD_ACCOUNT_NOT_FOUND", 404, ErrNotFound},
		{"400 BAD_REQUEST", "SUBSCRIPTION_NOT_FOUND", 400, nil}, // the status takes precedence over the type
		{"", "SUBSCRIPTION_NOT_FOUND", 0, ErrNotFound},
		{"", "DATABASE_NAME_EXISTS", 0, ErrConflict},
		{"", "PSC_SERVICE_ALREADY_EXISTS", 0, ErrConflict},
		{"", "ACL_ROLE_REDIS_RULE_ALREADY_EXISTS_FOR_REQUESTED_RESOURCE", 0, ErrConflict},
		{"", "VPC_PEERING_ALREADY_EXIST", 0, ErrConflict},
		{"", "CLOUD_ACCOUNT_ACCESS_KEY_EXISTS", 0, ErrConflict},
		{"", "FIXED_SUBSCRIPTION_ACCOUNT_ALREADY_HAS_A_FREE_PLAN", 0, nil},
		{"400 BAD_REQUEST", "TGW_ATTACHMENT_DOES_NOT_EXIST", 400, ErrNotFound}, // unless the type is unambiguous
		{"400 BAD_REQUEST", "TGW_DOES_NOT_EXIST", 400, ErrNotFound},
		{"400 BAD_REQUEST", "TGW_RESOURCE_SHARE_DOES_NOT_EXIST", 400, ErrNotFound},
		{"400 BAD_REQUEST", "TGW_REGION_DOES_NOT_EXIST", 400, ErrNotFound},
		{"", "ACL_ROLE_DOES_NOT_EXISTS", 0, ErrNotFound},
		{"", "ACL_REDIS_RULE_DOES_NOT_EXISTS", 0, ErrNotFound},
		{"", "USER_ROLE_DOES_NOT_EXISTS", 0, nil}, // a role for a user
		{"404 NOT_FOUND", "AWS_ERROR_VPC_DOES_NOT_EXIST", 404, nil},
		{"", "SOMETHING_NEW_DOES_NOT_EXIST", 0, ErrNotFound},
		{"", "UNAUTHORIZED", 0, ErrUnauthorized},
		{"", "SUBSCRIPTION_NOT_ACTIVE", 0, nil},
		{"NOT_FOUND", "", 0, nil},
		{"-404", "", 0, nil},
		{"99999999999999999999 X", "", 0, nil},
		{"404", "", 404, ErrNotFound},
		{"", "", 0, nil},
	} {
		err := &TaskError{Status: test.status, Type: test.kind}
		assert.Equal(t, test.code, err.StatusCode(), test)
		for _, sentinel := range []error{ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrRateLimited} {
			assert.Equal(t, errors.Is(test.want, sentinel), errors.Is(err, sentinel), "%v %v", test, sentinel)
		}
	}
}

// A role is the subject of a request about roles; a request about a user only
// refers to it.
func TestTaskErrorOfWhatIsReferredTo(t *testing.T) {
	for kind, commands := range map[TaskErrorType][2]string{
		"ACL_ROLE_DOES_NOT_EXISTS":       {"aclRoleUpdateRequest", "aclUserCreateRequest"},
		"ACL_REDIS_RULE_DOES_NOT_EXISTS": {"aclRedisRuleDeleteRequest", "aclRoleUpdateRequest"},
	} {
		for _, status := range []string{"", "400 BAD_REQUEST", "404 NOT_FOUND"} {
			require.ErrorIs(t, &TaskError{Type: kind, Status: status, CommandType: commands[0]}, ErrNotFound)
			require.NotErrorIs(t, &TaskError{Type: kind, Status: status, CommandType: commands[1]}, ErrNotFound)
		}
	}
}

// Too many changes at once, as the response to a request and as the end of a
// task.
func TestTooManyChanges(t *testing.T) {
	const text = "Too many resources are concurrently created / updated / deleted in the account"
	for err, want := range map[error]bool{
		&APIError{StatusCode: 429, Body: Body(`{"message":"` + text + `"}`)}:           true,
		&APIError{StatusCode: 429, Body: Body(`{"message":"Too many requests!"}`)}:     false,
		&TaskError{Status: "429 TOO_MANY_REQUESTS", Description: text}:                 true,
		&TaskError{Status: "429 TOO_MANY_REQUESTS", Description: "Too many requests!"}: false,
		&TaskError{Status: "400 BAD_REQUEST", Description: text}:                       false,
		&TaskError{Type: "TOO_MANY_PENDING_SUBSCRIPTIONS"}:                             true,
	} {
		assert.Equal(t, want, errors.Is(err, ErrTooManyChanges), "%#v", err)
	}
}

func TestTaskErrorText(t *testing.T) {
	err := newTaskError("t1", &TaskState{CommandType: "databaseCreateRequest", Response: &TaskResponse{
		Error:          &TaskFailure{Type: TaskErrorTypeDatabaseNameExists, Status: "409 CONFLICT", Description: "taken\nalready"},
		AdditionalInfo: "cache",
	}})
	require.EqualError(t, err, "rediscloud: task t1 (databaseCreateRequest) failed: 409 CONFLICT: DATABASE_NAME_EXISTS: taken already: cache")
	assert.EqualError(t, newTaskError("t1", &TaskState{}), "rediscloud: task t1 failed")
}

func TestOutcomeUnknownKeepsItsCause(t *testing.T) {
	err := error(&OutcomeUnknownError{Method: "POST", Path: "/subscriptions", Err: &APIError{Method: "POST", Path: "/subscriptions", StatusCode: 503}})
	failure, ok := errors.AsType[*APIError](err)
	require.True(t, ok)
	assert.Equal(t, http.StatusServiceUnavailable, failure.StatusCode)
	assert.EqualError(t, err, "rediscloud: POST /subscriptions: 503 Service Unavailable (the API may have accepted the request)")
}

func FuzzErrorMessage(f *testing.F) {
	for _, body := range []string{`{"message":"x"}`, `{"error":{"type":"T"}}`, `<html>`, "\xff\xfe", `{"errors":[]}`, ``} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		message := errorMessage(body)
		if strings.ContainsAny(message, "\n\r\t\x00\x1b") || len([]rune(message)) > maxMessage+1 {
			t.Errorf("%q became %q", body, message)
		}
	})
}
