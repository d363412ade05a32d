package rediscloud

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return data
}

func decodeTask(t testing.TB, doc string) *TaskState {
	t.Helper()
	state, err := decodeTaskState([]byte(doc))
	require.NoError(t, err, doc)
	return state
}

func TestTaskStateReceived(t *testing.T) {
	doc := readTestdata(t, "task_received.json")
	state := decodeTask(t, string(doc))
	assert.Equal(t, "f3ec0e7b-0548-46e3-82f3-1977012ec738", state.TaskID)
	assert.Equal(t, "subscriptionCreateRequest", state.CommandType)
	assert.Equal(t, TaskStatusReceived, state.Status)
	assert.NotEmpty(t, state.Description)
	assert.True(t, state.Timestamp.Equal(time.Date(2019, 8, 8, 9, 7, 39, 826e6, time.UTC)))
	assert.Nil(t, state.Response)
	link, ok := state.Links.Get(RelTask)
	assert.True(t, ok)
	assert.Equal(t, Link{Rel: "task", Href: "https://api.redislabs.com/v1/tasks/f3ec0e7b-0548-46e3-82f3-1977012ec738", Type: "GET", Title: "getTaskStatusUpdates"}, link)
	assert.JSONEq(t, string(doc), string(state.Raw))
	assert.False(t, state.Done())
}

func TestTaskStateCompleted(t *testing.T) {
	state := decodeTask(t, string(readTestdata(t, "task_completed.json")))
	assert.Equal(t, TaskStatusProcessingCompleted, state.Status)
	assert.Equal(t, 77899, state.Response.ResourceID)
	link, ok := state.Links.Get(RelResource)
	assert.True(t, ok)
	assert.Equal(t, "https://api.redislabs.com/v1/subscriptions/77899", link.Href)
	assert.True(t, state.Done())
	assert.False(t, state.Failed())
}

func TestTaskStateForms(t *testing.T) {
	for name, test := range map[string]struct {
		doc          string
		want         TaskState
		done, failed bool
	}{
		"failed, an object": {
			`{"taskId":"t","status":"processing-error","response":{"error":{"type":"CLOUD_ACCOUNT_NOT_FOUND","status":"404 NOT_FOUND","description":"none"},"additionalInfo":"info"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{
				Error: &TaskFailure{Type: "CLOUD_ACCOUNT_NOT_FOUND", Status: "404 NOT_FOUND", Description: "none"}, AdditionalInfo: "info"}},
			true, true,
		},
		"failed, a text": {
			`{"taskId":"t","status":"processing-error","response":{"error":"UNAUTHORIZED"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Type: "UNAUTHORIZED"}}}, true, true,
		},
		"failed, something else": {
			`{"taskId":"t","status":"processing-error","response":{"error":[1]}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Status: "1"}}}, true, true,
		},
		"failed, a text that isn't a type": {
			`{"taskId":"t","status":"processing-error","response":{"error":"it did not work"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Description: "it did not work"}}}, true, true,
		},
		"failed, a status alone": {
			`{"taskId":"t","status":"processing-error","response":{"error":"404 NOT_FOUND"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Status: "404 NOT_FOUND"}}}, true, true,
		},
		"failed, a number": {
			`{"taskId":"t","status":"processing-error","response":{"error":{"type":"X","status":404,"message":"none"}}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Type: "X", Status: "404", Description: "none"}}}, true, true,
		},
		"failed, members that aren't known": {
			`{"taskId":"t","status":"processing-error","response":{"error":{"code":5}}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Description: `{"code":5}`}}}, true, true,
		},
		"failed, beside the response": {
			`{"taskId":"t","status":"processing-error","response":{"resourceId":7},"error":{"type":"X"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{ResourceID: 7, Error: &TaskFailure{Type: "X"}}}, true, true,
		},
		"failed, without a response": {
			`{"taskId":"t","status":"processing-error","error":"X"}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Type: "X"}}}, true, true,
		},
		"failed, a list of errors": {
			`{"taskId":"t","status":"processing-error","response":{"errors":[{"type":"X"},{"type":"Y"}]}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Type: "X"}}}, true, true,
		},
		"failed, a list of errors beside": {
			`{"taskId":"t","status":"processing-error","response":{"error":{}},"errors":["X"]}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Type: "X"}}}, true, true,
		},
		"failed, a response that is a text": {
			`{"taskId":"t","status":"processing-error","response":"it did not work"}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Description: "it did not work"}}}, true, true,
		},
		"failed, a response that is the reason": {
			`{"taskId":"t","status":"processing-error","response":{"type":"X","status":"404 NOT_FOUND"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingError, Response: &TaskResponse{Error: &TaskFailure{Type: "X", Status: "404 NOT_FOUND"}}}, true, true,
		},
		"failed, no reason": {`{"taskId":"t","status":"processing-error"}`, TaskState{TaskID: "t", Status: TaskStatusProcessingError}, true, true},
		"an error while it runs": {
			`{"taskId":"t","status":"processing-in-progress","response":{"error":"X"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingInProgress, Response: &TaskResponse{Error: &TaskFailure{Type: "X"}}}, false, false,
		},
		"completed with an error": {
			`{"taskId":"t","status":"processing-completed","response":{"error":"X"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingCompleted, Response: &TaskResponse{Error: &TaskFailure{Type: "X"}}}, true, true,
		},
		"no error": {
			`{"taskId":"t","status":"processing-completed","response":{"error":null,"resource":null}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingCompleted, Response: &TaskResponse{}}, true, false,
		},
		"ids and a document": {
			`{"taskId":"t","status":"processing-completed","response":{"resourceId":51051302,"additionalResourceId":"110777","resource":{"storeId":"s-1"}}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingCompleted, Response: &TaskResponse{ResourceID: 51051302, AdditionalResourceID: 110777, Resource: json.RawMessage(`{"storeId":"s-1"}`)}}, true, false,
		},
		"an id of another kind": {
			`{"taskId":"t","status":"processing-completed","response":{"resourceId":"store-1"}}`,
			TaskState{TaskID: "t", Status: TaskStatusProcessingCompleted, Response: &TaskResponse{}}, true, false,
		},
		"an id in a text, a double": {
			`{"taskId":7,"status":"processing-completed","response":{"resourceId":"12.0","additionalResourceId":1.8E+9}}`,
			TaskState{TaskID: "7", Status: TaskStatusProcessingCompleted, Response: &TaskResponse{ResourceID: 12, AdditionalResourceID: 1_800_000_000}}, true, false,
		},
		"empty response":    {`{"taskId":"t","status":"initialized","response":{}}`, TaskState{TaskID: "t", Status: TaskStatusInitialized, Response: &TaskResponse{}}, false, false},
		"null response":     {`{"taskId":"t","response":null}`, TaskState{TaskID: "t"}, false, false},
		"unknown status":    {`{"taskId":"t","status":"pondering"}`, TaskState{TaskID: "t", Status: "pondering"}, false, false},
		"odd members":       {`{"taskId":"t","status":"received","description":5,"commandType":[],"timestamp":{},"response":"x","links":7}`, TaskState{TaskID: "t", Status: TaskStatusReceived, Description: "5", Timestamp: Time{Text: "{}"}}, false, false},
		"links as an array": {`{"taskId":"t","links":[{"href":"h","rel":"task"}]}`, TaskState{TaskID: "t", Links: Links{{Rel: "task", Href: "h"}}}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := decodeTask(t, test.doc)
			assert.JSONEq(t, test.doc, string(got.Raw))
			got.Raw = nil
			assert.Equal(t, &test.want, got)
			assert.Equal(t, test.done, got.Done())
			assert.Equal(t, test.failed, got.Failed())
		})
	}
}

// An empty value isn't a reason, so the task hasn't failed.
func TestTaskStateWithoutReason(t *testing.T) {
	for _, none := range []string{`""`, `{}`, `[]`, `false`, `null`, `0`, `[{}]`, `[null]`, `{"type":""}`, `{"type":null,"x":[]}`} {
		doc := `{"taskId":"t","status":"processing-completed","response":{"resourceId":7,"error":` + none + `}}`
		state := decodeTask(t, doc)
		assert.Equal(t, &TaskResponse{ResourceID: 7}, state.Response, none)
		assert.True(t, state.Done(), none)
		assert.False(t, state.Failed(), none)

		var list TaskList
		require.NoError(t, read(`{"tasks":[`+doc+`]}`, &list))
		assert.Equal(t, *state, list.Tasks[0], none)

		var plain TaskState
		if json.Unmarshal([]byte(doc), &plain) == nil { // by the user
			assert.False(t, plain.Failed(), none)
		}
	}
}

// Each task of a list has only its own part of the document.
func TestTaskListRaw(t *testing.T) {
	docs := []string{`{"taskId":"a", "x":[1,{"y":"]"}]}`, `{"taskId":"b"}`, `null`, `{"taskId":"c","_links":{"task":{"href":"h"}}}`}
	var list TaskList
	require.NoError(t, read("{\"more\":1, \"tasks\" : [ "+strings.Join(docs, " ,\n")+" ]}", &list))
	require.Len(t, list.Tasks, len(docs))
	for i, task := range list.Tasks {
		assert.Equal(t, docs[i], string(task.Raw))
		assert.Equal(t, len(task.Raw), cap(task.Raw))
	}
	link, ok := list.Tasks[3].Links.Get(RelTask)
	assert.True(t, ok)
	assert.Equal(t, "h", link.Href)

	require.NoError(t, read(`{"tasks":{"taskId":"a"}}`, &list)) // one instead of a list
	assert.JSONEq(t, `{"taskId":"a"}`, string(list.Tasks[0].Raw))
	require.ErrorContains(t, read(`{"tasks":[{"taskId":"a"},5]}`, &list), "tasks[1] can't be read")

	_, err := decodeTaskState([]byte(`{"status":"received"}`))
	require.ErrorContains(t, err, "missing taskId")
	raw := []byte(`{"taskId":"a"}`)
	state, err := decodeTaskState(raw)
	require.NoError(t, err)
	raw[2] = 'X' // it has a copy
	assert.JSONEq(t, `{"taskId":"a"}`, string(state.Raw))
}

func TestTaskStateRoundTrip(t *testing.T) {
	first := decodeTask(t, string(readTestdata(t, "task_completed.json")))
	doc, err := json.Marshal(first)
	require.NoError(t, err)
	second := decodeTask(t, string(doc))
	first.Raw, second.Raw = nil, nil
	assert.Equal(t, first, second)
}

func TestTasksGet(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/tasks/t1", answer: string(readTestdata(t, "task_received.json"))})
	state, err := client.Tasks.Get(t.Context(), "t1")
	require.NoError(t, err)
	assert.Equal(t, TaskStatusReceived, state.Status)

	client = newWire(t, wire{method: "GET", path: "/tasks/a%2Fb%3F", answer: `{"taskId":"a/b?"}`})
	_, err = client.Tasks.Get(t.Context(), "a/b?")
	require.NoError(t, err)

	for _, id := range []string{"", " ", ".", ".."} {
		_, err = newWire(t).Tasks.Get(t.Context(), id)
		require.ErrorContains(t, err, "taskId must not be", id)
	}
}

func TestTasksListAndAll(t *testing.T) {
	list := wire{method: "GET", path: "/tasks", answer: `{"tasks":[{"taskId":"t2","status":"received"},{"taskId":"t1","status":"processing-completed"}]}`}
	client := newWire(t, list, list, list, wire{method: "GET", path: "/tasks", status: 403})
	got, err := client.Tasks.List(t.Context())
	require.NoError(t, err)
	assert.Len(t, got.Tasks, 2)

	var ids []string
	for state, err := range client.Tasks.All(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, state.TaskID)
	}
	assert.Equal(t, []string{"t2", "t1"}, ids)
	for _, err := range client.Tasks.All(t.Context()) {
		require.NoError(t, err)
		break
	}
	for state, err := range client.Tasks.All(t.Context()) {
		require.ErrorIs(t, err, ErrForbidden)
		assert.Nil(t, state)
	}
}

func FuzzTaskState(f *testing.F) {
	f.Add(readTestdata(f, "task_received.json"))
	f.Add(readTestdata(f, "task_completed.json"))
	for _, doc := range []string{`{"response":{"error":"X"}}`, `{"response":{"resourceId":1e400}}`, `[]`, `null`, `{"links":{"links":[]}}`} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var first, second TaskState
		if unmarshal(doc, &first) != nil {
			return
		}
		_ = newTaskError("t", &first).Error()
		again, err := json.Marshal(&first)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(again, &second))
		assert.Equal(t, first.Done(), second.Done())
		assert.Equal(t, first.TaskID, second.TaskID)
	})
}
