package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestChangesShowLate(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		sub := fmt.Sprintf("/subscriptions/%d", id)
		db := fmt.Sprintf("%s/databases/%d", sub, r.AddDatabase(id, "old"))
		listed := func() object {
			return r.get(sub + "/databases")["subscription"].([]any)[0].(object)["databases"].([]any)[0].(object)
		}
		r.complete("PUT", db, `{"name":"new"}`)
		require.Equal(t, "old active", fmt.Sprint(r.get(db)["name"], " ", r.get(db)["status"]))
		require.Equal(t, "old active", fmt.Sprint(listed()["name"], " ", listed()["status"]))
		require.NotEmpty(t, r.get(db)["security"].(object)["password"], "that the list has none leaves the rest alone")
		require.Equal(t, "pending", r.get(sub)["status"], "the subscription is as it is")
		time.Sleep(500*time.Millisecond - 1)
		require.Equal(t, "old", r.get(db)["name"])
		time.Sleep(time.Nanosecond)
		require.Equal(t, "new active-change-pending", fmt.Sprint(r.get(db)["name"], " ", r.get(db)["status"]))
		require.Equal(t, "new", listed()["name"])
		require.Empty(t, r.views, "what isn't needed is dropped")

		time.Sleep(time.Minute)
		r.submit("DELETE", db, "")
		require.Equal(t, []string{"active 1.5s", "delete-pending 1.5s", "404 2s"}, r.timeline(db, 5*time.Second))

		r.complete("PUT", sub, `{"name":"new"}`)
		require.Equal(t, "s", r.get(sub)["name"])
		require.Equal(t, "s", r.get("/subscriptions")["subscriptions"].([]any)[0].(object)["name"])
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, "new", r.get(sub)["name"])
		r.submit("DELETE", sub, "")
		require.Equal(t, []string{"active 1.5s", "deleting 1.5s", "404 2s"}, r.timeline(sub, 5*time.Second))

		require.Equal(t, "SUBSCRIPTION_NOT_ACTIVE", r.refused(r.AddSubscription("t")), "a change that fails leaves nothing behind")
		require.Empty(t, r.views)
	}, WithRateLimit(0))
}

// refused updates a subscription, which must fail, and returns the type of the
// error.
func (r rig) refused(id int) string {
	path := fmt.Sprintf("/subscriptions/%d", id)
	r.SetStatus(path, "pending")
	return r.fail("PUT", path, `{"name":"x"}`)
}

func TestChangesOfOtherKindsShowLate(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		essentials := r.AddEssentialsSubscription("old", PlanStandard)
		path := fmt.Sprintf("/fixed/subscriptions/%d", essentials)
		r.complete("PUT", path, `{"name":"new"}`)
		require.Equal(t, "old", r.get(path)["name"])
		require.Equal(t, "old", r.get("/fixed/subscriptions")["subscriptions"].([]any)[0].(object)["name"])
		time.Sleep(time.Second)
		require.Equal(t, "new", r.get(path)["name"])

		db := fmt.Sprintf("%s/databases/%d", path, r.AddDatabase(essentials, "old"))
		r.complete("PUT", db, `{"name":"new"}`)
		require.Equal(t, "old", r.get(db)["name"])
		time.Sleep(time.Second)
		require.Equal(t, "new", r.get(db)["name"])

		rule := r.complete("POST", "/acl/redisRules", `{"name":"rule","redisRule":"+get"}`)["resourceId"].(float64)
		time.Sleep(time.Minute)
		r.complete("PUT", fmt.Sprintf("/acl/redisRules/%v", rule), `{"name":"rule","redisRule":"+set"}`)
		require.Equal(t, "+get active", fmt.Sprint(r.element("/acl/redisRules", "redisRules", int(rule))["acl"], " ",
			r.element("/acl/redisRules", "redisRules", int(rule))["status"]))
		time.Sleep(time.Second)
		require.Equal(t, "+set", r.element("/acl/redisRules", "redisRules", int(rule))["acl"])
	})
}

func TestChangesOfNetworksShowLate(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		peerings := fmt.Sprintf("/subscriptions/%d/peerings", sub)
		id := int(r.complete("POST", peerings, awsPeering)["resourceId"].(float64))
		time.Sleep(time.Minute)
		require.True(t, r.AcceptPeering(sub, id))
		peering := func() object { return objects(r.resource(peerings), "peerings")[0] }
		r.complete("DELETE", fmt.Sprintf("%s/%d", peerings, id), "")
		require.Equal(t, "active", peering()["status"])
		time.Sleep(5 * time.Second)
		require.Equal(t, "deleting", peering()["status"])

		gateways := fmt.Sprintf("/subscriptions/%d/transitGateways", sub)
		r.complete("PUT", fmt.Sprintf("%s/invitations/%d/accept", gateways, r.ShareTransitGateway(sub, "", "x")), "")
		gateway := func() object { return objects(r.resource(gateways), "tgws")[0] }
		attachment := fmt.Sprintf("%s/%v/attachment", gateways, gateway()["id"])
		r.complete("POST", attachment, "")
		time.Sleep(time.Minute)
		require.True(t, r.AcceptTransitGatewayAttachment(sub, int(gateway()["id"].(float64))))
		time.Sleep(time.Minute)
		r.complete("PUT", attachment, `{"cidrs":["10.0.0.0/24"]}`)
		require.Equal(t, "available []", fmt.Sprint(gateway()["status"], " ", gateway()["cidrs"]))
		time.Sleep(5 * time.Second)
		require.Equal(t, "modifying", gateway()["status"])

		psc := fmt.Sprintf("/subscriptions/%d/private-service-connect", r.AddGCPSubscription("gcp"))
		service := fmt.Sprintf("%s/%v", psc, r.complete("POST", psc, "")["resourceId"])
		time.Sleep(time.Minute)
		endpoint := int(r.complete("POST", service, pscEndpointBody)["resourceId"].(float64))
		time.Sleep(time.Minute)
		require.True(t, r.RunPSCCreationScript(endpoint))
		time.Sleep(time.Minute)
		shown := func() any { return objects(r.resource(service), "endpoints")[0]["status"] }
		r.complete("PUT", fmt.Sprintf("%s/endpoints/%d", service, endpoint), `{"action":"accept"}`)
		require.Equal(t, "pending", shown())
		time.Sleep(5 * time.Second)
		require.Equal(t, "accept-pending", shown())
		time.Sleep(time.Minute)
		require.True(t, r.RunPSCDeletionScript(endpoint))
		r.complete("DELETE", fmt.Sprintf("%s/endpoints/%d", service, endpoint), "")
		require.Equal(t, "active", shown())
		time.Sleep(time.Minute)
		r.complete("DELETE", psc, "")
		require.Equal(t, "active", r.resource(psc)["status"])
		time.Sleep(5 * time.Second)
		require.Equal(t, "delete-queued", r.resource(psc)["status"])
	}, WithProvisioning(30*time.Second), WithStaleness(5*time.Second))
}

func TestUpgradeShowsLate(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		upgrade := fmt.Sprintf("/subscriptions/%d/databases/%d/upgrade", id, r.AddDatabase(id, "d"))
		r.complete("POST", upgrade, `{"targetRedisVersion":"8.0"}`)
		require.Equal(t, 404, r.status("GET", upgrade, ""))
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, "in-progress", r.get(upgrade)["upgradeStatus"])
		time.Sleep(time.Minute)
		r.complete("POST", upgrade, `{"targetRedisVersion":"8.2"}`)
		require.Equal(t, "8.0 done", fmt.Sprint(r.get(upgrade)["targetRedisVersion"], " ", r.get(upgrade)["upgradeStatus"]))
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, "8.2 in-progress", fmt.Sprint(r.get(upgrade)["targetRedisVersion"], " ", r.get(upgrade)["upgradeStatus"]))
	})
}

func TestSetStatusShowsAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		db := fmt.Sprintf("/subscriptions/%d/databases/%d", id, r.AddDatabase(id, "d"))
		r.complete("PUT", db, `{"name":"new"}`)
		r.SetStatus(db, "error")
		require.Equal(t, "error", r.get(db)["status"])
	})
}

func TestStalenessFollowsProvisioning(t *testing.T) {
	for _, test := range []struct {
		opts []Option
		want time.Duration
	}{
		{nil, 500 * time.Millisecond},
		{[]Option{WithProvisioning(0)}, 0},
		{[]Option{WithProvisioning(time.Hour)}, 2 * time.Second},
		{[]Option{WithStaleness(time.Minute), WithLateListing(time.Minute)}, time.Minute},
		{[]Option{WithStaleness(-1), WithLateListing(-1)}, 0},
		{[]Option{WithCalm()}, 0},
		{[]Option{WithStaleness(time.Minute), WithLateListing(time.Minute), WithCalm()}, 0},
		{[]Option{WithCalm(), WithStaleness(time.Minute), WithLateListing(time.Minute)}, time.Minute},
	} {
		s := New(test.opts...)
		require.Equal(t, test.want, s.staleness)
		require.Equal(t, test.want, s.lateListing)
	}
	require.True(t, New(WithLenientSubscriptions(), WithCalm()).lenient)
	require.False(t, New(WithCalm()).lenient, "what the API refuses is refused on calm days too")
}

func TestACLFlips(t *testing.T) {
	const pending, active = "pending 400ms", "active 400ms"
	inWorld(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		r.settle("POST", "/acl/roles", fmt.Sprintf(`{"name":"reader","redisRules":[{"ruleName":"Read-Only","databases":[
			{"subscriptionId":%d,"databaseId":%d}]}]}`, sub, r.AddDatabase(sub, "d")))
		r.submit("POST", "/acl/users", `{"name":"ann","role":"reader","password":"Pa55-word"}`)
		const path = "/acl/users/40001"
		require.Equal(t, []string{"404 1s", pending, active, pending, active, pending, "active 2s"}, r.timeline(path, 5*time.Second))
		r.submit("PUT", path, `{"password":"Pa55-wort"}`)
		// 1 s until the task is completed, and 0.5 s of the old state: the
		// first stage and a part of the second have passed by then.
		require.Equal(t, []string{"active 1.8s", pending, active, pending, "active 2s"}, r.timeline(path, 5*time.Second))
		r.submit("DELETE", path, "")
		require.Equal(t, []string{"active 1.5s", "deleting 1.5s", "404 2s"}, r.timeline(path, 5*time.Second))
	}, WithRateLimit(0))
	inWorld(t, func(t *testing.T, r rig) {
		r.submit("POST", "/acl/redisRules", `{"name":"rule","redisRule":"+get"}`)
		time.Sleep(time.Second)
		for range 20 {
			require.Equal(t, "pending", r.element("/acl/redisRules", "redisRules", 101)["status"], "rules don't flip")
			time.Sleep(100 * time.Millisecond)
		}
		require.Equal(t, "active", r.element("/acl/redisRules", "redisRules", 101)["status"])
	})
}

func TestDatabasesAreListedLate(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		r.complete("POST", "/subscriptions", creation)
		const sub = "/subscriptions/120001"
		time.Sleep(2 * time.Second)
		require.Equal(t, "active 0", fmt.Sprint(r.get(sub)["status"], " ", r.get(sub)["numberOfDatabases"]))
		require.Equal(t, 404, r.status("GET", sub+"/databases", ""))
		require.Equal(t, "active", r.get(sub + "/databases/51000001")["status"], "it can be read by its id")
		require.Equal(t, []int{51000001}, r.Databases(120001), "the books know better")
		time.Sleep(500 * time.Millisecond)
		require.EqualValues(t, 1, r.get(sub)["numberOfDatabases"])
		require.Equal(t, 200, r.status("GET", sub+"/databases", ""))

		count := func() any { return r.get(sub + "/databases")["subscription"].([]any)[0].(object)["numberOfDatabases"] }
		r.complete("POST", sub+"/databases", `{"name":"second"}`)
		require.EqualValues(t, 1, count())
		require.Equal(t, "pending", r.get(sub + "/databases/51000002")["status"])
		time.Sleep(500 * time.Millisecond)
		require.EqualValues(t, 2, count())
		r.AddDatabase(120001, "third")
		require.EqualValues(t, 3, count(), "what the test adds is there")
	})
}

func TestNetworksAreListedLate(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		aws, gcp := fmt.Sprintf("/subscriptions/%d", r.AddSubscription("aws")), fmt.Sprintf("/subscriptions/%d", r.AddGCPSubscription("gcp"))
		r.complete("PUT", fmt.Sprintf("%s/transitGateways/invitations/%d/accept", aws, r.ShareTransitGateway(120001, "", "x")), "")
		gateway := func() object { return objects(r.resource(aws+"/transitGateways"), "tgws")[0] }
		service := fmt.Sprintf("%s/private-service-connect/%v", gcp, r.complete("POST", gcp+"/private-service-connect", "")["resourceId"])
		link := aws + "/private-link"
		r.complete("POST", link, `{"shareName":"s","principal":"123456789012","type":"aws_account"}`)
		time.Sleep(5 * time.Minute)
		require.Len(t, r.resource(link)["principals"], 1)

		r.complete("POST", aws+"/peerings", awsPeering)
		r.complete("POST", fmt.Sprintf("%s/transitGateways/%v/attachment", aws, gateway()["id"]), "")
		r.complete("POST", service, pscEndpointBody)
		r.complete("POST", link+"/principals", `{"principal":"210987654321"}`)
		require.Empty(t, r.resource(aws + "/peerings")["peerings"])
		require.NotContains(t, gateway(), "attachmentStatus")
		require.Empty(t, r.resource(service)["endpoints"])
		require.Len(t, r.resource(link)["principals"], 1)
		time.Sleep(time.Minute)
		require.Len(t, r.resource(aws + "/peerings")["peerings"], 1)
		require.Contains(t, gateway(), "attachmentStatus")
		require.Len(t, r.resource(service)["endpoints"], 1)
		require.Len(t, r.resource(link)["principals"], 2)
	}, WithProvisioning(4*time.Minute), WithLateListing(time.Minute), WithStaleness(0))
}

func TestPrivateLinkIsEmptyAtFirst(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		link := fmt.Sprintf("/subscriptions/%d/private-link", r.AddSubscription("s"))
		r.complete("POST", link, `{"shareName":"s","principal":"123456789012","type":"aws_account"}`)
		require.Equal(t, object{"links": []any{}}, r.resource(link))
		time.Sleep(time.Minute)
		require.Equal(t, "initializing", r.resource(link)["status"])
		time.Sleep(time.Minute)
		require.Equal(t, "active", r.resource(link)["status"])
		r.complete("DELETE", link+"/principals", `{"principal":"123456789012"}`)
		require.Len(t, r.resource(link)["principals"], 1)
		time.Sleep(2 * time.Minute)
		require.Empty(t, r.resource(link)["principals"])
		require.Equal(t, "processing-completed", r.finish("DELETE", link, "")["status"])
		require.Equal(t, "active", r.resource(link)["status"], "its old state")
	}, WithProvisioning(2*time.Minute))
}

func TestLateRemoval(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		sub := fmt.Sprintf("/subscriptions/%d", id)
		db := fmt.Sprintf("%s/databases/%d", sub, r.AddDatabase(id, "d"))
		r.complete("DELETE", db, "")
		time.Sleep(2 * time.Second)
		require.Equal(t, 404, r.status("GET", db, ""))
		require.Equal(t, 200, r.status("GET", sub+"/databases", ""))
		require.Equal(t, "active", r.get(sub)["status"])
		require.Equal(t, "SUBSCRIPTION_IN_USE", r.fail("DELETE", sub, ""))
		require.Equal(t, "DATABASE_NAME_EXISTS", r.fail("POST", sub+"/databases", `{"name":"d"}`))
		time.Sleep(30 * time.Second)
		require.Equal(t, 404, r.status("GET", sub+"/databases", ""))
		r.complete("DELETE", sub, "")
	}, WithLateRemoval(30*time.Second))
}

func TestSomeTasksAreInitialized(t *testing.T) {
	inWorld(t, func(t *testing.T, r rig) {
		ids := r.submitMany(6)
		path := func(i int) string { return "/tasks/" + ids[i] }
		for i, want := range []string{"processing-in-progress", "received", "initialized", "received", "received", "initialized"} {
			require.Equal(t, want, r.get(path(i))["status"], i)
		}
		require.Equal(t, object{}, r.get(path(2))["response"])
		require.NotContains(t, r.get(path(1)), "response")
		time.Sleep(2*time.Second + 499*time.Millisecond)
		require.Equal(t, "initialized 2000-01-01T00:00:00.000Z", fmt.Sprint(r.get(path(2))["status"], " ", r.get(path(2))["timestamp"]))
		require.Equal(t, 2*time.Second, r.Tasks()[2].Started.Sub(epoch))
		time.Sleep(time.Millisecond)
		task := r.get(path(2))
		require.Equal(t, "processing-in-progress 2000-01-01T00:00:02.500Z map[]", fmt.Sprint(task["status"], " ", task["timestamp"], " ", task["response"]))
		require.Equal(t, ids[2], r.listed()[0], "it has changed last")
		time.Sleep(time.Minute)
		require.Equal(t, "processing-completed", r.get(path(2))["status"])
		require.Equal(t, 3*time.Second, r.Tasks()[2].Ended.Sub(epoch))
	}, WithUnknownFor(0))
}
