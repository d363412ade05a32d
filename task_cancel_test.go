package rediscloud

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// routes responds by method and path below the base URL; "hang" is a response
// that never comes, and a path without an entry is a 404.
type routes map[string]string

const hang = "hang"

func (r routes) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	body, ok := r[req.Method+" "+strings.TrimPrefix(req.URL.Path, "/v1")]
	switch {
	case !ok:
		return response(404, ""), nil
	case body == hang:
		return hanging(req)
	case body == "503":
		return response(503, ""), nil
	case body == "pause":
		return response(429, "", "Retry-After", "100"), nil
	case req.Method == http.MethodPost:
		return response(202, body), nil
	}
	return response(200, body), nil
}

// Whatever a call or a wait is doing when its context ends, it returns at once:
// no time passes. Its error has the cause, and it leaves no goroutine behind,
// which the end of the bubble would show.
func TestCancellationIsPrompt(t *testing.T) {
	const (
		inProgress = `{"taskId":"t1","status":"processing-in-progress"}`
		completed  = `{"taskId":"t1","status":"processing-completed","response":{"resourceId":8}}`
		pending    = `{"databaseId":8,"status":"pending"}`
		tooSoon    = `{"taskId":"t1","status":"processing-error","response":{"error":{"type":"SUBSCRIPTION_NOT_ACTIVE"}}}`
	)
	getDatabase := func(ctx context.Context, c *Client) error { return second(c.Databases.Get(ctx, 7, 8)) }
	create := func(ctx context.Context, c *Client) error { return second(createOne(ctx, c)) }
	wait := func(ctx context.Context, c *Client) error {
		task, err := createOne(ctx, c)
		if err != nil {
			return err
		}
		return second(task.Wait(ctx))
	}
	provision := func(ctx context.Context, c *Client) error {
		task, err := createOne(ctx, c)
		if err != nil {
			return err
		}
		return second(task.WaitProvisioned(ctx))
	}
	change := func(ctx context.Context, c *Client) error {
		return second(InTurn(ctx, c, 7, func(ctx context.Context) (*Task[Database], error) { return createOne(ctx, c) }))
	}
	const post, task, database = "POST /subscriptions/7/databases", "GET /tasks/t1", "GET /subscriptions/7/databases/8"
	for name, test := range map[string]struct {
		api  routes
		run  func(context.Context, *Client) error
		opts []Option
		// before makes the client busy; it may keep running in goroutines until
		// ctx ends.
		before func(context.Context, *Client)
		sent   bool // a write is on its way
	}{
		"read in flight":           {api: routes{database: hang}, run: getDatabase},
		"write in flight":          {api: routes{post: hang}, run: create, sent: true},
		"page in flight":           {api: routes{"GET /subscriptions/7/databases": hang}, run: func(ctx context.Context, c *Client) error { return lastOf(c.Databases.All(ctx, 7, nil)) }},
		"pause before a retry":     {api: routes{database: "pause"}, run: getDatabase},
		"pause of a write":         {api: routes{post: "pause"}, run: create},
		"first in the limiter":     {api: routes{database: pending}, run: getDatabase, opts: []Option{WithRateLimit(1)}, before: func(ctx context.Context, c *Client) { _ = getDatabase(ctx, c) }},
		"last in the limiter":      {api: routes{database: pending}, run: getDatabase, opts: []Option{WithRateLimit(1)}, before: func(ctx context.Context, c *Client) { many(10, func() { _ = getDatabase(ctx, c) }) }},
		"poll in the limiter":      {api: routes{post: received, task: inProgress}, run: wait, opts: []Option{WithRateLimit(1)}},
		"pause between polls":      {api: routes{post: received, task: inProgress}, run: wait},
		"poll in flight":           {api: routes{post: received, task: hang}, run: wait},
		"task unknown":             {api: routes{post: received}, run: wait},
		"polls that fail":          {api: routes{post: received, task: "503"}, run: wait},
		"polls that have to pause": {api: routes{post: received, task: "pause"}, run: wait},
		"poll among many": {api: routes{post: received, task: inProgress}, run: wait, before: func(ctx context.Context, c *Client) {
			many(100, func() { _ = wait(ctx, c) })
		}},
		"resource unknown":       {api: routes{post: received, task: completed}, run: wait},
		"resource in flight":     {api: routes{post: received, task: completed, database: hang}, run: wait},
		"resource, pause":        {api: routes{post: received, task: completed, database: "pause"}, run: wait},
		"provisioning":           {api: routes{post: received, task: completed, database: pending}, run: provision},
		"provisioning in flight": {api: routes{post: received, task: completed, database: hang}, run: provision},
		"provisioning fails":     {api: routes{post: received, task: completed, database: "503"}, run: provision},
		"WaitProvisioned":        {api: routes{database: pending}, run: func(ctx context.Context, c *Client) error { return second(c.Databases.WaitProvisioned(ctx, 7, 8)) }},
		"WaitAllActive":          {api: routes{"GET /subscriptions/7/databases": `{"subscription":[{"databases":[` + pending + `]}]}`}, run: func(ctx context.Context, c *Client) error { return second(c.Databases.WaitAllProvisioned(ctx, 7)) }},
		"WaitForTasks": {api: routes{task: inProgress, "GET /tasks/t2": hang}, run: func(ctx context.Context, c *Client) error {
			return second(c.WaitForTasks(ctx, []AnyTask{&TaskState{TaskID: "t1"}, &TaskState{TaskID: "t2"}}))
		}},
		"Updates": {api: routes{post: received, task: inProgress}, run: func(ctx context.Context, c *Client) error {
			task, err := createOne(ctx, c)
			return errors.Join(err, lastOf(task.Updates(ctx)))
		}},
		"InTurn, queue":                {api: routes{post: hang}, run: change, before: func(ctx context.Context, c *Client) { many(10, func() { _ = change(ctx, c) }) }},
		"InTurn, subscription pending": {api: routes{post: received, task: tooSoon, "GET /subscriptions/7": `{"id":7,"status":"pending"}`}, run: change},
		"InTurn, change pending":       {api: routes{"GET /subscriptions/7": `{"id":7,"status":"active"}`, post: received, task: inProgress}, run: change},
		"FindTask": {api: routes{post: "503", "GET /tasks": `{"tasks":[]}`}, run: func(ctx context.Context, c *Client) error {
			lost, _ := errors.AsType[*OutcomeUnknownError](create(ctx, c))
			return second(FindTask[Database](ctx, lost))
		}},
		"FindTask in flight": {api: routes{post: "503", "GET /tasks": hang}, run: func(ctx context.Context, c *Client) error {
			lost, _ := errors.AsType[*OutcomeUnknownError](create(ctx, c))
			return second(FindTask[Database](ctx, lost))
		}},
		"download, header": {api: routes{"GET /cost-report/r.csv": hang}, run: readReport},
		"Do":               {api: routes{"GET /x": hang}, run: func(ctx context.Context, c *Client) error { return c.Do(ctx, "GET", "/x", nil, nil) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newTestClient(t, test.api, test.opts...)
				others, stop := context.WithCancel(t.Context())
				if test.before != nil {
					test.before(others, client)
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				why := errors.New("shutting down")
				var at time.Time
				time.AfterFunc(2900*time.Millisecond, func() { at = time.Now(); cancel(why) })
				err := test.run(ctx, client)
				assert.Zero(t, time.Since(at), "time after the end of the context")
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, why)
				assert.Regexp(t, "^rediscloud: ", err.Error())
				_, unknown := errors.AsType[*OutcomeUnknownError](err)
				assert.Equal(t, test.sent, unknown, "%v", err)
				stop()
			})
		})
	}
}

func many(n int, f func()) {
	for range n {
		go f()
	}
	synctest.Wait()
}

func readReport(ctx context.Context, c *Client) error {
	file, err := c.CostReports.Download(ctx, "r.csv")
	if err != nil {
		return err
	}
	defer file.Close()
	return second(io.Copy(io.Discard, file))
}

// A download breaks off at once too.
func TestCancellationOfDownload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var at time.Time
		time.AfterFunc(time.Hour+time.Second, func() { at = time.Now(); cancel() })
		require.ErrorIs(t, readReport(ctx, newTestClient(t, roundTripper(slowBody))), context.Canceled)
		assert.Zero(t, time.Since(at))
	})
}

// The one exception: a response to a write that has begun to arrive is read to
// its end, since it may contain the id of a task. That takes no longer than an
// attempt may take.
func TestCancellationWithinAnswerToWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(time.Second, cancel)
		_, err := createOne(ctx, newTestClient(t, roundTripper(slowBody), WithAttemptTimeout(5*time.Second)))
		require.ErrorIs(t, err, context.Canceled)
		_, unknown := errors.AsType[*OutcomeUnknownError](err)
		assert.True(t, unknown, "%v", err)
		assert.Equal(t, 5*time.Second, time.Since(start))
	})
}
