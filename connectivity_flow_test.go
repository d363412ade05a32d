package rediscloud_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func requireTaskError(t *testing.T, err error, errorType rediscloud.TaskErrorType) {
	t.Helper()
	failure, ok := errors.AsType[*rediscloud.TaskError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, errorType, failure.Type)
}

func TestVPCPeeringFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(time.Minute))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		network := rediscloud.NetworkRef{SubscriptionID: sub}
		req := &rediscloud.VPCPeeringCreateAWSRequest{Region: "us-east-1", AWSAccountID: "123", VPCID: "vpc-1", VPCCIDR: new("10.10.10.0/24")}

		create, err := client.VPCPeerings.CreateAWS(ctx, network, req)
		require.NoError(t, err)
		peering, err := create.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.VPCPeeringStatusInitiatingRequest, peering.Status)
		_, err = create.WaitProvisioned(ctx)
		stopped, ok := errors.AsType[*rediscloud.ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.True(t, stopped.ActionRequired)

		go func() {
			time.Sleep(10 * time.Minute)
			assert.True(t, fake.AcceptPeering(sub, peering.ID))
		}()
		peering, err = create.WaitProvisioned(ctx, rediscloud.WithWaitForAction())
		require.NoError(t, err)
		assert.Equal(t, rediscloud.VPCPeeringStatusActive, peering.Status)
		assert.Equal(t, "vpc-1", peering.VPCUID)

		again, err := client.VPCPeerings.CreateAWS(ctx, network, req)
		require.NoError(t, err)
		_, err = again.Wait(ctx)
		require.ErrorIs(t, err, rediscloud.ErrConflict)

		update, err := client.VPCPeerings.UpdateAWS(ctx, network, peering.ID, &rediscloud.VPCPeeringUpdateAWSRequest{VPCCIDRs: []string{"10.10.20.0/24", "10.10.30.0/24"}})
		require.NoError(t, err)
		peering, err = update.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, []rediscloud.VPCPeeringCIDR{{CIDR: "10.10.20.0/24", Status: "active"}, {CIDR: "10.10.30.0/24", Status: "active"}}, peering.VPCCIDRs)

		read, err := client.VPCPeerings.List(ctx, network)
		require.NoError(t, err)
		list, err := read.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, []rediscloud.VPCPeering{*peering}, list.Peerings)

		start := time.Now()
		remove, err := client.VPCPeerings.Delete(ctx, network, peering.ID)
		require.NoError(t, err)
		_, err = remove.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Greater(t, time.Since(start), time.Minute)
		remove, err = client.VPCPeerings.Delete(ctx, network, peering.ID)
		require.NoError(t, err)
		_, err = remove.Wait(ctx)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)

		_, err = client.VPCPeerings.List(ctx, rediscloud.NetworkRef{SubscriptionID: 5})
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		wrong, err := client.VPCPeerings.List(ctx, rediscloud.NetworkRef{SubscriptionID: sub, RegionID: 1})
		require.NoError(t, err)
		_, err = wrong.Wait(ctx)
		requireTaskError(t, err, "GETTING_ACTIVE_ACTIVE_SUBSCRIPTION_VPC_PEERINGS_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION")
	})
}

// A peering that the other side rejects fails, and can be removed.
func TestVPCPeeringRejectedFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		req := subscriptionRequest("first")
		req.CloudProviders[0].Provider = new(rediscloud.ProviderGCP)
		req.CloudProviders[0].Regions[0].Region = "us-east1"
		making, err := client.Subscriptions.Create(ctx, req)
		require.NoError(t, err)
		sub, err := making.WaitProvisioned(ctx)
		require.NoError(t, err)
		network := rediscloud.NetworkRef{SubscriptionID: sub.ID}

		create, err := client.VPCPeerings.CreateGCP(ctx, network, &rediscloud.VPCPeeringCreateGCPRequest{VPCProjectUID: "project", VPCNetworkName: "network"})
		require.NoError(t, err)
		_, err = create.WaitProvisioned(ctx)
		stopped, ok := errors.AsType[*rediscloud.ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, string(rediscloud.VPCPeeringStatusInactive), stopped.Status)
		peering, err := create.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, "network", peering.NetworkName)
		assert.NotEmpty(t, peering.RedisNetworkName)

		require.True(t, fake.RejectPeering(sub.ID, peering.ID))
		_, err = create.WaitProvisioned(ctx, rediscloud.WithWaitForAction())
		stopped, ok = errors.AsType[*rediscloud.ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.False(t, stopped.ActionRequired)
		remove, err := client.VPCPeerings.Delete(ctx, network, peering.ID)
		require.NoError(t, err)
		_, err = remove.WaitProvisioned(ctx)
		require.NoError(t, err)
	})
}

func TestActiveActiveVPCPeeringFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s", "us-east-1", "eu-west-1")
		regions, err := client.Subscriptions.ListRegions(ctx, sub)
		require.NoError(t, err)
		network := rediscloud.NetworkRef{SubscriptionID: sub, RegionID: regions.Regions[0].ID}
		create, err := client.VPCPeerings.CreateAWS(ctx, network, &rediscloud.VPCPeeringCreateAWSRequest{
			Region: "eu-west-1", DestinationRegion: new("eu-west-2"), AWSAccountID: "123", VPCID: "vpc-1"})
		require.NoError(t, err)
		peering, err := create.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, "eu-west-2", peering.DestinationRegion)
		for !fake.AcceptPeering(sub, peering.ID) {
			time.Sleep(time.Second)
		}
		peering, err = create.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.VPCPeeringStatusActive, peering.Status)

		update, err := client.VPCPeerings.UpdateAWS(ctx, network, peering.ID, &rediscloud.VPCPeeringUpdateAWSRequest{VPCCIDR: new("10.10.20.0/24")})
		require.NoError(t, err)
		peering, err = update.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, "10.10.20.0/24", peering.VPCCIDR)

		read, err := client.VPCPeerings.List(ctx, network)
		require.NoError(t, err)
		list, err := read.Wait(ctx)
		require.NoError(t, err)
		require.Len(t, list.Regions, 2)
		assert.Equal(t, []rediscloud.VPCPeering{*peering}, list.Peerings)
		assert.Equal(t, regions.Regions[1].ID, list.Peerings[0].RegionID)
		assert.Equal(t, "eu-west-1", list.Peerings[0].SourceRegion)

		remove, err := client.VPCPeerings.Delete(ctx, network, peering.ID)
		require.NoError(t, err)
		_, err = remove.WaitProvisioned(ctx)
		require.NoError(t, err)
		remove, err = client.VPCPeerings.Delete(ctx, network, peering.ID)
		require.NoError(t, err)
		_, err = remove.Wait(ctx)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)

		wrong, err := client.VPCPeerings.CreateGCP(ctx, network, &rediscloud.VPCPeeringCreateGCPRequest{
			Region: new("eu-west-1"), VPCProjectUID: "project", VPCNetworkName: "network"})
		require.NoError(t, err)
		_, err = wrong.Wait(ctx)
		requireTaskError(t, err, "VPC_PEERING_BELONGS_TO_DIFFERENT_CLOUD_PROVIDER")
	})
}

// The response to a create is lost and its task found, in both types of
// subscription.
func TestVPCPeeringFoundFlow(t *testing.T) {
	for name, regions := range map[string][]string{"Pro": {"us-east-1"}, "Active-Active": {"us-east-1", "eu-west-1"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New()
				client, ctx := connect(t, fake), t.Context()
				network := rediscloud.NetworkRef{SubscriptionID: fake.AddSubscription("s", regions...)}
				req := &rediscloud.VPCPeeringCreateAWSRequest{Region: "us-east-1", AWSAccountID: "123", VPCID: "vpc-1"}
				route := "POST /subscriptions/{subscriptionId}/peerings"
				if len(regions) > 1 {
					network.RegionID, req.DestinationRegion = 1, new("eu-west-2")
					route = "POST /subscriptions/{subscriptionId}/regions/peerings"
				}
				fake.CutNext(1, route, rediscloudtest.CutAfter)
				_, err := client.VPCPeerings.CreateAWS(ctx, network, req)
				lost, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
				require.True(t, ok, "%v", err)
				_, err = rediscloud.FindTask[rediscloud.TransitGateway](ctx, lost)
				require.ErrorContains(t, err, "VPCPeering, not TransitGateway")
				task, err := rediscloud.FindTask[rediscloud.VPCPeering](ctx, lost)
				require.NoError(t, err)
				peering, err := task.Wait(ctx)
				require.NoError(t, err)
				assert.Equal(t, "vpc-1", peering.VPCUID)
			})
		})
	}
}

func TestTransitGatewayFlow(t *testing.T) {
	for name, regions := range map[string][]string{"Pro": {"us-east-1"}, "Active-Active": {"us-east-1", "eu-west-1"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(time.Minute))
				client, ctx := connect(t, fake), t.Context()
				network := rediscloud.NetworkRef{SubscriptionID: fake.AddSubscription("s", regions...)}
				if len(regions) > 1 {
					found, err := client.Subscriptions.ListRegions(ctx, network.SubscriptionID)
					require.NoError(t, err)
					network.RegionID = found.Regions[1].ID
				}
				sub, region := network.SubscriptionID, regions[len(regions)-1]
				gateways := client.TransitGateways
				list := func() []rediscloud.TransitGateway {
					task, err := gateways.List(ctx, network)
					require.NoError(t, err)
					list, err := task.Wait(ctx)
					require.NoError(t, err)
					return list.TransitGateways
				}

				offered := fake.ShareTransitGateway(sub, region, "share")
				refused := fake.ShareTransitGateway(sub, region, "other")
				read, err := gateways.ListInvitations(ctx, network)
				require.NoError(t, err)
				invitations, err := read.Wait(ctx)
				require.NoError(t, err)
				require.Len(t, invitations.Invitations, 2)
				assert.Equal(t, rediscloud.TransitGatewayInvitationStatusPending, invitations.Invitations[0].Status)
				assert.False(t, invitations.Invitations[0].SharedDate.IsZero())
				accept, err := gateways.AcceptInvitation(ctx, network, offered)
				require.NoError(t, err)
				invitation, err := accept.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.TransitGatewayInvitationStatusAccepted, invitation.Status)
				reject, err := gateways.RejectInvitation(ctx, network, refused)
				require.NoError(t, err)
				invitation, err = reject.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.TransitGatewayInvitationStatusRejected, invitation.Status)
				reject, err = gateways.RejectInvitation(ctx, network, refused)
				require.NoError(t, err)
				_, err = reject.Wait(ctx)
				require.ErrorIs(t, err, rediscloud.ErrNotFound)

				shared := list()
				require.Len(t, shared, 1)
				assert.Equal(t, rediscloud.TransitGatewayStatusAvailable, shared[0].Status)
				assert.Empty(t, shared[0].AttachmentStatus)
				id := shared[0].ID

				attach, err := gateways.CreateAttachment(ctx, network, id)
				require.NoError(t, err)
				_, err = attach.WaitProvisioned(ctx)
				stopped, ok := errors.AsType[*rediscloud.ProvisionError](err)
				require.True(t, ok, "%v", err)
				assert.True(t, stopped.ActionRequired)
				require.True(t, fake.AcceptTransitGatewayAttachment(sub, id))
				gateway, err := attach.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.TransitGatewayStatusAvailable, gateway.AttachmentStatus)
				assert.NotEmpty(t, gateway.AttachmentUID)

				for _, cidrs := range [][]string{{"10.10.10.0/24"}, {}} {
					update, err := gateways.UpdateAttachment(ctx, network, id, &rediscloud.TransitGatewayAttachmentUpdateRequest{CIDRs: cidrs})
					require.NoError(t, err)
					gateway, err = update.WaitProvisioned(ctx)
					require.NoError(t, err)
					assert.Len(t, gateway.CIDRs, len(cidrs))
				}

				detach, err := gateways.DeleteAttachment(ctx, network, id)
				require.NoError(t, err)
				_, err = detach.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, shared, list())
				detach, err = gateways.DeleteAttachment(ctx, network, id)
				require.NoError(t, err)
				_, err = detach.Wait(ctx)
				requireTaskError(t, err, rediscloud.TaskErrorTypeTGWAttachmentDoesNotExist)
				attach, err = gateways.CreateAttachment(ctx, network, id+1)
				require.NoError(t, err)
				_, err = attach.Wait(ctx)
				requireTaskError(t, err, "TGW_DOES_NOT_EXIST")

				other := rediscloud.NetworkRef{SubscriptionID: sub}
				if network.RegionID == 0 {
					other.RegionID = 7
				}
				wrong, err := gateways.List(ctx, other)
				require.NoError(t, err)
				_, err = wrong.Wait(ctx)
				_, failed := errors.AsType[*rediscloud.TaskError](err)
				require.True(t, failed, "%v", err)
			})
		})
	}
}

// The gateway is shared in AWS some time after the program starts to wait for
// it.
func TestTransitGatewayInvitationFlow(t *testing.T) {
	for name, regions := range map[string][]string{"Pro": {"us-east-1"}, "Active-Active": {"us-east-1", "eu-west-1"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(rediscloudtest.WithProvisioning(time.Minute))
				client, ctx := connect(t, fake), t.Context()
				network := rediscloud.NetworkRef{SubscriptionID: fake.AddSubscription("s", regions...)}
				region := regions[len(regions)-1]
				if len(regions) > 1 {
					found, err := client.Subscriptions.ListRegions(ctx, network.SubscriptionID)
					require.NoError(t, err)
					network.RegionID = found.Regions[1].ID
				}
				began := time.Now()
				go func() {
					time.Sleep(5 * time.Minute)
					fake.ShareTransitGateway(network.SubscriptionID, region, "other")
					time.Sleep(5 * time.Minute)
					fake.ShareTransitGateway(network.SubscriptionID, region, "backbone")
				}()
				invitation, err := client.TransitGateways.WaitInvitation(ctx, network, func(i *rediscloud.TransitGatewayInvitation) bool { return i.Name == "backbone" })
				require.NoError(t, err)
				assert.Equal(t, "backbone", invitation.Name)
				late := time.Since(began) - 10*time.Minute
				assert.Positive(t, late)
				assert.Less(t, late, time.Minute)
				assert.Less(t, len(fake.Requests()), 600) // like other waits whose reads are tasks: three requests each

				accept, err := client.TransitGateways.AcceptInvitation(ctx, network, invitation.ID)
				require.NoError(t, err)
				_, err = accept.WaitProvisioned(ctx)
				require.NoError(t, err)
				gateway, err := client.TransitGateways.WaitListed(ctx, network, nil)
				require.NoError(t, err)
				var listed []rediscloud.TransitGateway
				for g, err := range client.TransitGateways.All(ctx, network) {
					require.NoError(t, err)
					listed = append(listed, *g)
				}
				assert.Equal(t, []rediscloud.TransitGateway{*gateway}, listed)

				// A network of the other type can't have such an invitation.
				wrong := rediscloud.NetworkRef{SubscriptionID: network.SubscriptionID}
				if network.RegionID == 0 {
					wrong.RegionID = 7
				}
				_, err = client.TransitGateways.WaitInvitation(ctx, wrong, nil)
				_, failed := errors.AsType[*rediscloud.TaskError](err)
				require.True(t, failed, "%v", err)
			})
		})
	}
}
