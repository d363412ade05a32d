package rediscloud

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const essentialsDatabaseJSON = `{
	"databaseId": 34, "name": "cache", "status": "active", "protocol": "stack", "provider": "GCP", "region": "us-east1",
	"redisVersion": "7.4", "redisVersionCompliance": "7.4.0", "respVersion": "resp2",
	"planMemoryLimit": 250, "planDatasetSize": 125, "memoryLimitMeasurementUnit": "MB",
	"datasetSizeInGb": 0.5, "memoryLimitInGb": 1, "memoryUsedInMb": 7.5, "networkMonthlyUsageInByte": 1e12,
	"memoryStorage": "ram-and-flash", "redisFlex": true,
	"supportOSSClusterApi": true, "useExternalEndpointForOSSClusterApi": true,
	"dataPersistence": "aof-every-1-second", "dataEvictionPolicy": "noeviction", "replication": true,
	"activatedOn": "2024-05-09T10:49:51Z", "lastModified": "2024-05-09T11:49:51.123Z",
	"publicEndpoint": "public:17571", "privateEndpoint": "private:17571",
	"dynamicEndpoints": {"public": "dynamic-public:17571", "private": "dynamic-private:17571"},
	"replicaAsSourceEndpoints": {"public": "source-public:17571", "private": "source-private:17571"},
	"replica": {"description": "copy", "syncSources": [{"description": "origin", "endpoint": "redis://user:pass@source:6379",
		"encryption": true, "serverCert": "SERVER", "clientCert": "CLIENT"}]},
	"replicaOf": {"endpoints": ["redis://old:6379"]},
	"clustering": {"enabled": true, "regexRules": [{"ordinal": 1, "pattern": ".*"}], "hashingPolicy": "standard"},
	"security": {"defaultUserEnabled": false, "password": "pa55", "sslClientAuthentication": true, "tlsClientAuthentication": true,
		"enableTls": true, "sourceIps": ["0.0.0.0/0"]},
	"modules": [{"id": 7, "name": "RedisJSON", "capabilityName": "JSON", "version": "2.0.6", "description": "Documents", "parameters": [{"name": "depth", "value": "3"}]}],
	"alerts": [{"id": "34-2", "name": "connections-limit", "value": 80, "defaultValue": 70}],
	"backup": {"remoteBackupEnabled": true, "interval": "every-24-hours", "destination": "s3://bucket/path", "status": "idle"},
	"links": [{"rel": "self", "href": "/x"}]}`

func wantEssentialsDatabase() EssentialsDatabase {
	return EssentialsDatabase{
		ID: 34, Name: "cache", Status: DatabaseStatusActive, Protocol: ProtocolStack, Provider: ProviderGCP, Region: "us-east1",
		RedisVersion: "7.4", RedisVersionCompliance: "7.4.0", RESPVersion: RESPVersion2,
		PlanMemoryLimit: 250, PlanDatasetSize: 125, MemoryLimitMeasurementUnit: SizeUnitMB,
		DatasetSizeInGB: 0.5, MemoryLimitInGB: 1, MemoryUsedInMB: 7.5, NetworkMonthlyUsageInByte: 1e12,
		MemoryStorage: MemoryStorageRAMAndFlash, RedisFlex: true,
		SupportOSSClusterAPI: true, UseExternalEndpointForOSSClusterAPI: true,
		DataPersistence: DataPersistenceAOFEvery1Second, DataEvictionPolicy: EvictionPolicyNoEviction, Replication: true,
		ActivatedOn:    Time{Time: time.Date(2024, 5, 9, 10, 49, 51, 0, time.UTC)},
		LastModified:   Time{Time: time.Date(2024, 5, 9, 11, 49, 51, 123e6, time.UTC)},
		PublicEndpoint: "public:17571", PrivateEndpoint: "private:17571",
		DynamicEndpoints:         DynamicEndpoints{Public: "dynamic-public:17571", Private: "dynamic-private:17571"},
		ReplicaAsSourceEndpoints: ReplicaAsSourceEndpoints{Public: "source-public:17571", Private: "source-private:17571"},
		Replica: DatabaseReplica{Description: "copy", SyncSources: []SyncSource{{
			Description: "origin", Endpoint: "redis://user:pass@source:6379", Encryption: true, ServerCert: "SERVER", ClientCert: "CLIENT",
		}}},
		ReplicaOf:  ReplicaOf{Endpoints: []ReceivedSecretURI{"redis://old:6379"}},
		Clustering: EssentialsDatabaseClustering{Enabled: true, RegexRules: []RegexRule{{Ordinal: 1, Pattern: ".*"}}, HashingPolicy: HashingPolicyStandard},
		Security: EssentialsDatabaseSecurity{
			EnableDefaultUser: new(false), Password: "pa55", EnableTLS: true,
			SSLClientAuthentication: true, TLSClientAuthentication: true, SourceIPs: []string{"0.0.0.0/0"},
		},
		Modules: []DatabaseModule{{ID: 7, Name: "RedisJSON", CapabilityName: "JSON", Version: "2.0.6", Description: "Documents", Parameters: []DatabaseModuleParameter{{"depth", "3"}}}},
		Alerts:  []Alert{{ID: "34-2", Name: AlertNameConnectionsLimit, Value: 80, DefaultValue: 70}},
		Backup:  EssentialsDatabaseBackup{Enabled: true, Interval: BackupIntervalEvery24Hours, Destination: "s3://bucket/path", Status: BackupStateIdle},
		Links:   Links{{Rel: "self", Href: "/x"}},
	}
}

func TestEssentialsDatabaseAllMembers(t *testing.T) {
	want := wantEssentialsDatabase()
	assertDecodes(t, want, essentialsDatabaseJSON)
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		assert.NotContains(t, fmt.Sprintf(verb, want), "pa55")
		assert.NotContains(t, fmt.Sprintf(verb, want), "user:pass")
	}
	want.Links = nil
	assert.Equal(t, []string{".Links"}, unsetFields(want))
}

func TestEssentialsDatabaseOtherForms(t *testing.T) {
	for doc, want := range map[string]EssentialsDatabase{
		`{}`:   {},
		`null`: {},
		`{"databaseId":1,"replica":null,"replicaOf":null}`:                                                     {ID: 1},
		`{"databaseId":1,"replica":{"syncSources":null},"replicaOf":["redis://a:1"]}`:                          {ID: 1, ReplicaOf: ReplicaOf{Endpoints: []ReceivedSecretURI{"redis://a:1"}}},
		`{"databaseId":1,"_links":{"self":{"href":"/x"}}}`:                                                     {ID: 1, Links: Links{{Rel: "self", Href: "/x"}}},
		`{"databaseId":1,"status":"of-tomorrow","security":{},"backup":{},"modules":[null],"aMember":{"a":1}}`: {ID: 1, Status: "of-tomorrow", Modules: make([]DatabaseModule, 1)},
	} {
		got := EssentialsDatabase{ID: 99, Name: "old"} // decoding must replace this
		require.NoError(t, read(doc, &got), doc)
		assert.Equal(t, want, got, doc)
	}
}

func TestEssentialsDatabaseListForms(t *testing.T) {
	assertDecodes(t, EssentialsDatabaseList{
		AccountID: 1, SubscriptionID: 12, NumberOfDatabases: 1, Databases: []EssentialsDatabase{wantEssentialsDatabase()},
		Links: Links{{Rel: "self", Href: "/y"}, {Rel: "x", Href: "/x"}},
	}, `{"accountId":1,"subscription":{"subscriptionId":12,"numberOfDatabases":1,"databases":[`+essentialsDatabaseJSON+`],
		"links":[{"rel":"x","href":"/x"}]},"links":[{"rel":"self","href":"/y"}]}`)

	// In the form of the Pro list, and with several subscriptions, which never
	// occur.
	for doc, want := range map[string]EssentialsDatabaseList{
		`{"subscription":[{"subscriptionId":12,"databases":[{"databaseId":1}]}]}`:                                                                                                    {SubscriptionID: 12, Databases: []EssentialsDatabase{{ID: 1}}},
		`{"subscription":[{"subscriptionId":12,"numberOfDatabases":3,"databases":[{"databaseId":1}]},{"subscriptionId":13,"numberOfDatabases":1,"databases":[{"databaseId":"2"}]}]}`: {SubscriptionID: 12, NumberOfDatabases: 4, Databases: []EssentialsDatabase{{ID: 1}, {ID: 2}}},
		`{"subscription":{"subscriptionId":12,"databases":null}}`:                                                                                                                    {SubscriptionID: 12},
		`{"subscription":[]}`: {},
		`{}`:                  {},
	} {
		got := EssentialsDatabaseList{AccountID: 9}
		require.NoError(t, read(doc, &got), doc)
		assert.Equal(t, want, got, doc)
	}
	for _, doc := range []string{`{"subscription":"x"}`, `{"subscription":[5,6]}`, `{"subscription":{"databases":"x"}}`, `{"subscription":[{"databases":[5]},{}]}`} {
		assert.ErrorContains(t, read(doc, new(EssentialsDatabaseList)), "can't be read", doc)
	}
}
