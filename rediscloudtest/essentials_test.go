package rediscloudtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func ofEssentials(r route) bool { return strings.HasPrefix(r.pattern, "/fixed/") }

// TestEssentialsOperations makes a request to every endpoint of Essentials.
func TestEssentialsOperations(t *testing.T) {
	const (
		sub         = "/fixed/subscriptions/SUB"
		db          = sub + "/databases/DB"
		onlyIDs     = `{"resourceId":DB,"additionalResourceId":SUB}`
		planMembers = "availability cidrAllowRules connections customerSupport datasetSize id links maximumBandwidthGB maximumDatabases " +
			"maximumThroughput name price priceCurrency pricePeriod provider redisFlex region regionId size sizeMeasurementUnit " +
			"supportClustering supportDataPersistence supportInstantAndDailyBackups supportReplication supportSsl supportedAlerts"
	)
	operations := []operation{
		{"GET", "/fixed/plans", "", 200, "", "links plans"},
		{"GET", "/fixed/plans?provider=AZURE&redisFlex=false", "", 200, "", "links plans"},
		{"GET", "/fixed/plans/98183", "", 200, "", planMembers},
		{"GET", "/fixed/plans/subscriptions/SUB", "", 200, "", "links plans"},
		{"GET", "/fixed/redis-versions?subscriptionId=SUB", "", 200, "", "redisVersions"},
		{"GET", "/fixed/subscriptions", "", 200, "", "accountId links subscriptions"},
		{"POST", "/fixed/subscriptions", `{"name":"new","planId":98183}`, 202, "fixedSubscriptionCreateRequest", `{"resourceId":120002}`},
		{"GET", sub, "", 200, "", "availability cidrAllowRules connections creationDate customerSupport databaseStatus id links " +
			"maximumDatabases name paymentMethodType planId planName price priceCurrency pricePeriod provider region size " +
			"sizeMeasurementUnit status supportClustering supportDataPersistence supportInstantAndDailyBackups supportReplication"},
		{"PUT", sub, `{"name":"other"}`, 202, "fixedSubscriptionUpdateRequest", `{"resourceId":SUB}`},
		{"GET", sub + "/databases", "", 200, "", "accountId links subscription"},
		{"POST", sub + "/databases", `{"name":"second"}`, 200, "fixedDatabaseCreateRequest",
			`{"resourceId":51000002,"additionalResourceId":SUB}`},
		{"GET", db, "", 200, "", "activatedOn alerts backup clustering dataEvictionPolicy dataPersistence databaseId dynamicEndpoints " +
			"lastModified links memoryLimitMeasurementUnit memoryStorage memoryUsedInMb modules name networkMonthlyUsageInByte " +
			"planDatasetSize planMemoryLimit privateEndpoint protocol provider publicEndpoint redisFlex redisVersion redisVersionCompliance region replica " +
			"replicaAsSourceEndpoints replicaOf replication respVersion security status supportOSSClusterApi " +
			"useExternalEndpointForOSSClusterApi"},
		{"PUT", db, `{"name":"renamed"}`, 200, "fixedDatabaseUpdateRequest", onlyIDs},
		{"GET", db + "/tags", "", 200, "", "accountId links tags"},
		{"PUT", db + "/tags", `{"tags":[{"key":"a","value":"1"}]}`, 200, "", "accountId links tags"},
		{"POST", db + "/tags", `{"key":"b","value":"2"}`, 200, "", "createdAt key links updatedAt value"},
		{"PUT", db + "/tags/b", `{"value":"3"}`, 200, "", "createdAt key links updatedAt value"},
		{"DELETE", db + "/tags/b", "", 200, "", ""},
		{"POST", db + "/backup", `{"adhocBackupPath":"ftp://backup.test"}`, 200, "fixedDatabaseBackupRequest", onlyIDs},
		{"GET", db + "/backup", "", 200, "databaseBackupStatusRequest",
			`{"resourceId":DB,"additionalResourceId":SUB,"resource":{"status":"success","lastBackupTime":"2000-01-01T00:00:13.000Z"}}`},
		{"GET", db + "/import", "", 200, "databaseImportStatusRequest",
			`{"resourceId":DB,"additionalResourceId":SUB,"resource":{}}`},
		{"POST", db + "/import", `{"sourceType":"ftp","importFromUri":["ftp://x"]}`, 200, "fixedDatabaseImportRequest", onlyIDs},
		{"POST", db + "/upgrade", `{"targetRedisVersion":"8.0"}`, 200, "fixedDatabaseUpgradeRedisVersionRequest", onlyIDs},
		{"GET", db + "/upgrade", "", 200, "", "databaseId progress targetRedisVersion upgradeStatus"},
		{"GET", db + "/available-target-versions", "", 200, "", "targets"},
		{"GET", db + "/traffic", "", 200, "", "bdbId canResume resumeInProgress trafficStatus"},
		{"POST", db + "/traffic/resume", "", 204, "", ""},
		{"GET", db + "/slow-log", "", 200, "", "entries links"},
		{"DELETE", db, "", 200, "fixedDatabaseDeleteRequest", onlyIDs},
		{"DELETE", "/fixed/subscriptions/120002", "", 200, "fixedSubscriptionDeleteRequest", `{"resourceId":120002}`},
	}
	inBubble(t, func(_ *testing.T, r rig) {
		sub := r.AddEssentialsSubscription("essentials", PlanStandard)
		ids := strings.NewReplacer("SUB", fmt.Sprint(sub), "DB", fmt.Sprint(r.AddDatabase(sub, "db")))
		for _, op := range operations {
			r.operate(op, ids)
		}
		r.requireAllUsed(ofEssentials)
	})
}

func TestEssentialsDatabaseDocument(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		databases := fmt.Sprintf("/fixed/subscriptions/%d/databases", r.AddEssentialsSubscription("s", PlanPayAsYouGo))
		r.complete("POST", databases, `{
			"name": "cache", "protocol": "redis", "datasetSizeInGb": 2.5, "enableDatabaseClustering": true, "numberOfShards": 2,
			"regexRules": ["x"], "dataPersistence": "aof-every-1-second", "periodicBackupPath": "ftp://b", "password": "pw",
			"sourceIps": ["10.0.0.0/8"], "enableTls": true, "replica": {"syncSources": [{"endpoint": "redis://b:1"}]},
			"alerts": [{"name": "connections-limit", "value": 70}], "modules": [{"name": "RedisJSON"}]}`)
		path := databases + "/51000001"
		require.NotContains(t, r.get(path), "publicEndpoint")
		time.Sleep(2 * time.Second)
		_, text := r.do("GET", path, "")
		require.JSONEq(t, `{
			"databaseId": 51000001, "name": "cache", "protocol": "redis", "provider": "AWS", "region": "us-east-1",
			"redisVersion": "7.4", "redisVersionCompliance": "7.4", "respVersion": "resp2", "status": "active", "datasetSizeInGb": 2.5, "memoryLimitInGb": 5,
			"planMemoryLimit": 0, "planDatasetSize": 0, "memoryLimitMeasurementUnit": "GB", "memoryUsedInMb": 1,
			"networkMonthlyUsageInByte": 0, "memoryStorage": "ram", "redisFlex": false, "supportOSSClusterApi": false,
			"useExternalEndpointForOSSClusterApi": false, "dataPersistence": "aof-every-1-second", "replication": true,
			"dataEvictionPolicy": "noeviction",
			"activatedOn": "2000-01-01T00:00:03.000Z", "lastModified": "2000-01-01T00:00:01.000Z",
			"publicEndpoint": "redis-10001.c120001.us-east-1-1.rediscloud.test:10001",
			"privateEndpoint": "redis-10001.internal.c120001.us-east-1-1.rediscloud.test:10001",
			"dynamicEndpoints": {
				"public": "redis-10001.c120001.us-east-1-1.rediscloud.test:10001",
				"private": "redis-10001.internal.c120001.us-east-1-1.rediscloud.test:10001"},
			"replicaAsSourceEndpoints": {
				"public": "redis-10001.c120001.us-east-1-1.rediscloud.test:10001",
				"private": "redis-10001.internal.c120001.us-east-1-1.rediscloud.test:10001"},
			"replica": {"syncSources": [{"endpoint": "redis://b:1"}]}, "replicaOf": null,
			"clustering": {"enabled": true, "hashingPolicy": "standard", "regexRules": [{"ordinal": 0, "pattern": "x"}]},
			"security": {"defaultUserEnabled": true, "password": "pw", "sslClientAuthentication": false,
				"tlsClientAuthentication": false, "enableTls": true, "sourceIps": ["10.0.0.0/8"]},
			"modules": [{"id": 10, "name": "RedisJSON", "capabilityName": "RedisJSON", "version": "8.0.0",
				"description": "The capability RedisJSON.", "parameters": []}],
			"alerts": [{"id": "51000001-1", "name": "connections-limit", "value": 70, "defaultValue": 80}],
			"backup": {"remoteBackupEnabled": true, "interval": "every-24-hours", "destination": "ftp://b", "status": "idle"},
			"links": [{"rel": "self", "type": "GET", "href": "https://api.redislabs.com/v1/fixed/subscriptions/120001/databases/51000001"}]
		}`, text)

		r.complete("PUT", path, `{"periodicBackupPath":"","sourceIps":[],"enableDefaultUser":false,"datasetSizeInGb":3}`)
		db := r.get(path)
		require.Equal(t, object{"remoteBackupEnabled": false}, db["backup"])
		require.Equal(t, []any{"0.0.0.0/0"}, db["security"].(object)["sourceIps"])
		require.Equal(t, false, db["security"].(object)["defaultUserEnabled"])
		require.EqualValues(t, 6, db["memoryLimitInGb"])
	})
}

func TestRedisFlex(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		databases := fmt.Sprintf("/fixed/subscriptions/%d/databases", r.AddEssentialsSubscription("s", PlanRedisFlex))
		r.complete("POST", databases, `{"name":"flex"}`)
		db := r.get(databases + "/51000001")
		require.Equal(t, []any{"redis", true, "ram-and-flash"}, []any{db["protocol"], db["redisFlex"], db["memoryStorage"]})
		require.Empty(t, db["modules"])
	})
}

func TestEssentialsPlansFit(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		ids := func(path string) (ids []int) {
			for _, p := range r.get(path)["plans"].([]any) {
				ids = append(ids, int(p.(object)["id"].(float64)))
			}
			return ids
		}
		sub := r.AddEssentialsSubscription("s", PlanMultiAZ)
		require.Len(t, ids("/fixed/plans"), len(plans))
		require.Equal(t, []int{98401}, ids("/fixed/plans?provider=GCP"))
		require.Equal(t, []int{PlanRedisFlex}, ids("/fixed/plans?redisFlex=true"))
		require.Equal(t, []int{98501}, ids("/fixed/plans?provider=AZURE&redisFlex=false"))
		compatible := fmt.Sprintf("/fixed/plans/subscriptions/%d", sub)
		require.Equal(t, []int{PlanFree, PlanStandard, PlanMultiAZ, PlanPayAsYouGo, 34858}, ids(compatible))
		for i := range 3 {
			r.AddDatabase(sub, fmt.Sprint("db", i))
		}
		require.Equal(t, []int{PlanMultiAZ, PlanPayAsYouGo}, ids(compatible))

		require.Equal(t, "unlimited", r.get("/fixed/plans/98183")["connections"])
		for path, status := range map[string]int{
			"/fixed/plans?provider=x": 400, "/fixed/plans?redisFlex=x": 400, "/fixed/plans/x": 400, "/fixed/plans/1": 404,
			"/fixed/plans/subscriptions/1": 404, "/fixed/redis-versions": 400, "/fixed/redis-versions?subscriptionId=1": 404,
		} {
			require.Equal(t, status, r.status("GET", path, ""), path)
		}
		require.Zero(t, r.AddEssentialsSubscription("s", 1))
	})
}

// Pro and Essentials don't see each other.
func TestEssentialsApart(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		pro, essentials := r.AddSubscription("pro"), r.AddEssentialsSubscription("essentials", PlanStandard)
		require.Equal(t, []int{pro, essentials}, r.Subscriptions())
		require.Len(t, r.get("/subscriptions")["subscriptions"], 1)
		require.Len(t, r.get("/fixed/subscriptions")["subscriptions"], 1)
		require.Equal(t, 404, r.status("GET", fmt.Sprintf("/subscriptions/%d", essentials), ""))
		require.Equal(t, 404, r.status("GET", fmt.Sprintf("/fixed/subscriptions/%d", pro), ""))
		db := r.AddDatabase(essentials, "db")
		require.Equal(t, 404, r.status("GET", fmt.Sprintf("/subscriptions/%d/databases/%d", essentials, db), ""))
		require.Equal(t, 200, r.status("GET", fmt.Sprintf("/fixed/subscriptions/%d/databases/%d", essentials, db), ""))
	})
}

func TestLifeOfAnEssentialsSubscription(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		const all, path = "/fixed/subscriptions", "/fixed/subscriptions/120001"
		r.submit("POST", all, `{"name":"s","planId":98276,"paymentMethodId":5}`)
		require.Equal(t, []string{"404 1s", "pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		sub := r.get(path)
		require.Equal(t, []any{"Single-Zone_1GB", 5.0, "2000-01-01T00:00:01Z", "1024"},
			[]any{sub["planName"], sub["paymentMethodId"], sub["creationDate"], sub["connections"]})

		r.submit("POST", path+"/databases", `{"name":"db"}`)
		database := path + "/databases/51000001"
		require.Equal(t, []string{"404 1s", "pending 2s", "active 2s"}, r.timeline(database, 5*time.Second))
		require.Equal(t, "active", r.get(path)["databaseStatus"])
		require.Len(t, r.get(database)["modules"], 4)

		r.submit("PUT", path, fmt.Sprintf(`{"planId":%d}`, PlanMultiAZ))
		require.Equal(t, []string{"active 1s", "pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		require.EqualValues(t, PlanMultiAZ, r.get(path)["planId"])

		require.Equal(t, "SUBSCRIPTION_IN_USE", r.fail("DELETE", path, ""))
		r.submit("DELETE", database, "")
		require.Equal(t, []string{"active 1s", "delete-pending 2s", "404 2s"}, r.timeline(database, 5*time.Second))
		r.submit("DELETE", path, "")
		require.Equal(t, []string{"active 1s", "deleting 2s", "404 2s"}, r.timeline(path, 5*time.Second))
		require.Empty(t, r.Subscriptions())
	}, WithRateLimit(0))
}

func TestEssentialsFreePlan(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		const all = "/fixed/subscriptions"
		require.Equal(t, "FIXED_PAYMENT_INFO_NOT_ALLOWED_IN_FREE_FIXED_PLAN", r.fail("POST", all, `{"name":"a","planId":98001,"paymentMethodId":5}`))
		r.complete("POST", all, `{"name":"a","planId":98001}`)
		sub := r.get(all + "/120001")
		require.Equal(t, []any{"30", "2000-01-01T00:00:02Z", "no-replication"}, []any{sub["connections"], sub["creationDate"], sub["availability"]})
		require.Equal(t, "FIXED_SUBSCRIPTION_ACCOUNT_ALREADY_HAS_A_FREE_PLAN", r.fail("POST", all, `{"name":"b","planId":98001}`))
		require.Equal(t, "FIXED_SUBSCRIPTION_CREATE_PLAN_NOT_FOUND", r.fail("POST", all, `{"name":"b","planId":1}`))
		require.Equal(t, "FIXED_SUBSCRIPTION_NAME_NOT_PROVIDED", r.fail("POST", all, `{"name":"","planId":98276}`))
		require.Equal(t, 400, r.status("POST", all, `{"name":"b"}`))
		require.Equal(t, 400, r.status("POST", all, `{"name":"b","planId":"x"}`))
	})
}

func TestEssentialsPlanRefuses(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		for _, test := range []struct {
			plan       int
			body, want string
		}{
			{PlanStandard, `"datasetSizeInGb":1`, "MEMORY_LIMIT_IN_GB_AND_DATA_SET_SIZE_SUPPORTED_ONLY_FOR_PAY_AS_YOU_GO"},
			{PlanStandard, `"enableDatabaseClustering":true`, "ENABLE_DATABASE_CLUSTERING_SUPPORTED_ONLY_FOR_PAY_AS_YOU_GO"},
			{PlanStandard, `"numberOfShards":2`, "NUMBER_OF_SHARDS_SUPPORTED_ONLY_FOR_PAY_AS_YOU_GO"},
			{PlanStandard, `"supportOSSClusterApi":true`, "OSS_CLUSTER_API_IS_NOT_SUPPORTED_IN_REQUESTED_PLAN"},
			{PlanStandard, `"protocol":"redis"`, "REDIS_PROTOCOL_IS_NOT_SUPPORTED_IN_SELECTED_PLAN"},
			{PlanStandard, `"modules":[{"name":"RedisJSON"}]`, "STACK_PROTOCOL_CONTAINS_MODULES"},
			{PlanPayAsYouGo, `"x":1`, "PAYG_MEMORY_LIMIT_IN_GB_OR_DATA_SET_SIZE_IN_GB_IS_MISSING"},
			{PlanPayAsYouGo, `"datasetSizeInGb":1,"numberOfShards":2`, "NUMBER_OF_SHARDS_REQUIRES_DATABASE_CLUSTERING_ENABLED"},
			{PlanRedisFlex, `"protocol":"stack"`, "STACK_PROTOCOL_IS_NOT_SUPPORTED_FOR_REDIS_FLEX"},
			{PlanRedisFlex, `"protocol":"memcached"`, "MEMCACHED_PROTOCOL_IS_NOT_SUPPORTED_FOR_REDIS_FLEX"},
			{PlanFree, `"replication":true`, "REPLICATION_IS_NOT_SUPPORTED_IN_REQUESTED_PLAN"},
			{PlanFree, `"dataPersistence":"aof-every-write"`, "CLUSTER_DOES_NOT_SUPPORT_DATA_PERSISTENCE"},
			{PlanFree, `"enableTls":true`, "ENABLE_TLS_NOT_SUPPORTED_IN_REQUESTED_PLAN"},
			{PlanFree, `"sourceIps":["10.0.0.1/32","10.0.0.2/32"]`, "SOURCE_IPS_LIST_IS_GREATER_THAN_PLAN_MAX_COUNT_ALLOWED_SOURCE_IPS"},
			{PlanFree, `"alerts":[{"name":"latency","value":1}]`, "ALERT_NOT_SUPPORTED"},
		} {
			databases := fmt.Sprintf("/fixed/subscriptions/%d/databases", r.AddEssentialsSubscription("s", test.plan))
			require.Equal(t, "FIXED_DATABASE_"+test.want, r.fail("POST", databases, `{"name":"db",`+test.body+`}`), test.body)
		}
		id := r.AddEssentialsSubscription("s", PlanStandard)
		path := fmt.Sprintf("/fixed/subscriptions/%d", id)
		database := fmt.Sprintf("%s/databases/%d", path, r.AddDatabase(id, "first"))
		require.Equal(t, "DATABASE_NAME_EXISTS", r.fail("POST", path+"/databases", `{"name":"first"}`))
		require.Equal(t, "DATABASE_INVALID_NAME", r.fail("POST", path+"/databases", `{"name":""}`))
		require.Equal(t, "FIXED_DATABASE_ENABLE_DATABASE_CLUSTERING_SUPPORTED_ONLY_FOR_PAY_AS_YOU_GO",
			r.fail("PUT", database, `{"enableDatabaseClustering":true}`))
		r.complete("POST", path+"/databases", `{"name":"second"}`)
		require.Equal(t, "FIXED_DATABASE_FIXED_SUBSCRIPTION_REACHED_MAX_DATABASES_COUNT", r.fail("POST", path+"/databases", `{"name":"third"}`))

		r.complete("PUT", database, `{"name":"renamed"}`)
		for plan, want := range map[int]string{
			1:             "FIXED_SUBSCRIPTION_UPDATE_INVALID_PLAN",
			98401:         "FIXED_MISMATCH_BETWEEN_REQUEST_PLAN_CLOUD_PROVIDER_AND_SUBSCRIPTION_CLOUD_PROVIDER",
			98273:         "FIXED_MISMATCH_BETWEEN_REQUEST_PLAN_REGION_AND_SUBSCRIPTION_REGION",
			PlanRedisFlex: "NON_REDIS_FLEX_PLAN_CANNOT_BE_UPDATED_TO_REDIS_FLEX_PLAN",
			PlanFree:      "FIXED_SUBSCRIPTION_PLAN_MAX_DATABASES_SMALLER_THEN_CURRENT_SUBSCRIPTION_DATABASES_COUNT",
		} {
			require.Equal(t, want, r.fail("PUT", path, fmt.Sprintf(`{"planId":%d}`, plan)))
		}
		flex := fmt.Sprintf("/fixed/subscriptions/%d", r.AddEssentialsSubscription("s", PlanRedisFlex))
		require.Equal(t, "REDIS_FLEX_PLAN_CANNOT_BE_UPDATED_TO_NON_REDIS_FLEX", r.fail("PUT", flex, `{"planId":98276}`))
		require.Equal(t, "FIXED_SUBSCRIPTION_INVALID_NAME", r.fail("PUT", path, `{"name":""}`))
		r.complete("PUT", database, `{"name":"again"}`)
		require.Equal(t, "UPDATING_A_FIXED_SUBSCRIPTION_PLAN_IS_NOT_ALLOWED_WHILE_THE_SUBSCRIPTION_OR_BDB_IS_PENDING",
			r.fail("PUT", path, fmt.Sprintf(`{"planId":%d}`, PlanMultiAZ)))
	}, WithLenientSubscriptions())
}

func TestPagesOfEssentialsDatabases(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddEssentialsSubscription("s", PlanMultiAZ)
		path := fmt.Sprintf("/fixed/subscriptions/%d/databases", id)
		for i := range 3 {
			r.AddDatabase(id, fmt.Sprint("db", i))
		}
		for query, want := range map[string]int{"": 3, "?offset=2": 1, "?limit=2": 2, "?offset=3": 0, "?offset=2147483647&limit=2147483647": 0} {
			page := r.get(path + query)["subscription"].(object)
			require.EqualValues(t, 3, page["numberOfDatabases"])
			require.Len(t, page["databases"], want, query)
			for _, db := range page["databases"].([]any) {
				require.NotContains(t, db.(object)["security"], "password")
			}
		}
		require.Equal(t, 400, r.status("GET", path+"?limit=0", ""))
	})
}
