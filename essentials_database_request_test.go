package rediscloud

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fullEssentialsDatabaseCreateRequest() *EssentialsDatabaseCreateRequest {
	return &EssentialsDatabaseCreateRequest{
		Name:                                "cache",
		DatasetSizeInGB:                     new(0.1),
		MemoryLimitInGB:                     new(1.5),
		SupportOSSClusterAPI:                new(true),
		UseExternalEndpointForOSSClusterAPI: new(true),
		EnableDatabaseClustering:            new(true),
		NumberOfShards:                      new(2),
		RegexRules:                          []string{".*"},
		Protocol:                            new(ProtocolRedis),
		RedisVersion:                        new("7.4"),
		RESPVersion:                         new(RESPVersion3),
		DataPersistence:                     new(DataPersistenceAOFEvery1Second),
		DataEvictionPolicy:                  new(EvictionPolicyAllKeysLRM),
		Replication:                         new(false),
		Replica:                             fullReplica(),
		ReplicaOf:                           []SecretURI{"redis://user:pass@old:6379"},
		PeriodicBackupPath:                  new(SecretURI("s3://old/path")),
		SourceIPs:                           []string{"192.0.2.0/24"},
		EnableTLS:                           new(true),
		ClientTLSCertificates:               []CertificateSpec{{PublicCertificatePEM: "PEM"}},
		ClientSSLCertificate:                new("OLD PEM"),
		Password:                            new(Secret("pa55")),
		Alerts:                              []AlertSpec{{Name: AlertNameConnectionsLimit, Value: 80}},
		Modules:                             []ModuleSpec{{Name: "RedisJSON", Parameters: map[string]any{"depth": 3}}},
	}
}

const fullEssentialsDatabaseCreateJSON = `{
	"name": "cache", "datasetSizeInGb": 0.1, "memoryLimitInGb": 1.5,
	"supportOSSClusterApi": true, "useExternalEndpointForOSSClusterApi": true,
	"enableDatabaseClustering": true, "numberOfShards": 2, "regexRules": [".*"],
	"protocol": "redis", "redisVersion": "7.4", "respVersion": "resp3",
	"dataPersistence": "aof-every-1-second", "dataEvictionPolicy": "allkeys-lrm", "replication": false,
	"replica": ` + fullReplicaJSON + `, "replicaOf": ["redis://user:pass@old:6379"],
	"periodicBackupPath": "s3://old/path", "sourceIps": ["192.0.2.0/24"], "enableTls": true,
	"clientTlsCertificates": [{"publicCertificatePEMString": "PEM"}], "clientSslCertificate": "OLD PEM",
	"password": "pa55", "alerts": [{"name": "connections-limit", "value": 80}],
	"modules": [{"name": "RedisJSON", "parameters": {"depth": 3}}]}`

func fullEssentialsDatabaseUpdateRequest() *EssentialsDatabaseUpdateRequest {
	return &EssentialsDatabaseUpdateRequest{
		Name:                                new("cache2"),
		DatasetSizeInGB:                     new(2.5),
		MemoryLimitInGB:                     new(5.0),
		SupportOSSClusterAPI:                new(false),
		UseExternalEndpointForOSSClusterAPI: new(false),
		EnableDatabaseClustering:            new(false),
		NumberOfShards:                      new(4),
		RegexRules:                          []string{".*"},
		RESPVersion:                         new(RESPVersion2),
		DataPersistence:                     new(DataPersistenceNone),
		DataEvictionPolicy:                  new(EvictionPolicyNoEviction),
		Replication:                         new(false),
		Replica:                             fullReplica(),
		ReplicaOf:                           []SecretURI{"redis://old:6379"},
		PeriodicBackupPath:                  new(SecretURI("s3://old/path")),
		SourceIPs:                           []string{"192.0.2.1/32"},
		EnableTLS:                           new(false),
		ClientTLSCertificates:               []CertificateSpec{{PublicCertificatePEM: "PEM"}},
		ClientSSLCertificate:                new("OLD PEM"),
		Password:                            new(Secret("pa55")),
		EnableDefaultUser:                   new(false),
		Alerts:                              []AlertSpec{{Name: AlertNameLatency, Value: 3}},
	}
}

const fullEssentialsDatabaseUpdateJSON = `{
	"name": "cache2", "datasetSizeInGb": 2.5, "memoryLimitInGb": 5,
	"supportOSSClusterApi": false, "useExternalEndpointForOSSClusterApi": false,
	"enableDatabaseClustering": false, "numberOfShards": 4, "regexRules": [".*"], "respVersion": "resp2",
	"dataPersistence": "none", "dataEvictionPolicy": "noeviction", "replication": false,
	"replica": ` + fullReplicaJSON + `, "replicaOf": ["redis://old:6379"],
	"periodicBackupPath": "s3://old/path", "sourceIps": ["192.0.2.1/32"], "enableTls": false,
	"clientTlsCertificates": [{"publicCertificatePEMString": "PEM"}], "clientSslCertificate": "OLD PEM",
	"password": "pa55", "enableDefaultUser": false, "alerts": [{"name": "latency", "value": 3}]}`

func TestEssentialsDatabaseRequestsAllMembers(t *testing.T) {
	for want, request := range map[string]any{
		fullEssentialsDatabaseCreateJSON: fullEssentialsDatabaseCreateRequest(),
		fullEssentialsDatabaseUpdateJSON: fullEssentialsDatabaseUpdateRequest(),
	} {
		assert.Empty(t, unsetFields(request))
		got, err := json.Marshal(request)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

// A nil field is omitted; an empty one is sent, since it clears the setting.
func TestEssentialsDatabaseRequestsAbsentAndCleared(t *testing.T) {
	for want, request := range map[string]any{
		`{"name":"x"}`: &EssentialsDatabaseCreateRequest{Name: "x"},
		`{"name":"x","regexRules":[],"replicaOf":[],"sourceIps":[],"clientTlsCertificates":[],"alerts":[],"modules":[]}`: &EssentialsDatabaseCreateRequest{
			Name: "x", RegexRules: []string{}, ReplicaOf: []SecretURI{}, SourceIPs: []string{},
			ClientTLSCertificates: []CertificateSpec{}, Alerts: []AlertSpec{}, Modules: []ModuleSpec{},
		},
		`{}`: &EssentialsDatabaseUpdateRequest{},
		`{"regexRules":[],"replicaOf":[],"replica":{"syncSources":[]},"sourceIps":[],"clientTlsCertificates":[],"clientSslCertificate":"",
			"periodicBackupPath":"","alerts":[]}`: &EssentialsDatabaseUpdateRequest{
			RegexRules: []string{}, ReplicaOf: []SecretURI{}, Replica: &ReplicaSpec{SyncSources: []SyncSourceSpec{}}, SourceIPs: []string{},
			ClientTLSCertificates: []CertificateSpec{}, ClientSSLCertificate: new(""), PeriodicBackupPath: new(SecretURI("")), Alerts: []AlertSpec{},
		},
	} {
		got, err := json.Marshal(request)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

func TestEssentialsDatabaseCreateRequestValidate(t *testing.T) {
	type request = EssentialsDatabaseCreateRequest
	for _, test := range []struct {
		change func(*request)
		want   string
	}{
		{func(*request) {}, ""},
		{func(r *request) { r.Name = "" }, "Name is required"},
		{func(r *request) { r.MemoryLimitInGB, r.DatasetSizeInGB = new(1.0), new(1.0) }, "MemoryLimitInGB and DatasetSizeInGB can't be given together"},
		{func(r *request) { r.DatasetSizeInGB = new(0.09) }, "DatasetSizeInGB must be at least 0.1, not 0.09"},
		{func(r *request) { r.UseExternalEndpointForOSSClusterAPI = new(true) }, "UseExternalEndpointForOSSClusterAPI can only be given with SupportOSSClusterAPI"},
		{func(r *request) { r.NumberOfShards, r.EnableDatabaseClustering = new(0), new(true) }, "NumberOfShards must be at least 1, not 0"},
		{func(r *request) { r.NumberOfShards = new(2) }, "NumberOfShards can only be given with EnableDatabaseClustering"},
		{func(r *request) { r.NumberOfShards, r.EnableDatabaseClustering = new(2), new(true) }, ""},
		{func(r *request) { r.Protocol = new(Protocol("")) }, "Protocol must not be empty"},
		{func(r *request) { r.RedisVersion = new("") }, "RedisVersion must not be empty"},
		{func(r *request) { r.Replica = &ReplicaSpec{} }, "Replica.SyncSources is required"},
		{func(r *request) { r.ReplicaOf = []SecretURI{""} }, "ReplicaOf[0] must not be empty"},
		{func(r *request) { r.SourceIPs = []string{""} }, "SourceIPs[0] must not be empty"},
		{func(r *request) { r.ClientTLSCertificates = make([]CertificateSpec, 1) }, "ClientTLSCertificates[0].PublicCertificatePEM is required"},
		{func(r *request) { r.Alerts = make([]AlertSpec, 1) }, "Alerts[0].Name is required"},
		{func(r *request) { r.Modules = make([]ModuleSpec, 1) }, "Modules[0].Name is required"},
		{func(r *request) { r.Modules = []ModuleSpec{{Name: "x"}} }, ""},
		{func(r *request) { r.Modules, r.Protocol = []ModuleSpec{{Name: "x"}}, new(ProtocolRedis) }, ""},
		{func(r *request) { r.Modules, r.Protocol = []ModuleSpec{{Name: "x"}}, new(ProtocolStack) }, "Modules can only be given with ProtocolRedis"},
	} {
		r := &request{Name: "x"}
		test.change(r)
		checkValidate(t, r, test.want)
	}
}

func TestEssentialsDatabaseUpdateRequestValidate(t *testing.T) {
	type request = EssentialsDatabaseUpdateRequest
	for _, test := range []struct {
		request request
		want    string
	}{
		{request{}, ""},
		{request{Name: new("")}, "Name must not be empty"},
		{request{MemoryLimitInGB: new(1.0), DatasetSizeInGB: new(1.0)}, "MemoryLimitInGB and DatasetSizeInGB can't be given together"},
		{request{UseExternalEndpointForOSSClusterAPI: new(true)}, ""},
		{request{UseExternalEndpointForOSSClusterAPI: new(true), SupportOSSClusterAPI: new(false)}, "UseExternalEndpointForOSSClusterAPI can only be given with SupportOSSClusterAPI"},
		{request{NumberOfShards: new(0)}, "NumberOfShards must be at least 1, not 0"},
		{request{NumberOfShards: new(2)}, ""},
		{request{NumberOfShards: new(2), EnableDatabaseClustering: new(false)}, "NumberOfShards can only be given with EnableDatabaseClustering"},
		{request{Replica: &ReplicaSpec{}}, "Replica.SyncSources is required"},
		{request{ReplicaOf: []SecretURI{""}}, "ReplicaOf[0] must not be empty"},
		{request{SourceIPs: []string{""}}, "SourceIPs[0] must not be empty"},
		{request{ClientTLSCertificates: make([]CertificateSpec, 1)}, "ClientTLSCertificates[0].PublicCertificatePEM is required"},
		{request{Password: new(Secret("x")), EnableDefaultUser: new(true)}, ""},
		{request{Password: new(Secret("x")), EnableDefaultUser: new(false)}, "EnableDefaultUser false and Password can't be given together"},
		{request{Alerts: make([]AlertSpec, 1)}, "Alerts[0].Name is required"},
	} {
		checkValidate(t, &test.request, test.want)
	}
}
