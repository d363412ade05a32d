package rediscloud

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDataIntegrationList(t *testing.T) {
	doc, err := newWire(t, wire{method: "GET", path: "/data-integration-workspaces", answer: `[{"id":1}]`}).DataIntegration.List(t.Context())
	require.NoError(t, err)
	assert.JSONEq(t, `[{"id":1}]`, string(doc))
}

func TestDataIntegrationDo(t *testing.T) {
	const workspace = "/subscriptions/12/data-integration-workspace"
	for _, method := range dataIntegrationMethods {
		for path, below := range map[string]string{
			"": "", "pipelines/1": "/pipelines/1", "/a%20b/c": "/a%20b/c", "a/": "/a/",
		} {
			client := newWire(t, wire{method: method, path: workspace + below, status: 204})
			doc, err := client.DataIntegration.Do(t.Context(), &DataIntegrationRequest{Method: method, SubscriptionID: 12, Path: path})
			require.NoError(t, err)
			assert.Nil(t, doc)
		}
		if method == http.MethodGet {
			continue
		}
		client := newWire(t, wire{method: method, path: workspace + "/x?a=1&a=2&b=%26", body: `[{"k":null}]`, answer: `"done"`})
		doc, err := client.DataIntegration.Do(t.Context(), &DataIntegrationRequest{
			Method: method, SubscriptionID: 12, Path: "x",
			Query: url.Values{"b": {"&"}, "a": {"1", "2"}}, Body: json.RawMessage(`[{"k":null}]`),
		})
		require.NoError(t, err)
		assert.JSONEq(t, `"done"`, string(doc))
	}
}

func TestDataIntegrationDoRefusesWrongRequests(t *testing.T) {
	client := newWire(t)
	for want, req := range map[string]*DataIntegrationRequest{
		"Method must be one of GET, POST, PUT, PATCH, DELETE, not \"HEAD\"": {Method: "HEAD", SubscriptionID: 12},
		"Method must be one of GET, POST, PUT, PATCH, DELETE, not \"\"":     {SubscriptionID: 12},
		"subscriptionId must be positive, not 0":                            {Method: "GET"},
		"Body and Method GET can't be given together":                       {Method: "GET", SubscriptionID: 12, Body: json.RawMessage(`{}`)},
		"unexpected end of JSON input":                                      {Method: "PUT", SubscriptionID: 12, Body: json.RawMessage(`{`)},
		"the request is nil":                                                nil,
	} {
		_, err := client.DataIntegration.Do(t.Context(), req)
		require.ErrorContains(t, err, want)
	}
	for _, path := range []string{"/", "//", "a//b", "..", "a/../b", "%2e%2e/x", "a%2fb", "a?b=c", "a#b", "%zz"} {
		_, err := client.DataIntegration.Do(t.Context(), &DataIntegrationRequest{Method: "GET", SubscriptionID: 12, Path: path})
		require.ErrorContains(t, err, "Path must be a clean, escaped path without a query", path)
	}
}

func TestDataIntegrationRetries(t *testing.T) {
	for _, method := range dataIntegrationMethods {
		for _, failure := range []func() (*http.Response, error){answers(503, ""), answers(429, ""), fails(errDial)} {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []func() (*http.Response, error){failure, answers(200, "")}}
				_, err := newTestClient(t, server).DataIntegration.Do(t.Context(), &DataIntegrationRequest{Method: method, SubscriptionID: 12})
				if method == http.MethodGet {
					require.NoError(t, err)
					assert.Equal(t, 2, server.sent)
				} else {
					require.Error(t, err)
					assert.Equal(t, 1, server.sent)
				}
			})
		}
	}
}

func TestDataIntegrationOddAnswers(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/data-integration-workspaces", answer: "<html>"},
		wire{method: "PATCH", path: "/subscriptions/12/data-integration-workspace", answer: "<html>"},
		wire{method: "GET", path: "/data-integration-workspaces", answer: "null"},
		wire{method: "GET", path: "/data-integration-workspaces", status: 404},
	)
	_, err := client.DataIntegration.List(t.Context())
	_, ok := errors.AsType[*DecodeError](err)
	assert.True(t, ok, err)
	_, err = client.DataIntegration.Do(t.Context(), &DataIntegrationRequest{Method: "PATCH", SubscriptionID: 12})
	_, ok = errors.AsType[*OutcomeUnknownError](err)
	assert.True(t, ok, err)
	doc, err := client.DataIntegration.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "null", string(doc))
	_, err = client.DataIntegration.List(t.Context())
	require.ErrorIs(t, err, ErrNotFound)
	_, err = (&DataIntegrationService{}).List(t.Context())
	require.ErrorIs(t, err, errNoClient)
}
