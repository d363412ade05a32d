package rediscloud_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// privateNetworks runs a test on the network of a subscription, and on that of
// a region of an Active-Active one.
func privateNetworks(t *testing.T, add func(fake *rediscloudtest.Server, name string, regions ...string) int, test func(t *testing.T, fake *rediscloudtest.Server, client *rediscloud.Client, network rediscloud.NetworkRef)) {
	for name, regions := range map[string][]string{"single region": {"a"}, "active-active": {"a", "b"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(20*time.Second))
				client := connect(t, fake)
				network := rediscloud.NetworkRef{SubscriptionID: add(fake, "s", regions...)}
				if len(regions) > 1 {
					list, err := client.Subscriptions.ListRegions(t.Context(), network.SubscriptionID)
					require.NoError(t, err)
					network.RegionID = list.Regions[1].ID
				}
				test(t, fake, client, network)
			})
		})
	}
}

// provisionedResult waits until what a task creates or changes is provisioned.
func provisionedResult[T any](t *testing.T, task *rediscloud.Task[T], err error, opts ...rediscloud.WaitOption) *T {
	t.Helper()
	require.NoError(t, err)
	result, err := task.WaitProvisioned(t.Context(), opts...)
	require.NoError(t, err)
	return result
}

// taskFailure waits for a task that must fail.
func taskFailure[T any](t *testing.T, task *rediscloud.Task[T], err error) error {
	t.Helper()
	require.NoError(t, err)
	_, err = task.Wait(t.Context())
	require.Error(t, err)
	return err
}

func TestPrivateServiceConnectFlow(t *testing.T) {
	privateNetworks(t, (*rediscloudtest.Server).AddGCPSubscription, func(t *testing.T, fake *rediscloudtest.Server, client *rediscloud.Client, network rediscloud.NetworkRef) {
		s, ctx := client.PrivateServiceConnect, t.Context()
		get, err := s.Get(ctx, network)
		require.ErrorIs(t, taskFailure(t, get, err), rediscloud.ErrNotFound)

		create, err := s.Create(ctx, network)
		require.NoError(t, err)
		psc, err := create.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.PSCStatusCreateQueued, psc.Status)
		psc = provisionedResult(t, create, nil)
		assert.Equal(t, rediscloud.PSCStatusActive, psc.Status)
		get, err = s.Get(ctx, network)
		assert.Equal(t, psc, provisionedResult(t, get, err))
		create, err = s.Create(ctx, network)
		require.ErrorIs(t, taskFailure(t, create, err), rediscloud.ErrConflict)

		// The steps to an active endpoint, one by one.
		plan, err := s.CreateEndpoint(ctx, network, psc.ID, &rediscloud.PSCEndpointCreateRequest{
			GCPProjectID: "project", GCPVPCName: "vpc", GCPVPCSubnetName: "subnet", EndpointConnectionName: "one",
		})
		require.NoError(t, err)
		endpoint, err := plan.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.PSCEndpointStatusInitialized, endpoint.Status)
		_, err = plan.WaitProvisioned(ctx)
		var waiting *rediscloud.ProvisionError
		require.ErrorAs(t, err, &waiting)
		assert.True(t, waiting.ActionRequired)
		first := rediscloud.PSCEndpointRef{NetworkRef: network, ServiceID: psc.ID, EndpointID: endpoint.ID}
		scripts, err := s.GetCreationScripts(ctx, first, &rediscloud.PSCCreationScriptsOptions{IncludeTerraform: true})
		script := provisionedResult(t, scripts, err).Script
		assert.Contains(t, script.Bash, "project")
		assert.NotEmpty(t, script.PowerShell)
		assert.Len(t, script.TerraformGCP.ServiceAttachments, 1)
		early, err := s.AcceptEndpoint(ctx, first)
		require.ErrorContains(t, taskFailure(t, early, err), "CANNOT_UPDATE_INITIALIZED_ENDPOINT")
		require.True(t, fake.RunPSCCreationScript(endpoint.ID))
		time.Sleep(time.Minute)
		_, err = plan.WaitProvisioned(ctx)
		require.ErrorAs(t, err, &waiting)
		assert.Equal(t, "pending", waiting.Status)
		reject, err := s.RejectEndpoint(ctx, first)
		assert.Equal(t, rediscloud.PSCEndpointStatusRejected, provisionedResult(t, reject, err).Status)
		accept, err := s.AcceptEndpoint(ctx, first)
		assert.Equal(t, rediscloud.PSCEndpointStatusActive, provisionedResult(t, accept, err).Status)
		update, err := s.UpdateEndpoint(ctx, first, &rediscloud.PSCEndpointUpdateRequest{GCPVPCName: new("other")})
		assert.Equal(t, "other", provisionedResult(t, update, err).GCPVPCName)

		// And all within one wait.
		plan, err = s.CreateEndpoint(ctx, network, psc.ID, &rediscloud.PSCEndpointCreateRequest{
			GCPProjectID: "project", GCPVPCName: "vpc", GCPVPCSubnetName: "subnet", EndpointConnectionName: "two",
		})
		require.NoError(t, err)
		endpoint, err = plan.Wait(ctx)
		require.NoError(t, err)
		second := rediscloud.PSCEndpointRef{NetworkRef: network, ServiceID: psc.ID, EndpointID: endpoint.ID}
		endpoint = provisionedResult(t, plan, nil, rediscloud.WithWaitForAction(), rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
			switch rediscloud.PSCEndpointStatus(p.Status) {
			case rediscloud.PSCEndpointStatusInitialized:
				assert.True(t, fake.RunPSCCreationScript(second.EndpointID))
			case rediscloud.PSCEndpointStatusPending:
				_, err := s.AcceptEndpoint(ctx, second)
				assert.NoError(t, err)
			default: // it is on its way
			}
		}))
		assert.Equal(t, rediscloud.PSCEndpointStatusActive, endpoint.Status)
		list, err := s.ListEndpoints(ctx, network, psc.ID)
		assert.Len(t, provisionedResult(t, list, err).Endpoints, 2)

		remove, err := s.Delete(ctx, network)
		require.ErrorContains(t, taskFailure(t, remove, err), "PSC_SERVICE_CANNOT_DELETE_SERVICE_WITH_ACTIVE_ENDPOINTS")
		for _, ref := range []rediscloud.PSCEndpointRef{first, second} {
			scripts, err = s.GetDeletionScripts(ctx, ref)
			assert.Contains(t, provisionedResult(t, scripts, err).Script.Bash, "delete")
			require.True(t, fake.RunPSCDeletionScript(ref.EndpointID))
			remove, err = s.DeleteEndpoint(ctx, ref)
			provisionedResult(t, remove, err)
		}
		remove, err = s.Delete(ctx, network)
		provisionedResult(t, remove, err)
		get, err = s.Get(ctx, network)
		require.ErrorIs(t, taskFailure(t, get, err), rediscloud.ErrNotFound)
		list, err = s.ListEndpoints(ctx, network, psc.ID)
		require.ErrorIs(t, taskFailure(t, list, err), rediscloud.ErrNotFound)
	})
}

func TestPrivateLinkFlow(t *testing.T) {
	privateNetworks(t, (*rediscloudtest.Server).AddSubscription, func(t *testing.T, fake *rediscloudtest.Server, client *rediscloud.Client, network rediscloud.NetworkRef) {
		s, ctx := client.PrivateLink, t.Context()
		const account, role = "123456789012", "arn:aws:iam::123456789012:role/reader"
		get, err := s.Get(ctx, network)
		require.ErrorIs(t, taskFailure(t, get, err), rediscloud.ErrNotFound)

		req := &rediscloud.PrivateLinkCreateRequest{ShareName: "share", Principal: account, Type: rediscloud.PrincipalTypeAWSAccount, Alias: new("prod")}
		create, err := s.Create(ctx, network, req)
		require.NoError(t, err)
		link, err := create.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.PrivateLinkStatusInitializing, link.Status)
		link = provisionedResult(t, create, nil)
		assert.Equal(t, rediscloud.PrivateLinkStatusActive, link.Status)
		assert.Equal(t, network.RegionID, link.RegionID)
		create, err = s.Create(ctx, network, req)
		require.ErrorIs(t, taskFailure(t, create, err), rediscloud.ErrConflict)

		add, err := s.CreatePrincipal(ctx, network, &rediscloud.PrivateLinkPrincipalCreateRequest{Principal: role, Type: new(rediscloud.PrincipalTypeIAMRole)})
		assert.Equal(t, &rediscloud.PrivateLinkPrincipal{Principal: role, Type: rediscloud.PrincipalTypeIAMRole, Status: rediscloud.PrivateLinkPrincipalStatusAssociated}, provisionedResult(t, add, err))
		script, err := s.GetEndpointScript(ctx, network, &rediscloud.PrivateLinkScriptOptions{IncludeTerraform: true})
		result := provisionedResult(t, script, err)
		assert.Contains(t, result.ResourceEndpointScript, link.ResourceConfigurationARN)
		assert.NotEmpty(t, result.TerraformAWSScript)

		association := fake.AddPrivateLinkConnection(network.SubscriptionID, network.RegionID, account)
		require.NotEmpty(t, association)
		get, err = s.Get(ctx, network)
		link = provisionedResult(t, get, err)
		require.Len(t, link.Connections, 1)
		assert.Equal(t, account, link.Connections[0].OwnerID)
		disassociate := &rediscloud.PrivateLinkDisassociateRequest{Connections: []rediscloud.PrivateLinkConnectionSpec{link.Connections[0].ToDisassociate()}}
		cut, err := s.DisassociateConnections(ctx, network, disassociate)
		assert.Empty(t, provisionedResult(t, cut, err).Connections)
		cut, err = s.DisassociateConnections(ctx, network, disassociate)
		require.ErrorIs(t, taskFailure(t, cut, err), rediscloud.ErrNotFound)

		remove, err := s.DeletePrincipal(ctx, network, &rediscloud.PrivateLinkPrincipalDeleteRequest{Principal: role})
		provisionedResult(t, remove, err)
		remove, err = s.DeletePrincipal(ctx, network, &rediscloud.PrivateLinkPrincipalDeleteRequest{Principal: role})
		require.ErrorIs(t, taskFailure(t, remove, err), rediscloud.ErrNotFound)
		remove, err = s.Delete(ctx, network)
		provisionedResult(t, remove, err)
		get, err = s.Get(ctx, network)
		require.ErrorIs(t, taskFailure(t, get, err), rediscloud.ErrNotFound)
	})
}
