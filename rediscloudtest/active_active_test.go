package rediscloudtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const crdbCreation = `{"name":"aa","deploymentType":"active-active","cloudProviders":[{"regions":[
	{"region":"us-east-1","networking":{"deploymentCIDR":"10.5.0.0/24","vpcId":"vpc-5"}},{"region":"eu-west-1"}]}],
	"databases":[{"name":"crdb","localThroughputMeasurement":[
		{"region":"us-east-1","writeOperationsPerSecond":500,"readOperationsPerSecond":700}]}]}`

func TestActiveActiveDatabase(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.complete("POST", "/subscriptions", crdbCreation)
		path := "/subscriptions/120001/databases/51000001"
		time.Sleep(2 * time.Second)
		r.complete("PUT", path+"/regions", `{"globalPassword":"secret","globalSourceIp":["10.0.0.0/8"],"globalDataPersistence":"none",
			"globalAlerts":[{"name":"latency","value":3}],"enableTls":true,
			"regions":[{"region":"eu-west-1","dataPersistence":"aof-every-1-second","sourceIp":["1.1.1.1/32"],"alerts":[],
				"localThroughputMeasurement":{"readOperationsPerSecond":9},"enableDefaultUser":false,"respVersion":"resp3",
				"remoteBackup":{"active":true,"interval":"every-1-hours","storagePath":"ftp://b"}}]}`)
		_, text := r.do("GET", path, "")
		require.JSONEq(t, `{
			"databaseId": 51000001, "name": "crdb", "protocol": "redis", "status": "active-change-pending", "redisVersion": "7.4",
			"memoryStorage": "ram", "activeActiveRedis": true, "replication": true, "supportOSSClusterApi": false,
			"useExternalEndpointForOSSClusterApi": false, "dataEvictionPolicy": "volatile-lru", "autoMinorVersionUpgrade": true,
			"modules": [], "activatedOn": "2000-01-01T00:00:03.000Z", "lastModified": "2000-01-01T00:00:04.000Z",
			"globalDataPersistence": "none", "globalSourceIp": ["10.0.0.0/8"], "globalPassword": "secret",
			"globalAlerts": [{"id": "51000001-1", "name": "latency", "value": 3, "defaultValue": 80}], "globalEnableDefaultUser": true,
			"crdbDatabases": [
				{"provider": "AWS", "region": "us-east-1", "redisVersionCompliance": "7.4", "respVersion": "resp2",
				"publicEndpoint": "redis-10001.c120001.us-east-1-1.rediscloud.test:10001",
				"privateEndpoint": "redis-10001.internal.c120001.us-east-1-1.rediscloud.test:10001",
				"datasetSizeInGb": 1, "memoryLimitInGb": 2, "memoryUsedInMb": 1,
				"readOperationsPerSecond": 700, "writeOperationsPerSecond": 500, "dataPersistence": "none",
				"alerts": [{"id": "51000001-1", "name": "latency", "value": 3, "defaultValue": 80}],
				"security": {"enableDefaultUser": true, "sslClientAuthentication": false, "tlsClientAuthentication": false,
					"enableTls": true, "sourceIps": ["10.0.0.0/8"], "password": "secret"},
				"queryPerformanceFactor": "Standard",
				"backup": {"enableRemoteBackup": false, "interval": "", "timeUTC": ""}},
				{"provider": "AWS", "region": "eu-west-1", "redisVersionCompliance": "7.4", "respVersion": "resp3",
				"publicEndpoint": "redis-10001.c120001.eu-west-1-1.rediscloud.test:10001",
				"privateEndpoint": "redis-10001.internal.c120001.eu-west-1-1.rediscloud.test:10001",
				"datasetSizeInGb": 1, "memoryLimitInGb": 2, "memoryUsedInMb": 1,
				"readOperationsPerSecond": 9, "writeOperationsPerSecond": 1000, "dataPersistence": "aof-every-1-second",
				"alerts": [],
				"security": {"enableDefaultUser": false, "sslClientAuthentication": false, "tlsClientAuthentication": false,
					"enableTls": true, "sourceIps": ["1.1.1.1/32"], "password": "secret"},
				"queryPerformanceFactor": "Standard",
				"backup": {"enableRemoteBackup": true, "interval": "every-1-hours", "timeUTC": "", "destination": "ftp://b"}}],
			"links": [{"rel": "self", "type": "GET", "href": "https://api.redislabs.com/v1/subscriptions/120001/databases/51000001"}]
		}`, text)

		require.Equal(t, "UPDATING_SINGLE_REGION_DATABASE_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION", r.fail("PUT", path, `{}`))
		require.Equal(t, "ACTIVE_ACTIVE_DATABASE_UPGRADE_IS_NOT_SUPPORTED", r.fail("POST", path+"/upgrade", `{"targetRedisVersion":"8.0"}`))
		require.Equal(t, "ACTIVE_ACTIVE_MISMATCH_BETWEEN_REQUEST_REGIONS_AND_SUBSCRIPTION_REGIONS",
			r.fail("PUT", path+"/regions", `{"regions":[{"region":"mars"}]}`))
		require.Equal(t, "GETTING_SINGLE_REGION_CIDR_WHITE_LIST_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION",
			r.fail("GET", "/subscriptions/120001/cidr", ""))
		require.Equal(t, "UPDATING_SINGLE_REGION_CIDR_WHITE_LIST_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION",
			r.fail("PUT", "/subscriptions/120001/cidr", "{}"))

		require.Equal(t, "ACTIVE_ACTIVE_BACKUP_STATUS_MISSING_REGION_NAME", r.fail("GET", path+"/backup", ""))
		require.Equal(t, "ACTIVE_ACTIVE_INVALID_BACKUP_REGION_NAME", r.fail("POST", path+"/backup", `{"regionName":"mars"}`))
		require.Equal(t, "DATABASE_BACKUP_DISABLED", r.fail("POST", path+"/backup", `{"regionName":"us-east-1"}`))
		r.complete("POST", path+"/backup", `{"regionName":"eu-west-1"}`)
		backup := r.complete("GET", path+"/backup?regionName=eu-west-1", "")["resource"].(object)
		require.Equal(t, "success", backup["status"])
	}, WithLenientSubscriptions())
}

func TestRegions(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.complete("POST", "/subscriptions", crdbCreation)
		sub := "/subscriptions/120001"
		time.Sleep(2 * time.Second)
		r.complete("POST", sub+"/regions", `{"region":"ap-south-1","deploymentCIDR":"10.7.0.0/24","databases":[
			{"name":"crdb","localThroughputMeasurement":{"writeOperationsPerSecond":1,"readOperationsPerSecond":2}}]}`)
		require.Equal(t, "pending", r.get(sub)["status"])
		require.Equal(t, "active-change-pending", r.get(sub + "/databases/51000001")["status"])
		r.complete("DELETE", sub+"/regions", `{"regions":[{"region":"eu-west-1"}]}`)
		_, text := r.do("GET", sub+"/regions", "")
		require.JSONEq(t, `{
			"subscriptionId": 120001,
			"regions": [
				{"regionId": 1, "region": "us-east-1", "deploymentCidr": "10.5.0.0/24", "vpcId": "vpc-5", "links": [], "databases": [
					{"databaseId": 51000001, "databaseName": "crdb", "readOperationsPerSecond": 700, "writeOperationsPerSecond": 500,
					"respVersion": "resp2", "links": []}]},
				{"regionId": 30, "region": "ap-south-1", "deploymentCidr": "10.7.0.0/24", "vpcId": "vpc-00000000000000003", "links": [],
				"databases": [
					{"databaseId": 51000001, "databaseName": "crdb", "readOperationsPerSecond": 2, "writeOperationsPerSecond": 1,
					"respVersion": "resp2", "links": []}]}],
			"links": [{"rel": "self", "type": "GET", "href": "https://api.redislabs.com/v1/subscriptions/120001/regions"}]
		}`, text)

		require.Equal(t, "ACTIVE_ACTIVE_REGIONS_MUST_BE_DEFINED_ONCE", r.fail("POST", sub+"/regions", `{"region":"us-east-1"}`))
		require.Equal(t, "ACTIVE_ACTIVE_INVALID_DELETE_REGION_NAME", r.fail("DELETE", sub+"/regions", `{"regions":[{"region":"mars"}]}`))
		require.Equal(t, "ACTIVE_ACTIVE_DELETE_SUBSCRIPTION_MUST_BE_DEPLOYED_IN_AT_LEAST_ONE_REGION",
			r.fail("DELETE", sub+"/regions", `{"regions":[{"region":"us-east-1"},{"region":"ap-south-1"}]}`))

		r.AddSubscription("single")
		require.Equal(t, 400, r.status("GET", "/subscriptions/120002/regions", ""))
		require.Equal(t, "ADDING_REGION_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
			r.fail("POST", "/subscriptions/120002/regions", `{"region":"r"}`))
		require.Equal(t, "DELETING_REGION_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
			r.fail("DELETE", "/subscriptions/120002/regions", `{"regions":[]}`))
	}, WithLenientSubscriptions())
}
