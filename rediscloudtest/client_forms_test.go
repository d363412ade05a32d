package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFormsOfClients checks what working clients rely on, where the API's own
// document is silent or differs.
func TestFormsOfClients(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		card := objects(r.get("/payment-methods"), "paymentMethods")[0]
		require.Equal(t, []any{4242.0, true}, []any{card["creditCardEndsWith"], card["isDefaultForShopper"]})

		regions := map[string]any{}
		for _, region := range objects(r.get("/regions"), "regions") {
			regions[fmt.Sprint(region["provider"], " ", region["name"])] = region["id"]
		}
		require.Len(t, regions, len(places))
		require.Equal(t, []any{59.0, 1.0, 35.0}, []any{regions["AWS us-east-2"], regions["AWS us-east-1"], regions["GCP europe-west1"]})

		r.complete("POST", "/cloud-accounts", cloudAccountBody)
		require.Equal(t, "AKIA4", r.get("/cloud-accounts/101")["accessKeyId"])

		plans := map[string]object{}
		for _, plan := range objects(r.get("/fixed/plans"), "plans") {
			plans[fmt.Sprint(plan["name"], " ", plan["provider"], " ", plan["region"])] = plan
		}
		for _, name := range []string{"30MB AWS us-east-1", "250MB AWS us-east-1", "Single-Zone_1GB AWS us-east-1", "Single-Zone_1GB AWS us-west-1"} {
			require.Contains(t, plans, name)
		}
		require.EqualValues(t, 2, plans["Single-Zone_1GB AWS us-west-1"]["regionId"])
	})
}

func TestRegionIDs(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		ids := func(sub int) (ids []any) {
			for _, region := range objects(r.get(fmt.Sprintf("/subscriptions/%d/regions", sub)), "regions") {
				ids = append(ids, region["regionId"])
			}
			return ids
		}
		require.Equal(t, []any{1.0, 59.0}, ids(r.AddSubscription("a", "us-east-1", "us-east-2")))
		require.Equal(t, []any{59.0, 1001.0}, ids(r.AddSubscription("b", "us-east-2", "mars")))
		require.Equal(t, []any{1002.0, 1001.0}, ids(r.AddSubscription("c", "venus", "mars")))

		// What a region had is gone with it, though its id is used again.
		sub := r.AddSubscription("d", "us-east-1", "us-east-2")
		path := fmt.Sprintf("/subscriptions/%d/regions", sub)
		r.complete("POST", path+"/59/private-link", `{"shareName":"s","principal":"123456789012","type":"aws_account"}`)
		time.Sleep(5 * time.Second)
		r.settle("DELETE", path, `{"regions":[{"region":"us-east-2"}]}`)
		r.settle("POST", path, `{"region":"us-east-2","deploymentCIDR":"10.9.0.0/24"}`)
		require.Equal(t, "PRIVATELINK_SERVICE_NOT_FOUND", r.fail("GET", path+"/59/private-link", ""))
	})
}

func TestPasswordOfAnActiveActiveDatabase(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s", "us-east-1", "us-east-2")
		path := fmt.Sprintf("/subscriptions/%d/databases", sub)
		r.complete("POST", path, `{"name":"crdb","globalPassword":"first"}`)
		passwords := func() (list []any) {
			db := r.get(path + "/51000001")
			list = append(list, db["globalPassword"])
			for _, region := range objects(db, "crdbDatabases") {
				list = append(list, child(region, "security")["password"])
			}
			return list
		}
		require.Equal(t, []any{"first", "first", "first"}, passwords())
		time.Sleep(5 * time.Second)
		r.complete("PUT", path+"/51000001/regions", `{"globalPassword":"second","regions":[{"region":"us-east-2","password":"third"}]}`)
		require.Equal(t, []any{"second", "second", "third"}, passwords())
		_, text := r.do("GET", path, "")
		for _, password := range []string{"first", "second", "third", "globalPassword"} {
			require.NotContains(t, text, password, "the list shows none")
		}
		made := r.AddDatabase(sub, "other")
		require.Len(t, r.get(fmt.Sprint(path, "/", made))["globalPassword"], 32, "one is made up where none is given")
	})
}

func TestMembersOfASubscription(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.complete("POST", "/cloud-accounts", cloudAccountBody)
		time.Sleep(5 * time.Second)
		r.complete("POST", "/subscriptions", `{"name":"s","memoryStorage":"ram-and-flash","persistentStorageEncryptionType":"customer-managed-key",
			"persistentStorageEncryptionKeys":{},"cloudProviders":[{"cloudAccountId":101,"regions":[{"region":"us-east-2","networking":{"securityGroupId":"sg-1"}}]}],
			"databases":[{"name":"a","ramPercentage":30,"modules":[{"name":"RediSearch","parameters":{"b":2,"a":"x"}},{"name":"RedisJSON"}]},{"name":"b"}]}`)
		const path = "/subscriptions/120001"
		require.NotContains(t, r.get(path), "prometheusEndpoint")
		time.Sleep(5 * time.Second)
		sub := r.get(path)
		require.Contains(t, sub["prometheusEndpoint"], "c120001.")
		cloud := objects(sub, "cloudDetails")[0]
		require.Equal(t, "100000000101", cloud["awsAccountId"])
		network := objects(objects(cloud, "regions")[0], "networking")[0]
		require.Equal(t, "sg-1", network["securityGroupId"])
		access := child(sub, "customerManagedKeyAccessDetails")
		require.Contains(t, access["redisIamRole"], "arn:aws:iam::")
		require.NotContains(t, access, "googleCustomPermissions")

		a, b := r.get(path+"/databases/51000001"), r.get(path+"/databases/51000002")
		require.Equal(t, []any{30.0, 20.0}, []any{a["ramPercentage"], b["ramPercentage"]})
		require.Equal(t, []any{"Standard", "7.4"}, []any{a["queryPerformanceFactor"], a["redisVersionCompliance"]})
		modules := objects(a, "modules")
		require.Equal(t, []any{object{"name": "a", "value": "x"}, object{"name": "b", "value": "2"}}, modules[0]["parameters"])
		require.Equal(t, []any{}, modules[1]["parameters"])

		r.complete("POST", "/subscriptions", `{"name":"g","persistentStorageEncryptionType":"customer-managed-key",
			"cloudProviders":[{"provider":"GCP","regions":[{"region":"europe-west1"}]}],"databases":[{"name":"a"}]}`)
		sub = r.get("/subscriptions/120002")
		access = child(sub, "customerManagedKeyAccessDetails")
		require.NotEmpty(t, access["googleCustomPermissions"])
		require.NotContains(t, access, "redisIamRole")
		cloud = objects(sub, "cloudDetails")[0]
		require.NotContains(t, cloud, "awsAccountId")
		require.NotContains(t, objects(objects(cloud, "regions")[0], "networking")[0], "securityGroupId")
		require.NotContains(t, r.get("/subscriptions/120002/databases/51000003"), "ramPercentage", "all is in RAM")

		windows := path + "/maintenance-windows"
		require.Equal(t, object{"remainingSkips": 2.0}, r.get(windows)["skipStatus"])
		r.SetStatus(windows, "skipped")
		require.Equal(t, object{"remainingSkips": 1.0, "currentSkipEnd": "2000-01-08T00:00:00.000Z"}, r.get(windows)["skipStatus"])
	})
}

func TestGCPPeeringInAnyCase(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		path := fmt.Sprintf("/subscriptions/%d/peerings", r.AddGCPSubscription("s"))
		for i, provider := range []string{"gcp", "GCP", "Gcp"} {
			r.complete("POST", path, fmt.Sprintf(`{"provider":%q,"vpcProjectUid":"p%d","vpcNetworkName":"n"}`, provider, i))
		}
		require.Len(t, r.resource(path)["peerings"], 3)
	})
}

func TestPlansWithoutPrice(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		const all = "/fixed/subscriptions"
		r.complete("POST", all, `{"name":"free","planId":98001,"paymentMethod":"credit-card"}`)
		require.Equal(t, "2000-01-01T00:00:01Z", r.get(all + "/120001")["creationDate"])
		require.Equal(t, "FIXED_PAYMENT_INFO_NOT_ALLOWED_IN_FREE_FIXED_PLAN", r.fail("POST", all, `{"name":"b","planId":98001,"paymentMethod":"marketplace"}`))

		// A pay-as-you-go plan has no price either, and any number of
		// subscriptions.
		for _, name := range []string{"a", "b"} {
			r.complete("POST", all, fmt.Sprintf(`{"name":%q,"planId":%d,"paymentMethodId":2}`, name, PlanPayAsYouGo))
		}
		for _, id := range []int{PlanFree, PlanPayAsYouGo} {
			require.EqualValues(t, 0, r.get(fmt.Sprint("/fixed/plans/", id))["price"])
		}
		require.Equal(t, "pay-as-you-go", r.get(all + "/120002")["planType"])
		require.NotContains(t, r.get(all+"/120001"), "planType")
	})
}

func TestErrorsAsRecorded(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		failure := func(method, path, body string) object {
			return child(r.finish(method, path, body), "response")
		}
		rule := failure("POST", "/acl/redisRules", `{"name":"r","redisRule":"get keys"}`)
		require.Equal(t, "ACL_REDIS_RULE_PATTERN_NOT_VALID", child(rule, "error")["type"])
		require.Equal(t, "redis-acl-wrong-acl-rule-pattern", rule["additionalInfo"])

		sub := r.AddSubscription("s")
		r.settle("POST", "/acl/roles", fmt.Sprintf(`{"name":"role","redisRules":[{"ruleName":"Read-Only","databases":[
			{"subscriptionId":%d,"databaseId":%d}]}]}`, sub, r.AddDatabase(sub, "db")))
		user := failure("POST", "/acl/users", `{"name":"u","role":"role","password":"I do not meet requirements"}`)
		require.Equal(t, "ACL_USER_PASSWORD_NOT_VALID", child(user, "error")["type"])
		require.Equal(t, "cluster-user-password-wrong-pattern", user["additionalInfo"])

		r.SetStatus(fmt.Sprintf("/subscriptions/%d", sub), "pending")
		refused := child(failure("POST", fmt.Sprintf("/subscriptions/%d/databases", sub), `{"name":"new"}`), "error")
		require.Equal(t, []any{"SUBSCRIPTION_NOT_ACTIVE", "403 FORBIDDEN"}, []any{refused["type"], refused["status"]})
	})
}

func TestPatternsOfRules(t *testing.T) {
	for rule, want := range map[string]bool{
		"+@all  ~*": true, "+@read ~cache:* &news": true, "-@dangerous +get|x ~*": true, "%R~a* %W~b* +@all": true, "allkeys +@all": true,
		"+@read ~a:* (+@write ~b:*)": true,
		"get":                        false, "@read": false, "+get keys": false, "+@": false, "~* +": false, "*": false,
	} {
		require.Equal(t, want, isPattern(rule), rule)
	}
}

func TestDocumentForms(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		require.Equal(t, "4242", objects(r.get("/payment-methods"), "paymentMethods")[0]["creditCardEndsWith"])
		r.complete("POST", "/cloud-accounts", cloudAccountBody)
		require.Equal(t, "A***4", r.get("/cloud-accounts/101")["accessKeyId"])
		sub := r.AddSubscription("s", "us-east-1", "us-east-2")
		require.Equal(t, "********", r.get(fmt.Sprintf("/subscriptions/%d/databases/%d", sub, r.AddDatabase(sub, "crdb")))["globalPassword"])
		free := r.get(fmt.Sprint("/fixed/subscriptions/", r.AddEssentialsSubscription("free", PlanFree)))
		require.Equal(t, []any{30.0, "01-Jan-2000"}, []any{free["connections"], free["creationDate"]})
	}, WithDocumentForms())
}
