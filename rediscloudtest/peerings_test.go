package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const awsPeering = `{"provider":"AWS","region":"us-east-1","awsAccountId":"123","vpcId":"vpc-1","vpcCidrs":["10.1.0.0/24","10.2.0.0/24"]}`

// resource returns the document that a task carries.
func (r rig) resource(path string) object {
	r.t.Helper()
	return r.complete("GET", path, "")["resource"].(object)
}

func TestPeerings(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		path := fmt.Sprintf("/subscriptions/%d/peerings", sub)
		require.Equal(t, object{"resourceId": float64(sub), "resource": object{"peerings": []any{}}}, r.complete("GET", path, ""))
		require.Equal(t, 202, r.status("GET", path, ""))
		time.Sleep(2 * time.Second)
		require.Equal(t, 404, r.status("GET", "/subscriptions/1/peerings", ""))

		id := int(r.complete("POST", path, awsPeering)["resourceId"].(float64))
		require.False(t, r.AcceptPeering(sub, id), "it isn't asked for yet")
		status := func() string {
			return objects(r.resource(path), "peerings")[0]["status"].(string)
		}
		require.Equal(t, "initiating-request", status())
		require.Equal(t, "VPC_PEERING_NOT_ACTIVE", r.fail("PUT", fmt.Sprintf("%s/%d", path, id), `{"vpcCidr":"10.3.0.0/24"}`))
		time.Sleep(2 * time.Second)
		require.Equal(t, "pending-acceptance", status())
		require.True(t, r.AcceptPeering(sub, id))
		require.False(t, r.AcceptPeering(sub, id))
		require.False(t, r.AcceptPeering(sub, id+1))
		require.False(t, r.RejectPeering(1, id))
		require.JSONEq(t, fmt.Sprintf(`{"peerings":[{"vpcPeeringId":%d,"status":"active","regionName":"us-east-1","awsAccountId":"123",
			"awsPeeringUid":"pcx-%017x","vpcUid":"vpc-1","vpcCidr":"10.1.0.0/24",
			"vpcCidrs":[{"vpcCidr":"10.1.0.0/24","active":"active"},{"vpcCidr":"10.2.0.0/24","active":"active"}]}]}`, id, id),
			encode(t, r.resource(path)))

		peering := fmt.Sprintf("%s/%d", path, id)
		require.Equal(t, object{"resourceId": float64(id)}, r.complete("PUT", peering, `{"vpcCidr":"10.3.0.0/24"}`))
		require.Equal(t, "10.3.0.0/24", objects(r.resource(path), "peerings")[0]["vpcCidr"])
		r.SetStatus(peering, "inactive")
		require.Equal(t, "inactive", status())
		r.SetStatus(peering, "")

		require.Equal(t, object{}, r.complete("DELETE", peering, ""))
		require.Equal(t, "deleting", status())
		time.Sleep(2 * time.Second)
		require.Empty(t, r.resource(path)["peerings"])

		for want, body := range map[string]string{
			"VPC_PEERING_INVALID_REGION":                      `{"region":"mars","awsAccountId":"1","vpcId":"v"}`,
			"VPC_PEERING_INVALID_ACCOUNT":                     `{"region":"us-east-1","vpcId":"v"}`,
			"VPC_PEERING_INVALID_VPC":                         `{"region":"us-east-1","awsAccountId":"1"}`,
			"VPC_PEERING_IS_NOT_KNOWN_CLOUD_PROVIDER":         `{"provider":"azure"}`,
			"VPC_PEERING_BELONGS_TO_DIFFERENT_CLOUD_PROVIDER": `{"provider":"GCP","vpcProjectUid":"p","vpcNetworkName":"n"}`,
			"VPC_PEERING_TOO_MANY_CIDR_SPECIFICATIONS":        `{"region":"us-east-1","awsAccountId":"1","vpcId":"v","vpcCidr":"10.0.0.0/24","vpcCidrs":[]}`,
		} {
			require.Equal(t, want, r.fail("POST", path, body))
		}
		require.Equal(t, 400, r.status("POST", path, `{"vpcId":1}`))
		require.Equal(t, 400, r.status("DELETE", path+"/x", ""))
		require.Equal(t, "VPC_PEERING_NOT_FOUND", r.fail("PUT", peering, `{"vpcCidr":"10.3.0.0/24"}`))
		require.Equal(t, "VPC_PEERING_NOT_FOUND", r.fail("DELETE", peering, ""))
	}, WithRateLimit(0))
}

func TestPeeringUpdatesAreChecked(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		path := fmt.Sprintf("/subscriptions/%d/peerings", sub)
		id := int(r.complete("POST", path, awsPeering)["resourceId"].(float64))
		require.Equal(t, "VPC_PEERING_ALREADY_EXIST", r.fail("POST", path, awsPeering))
		time.Sleep(2 * time.Second)
		require.True(t, r.AcceptPeering(sub, id))
		path = fmt.Sprintf("%s/%d", path, id)
		require.Equal(t, "VPC_PEERING_CIDR_IS_MISSING", r.fail("PUT", path, `{}`))
		require.Equal(t, "VPC_PEERING_TOO_MANY_CIDR_SPECIFICATIONS", r.fail("PUT", path, `{"vpcCidr":"10.0.0.0/24","vpcCidrs":[]}`))
	})
}

func TestPeeringsOnGCP(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := int(r.complete("POST", "/subscriptions", `{"cloudProviders":[{"provider":"GCP","regions":[{"region":"us-east1"}]}],"databases":[{"name":"d"}]}`)["resourceId"].(float64))
		time.Sleep(2 * time.Second)
		path := fmt.Sprintf("/subscriptions/%d/peerings", sub)
		const body = `{"provider":"GCP","vpcProjectUid":"project","vpcNetworkName":"network"}`
		id := int(r.complete("POST", path, body)["resourceId"].(float64))
		time.Sleep(2 * time.Second)
		require.JSONEq(t, fmt.Sprintf(`{"peerings":[{"vpcPeeringId":%d,"status":"inactive","regionName":"us-east1","projectUid":"project",
			"networkName":"network","redisProjectUid":"redis-project-%d","redisNetworkName":"c%d-network","cloudPeeringId":"peering-%d"}]}`, id, sub, sub, id),
			encode(t, r.resource(path)))
		require.True(t, r.RejectPeering(sub, id))
		again := int(r.complete("POST", path, body)["resourceId"].(float64))
		time.Sleep(2 * time.Second)
		require.True(t, r.AcceptPeering(sub, again), "one that failed is in nobody's way")
		require.Equal(t, "VPC_PEERING_BELONGS_TO_DIFFERENT_CLOUD_PROVIDER",
			r.fail("PUT", fmt.Sprintf("%s/%d", path, again), `{"vpcCidr":"10.3.0.0/24"}`))
		require.Equal(t, "VPC_PEERING_INVALID_PROJECT", r.fail("POST", path, `{"provider":"GCP"}`))
		require.Equal(t, "TGW_CLOUD_PROVIDER_IS_NOT_SUPPORTED", r.fail("GET", fmt.Sprintf("/subscriptions/%d/transitGateways", sub), ""))
	})
}

func TestActiveActivePeerings(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s", "us-east-1", "eu-west-1")
		path := fmt.Sprintf("/subscriptions/%d/regions/peerings", sub)
		require.Equal(t, 200, r.status("GET", path, ""))
		time.Sleep(2 * time.Second)
		require.Equal(t, 400, r.status("POST", path, `{}`))
		id := int(r.complete("POST", path, `{"sourceRegion":"eu-west-1","destinationRegion":"eu-west-2","awsAccountId":"123","vpcId":"vpc-1"}`)["resourceId"].(float64))
		regions := objects(r.resource(path), "regions")
		require.Len(t, regions, 2)
		require.Empty(t, regions[0]["vpcPeerings"])
		require.JSONEq(t, fmt.Sprintf(`[{"id":%d,"status":"initiating-request","regionId":%v,"regionName":"eu-west-2","sourceRegion":"eu-west-1",
			"destinationRegion":"eu-west-2","awsAccountId":"123","awsPeeringUid":"pcx-%017x","vpcUid":"vpc-1","vpcCidrs":[]}]`, id, regions[1]["id"], id),
			encode(t, regions[1]["vpcPeerings"]))
		require.Equal(t, "ACTIVE_ACTIVE_VPC_PEERING_INVALID_SOURCE_REGION_NAME", r.fail("POST", path, `{"sourceRegion":"mars"}`))
		require.Equal(t, "ACTIVE_ACTIVE_VPC_PEERING_NOT_FOUND", r.fail("DELETE", path+"/999", ""))

		single := fmt.Sprintf("/subscriptions/%d/peerings", sub)
		require.Equal(t, "GETTING_SINGLE_REGION_VPC_PEERINGS_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION", r.fail("GET", single, ""))
		require.Equal(t, "CREATING_A_SINGLE_REGION_VPC_PEERING_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION", r.fail("POST", single, awsPeering))
		require.Equal(t, "UPDATING_A_SINGLE_REGION_VPC_PEERING_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION", r.fail("PUT", single+"/1", `{}`))
		require.Equal(t, "DELETING_SINGLE_REGION_VPC_PEERING_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION", r.fail("DELETE", single+"/1", ""))

		other := fmt.Sprintf("/subscriptions/%d/regions/peerings", r.AddSubscription("t"))
		require.Equal(t, "GETTING_ACTIVE_ACTIVE_SUBSCRIPTION_VPC_PEERINGS_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION", r.fail("GET", other, ""))
		require.Equal(t, "UPDATING_AN_ACTIVE_ACTIVE_VPC_PEERING_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION", r.fail("PUT", other+"/1", `{}`))
	}, WithRateLimit(0))
}
