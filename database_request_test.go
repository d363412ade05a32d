package rediscloud

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fullDatabaseCreateRequest() *DatabaseCreateRequest {
	return &DatabaseCreateRequest{
		Name:                                "cache",
		Protocol:                            new(ProtocolRedis),
		Port:                                new(12000),
		DatasetSizeInGB:                     new(0.1),
		MemoryLimitInGB:                     new(1.5),
		RedisVersion:                        new("7.4"),
		AutoMinorVersionUpgrade:             new(false),
		RESPVersion:                         new(RESPVersion3),
		SupportOSSClusterAPI:                new(true),
		UseExternalEndpointForOSSClusterAPI: new(true),
		DataPersistence:                     new(DataPersistenceAOFEvery1Second),
		DataEvictionPolicy:                  new(EvictionPolicyAllKeysLRM),
		Replication:                         new(false),
		Replica:                             fullReplica(),
		ReplicaOf:                           []SecretURI{"redis://user:pass@old:6379"},
		ThroughputMeasurement:               &Throughput{By: ThroughputUnitOperationsPerSecond, Value: 10_000_000_000},
		LocalThroughputMeasurement: []LocalThroughput{{
			Region: new("us-east-1"), WriteOperationsPerSecond: new(int64(1000)), ReadOperationsPerSecond: new(int64(0)),
		}},
		AverageItemSizeInBytes: new(int64(1000)),
		RAMPercentage:          new(30),
		RemoteBackup:           fullBackup(),
		PeriodicBackupPath:     new(SecretURI("s3://old/path")),
		SourceIPs:              []string{"192.0.2.0/24"},
		EnableTLS:              new(true),
		ClientTLSCertificates:  []DatabaseCertificateSpec{{PublicCertificatePEM: "PEM", AsObject: true}},
		ClientSSLCertificate:   new("OLD PEM"),
		Password:               new(Secret("pa55")),
		SASLUsername:           new("mc-user"),
		SASLPassword:           new(Secret("sa51")),
		Alerts:                 []AlertSpec{{Name: AlertNameDatasetSize, Value: 80}},
		Modules:                []ModuleSpec{{Name: "RedisJSON", Parameters: map[string]any{"depth": 3}}},
		ShardingType:           new(ShardingTypeRedisOSSHashing),
		QueryPerformanceFactor: new("4x"),
	}
}

const fullDatabaseCreateJSON = `{
	"name": "cache", "protocol": "redis", "port": 12000,
	"datasetSizeInGb": 0.1, "memoryLimitInGb": 1.5,
	"redisVersion": "7.4", "autoMinorVersionUpgrade": false, "respVersion": "resp3",
	"supportOSSClusterApi": true, "useExternalEndpointForOSSClusterApi": true,
	"dataPersistence": "aof-every-1-second", "dataEvictionPolicy": "allkeys-lrm", "replication": false,
	"replica": ` + fullReplicaJSON + `, "replicaOf": ["redis://user:pass@old:6379"],
	"throughputMeasurement": {"by": "operations-per-second", "value": 10000000000},
	"localThroughputMeasurement": [{"region": "us-east-1", "writeOperationsPerSecond": 1000, "readOperationsPerSecond": 0}],
	"averageItemSizeInBytes": 1000, "ramPercentage": 30,
	"remoteBackup": ` + fullBackupJSON + `, "periodicBackupPath": "s3://old/path",
	"sourceIp": ["192.0.2.0/24"], "enableTls": true,
	"clientTlsCertificates": [{"publicCertificatePEMString": "PEM"}], "clientSslCertificate": "OLD PEM",
	"password": "pa55", "saslUsername": "mc-user", "saslPassword": "sa51",
	"alerts": [{"name": "dataset-size", "value": 80}],
	"modules": [{"name": "RedisJSON", "parameters": {"depth": 3}}],
	"shardingType": "redis-oss-hashing", "queryPerformanceFactor": "4x"}`

func fullDatabaseUpdateRequest() *DatabaseUpdateRequest {
	return &DatabaseUpdateRequest{
		Name:                                new("cache2"),
		DatasetSizeInGB:                     new(2.5),
		MemoryLimitInGB:                     new(5.0),
		AutoMinorVersionUpgrade:             new(false),
		RESPVersion:                         new(RESPVersion2),
		ThroughputMeasurement:               &Throughput{By: ThroughputUnitOperationsPerSecond, Value: 2000},
		DataPersistence:                     new(DataPersistenceNone),
		DataEvictionPolicy:                  new(EvictionPolicyNoEviction),
		Replication:                         new(false),
		RegexRules:                          []string{".*"},
		Replica:                             fullReplica(),
		ReplicaOf:                           []SecretURI{"redis://old:6379"},
		SupportOSSClusterAPI:                new(false),
		UseExternalEndpointForOSSClusterAPI: new(false),
		Password:                            new(Secret("pa55")),
		SASLUsername:                        new("mc-user"),
		SASLPassword:                        new(Secret("sa51")),
		EnableDefaultUser:                   new(false),
		SourceIPs:                           []string{"192.0.2.1/32"},
		EnableTLS:                           new(false),
		ClientTLSCertificates:               []DatabaseCertificateSpec{{PublicCertificatePEM: "PEM", AsObject: true}},
		ClientSSLCertificate:                new("OLD PEM"),
		RemoteBackup:                        fullBackup(),
		PeriodicBackupPath:                  new(SecretURI("s3://old/path")),
		Alerts:                              []AlertSpec{{Name: AlertNameLatency, Value: 3}},
		RAMPercentage:                       new(10),
		QueryPerformanceFactor:              new("2x"),
	}
}

const fullDatabaseUpdateJSON = `{
	"name": "cache2", "datasetSizeInGb": 2.5, "memoryLimitInGb": 5,
	"autoMinorVersionUpgrade": false, "respVersion": "resp2",
	"throughputMeasurement": {"by": "operations-per-second", "value": 2000},
	"dataPersistence": "none", "dataEvictionPolicy": "noeviction", "replication": false,
	"regexRules": [".*"], "replica": ` + fullReplicaJSON + `, "replicaOf": ["redis://old:6379"],
	"supportOSSClusterApi": false, "useExternalEndpointForOSSClusterApi": false,
	"password": "pa55", "saslUsername": "mc-user", "saslPassword": "sa51", "enableDefaultUser": false,
	"sourceIp": ["192.0.2.1/32"], "enableTls": false,
	"clientTlsCertificates": [{"publicCertificatePEMString": "PEM"}], "clientSslCertificate": "OLD PEM",
	"remoteBackup": ` + fullBackupJSON + `, "periodicBackupPath": "s3://old/path",
	"alerts": [{"name": "latency", "value": 3}], "ramPercentage": 10, "queryPerformanceFactor": "2x"}`

func TestDatabaseRequestsAllMembers(t *testing.T) {
	for want, request := range map[string]any{
		fullDatabaseCreateJSON: fullDatabaseCreateRequest(),
		fullDatabaseUpdateJSON: fullDatabaseUpdateRequest(),
	} {
		assert.Empty(t, unsetFields(request))
		got, err := json.Marshal(request)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

// A nil field is omitted; an empty one is sent, since it clears the setting.
func TestDatabaseRequestsAbsentAndCleared(t *testing.T) {
	for want, request := range map[string]any{
		`{"name":"x"}`: &DatabaseCreateRequest{Name: "x"},
		`{"name":"x","replicaOf":[],"localThroughputMeasurement":[],"sourceIp":[],"clientTlsCertificates":[],"alerts":[],"modules":[]}`: &DatabaseCreateRequest{
			Name: "x", ReplicaOf: []SecretURI{}, LocalThroughputMeasurement: []LocalThroughput{}, SourceIPs: []string{},
			ClientTLSCertificates: []DatabaseCertificateSpec{}, Alerts: []AlertSpec{}, Modules: []ModuleSpec{},
		},
		`{}`: &DatabaseUpdateRequest{},
		`{"regexRules":[],"replicaOf":[],"replica":{"syncSources":[]},"sourceIp":[],"clientTlsCertificates":[],"clientSslCertificate":"",
			"remoteBackup":{"active":false},"periodicBackupPath":"","alerts":[]}`: &DatabaseUpdateRequest{
			RegexRules: []string{}, ReplicaOf: []SecretURI{}, Replica: &ReplicaSpec{SyncSources: []SyncSourceSpec{}}, SourceIPs: []string{},
			ClientTLSCertificates: []DatabaseCertificateSpec{}, ClientSSLCertificate: new(""), RemoteBackup: &BackupSpec{Active: new(false)},
			PeriodicBackupPath: new(SecretURI("")), Alerts: []AlertSpec{},
		},
	} {
		got, err := json.Marshal(request)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

func TestDatabaseCreateRequestValidate(t *testing.T) {
	for _, test := range []struct {
		change func(*DatabaseCreateRequest)
		want   string
	}{
		{func(*DatabaseCreateRequest) {}, ""},
		{func(r *DatabaseCreateRequest) { r.Name = "" }, "Name is required"},
		{func(r *DatabaseCreateRequest) { r.Port = new(0) }, "Port must be from 10000 to 19999, not 0"},
		{func(r *DatabaseCreateRequest) { r.MemoryLimitInGB, r.DatasetSizeInGB = new(1.0), new(1.0) }, "MemoryLimitInGB and DatasetSizeInGB can't be given together"},
		{func(r *DatabaseCreateRequest) { r.MemoryLimitInGB = new(0.0) }, "MemoryLimitInGB must be at least 0.1, not 0"},
		{func(r *DatabaseCreateRequest) { r.DatasetSizeInGB = new(0.09) }, "DatasetSizeInGB must be at least 0.1, not 0.09"},
		{func(r *DatabaseCreateRequest) { r.UseExternalEndpointForOSSClusterAPI = new(true) }, "UseExternalEndpointForOSSClusterAPI can only be given with SupportOSSClusterAPI"},
		{func(r *DatabaseCreateRequest) { r.UseExternalEndpointForOSSClusterAPI = new(false) }, ""},
		{func(r *DatabaseCreateRequest) { r.Replica = &ReplicaSpec{} }, "Replica.SyncSources is required"},
		{func(r *DatabaseCreateRequest) { r.ReplicaOf = []SecretURI{""} }, "ReplicaOf[0] must not be empty"},
		{func(r *DatabaseCreateRequest) { r.ThroughputMeasurement = &Throughput{Value: 1} }, "ThroughputMeasurement.By is required"},
		{func(r *DatabaseCreateRequest) { r.LocalThroughputMeasurement = make([]LocalThroughput, 1) }, "LocalThroughputMeasurement[0].Region is required"},
		{func(r *DatabaseCreateRequest) { r.AverageItemSizeInBytes = new(int64(0)) }, "AverageItemSizeInBytes must be at least 1, not 0"},
		{func(r *DatabaseCreateRequest) { r.RAMPercentage = new(25) }, "RAMPercentage must be a multiple of 10, not 25"},
		{func(r *DatabaseCreateRequest) {
			r.RemoteBackup, r.PeriodicBackupPath = fullBackup(), new(SecretURI("x"))
		}, "RemoteBackup and PeriodicBackupPath can't be given together"},
		{func(r *DatabaseCreateRequest) { r.RemoteBackup = &BackupSpec{Active: new(true)} }, "RemoteBackup.Interval is required"},
		{func(r *DatabaseCreateRequest) { r.SourceIPs = []string{""} }, "SourceIPs[0] must not be empty"},
		{func(r *DatabaseCreateRequest) { r.ClientTLSCertificates = make([]DatabaseCertificateSpec, 1) }, "ClientTLSCertificates[0].PublicCertificatePEM is required"},
		{func(r *DatabaseCreateRequest) { r.Password = new(Secret("x")) }, ""},
		{func(r *DatabaseCreateRequest) { r.Password, r.Protocol = new(Secret("x")), new(ProtocolMemcached) }, "Password can only be given with ProtocolRedis"},
		{func(r *DatabaseCreateRequest) { r.SASLUsername = new("x") }, "SASLUsername can only be given with ProtocolMemcached"},
		{func(r *DatabaseCreateRequest) { r.SASLPassword, r.Protocol = new(Secret("x")), new(ProtocolRedis) }, "SASLPassword can only be given with ProtocolMemcached"},
		{func(r *DatabaseCreateRequest) { r.SASLPassword, r.Protocol = new(Secret("x")), new(ProtocolMemcached) }, ""},
		{func(r *DatabaseCreateRequest) { r.Alerts = make([]AlertSpec, 1) }, "Alerts[0].Name is required"},
		{func(r *DatabaseCreateRequest) { r.Modules = make([]ModuleSpec, 1) }, "Modules[0].Name is required"},
	} {
		request := &DatabaseCreateRequest{Name: "x"}
		test.change(request)
		checkValidate(t, request, test.want)
	}
}

func TestDatabaseUpdateRequestValidate(t *testing.T) {
	for _, test := range []struct {
		request DatabaseUpdateRequest
		want    string
	}{
		{DatabaseUpdateRequest{}, ""},
		{DatabaseUpdateRequest{Name: new("")}, "Name must not be empty"},
		{DatabaseUpdateRequest{MemoryLimitInGB: new(1.0), DatasetSizeInGB: new(1.0)}, "MemoryLimitInGB and DatasetSizeInGB can't be given together"},
		{DatabaseUpdateRequest{ThroughputMeasurement: &Throughput{By: "x"}}, "ThroughputMeasurement.Value must be at least 1, not 0"},
		{DatabaseUpdateRequest{Replica: &ReplicaSpec{}}, "Replica.SyncSources is required"},
		{DatabaseUpdateRequest{ReplicaOf: []SecretURI{""}}, "ReplicaOf[0] must not be empty"},
		{DatabaseUpdateRequest{UseExternalEndpointForOSSClusterAPI: new(true)}, ""},
		{DatabaseUpdateRequest{UseExternalEndpointForOSSClusterAPI: new(true), SupportOSSClusterAPI: new(false)}, "UseExternalEndpointForOSSClusterAPI can only be given with SupportOSSClusterAPI"},
		{DatabaseUpdateRequest{Password: new(Secret("x")), EnableDefaultUser: new(true)}, ""},
		{DatabaseUpdateRequest{Password: new(Secret("x")), EnableDefaultUser: new(false)}, "EnableDefaultUser false and Password can't be given together"},
		{DatabaseUpdateRequest{SourceIPs: []string{""}}, "SourceIPs[0] must not be empty"},
		{DatabaseUpdateRequest{ClientTLSCertificates: make([]DatabaseCertificateSpec, 1)}, "ClientTLSCertificates[0].PublicCertificatePEM is required"},
		{DatabaseUpdateRequest{RemoteBackup: fullBackup(), PeriodicBackupPath: new(SecretURI(""))}, "RemoteBackup and PeriodicBackupPath can't be given together"},
		{DatabaseUpdateRequest{RemoteBackup: &BackupSpec{Active: new(true)}}, "RemoteBackup.Interval is required"},
		{DatabaseUpdateRequest{Alerts: make([]AlertSpec, 1)}, "Alerts[0].Name is required"},
		{DatabaseUpdateRequest{RAMPercentage: new(60)}, "RAMPercentage must be from 10 to 50, not 60"},
	} {
		checkValidate(t, &test.request, test.want)
	}
}
