package rediscloud

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// privateForms are the two forms of a network, by their paths.
var privateForms = map[string]NetworkRef{
	"/subscriptions/12":           {SubscriptionID: 12},
	"/subscriptions/12/regions/3": {SubscriptionID: 12, RegionID: 3},
}

// askedFor are the exchanges of a read that is a task, after another task.
func askedFor(path, resource string) []wire {
	return []wire{
		{method: "GET", path: path, status: 202, answer: `{"taskId":"t2","status":"received"}`},
		{method: "GET", path: "/tasks/t2", answer: `{"taskId":"t2","status":"processing-completed","response":{"resourceId":12,"resource":` + resource + `}}`},
	}
}

// askedInVain is askedFor for something that doesn't exist.
func askedInVain(path, errorType string) []wire {
	return []wire{
		{method: "GET", path: path, status: 202, answer: `{"taskId":"t2","status":"received"}`},
		{method: "GET", path: "/tasks/t2", answer: `{"taskId":"t2","status":"processing-error","response":{"error":{"type":"` + errorType + `","status":"404 NOT_FOUND"}}}`},
	}
}

func TestPrivateServiceConnectGet(t *testing.T) {
	for base, network := range privateForms {
		get := func(ctx context.Context, c *Client) (*Task[PrivateServiceConnect], error) {
			return c.PrivateServiceConnect.Get(ctx, network)
		}
		read := wire{method: "GET", path: base + "/private-service-connect", status: 202, answer: received}
		psc, err := provisionWire(t, get, read, completed(`{"resourceId":12,"resource":{"id":40,"status":"create-pending"}}`))
		require.NoError(t, err)
		assert.Equal(t, &PrivateServiceConnect{ID: 40, Status: PSCStatusCreatePending}, psc)

		_, err = waitWire(t, get, read, wire{method: "GET", path: "/tasks/t1",
			answer: `{"taskId":"t1","status":"processing-error","response":{"error":{"type":"PSC_SERVICE_NOT_FOUND","status":"404 NOT_FOUND"}}}`})
		require.ErrorIs(t, err, ErrNotFound)

		_, err = waitWire(t, get, read, completed(`{"resource":{}}`))
		require.ErrorContains(t, err, "missing id of a Private Service Connect service")
	}
}

func TestPrivateServiceConnectCreate(t *testing.T) {
	for base, network := range privateForms {
		path := base + "/private-service-connect"
		create := func(ctx context.Context, c *Client) (*Task[PrivateServiceConnect], error) {
			return c.PrivateServiceConnect.Create(ctx, network)
		}
		exchanges := append([]wire{{method: "POST", path: path, status: 202, answer: received}, completed(`{"resourceId":40}`)},
			askedFor(path, `{"id":40,"status":"create-queued"}`)...)
		psc, err := waitWire(t, create, exchanges...)
		require.NoError(t, err)
		assert.Equal(t, PSCStatusCreateQueued, psc.Status)

		psc, err = provisionWire(t, create, append(exchanges, askedFor(path, `{"id":40,"status":"active"}`)...)...)
		require.NoError(t, err)
		assert.Equal(t, &PrivateServiceConnect{ID: 40, Status: PSCStatusActive}, psc)

		_, err = provisionWire(t, create, append(exchanges, askedFor(path, `{"id":40,"status":"provision-failed"}`)...)...)
		var failed *ProvisionError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "provision-failed", failed.Status)
		assert.False(t, failed.ActionRequired)
	}
}

func TestPrivateServiceConnectDelete(t *testing.T) {
	for base, network := range privateForms {
		path := base + "/private-service-connect"
		remove := func(ctx context.Context, c *Client) (*Task[None], error) {
			return c.PrivateServiceConnect.Delete(ctx, network)
		}
		exchanges := []wire{{method: "DELETE", path: path, status: 202, answer: received}, completed(`{"resourceId":12}`)}
		exchanges = append(exchanges, askedFor(path, `{"id":40,"status":"failed"}`)...)
		exchanges = append(exchanges, askedFor(path, `{"id":40,"status":"delete-pending"}`)...)
		_, err := provisionWire(t, remove, append(exchanges, twice(askedInVain(path, "PSC_SERVICE_NOT_FOUND"))...)...)
		require.NoError(t, err)
		_, err = provisionWire(t, remove, append(exchanges, askedFor(path, `{"id":40,"status":"deleted"}`)...)...)
		require.NoError(t, err)
	}
}

func TestPrivateServiceConnectDecodes(t *testing.T) {
	assertDecodes(t, PrivateServiceConnect{
		ID: 40, Status: PSCStatusActive, ConnectionHostName: "psc.example.com", ServiceAttachmentName: "attachment",
		Links: Links{{Rel: "self", Href: "https://x/1"}},
	}, `{"id":40,"status":"active","connectionHostName":"psc.example.com","serviceAttachmentName":"attachment",
		"links":[{"rel":"self","href":"https://x/1"}]}`)
}

func TestPSCScripts(t *testing.T) {
	const doc = `{"script":{"bash":"gcloud a","powershell":"gcloud b"}}`
	want := &PSCScripts{Script: PSCScript{Bash: "gcloud a", PowerShell: "gcloud b"}}
	for base, network := range privateForms {
		path := base + "/private-service-connect/40/endpoints/50"
		endpoint := PSCEndpointRef{network, 40, 50}
		for query, opts := range map[string]*PSCCreationScriptsOptions{
			"": nil, "?": {}, "?includeTerraformGcpScript=true": {IncludeTerraform: true},
		} {
			if query == "?" {
				query = ""
			}
			scripts, err := waitWire(t,
				func(ctx context.Context, c *Client) (*Task[PSCScripts], error) {
					return c.PrivateServiceConnect.GetCreationScripts(ctx, endpoint, opts)
				},
				wire{method: "GET", path: path + "/creationScripts" + query, status: 202, answer: received},
				completed(`{"resourceId":42,"resource":`+doc+`}`))
			require.NoError(t, err)
			assert.Equal(t, want, scripts)
		}
		scripts, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[PSCScripts], error) {
				return c.PrivateServiceConnect.GetDeletionScripts(ctx, endpoint)
			},
			wire{method: "GET", path: path + "/deletionScripts", status: 202, answer: received},
			completed(`{"resource":`+doc+`}`))
		require.NoError(t, err)
		assert.Equal(t, want, scripts)
	}
}

func TestPSCScriptsDecodes(t *testing.T) {
	assertDecodes(t, PSCScripts{
		Script: PSCScript{Bash: "b", PowerShell: "p", TerraformGCP: &PSCTerraform{ServiceAttachments: []PSCServiceAttachment{
			{Name: "n", DNSRecord: "d", IPAddressName: "i", ForwardingRuleName: "f"},
		}}},
		Links: Links{{Rel: "self", Href: "https://x/1"}},
	}, `{"script":{"bash":"b","powershell":"p","terraformGcp":{"serviceAttachments":[
		{"name":"n","dnsRecord":"d","ipAddressName":"i","forwardingRuleName":"f"}]}},"links":[{"rel":"self","href":"https://x/1"}]}`)
}
