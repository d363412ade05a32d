package rediscloud

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const databaseJSON = `{
	"databaseId": 34, "name": "cache", "status": "active", "protocol": "redis", "provider": "AWS", "region": "us-east-1",
	"redisVersion": "7.4", "redisVersionCompliance": "7.4.0", "respVersion": "resp3", "autoMinorVersionUpgrade": false,
	"datasetSizeInGb": 1.5, "memoryLimitInGb": 3, "memoryUsedInMb": 4.25, "memoryStorage": "ram-and-flash", "ramPercentage": 20,
	"supportOSSClusterApi": true, "useExternalEndpointForOSSClusterApi": true,
	"dataPersistence": "snapshot-every-1-hour", "dataEvictionPolicy": "noeviction", "replication": true,
	"throughputMeasurement": {"by": "operations-per-second", "value": 10000000000}, "QueryPerformanceFactor": "4x",
	"activatedOn": "2021-08-29T13:03:08.123Z", "lastModified": "2021-08-29T15:03:08+02:00",
	"publicEndpoint": "public:17571", "privateEndpoint": "private:17571",
	"dynamicEndpoints": {"public": "dynamic-public:17571", "private": "dynamic-private:17571"},
	"replica": {"description": "copy", "syncSources": [{"description": "origin", "endpoint": "redis://user:pass@source:6379", "encryption": true, "serverCert": "SERVER", "clientCert": "CLIENT"}]},
	"replicaOf": {"endpoints": ["redis://old:6379"]},
	"clustering": {"numberOfShards": 2, "regexRules": [{"ordinal": 1, "pattern": ".*"}], "hashingPolicy": "standard"},
	"security": {"enableDefaultUser": true, "password": "pa55", "sslClientAuthentication": true, "tlsClientAuthentication": true,
		"enableTls": true, "sourceIps": ["0.0.0.0/0"]},
	"modules": [{"id": 7, "name": "RedisJSON", "capabilityName": "JSON", "version": "2.0.6", "description": "Documents", "parameters": [{"name": "depth", "value": "3"}]}],
	"alerts": [{"id": "34-2", "name": "dataset-size", "value": 80, "defaultValue": 70}],
	"backup": {"enableRemoteBackup": true, "interval": "every-12-hours", "timeUTC": "14:00", "destination": "s3://bucket/path"},
	"activeActiveRedis": true, "globalDataPersistence": "none", "globalPassword": "********", "globalEnableDefaultUser": false,
	"globalSourceIp": ["192.0.2.0/24"], "globalAlerts": [{"id": "34-3", "name": "latency", "value": 5, "defaultValue": 4}],
	"crdbDatabases": [{
		"region": "eu-west-1", "provider": "AWS", "redisVersionCompliance": "7.4.0", "respVersion": "resp2",
		"datasetSizeInGb": 1, "memoryLimitInGb": 2, "memoryUsedInMb": 29.75,
		"readOperationsPerSecond": 1000, "writeOperationsPerSecond": 2000, "dataPersistence": "aof-every-write", "queryPerformanceFactor": "2x",
		"publicEndpoint": "eu-public:1", "privateEndpoint": "eu-private:1",
		"security": {"enableDefaultUser": false, "password": "pa56", "sslClientAuthentication": true, "tlsClientAuthentication": true,
			"enableTls": true, "sourceIps": ["192.0.2.1/32"]},
		"alerts": [{"id": "35-1", "name": "latency", "value": 6, "defaultValue": 4}],
		"backup": {"enableRemoteBackup": true, "interval": "every-1-hours", "timeUTC": "02:00", "destination": "s3://bucket/eu"},
		"links": [{"rel": "self", "href": "https://api.example.com/v1/eu"}]
	}],
	"links": [{"rel": "self", "href": "https://api.example.com/v1/subscriptions/12/databases/34", "type": "GET"}],
	"aMemberOfTomorrow": {"a": 1}}`

func wantDatabase() Database {
	return Database{
		ID: 34, Name: "cache", Status: DatabaseStatusActive, Protocol: ProtocolRedis, Provider: ProviderAWS, Region: "us-east-1",
		RedisVersion: "7.4", RedisVersionCompliance: "7.4.0", RESPVersion: RESPVersion3, AutoMinorVersionUpgrade: new(false),
		DatasetSizeInGB: 1.5, MemoryLimitInGB: 3, MemoryUsedInMB: 4.25, MemoryStorage: MemoryStorageRAMAndFlash, RAMPercentage: 20,
		SupportOSSClusterAPI: true, UseExternalEndpointForOSSClusterAPI: true,
		DataPersistence: DataPersistenceSnapshotEvery1Hour, DataEvictionPolicy: EvictionPolicyNoEviction, Replication: true,
		ThroughputMeasurement: Throughput{By: ThroughputUnitOperationsPerSecond, Value: 10_000_000_000}, QueryPerformanceFactor: "4x",
		ActivatedOn:    Time{Time: time.Date(2021, 8, 29, 13, 3, 8, 123e6, time.UTC)},
		LastModified:   Time{Time: time.Date(2021, 8, 29, 15, 3, 8, 0, time.FixedZone("", 2*60*60))},
		PublicEndpoint: "public:17571", PrivateEndpoint: "private:17571",
		DynamicEndpoints: DynamicEndpoints{Public: "dynamic-public:17571", Private: "dynamic-private:17571"},
		Replica:          DatabaseReplica{Description: "copy", SyncSources: []SyncSource{{Description: "origin", Endpoint: "redis://user:pass@source:6379", Encryption: true, ServerCert: "SERVER", ClientCert: "CLIENT"}}},
		ReplicaOf:        ReplicaOf{Endpoints: []ReceivedSecretURI{"redis://old:6379"}},
		Clustering:       DatabaseClustering{NumberOfShards: 2, RegexRules: []RegexRule{{Ordinal: 1, Pattern: ".*"}}, HashingPolicy: HashingPolicyStandard},
		Security: DatabaseSecurity{
			EnableDefaultUser: new(true), Password: "pa55", EnableTLS: true,
			SSLClientAuthentication: true, TLSClientAuthentication: true, SourceIPs: []string{"0.0.0.0/0"},
		},
		Modules: []DatabaseModule{{ID: 7, Name: "RedisJSON", CapabilityName: "JSON", Version: "2.0.6", Description: "Documents", Parameters: []DatabaseModuleParameter{{"depth", "3"}}}},
		Alerts:  []Alert{{ID: "34-2", Name: AlertNameDatasetSize, Value: 80, DefaultValue: 70}},
		Backup:  DatabaseBackup{Enabled: true, Interval: BackupIntervalEvery12Hours, TimeUTC: "14:00", Destination: "s3://bucket/path"},

		ActiveActive: true, GlobalDataPersistence: DataPersistenceNone, GlobalPassword: "********", GlobalEnableDefaultUser: new(false),
		GlobalSourceIPs: []string{"192.0.2.0/24"}, GlobalAlerts: []Alert{{ID: "34-3", Name: AlertNameLatency, Value: 5, DefaultValue: 4}},
		Regions: []DatabaseRegion{{
			Region: "eu-west-1", Provider: ProviderAWS, RedisVersionCompliance: "7.4.0", RESPVersion: RESPVersion2,
			DatasetSizeInGB: 1, MemoryLimitInGB: 2, MemoryUsedInMB: 29.75,
			ReadOperationsPerSecond: 1000, WriteOperationsPerSecond: 2000, DataPersistence: DataPersistenceAOFEveryWrite, QueryPerformanceFactor: "2x",
			PublicEndpoint: "eu-public:1", PrivateEndpoint: "eu-private:1",
			Security: DatabaseSecurity{
				EnableDefaultUser: new(false), Password: "pa56", EnableTLS: true,
				SSLClientAuthentication: true, TLSClientAuthentication: true, SourceIPs: []string{"192.0.2.1/32"},
			},
			Alerts: []Alert{{ID: "35-1", Name: AlertNameLatency, Value: 6, DefaultValue: 4}},
			Backup: DatabaseBackup{Enabled: true, Interval: BackupIntervalEvery1Hour, TimeUTC: "02:00", Destination: "s3://bucket/eu"},
			Links:  Links{{Rel: "self", Href: "https://api.example.com/v1/eu"}},
		}},
		Links: Links{{Rel: "self", Href: "https://api.example.com/v1/subscriptions/12/databases/34", Type: "GET"}},
	}
}

func TestDatabaseAllMembers(t *testing.T) {
	var got Database
	require.NoError(t, json.Unmarshal([]byte(databaseJSON), &got))
	want := wantDatabase()
	assert.True(t, want.LastModified.Equal(got.LastModified.Time), "%v", got.LastModified)
	got.LastModified = want.LastModified // assert.Equal compares time zones by pointer
	assert.Equal(t, want, got)
	// The relations of links are enough, their other fields are optional.
	got.Links, got.Regions[0].Links = nil, nil
	assert.Equal(t, []string{".Regions.Links", ".Links"}, unsetFields(got))
	assert.NotContains(t, fmt.Sprintf("%+v", got), "pa55")
	assert.NotContains(t, fmt.Sprintf("%+v", got), "user:pass")
}

func TestDatabaseOtherForms(t *testing.T) {
	for doc, want := range map[string]Database{
		`{}`:   {},
		`null`: {},
		`{"databaseId":1,"replicaOf":["redis://a:1"]}`:                                             {ID: 1, ReplicaOf: ReplicaOf{Endpoints: []ReceivedSecretURI{"redis://a:1"}}},
		`{"databaseId":1,"queryPerformanceFactor":"2x"}`:                                           {ID: 1, QueryPerformanceFactor: "2x"},
		`{"databaseId":1,"_links":{"self":{"href":"/x"}}}`:                                         {ID: 1, Links: Links{{Rel: "self", Href: "/x"}}},
		`{"databaseId":1,"replica":{"syncSources":null},"replicaOf":{"endpoints":null}}`:           {ID: 1},
		`{"databaseId":1,"status":"of-tomorrow","backup":{"timeUTC":""},"security":{},"links":[]}`: {ID: 1, Status: "of-tomorrow", Links: Links{}},
		`{"databaseId":1,"name":null,"autoMinorVersionUpgrade":null,"memoryUsedInMb":null,"throughputMeasurement":null,"activatedOn":null,
			"dynamicEndpoints":null,"replica":null,"replicaOf":null,"clustering":null,"security":null,"modules":null,"alerts":null,"backup":null,
			"globalPassword":null,"globalEnableDefaultUser":null,"globalSourceIp":null,"globalAlerts":null,"crdbDatabases":null,"links":null,"_links":null}`: {ID: 1},
		`{"databaseId":1,"clustering":{"numberOfShards":null,"regexRules":null},"modules":[null],"alerts":[null],"crdbDatabases":[null]}`: {
			ID: 1, Modules: make([]DatabaseModule, 1), Alerts: make([]Alert, 1), Regions: make([]DatabaseRegion, 1),
		},
	} {
		got := Database{ID: 99, Name: "old"} // decoding must replace this
		require.NoError(t, read(doc, &got), doc)
		assert.Equal(t, want, got, doc)
	}
}

func TestDatabaseWrongForm(t *testing.T) {
	for _, doc := range []string{`[]`, `"x"`, `5`, `[{"databaseId":1}]`, `{"databaseId":1`} {
		require.Error(t, read(doc, new(Database)), doc)
	}
}

func TestDatabaseNeedsItsID(t *testing.T) {
	for _, doc := range []string{`{}`, `null`, `{"name":"x"}`, ``} {
		_, err := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34", answer: doc}).Databases.Get(t.Context(), 12, 34)
		require.Error(t, err)
	}
}
