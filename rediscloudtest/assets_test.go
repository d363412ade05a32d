package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const cloudAccountBody = `{"name":"mine","provider":"AWS","accessKeyId":"AKIA4","accessSecretKey":"s3cret","consoleUsername":"me",` +
	`"consolePassword":"pa55","signInLoginUrl":"https://1.signin.aws.amazon.com/console"}`

// element returns the element with an id in the list at a path.
func (r rig) element(path, list string, id int) object {
	r.t.Helper()
	for _, e := range objects(r.get(path), list) {
		if e["id"] == float64(id) {
			return e
		}
	}
	return nil
}

// settle is like complete, and waits until the task's change has settled.
func (r rig) settle(method, path, body string) object {
	r.t.Helper()
	response := r.complete(method, path, body)
	time.Sleep(r.provisioning)
	return response
}

func TestAccountFromTheStart(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		var rules []string
		for _, rule := range objects(r.get("/acl/redisRules"), "redisRules") {
			require.Equal(t, true, rule["isDefault"])
			rules = append(rules, fmt.Sprintf("%v %v %v", rule["id"], rule["name"], rule["status"]))
		}
		require.Equal(t, []string{"7 Full-Access active", "8 Read-Write active", "9 Read-Only active"}, rules)
		accounts := r.get("/cloud-accounts")
		require.Len(t, accounts["cloudAccounts"], 1)
		require.Equal(t, "Redis Internal Resources", r.get("/cloud-accounts/1")["name"])
		for _, path := range []string{"/acl/users", "/users"} {
			require.Equal(t, []any{}, r.get(path)["users"], path)
		}
		require.Equal(t, []any{}, r.get("/acl/roles")["roles"])
	})
}

func TestLifeOfAnACLUser(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		grant := fmt.Sprintf(`[{"ruleName":"Read-Only","databases":[{"subscriptionId":%d,"databaseId":%d}]}]`, sub, r.AddDatabase(sub, "cache"))
		for _, role := range []string{"reader", "other"} {
			r.settle("POST", "/acl/roles", `{"name":"`+role+`","redisRules":`+grant+`}`)
		}
		r.submit("POST", "/acl/users", `{"name":"ann","role":"reader","password":"Pa55-word"}`)
		const path = "/acl/users/40001"
		require.Equal(t, []string{"404 1s", "pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		r.submit("PUT", path, `{"role":"other"}`)
		require.Equal(t, []string{"active 1s", "pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		require.Equal(t, "other", r.get(path)["role"])
		require.Equal(t, []any{object{"id": 40001.0, "name": "ann"}}, r.element("/acl/roles", "roles", 1002)["users"])
		r.submit("DELETE", path, "")
		require.Equal(t, []string{"active 1s", "deleting 2s", "404 2s"}, r.timeline(path, 5*time.Second))
		require.Empty(t, r.element("/acl/roles", "roles", 1002)["users"])
	}, WithRateLimit(0))
}

func TestACLRole(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		single, double := r.AddSubscription("s"), r.AddSubscription("d", "us-east-1", "eu-west-1")
		cache, crdb := r.AddDatabase(single, "cache"), r.AddDatabase(double, "crdb")
		r.complete("POST", "/acl/roles", fmt.Sprintf(`{"name":"reader","redisRules":[{"ruleName":"Read-Only","databases":[
			{"subscriptionId":%d,"databaseId":%d},{"subscriptionId":%d,"databaseId":%d,"regions":["eu-west-1"]}]}]}`, single, cache, double, crdb))
		role := r.element("/acl/roles", "roles", 1001)
		want := fmt.Sprintf(`{"id":1001,"name":"reader","status":"pending","users":[],"redisRules":[{"ruleId":9,"ruleName":"Read-Only","databases":[
			{"subscriptionId":%d,"databaseId":%d,"databaseName":"cache"},
			{"subscriptionId":%d,"databaseId":%d,"databaseName":"crdb","regions":["eu-west-1"]}]}]}`, single, cache, double, crdb)
		require.JSONEq(t, want, encode(t, role))

		// Changing a rule changes it in its roles; a deleted database
		// disappears from them.
		r.settle("POST", "/acl/redisRules", `{"name":"getter","redisRule":"+get ~*"}`)
		r.settle("PUT", "/acl/roles/1001", fmt.Sprintf(`{"redisRules":[{"ruleName":"getter","databases":[{"subscriptionId":%d,"databaseId":%d}]}]}`, single, cache))
		r.settle("PUT", "/acl/redisRules/101", `{"name":"renamed","redisRule":"+mget ~*"}`)
		require.Equal(t, "+mget ~*", r.element("/acl/redisRules", "redisRules", 101)["acl"])
		r.settle("DELETE", fmt.Sprintf("/subscriptions/%d/databases/%d", single, cache), "")
		require.JSONEq(t, `[{"ruleId":101,"ruleName":"renamed","databases":[]}]`, encode(t, r.element("/acl/roles", "roles", 1001)["redisRules"]))

		require.Equal(t, "ACL_REDIS_RULE_CANNOT_DELETE_WHEN_ASSOCIATED_WITH_ROLES", r.fail("DELETE", "/acl/redisRules/101", ""))
		r.complete("DELETE", "/acl/roles/1001", "")
		require.Equal(t, "deleting", r.element("/acl/roles", "roles", 1001)["status"])
		require.Equal(t, "ACL_ROLE_NOT_FOUND", r.fail("PUT", "/acl/roles/1001", `{"name":"x"}`))
		time.Sleep(2 * time.Second)
		require.Nil(t, r.element("/acl/roles", "roles", 1001))
		r.settle("DELETE", "/acl/redisRules/101", "")
		require.Nil(t, r.element("/acl/redisRules", "redisRules", 101))
	})
}

func TestLifeOfACloudAccount(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.submit("POST", "/cloud-accounts", cloudAccountBody)
		const path = "/cloud-accounts/101"
		require.Equal(t, []string{"404 1s", "draft 1s", "pending 1s", "active 2s"}, r.timeline(path, 5*time.Second))
		require.Equal(t, "AKIA4", r.get(path)["accessKeyId"])
		require.NotContains(t, encode(t, r.get(path)), "s3cret")
		r.submit("PUT", path, cloudAccountBody)
		require.Equal(t, []string{"active 1s", "change-draft 1s", "change-pending 1s", "active 2s"}, r.timeline(path, 5*time.Second))

		r.complete("POST", "/subscriptions", `{"cloudProviders":[{"cloudAccountId":101,"regions":[{"region":"r"}]}],"databases":[{"name":"d"}]}`)
		require.Equal(t, "CLOUD_ACCOUNT_USED", r.fail("DELETE", path, ""))
		time.Sleep(2 * time.Second)
		r.settle("DELETE", "/subscriptions/120001/databases/51000001", "")
		r.settle("DELETE", "/subscriptions/120001", "")
		r.submit("DELETE", path, "")
		require.Equal(t, []string{"active 1s", "delete-draft 2s", "404 2s"}, r.timeline(path, 5*time.Second))

		r.SetStatus(path, "error")
		r.settle("POST", "/cloud-accounts", cloudAccountBody)
		r.SetStatus("/cloud-accounts/102", "active-error")
		require.Equal(t, "active-error", r.get("/cloud-accounts/102")["status"])
	}, WithRateLimit(0))
}

func TestAccountUsers(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		path := fmt.Sprintf("/users/%d", r.AddUser("Ann", "ann@example.com", "Viewer"))
		r.complete("PUT", path, `{"name":"Ann B."}`)
		require.Equal(t, "Ann B.", r.get(path)["name"])
		require.Equal(t, "Viewer", r.get(path)["role"])
		r.complete("PUT", path, `{"name":"Ann","role":"Logs Viewer (API use only)"}`)
		require.Equal(t, "Logs Viewer (API use only)", r.get(path)["role"])
		require.Equal(t, "USER_ROLE_DOES_NOT_EXISTS", r.fail("PUT", path, `{"name":"Ann","role":"King"}`))
		require.Equal(t, "USER_NAME_IS_INVALID", r.fail("PUT", path, `{"name":" "}`))
		r.complete("DELETE", path, "")
		require.Equal(t, 404, r.status("GET", path, ""))
	})
}

func TestAssetsRefuse(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		single, double := r.AddSubscription("s"), r.AddSubscription("d", "us-east-1", "eu-west-1")
		cache := fmt.Sprintf(`{"subscriptionId":%d,"databaseId":%d`, single, r.AddDatabase(single, "cache"))
		crdb := fmt.Sprintf(`{"subscriptionId":%d,"databaseId":%d`, double, r.AddDatabase(double, "crdb"))
		role := func(rule, databases string) string {
			return `{"name":"new","redisRules":[{"ruleName":"` + rule + `","databases":[` + databases + `]}]}`
		}
		r.settle("POST", "/acl/redisRules", `{"name":"taken","redisRule":"+get"}`)
		r.settle("POST", "/acl/roles", `{"name":"taken","redisRules":[{"ruleName":"taken","databases":[]}]}`)
		r.settle("POST", "/acl/roles", `{"name":"free","redisRules":[{"ruleName":"taken","databases":[]}]}`)
		r.settle("POST", "/acl/users", `{"name":"taken","role":"taken","password":"Pa55-word"}`)
		r.settle("POST", "/cloud-accounts", cloudAccountBody)
		for _, test := range []struct{ method, path, body, want string }{
			{"POST", "/acl/users", `{"name":"taken","role":"taken","password":"Pa55-word"}`, "ACL_USER_NAME_ALREADY_EXISTS"},
			{"POST", "/acl/users", `{"name":"","role":"taken","password":"Pa55-word"}`, "ACL_USER_NAME_NOT_VALID"},
			{"POST", "/acl/users", `{"name":"new","role":"taken","password":""}`, "ACL_USER_PASSWORD_NOT_VALID"},
			{"POST", "/acl/users", `{"name":"new","role":"x","password":"Pa55-word"}`, "ACL_ROLE_DOES_NOT_EXISTS"},
			{"PUT", "/acl/users/40001", `{"password":"I do not meet requirements"}`, "ACL_USER_PASSWORD_NOT_VALID"},
			{"PUT", "/acl/users/40001", `{"role":"x"}`, "ACL_ROLE_DOES_NOT_EXISTS"},
			{"PUT", "/acl/users/1", `{}`, "ACL_USER_NOT_FOUND"},
			{"DELETE", "/acl/users/1", "", "ACL_USER_NOT_FOUND"},
			{"POST", "/acl/roles", `{"name":"taken","redisRules":[{"ruleName":"taken","databases":[]}]}`, "ACL_ROLE_NAME_ALREADY_EXISTS"},
			{"POST", "/acl/roles", `{"name":"","redisRules":[{"ruleName":"taken","databases":[]}]}`, "ACL_ROLE_NAME_NOT_VALID"},
			{"POST", "/acl/roles", `{"name":"new","redisRules":[]}`, "ACL_ROLE_REDIS_RULES_IS_MISSING"},
			{"POST", "/acl/roles", `{"name":"new","redisRules":[{"ruleName":"taken"}]}`, "ACL_ROLE_REDIS_RULES_DATABASES_SPEC_IS_MISSING"},
			{"POST", "/acl/roles", role("x", cache+"}"), "ACL_REDIS_RULE_DOES_NOT_EXISTS"},
			{"POST", "/acl/roles", role("taken", `{"subscriptionId":1,"databaseId":1}`), "SUBSCRIPTION_NOT_FOUND"},
			{"POST", "/acl/roles", role("taken", fmt.Sprintf(`{"subscriptionId":%d,"databaseId":1}`, single)), "DATABASE_NOT_FOUND"},
			{"POST", "/acl/roles", role("taken", cache+`,"regions":["us-east-1"]}`), "ACL_ROLE_REDIS_RULES_DATABASES_REGION_MUST_BE_CRDB"},
			{"POST", "/acl/roles", role("taken", crdb+`,"regions":["x"]}`), "ACL_ROLE_REDIS_RULES_DATABASES_REGION_IS_NOT_BELONGS_TO_DATABASE"},
			{"POST", "/acl/roles", role("taken", cache+"},"+cache+"}"), "ACL_ROLE_REDIS_RULE_MUST_BE_DEFINED_ONLY_ONCE_PER_DATABASE"},
			{"PUT", "/acl/roles/1002", `{"name":"taken"}`, "ACL_ROLE_NAME_ALREADY_EXISTS"},
			{"PUT", "/acl/roles/1", `{}`, "ACL_ROLE_NOT_FOUND"},
			{"DELETE", "/acl/roles/1", "", "ACL_ROLE_NOT_FOUND"},
			{"DELETE", "/acl/roles/1001", "", "ACL_ROLE_HAS_ACTIVE_USERS_AND_CANNOT_BE_DELETED"},
			{"POST", "/acl/redisRules", `{"name":"taken","redisRule":"+get"}`, "ACL_REDIS_RULE_NAME_ALREADY_EXISTS"},
			{"POST", "/acl/redisRules", `{"name":"","redisRule":"+get"}`, "ACL_REDIS_RULE_NAME_IS_MISSING"},
			{"POST", "/acl/redisRules", `{"name":"new","redisRule":""}`, "ACL_REDIS_RULE_PATTERN_IS_MISSING"},
			{"POST", "/acl/redisRules", `{"name":"new","redisRule":"+get keys"}`, "ACL_REDIS_RULE_PATTERN_NOT_VALID"},
			{"POST", "/acl/redisRules", `{"name":"new","redisRule":"@read ~*"}`, "ACL_REDIS_RULE_PATTERN_NOT_VALID"},
			{"PUT", "/acl/redisRules/101", `{"name":"new","redisRule":"+"}`, "ACL_REDIS_RULE_PATTERN_NOT_VALID"},
			{"PUT", "/acl/redisRules/7", `{"name":"new","redisRule":"+get"}`, "ACL_REDIS_RULE_CANNOT_UPDATE_DEFAULT"},
			{"DELETE", "/acl/redisRules/7", "", "ACL_REDIS_RULE_CANNOT_DELETE_DEFAULT"},
			{"DELETE", "/acl/redisRules/101", "", "ACL_REDIS_RULE_CANNOT_DELETE_WHEN_ASSOCIATED_WITH_ROLES"},
			{"DELETE", "/acl/redisRules/1", "", "ACL_REDIS_RULE_NOT_FOUND"},
			{"PUT", "/users/1", `{"name":"x"}`, "USER_NOT_FOUND"},
			{"DELETE", "/users/1", "", "USER_NOT_FOUND"},
			{"POST", "/cloud-accounts", cloudAccountBody, "CLOUD_ACCOUNT_NAME_EXISTS"},
			{"POST", "/cloud-accounts", `{"name":"x","accessKeyId":"AKIA4","accessSecretKey":"s","consoleUsername":"u","consolePassword":"p","signInLoginUrl":"l"}`, "CLOUD_ACCOUNT_ACCESS_KEY_EXISTS"},
			{"PUT", "/cloud-accounts/101", `{"accessKeyId":"","accessSecretKey":"s","consoleUsername":"u","consolePassword":"p"}`, "CLOUD_ACCOUNT_INVALID_CREDS"},
			{"PUT", "/cloud-accounts/1", cloudAccountBody, "BAD_REQUEST"},
			{"DELETE", "/cloud-accounts/1", "", "BAD_REQUEST"},
			{"DELETE", "/cloud-accounts/2", "", "CLOUD_ACCOUNT_NOT_FOUND"},
		} {
			require.Equal(t, test.want, r.fail(test.method, test.path, test.body), "%s %s %s", test.method, test.path, test.body)
		}

		// A pending rule can't be used yet.
		r.complete("POST", "/acl/redisRules", `{"name":"new","redisRule":"+get"}`)
		require.Equal(t, "ACL_REDIS_RULE_NOT_ACTIVE", r.fail("POST", "/acl/roles", role("new", cache+"}")))
		r.complete("PUT", "/acl/roles/1002", `{"name":"renamed"}`)
		require.Equal(t, "ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_UPDATED", r.fail("PUT", "/acl/roles/1002", `{}`))
		time.Sleep(2 * time.Second)
		r.complete("PUT", "/acl/roles/1002", `{"name":"free"}`)
		require.Equal(t, "ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_DELETED", r.fail("DELETE", "/acl/roles/1002", ""))
		r.complete("PUT", "/cloud-accounts/101", cloudAccountBody)
		require.Equal(t, "CLOUD_ACCOUNT_NOT_ACTIVE", r.fail("PUT", "/cloud-accounts/101", cloudAccountBody))
		r.complete("PUT", "/acl/redisRules/102", `{"name":"new","redisRule":"+set"}`)
		require.Equal(t, "ACL_REDIS_RULE_NOT_ACTIVE", r.fail("PUT", "/acl/redisRules/102", `{"name":"new","redisRule":"+get"}`))
		r.complete("PUT", "/acl/redisRules/101", `{"name":"taken","redisRule":"+set"}`)
		require.Equal(t, "ACL_REDIS_RULE_NOT_ACTIVE", r.fail("DELETE", "/acl/redisRules/101", ""))

		res, text := r.do("GET", "/acl/users/5", "")
		require.Equal(t, 404, res.StatusCode)
		require.Equal(t, "ACL user 5 not found", parse(t, text)["message"])
		for _, path := range []string{"/acl/users/x", "/users/x", "/cloud-accounts/x"} {
			require.Equal(t, 400, r.status("GET", path, ""), path)
			require.Equal(t, 400, r.status("DELETE", path, ""), path)
		}
		require.Equal(t, 405, r.status("GET", "/acl/roles/1001", ""))
		require.Equal(t, 405, r.status("POST", "/users", "{}"))
		require.Equal(t, 400, r.status("POST", "/acl/users", `{"name":"x","role":"y"}`))
		require.Equal(t, 400, r.status("POST", "/acl/roles", `{"name":"x","redisRules":[{"ruleName":"y","databases":[{"subscriptionId":"1"}]}]}`))
	}, WithRateLimit(0))
}
