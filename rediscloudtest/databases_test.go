package rediscloudtest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDatabaseDocument(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s", "eu-west-1")
		r.complete("POST", fmt.Sprintf("/subscriptions/%d/databases", id), `{
			"name": "cache", "protocol": "redis", "port": 12000, "datasetSizeInGb": 2.50, "redisVersion": "8.0", "respVersion": "resp3",
			"supportOSSClusterApi": true, "dataPersistence": "snapshot-every-1-hour", "dataEvictionPolicy": "noeviction",
			"replication": false, "replicaOf": ["redis://a:1"], "password": "pw", "sourceIp": ["10.0.0.0/8"], "enableTls": true,
			"clientTlsCertificates": [{"publicCertificatePEMString": "pem"}], "queryPerformanceFactor": "2x",
			"throughputMeasurement": {"by": "operations-per-second", "value": 25000}, "shardingType": "custom-regex-rules",
			"replica": {"syncSources": [{"endpoint": "redis://b:1", "encryption": true}]},
			"alerts": [{"name": "dataset-size", "value": 0}, {"name": "latency", "value": 7}], "modules": [{"name": "RedisJSON"}],
			"remoteBackup": {"active": true, "interval": "every-12-hours", "timeUTC": "14:00", "storageType": "ftp", "storagePath": "ftp://b"},
			"somethingNew": {"a": [1, 2.0]}
		}`)
		path := "/subscriptions/120001/databases/51000001"
		pending := r.get(path)
		for _, name := range []string{"publicEndpoint", "privateEndpoint", "dynamicEndpoints", "activatedOn"} {
			require.NotContains(t, pending, name)
		}
		time.Sleep(2 * time.Second)
		_, text := r.do("GET", path, "")
		require.JSONEq(t, `{
			"databaseId": 51000001, "name": "cache", "protocol": "redis", "provider": "AWS", "region": "eu-west-1",
			"redisVersion": "8.0", "redisVersionCompliance": "8.0", "respVersion": "resp3", "status": "active", "datasetSizeInGb": 2.5, "memoryLimitInGb": 2.5,
			"memoryUsedInMb": 1, "memoryStorage": "ram", "supportOSSClusterApi": true, "useExternalEndpointForOSSClusterApi": false,
			"dataPersistence": "snapshot-every-1-hour", "replication": false, "dataEvictionPolicy": "noeviction",
			"throughputMeasurement": {"by": "operations-per-second", "value": 25000}, "autoMinorVersionUpgrade": true,
			"queryPerformanceFactor": "2x", "somethingNew": {"a": [1, 2.0]},
			"activatedOn": "2000-01-01T00:00:03.000Z", "lastModified": "2000-01-01T00:00:01.000Z",
			"publicEndpoint": "redis-12000.c120001.eu-west-1-1.rediscloud.test:12000",
			"privateEndpoint": "redis-12000.internal.c120001.eu-west-1-1.rediscloud.test:12000",
			"dynamicEndpoints": {
				"public": "redis-12000.c120001.eu-west-1-1.rediscloud.test:12000",
				"private": "redis-12000.internal.c120001.eu-west-1-1.rediscloud.test:12000"},
			"replicaOf": {"endpoints": ["redis://a:1"]},
			"replica": {"syncSources": [{"endpoint": "redis://b:1", "encryption": true}]},
			"clustering": {"numberOfShards": 1, "hashingPolicy": "custom", "regexRules": [
				{"ordinal": 0, "pattern": ".*\\{(?<tag>.*)\\}.*"}, {"ordinal": 1, "pattern": "(?<tag>.*)"}]},
			"security": {"enableDefaultUser": true, "password": "pw", "sslClientAuthentication": false,
				"tlsClientAuthentication": true, "enableTls": true, "sourceIps": ["10.0.0.0/8"]},
			"modules": [{"id": 10, "name": "RedisJSON", "capabilityName": "RedisJSON", "version": "8.0.0",
				"description": "The capability RedisJSON.", "parameters": []}],
			"alerts": [{"id": "51000001-1", "name": "dataset-size", "value": 0, "defaultValue": 80},
				{"id": "51000001-2", "name": "latency", "value": 7, "defaultValue": 80}],
			"backup": {"enableRemoteBackup": true, "interval": "every-12-hours", "timeUTC": "02:00", "destination": "ftp://b"},
			"links": [{"rel": "self", "type": "GET", "href": "https://api.redislabs.com/v1/subscriptions/120001/databases/51000001"}]
		}`, text)
	})
}

func TestUpdateDatabase(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		path := fmt.Sprintf("/subscriptions/%d/databases/%d", id, r.AddDatabase(id, "first"))
		r.AddDatabase(id, "second")
		r.complete("PUT", path, `{"memoryLimitInGb":4,"periodicBackupPath":"ftp://a","sourceIp":["1.1.1.1/32"],"regexRules":["x"],
			"alerts":[{"name":"latency","value":1}],"clientSslCertificate":"pem","supportOSSClusterApi":true}`)
		db := r.get(path)
		require.Equal(t, []any{2.0, 4.0}, []any{db["datasetSizeInGb"], db["memoryLimitInGb"]})
		require.Equal(t, object{"enableRemoteBackup": true, "interval": "every-24-hours", "timeUTC": "", "destination": "ftp://a"}, db["backup"])
		require.Equal(t, true, db["security"].(object)["sslClientAuthentication"])
		require.Len(t, db["security"].(object)["password"], 32)
		require.Equal(t, true, db["supportOSSClusterApi"])

		r.complete("PUT", path, `{"datasetSizeInGb":3,"remoteBackup":{"active":true,"storagePath":"ftp://b"},"sourceIp":[],"alerts":[],
			"supportOSSClusterApi":null,"enableTls":false,"enableDefaultUser":false}`)
		db = r.get(path)
		require.Equal(t, []any{3.0, 6.0}, []any{db["datasetSizeInGb"], db["memoryLimitInGb"]})
		require.Equal(t, "ftp://b", db["backup"].(object)["destination"])
		require.Equal(t, []any{"0.0.0.0/0"}, db["security"].(object)["sourceIps"])
		require.Equal(t, false, db["security"].(object)["sslClientAuthentication"])
		require.Equal(t, false, db["security"].(object)["enableDefaultUser"])
		require.Empty(t, db["alerts"])
		require.Equal(t, true, db["supportOSSClusterApi"], "null changes nothing")

		r.complete("PUT", path, `{"remoteBackup":{"interval":"every-1-hours"}}`)
		require.Equal(t, object{"enableRemoteBackup": true, "interval": "every-1-hours", "timeUTC": "", "destination": "ftp://b"},
			r.get(path)["backup"])

		for body, want := range map[string]string{
			`{"name":"second"}`: "DATABASE_NAME_EXISTS",
			`{"name":""}`:       "DATABASE_INVALID_NAME",
			`{"name":"` + strings.Repeat("x", 41) + `"}`: "DATABASE_NAME_TOO_LONG",
			`{"memoryLimitInGb":1,"datasetSizeInGb":1}`:  "DATABASE_SIZE_LIMIT_INVALID_TOO_MANY_MEMORY_SPECIFICATIONS",
			`{"datasetSizeInGb":1e308}`:                  "DATABASE_SIZE_TOO_BIG",
			`{"datasetSizeInGb":0}`:                      "DATABASE_SIZE_TOO_SMALL",
			`{"datasetSizeInGb":-1e300}`:                 "DATABASE_SIZE_TOO_SMALL",
			`{"password":"p","enableDefaultUser":false}`: "DISABLING_THE_DEFAULT_USER_AND_UPDATING_A_NEW_PASSWORD_IS_NOT_ALLOWED",
		} {
			require.Equal(t, want, r.fail("PUT", path, body), body)
		}
		require.Equal(t, "UPDATING_LOCAL_PROPERTIES_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION", r.fail("PUT", path+"/regions", `{}`))
		require.Equal(t, "CRDB_FLUSH_ACTION_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION", r.fail("PUT", path+"/flush", ``))
	}, WithLenientSubscriptions())
}

func TestPagesOfDatabases(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		path := fmt.Sprintf("/subscriptions/%d/databases", id)
		atEnd := func(query string) {
			t.Helper()
			res, text := r.do("GET", path+query, "")
			require.Equal(t, 404, res.StatusCode)
			require.Empty(t, text)
		}
		atEnd("")
		for i := range 5 {
			r.AddDatabase(id, fmt.Sprint("db", i))
		}
		for query, want := range map[string]string{
			"": "[1 2 3 4 5]", "?offset=2": "[3 4 5]", "?limit=2": "[1 2]", "?offset=4&limit=2": "[5]", "?offset=2147483647&limit=1": "",
			fmt.Sprintf("?offset=%d&limit=%[1]d", math.MaxInt32): "", fmt.Sprintf("?offset=1&limit=%d", math.MaxInt32): "[2 3 4 5]",
		} {
			if want == "" {
				atEnd(query)
				continue
			}
			wrapper := r.get(path + query)["subscription"].([]any)[0].(object)
			require.EqualValues(t, 5, wrapper["numberOfDatabases"])
			var got []int
			for _, db := range wrapper["databases"].([]any) {
				got = append(got, int(db.(object)["databaseId"].(float64))-51000000)
				require.NotContains(t, db.(object)["security"], "password")
			}
			require.Equal(t, want, fmt.Sprint(got), query)
		}
		atEnd("?offset=5")
		for _, query := range []string{"?offset=-1", "?limit=0", "?limit=x", "?offset=99999999999"} {
			require.Equal(t, 400, r.status("GET", path+query, ""), query)
		}
	})
}

func TestPlanOfASubscription(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		const clouds = `"cloudProviders":[{"provider":"GCP","cloudAccountId":7,"resourceTags":[{"key":"k","value":"v"}],"regions":[{
			"region":"r1","multipleAvailabilityZones":true,"preferredAvailabilityZones":["z"],
			"networking":{"deploymentCIDR":"10.9.0.0/24","vpcId":"vpc-1","subnetIds":["s1","s2"]}}]}]`
		r.complete("POST", "/subscriptions", `{"name":"x","paymentMethod":"marketplace","paymentMethodId":5,"memoryStorage":"ram-and-flash",
			"publicEndpointAccess":false,"databases":[{"name":"a","quantity":2},{"name":"b","datasetSizeInGb":0.5}],`+clouds+`}`)
		require.Len(t, r.Databases(120001), 3)
		sub := r.get("/subscriptions/120001")
		delete(sub, "subscriptionPricing")
		delete(sub, "links")
		require.JSONEq(t, `{
			"id": 120001, "name": "x", "status": "pending", "deploymentType": "single-region", "paymentMethodId": 5,
			"paymentMethodType": "marketplace", "publicEndpointAccess": false, "memoryStorage": "ram-and-flash",
			"numberOfDatabases": 3, "storageEncryption": false,
			"cloudDetails": [{"provider": "GCP", "cloudAccountId": 7, "totalSizeInGb": 2.5, "links": [],
				"resourceTags": [{"key": "k", "value": "v"}],
				"regions": [{"region": "r1", "multipleAvailabilityZones": true, "preferredAvailabilityZones": ["z"], "networking": [
					{"deploymentCIDR": "10.9.0.0/24", "vpcId": "vpc-1", "subnetId": "s1"},
					{"deploymentCIDR": "10.9.0.0/24", "vpcId": "vpc-1", "subnetId": "s2"}]}]}]
		}`, encode(t, sub))

		time.Sleep(r.provisioning)
		r.complete("PUT", "/subscriptions/120001/resource-tags", `{"resourceTags":[]}`)
		require.Equal(t, []any{}, r.get("/subscriptions/120001")["cloudDetails"].([]any)[0].(object)["resourceTags"])
		require.Equal(t, 400, r.status("PUT", "/subscriptions/120001/resource-tags", `{"resourceTags":null}`))

		for databases, want := range map[string]string{
			`[]`:                              "SUBSCRIPTION_MUST_HAVE_AT_LEAST_ONE_DATABASE",
			`[{"name":"a"},{"name":"a"}]`:     "DATABASE_NAME_DUPLICATE",
			`[{"name":"a","quantity":0}]`:     "DATABASE_INVALID_QUANTITY",
			`[{"name":"a","quantity":1e300}]`: "DATABASE_INVALID_QUANTITY",
		} {
			require.Equal(t, want, r.fail("POST", "/subscriptions", `{"databases":`+databases+`,`+clouds+`}`), databases)
		}
		require.Equal(t, "SINGLE_REGION_SUBSCRIPTION_MUST_DEFINE_ONLY_ONE_REGION", r.fail("POST", "/subscriptions",
			`{"databases":[{"name":"a"}],"cloudProviders":[{"regions":[{"region":"r1"},{"region":"r2"}]}]}`))
		require.Len(t, r.Subscriptions(), 1)
	})
}

func TestDryRun(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		single, double := r.AddSubscription("single"), r.AddSubscription("double", "r1", "r2")
		db := fmt.Sprintf("/subscriptions/%d/databases/%d", single, r.AddDatabase(single, "db"))
		crdb := fmt.Sprintf("/subscriptions/%d/databases/%d", double, r.AddDatabase(double, "crdb"))
		aa := fmt.Sprintf("/subscriptions/%d", double)
		before := encode(t, []object{r.get(db), r.get(crdb), r.get("/subscriptions"), r.get(aa + "/regions")})
		for _, test := range []struct{ method, path, body, name string }{
			{"POST", "/subscriptions", `{"dryRun":true,` + creation[1:], "first"},
			{"POST", fmt.Sprintf("/subscriptions/%d/databases", single), `{"dryRun":true,"name":"new"}`, "new"},
			{"PUT", db, `{"dryRun":true,"datasetSizeInGb":5}`, "db"},
			{"PUT", crdb + "/regions", `{"dryRun":true,"name":"other"}`, "other"},
			{"POST", aa + "/regions", `{"dryRun":true,"region":"r3","databases":[{"name":"crdb"}]}`, "crdb"},
			{"DELETE", aa + "/regions", `{"dryRun":true,"regions":[{"region":"r1"}]}`, ""},
		} {
			response := r.complete(test.method, test.path, test.body)
			require.NotContains(t, response, "resourceId")
			prices := response["resource"].(object)["pricing"].([]any)
			if test.name != "" {
				require.JSONEq(t, `{"databaseName": "`+test.name+`", "type": "Shards", "typeDetails": "high-throughput", "quantity": 1,
					"quantityMeasurement": "shards", "pricePerUnit": 0.124, "priceCurrency": "USD", "pricePeriod": "hour"}`, encode(t, prices[0]))
			}
		}
		require.JSONEq(t, before, encode(t, []object{r.get(db), r.get(crdb), r.get("/subscriptions"), r.get(aa + "/regions")}))
	})
}

func TestEndpointFunc(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		db := r.get(fmt.Sprintf("/subscriptions/%d/databases/%d", id, r.AddDatabase(id, "d")))
		require.Equal(t, "127.0.0.1:1", db["publicEndpoint"])
		require.Equal(t, "51000001:2", db["privateEndpoint"])
	}, WithEndpointFunc(func(id int) (string, string) { return "127.0.0.1:1", fmt.Sprint(id, ":2") }))
}

func TestCertificate(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		db := fmt.Sprintf("/subscriptions/%d/databases/%d", id, r.AddDatabase(id, "d"))
		require.Equal(t, "a certificate", r.get(db + "/certificate")["publicCertificatePEMString"])
	}, WithCertificate("a certificate"))
}

func TestBackups(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		db := fmt.Sprintf("/subscriptions/%d/databases/%d", id, r.AddDatabase(id, "d"))
		require.Equal(t, "DATABASE_BACKUP_DISABLED", r.fail("GET", db+"/backup", ""))
		require.Equal(t, "DATABASE_BACKUP_DISABLED", r.fail("POST", db+"/backup", ""))
		r.complete("PUT", db, `{"remoteBackup":{"active":true,"storagePath":"ftp://a"}}`)
		require.Equal(t, object{}, r.complete("GET", db+"/backup", "")["resource"])
		r.complete("POST", db+"/backup", "")
		require.Equal(t, object{"status": "success", "lastBackupTime": "2000-01-01T00:00:05.000Z"},
			r.complete("GET", db+"/backup", "")["resource"])
		require.Equal(t, "BACKUP_STATUS_REGION_NAME_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
			r.fail("GET", db+"/backup?regionName=x", ""))
	})
}

func TestTags(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		tags := fmt.Sprintf("/subscriptions/%d/databases/%d/tags", id, r.AddDatabase(id, "d"))
		_, text := r.do("POST", tags, `{"key":"a/b c","value":"1"}`)
		require.JSONEq(t, `{"key":"a/b c","value":"1","createdAt":"2000-01-01T00:00:00.000Z","updatedAt":"2000-01-01T00:00:00.000Z",
			"links":[{"rel":"self","type":"GET","href":"https://api.redislabs.com/v1/subscriptions/120001/databases/51000001/tags"}]}`, text)
		require.Equal(t, 409, r.status("POST", tags, `{"key":"a/b c","value":"2"}`))
		time.Sleep(time.Second)
		require.Equal(t, 200, r.status("PUT", tags+"/a%2Fb%20c", `{"value":"2"}`))
		r.status("PUT", tags, `{"tags":[{"key":"x","value":"9"},{"key":"a/b c","value":"3"}]}`)
		_, text = r.do("GET", tags, "")
		require.JSONEq(t, `{"accountId":1001,
			"tags":[
				{"key":"x","value":"9","createdAt":"2000-01-01T00:00:01.000Z","updatedAt":"2000-01-01T00:00:01.000Z","links":[]},
				{"key":"a/b c","value":"3","createdAt":"2000-01-01T00:00:00.000Z","updatedAt":"2000-01-01T00:00:01.000Z","links":[]}],
			"links":[{"rel":"self","type":"GET","href":"https://api.redislabs.com/v1/subscriptions/120001/databases/51000001/tags"}]}`, text)
		require.Equal(t, 400, r.status("PUT", tags, `{"tags":[{"key":"x","value":"1"},{"key":"x","value":"2"}]}`))
		require.Equal(t, 400, r.status("PUT", tags, `{"tags":[{"key":"x"}]}`))
		require.Equal(t, 404, r.status("PUT", tags+"/none", `{"value":"2"}`))
		require.Equal(t, 404, r.status("DELETE", tags+"/none", ""))
		require.Equal(t, 200, r.status("DELETE", tags+"/x", ""))
		require.Len(t, r.get(tags)["tags"], 1)
		r.status("PUT", tags, `{"tags":[]}`)
		require.Empty(t, r.get(tags)["tags"])
	})
}

func TestMaintenanceWindows(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		path := fmt.Sprintf("/subscriptions/%d/maintenance-windows", r.AddSubscription("s"))
		r.complete("PUT", path, `{"mode":"manual","windows":[{"startHour":0,"durationInHours":4,"days":["Monday"]}]}`)
		_, text := r.do("GET", path, "")
		require.JSONEq(t, `{"mode":"manual","timeZone":"Etc/UTC","skipStatus":{"remainingSkips":2},
			"windows":[{"startHour":0,"durationInHours":4,"days":["Monday"]}]}`, text)
		require.Equal(t, "MAINTENANCE_WINDOW_MANUAL_MODE_WITH_NO_MAINTENANCE_WINDOWS", r.fail("PUT", path, `{"mode":"manual"}`))
		require.Equal(t, "MAINTENANCE_WINDOW_AUTOMATIC_MODE_WITH_MAINTENANCE_WINDOWS", r.fail("PUT", path, `{"mode":"automatic","windows":[{}]}`))
		require.Equal(t, "MAINTENANCE_WINDOW_INVALID_MAINTENANCE_WINDOW_MODE_PROVIDED", r.fail("PUT", path, `{"mode":"x"}`))
	})
}
