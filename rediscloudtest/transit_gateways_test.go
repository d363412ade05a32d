package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTransitGateways(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		path := fmt.Sprintf("/subscriptions/%d/transitGateways", sub)
		require.Zero(t, r.ShareTransitGateway(1, "", "share"))
		require.Zero(t, r.ShareTransitGateway(sub, "mars", "share"))
		invitation := r.ShareTransitGateway(sub, "", "share")
		require.JSONEq(t, fmt.Sprintf(`{"resources":[{"id":%d,"name":"share","status":"pending","awsAccountId":"123456789012",
			"resourceShareUid":"00000000-0000-4000-8000-000000000001","sharedDate":"2000-01-01T00:00:00.000Z"}]}`, invitation),
			encode(t, r.resource(path+"/invitations")))
		require.Empty(t, r.resource(path)["tgws"])
		accept := fmt.Sprintf("%s/invitations/%d/accept", path, invitation)
		require.Equal(t, object{"resourceId": float64(invitation)}, r.complete("PUT", accept, ""))
		require.Equal(t, "TGW_RESOURCE_SHARE_DOES_NOT_EXIST", r.fail("PUT", accept, ""), "it is accepted already")
		require.Equal(t, "accepted", objects(r.resource(path+"/invitations"), "resources")[0]["status"])

		gateway := func() object { return objects(r.resource(path), "tgws")[0] }
		shared := gateway()
		id := int(shared["id"].(float64))
		require.Equal(t, object{"id": float64(id), "awsTgwUid": fmt.Sprintf("tgw-%017x", id), "awsAccountId": "123456789012",
			"status": "available", "cidrs": []any{}}, shared)
		attachment := fmt.Sprintf("%s/%d/attachment", path, id)
		require.Equal(t, "TGW_ATTACHMENT_DOES_NOT_EXIST", r.fail("PUT", attachment, `{"cidrs":[]}`))
		require.Equal(t, "TGW_ATTACHMENT_DOES_NOT_EXIST", r.fail("DELETE", attachment, ""))
		require.Equal(t, "TGW_DOES_NOT_EXIST", r.fail("POST", path+"/999/attachment", ""))
		require.False(t, r.AcceptTransitGatewayAttachment(sub, id))

		require.Equal(t, object{"resourceId": float64(id)}, r.complete("POST", attachment, ""))
		require.Equal(t, "initiating-request", gateway()["attachmentStatus"])
		require.Equal(t, "TGW_ATTACHMENT_IS_NOT_ACTIVE", r.fail("POST", attachment, ""))
		time.Sleep(2 * time.Second)
		require.Equal(t, "pendingAcceptance", gateway()["status"])
		require.Equal(t, "TGW_ATTACHMENT_IS_NOT_ACTIVE", r.fail("PUT", attachment, `{"cidrs":["10.0.0.0/24"]}`))
		require.True(t, r.AcceptTransitGatewayAttachment(sub, id))
		require.False(t, r.AcceptTransitGatewayAttachment(sub, id))
		require.False(t, r.RejectTransitGatewayAttachment(1, id))
		require.Equal(t, "pending", gateway()["attachmentStatus"])
		time.Sleep(2 * time.Second)

		r.complete("PUT", attachment, `{"cidrs":["10.0.0.0/24"]}`)
		require.JSONEq(t, fmt.Sprintf(`{"id":%d,"awsTgwUid":"tgw-%017x","awsAccountId":"123456789012","status":"modifying","attachmentStatus":"modifying",
			"attachmentUid":"tgw-attach-00000000000000001","cidrs":[{"cidrAddress":"10.0.0.0/24","status":"active"}]}`, id, id), encode(t, gateway()))
		time.Sleep(2 * time.Second)
		require.Equal(t, "available", gateway()["status"])
		require.Equal(t, "TGW_ATTACHMENT_CIDRS_ARE_THE_SAME_AS_EXISTING_ONES", r.fail("PUT", attachment, `{"cidrs":["10.0.0.0/24"]}`))
		require.Equal(t, "TGW_ATTACHMENT_CIDRS_REQUEST_CONTAINS_DUPLICATES", r.fail("PUT", attachment, `{"cidrs":["10.0.1.0/24","10.0.1.0/24"]}`))
		require.Equal(t, 400, r.status("PUT", attachment, `{"cidrs":[{"cidrAddress":"10.0.0.0/24"}]}`))
		r.complete("PUT", attachment, `{"cidrs":[]}`)
		require.Empty(t, gateway()["cidrs"])

		r.complete("DELETE", attachment, "")
		require.Equal(t, "deleting", gateway()["attachmentStatus"])
		require.Equal(t, "TGW_ATTACHMENT_DOES_NOT_EXIST", r.fail("DELETE", attachment, ""))
		time.Sleep(2 * time.Second)
		require.Equal(t, shared, gateway())
	}, WithRateLimit(0))
}

func TestTransitGatewayAttachmentIsRejected(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		path := fmt.Sprintf("/subscriptions/%d/transitGateways", sub)
		r.complete("PUT", fmt.Sprintf("%s/invitations/%d/accept", path, r.ShareTransitGateway(sub, "us-east-1", "share")), "")
		gateway := func() object { return objects(r.resource(path), "tgws")[0] }
		id := int(gateway()["id"].(float64))
		r.complete("POST", fmt.Sprintf("%s/%d/attachment", path, id), "")
		time.Sleep(2 * time.Second)
		require.True(t, r.RejectTransitGatewayAttachment(sub, id))
		require.Equal(t, "rejecting", gateway()["attachmentStatus"])
		time.Sleep(2 * time.Second)
		require.Equal(t, "rejected", gateway()["attachmentStatus"])
		r.complete("DELETE", fmt.Sprintf("%s/%d/attachment", path, id), "")
	})
}

// The list of a subscription that is being provisioned is not known.
func TestTransitGatewaysOfWhatIsPending(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.complete("POST", "/subscriptions", creation)
		const path = "/subscriptions/120001/transitGateways"
		require.Equal(t, object{"resourceId": 120001.0}, r.complete("GET", path, ""))
		time.Sleep(2 * time.Second)
		require.Equal(t, object{"tgws": []any{}}, r.resource(path))
	})
}

func TestActiveActiveTransitGateways(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s", "us-east-1", "eu-west-1")
		onSub := fmt.Sprintf("/subscriptions/%d", sub)
		regions := objects(r.get(onSub+"/regions"), "regions")
		path := func(i int) string { return fmt.Sprintf("%s/regions/%v/transitGateways", onSub, regions[i]["regionId"]) }
		invitation := r.ShareTransitGateway(sub, "eu-west-1", "share")
		require.Empty(t, r.resource(path(0) + "/invitations")["resources"])
		require.Len(t, r.resource(path(1) + "/invitations")["resources"], 1)
		answer := fmt.Sprintf("/invitations/%d/", invitation)
		require.Equal(t, "TGW_RESOURCE_SHARE_DOES_NOT_EXIST", r.fail("PUT", path(0)+answer+"reject", ""))
		r.complete("PUT", path(1)+answer+"accept", "")
		require.Empty(t, r.resource(path(0))["tgws"])
		require.Len(t, r.resource(path(1))["tgws"], 1)

		require.Equal(t, "TGW_REGION_DOES_NOT_EXIST", r.fail("GET", onSub+"/regions/999/transitGateways", ""))
		require.Equal(t, 400, r.status("GET", onSub+"/regions/x/transitGateways", ""))
		require.Equal(t, "TGW_GETTING_SINGLE_REGION_TGWS_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION", r.fail("GET", onSub+"/transitGateways", ""))
		require.Equal(t, "TGW_REJECTING_A_FLEXIBLE_SUBSCRIPTION_TGW_RESOURCE_SHARE_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
			r.fail("PUT", onSub+"/transitGateways"+answer+"reject", ""))
		single := fmt.Sprintf("/subscriptions/%d/regions/1/transitGateways", r.AddSubscription("t"))
		require.Equal(t, "TGW_GETTING_ACTIVE_ACTIVE_SUBSCRIPTION_TGW_INVITATIONS_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION", r.fail("GET", single+"/invitations", ""))
	}, WithRateLimit(0))
}
