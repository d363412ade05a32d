package rediscloud

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSubscriptionsRegions(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/subscriptions/12/regions", answer: `{"subscriptionId":12,"regions":[{"regionId":1}]}`})
	regions, err := client.Subscriptions.ListRegions(t.Context(), 12)
	require.NoError(t, err)
	assert.Equal(t, &SubscriptionRegionList{SubscriptionID: 12, Regions: []SubscriptionRegion{{ID: 1}}}, regions)
}

func TestSubscriptionRegionsDecodes(t *testing.T) {
	want := SubscriptionRegionList{
		SubscriptionID: 126,
		Regions: []SubscriptionRegion{{
			ID:             1,
			Region:         "us-east-1",
			DeploymentCIDR: "10.0.0.0/24",
			VPCID:          "vpc-1",
			Databases: []RegionDatabase{{
				ID:                       862,
				Name:                     "Bdb",
				ReadOperationsPerSecond:  5_000_000_000,
				WriteOperationsPerSecond: 500,
				RESPVersion:              RESPVersion3,
				Links:                    Links{{Rel: "self", Href: "https://x/3"}},
			}},
			Links: Links{{Rel: "self", Href: "https://x/2"}},
		}},
		Links: Links{{Rel: "self", Href: "https://x/1"}},
	}
	for _, cidr := range []string{"deploymentCidr", "deploymentCIDR"} {
		assertDecodes(t, want, `{"subscriptionId":126,
			"regions":[{"regionId":1,"region":"us-east-1","`+cidr+`":"10.0.0.0/24","vpcId":"vpc-1",
				"databases":[{"databaseId":862,"databaseName":"Bdb","readOperationsPerSecond":5000000000,
					"writeOperationsPerSecond":500,"respVersion":"resp3","links":[{"rel":"self","href":"https://x/3"}]}],
				"links":[{"rel":"self","href":"https://x/2"}]}],
			"links":[{"rel":"self","href":"https://x/1"}]}`)
	}
}

func fullRegion() *RegionCreateRequest {
	return &RegionCreateRequest{
		Region:                     "eu-west-1",
		DeploymentCIDR:             new("10.0.1.0/24"),
		VPCID:                      new("vpc-1"),
		SubnetIDs:                  []string{"subnet-1"},
		SecurityGroupID:            new("sg-1"),
		MultipleAvailabilityZones:  new(false),
		PreferredAvailabilityZones: []string{"euw1-az1"},
		Databases: []RegionDatabaseSpec{{
			Name: "cache",
			LocalThroughputMeasurement: &LocalThroughput{
				Region:                   new("eu-west-1"),
				WriteOperationsPerSecond: new(int64(1000)),
				ReadOperationsPerSecond:  new(int64(0)),
			},
		}},
		RESPVersion:                    new(RESPVersion2),
		CustomerManagedKeyResourceName: new("key"),
	}
}

const fullRegionMembers = `"region":"eu-west-1","deploymentCIDR":"10.0.1.0/24","vpcId":"vpc-1","subnetIds":["subnet-1"],
	"securityGroupId":"sg-1","multipleAvailabilityZones":false,"preferredAvailabilityZones":["euw1-az1"],
	"databases":[{"name":"cache","localThroughputMeasurement":
		{"region":"eu-west-1","writeOperationsPerSecond":1000,"readOperationsPerSecond":0}}],
	"respVersion":"resp2","customerManagedKeyResourceName":"key"`

func TestSubscriptionsAddRegion(t *testing.T) {
	regions, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[SubscriptionRegionList], error) {
			return c.Subscriptions.CreateRegion(ctx, 12, fullRegion())
		},
		wire{method: "POST", path: "/subscriptions/12/regions", body: `{` + fullRegionMembers + `}`, answer: received},
		completed(`{"resourceId":12}`),
		wire{method: "GET", path: "/subscriptions/12", answer: `{"id":12,"status":"pending"}`},
		wire{method: "GET", path: "/subscriptions/12", answer: subscription12},
		wire{method: "GET", path: "/subscriptions/12/regions", answer: `{"subscriptionId":12,"regions":[{"regionId":4}]}`},
	)
	require.NoError(t, err)
	assert.Equal(t, 4, regions.Regions[0].ID)
}

func TestSubscriptionsAddRegionDryRun(t *testing.T) {
	pricing, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[Pricing], error) {
			return c.Subscriptions.CreateRegionDryRun(ctx, 12, fullRegion())
		},
		wire{method: "POST", path: "/subscriptions/12/regions", body: `{"dryRun":true,` + fullRegionMembers + `}`, answer: received},
		completed(`{"resource":{"pricing":[{"region":"eu-west-1"}]}}`),
	)
	require.NoError(t, err)
	assert.Equal(t, "eu-west-1", pricing.Items[0].Region)
}

func TestSubscriptionsDeleteRegions(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) {
			return c.Subscriptions.DeleteRegions(ctx, 12, &RegionsDeleteRequest{Regions: []RegionToDelete{{"eu-west-1"}, {"us-east-1"}}})
		},
		wire{method: "DELETE", path: "/subscriptions/12/regions", body: `{"regions":[{"region":"eu-west-1"},{"region":"us-east-1"}]}`, answer: received},
		completed(`{}`),
		wire{method: "GET", path: "/subscriptions/12", answer: `{"id":12,"status":"pending"}`},
		wire{method: "GET", path: "/subscriptions/12", answer: subscription12},
	)
	require.NoError(t, err)
}

func TestSubscriptionsDeleteRegionsDryRun(t *testing.T) {
	pricing, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[Pricing], error) {
			return c.Subscriptions.DeleteRegionsDryRun(ctx, 12, &RegionsDeleteRequest{Regions: []RegionToDelete{{"eu-west-1"}}})
		},
		wire{method: "DELETE", path: "/subscriptions/12/regions", body: `{"regions":[{"region":"eu-west-1"}],"dryRun":true}`, answer: received},
		completed(`{"resource":{"pricing":[]}}`),
	)
	require.NoError(t, err)
	assert.Empty(t, pricing.Items)
}
