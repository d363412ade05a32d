package rediscloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// DataIntegrationService provides access to the data integration workspaces
// (RDI) of the account's subscriptions. The API forwards these requests to
// another service, whose documents it doesn't describe: they are raw JSON.
type DataIntegrationService struct{ client *Client }

// List returns the workspaces of all subscriptions.
//
// API: GET /data-integration-workspaces
func (s *DataIntegrationService) List(ctx context.Context) (json.RawMessage, error) {
	return s.send(ctx, get("/data-integration-workspaces"))
}

// Do sends a request to the workspace of a subscription, and returns the body
// of the response, nil if it is empty. A GET is retried like others; any other
// method is sent only once, even where the client's retry policy would allow
// more, since the service behind the API may have acted on it.
//
// API: GET /subscriptions/{subscriptionId}/data-integration-workspace and any path below it
//
// API: POST /subscriptions/{subscriptionId}/data-integration-workspace and any path below it
//
// API: PUT /subscriptions/{subscriptionId}/data-integration-workspace and any path below it
//
// API: PATCH /subscriptions/{subscriptionId}/data-integration-workspace and any path below it
//
// API: DELETE /subscriptions/{subscriptionId}/data-integration-workspace and any path below it
func (s *DataIntegrationService) Do(ctx context.Context, req *DataIntegrationRequest) (json.RawMessage, error) {
	return s.send(ctx, req.call())
}

// DataIntegrationRequest is a request to the workspace of a subscription.
type DataIntegrationRequest struct {
	Method         string // such as http.MethodGet; required
	SubscriptionID int    // required

	// Path is the path below the workspace, such as "pipelines/1", or "" for
	// the workspace itself. Special characters must be escaped; no segment may
	// be empty, "." or "..".
	Path string

	Query url.Values
	Body  json.RawMessage // not with GET
}

var dataIntegrationMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// call is the request to send.
func (r *DataIntegrationRequest) call() call {
	const workspace = "/subscriptions/{subscriptionId}/data-integration-workspace"
	if r == nil {
		return call{route: workspace, err: errors.New("the request is nil")}
	}
	c := newCall(r.Method, workspace, []any{r.SubscriptionID})
	if c.err == nil {
		c.err = r.validate()
	}
	if r.Path != "" {
		c.route += "/**"
		c.path += "/" + strings.TrimPrefix(r.Path, "/")
	}
	c.query = r.Query
	if len(r.Body) > 0 {
		c = c.withBody(r.Body)
	}
	return c
}

func (r *DataIntegrationRequest) validate() error {
	path := strings.TrimPrefix(r.Path, "/")
	switch {
	case !slices.Contains(dataIntegrationMethods, r.Method):
		return fmt.Errorf("the Method must be one of %s, not %q", strings.Join(dataIntegrationMethods, ", "), r.Method)
	case r.Path != "" && (strings.ContainsAny(path, "?#") || !cleanPath(strings.TrimSuffix(path, "/"))):
		return errors.New("the Path must be a clean, escaped path without a query")
	}
	return exclusive("Body", len(r.Body) > 0, "Method GET", r.Method == http.MethodGet)
}

// send runs a call whose documents are opaque.
func (s *DataIntegrationService) send(ctx context.Context, call call) (json.RawMessage, error) {
	if err := s.client.usable(ctx); err != nil {
		return nil, err
	}
	retry := s.client.transport.retry
	if call.method != http.MethodGet {
		retry = noRetries
	}
	answer, err := s.client.transport.do(ctx, call, retry)
	switch {
	case err != nil:
		return nil, err
	case len(bytes.TrimSpace(answer.Body)) == 0:
		return nil, nil
	case !json.Valid(answer.Body):
		return nil, unusable(call, answer, errors.New("the body is not JSON"))
	}
	return answer.Body, nil
}
