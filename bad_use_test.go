package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/internal/ratelimit"
)

// servicesOf are the services of a client, by name.
func servicesOf(c *Client) map[string]reflect.Value {
	services := map[string]reflect.Value{}
	client := reflect.ValueOf(c).Elem()
	for i := range client.NumField() {
		if field := client.Type().Field(i); field.IsExported() {
			services[field.Name] = client.Field(i).Addr()
		}
	}
	return services
}

// callAll calls every method of the services with ctx, id for every id, text
// for every string, and nil requests and options, and counts them. Methods that
// take none of these are left out unless all is set.
func callAll(t *testing.T, ctx context.Context, services map[string]reflect.Value, id int, text string, all bool, check func(name string, err error)) (methods int) { //nolint:revive // t first, as everywhere
	for service, value := range services {
		for i := range value.NumMethod() {
			name, method := service+"."+value.Type().Method(i).Name, value.Method(i)
			args, given := badArguments(ctx, method.Type(), id, text)
			if strings.HasSuffix(name, ".GetByName") && text == ".." {
				continue // it can't be part of a path, but it can be a name
			}
			if given || all {
				methods++
				require.NotPanics(t, func() { check(name, lastError(t, name, method.Call(args))) }, name)
			}
		}
	}
	return methods
}

// badArguments are those of a method, without its options. They are given if
// there is an id, a text or a request among them.
func badArguments(ctx context.Context, method reflect.Type, id int, text string) (args []reflect.Value, given bool) {
	n := method.NumIn()
	if method.IsVariadic() {
		n--
	}
	for i := range n {
		in := method.In(i)
		arg := reflect.New(in).Elem()
		switch {
		case in == reflect.TypeFor[context.Context]():
			if ctx != nil {
				arg.Set(reflect.ValueOf(ctx))
			}
		case in.Kind() == reflect.Int:
			arg.SetInt(int64(id))
			given = true
		case in.Kind() == reflect.String:
			arg.SetString(text)
			given = true
		case in.Kind() == reflect.Pointer && !strings.HasSuffix(in.String(), "Options"), in.Kind() == reflect.Struct:
			given = true
		}
		args = append(args, arg)
	}
	return args, given
}

func lastError(t *testing.T, name string, results []reflect.Value) error {
	last := results[len(results)-1]
	if last.Kind() == reflect.Func { // an iterator
		steps := 0
		for _, err := range last.Seq2() {
			last = err
			steps++
		}
		assert.LessOrEqual(t, steps, 1, name)
		if steps == 0 {
			return nil
		}
	}
	err, _ := last.Interface().(error)
	return err
}

// untouched is a client whose requests fail the test.
func untouched(t *testing.T, opts ...Option) *Client {
	return newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		t.Errorf("%s %s was sent", req.Method, req.URL)
		return response(http.StatusTeapot, ""), nil
	}), opts...)
}

// No method of any service sends invalid arguments, or panics on them.
func TestMethodsRefuseBadUse(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	usable := servicesOf(untouched(t))
	for name, test := range map[string]struct {
		services map[string]reflect.Value
		ctx      context.Context
		id       int
		text     string
		all      bool // methods without arguments too
	}{
		"services that are zero": {servicesOf(&Client{}), t.Context(), 1, "x", true},
		"a nil context":          {usable, nil, 1, "x", true},
		"an ended context":       {usable, ended, 1, "x", true},
		"ids that are zero":      {usable, t.Context(), 0, "", false},
		"ids that are negative":  {usable, t.Context(), -1, "..", false},
	} {
		t.Run(name, func(t *testing.T) {
			n := callAll(t, test.ctx, test.services, test.id, test.text, test.all, func(name string, err error) {
				if assert.Error(t, err, name) {
					assert.Regexp(t, "^rediscloud: ", err.Error(), name)
				}
			})
			assert.Greater(t, n, 100)
			t.Logf("%d methods", n)
		})
	}
}

func TestBadOptions(t *testing.T) {
	keys := WithCredentials("account", "secret")
	limiter := ratelimit.New(1)
	var noTransport *http.Transport
	var noLimiter *ratelimit.Limiter
	for name, opts := range map[string][]Option{
		"option":            {keys, nil},
		"keys":              {WithCredentials("", "")},
		"keys with breaks":  {WithCredentials("a\nb", "secret")},
		"HTTP client":       {keys, WithHTTPClient(nil)},
		"transport":         {keys, WithHTTPClient(&http.Client{Transport: noTransport})},
		"logger":            {keys, WithLogger(nil)},
		"user agent":        {keys, WithUserAgent("a\r\nx-api-key: b")},
		"retries":           {keys, WithRetry(RetryPolicy{MaxRetries: -1})},
		"delays":            {keys, WithRetry(RetryPolicy{MinDelay: 2, MaxDelay: 1})},
		"hint":              {keys, WithRetry(RetryPolicy{MaxHint: -1})},
		"attempt time-out":  {keys, WithAttemptTimeout(0)},
		"rate limit":        {keys, WithRateLimit(0)},
		"limiter":           {keys, WithRateLimiter(noLimiter)},
		"two limits":        {keys, WithRateLimiter(limiter), WithRateLimit(5)},
		"base URL":          {keys, WithBaseURL("")},
		"base URL, secret":  {keys, WithBaseURL("https://user:hunter2@example.com")},
		"base URL, in vain": {keys, WithBaseURL("http://example.com/v1")},
		"base URL, odd":     {keys, WithBaseURL("https://example.com/%zz?hunter2")},
		"wait option":       {keys, WithWaitOptions(WithPollDelay(-1, 0))},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := NewClient(opts...)
			require.Error(t, err)
			assert.Nil(t, client)
			assert.Regexp(t, "^rediscloud: ", err.Error())
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
	_, err := NewClient(WithCredentials("account", "secret"), WithWaitOptions(nil, OnUpdate(nil), OnProvisioning(nil)))
	require.NoError(t, err)
}

func TestBadWaits(t *testing.T) {
	client, ctx := untouched(t), t.Context()
	known := &TaskState{TaskID: "t1", Status: TaskStatusReceived}
	ended, cancel := context.WithCancelCause(ctx)
	why := errors.New("shutting down")
	cancel(why)
	for name, wait := range map[string]func() error{
		"nil client":              func() error { return second((*Client)(nil).WaitForTask(ctx, known)) },
		"zero client":             func() error { return second((&Client{}).WaitForTask(ctx, known)) },
		"nil context":             func() error { return second(client.WaitForTask(nil, known)) }, //nolint:staticcheck // the bad use
		"nil task":                func() error { return second(client.WaitForTask(ctx, nil)) },
		"nil state":               func() error { return second(client.WaitForTask(ctx, (*TaskState)(nil))) },
		"nil handle":              func() error { return second(client.WaitForTask(ctx, (*Task[Database])(nil))) },
		"zero state":              func() error { return second(client.WaitForTask(ctx, &TaskState{})) },
		"zero handle":             func() error { return second(client.WaitForTask(ctx, &Task[Database]{})) },
		"id of the parent":        func() error { return second(client.WaitForTask(ctx, &TaskState{TaskID: ".."})) },
		"id without end":          func() error { return second(client.WaitForTask(ctx, &TaskState{TaskID: strings.Repeat("x", 1e6)})) },
		"ended context":           func() error { return second(client.WaitForTask(ended, known)) },
		"ended, and nothing seen": func() error { return second(client.WaitForTask(ended, &TaskState{TaskID: "t1"})) },
		"bad option":              func() error { return second(client.WaitForTask(ctx, known, nil, WithPollFactor(0))) },
		"several": func() error {
			return second(client.WaitForTasks(ctx, []AnyTask{nil, &TaskState{}, (*Task[None])(nil)}))
		},
		"Wait of nil":                  func() error { return second((*Task[Database])(nil).Wait(ctx)) },
		"Wait of zero":                 func() error { return second((&Task[Database]{}).Wait(ctx)) },
		"WaitProvisioned of nil":       func() error { return second((*Task[None])(nil).WaitProvisioned(ctx)) },
		"Poll of zero":                 func() error { return second((&Task[None]{}).Poll(ctx)) },
		"Updates of nil":               func() error { return lastOf((*Task[None])(nil).Updates(ctx)) },
		"Updates, nil context":         func() error { return lastOf(resumed(t, client).Updates(nil)) }, //nolint:staticcheck // the bad use
		"Wait, nil context":            func() error { return second(resumed(t, client).Wait(nil)) },    //nolint:staticcheck // the bad use
		"Wait, ended context":          func() error { return second(resumed(t, client).WaitProvisioned(ended)) },
		"ResumeTask, nil client":       func() error { return second(ResumeTask[None](nil, "t1")) },
		"ResumeTask, nothing":          func() error { return second(ResumeTask[None](client, "")) },
		"ResumeTask, long":             func() error { return second(ResumeTask[None](client, strings.Repeat("x", maxToken+1))) },
		"ResumeTask, long id":          func() error { return second(ResumeTask[None](client, strings.Repeat("x", maxTaskID+1))) },
		"FindTask of nil":              func() error { return second(FindTask[None](ctx, nil)) },
		"FindTask of zero":             func() error { return second(FindTask[None](ctx, &OutcomeUnknownError{})) },
		"Candidates of nil":            func() error { return second((*OutcomeUnknownError)(nil).Candidates(ctx)) },
		"InTurn, nil client":           func() error { return second(InTurn(ctx, nil, 7, submitNothing)) },
		"InTurn, nil submit":           func() error { return second(InTurn[None](ctx, client, 7, nil)) },
		"InTurn, no id":                func() error { return second(InTurn(ctx, client, 0, submitNothing)) },
		"InTurn, ended context":        func() error { return second(InTurn(ended, client, 7, submitNothing)) },
		"WaitProvisioned, ended":       func() error { return second(client.Databases.WaitProvisioned(ended, 7, 8)) },
		"Do, nil client":               func() error { return (*Client)(nil).Do(ctx, "GET", "/x", nil, nil) },
		"Do, no method":                func() error { return client.Do(ctx, "", "/x", nil, nil) },
		"Do, no path":                  func() error { return client.Do(ctx, "GET", "", nil, nil) },
		"Do, another host":             func() error { return client.Do(ctx, "GET", "https://example.org/x", nil, nil) },
		"Do, the parent":               func() error { return client.Do(ctx, "GET", "/x/%2e%2e/y", nil, nil) },
		"Do, a body that is none":      func() error { return client.Do(ctx, "POST", "/x", make(chan int), nil) },
		"Do, no pointer":               func() error { return client.Do(ctx, "POST", "/x", nil, TaskState{}) },
		"Do, a nil pointer":            func() error { return client.Do(ctx, "POST", "/x", nil, (*TaskState)(nil)) },
		"Do, a nil *[]byte":            func() error { return client.Do(ctx, "POST", "/x", nil, (*[]byte)(nil)) },
		"WithCaptureResponse, nothing": func() error { return client.Do(WithCaptureResponse(nil, nil), "GET", "/x", nil, nil) }, //nolint:staticcheck // the bad use
	} {
		t.Run(name, func(t *testing.T) {
			require.NotPanics(t, func() {
				err := wait()
				require.Error(t, err)
				assert.Regexp(t, "^rediscloud: ", err.Error())
				assert.Less(t, len(err.Error()), 2000)
				assert.Equal(t, strings.Contains(name, "ended"), errors.Is(err, why), "%v", err)
			})
		})
	}
	assert.Empty(t, Route(nil)) //nolint:staticcheck // the bad use
	for _, err := range []error{&APIError{}, &DecodeError{}, &OutcomeUnknownError{}, &TaskError{}, &WaitError{}, &WaitError{TaskID: "t1"}, &ProvisionError{}} {
		assert.NotPanics(t, func() { _ = fmt.Sprintf("%v %+v", err, err) })
	}
	var state *TaskState
	assert.False(t, state.Done() || state.Failed())
}

func second[T any](_ T, err error) error { return err }

func lastOf[T any](seq iter.Seq2[T, error]) (last error) {
	for _, err := range seq {
		last = err
	}
	return last
}

func resumed(t *testing.T, c *Client) *Task[Database] {
	task, err := ResumeTask[Database](c, "t1")
	require.NoError(t, err)
	return task
}

func submitNothing(context.Context) (*Task[None], error) { return nil, nil } //nolint:nilnil // the bad use

// A function for InTurn that returns neither a task nor an error.
func TestInTurnWithoutTask(t *testing.T) {
	client := newTestClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
		return response(200, `{"id":7,"status":"active"}`), nil
	}))
	_, err := InTurn(t.Context(), client, 7, submitNothing)
	require.ErrorIs(t, err, errNoTask)
}

// With a limiter that ignores the context, nothing is sent once the context has
// ended.
func TestEndedContextBehindLimiter(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := untouched(t, WithRateLimiter(patient{}))
	_, err := createOne(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	_, unknown := errors.AsType[*OutcomeUnknownError](err)
	assert.False(t, unknown, "%v", err)
}

type patient struct{}

func (patient) Wait(context.Context) error { return nil }

// An unusable transport: an error each time. A panic isn't recovered: it is a
// mistake of the program, which should learn of it.
func TestBadTransports(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]roundTripper{
		"neither answer nor error": func(*http.Request) (*http.Response, error) { return nil, nil }, //nolint:nilnil // the bad use
		"answer and error": func(*http.Request) (*http.Response, error) {
			return response(200, `{"databaseId":8}`), errors.New("closed")
		},
		"zero answer": func(*http.Request) (*http.Response, error) { return &http.Response{}, nil },
		"nil body":    func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: http.StatusOK}, nil },
		"closed":      func(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed },
	} {
		t.Run(name, func(t *testing.T) {
			client := newTestClient(t, transport, WithoutRetries())
			_, err := client.Databases.Get(t.Context(), 7, 8)
			require.Error(t, err)
			_, err = createOne(t.Context(), client)
			require.Error(t, err)
			file, err := client.CostReports.Download(t.Context(), "r.csv")
			if err == nil {
				require.NoError(t, file.Close())
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, err = client.WaitForTask(ctx, &TaskState{TaskID: "t1"}, WithPollDelay(time.Millisecond, time.Millisecond))
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

// One client for a thousand goroutines, with every kind of call. Run with
// -race.
func TestThousandGoroutines(t *testing.T) {
	t.Parallel()
	client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		switch {
		case req.Method == http.MethodPost:
			return response(202, received), nil
		case strings.HasPrefix(req.URL.Path, "/v1/tasks/"):
			return response(200, `{"taskId":"t1","status":"processing-completed","response":{"resourceId":8}}`), nil
		case strings.HasSuffix(req.URL.Path, "/databases"):
			return response(200, `{"subscription":[{"databases":[{"databaseId":8,"status":"active"}]}]}`), nil
		}
		return response(200, `{"id":7,"databaseId":8,"status":"active"}`), nil
	}), WithRateLimiter(patient{}), WithWaitOptions(WithPollDelay(time.Millisecond, time.Millisecond)))
	ctx := t.Context()
	calls := []func() error{
		func() error { return second(client.Databases.Get(ctx, 7, 8)) },
		func() error { return lastOf(client.Databases.All(ctx, 7, nil)) },
		func() error {
			task, err := createOne(ctx, client)
			if err != nil {
				return err
			}
			return second(task.WaitProvisioned(ctx))
		},
		func() error { return second(client.Databases.WaitAllProvisioned(ctx, 7)) },
		func() error {
			return second(InTurn(ctx, client, 7, func(ctx context.Context) (*Task[Database], error) { return createOne(ctx, client) }))
		},
		func() error { return lastOf(resumed(t, client).Updates(ctx)) },
	}
	var group sync.WaitGroup
	for i := range 1000 {
		group.Go(func() { assert.NoError(t, calls[i%len(calls)]()) })
	}
	group.Wait()
}
