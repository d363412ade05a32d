package rediscloud

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testBase = "https://api.example.com/v1"

// A wire is one expected exchange: the request, and the response to it.
type wire struct {
	method string
	path   string // with the query, if there is one
	body   string // as JSON; "" wants none
	status int    // 0: 200
	answer string
	header http.Header
	times  int // how often it takes place; 0 is once
}

// newWire returns a client whose requests must be exactly the exchanges, in
// order. If any remain at the end, the test fails. The client's waits trust the
// first final status that they see.
func newWire(t *testing.T, exchanges ...wire) *Client {
	t.Helper()
	exchanges = repeated(exchanges)
	mock := httpmock.NewMockTransport()
	next := 0
	mock.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		var body []byte
		if req.Body != nil {
			body, _ = io.ReadAll(req.Body)
		}
		if !assert.Less(t, next, len(exchanges), "unexpected %s %s", req.Method, req.URL) {
			return httpmock.NewStringResponse(http.StatusTeapot, ""), nil
		}
		want := exchanges[next]
		next++
		assert.Equal(t, want.method+" "+testBase+want.path, req.Method+" "+req.URL.String())
		if want.body == "" {
			assert.Empty(t, string(body))
		} else {
			assert.JSONEq(t, want.body, string(body))
		}
		assert.Equal(t, "account", req.Header.Get("x-api-key"))
		assert.Equal(t, "secret", req.Header.Get("x-api-secret-key"))
		if want.status == 0 {
			want.status = http.StatusOK
		}
		resp := httpmock.NewStringResponse(want.status, want.answer)
		for name, values := range want.header {
			resp.Header[name] = values
		}
		return resp, nil
	})
	t.Cleanup(func() { assert.Equal(t, len(exchanges), next, "exchanges that took place") })
	return newTestClient(t, mock, WithWaitOptions(WithSettling(0)))
}

func repeated(exchanges []wire) (all []wire) {
	for _, exchange := range exchanges {
		for range max(1, exchange.times) {
			all = append(all, exchange)
		}
	}
	return all
}

// newTestClient returns a client that sends through a RoundTripper.
func newTestClient(t *testing.T, transport http.RoundTripper, opts ...Option) *Client {
	t.Helper()
	client, err := NewClient(append([]Option{
		WithBaseURL(testBase),
		WithCredentials("account", "secret"),
		WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// received is the response to a write, and completed that to the poll which
// follows; response is the JSON of the task's response field.
const received = `{"taskId":"t1","status":"received","_links":{"task":{"href":"` + testBase + `/tasks/t1","type":"GET"}}}`

func completed(response string) wire {
	return wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-completed","response":` + response + `}`}
}

// waitWire submits a task over the given exchanges in virtual time, and
// returns its result.
func waitWire[T any](t *testing.T, submit func(context.Context, *Client) (*Task[T], error), exchanges ...wire) (result *T, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		task, submitErr := submit(t.Context(), newWire(t, exchanges...))
		require.NoError(t, submitErr)
		assert.Equal(t, "t1", task.ID())
		result, err = task.Wait(t.Context())
	})
	return result, err
}
