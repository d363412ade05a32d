package rediscloud

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func setEnv(t *testing.T, account, secret, base string) {
	t.Setenv(EnvAccountKey, account)
	t.Setenv(EnvSecretKey, secret)
	t.Setenv(EnvBaseURL, base)
}

func TestNewClientFromEnvironment(t *testing.T) {
	setEnv(t, "envaccount", "envsecret", "")
	client, err := NewClient()
	require.NoError(t, err)
	assert.Equal(t, DefaultBaseURL, client.transport.base.String())
	assert.Equal(t, "envaccount", client.transport.header().Get("x-api-key"))
	assert.Equal(t, "envsecret", client.transport.header().Get("x-api-secret-key"))

	setEnv(t, "envaccount", "envsecret", "https://other.example/v1/")
	client, err = NewClient(WithCredentials("a", "s"))
	require.NoError(t, err)
	assert.Equal(t, "https://other.example/v1", client.transport.base.String())
	assert.Equal(t, "a", client.transport.header().Get("x-api-key"))

	client, err = NewClient(WithBaseURL("https://third.example/v1"))
	require.NoError(t, err)
	assert.Equal(t, "https://third.example/v1", client.transport.base.String())
}

func TestNewClientRefuses(t *testing.T) {
	good := WithCredentials("account", "hunter2")
	for want, opts := range map[string][]Option{
		"no account key: set REDISCLOUD_ACCESS_KEY": nil,
		"no secret key: set REDISCLOUD_SECRET_KEY":  {},
		"the account key is empty":                  {WithCredentials("", "hunter2")},
		"the secret key is empty":                   {WithCredentials("account", "")},
		"the secret key has white space around it":  {WithCredentials("account", "hunter2\n")},
		"the account key has white space":           {WithCredentials(" account", "hunter2")},
		"characters that a header can't hold":       {WithCredentials("acc\r\nount", "hunter2")},
		"characters that a header":                  {WithCredentials("account", "hunter2ü")},
		"must be an absolute http or https URL":     {good, WithBaseURL("api.redislabs.com")},
		"WithBaseURL: the URL is empty":             {good, WithBaseURL("")},
		"would send the keys in the clear":          {good, WithBaseURL("http://api.redislabs.com/v1")},
		"must not contain a user or password":       {good, WithBaseURL("https://me:hunter2@h/v1")},
		"WithHTTPClient: the client is nil":         {good, WithHTTPClient(nil)},
		"WithLogger: the logger is nil":             {good, WithLogger(nil)},
		"WithUserAgent: the name is empty":          {good, WithUserAgent("")},
		"WithUserAgent: the name is empty, or":      {good, WithUserAgent("a\nb")},
		"WithRetry: counts and delays":              {good, WithRetry(RetryPolicy{MaxRetries: -1})},
		"WithRetry: MaxDelay must not be below":     {good, WithRetry(RetryPolicy{MinDelay: 2, MaxDelay: 1})},
		"WithAttemptTimeout: want a positive time":  {good, WithAttemptTimeout(0)},
		"WithRateLimit: want a positive number":     {good, WithRateLimit(0)},
		"WithRateLimiter: the limiter is nil":       {good, WithRateLimiter(nil)},
		"WithRateLimiter: the limiter is":           {good, WithRateLimiter((*countingLimiter)(nil))},
		"exclude each other":                        {good, WithRateLimit(5), WithRateLimiter(&countingLimiter{})},
		"an option is nil":                          {good, nil},
	} {
		setEnv(t, "", "", "")
		if want == "no secret key: set REDISCLOUD_SECRET_KEY" {
			t.Setenv(EnvAccountKey, "account")
		}
		client, err := NewClient(opts...)
		require.ErrorContains(t, err, want)
		assert.Regexp(t, "^rediscloud: ", err.Error())
		assert.NotContains(t, err.Error(), "hunter2")
		assert.Nil(t, client)
	}
}

func TestNewClientTellsAllMistakes(t *testing.T) {
	_, err := NewClient(WithCredentials("", ""), WithUserAgent(""))
	for _, want := range []string{"the account key is empty", "the secret key is empty", "WithUserAgent"} {
		require.ErrorContains(t, err, want)
	}
}

func TestClientPrintsNoKeys(t *testing.T) {
	client, err := NewClient(WithCredentials("accountkey", "hunter2"))
	require.NoError(t, err)
	task := &Task[None]{client: client}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%p", "%q", "%x", "%d"} {
		for _, value := range []any{client, struct{ C *Client }{client}, task, *task, struct{ T *Task[None] }{task}} {
			text := fmt.Sprintf(verb, value)
			assert.NotContains(t, text, "hunter2")
			assert.NotContains(t, text, "accountkey")
			assert.NotContains(t, text, fmt.Sprintf("%x", "hunter2"))
		}
	}
	assert.Equal(t, "rediscloud.Client(https://api.redislabs.com/v1)", fmt.Sprint(client))
	assert.Equal(t, "rediscloud.Client(unusable)", fmt.Sprint(&Client{}))
}

func TestZeroClient(t *testing.T) {
	for _, client := range []*Client{nil, {}} {
		require.ErrorIs(t, client.Do(t.Context(), "GET", "/x", nil, nil), errNoClient)
		_, err := (&TasksService{client}).List(t.Context())
		require.ErrorIs(t, err, errNoClient)
		_, err = (&SubscriptionsService{client}).Delete(t.Context(), 7)
		require.ErrorIs(t, err, errNoClient)
	}
}

func TestNilContext(t *testing.T) {
	var ctx context.Context
	client := newWire(t)
	_, err := client.Tasks.List(ctx)
	require.EqualError(t, err, "rediscloud: the context is nil")
	_, err = client.WaitForTask(ctx, &TaskState{TaskID: "t1"})
	require.EqualError(t, err, "rediscloud: the context is nil")
	for _, err := range newTask(client, &TaskState{TaskID: "t1"}, nothing).Updates(ctx) {
		require.EqualError(t, err, "rediscloud: the context is nil")
	}
}

func TestDo(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/things/5?a=b&c=d", answer: `{"id":5}`},
		wire{method: "POST", path: "/things", body: `{"name":"x"}`, status: 202, answer: received},
		wire{method: "PATCH", path: "/things/5", body: `[1]`, answer: `whatever`},
		wire{method: "DELETE", path: "/things/5", status: 204},
		wire{method: "GET", path: "/", answer: `{"account":{}}`},
		wire{method: "GET", path: "/things/5", answer: `<html>`},
		wire{method: "POST", path: "/things", answer: `<html>`},
	)
	ctx := t.Context()
	var thing struct{ ID int }
	require.NoError(t, client.Do(ctx, "GET", "/things/5?c=d&a=b", nil, &thing))
	assert.Equal(t, 5, thing.ID)
	var state TaskState
	require.NoError(t, client.Do(ctx, "POST", "/things", map[string]string{"name": "x"}, &state))
	assert.Equal(t, "t1", state.TaskID)
	var raw []byte
	require.NoError(t, client.Do(ctx, "PATCH", "/things/5", json.RawMessage(`[1]`), &raw))
	assert.Equal(t, "whatever", string(raw))
	require.NoError(t, client.Do(ctx, "DELETE", "/things/5", nil, nil))
	require.NoError(t, client.Do(ctx, "GET", "/", nil, &raw))
	var unusable *DecodeError
	require.ErrorAs(t, client.Do(ctx, "GET", "/things/5", nil, &thing), &unusable)
	var unknown *OutcomeUnknownError
	require.ErrorAs(t, client.Do(ctx, "POST", "/things", nil, &thing), &unknown)
}

func TestDoRefuses(t *testing.T) {
	for _, path := range []string{"", "things", "//evil.example/x", "https://evil.example/x", "/a//b", "/../x", "/a/%2e%2e/b", "/a/%2Fb", `/a\b`, "/a/%zz"} {
		require.Error(t, newWire(t).Do(t.Context(), "GET", path, nil, nil), path)
	}
	require.ErrorContains(t, newWire(t).Do(t.Context(), "get", "/x", nil, nil), "the method must be in upper case")
	require.Error(t, newWire(t).Do(t.Context(), "GET /", "/x", nil, nil))
	require.Error(t, newWire(t).Do(t.Context(), "GET", "/x?%zz", nil, nil))
	require.Error(t, newWire(t).Do(t.Context(), "POST", "/x", func() {}, nil))
}

func TestExpand(t *testing.T) {
	for want, ids := range map[string][]any{
		"/subscriptions/7/databases/8/tags/a%2Fb":       {7, 8, "a/b"},
		"/subscriptions/7/databases/8/tags/...":         {7, 8, "..."},
		"/subscriptions/7/databases/8/tags/{tagKey}":    {7, 8},
		"/subscriptions/7/databases/8/tags/a%20%25%3Fb": {7, 8, "a %?b"},
	} {
		path, err := expand("/subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}", ids...)
		require.NoError(t, err)
		assert.Equal(t, want, path)
	}
	for want, ids := range map[string][]any{
		"subscriptionId must be positive, not 0":  {0},
		"subscriptionId must be positive, not -1": {-1, 5},
		"databaseId must not be \"..\"":           {7, ".."},
		"databaseId must not be \"\"":             {7, ""},
		"has no place for 9":                      {7, 8, 9},
		"subscriptionId has the unexpected type":  {7.5},
	} {
		_, err := expand("/subscriptions/{subscriptionId}/databases/{databaseId}", ids...)
		require.ErrorContains(t, err, want)
	}
}

// Mistakes are reported before anything is sent.
func TestMistakesAreNotSent(t *testing.T) {
	client, ctx := newWire(t), t.Context()
	_, err := client.Subscriptions.Get(ctx, 0)
	require.EqualError(t, err, "rediscloud: GET /subscriptions/{subscriptionId}: subscriptionId must be positive, not 0")
	_, err = client.Subscriptions.Create(ctx, nil)
	require.EqualError(t, err, "rediscloud: POST /subscriptions: the request is nil")
	_, err = client.Subscriptions.CreateDryRun(ctx, nil)
	require.EqualError(t, err, "rediscloud: POST /subscriptions: the request is nil")
	_, err = client.Databases.Create(ctx, 7, nil)
	require.EqualError(t, err, "rediscloud: POST /subscriptions/{subscriptionId}/databases: the request is nil")
}

func TestWaitsAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := recorder{}
		server := &script{steps: []func() (*http.Response, error){inProgress("t1"), answers(200, `{"taskId":"t1","status":"processing-completed"}`)}}
		client := newTestClient(t, server, exactly, WithLogger(slog.New(records)))
		_, err := client.WaitForTask(t.Context(), &TaskState{TaskID: "t1"})
		require.NoError(t, err)
		require.Len(t, records["rediscloud: waiting"], 2)
		got := records["rediscloud: waiting"][0]
		assert.Equal(t, "t1", got["task"].String())
		assert.Equal(t, "processing-in-progress", got["status"].String())
		assert.Len(t, records["rediscloud: exchange"], 2)
	})
}

// recorder is a slog.Handler that keeps records by their message.
type recorder map[string][]map[string]slog.Value

func (r recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r recorder) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r recorder) WithGroup(string) slog.Handler            { return r }
func (r recorder) Handle(_ context.Context, record slog.Record) error {
	attrs := map[string]slog.Value{}
	record.Attrs(func(a slog.Attr) bool { attrs[a.Key] = a.Value; return true })
	r[record.Message] = append(r[record.Message], attrs)
	return nil
}
