package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func TestServesUntilStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stdout, output := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-account-key", "a", "-secret-key", "b", "-links", "array"}, output, io.Discard)
		_ = output.Close()
	}()

	printed := make([]byte, 0, 1024)
	for bytes.Count(printed, []byte("\n")) < 4 {
		chunk := make([]byte, 1024)
		n, err := stdout.Read(chunk)
		require.NoError(t, err)
		printed = append(printed, chunk[:n]...)
	}
	lines := regexp.MustCompile(`(?s)^# [^\n]*\nexport REDISCLOUD_URL=(http://127\.0\.0\.1:[1-9]\d*/v1)\n` +
		`export REDISCLOUD_ACCESS_KEY=a\nexport REDISCLOUD_SECRET_KEY=b\n$`)
	found := lines.FindSubmatch(printed)
	require.NotNil(t, found, string(printed))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, string(found[1])+"/subscriptions", nil)
	require.NoError(t, err)
	req.Header.Set("X-Api-Key", "a")
	req.Header.Set("X-Api-Secret-Key", "b")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, 200, res.StatusCode)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.JSONEq(t, `{"accountId":1001,"subscriptions":[],
		"links":[{"rel":"self","type":"GET","href":"https://api.redislabs.com/v1/subscriptions"}]}`, string(body))

	stop()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("it did not stop")
	}
}

// ask makes a request of the server that the flags describe.
func ask(t *testing.T, path string, args ...string) (*rediscloudtest.Server, *httptest.ResponseRecorder) {
	t.Helper()
	_, fake, err := parse(args, io.Discard)
	require.NoError(t, err)
	return fake, askAgain(t, fake, http.MethodGet, path, "")
}

func askAgain(t *testing.T, fake *rediscloudtest.Server, method, path, body string) *httptest.ResponseRecorder {
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
		fake, answer := ask(t, "/tasks", "-old", "20", "-latency", "2s-4s", "-list-delay", "10s", "-no-timestamps", "-seed", "1", "-clock-skew", "-1h")
		require.Contains(t, answer.Body.String(), "taskId")
		require.NotContains(t, answer.Body.String(), "timestamp")
		require.Len(t, fake.Tasks(), 20)
		require.GreaterOrEqual(t, time.Since(begun), 12*time.Second)
		require.LessOrEqual(t, time.Since(begun), 14*time.Second)
		require.Regexp(t, "^Fri, 31 Dec 1999 23:00:0[12] GMT$", answer.Header().Get("Date"))
		again, _ := ask(t, "/tasks", "-old=20", "-seed=1")
		require.Equal(t, fake.Tasks()[0].ID, again.Tasks()[0].ID)
		other, _ := ask(t, "/tasks", "-old=20", "-seed=2")
		require.NotEqual(t, fake.Tasks()[0].ID, other.Tasks()[0].ID)

		_, answer = ask(t, "/tasks", "-list-status", "403")
		require.Equal(t, 403, answer.Code)
		_, answer = ask(t, "/tasks", "-old", "20", "-list-hiding", "processing-completed,processing-error")
		require.JSONEq(t, `{"tasks":[]}`, answer.Body.String())
	})
}

func TestWorldOfTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, _ := ask(t, "/tasks", "-order=lifo", "-foreign=1", "-heavy-tail=2s", "-list-staleness=1h")
		for range 2 {
			require.Equal(t, 200, askAgain(t, fake, "POST", "/cost-report", `{"startDate":"2000-01-01","endDate":"2000-01-02"}`).Code/100*100)
		}
		time.Sleep(time.Minute)
		var started []time.Duration
		for _, task := range fake.Tasks() {
			started = append(started, task.Started.Sub(fake.Tasks()[0].Submitted))
		}
		require.Equal(t, []time.Duration{0, 6 * time.Second, 4 * time.Second, 2 * time.Second}, started)
		require.JSONEq(t, `{"tasks":[]}`, askAgain(t, fake, "GET", "/tasks", "").Body.String())
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
				require.NoError(t, json.Unmarshal(askAgain(t, fake, "GET", path, "").Body.Bytes(), &doc))
				return doc.Name
			}
			askAgain(t, fake, "PUT", path, `{"name":"new"}`)
			time.Sleep(time.Second)
			require.Equal(t, test.name, name(), test.args)
			time.Sleep(5 * time.Second)
			require.Equal(t, test.late, name(), test.args)
			for range 2 {
				askAgain(t, fake, "PUT", fmt.Sprint(path, "/databases/", fake.AddDatabase(id, rand.Text())), `{"replication":false}`)
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

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{"-links", "round"}, {"-parallel", "x"}, {"surplus"}, {"-nonsense"}, {"-order", "round"}, {"-latency", "x"}, {"-latency", "1s-x"},
		{"-latency", "2s-1s"}, {"-old", "-1"}, {"-seed", "x"}, {"-staleness", "x"}, {"-lenient=false"},
	} {
		var stderr bytes.Buffer
		require.ErrorIs(t, run(t.Context(), args, io.Discard, &stderr), errUsage)
		require.NotEmpty(t, stderr.String())
	}
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, io.Discard, io.Discard), flag.ErrHelp)
	require.ErrorContains(t, run(t.Context(), []string{"-addr", "256.0.0.1:x"}, io.Discard, io.Discard), "listen")
}
