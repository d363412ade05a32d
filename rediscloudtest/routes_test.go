package rediscloudtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const creation = `{"name":"plan","cloudProviders":[{"regions":[{"region":"eu-west-1"}]}],"databases":[{"name":"first"}]}`

// An operation is a request and the expected response.
type operation struct {
	method, path, body string
	status             int
	commandType        string // of a task
	want               string // the task's response, or else the names of the document's fields
}

// operate makes a request, waits for its task if there is one, and checks the
// response.
func (r rig) operate(op operation, ids *strings.Replacer) {
	r.t.Helper()
	name := op.method + " " + op.path
	res, text := r.do(op.method, ids.Replace(op.path), op.body)
	require.Equal(r.t, op.status, res.StatusCode, "%s: %s", name, text)
	if op.commandType == "" {
		if op.status != 204 {
			members := slices.Sorted(maps.Keys(parse(r.t, text)))
			require.Equal(r.t, op.want, strings.Join(members, " "), name)
		}
		return
	}
	time.Sleep(3 * time.Second)
	task := r.get("/tasks/" + parse(r.t, text)["taskId"].(string))
	require.Equal(r.t, op.commandType, task["commandType"], name)
	if report, ok := child(child(task, "response"), "resource")["costReportId"].(string); ok {
		op.want = strings.ReplaceAll(op.want, "REPORT", report)
	}
	require.JSONEq(r.t, ids.Replace(op.want), encode(r.t, task["response"]), name)
}

// requireAllUsed checks that a request was made to every chosen route.
func (r rig) requireAllUsed(chosen func(route) bool) {
	r.t.Helper()
	used := map[string]bool{}
	for _, request := range r.Requests() {
		used[request.Route] = true
	}
	for _, route := range routes {
		require.True(r.t, used[route.name()] || !chosen(route), "no request to %s", route.name())
	}
}

// TestOperations makes a request to every endpoint: SUB and DB are a
// single-region subscription and its database, AA and CRDB are Active-Active.
func TestOperations(t *testing.T) {
	const (
		sub = "/subscriptions/SUB"
		db  = sub + "/databases/DB"
		aa  = "/subscriptions/AA"
	)
	operations := []operation{
		{"GET", "/tasks", "", 200, "", "tasks"},
		{"GET", "/subscriptions", "", 200, "", "accountId links subscriptions"},
		{"POST", "/subscriptions", creation, 202, "subscriptionCreateRequest", `{"resourceId":120003}`},
		{"GET", "/subscriptions/redis-versions", "", 200, "", "redisVersions"},
		{"GET", "/subscriptions/redis-versions?subscriptionId=SUB", "", 200, "", "redisVersions"},
		{"GET", sub, "", 200, "", "cloudDetails deploymentType id links memoryStorage name numberOfDatabases " +
			"paymentMethodType prometheusEndpoint publicEndpointAccess status storageEncryption subscriptionPricing"},
		{"PUT", sub, `{"name":"new"}`, 200, "subscriptionUpdateRequest", `{}`},
		{"GET", sub + "/pricing", "", 200, "", "pricing"},
		{"GET", sub + "/maintenance-windows", "", 200, "", "mode skipStatus timeZone windows"},
		{"PUT", sub + "/maintenance-windows", `{"mode":"automatic"}`, 200, "subscriptionMaintenanceWindowsUpdateRequest",
			`{"resourceId":SUB}`},
		{"GET", sub + "/cidr", "", 202, "cidrGetRequest",
			`{"resourceId":SUB,"resource":{"cidr_ips":[],"security_group_ids":[],"errors":[]}}`},
		{"PUT", sub + "/cidr", `{"cidrIps":["10.1.1.0/32"],"securityGroupIds":["sg-1"]}`, 202, "cidrUpdateRequest",
			`{"resourceId":SUB,"resource":{"cidr_ips":["10.1.1.0/32"],"security_group_ids":["sg-1"],"errors":[]}}`},
		{"PUT", sub + "/resource-tags", `{"resourceTags":[]}`, 202, "subscriptionUpdateRequest", `{}`},
		{"GET", aa + "/regions", "", 200, "", "links regions subscriptionId"},
		{"POST", aa + "/regions", `{"region":"ap-south-1"}`, 200, "activeActiveRegionCreateRequest", `{"resourceId":AA}`},
		{"DELETE", aa + "/regions/", `{"regions":[{"region":"ap-south-1"}]}`, 200, "activeActiveRegionDeleteRequest", `{}`},
		{"GET", sub + "/databases?offset=0&limit=1", "", 200, "", "accountId links subscription"},
		{"POST", sub + "/databases", `{"name":"second"}`, 202, "databaseCreateRequest",
			`{"resourceId":51000004,"additionalResourceId":SUB}`},
		{"GET", db, "", 200, "", "activatedOn alerts autoMinorVersionUpgrade backup clustering dataEvictionPolicy dataPersistence " +
			"databaseId datasetSizeInGb dynamicEndpoints lastModified links memoryLimitInGb memoryStorage memoryUsedInMb modules " +
			"name privateEndpoint protocol provider publicEndpoint queryPerformanceFactor redisVersion redisVersionCompliance region " +
			"replica replicaOf replication respVersion security status supportOSSClusterApi throughputMeasurement useExternalEndpointForOSSClusterApi"},
		{"PUT", db, `{"datasetSizeInGb":2}`, 200, "databaseUpdateRequest", `{}`},
		{"GET", db + "/tags", "", 200, "", "accountId links tags"},
		{"PUT", db + "/tags", `{"tags":[{"key":"a","value":"1"}]}`, 200, "", "accountId links tags"},
		{"POST", db + "/tags", `{"key":"b","value":"2"}`, 200, "", "createdAt key links updatedAt value"},
		{"PUT", db + "/tags/b", `{"value":"3"}`, 200, "", "createdAt key links updatedAt value"},
		{"DELETE", db + "/tags/b", "", 200, "", ""},
		{"PUT", aa + "/databases/CRDB/regions", `{"globalPassword":"x"}`, 200, "databaseUpdateRequest", `{}`},
		{"PUT", aa + "/databases/CRDB/flush", `{}`, 200, "crdbFlushRequest", `{}`},
		{"POST", db + "/backup", `{"adhocBackupPath":"ftp://backup.test"}`, 200, "databaseBackupRequest", `{}`},
		{"GET", db + "/backup", "", 200, "databaseBackupStatusRequest",
			`{"resourceId":DB,"additionalResourceId":SUB,"resource":{"status":"success","lastBackupTime":"2000-01-01T00:00:37.000Z"}}`},
		{"GET", db + "/import", "", 200, "databaseImportStatusRequest",
			`{"resourceId":DB,"additionalResourceId":SUB,"resource":{}}`},
		{"POST", db + "/import", `{"sourceType":"ftp","importFromUri":["ftp://x"]}`, 200, "databaseImportRequest", `{}`},
		{"POST", db + "/upgrade", `{"targetRedisVersion":"8.0"}`, 200, "databaseUpgradeRequest",
			`{"resourceId":DB,"additionalResourceId":SUB}`},
		{"GET", db + "/upgrade", "", 200, "", "databaseId progress targetRedisVersion upgradeStatus"},
		{"GET", db + "/available-target-versions", "", 200, "", "targets"},
		{"GET", db + "/traffic", "", 200, "", "bdbId canResume resumeInProgress trafficStatus"},
		{"POST", db + "/traffic/resume", "", 204, "", ""},
		{"GET", db + "/slow-log", "", 200, "", "entries links"},
		{"GET", db + "/certificate", "", 200, "", "publicCertificatePEMString"},
		{"DELETE", db, "", 200, "databaseDeleteRequest", `{}`},
		{"DELETE", "/subscriptions/120004", "", 200, "subscriptionDeleteRequest", `{}`},

		{"POST", "/acl/redisRules", `{"name":"getter","redisRule":"+get ~*"}`, 202, "aclRedisRuleCreateRequest", `{"resourceId":101}`},
		{"PUT", "/acl/redisRules/101", `{"name":"getter","redisRule":"+get"}`, 202, "aclRedisRuleUpdateRequest", `{"resourceId":101}`},
		{"GET", "/acl/redisRules", "", 200, "", "accountId links redisRules"},
		{"POST", "/acl/roles", `{"name":"reader","redisRules":[{"ruleName":"getter","databases":[{"subscriptionId":120002,"databaseId":51000002}]}]}`,
			202, "aclRoleCreateRequest", `{"resourceId":1001}`},
		{"PUT", "/acl/roles/1001", `{"name":"getters"}`, 202, "aclRoleUpdateRequest", `{"resourceId":1001}`},
		{"GET", "/acl/roles", "", 200, "", "accountId links roles"},
		{"POST", "/acl/users", `{"name":"ann","role":"getters","password":"Pa55-word"}`, 202, "aclUserCreateRequest", `{"resourceId":40001}`},
		{"PUT", "/acl/users/40001", `{"password":"Pa55-wort"}`, 200, "aclUserUpdateRequest", `{"resourceId":40001}`},
		{"GET", "/acl/users", "", 200, "", "accountId links users"},
		{"GET", "/acl/users/40001", "", 200, "", "id links name role status"},
		{"DELETE", "/acl/users/40001", "", 200, "aclUserDeleteRequest", `{"resourceId":40001}`},
		{"DELETE", "/acl/roles/1001", "", 200, "aclRoleDeleteRequest", `{"resourceId":1001}`},
		{"DELETE", "/acl/redisRules/101", "", 202, "aclRedisRuleDeleteRequest", `{"resourceId":101}`},
		{"GET", "/users", "", 200, "", "account links users"},
		{"GET", "/users/60001", "", 200, "", "email hasApiKey id links name options role signUp userType"},
		{"PUT", "/users/60001", `{"name":"Ann","role":"Member"}`, 200, "userUpdateRequest", `{}`},
		{"DELETE", "/users/60001", "", 200, "userDeleteRequest", `{}`},
		{"POST", "/cloud-accounts", cloudAccountBody, 202, "cloudAccountCreateRequest", `{"resourceId":101}`},
		{"GET", "/cloud-accounts", "", 200, "", "accountId cloudAccounts links"},
		{"GET", "/cloud-accounts/101", "", 200, "", "accessKeyId awsConsoleRoleArn awsUserArn id links name provider signInLoginUrl status"},
		{"PUT", "/cloud-accounts/101", cloudAccountBody, 202, "cloudAccountUpdateRequest", `{}`},
		{"DELETE", "/cloud-accounts/101", "", 200, "cloudAccountDeleteRequest", `{}`},
		{"POST", sub + "/peerings", `{"region":"us-east-1","awsAccountId":"1","vpcId":"vpc-1"}`, 202, "peeringCreateRequest", `{"resourceId":1}`},
		{"PUT", sub + "/peerings/1", `{"vpcCidr":"10.1.0.0/24"}`, 202, "peeringUpdateRequest", `{"resourceId":1}`},
		{"DELETE", sub + "/peerings/1", "", 202, "peeringDeleteRequest", `{}`},
		{"GET", sub + "/peerings", "", 202, "vpcPeeringGetRequest", `{"resourceId":SUB,"resource":{"peerings":[]}}`},
		{"POST", aa + "/regions/peerings", `{"sourceRegion":"us-east-1","destinationRegion":"us-east-2","awsAccountId":"1","vpcId":"vpc-1"}`, 200,
			"activeActiveVpcPeeringCreateRequest", `{"resourceId":2}`},
		{"PUT", aa + "/regions/peerings/2", `{"vpcCidrs":["10.1.0.0/24"]}`, 200, "activeActiveVpcPeeringUpdateRequest", `{"resourceId":2}`},
		{"DELETE", aa + "/regions/peerings/2", "", 200, "activeActiveVpcPeeringDeleteRequest", `{}`},
		{"GET", aa + "/regions/peerings", "", 200, "activeActiveVpcPeeringGetRequest", `{"resourceId":AA,"resource":{"subscriptionId":AA,
			"regions":[{"id":1,"region":"us-east-1","vpcPeerings":[]},{"id":4,"region":"eu-west-1","vpcPeerings":[]}]}}`},
		{"PUT", sub + "/transitGateways/invitations/1/accept", "", 202, "tgwAcceptInvitationRequest", `{"resourceId":1}`},
		{"PUT", sub + "/transitGateways/invitations/2/reject", "", 202, "tgwRejectInvitationRequest", `{"resourceId":2}`},
		{"GET", sub + "/transitGateways/invitations", "", 200, "tgwInvitationsGetRequest", `{"resourceId":SUB,"resource":{"resources":[
			{"id":1,"name":"a","status":"accepted","awsAccountId":"123456789012","sharedDate":"2000-01-01T00:00:00.000Z",
				"resourceShareUid":"00000000-0000-4000-8000-000000000001"},
			{"id":2,"name":"b","status":"rejected","awsAccountId":"123456789012","sharedDate":"2000-01-01T00:00:00.000Z",
				"resourceShareUid":"00000000-0000-4000-8000-000000000002"}]}}`},
		{"POST", sub + "/transitGateways/1/attachment", "", 202, "tgwAttachmentCreateRequest", `{"resourceId":1}`},
		{"GET", sub + "/transitGateways", "", 200, "tgwGetRequest", `{"resourceId":SUB,"resource":{"tgws":[{"id":1,"awsTgwUid":"tgw-00000000000000001",
			"awsAccountId":"123456789012","status":"pending","attachmentStatus":"pending","attachmentUid":"tgw-attach-00000000000000001","cidrs":[]}]}}`},
		{"PUT", sub + "/transitGateways/1/attachment", `{"cidrs":["10.1.0.0/24"]}`, 202, "tgwUpdateCidrsRequest", `{"resourceId":1}`},
		{"DELETE", sub + "/transitGateways/1/attachment", "", 202, "tgwAttachmentDeleteRequest", `{"resourceId":1}`},
		{"PUT", aa + "/regions/1/transitGateways/invitations/3/accept", "", 202, "tgwAcceptInvitationRequest", `{"resourceId":3}`},
		{"PUT", aa + "/regions/1/transitGateways/invitations/4/reject", "", 202, "tgwRejectInvitationRequest", `{"resourceId":4}`},
		{"GET", aa + "/regions/1/transitGateways/invitations", "", 200, "tgwInvitationsGetRequest", `{"resourceId":AA,"resource":{"resources":[
			{"id":3,"name":"a","status":"accepted","awsAccountId":"123456789012","sharedDate":"2000-01-01T00:00:00.000Z",
				"resourceShareUid":"00000000-0000-4000-8000-000000000003"},
			{"id":4,"name":"b","status":"rejected","awsAccountId":"123456789012","sharedDate":"2000-01-01T00:00:00.000Z",
				"resourceShareUid":"00000000-0000-4000-8000-000000000004"}]}}`},
		{"POST", aa + "/regions/1/transitGateways/2/attachment", "", 202, "tgwAttachmentCreateRequest", `{"resourceId":2}`},
		{"GET", aa + "/regions/1/transitGateways", "", 200, "tgwGetRequest", `{"resourceId":AA,"resource":{"tgws":[{"id":2,"awsTgwUid":"tgw-00000000000000002",
			"awsAccountId":"123456789012","status":"pending","attachmentStatus":"pending","attachmentUid":"tgw-attach-00000000000000002","cidrs":[]}]}}`},
		{"PUT", aa + "/regions/1/transitGateways/2/attachment", `{"cidrs":["10.1.0.0/24"]}`, 202, "tgwUpdateCidrsRequest", `{"resourceId":2}`},
		{"DELETE", aa + "/regions/1/transitGateways/2/attachment", "", 202, "tgwAttachmentDeleteRequest", `{"resourceId":2}`},

		{"GET", "/", "", 200, "", "account links"},
		{"GET", "/logs", "", 200, "", "entries links"},
		{"GET", "/session-logs", "", 200, "", "entries links"},
		{"GET", "/payment-methods", "", 200, "", "accountId links paymentMethods"},
		{"GET", "/regions?provider=GCP", "", 200, "", "links regions"},
		{"GET", "/database-modules", "", 200, "", "links modules"},
		{"GET", "/data-persistence", "", 200, "", "dataPersistence links"},
		{"GET", "/query-performance-factors", "", 200, "", "links queryPerformanceFactors"},
		{"POST", "/cost-report", `{"startDate":"1999-12-01","endDate":"1999-12-31"}`, 202, "costReportCreateRequest",
			`{"resource":{"costReportId":"REPORT"}}`},
		{"GET", "/cost-report/none.csv", "", 404, "", "error path status timestamp"},
		{"POST", "/endpoint-redirections", `{"sourceDatabaseId":51000003,"targetDatabaseId":51000004,"endpointTargetType":"public",` +
			`"migrationProtection":true}`, 200, "",
			"duplicateACLs endpoints isRevert redirectionId sourceDatabaseId startedAt status targetDatabaseId"},
		{"GET", "/endpoint-redirections/none", "", 404, "", "error path status timestamp"},
		{"POST", "/endpoint-redirections/none/revert", "", 404, "", "error path status timestamp"},
		{"GET", "/data-integration-workspaces", "", 200, "", "workspaces"},
		{"GET", sub + "/data-integration-workspace", "", 200, "", "body method path query"},
		{"POST", sub + "/data-integration-workspace", "{}", 200, "", "body method path query"},
		{"PUT", sub + "/data-integration-workspace", "{}", 200, "", "body method path query"},
		{"PATCH", sub + "/data-integration-workspace", "{}", 200, "", "body method path query"},
		{"DELETE", sub + "/data-integration-workspace", "", 204, "", ""},
		{"GET", sub + "/data-integration-workspace/a/b", "", 200, "", "body method path query"},
		{"POST", sub + "/data-integration-workspace/a", "{}", 200, "", "body method path query"},
		{"PUT", sub + "/data-integration-workspace/a", "{}", 200, "", "body method path query"},
		{"PATCH", sub + "/data-integration-workspace/a", "{}", 200, "", "body method path query"},
		{"DELETE", sub + "/data-integration-workspace/a", "", 204, "", ""},
	}

	inBubble(t, func(t *testing.T, r rig) {
		single, double := r.AddSubscription("single"), r.AddSubscription("double", "us-east-1", "eu-west-1")
		ids := strings.NewReplacer("SUB", fmt.Sprint(single), "DB", fmt.Sprint(r.AddDatabase(single, "db")),
			"AA", fmt.Sprint(double), "CRDB", fmt.Sprint(r.AddDatabase(double, "crdb")))
		r.AddUser("Ann", "ann@example.com", "Viewer")
		for _, sub := range []int{single, double} {
			r.ShareTransitGateway(sub, "", "a")
			r.ShareTransitGateway(sub, "", "b")
		}
		for _, op := range operations {
			if op.method == "DELETE" && op.path == "/subscriptions/120004" {
				r.AddSubscription("empty")
			}
			for id, sub := range []int{single, double} { // the other side accepts
				r.AcceptPeering(sub, id+1)
				r.AcceptTransitGatewayAttachment(sub, id+1)
			}
			r.operate(op, ids)
		}
		r.requireAllUsed(func(route route) bool { return !ofEssentials(route) && !ofPrivateNetwork(route) })
		require.Len(t, routes, 169)
	})
}

func TestAnswersWithoutARoute(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		for _, test := range []struct {
			method, path string
			status       int
		}{
			{"GET", "", 404},
			{"GET", "/nowhere", 404},
			{"GET", "/tasks/../subscriptions", 404},
			{"GET", "/subscriptions//databases", 404},
			{"GET", "/subscriptions/%2e%2e", 400},
			{"GET", "/subscriptions/x", 400},
			{"GET", "/subscriptions/99999999999999999999", 400},
			{"GET", "/subscriptions/-1", 404},
			{"GET", "/subscriptions/1", 404},
			{"DELETE", "/subscriptions/1", 404},
			{"GET", "/subscriptions/1/databases/1", 404},
			{"GET", "/subscriptions/redis-versions?subscriptionId=1", 404},
			{"GET", "/fixed/subscriptions/1", 404},
			{"PATCH", "/subscriptions/1", 405},
			{"PUT", "/tasks", 405},
		} {
			res, text := r.do(test.method, test.path, "")
			require.Equal(t, test.status, res.StatusCode, "%s %s", test.method, test.path)
			document := parse(t, text)
			delete(document, "message")
			require.Equal(t, object{
				"timestamp": "2000-01-01T00:00:00.000+0000", "status": float64(test.status),
				"error": http.StatusText(test.status), "path": res.Request.URL.Path,
			}, document, test.path)
		}
		require.Equal(t, []string{"GET", "PUT", "DELETE"}, r.header("PATCH", "/subscriptions/1")["Allow"])
	})
}

func (r rig) header(method, path string) http.Header {
	res, _ := r.do(method, path, "")
	return res.Header
}

func TestMalformedBodies(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := fmt.Sprintf("/subscriptions/%d", r.AddSubscription("s"))
		for body, message := range map[string]string{
			``:                              "the body is not a JSON object",
			`null`:                          "the body is null",
			`[]`:                            "the body is not a JSON object",
			`7`:                             "the body is not a JSON object",
			`{"name":"x"`:                   "the body is not a JSON object",
			`{"name":"x"} {}`:               "there is data after the body",
			`{}`:                            "missing name",
			`{"name":null}`:                 "missing name",
			`{"name":5}`:                    "name has the wrong type",
			`{"name":"x","modules":[null]}`: "modules has the wrong type",
			`{"name":"x","replica":{"syncSources":"x"}}`: "syncSources has the wrong type",
			`{"name":"x","datasetSizeInGb":1e999}`:       "datasetSizeInGb has the wrong type",
		} {
			res, text := r.do("POST", sub+"/databases", body)
			require.Equal(t, 400, res.StatusCode, body)
			require.Equal(t, message, parse(t, text)["message"], body)
		}
		for _, body := range []string{
			`{"cloudProviders":[],"databases":[{"name":"x"}]}`,
			`{"cloudProviders":[{}],"databases":[{"name":"x"}]}`,
			`{"cloudProviders":[{"regions":[{}]}],"databases":[{"name":"x"}]}`,
			`{"cloudProviders":[{"regions":[{"region":"r"}]}],"databases":[{}]}`,
			`{"cloudProviders":[{"regions":[{"region":"r"}]}]}`,
		} {
			require.Equal(t, 400, r.status("POST", "/subscriptions", body), body)
		}
		require.Equal(t, 413, r.status("POST", sub+"/databases", strings.Repeat(" ", maxBody+1)))
		require.Empty(t, r.Tasks())
	})
}

func TestWrongKeys(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		req := r.request(t, "GET", "/subscriptions", "")
		req.Header.Set("x-api-key", "other")
		res, err := r.Client().Do(req)
		require.NoError(t, err)
		require.Equal(t, 401, res.StatusCode)
		require.Equal(t, "text/html", res.Header.Get("Content-Type"))
		require.EqualValues(t, 7, r.get("/subscriptions")["accountId"])
	}, WithKeys("mine", "secret"), WithAccountID(7))
}
