package rediscloud

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	subscription7 = `{"id":7,"name":"s","status":"active"}`
	database8     = `{"databaseId":8,"name":"d","status":"active"}`
)

func createDatabase(ctx context.Context, c *Client) (*Task[Database], error) {
	return submit(ctx, c, post("/subscriptions/{subscriptionId}/databases", 7), readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", 7))
}

// Where the result of a task is read, and what it costs.
func TestWaitReadsResult(t *testing.T) {
	create := wire{method: "POST", path: "/subscriptions/7/databases", answer: received}
	done := func(response, links string) wire {
		return wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-completed","response":` + response + `,"links":` + links + `}`}
	}
	link := func(href string) string { return `[{"rel":"resource","href":"` + href + `"}]` }
	read := func(path string) wire { return wire{method: "GET", path: path, answer: database8} }
	for name, exchanges := range map[string][]wire{
		"by its id":            {done(`{"resourceId":8}`, `[]`), read("/subscriptions/7/databases/8")},
		"by its link":          {done(`{}`, link(testBase+"/subscriptions/7/databases/8")), read("/subscriptions/7/databases/8")},
		"by its link, not id":  {done(`{"resourceId":9}`, link(testBase+"/subscriptions/7/databases/8")), read("/subscriptions/7/databases/8")},
		"not by a foreign one": {done(`{"resourceId":8}`, link("https://evil.example/v1/subscriptions/7/databases/8")), read("/subscriptions/7/databases/8")},
		"not by a wrong one": {done(`{"resourceId":8}`, link(testBase+"/subscriptions/7")),
			wire{method: "GET", path: "/subscriptions/7", answer: subscription7}, read("/subscriptions/7/databases/8")},
		"which comes late": {done(`{"resourceId":8}`, `[]`),
			wire{method: "GET", path: "/subscriptions/7/databases/8", status: 404}, wire{method: "GET", path: "/subscriptions/7/databases/8", status: 404}, read("/subscriptions/7/databases/8")},
		"over a failure": {done(`{"resourceId":8}`, `[]`),
			wire{method: "GET", path: "/subscriptions/7/databases/8", status: 503}, read("/subscriptions/7/databases/8")},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := waitWire(t, createDatabase, append([]wire{create}, exchanges...)...)
			require.NoError(t, err)
			assert.Equal(t, 8, db.ID)
		})
	}
}

// The error for a completed task whose result can't be read still has the id.
func TestWaitResultThatCannotBeRead(t *testing.T) {
	create := wire{method: "POST", path: "/subscriptions/7/databases", answer: received}
	for want, exchanges := range map[string][]wire{
		"403 Forbidden":        {completed(`{"resourceId":8}`), {method: "GET", path: "/subscriptions/7/databases/8", status: 403}},
		"neither a resource":   {completed(`{}`)},
		"names neither":        {completed(`null`)},
		"neither a resource n": {completed(`{"resourceId":-3}`)},
	} {
		t.Run(want, func(t *testing.T) {
			_, err := waitWire(t, createDatabase, append([]wire{create}, exchanges...)...)
			failure, ok := errors.AsType[*WaitError](err)
			require.True(t, ok, "%v", err)
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "rediscloud: task t1 is done; ")
			assert.Equal(t, TaskStatusProcessingCompleted, failure.Last.Status)
		})
	}
}

// An unusable document of the resource is read again during the grace period.
func TestWaitOddResult(t *testing.T) {
	for doc, want := range map[string]string{`{}`: "missing", `null`: "the response is null", `<html>`: "invalid character"} {
		synctest.Test(t, func(t *testing.T) {
			server := &script{steps: []func() (*http.Response, error){answers(202, received), answers(200, `{"taskId":"t1","status":"processing-completed","response":{"resourceId":8}}`), answers(200, doc)}}
			task, err := createDatabase(t.Context(), newTestClient(t, server))
			require.NoError(t, err)
			start := time.Now()
			_, err = task.Wait(t.Context())
			failure, ok := errors.AsType[*WaitError](err)
			require.True(t, ok, "%v", err)
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "rediscloud: task t1 is done; ")
			assert.Equal(t, TaskStatusProcessingCompleted, failure.Last.Status)
			assert.InDelta(t, 35, time.Since(start).Seconds(), 5)
			assert.InDelta(t, 8, server.sent, 3, "it is asked less and less often")
		})
	}
}

func TestWaitCarriedDocument(t *testing.T) {
	price := func(ctx context.Context, c *Client) (*Task[Pricing], error) {
		return submit(ctx, c, post("/subscriptions"), carried(pricingKind))
	}
	create := wire{method: "POST", path: "/subscriptions", answer: received}
	pricing, err := waitWire(t, price, create, completed(`{"resource":{"pricing":[{"databaseName":"d"}]}}`))
	require.NoError(t, err)
	assert.Equal(t, "d", pricing.Items[0].DatabaseName)

	_, err = waitWire(t, price, create, completed(`{"resource":[]}`))
	require.ErrorContains(t, err, "the document of the task")
	_, err = waitWire(t, price, create, completed(`{}`))
	require.ErrorContains(t, err, "neither a resource nor a document")
}

func TestWaitNone(t *testing.T) {
	result, err := waitWire(t, func(ctx context.Context, c *Client) (*Task[None], error) {
		return c.Subscriptions.Delete(ctx, 7)
	}, wire{method: "DELETE", path: "/subscriptions/7", answer: received}, wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-completed"}`})
	require.NoError(t, err)
	assert.NotNil(t, result)
}

func TestWaitProvisioned(t *testing.T) {
	status := func(s string) wire {
		return wire{method: "GET", path: "/subscriptions/7/databases/8", answer: `{"databaseId":8,"status":"` + s + `"}`}
	}
	at := func(code int) wire { return wire{method: "GET", path: "/subscriptions/7/databases/8", status: code} }
	for name, test := range map[string]struct {
		exchanges []wire
		seen      []string
		fails     string
	}{
		"at once":            {[]wire{status("active")}, []string{"active"}, ""},
		"in time":            {[]wire{at(404), status("draft"), status("pending"), at(503), status("pending"), status("active")}, []string{"draft", "pending", "active"}, ""},
		"unknown statuses":   {[]wire{status("rcp-someday"), status("active-thinking-pending"), status("active")}, []string{"rcp-someday", "active-thinking-pending", "active"}, ""},
		"odd answers":        {[]wire{{method: "GET", path: "/subscriptions/7/databases/8", answer: `{}`}, {method: "GET", path: "/subscriptions/7/databases/8", answer: `<html>`}, status("active")}, []string{"active"}, ""},
		"which fails":        {[]wire{status("pending"), status("error")}, []string{"pending", "error"}, `rediscloud: database /subscriptions/7/databases/8 of task t1 is "error"`},
		"whose creation did": {[]wire{status("creation-failed")}, []string{"creation-failed"}, `is "creation-failed"`},
		"which may not":      {[]wire{status("pending"), at(403)}, []string{"pending"}, `rediscloud: task t1 is done; waiting for /subscriptions/7/databases/8, last "pending"; gave up after`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newWire(t, append([]wire{{method: "POST", path: "/subscriptions/7/databases", answer: received}, completed(`{"resourceId":8}`)}, test.exchanges...)...)
				task, err := createDatabase(t.Context(), client)
				require.NoError(t, err)
				var seen []string
				db, err := task.WaitProvisioned(t.Context(), OnProvisioning(func(p Provisioning) {
					assert.Equal(t, "database", p.Kind)
					assert.Equal(t, "/subscriptions/7/databases/8", p.Path)
					seen = append(seen, p.Status)
				}))
				assert.Equal(t, test.seen, seen)
				if test.fails != "" {
					require.ErrorContains(t, err, test.fails)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, 8, db.ID)
				assert.Equal(t, DatabaseStatusActive, db.Status)
			})
		})
	}
}

func TestWaitProvisionedGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sub := func(status string) wire {
			return wire{method: "GET", path: "/subscriptions/7", answer: `{"id":7,"status":"` + status + `"}`}
		}
		remove := []wire{{method: "DELETE", path: "/subscriptions/7", answer: received}, completed(`{}`)}
		client := newWire(t, append(remove, sub("active"), sub("deleting"), wire{method: "GET", path: "/subscriptions/7", status: 503}, wire{method: "GET", path: "/subscriptions/7", status: 404, times: 2})...)
		task, err := client.Subscriptions.Delete(t.Context(), 7)
		require.NoError(t, err)
		var seen []string
		_, err = task.WaitProvisioned(t.Context(), OnProvisioning(func(p Provisioning) { seen = append(seen, p.Status) }))
		require.NoError(t, err)
		assert.Equal(t, []string{"active", "deleting", ""}, seen)

		client = newWire(t, append(remove, sub("error"), sub("deleting"), sub("error"))...)
		task, err = client.Subscriptions.Delete(t.Context(), 7)
		require.NoError(t, err)
		_, err = task.WaitProvisioned(t.Context())
		failure, ok := errors.AsType[*ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "error", failure.Status)
	})
}

func TestWaitProvisionedForPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status := func(s string) wire {
			return wire{method: "GET", path: "/subscriptions/7", answer: `{"id":7,"status":"` + s + `"}`}
		}
		client := newWire(t, status("pending"), status("encryption_key_pending"), status("encryption_key_pending"), status("pending"), status("active"))
		state := decodeTask(t, `{"taskId":"t1","status":"processing-completed","response":{"resourceId":7}}`)
		task := newTask(client, state, readBack(subscriptionKind, "/subscriptions/{subscriptionId}"))
		_, err := task.WaitProvisioned(t.Context())
		failure, ok := errors.AsType[*ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.True(t, failure.ActionRequired)
		assert.Equal(t, "encryption_key_pending", failure.Status)
		assert.ErrorContains(t, err, "grant Redis access to the encryption key")

		sub, err := task.WaitProvisioned(t.Context(), WithWaitForAction())
		require.NoError(t, err)
		assert.Equal(t, SubscriptionStatusActive, sub.Status)
	})
}

// clock responds to polls of t1 by the time since start: received for a second,
// in progress for another, then completed.
func clock(start time.Time) roundTripper {
	return func(*http.Request) (*http.Response, error) {
		status := TaskStatusProcessingCompleted
		if since := time.Since(start); since < time.Second {
			status = TaskStatusReceived
		} else if since < 2*time.Second {
			status = TaskStatusProcessingInProgress
		}
		return response(200, `{"taskId":"t1","status":"`+string(status)+`"}`), nil
	}
}

// A handle is immutable: any number of waits can share it, again and again.
func TestTaskIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		client := newTestClient(t, clock(start))
		task := newTask(client, decodeTask(t, received), nothing)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				_, err := task.Wait(t.Context())
				assert.NoError(t, err)
			})
		}
		group.Wait()
		_, err := task.Wait(t.Context())
		require.NoError(t, err)
		state, err := task.Poll(t.Context())
		require.NoError(t, err)
		assert.Equal(t, TaskStatusProcessingCompleted, state.Status)
		assert.Equal(t, TaskStatusReceived, task.Submitted().Status)
		task.Submitted().TaskID = "other"
		assert.Equal(t, "t1", task.ID())
	})
}

func TestUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newTestClient(t, clock(time.Now()))
		task := newTask(client, decodeTask(t, received), nothing)
		var seen []TaskStatus
		for state, err := range task.Updates(t.Context()) {
			require.NoError(t, err)
			seen = append(seen, state.Status)
		}
		assert.Equal(t, []TaskStatus{TaskStatusReceived, TaskStatusProcessingInProgress, TaskStatusProcessingCompleted}, seen)

		for _, err := range task.Updates(t.Context()) {
			require.NoError(t, err)
			break
		}

		failing := newTask(newTestClient(t, &script{steps: []func() (*http.Response, error){answers(200, `{"taskId":"t1","status":"processing-error"}`)}}), decodeTask(t, received), nothing)
		var last error
		for state, err := range failing.Updates(t.Context()) {
			last = err
			seen = append(seen, state.Status)
		}
		_, ok := errors.AsType[*TaskError](last)
		assert.True(t, ok, "%v", last)
		assert.Equal(t, TaskStatusProcessingError, seen[len(seen)-1])

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		last = nil
		for _, err := range task.Updates(ctx) {
			last = err
		}
		require.ErrorIs(t, last, context.DeadlineExceeded)
		for _, err := range (*Task[None])(nil).Updates(t.Context()) {
			require.ErrorIs(t, err, errNoTask)
		}
	})
}

func TestTokenRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newWire(t,
			wire{method: "POST", path: "/subscriptions/7/databases", answer: received},
			completed(`{"resourceId":8}`),
			wire{method: "GET", path: "/subscriptions/7/databases/8", answer: database8})
		task, err := createDatabase(t.Context(), client)
		require.NoError(t, err)
		token := task.Token()
		assert.NotContains(t, token, "secret")
		assert.Regexp(t, `^[\w.-]+$`, token)

		resumed, err := ResumeTask[Database](client, token)
		require.NoError(t, err)
		assert.Equal(t, "t1", resumed.ID())
		assert.Equal(t, token, resumed.Token())
		db, err := resumed.Wait(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 8, db.ID)

		_, err = ResumeTask[Subscription](client, token)
		require.EqualError(t, err, "rediscloud: the task token belongs to a task that yields Database, not Subscription")
	})
}

func TestResumeByID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newWire(t,
			completed(`{"resourceId":8,"additionalResourceId":7}`), wire{method: "GET", path: "/subscriptions/7/databases/8", answer: database8},
			completed(`{"resourceId":7}`), wire{method: "GET", path: "/subscriptions/7", answer: subscription7},
			completed(`{"resource":{"pricing":[]}}`),
			completed(`{"resourceId":8}`),
			completed(`{"resourceId":8}`))
		ctx := t.Context()
		dbTask, err := ResumeTask[Database](client, "t1")
		require.NoError(t, err)
		db, err := dbTask.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, 8, db.ID)
		subTask, err := ResumeTask[Subscription](client, "t1")
		require.NoError(t, err)
		sub, err := subTask.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, 7, sub.ID)
		priceTask, err := ResumeTask[Pricing](client, "t1")
		require.NoError(t, err)
		_, err = priceTask.Wait(ctx)
		require.NoError(t, err)
		_, err = dbTask.Wait(ctx) // the subscription isn't known
		require.ErrorContains(t, err, "neither a resource nor a document")
		none, err := ResumeTask[None](client, "t1")
		require.NoError(t, err)
		_, err = none.WaitProvisioned(ctx)
		require.NoError(t, err)
	})
}

func TestResumeRefuses(t *testing.T) {
	client := newWire(t)
	token := func(doc string) string { return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(doc)) }
	for name, text := range map[string]string{
		"nothing":        "",
		"blank":          "  ",
		"dots":           "..",
		"too long":       strings.Repeat("x", maxToken+1),
		"no base64":      tokenPrefix + "%%%",
		"no JSON":        token("x"),
		"no id":          token(`{"result":"Database"}`),
		"another result": token(`{"id":"t1","result":"Subscription"}`),
		"a way out":      token(`{"id":"t1","result":"Database","outcome":{"read":"/../admin"}}`),
		"another host":   token(`{"id":"t1","result":"Database","outcome":{"read":"//evil.example/x"}}`),
		"no path":        token(`{"id":"t1","result":"Database","outcome":{"watch":"x"}}`),
		"a later kind":   "rediscloud-task-2.e30",
	} {
		_, err := ResumeTask[Database](client, text)
		require.ErrorContains(t, err, "rediscloud: ", name)
		assert.NotContains(t, err.Error(), "\n")
	}
	_, err := ResumeTask[Database](nil, "t1")
	require.ErrorIs(t, err, errNoClient)
	_, err = ResumeTask[Database](&Client{}, "t1")
	require.ErrorIs(t, err, errNoClient)
}

func FuzzResumeTask(f *testing.F) {
	client, err := NewClient(WithCredentials("a", "b"))
	require.NoError(f, err)
	f.Add((&Task[Database]{state: TaskState{TaskID: "t1"}, kind: databaseKind.kind, out: readBack(databaseKind, "/subscriptions/{s}/databases/{d}", 7).source}).Token())
	for _, text := range []string{"t1", "..", tokenPrefix, tokenPrefix + "e30"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		task, err := ResumeTask[Database](client, text)
		if err != nil {
			return
		}
		again, err := ResumeTask[Database](client, task.Token())
		if err != nil || again.ID() != task.ID() || again.Token() != task.Token() {
			t.Errorf("%q became %q: %v", text, task.Token(), err)
		}
	})
}

func TestNilTask(t *testing.T) {
	var task *Task[Database]
	assert.Empty(t, task.ID())
	assert.Empty(t, task.Token())
	assert.Nil(t, task.Submitted())
	_, err := task.Wait(t.Context())
	require.ErrorIs(t, err, errNoTask)
	_, err = task.WaitProvisioned(t.Context())
	require.ErrorIs(t, err, errNoTask)
	_, err = task.Poll(t.Context())
	require.ErrorIs(t, err, errNoTask)
	_, err = new(Task[Database]).Wait(t.Context())
	require.ErrorIs(t, err, errNoTask)
	assert.NotPanics(t, func() { _ = fmt.Sprintf("%v %+v", task, new(Task[Database])) })
}
