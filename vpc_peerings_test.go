package rediscloud

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asked are the exchanges of reading a list in a task: n distinguishes the
// tasks, response is the JSON of the response field of the completed one.
func asked(path, n, response string) []wire {
	return []wire{
		{method: "GET", path: path, status: 202, answer: `{"taskId":"` + n + `","status":"received"}`},
		{method: "GET", path: "/tasks/" + n, answer: `{"taskId":"` + n + `","status":"processing-completed","response":` + response + `}`},
	}
}

var (
	pro12       = NetworkRef{SubscriptionID: 12}
	region3of12 = NetworkRef{SubscriptionID: 12, RegionID: 3}
)

func peeringsOf12(n, status string) []wire {
	return asked("/subscriptions/12/peerings", n,
		`{"resourceId":12,"resource":{"peerings":[{"vpcPeeringId":4,"status":"active"},{"vpcPeeringId":5,"status":"`+status+`"}]}}`)
}

func activePeeringsOf12(n, status string) []wire {
	return asked("/subscriptions/12/regions/peerings", n,
		`{"resourceId":12,"resource":{"subscriptionId":12,"regions":[{"id":1,"vpcPeerings":[]},{"id":2,"vpcPeerings":[{"id":5,"status":"`+status+`"}]}]}}`)
}

// exchanges joins single exchanges and sequences of them.
func exchanges(parts ...any) (all []wire) {
	for _, part := range parts {
		switch part := part.(type) {
		case wire:
			all = append(all, part)
		case []wire:
			all = append(all, part...)
		}
	}
	return all
}

func TestVPCPeeringsList(t *testing.T) {
	for response, want := range map[string]*VPCPeeringList{
		`{"resource":{"peerings":[{"vpcPeeringId":5,"status":"active"}]}}`: {Peerings: []VPCPeering{{ID: 5, Status: VPCPeeringStatusActive}}},
		`{"resource":{"peerings":[]}}`:                                     {Peerings: []VPCPeering{}},
		`{"resourceId":12}`:                                                {},
		`{"resourceId":12,"resource":null}`:                                {},
	} {
		list, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[VPCPeeringList], error) {
				return c.VPCPeerings.List(ctx, pro12)
			},
			wire{method: "GET", path: "/subscriptions/12/peerings", status: 202, answer: received},
			completed(response))
		require.NoError(t, err)
		assert.Equal(t, want, list)
	}
}

func TestVPCPeeringsListActiveActive(t *testing.T) {
	for resource, want := range map[string]*VPCPeeringList{
		`{"subscriptionId":12,"regions":[{"id":1,"region":"us-east-2"},{"id":2,"region":"us-east-1","vpcPeerings":[{"id":5},{"id":6,"regionId":7,"regionName":"us-west-1"}]},{"id":3,"region":"eu-west-1","vpcPeerings":{"id":8}}]}`: {
			SubscriptionID: 12,
			Peerings: []VPCPeering{
				{ID: 5, RegionID: 2, Region: "us-east-1", SourceRegion: "us-east-1"},
				{ID: 6, RegionID: 7, Region: "us-west-1", SourceRegion: "us-east-1"},
				{ID: 8, RegionID: 3, Region: "eu-west-1", SourceRegion: "eu-west-1"},
			},
			Regions: []VPCPeeringRegion{{1, "us-east-2"}, {2, "us-east-1"}, {3, "eu-west-1"}},
		},
		`{"subscriptionId":12,"regions":null}`: {SubscriptionID: 12},
		`{}`:                                   {},
	} {
		list, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[VPCPeeringList], error) {
				return c.VPCPeerings.List(ctx, region3of12)
			},
			wire{method: "GET", path: "/subscriptions/12/regions/peerings", answer: received},
			completed(`{"resourceId":12,"resource":`+resource+`}`))
		require.NoError(t, err)
		assert.Equal(t, want, list)
	}
	// A list that can't be read isn't an empty one.
	_, err := Unmarshal([]byte(`{"regions":[{"id":1,"vpcPeerings":"x"}]}`), new(VPCPeeringList))
	require.ErrorContains(t, err, "regions[0].vpcPeerings can't be read")
}

func TestVPCPeeringsCreate(t *testing.T) {
	for name, test := range map[string]struct {
		submit func(context.Context, *Client) (*Task[VPCPeering], error)
		body   string
	}{
		"AWS": {func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
			return c.VPCPeerings.CreateAWS(ctx, pro12, &VPCPeeringCreateAWSRequest{Region: "us-east-1", AWSAccountID: "123", VPCID: "vpc-1", VPCCIDR: new("10.10.10.0/24")})
		}, `{"provider":"AWS","region":"us-east-1","awsAccountId":"123","vpcId":"vpc-1","vpcCidr":"10.10.10.0/24"}`},
		"AWS with several CIDRs": {func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
			return c.VPCPeerings.CreateAWS(ctx, pro12, &VPCPeeringCreateAWSRequest{Region: "us-east-1", AWSAccountID: "123", VPCID: "vpc-1", VPCCIDRs: []string{"10.0.0.0/24", "10.0.1.0/24"}})
		}, `{"provider":"AWS","region":"us-east-1","awsAccountId":"123","vpcId":"vpc-1","vpcCidrs":["10.0.0.0/24","10.0.1.0/24"]}`},
		"GCP": {func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
			return c.VPCPeerings.CreateGCP(ctx, pro12, &VPCPeeringCreateGCPRequest{VPCProjectUID: "project", VPCNetworkName: "network"})
		}, `{"provider":"gcp","vpcProjectUid":"project","vpcNetworkName":"network"}`},
	} {
		t.Run(name, func(t *testing.T) {
			peering, err := provisionWire(t, test.submit, exchanges(
				wire{method: "POST", path: "/subscriptions/12/peerings", body: test.body, status: 202, answer: received},
				completed(`{"resourceId":5}`),
				peeringsOf12("a", "initiating-request"), peeringsOf12("b", "active"))...)
			require.NoError(t, err)
			assert.Equal(t, &VPCPeering{ID: 5, Status: VPCPeeringStatusActive}, peering)
		})
	}
}

// Wait yields the peering in any state, and rereads a list that lacks it.
func TestVPCPeeringsCreateWait(t *testing.T) {
	peering, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
			return c.VPCPeerings.CreateGCP(ctx, pro12, &VPCPeeringCreateGCPRequest{VPCProjectUID: "project", VPCNetworkName: "network"})
		}, exchanges(
			wire{method: "POST", path: "/subscriptions/12/peerings", body: `{"provider":"gcp","vpcProjectUid":"project","vpcNetworkName":"network"}`, answer: received},
			completed(`{"resourceId":5}`),
			asked("/subscriptions/12/peerings", "a", `{"resource":{"peerings":[{"vpcPeeringId":4}]}}`),
			asked("/subscriptions/12/peerings", "b", `{}`),
			peeringsOf12("c", "inactive"))...)
	require.NoError(t, err)
	assert.Equal(t, &VPCPeering{ID: 5, Status: VPCPeeringStatusInactive}, peering)
}

func TestVPCPeeringsCreateActiveActive(t *testing.T) {
	for name, test := range map[string]struct {
		submit func(context.Context, *Client) (*Task[VPCPeering], error)
		body   string
	}{
		"AWS": {func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
			return c.VPCPeerings.CreateAWS(ctx, region3of12, &VPCPeeringCreateAWSRequest{
				Region: "us-east-1", DestinationRegion: new("us-east-2"), AWSAccountID: "123", VPCID: "vpc-1", VPCCIDR: new("10.10.10.0/24")})
		}, `{"provider":"AWS","sourceRegion":"us-east-1","destinationRegion":"us-east-2","awsAccountId":"123","vpcId":"vpc-1","vpcCidr":"10.10.10.0/24"}`},
		"AWS with several CIDRs": {func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
			return c.VPCPeerings.CreateAWS(ctx, region3of12, &VPCPeeringCreateAWSRequest{
				Region: "us-east-1", DestinationRegion: new("us-east-2"), AWSAccountID: "123", VPCID: "vpc-1", VPCCIDRs: []string{"10.10.10.0/24"}})
		}, `{"provider":"AWS","sourceRegion":"us-east-1","destinationRegion":"us-east-2","awsAccountId":"123","vpcId":"vpc-1","vpcCidrs":["10.10.10.0/24"]}`},
		"GCP": {func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
			return c.VPCPeerings.CreateGCP(ctx, region3of12, &VPCPeeringCreateGCPRequest{
				Region: new("us-east1"), VPCProjectUID: "project", VPCNetworkName: "network"})
		}, `{"provider":"gcp","sourceRegion":"us-east1","vpcProjectUid":"project","vpcNetworkName":"network"}`},
	} {
		t.Run(name, func(t *testing.T) {
			peering, err := provisionWire(t, test.submit, exchanges(
				wire{method: "POST", path: "/subscriptions/12/regions/peerings", body: test.body, answer: received},
				completed(`{"resourceId":5}`),
				activePeeringsOf12("a", "initiating-request"), activePeeringsOf12("b", "active"))...)
			require.NoError(t, err)
			assert.Equal(t, &VPCPeering{ID: 5, Status: VPCPeeringStatusActive}, peering)
		})
	}
}

// What ends a wait for a peering that doesn't become active.
func TestVPCPeeringsProvisioning(t *testing.T) {
	for status, hint := range map[string]string{
		"pending-acceptance": "accept the peering",
		"inactive":           "set up the peering",
		"failed":             "",
	} {
		_, err := provisionWire(t,
			func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
				return c.VPCPeerings.UpdateAWS(ctx, pro12, 5, &VPCPeeringUpdateAWSRequest{VPCCIDRs: []string{"10.10.10.0/24"}})
			}, exchanges(
				wire{method: "PUT", path: "/subscriptions/12/peerings/5", body: `{"vpcCidrs":["10.10.10.0/24"]}`, status: 202, answer: received},
				completed(`{"resourceId":12}`), peeringsOf12("a", status))...)
		failed, ok := errors.AsType[*ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "VPC peering", failed.Kind)
		assert.Equal(t, "/subscriptions/12/peerings", failed.Resource)
		assert.Equal(t, hint != "", failed.ActionRequired)
		assert.Contains(t, failed.Hint, hint)
		assert.JSONEq(t, `{"vpcPeeringId":5,"status":"`+status+`"}`, string(failed.Body))
	}

	synctest.Test(t, func(t *testing.T) {
		client := newWire(t, exchanges(
			wire{method: "PUT", path: "/subscriptions/12/regions/peerings/5", body: `{"vpcCidr":"10.10.10.0/24"}`, answer: received},
			completed(`{}`), activePeeringsOf12("a", "pending-acceptance"), activePeeringsOf12("b", "active"))...)
		task, err := client.VPCPeerings.UpdateAWS(t.Context(), region3of12, 5, &VPCPeeringUpdateAWSRequest{VPCCIDR: new("10.10.10.0/24")})
		require.NoError(t, err)
		peering, err := task.WaitProvisioned(t.Context(), WithWaitForAction())
		require.NoError(t, err)
		assert.Equal(t, VPCPeeringStatusActive, peering.Status)
	})
}

// A failed peering can be removed.
func TestVPCPeeringsDelete(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) { return c.VPCPeerings.Delete(ctx, pro12, 5) },
		exchanges(
			wire{method: "DELETE", path: "/subscriptions/12/peerings/5", status: 202, answer: received}, completed(`{}`),
			peeringsOf12("a", "failed"),
			asked("/subscriptions/12/peerings", "b", `{"resource":{"peerings":[{"vpcPeeringId":4,"status":"active"}]}}`),
			asked("/subscriptions/12/peerings", "c", `{"resource":{"peerings":[{"vpcPeeringId":4,"status":"active"}]}}`))...)
	require.NoError(t, err)

	_, err = provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) {
			return c.VPCPeerings.Delete(ctx, region3of12, 5)
		}, exchanges(
			wire{method: "DELETE", path: "/subscriptions/12/regions/peerings/5", answer: received}, completed(`{}`),
			activePeeringsOf12("a", "deleting"),
			asked("/subscriptions/12/regions/peerings", "b", `{"resource":{"regions":[{"id":2,"vpcPeerings":null}]}}`),
			asked("/subscriptions/12/regions/peerings", "c", `{"resource":{"regions":[{"id":2,"vpcPeerings":null}]}}`))...)
	require.NoError(t, err)
}

// A token resumes the wait for an element of a list.
func TestVPCPeeringsResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newWire(t, exchanges(
			wire{method: "DELETE", path: "/subscriptions/12/peerings/5", answer: received}, completed(`{}`),
			asked("/subscriptions/12/peerings", "a", `{}`), asked("/subscriptions/12/peerings", "b", `{}`))...)
		task, err := client.VPCPeerings.Delete(t.Context(), pro12, 5)
		require.NoError(t, err)
		resumed, err := ResumeTask[None](client, task.Token())
		require.NoError(t, err)
		_, err = resumed.WaitProvisioned(t.Context())
		require.NoError(t, err)
	})
}

// A token of an earlier version, which had a separate type for Active-Active.
func TestVPCPeeringsResumeActiveActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newWire(t, exchanges(completed(`{"resourceId":5}`), activePeeringsOf12("a", "pending-acceptance"), activePeeringsOf12("b", "active"))...)
		old := tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(
			`{"id":"t1","result":"ActiveActiveVPCPeering","outcome":{"read":{"path":"/subscriptions/12/regions/peerings","asks":true,"inList":true},"fresh":true}}`))
		task, err := ResumeTask[VPCPeering](client, old)
		require.NoError(t, err)
		assert.Equal(t, old, task.Token())
		peering, err := task.WaitProvisioned(t.Context(), WithWaitForAction())
		require.NoError(t, err)
		assert.Equal(t, &VPCPeering{ID: 5, Status: VPCPeeringStatusActive}, peering)

		_, err = ResumeTask[TransitGateway](client, old)
		require.ErrorContains(t, err, "yields ActiveActiveVPCPeering, not TransitGateway")
	})
}

// An invalid request is refused before anything is sent.
func TestVPCPeeringsRefuse(t *testing.T) {
	client, ctx := newWire(t), t.Context()
	s := client.VPCPeerings
	aws := func(network NetworkRef, change func(*VPCPeeringCreateAWSRequest)) func() error {
		return func() error {
			req := &VPCPeeringCreateAWSRequest{Region: "r", AWSAccountID: "1", VPCID: "v"}
			if network.RegionID != 0 {
				req.DestinationRegion = new("s")
			}
			change(req)
			_, err := s.CreateAWS(ctx, network, req)
			return err
		}
	}
	gcp := func(network NetworkRef, req *VPCPeeringCreateGCPRequest) func() error {
		return func() error { _, err := s.CreateGCP(ctx, network, req); return err }
	}
	update := func(network NetworkRef, id int, req *VPCPeeringUpdateAWSRequest) func() error {
		return func() error { _, err := s.UpdateAWS(ctx, network, id, req); return err }
	}
	remove := func(network NetworkRef, id int) func() error {
		return func() error { _, err := s.Delete(ctx, network, id); return err }
	}
	wrong := NetworkRef{SubscriptionID: 12, RegionID: -3}
	for _, test := range []struct {
		want string
		call func() error
	}{
		{"subscriptionId must be positive, not 0", func() error { _, err := s.List(ctx, NetworkRef{}); return err }},
		{"subscriptionId must be positive, not -1", func() error { _, err := s.List(ctx, NetworkRef{SubscriptionID: -1, RegionID: 3}); return err }},
		{"/regions/peerings: regionId must be positive, not -3", func() error { _, err := s.List(ctx, wrong); return err }},
		{"regionId must be positive, not -3", func() error { _, err := s.WaitProvisioned(ctx, wrong, 5); return err }},
		{"regionId must be positive, not -3", remove(wrong, 5)},
		{"regionId must be positive, not -3", update(wrong, 5, &VPCPeeringUpdateAWSRequest{VPCCIDRs: []string{}})},
		{"regionId must be positive, not -3", aws(wrong, func(*VPCPeeringCreateAWSRequest) {})},
		{"regionId must be positive, not -3", gcp(wrong, &VPCPeeringCreateGCPRequest{Region: new("r"), VPCProjectUID: "p", VPCNetworkName: "n"})},
		{"the id must be positive, not 0", func() error { _, err := s.WaitProvisioned(ctx, region3of12, 0); return err }},
		{"POST /subscriptions/{subscriptionId}/peerings: the request is nil", func() error { _, err := s.CreateAWS(ctx, pro12, nil); return err }},
		{"/regions/peerings: the request is nil", func() error { _, err := s.CreateAWS(ctx, region3of12, nil); return err }},
		{"{subscriptionId}/peerings: the request is nil", gcp(pro12, nil)},
		{"/regions/peerings: the request is nil", gcp(region3of12, nil)},
		{": Region is required", aws(pro12, func(r *VPCPeeringCreateAWSRequest) { r.Region = "" })},
		{": Region is required", aws(region3of12, func(r *VPCPeeringCreateAWSRequest) { r.Region = "" })},
		{"AWSAccountID is required", aws(pro12, func(r *VPCPeeringCreateAWSRequest) { r.AWSAccountID = "" })},
		{"VPCID is required", aws(pro12, func(r *VPCPeeringCreateAWSRequest) { r.VPCID = "" })},
		{"DestinationRegion is required", aws(region3of12, func(r *VPCPeeringCreateAWSRequest) { r.DestinationRegion = nil })},
		{"DestinationRegion is required", aws(region3of12, func(r *VPCPeeringCreateAWSRequest) { r.DestinationRegion = new("") })},
		{"DestinationRegion is for Active-Active subscriptions only", aws(pro12, func(r *VPCPeeringCreateAWSRequest) { r.DestinationRegion = new("s") })},
		{"VPCCIDR and VPCCIDRs can't be given together", aws(pro12, func(r *VPCPeeringCreateAWSRequest) { r.VPCCIDR, r.VPCCIDRs = new("10.0.0.0/24"), []string{} })},
		{"VPCCIDRs[1] must be a range of addresses", aws(region3of12, func(r *VPCPeeringCreateAWSRequest) { r.VPCCIDRs = []string{"10.0.1.0/24", "ten"} })},
		{": VPCProjectUID is required", gcp(pro12, &VPCPeeringCreateGCPRequest{VPCNetworkName: "n"})},
		{": Region is required", gcp(region3of12, &VPCPeeringCreateGCPRequest{VPCProjectUID: "p", VPCNetworkName: "n"})},
		{"VPCNetworkName is required", gcp(region3of12, &VPCPeeringCreateGCPRequest{Region: new("r"), VPCProjectUID: "p"})},
		{": Region is for Active-Active subscriptions only", gcp(pro12, &VPCPeeringCreateGCPRequest{Region: new("r"), VPCProjectUID: "p", VPCNetworkName: "n"})},
		{"VPCCIDR must be a range of addresses", update(pro12, 5, &VPCPeeringUpdateAWSRequest{VPCCIDR: new("")})},
		{"VPCCIDR or VPCCIDRs is required", update(pro12, 5, &VPCPeeringUpdateAWSRequest{})},
		{"peeringId must be positive, not 0", update(region3of12, 0, &VPCPeeringUpdateAWSRequest{VPCCIDRs: []string{}})},
		{"peeringId must be positive, not -5", remove(pro12, -5)},
		{"peeringId must be positive, not -6", remove(region3of12, -6)},
	} {
		t.Run(test.want, func(t *testing.T) { require.ErrorContains(t, test.call(), test.want) })
	}
}

func TestVPCPeeringDecodes(t *testing.T) {
	assertDecodes(t, VPCPeeringList{Peerings: []VPCPeering{{
		ID: 5, Status: VPCPeeringStatusActive, Region: "us-east-1",
		AWSAccountID: "123", AWSPeeringUID: "pcx-1", VPCUID: "vpc-1", VPCCIDR: "10.10.10.0/24",
		VPCCIDRs: []VPCPeeringCIDR{{CIDR: "10.10.10.0/24", Status: "active"}, {CIDR: "10.10.20.0/24", Status: "pending"}},
	}, {
		ID: 6, Status: VPCPeeringStatusInactive,
		ProjectUID: "project", NetworkName: "network", RedisProjectUID: "redis", RedisNetworkName: "c12", CloudPeeringID: "peer",
	}}}, `{"peerings":[
		{"vpcPeeringId":5,"status":"active","regionName":"us-east-1","awsAccountId":"123","awsPeeringUid":"pcx-1","vpcUid":"vpc-1","vpcCidr":"10.10.10.0/24",
			"vpcCidrs":[{"vpcCidr":"10.10.10.0/24","active":"active"},{"vpcCidr":"10.10.20.0/24","status":"pending"}]},
		{"vpcPeeringId":6,"status":"inactive","projectUid":"project","networkName":"network","redisProjectUid":"redis","redisNetworkName":"c12","cloudPeeringId":"peer"}]}`)

	assertDecodes(t, VPCPeeringList{SubscriptionID: 12, Regions: []VPCPeeringRegion{{2, "us-east-1"}}, Peerings: []VPCPeering{{
		ID: 5, Status: VPCPeeringStatusPendingAcceptance, RegionID: 2, Region: "us-east-1", SourceRegion: "us-east-1", DestinationRegion: "us-east-2",
		AWSAccountID: "123", AWSPeeringUID: "pcx-1", VPCUID: "vpc-1", VPCCIDR: "10.10.10.0/24", VPCCIDRs: []VPCPeeringCIDR{{CIDR: "10.10.10.0/24"}},
		ProjectUID: "project", NetworkName: "network", RedisProjectUID: "redis", RedisNetworkName: "c12", CloudPeeringID: "peer",
	}}}, `{"subscriptionId":12,"regions":[{"id":2,"region":"us-east-1","vpcPeerings":[
		{"id":5,"status":"pending-acceptance","regionId":2,"regionName":"us-east-1","sourceRegion":"us-east-1","destinationRegion":"us-east-2",
			"awsAccountId":"123","awsPeeringUid":"pcx-1","vpcUid":"vpc-1","vpcCidr":"10.10.10.0/24","vpcCidrs":["10.10.10.0/24"],
			"vpcProjectUid":"project","vpcNetworkName":"network","redisProjectUid":"redis","redisNetworkName":"c12","cloudPeeringId":"peer"}]}]}`)
}

func TestVPCPeeringCIDRDecodes(t *testing.T) {
	for doc, want := range map[string]VPCPeeringCIDR{
		`"10.0.0.0/24"`: {CIDR: "10.0.0.0/24"},
		`null`:          {},
		`{}`:            {},
		`{"vpcCidr":"10.0.0.0/24","active":"active"}`:                     {"10.0.0.0/24", "active"},
		`{"vpcCidr":"10.0.0.0/24","active":true}`:                         {"10.0.0.0/24", "active"},
		`{"vpcCidr":"10.0.0.0/24","active":false}`:                        {"10.0.0.0/24", "inactive"},
		`{"vpcCidr":"10.0.0.0/24","status":"pending"}`:                    {"10.0.0.0/24", "pending"},
		`{"vpcCidr":"10.0.0.0/24","active":null,"status":"pending"}`:      {"10.0.0.0/24", "pending"},
		`{"vpcCidr":"10.0.0.0/24","active":{"a":1},"status":["pending"]}`: {"10.0.0.0/24", "pending"},
	} {
		var got VPCPeeringCIDR
		require.NoError(t, read(doc, &got), doc)
		assert.Equal(t, want, got, doc)
	}
}
