package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// serving creates the server that the flags describe, and makes a request to
// it.
func serving(t *testing.T, path string, args ...string) (*rediscloudtest.Server, *httptest.ResponseRecorder) {
	t.Helper()
	_, fake, err := parse(args, io.Discard)
	require.NoError(t, err)
	return fake, request(t, fake, http.MethodGet, path, "")
}

func request(t *testing.T, fake *rediscloudtest.Server, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, "/v1"+path, strings.NewReader(body))
	req.Header.Set("X-Api-Key", fake.AccountKey())
	req.Header.Set("X-Api-Secret-Key", fake.SecretKey())
	answer := httptest.NewRecorder()
	fake.ServeHTTP(answer, req)
	return answer
}

func TestWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		fake, answer := serving(t, "/tasks", "-old", "20", "-latency", "2s-4s", "-list-delay", "10s", "-no-timestamps", "-seed", "1", "-clock-skew", "-1h")
		require.Contains(t, answer.Body.String(), "taskId")
		require.NotContains(t, answer.Body.String(), "timestamp")
		require.Len(t, fake.Tasks(), 20)
		require.GreaterOrEqual(t, time.Since(begun), 12*time.Second)
		require.LessOrEqual(t, time.Since(begun), 14*time.Second)
		require.Regexp(t, "^Fri, 31 Dec 1999 23:00:0[12] GMT$", answer.Header().Get("Date"))
		again, _ := serving(t, "/tasks", "-old=20", "-seed=1")
		require.Equal(t, fake.Tasks()[0].ID, again.Tasks()[0].ID)
		other, _ := serving(t, "/tasks", "-old=20", "-seed=2")
		require.NotEqual(t, fake.Tasks()[0].ID, other.Tasks()[0].ID)

		_, answer = serving(t, "/tasks", "-list-status", "403")
		require.Equal(t, 403, answer.Code)
		_, answer = serving(t, "/tasks", "-old", "20", "-list-hiding", "processing-completed,processing-error")
		require.JSONEq(t, `{"tasks":[]}`, answer.Body.String())
	})
}

func TestWorldOfTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, _ := serving(t, "/tasks", "-order=lifo", "-foreign=1", "-heavy-tail=2s", "-list-staleness=1h")
		for range 2 {
			require.Equal(t, 200, request(t, fake, "POST", "/cost-report", `{"startDate":"2000-01-01","endDate":"2000-01-02"}`).Code/100*100)
		}
		time.Sleep(time.Minute)
		var started []time.Duration
		for _, task := range fake.Tasks() {
			started = append(started, task.Started.Sub(fake.Tasks()[0].Submitted))
		}
		require.Equal(t, []time.Duration{0, 6 * time.Second, 4 * time.Second, 2 * time.Second}, started)
		require.JSONEq(t, `{"tasks":[]}`, request(t, fake, "GET", "/tasks", "").Body.String())
	})
}

func TestWorldOfChanges(t *testing.T) {
	for _, test := range []struct {
		args []string
		name string // of the subscription just after it was changed
		late string // after another 5 s
		busy int    // the changes of two databases that fail
	}{
		{nil, "old", "new", 1},
		{[]string{"-staleness", "20s"}, "old", "old", 1},
		{[]string{"-calm"}, "new", "new", 1},
		{[]string{"-staleness", "20s", "-calm"}, "old", "old", 1},
		{[]string{"-calm", "-lenient"}, "new", "new", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, fake, err := parse(test.args, io.Discard)
			require.NoError(t, err)
			id := fake.AddSubscription("old")
			path := fmt.Sprint("/subscriptions/", id)
			name := func() string {
				var doc struct{ Name string }
				require.NoError(t, json.Unmarshal(request(t, fake, "GET", path, "").Body.Bytes(), &doc))
				return doc.Name
			}
			request(t, fake, "PUT", path, `{"name":"new"}`)
			time.Sleep(time.Second)
			require.Equal(t, test.name, name(), test.args)
			time.Sleep(5 * time.Second)
			require.Equal(t, test.late, name(), test.args)
			for range 2 {
				request(t, fake, "PUT", fmt.Sprint(path, "/databases/", fake.AddDatabase(id, rand.Text())), `{"replication":false}`)
			}
			time.Sleep(time.Minute)
			busy := 0
			for _, task := range fake.Tasks() {
				if task.Status == "processing-error" {
					busy++
				}
			}
			require.Equal(t, test.busy, busy, test.args)
		})
	}
}
