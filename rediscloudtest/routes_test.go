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

// TestOperations makes a request to every endpoint: SUB and DB are a single-region subscription and its database, AA and CRDB are
// Active-Active.
func TestOperations(t *testing.T) {
	const (
		sub = "/subscriptions/SUB"
		db  = sub + "/databases/DB"
		aa  = "/subscriptions/AA"
	)
	operations := []struct {
		method, path, body string
		status             int
		commandType        string // of a task
		want               string // the response of the task, or else the names of the document's members
	}{
		{"GET", "/tasks", "", 200, "", "tasks"},
		{"GET", "/subscriptions", "", 200, "", "accountId links subscriptions"},
		{"POST", "/subscriptions", creation, 202, "subscriptionCreateRequest", `{"resourceId":120003}`},
		{"GET", "/subscriptions/redis-versions", "", 200, "", "redisVersions"},
		{"GET", "/subscriptions/redis-versions?subscriptionId=SUB", "", 200, "", "redisVersions"},
		{"GET", sub, "", 200, "", "cloudDetails deploymentType id links memoryStorage name numberOfDatabases " +
			"paymentMethodType publicEndpointAccess status storageEncryption subscriptionPricing"},
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
			"name privateEndpoint protocol provider publicEndpoint redisVersion region replica replicaOf replication respVersion " +
			"security status supportOSSClusterApi throughputMeasurement useExternalEndpointForOSSClusterApi"},
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
	}

	inBubble(t, func(t *testing.T, r rig) {
		single, double := r.AddSubscription("single"), r.AddSubscription("double", "us-east-1", "eu-west-1")
		ids := strings.NewReplacer("SUB", fmt.Sprint(single), "DB", fmt.Sprint(r.AddDatabase(single, "db")),
			"AA", fmt.Sprint(double), "CRDB", fmt.Sprint(r.AddDatabase(double, "crdb")))
		for _, op := range operations {
			if op.method == "DELETE" && op.path == "/subscriptions/120004" {
				r.AddSubscription("empty")
			}
			path, name := ids.Replace(op.path), op.method+" "+op.path
			res, text := r.do(op.method, path, op.body)
			require.Equal(t, op.status, res.StatusCode, "%s: %s", name, text)
			if op.commandType == "" {
				if op.status != 204 {
					members := slices.Sorted(maps.Keys(parse(t, text)))
					require.Equal(t, op.want, strings.Join(members, " "), name)
				}
				continue
			}
			time.Sleep(3 * time.Second)
			task := r.get("/tasks/" + parse(t, text)["taskId"].(string))
			require.Equal(t, op.commandType, task["commandType"], name)
			require.JSONEq(t, ids.Replace(op.want), encode(t, task["response"]), name)
		}

		used := map[string]bool{}
		for _, request := range r.Requests() {
			used[request.Route] = true
		}
		for _, route := range routes {
			require.True(t, used[route.name()] || ofPrivateNetwork(route), "no request to %s", route.name())
		}
		require.Len(t, routes, 72)
	})
}

func TestAnswersWithoutARoute(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		for _, test := range []struct {
			method, path string
			status       int
		}{
			{"GET", "", 404},
			{"GET", "/", 404},
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
			{"GET", "/fixed/subscriptions", 404},
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
			`{"name":"x"} {}`:               "the body goes on after its end",
			`{}`:                            "name is missing",
			`{"name":null}`:                 "name is missing",
			`{"name":5}`:                    "name is of the wrong type",
			`{"name":"x","modules":[null]}`: "modules is of the wrong type",
			`{"name":"x","replica":{"syncSources":"x"}}`: "syncSources is of the wrong type",
			`{"name":"x","datasetSizeInGb":1e999}`:       "datasetSizeInGb is of the wrong type",
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
