package rediscloud

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// privateLinkStatus is a document with principals, one of them in a status.
func privateLinkStatus(status, principal string) string {
	return `{"status":"` + status + `","principals":[{"principal":"1"},{"principal":"123456789012","status":"` + principal + `"}]}`
}

// twice repeats a poll of something that doesn't exist: a single one may be
// wrong.
func twice(look []wire) []wire { return slices.Concat(look, look) }

// twiceUnless polls once if a status says that it is gone, which is trusted.
func twiceUnless(said bool, look []wire) []wire {
	if said {
		return look
	}
	return twice(look)
}

func TestPrivateLinkGet(t *testing.T) {
	for base, network := range privateForms {
		get := func(ctx context.Context, c *Client) (*Task[PrivateLink], error) {
			return c.PrivateLink.Get(ctx, network)
		}
		read := wire{method: "GET", path: base + "/private-link", status: 202, answer: received}

		link, err := provisionWire(t, get, read, completed(`{"resourceId":12,"resource":{"status":"initializing"}}`))
		require.NoError(t, err)
		assert.Equal(t, &PrivateLink{Status: PrivateLinkStatusInitializing}, link)

		for _, absent := range []wire{
			completed(`{"resourceId":12,"resource":{"links":[]}}`),
			completed(`{"resource":{"_links":{}}}`),
			completed(`{"resource":{}}`),
			{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-error","response":{"error":{"type":"PRIVATELINK_SERVICE_NOT_FOUND","status":"404 NOT_FOUND"}}}`},
			{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-error","response":{"error":"PRIVATE_LINK_NOT_FOUND"}}`},
		} {
			_, err = waitWire(t, get, read, absent)
			require.ErrorIs(t, err, ErrNotFound, absent.answer)
			_, err = provisionWire(t, get, read, absent)
			require.ErrorIs(t, err, ErrNotFound, absent.answer)
		}
	}
}

func fullPrivateLink() *PrivateLinkCreateRequest {
	return &PrivateLinkCreateRequest{ShareName: "share", Principal: "123456789012", Type: PrincipalTypeAWSAccount, Alias: new("prod")}
}

const fullPrivateLinkJSON = `{"shareName":"share","principal":"123456789012","type":"aws_account","alias":"prod"}`

func TestPrivateLinkCreate(t *testing.T) {
	for base, network := range privateForms {
		path := base + "/private-link"
		create := func(ctx context.Context, c *Client) (*Task[PrivateLink], error) {
			return c.PrivateLink.Create(ctx, network, fullPrivateLink())
		}
		for _, response := range []string{`{"resourceId":12}`, `{}`, `{"resource":{"links":[]}}`} {
			exchanges := []wire{{method: "POST", path: path, body: fullPrivateLinkJSON, status: 204, answer: received}, completed(response)}
			exchanges = append(exchanges, askedFor(path, privateLinkStatus("initializing", "associating"))...)
			link, err := waitWire(t, create, exchanges...)
			require.NoError(t, err)
			assert.Equal(t, PrivateLinkStatusInitializing, link.Status)

			// For a moment it may seem that there is none.
			exchanges = append(exchanges, askedFor(path, `{"links":[]}`)...)
			exchanges = append(exchanges, askedInVain(path, "PRIVATE_LINK_NOT_FOUND")...)
			exchanges = append(exchanges, askedFor(path, `{"status":"active"}`)...)
			link, err = provisionWire(t, create, exchanges...)
			require.NoError(t, err)
			assert.Equal(t, &PrivateLink{Status: PrivateLinkStatusActive}, link)
		}
	}
}

// A 204 without a body would be a write whose task is not known.
func TestPrivateLinkWithoutTask(t *testing.T) {
	client := newWire(t, wire{method: "POST", path: "/subscriptions/12/private-link", body: fullPrivateLinkJSON, status: 204})
	_, err := client.PrivateLink.Create(t.Context(), NetworkRef{SubscriptionID: 12}, fullPrivateLink())
	unknown, ok := errors.AsType[*OutcomeUnknownError](err)
	require.True(t, ok, "%v", err)
	_, ok = errors.AsType[*DecodeError](unknown.Err)
	assert.True(t, ok)
}

func TestPrivateLinkDelete(t *testing.T) {
	for base, network := range privateForms {
		path := base + "/private-link"
		for _, end := range [][]wire{askedFor(path, `{"links":[]}`), askedInVain(path, "PRIVATELINK_SERVICE_NOT_FOUND")} {
			exchanges := []wire{
				{method: "DELETE", path: path, status: 204, answer: received},
				{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-completed"}`},
			}
			exchanges = append(exchanges, askedFor(path, `{"status":"deleting"}`)...)
			_, err := provisionWire(t,
				func(ctx context.Context, c *Client) (*Task[None], error) { return c.PrivateLink.Delete(ctx, network) },
				append(exchanges, twice(end)...)...)
			require.NoError(t, err)
		}
	}
}

func TestPrivateLinkCreatePrincipal(t *testing.T) {
	for base, network := range privateForms {
		path := base + "/private-link"
		create := func(ctx context.Context, c *Client) (*Task[PrivateLinkPrincipal], error) {
			return c.PrivateLink.CreatePrincipal(ctx, network, &PrivateLinkPrincipalCreateRequest{
				Principal: "123456789012", Type: new(PrincipalTypeAWSAccount), Alias: new("prod"),
			})
		}
		exchanges := []wire{
			{method: "POST", path: path + "/principals", body: `{"principal":"123456789012","type":"aws_account","alias":"prod"}`, status: 204, answer: received},
			completed(`{"resourceId":12,"resource":{"status":"active"}}`),
		}
		exchanges = append(exchanges, askedFor(path, privateLinkStatus("active", "associating"))...)
		principal, err := waitWire(t, create, exchanges...)
		require.NoError(t, err)
		assert.Equal(t, &PrivateLinkPrincipal{Principal: "123456789012", Status: PrivateLinkPrincipalStatusAssociating}, principal)

		for _, status := range []string{"associated", "ready"} {
			principal, err = provisionWire(t, create, append(exchanges[:4:4], askedFor(path, privateLinkStatus("active", status))...)...)
			require.NoError(t, err)
			assert.Equal(t, status, string(principal.Status))
		}
		_, err = provisionWire(t, create, append(exchanges[:4:4], askedFor(path, privateLinkStatus("active", "failed"))...)...)
		var failed *ProvisionError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "PrivateLink principal", failed.Kind)
	}
}

func TestPrivateLinkDeletePrincipal(t *testing.T) {
	for base, network := range privateForms {
		path := base + "/private-link"
		for _, end := range []string{
			privateLinkStatus("active", "disassociated"),
			`{"status":"active","principals":[{"principal":"1"},5,{"principal":7}]}`,
			`{"status":"active","principals":[]}`,
			`{"status":"active"}`,
			`{"links":[]}`,
		} {
			exchanges := []wire{
				{method: "DELETE", path: path + "/principals", body: `{"principal":"123456789012"}`, status: 204, answer: received},
				completed(`{}`),
			}
			exchanges = append(exchanges, askedFor(path, privateLinkStatus("active", "disassociating"))...)
			// Something other than a list doesn't show that the principal is
			// gone.
			exchanges = append(exchanges, askedFor(path, `{"principals":{}}`)...)
			exchanges = append(exchanges, askedFor(path, `[]`)...)
			_, err := provisionWire(t,
				func(ctx context.Context, c *Client) (*Task[None], error) {
					return c.PrivateLink.DeletePrincipal(ctx, network, &PrivateLinkPrincipalDeleteRequest{Principal: "123456789012"})
				},
				append(exchanges, twiceUnless(end == privateLinkStatus("active", "disassociated"), askedFor(path, end))...)...)
			require.NoError(t, err, end)
		}
	}
}

// The principal of a task is stored in its token.
func TestPrivateLinkPrincipalToken(t *testing.T) {
	const principal = "arn:aws:iam::123456789012:role/a b"
	result, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[PrivateLinkPrincipal], error) {
			task, err := c.PrivateLink.CreatePrincipal(ctx, NetworkRef{SubscriptionID: 12}, &PrivateLinkPrincipalCreateRequest{Principal: principal})
			require.NoError(t, err)
			return ResumeTask[PrivateLinkPrincipal](c, task.Token())
		},
		append([]wire{
			{method: "POST", path: "/subscriptions/12/private-link/principals", body: `{"principal":"` + principal + `"}`, answer: received},
			completed(`{}`),
		}, askedFor("/subscriptions/12/private-link", `{"principals":[{"principal":"`+principal+`","alias":"x"}]}`)...)...)
	require.NoError(t, err)
	assert.Equal(t, "x", result.Alias)
}

func TestPrivateLinkDisassociateConnections(t *testing.T) {
	connection := PrivateLinkConnection{AssociationID: "rsa-1", ConnectionID: "vpce-1", Type: "vpc_endpoint", OwnerID: "123456789012"}
	for base, network := range privateForms {
		path := base + "/private-link"
		link, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[PrivateLink], error) {
				return c.PrivateLink.DisassociateConnections(ctx, network, &PrivateLinkDisassociateRequest{
					Connections: []PrivateLinkConnectionSpec{connection.ToDisassociate(), PrivateLinkConnection{AssociationID: "rsa-2", Type: "t", OwnerID: "1"}.ToDisassociate()},
				})
			},
			append([]wire{
				{method: "POST", path: path + "/connections/disassociate", status: 202, answer: received, body: `{"connections":[
					{"associationId":"rsa-1","connectionId":"vpce-1","type":"vpc_endpoint","principalId":"123456789012"},
					{"associationId":"rsa-2","type":"t","principalId":"1"}]}`},
				completed(`{}`),
			}, askedFor(path, `{"status":"active","connections":[]}`)...)...)
		require.NoError(t, err)
		assert.Equal(t, &PrivateLink{Status: PrivateLinkStatusActive, Connections: []PrivateLinkConnection{}}, link)
	}
}

func TestPrivateLinkEndpointScript(t *testing.T) {
	for base, network := range privateForms {
		for query, opts := range map[string]*PrivateLinkScriptOptions{"": nil, "?includeTerraformAwsScript=true": {IncludeTerraform: true}} {
			script, err := waitWire(t,
				func(ctx context.Context, c *Client) (*Task[PrivateLinkScript], error) {
					return c.PrivateLink.GetEndpointScript(ctx, network, opts)
				},
				wire{method: "GET", path: base + "/private-link/endpoint-script" + query, status: 202, answer: received},
				completed(`{"resourceId":12,"resource":{"resourceEndpointScript":"import boto3"}}`))
			require.NoError(t, err)
			assert.Equal(t, &PrivateLinkScript{ResourceEndpointScript: "import boto3"}, script)
		}
	}
}

func TestPrivateLinkDecodes(t *testing.T) {
	assertDecodes(t, PrivateLink{
		Status: PrivateLinkStatusActive, ErrorMessage: "none", SubscriptionID: 12, RegionID: 3,
		ShareName: "share", ShareARN: "arn:share", ResourceConfigurationID: "rcfg-1", ResourceConfigurationARN: "arn:rcfg",
		Principals: []PrivateLinkPrincipal{{Principal: "123456789012", Type: PrincipalTypeIAMRole, Alias: "prod", Status: PrivateLinkPrincipalStatusAssociated}},
		Connections: []PrivateLinkConnection{{
			AssociationID: "rsa-1", ConnectionID: "vpce-1", Type: "vpc_endpoint", OwnerID: "123456789012",
			AssociationDate: Time{Time: time.Date(2025, 3, 1, 10, 0, 0, 0, time.UTC)},
		}},
		Databases: []PrivateLinkDatabase{{DatabaseID: 34, Endpoint: "redis.example.com", Port: 12000}},
		Links:     Links{{Rel: "self", Href: "https://x/1"}},
	}, `{"status":"active","errorMessage":"none","subscriptionId":12,"regionId":3,"shareName":"share","shareArn":"arn:share",
		"resourceConfigurationId":"rcfg-1","resourceConfigurationArn":"arn:rcfg",
		"principals":[{"principal":"123456789012","type":"iam_role","alias":"prod","status":"associated"}],
		"connections":[{"associationId":"rsa-1","connectionId":"vpce-1","type":"vpc_endpoint","ownerId":"123456789012","associationDate":"2025-03-01T10:00:00Z"}],
		"databases":[{"databaseId":34,"port":12000,"rlEndpoint":"redis.example.com"}],"links":[{"rel":"self","href":"https://x/1"}]}`)
	assertDecodes(t, PrivateLinkScript{ResourceEndpointScript: "a", TerraformAWSScript: "b", Links: Links{{Rel: "self", Href: "https://x/1"}}},
		`{"resourceEndpointScript":"a","terraformAwsScript":"b","links":[{"rel":"self","href":"https://x/1"}]}`)
}

func TestPrivateLinkRequests(t *testing.T) {
	assert.Empty(t, unsetFields(fullPrivateLink()))
	for want, request := range map[string]any{
		fullPrivateLinkJSON: fullPrivateLink(),
		`{"shareName":"s","principal":"1","type":"iam_user"}`: &PrivateLinkCreateRequest{ShareName: "s", Principal: "1", Type: PrincipalTypeIAMUser},
		`{"principal":"1"}`: &PrivateLinkPrincipalCreateRequest{Principal: "1"},
	} {
		got, err := json.Marshal(request)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
	connection := func(s PrivateLinkConnectionSpec) *PrivateLinkDisassociateRequest {
		return &PrivateLinkDisassociateRequest{Connections: []PrivateLinkConnectionSpec{s}}
	}
	for _, test := range []struct {
		request validator
		want    string
	}{
		{fullPrivateLink(), ""},
		{&PrivateLinkCreateRequest{}, "ShareName is required"},
		{&PrivateLinkCreateRequest{ShareName: "s"}, "Principal is required"},
		{&PrivateLinkCreateRequest{ShareName: "s", Principal: "1"}, "Type is required"},
		{&PrivateLinkPrincipalCreateRequest{}, "Principal is required"},
		{&PrivateLinkPrincipalCreateRequest{Principal: "1", Type: new(PrincipalType(""))}, "Type must not be empty"},
		{&PrivateLinkPrincipalDeleteRequest{}, "Principal is required"},
		{&PrivateLinkDisassociateRequest{}, "Connections is required"},
		{connection(PrivateLinkConnectionSpec{}), "Connections[0].AssociationID is required"},
		{connection(PrivateLinkConnectionSpec{AssociationID: "a", ConnectionID: new("")}), "Connections[0].ConnectionID must not be empty"},
		{connection(PrivateLinkConnectionSpec{AssociationID: "a"}), "Connections[0].Type is required"},
		{connection(PrivateLinkConnectionSpec{AssociationID: "a", Type: "t"}), "Connections[0].PrincipalID is required"},
		{connection(PrivateLinkConnectionSpec{AssociationID: "a", Type: "t", PrincipalID: "p"}), ""},
	} {
		checkValidate(t, test.request, test.want)
	}
}

// An invalid request is refused before anything is sent.
func TestPrivateLinkRefuses(t *testing.T) {
	s, ctx := newWire(t).PrivateLink, t.Context()
	network := NetworkRef{SubscriptionID: 12}
	for name, call := range map[string]func() error{
		"Get id":                      func() error { _, err := s.Get(ctx, NetworkRef{}); return err },
		"Create nil":                  func() error { _, err := s.Create(ctx, network, nil); return err },
		"Create region":               func() error { _, err := s.Create(ctx, NetworkRef{12, -1}, fullPrivateLink()); return err },
		"Delete id":                   func() error { _, err := s.Delete(ctx, NetworkRef{}); return err },
		"CreatePrincipal nil":         func() error { _, err := s.CreatePrincipal(ctx, network, nil); return err },
		"DeletePrincipal nil":         func() error { _, err := s.DeletePrincipal(ctx, network, nil); return err },
		"DisassociateConnections nil": func() error { _, err := s.DisassociateConnections(ctx, network, nil); return err },
		"EndpointScript id":           func() error { _, err := s.GetEndpointScript(ctx, NetworkRef{}, nil); return err },
	} {
		t.Run(name, func(t *testing.T) { require.Error(t, call()) })
	}
}
