package rediscloud

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fullDatabaseUpdateRegionsRequest() *DatabaseRegionsUpdateRequest {
	return &DatabaseRegionsUpdateRequest{
		Name:                                new("global"),
		DatasetSizeInGB:                     new(2.0),
		MemoryLimitInGB:                     new(4.0),
		SupportOSSClusterAPI:                new(true),
		UseExternalEndpointForOSSClusterAPI: new(true),
		EnableTLS:                           new(false),
		ClientTLSCertificates:               []DatabaseCertificateSpec{{PublicCertificatePEM: "PEM", AsObject: true}},
		ClientSSLCertificate:                new("OLD PEM"),
		DataEvictionPolicy:                  new(EvictionPolicyVolatileTTL),
		AutoMinorVersionUpgrade:             new(false),
		QueryPerformanceFactor:              new("2x"),
		GlobalDataPersistence:               new(DataPersistenceSnapshotEvery12Hours),
		GlobalPassword:                      new(Secret("g10ba1")),
		GlobalEnableDefaultUser:             new(true),
		GlobalSourceIPs:                     []string{"192.0.2.0/24"},
		GlobalAlerts:                        []AlertSpec{{Name: AlertNameSyncSourceLag, Value: 9}},
		Regions: []DatabaseRegionUpdate{{
			Region:       "us-east-1",
			RemoteBackup: fullBackup(),
			LocalThroughputMeasurement: &LocalThroughput{
				Region: new("us-east-1"), WriteOperationsPerSecond: new(int64(1000)), ReadOperationsPerSecond: new(int64(2000)),
			},
			DataPersistence:   new(DataPersistenceNone),
			Password:          new(Secret("10ca1")),
			SourceIPs:         []string{"192.0.2.1/32"},
			Alerts:            []AlertSpec{{Name: AlertNameConnectionsLimit, Value: 80}},
			RESPVersion:       new(RESPVersion3),
			EnableDefaultUser: new(true),
		}},
	}
}

const fullDatabaseUpdateRegionsJSON = `{
	"name": "global", "datasetSizeInGb": 2, "memoryLimitInGb": 4,
	"supportOSSClusterApi": true, "useExternalEndpointForOSSClusterApi": true, "enableTls": false,
	"clientTlsCertificates": [{"publicCertificatePEMString": "PEM"}], "clientSslCertificate": "OLD PEM",
	"dataEvictionPolicy": "volatile-ttl", "autoMinorVersionUpgrade": false, "queryPerformanceFactor": "2x",
	"globalDataPersistence": "snapshot-every-12-hours", "globalPassword": "g10ba1", "globalEnableDefaultUser": true,
	"globalSourceIp": ["192.0.2.0/24"], "globalAlerts": [{"name": "syncsource-lag", "value": 9}],
	"regions": [{
		"region": "us-east-1", "remoteBackup": ` + fullBackupJSON + `,
		"localThroughputMeasurement": {"region": "us-east-1", "writeOperationsPerSecond": 1000, "readOperationsPerSecond": 2000},
		"dataPersistence": "none", "password": "10ca1", "sourceIp": ["192.0.2.1/32"],
		"alerts": [{"name": "connections-limit", "value": 80}], "respVersion": "resp3", "enableDefaultUser": true
	}]}`

func TestDatabaseUpdateRegionsRequestMembers(t *testing.T) {
	assert.Empty(t, unsetFields(fullDatabaseUpdateRegionsRequest()))
	for want, request := range map[string]*DatabaseRegionsUpdateRequest{
		fullDatabaseUpdateRegionsJSON: fullDatabaseUpdateRegionsRequest(),
		`{}`:                          {},
		`{"clientTlsCertificates":[],"clientSslCertificate":"","globalSourceIp":[],"globalAlerts":[],"regions":[]}`: {
			ClientTLSCertificates: []DatabaseCertificateSpec{}, ClientSSLCertificate: new(""), GlobalSourceIPs: []string{},
			GlobalAlerts: []AlertSpec{}, Regions: []DatabaseRegionUpdate{},
		},
		`{"regions":[{"region":"a"},{"region":"b","sourceIp":[],"alerts":[],"enableDefaultUser":false}]}`: {
			Regions: []DatabaseRegionUpdate{{Region: "a"}, {Region: "b", SourceIPs: []string{}, Alerts: []AlertSpec{}, EnableDefaultUser: new(false)}},
		},
	} {
		got, err := json.Marshal(request)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

func TestDatabaseUpdateRegionsRequestValidate(t *testing.T) {
	region := func(r DatabaseRegionUpdate) DatabaseRegionsUpdateRequest {
		return DatabaseRegionsUpdateRequest{Regions: []DatabaseRegionUpdate{{Region: "a"}, r}}
	}
	for _, test := range []struct {
		request DatabaseRegionsUpdateRequest
		want    string
	}{
		{DatabaseRegionsUpdateRequest{}, ""},
		{DatabaseRegionsUpdateRequest{Name: new("")}, "Name must not be empty"},
		{DatabaseRegionsUpdateRequest{DatasetSizeInGB: new(0.0)}, "DatasetSizeInGB must be at least 0.1, not 0"},
		{DatabaseRegionsUpdateRequest{UseExternalEndpointForOSSClusterAPI: new(true), SupportOSSClusterAPI: new(false)}, "UseExternalEndpointForOSSClusterAPI can only be given with SupportOSSClusterAPI"},
		{DatabaseRegionsUpdateRequest{ClientTLSCertificates: make([]DatabaseCertificateSpec, 1)}, "ClientTLSCertificates[0].PublicCertificatePEM is required"},
		{DatabaseRegionsUpdateRequest{GlobalEnableDefaultUser: new(false), GlobalPassword: new(Secret("x"))}, "GlobalEnableDefaultUser false and GlobalPassword can't be given together"},
		{DatabaseRegionsUpdateRequest{GlobalSourceIPs: []string{""}}, "GlobalSourceIPs[0] must not be empty"},
		{DatabaseRegionsUpdateRequest{GlobalAlerts: make([]AlertSpec, 1)}, "GlobalAlerts[0].Name is required"},
		{region(DatabaseRegionUpdate{}), "Regions[1].Region is required"},
		{region(DatabaseRegionUpdate{Region: "b", RemoteBackup: &BackupSpec{Active: new(true)}}), "Regions[1].RemoteBackup.Interval is required"},
		{region(DatabaseRegionUpdate{Region: "b", LocalThroughputMeasurement: &LocalThroughput{Region: new("")}}), "Regions[1].LocalThroughputMeasurement.Region must not be empty"},
		{region(DatabaseRegionUpdate{Region: "b", EnableDefaultUser: new(false), Password: new(Secret("x"))}), "Regions[1].EnableDefaultUser false and Password can't be given together"},
		{region(DatabaseRegionUpdate{Region: "b", SourceIPs: []string{""}}), "Regions[1].SourceIPs[0] must not be empty"},
		{region(DatabaseRegionUpdate{Region: "b", Alerts: make([]AlertSpec, 1)}), "Regions[1].Alerts[0].Name is required"},
	} {
		checkValidate(t, &test.request, test.want)
	}
}

func TestDatabasesUpdateRegionsWire(t *testing.T) {
	update := func(ctx context.Context, c *Client) (*Task[Database], error) {
		return c.Databases.UpdateRegions(ctx, 12, 34, &DatabaseRegionsUpdateRequest{GlobalPassword: new(Secret("g10ba1"))})
	}
	put := wire{method: "PUT", path: "/subscriptions/12/databases/34/regions", body: `{"globalPassword":"g10ba1"}`, answer: received}

	db, err := waitWire(t, update, put, completed(`{}`), readDatabase("active-change-pending"))
	require.NoError(t, err)
	assert.Equal(t, 34, db.ID)

	db, err = provisionWire(t, update, put, completed(`{}`), readDatabase("active-change-pending"), readDatabase("active"))
	require.NoError(t, err)
	assert.Equal(t, DatabaseStatusActive, db.Status)
}

func TestDatabasesFlushWire(t *testing.T) {
	_, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) { return c.Databases.Flush(ctx, 12, 34) },
		wire{method: "PUT", path: "/subscriptions/12/databases/34/flush", body: `{}`, answer: received},
		completed(`{}`))
	require.NoError(t, err)
}
