package rediscloud

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Three databases: one is created, one is refused by the API, and one never
// ends.
func TestWaitAll(t *testing.T) {
	api := routes{
		"GET /tasks":                       `{"tasks":[{"taskId":"t1","status":"processing-completed","response":{"resourceId":1}},{"taskId":"t2","status":"processing-error","response":{"error":{"type":"DATABASE_NAME_EXISTS","status":"409 CONFLICT"}}},{"taskId":"t3","status":"received"}]}`,
		"GET /tasks/t1":                    `{"taskId":"t1","status":"processing-completed","response":{"resourceId":1}}`,
		"GET /tasks/t2":                    `{"taskId":"t2","status":"processing-error","response":{"error":{"type":"DATABASE_NAME_EXISTS","status":"409 CONFLICT"}}}`,
		"GET /tasks/t3":                    `{"taskId":"t3","status":"received"}`,
		"GET /subscriptions/7/databases/1": `{"databaseId":1,"name":"a","status":"pending"}`,
	}
	synctest.Test(t, func(t *testing.T) {
		client := newTestClient(t, api)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		tasks := make([]*Task[Database], 0, 4)
		for _, id := range []string{"t3", "t2", "t1"} {
			tasks = append(tasks, newTask(client, &TaskState{TaskID: id}, readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", 7)))
		}
		databases, err := WaitAll(ctx, append(tasks, nil))
		require.Len(t, databases, 4)
		assert.Equal(t, "a", databases[2].Name)
		assert.Nil(t, databases[0])
		assert.Nil(t, databases[1])
		assert.Nil(t, databases[3])
		require.ErrorIs(t, err, ErrConflict)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		for _, named := range []string{"task t2", "task t3", "tasks[3] is nil"} {
			require.ErrorContains(t, err, named)
		}
		assert.Len(t, err.(interface{ Unwrap() []error }).Unwrap(), 3)

		none, err := WaitAll[Database](t.Context(), nil)
		require.NoError(t, err)
		assert.Empty(t, none)
	})
}

// The second wait takes as long as the slowest resource, not as long as all
// together.
func TestWaitAllProvisioned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			id := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
			switch {
			case req.URL.Path == "/v1/tasks":
				return response(200, `{"tasks":[]}`), nil
			case strings.Contains(req.URL.Path, "/tasks/"):
				return response(200, `{"taskId":"`+id+`","status":"processing-completed","response":{"resourceId":`+id[1:]+`}}`), nil
			case time.Since(began) < 2*time.Minute:
				return response(200, `{"databaseId":`+id+`,"name":"d`+id+`","status":"pending"}`), nil
			}
			return response(200, `{"databaseId":`+id+`,"name":"d`+id+`","status":"active"}`), nil
		}))
		var tasks []*Task[Database]
		for _, id := range []string{"t1", "t2", "t3"} {
			tasks = append(tasks, newTask(client, &TaskState{TaskID: id}, readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", 7)))
		}
		databases, err := WaitAllProvisioned(t.Context(), tasks)
		require.NoError(t, err)
		for i, want := range []string{"d1", "d2", "d3"} {
			assert.Equal(t, want, databases[i].Name)
			assert.Equal(t, DatabaseStatusActive, databases[i].Status)
		}
		assert.Less(t, time.Since(began), 150*time.Second)
	})
}
