package rediscloud

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fullPSCEndpoint() *PSCEndpointCreateRequest {
	return &PSCEndpointCreateRequest{GCPProjectID: "project", GCPVPCName: "vpc", GCPVPCSubnetName: "subnet", EndpointConnectionName: "redis"}
}

const fullPSCEndpointJSON = `{"gcpProjectId":"project","gcpVpcName":"vpc","gcpVpcSubnetName":"subnet","endpointConnectionName":"redis"}`

// pscEndpoints is the list with endpoint 50 in a given status, and another one.
func pscEndpoints(status string) string {
	return `{"pscServiceId":40,"endpoints":[{"id":49,"status":"active"},{"id":50,"status":"` + status + `"}]}`
}

func TestPSCListEndpoints(t *testing.T) {
	for base, network := range privateForms {
		list, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[PSCEndpointList], error) {
				return c.PrivateServiceConnect.ListEndpoints(ctx, network, 40)
			},
			wire{method: "GET", path: base + "/private-service-connect/40", status: 202, answer: received},
			completed(`{"resourceId":12,"resource":`+pscEndpoints("pending")+`}`))
		require.NoError(t, err)
		assert.Equal(t, &PSCEndpointList{ServiceID: 40, Endpoints: []PSCEndpoint{{ID: 49, Status: PSCEndpointStatusActive}, {ID: 50, Status: PSCEndpointStatusPending}}}, list)
	}
}

func TestPSCCreateEndpoint(t *testing.T) {
	for base, network := range privateForms {
		path := base + "/private-service-connect/40"
		create := func(ctx context.Context, c *Client) (*Task[PSCEndpoint], error) {
			return c.PrivateServiceConnect.CreateEndpoint(ctx, network, 40, fullPSCEndpoint())
		}
		write := []wire{{method: "POST", path: path, body: fullPSCEndpointJSON, status: 202, answer: received}, completed(`{"resourceId":50}`)}

		endpoint, err := waitWire(t, create, append(write, askedFor(path, pscEndpoints("initialized"))...)...)
		require.NoError(t, err)
		assert.Equal(t, &PSCEndpoint{ID: 50, Status: PSCEndpointStatusInitialized}, endpoint)

		for status, want := range map[string]struct {
			person bool
			hint   string
		}{
			"initialized": {true, "run the script"},
			"pending":     {true, "AcceptEndpoint"},
			"rejected":    {false, ""},
			"failed":      {false, ""},
		} {
			_, err = provisionWire(t, create, append(write[:2:2], askedFor(path, pscEndpoints(status))...)...)
			var failed *ProvisionError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, status, failed.Status)
			assert.Equal(t, want.person, failed.ActionRequired)
			assert.Contains(t, failed.Hint, want.hint)
		}
	}
}

func TestPSCChangeEndpoint(t *testing.T) {
	type change = func(context.Context, *Client, PSCEndpointRef) (*Task[PSCEndpoint], error)
	for _, test := range []struct {
		change
		body     string
		statuses []string // seen; the last is final
		bad      string   // the final one of a failure
	}{
		{
			func(ctx context.Context, c *Client, ref PSCEndpointRef) (*Task[PSCEndpoint], error) {
				return c.PrivateServiceConnect.UpdateEndpoint(ctx, ref, &PSCEndpointUpdateRequest{GCPVPCName: new("other")})
			},
			`{"gcpVpcName":"other"}`, []string{"processing", "active"}, "failed",
		},
		{
			func(ctx context.Context, c *Client, ref PSCEndpointRef) (*Task[PSCEndpoint], error) {
				return c.PrivateServiceConnect.AcceptEndpoint(ctx, ref)
			},
			`{"action":"accept"}`, []string{"pending", "accept-pending", "active"}, "deleted",
		},
		{
			func(ctx context.Context, c *Client, ref PSCEndpointRef) (*Task[PSCEndpoint], error) {
				return c.PrivateServiceConnect.RejectEndpoint(ctx, ref)
			},
			`{"action":"reject"}`, []string{"pending", "reject-pending", "rejected"}, "failed",
		},
	} {
		for base, network := range privateForms {
			submit := func(ctx context.Context, c *Client) (*Task[PSCEndpoint], error) {
				return test.change(ctx, c, PSCEndpointRef{network, 40, 50})
			}
			list := base + "/private-service-connect/40"
			exchanges := []wire{
				{method: "PUT", path: list + "/endpoints/50", body: test.body, status: 202, answer: received},
				completed(`{"resourceId":39}`), // not to be trusted
			}
			endpoint, err := waitWire(t, submit, append(exchanges[:2:2], askedFor(list, pscEndpoints(test.statuses[0]))...)...)
			require.NoError(t, err)
			assert.Equal(t, 50, endpoint.ID)

			for _, status := range test.statuses {
				exchanges = append(exchanges, askedFor(list, pscEndpoints(status))...)
			}
			endpoint, err = provisionWire(t, submit, exchanges...)
			require.NoError(t, err)
			assert.Equal(t, test.statuses[len(test.statuses)-1], string(endpoint.Status))

			_, err = provisionWire(t, submit, append(exchanges[:2:2], askedFor(list, pscEndpoints(test.bad))...)...)
			var failed *ProvisionError
			require.ErrorAs(t, err, &failed)
		}
	}
}

func TestPSCDeleteEndpoint(t *testing.T) {
	for base, network := range privateForms {
		list := base + "/private-service-connect/40"
		remove := func(ctx context.Context, c *Client) (*Task[None], error) {
			return c.PrivateServiceConnect.DeleteEndpoint(ctx, PSCEndpointRef{network, 40, 50})
		}
		exchanges := []wire{{method: "DELETE", path: list + "/endpoints/50", status: 202, answer: received}, completed(`{"resourceId":12}`)}
		exchanges = append(exchanges, askedFor(list, pscEndpoints("rejected"))...)
		for _, end := range [][]wire{
			askedFor(list, pscEndpoints("deleted")),
			twice(askedFor(list, `{"pscServiceId":40,"endpoints":[{"id":49}]}`)),
			twice(askedInVain(list, "PSC_SERVICE_NOT_FOUND")),
		} {
			_, err := provisionWire(t, remove, append(exchanges[:4:4], end...)...)
			require.NoError(t, err)
		}
	}
}

func TestPSCEndpointRequestMembers(t *testing.T) {
	assert.Empty(t, unsetFields(fullPSCEndpoint()))
	got, err := json.Marshal(&PSCEndpointUpdateRequest{new("project"), new("vpc"), new("subnet"), new("redis")})
	require.NoError(t, err)
	assert.JSONEq(t, fullPSCEndpointJSON, string(got))
	got, err = json.Marshal(&PSCEndpointUpdateRequest{})
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, string(got))
}

func TestPSCEndpointRequestsValidate(t *testing.T) {
	without := func(change func(*PSCEndpointCreateRequest)) *PSCEndpointCreateRequest {
		req := fullPSCEndpoint()
		change(req)
		return req
	}
	for _, test := range []struct {
		request validator
		want    string
	}{
		{fullPSCEndpoint(), ""},
		{without(func(r *PSCEndpointCreateRequest) { r.GCPProjectID = "" }), "GCPProjectID is required"},
		{without(func(r *PSCEndpointCreateRequest) { r.GCPVPCName = "" }), "GCPVPCName is required"},
		{without(func(r *PSCEndpointCreateRequest) { r.GCPVPCSubnetName = "" }), "GCPVPCSubnetName is required"},
		{without(func(r *PSCEndpointCreateRequest) { r.EndpointConnectionName = "" }), "EndpointConnectionName is required"},
		{&PSCEndpointUpdateRequest{}, ""},
		{&PSCEndpointUpdateRequest{GCPProjectID: new("")}, "GCPProjectID must not be empty"},
		{&PSCEndpointUpdateRequest{GCPVPCName: new("")}, "GCPVPCName must not be empty"},
		{&PSCEndpointUpdateRequest{GCPVPCSubnetName: new("")}, "GCPVPCSubnetName must not be empty"},
		{&PSCEndpointUpdateRequest{EndpointConnectionName: new("")}, "EndpointConnectionName must not be empty"},
	} {
		checkValidate(t, test.request, test.want)
	}
}

func TestPSCEndpointListDecodes(t *testing.T) {
	assertDecodes(t, PSCEndpointList{
		ServiceID: 40,
		Endpoints: []PSCEndpoint{{
			ID: 50, Status: PSCEndpointStatusAcceptPending, GCPProjectID: "project", GCPVPCName: "vpc", GCPVPCSubnetName: "subnet",
			EndpointConnectionName: "redis", Links: Links{{Rel: "self", Href: "https://x/2"}},
		}},
		Links: Links{{Rel: "self", Href: "https://x/1"}},
	}, `{"pscServiceId":40,"endpoints":[{"id":50,"status":"accept-pending","gcpProjectId":"project","gcpVpcName":"vpc",
		"gcpVpcSubnetName":"subnet","endpointConnectionName":"redis","links":[{"rel":"self","href":"https://x/2"}]}],
		"links":[{"rel":"self","href":"https://x/1"}]}`)
}

// An invalid request is refused before anything is sent.
func TestPrivateServiceConnectRefuses(t *testing.T) {
	s, ctx := newWire(t).PrivateServiceConnect, t.Context()
	network := NetworkRef{SubscriptionID: 12}
	for name, call := range map[string]func() error{
		"Get id":             func() error { _, err := s.Get(ctx, NetworkRef{}); return err },
		"Create region":      func() error { _, err := s.Create(ctx, NetworkRef{12, -1}); return err },
		"Delete id":          func() error { _, err := s.Delete(ctx, NetworkRef{}); return err },
		"ListEndpoints id":   func() error { _, err := s.ListEndpoints(ctx, network, 0); return err },
		"CreateEndpoint nil": func() error { _, err := s.CreateEndpoint(ctx, network, 40, nil); return err },
		"CreateEndpoint empty": func() error {
			_, err := s.CreateEndpoint(ctx, network, 40, &PSCEndpointCreateRequest{})
			return err
		},
		"UpdateEndpoint nil":  func() error { _, err := s.UpdateEndpoint(ctx, PSCEndpointRef{network, 40, 50}, nil); return err },
		"AcceptEndpoint id":   func() error { _, err := s.AcceptEndpoint(ctx, PSCEndpointRef{network, 40, 0}); return err },
		"RejectEndpoint id":   func() error { _, err := s.RejectEndpoint(ctx, PSCEndpointRef{network, 0, 50}); return err },
		"DeleteEndpoint id":   func() error { _, err := s.DeleteEndpoint(ctx, PSCEndpointRef{}); return err },
		"CreationScripts id":  func() error { _, err := s.GetCreationScripts(ctx, PSCEndpointRef{}, nil); return err },
		"DeletionScripts ids": func() error { _, err := s.GetDeletionScripts(ctx, PSCEndpointRef{network, 40, -5}); return err },
	} {
		t.Run(name, func(t *testing.T) { require.Error(t, call()) })
	}
}
