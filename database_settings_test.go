package rediscloud

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unsetFields names the zero fields of a struct, and of what it contains: a
// value with all fields set must have none. A scalar behind a pointer may be
// zero.
func unsetFields(v any) (unset []string) {
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch {
		case v.IsZero():
			unset = append(unset, path)
		case v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct:
			walk(path, v.Elem())
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				walk(path, v.Index(i))
			}
		case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[Time]():
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	}
	walk("", reflect.ValueOf(v))
	return unset
}

// checkValidate checks the error of validate; "" means none.
func checkValidate(t *testing.T, request validator, want string) {
	t.Helper()
	if err := request.validate(); want == "" {
		assert.NoError(t, err)
	} else {
		assert.EqualError(t, err, want)
	}
}

// fullBackup is a BackupSpec with all fields, and its JSON.
func fullBackup() *BackupSpec {
	return &BackupSpec{
		Active:      new(true),
		Interval:    new(BackupIntervalEvery12Hours),
		TimeUTC:     new("14:00"),
		StorageType: new(StorageTypeAWSS3),
		StoragePath: new(SecretURI("s3://bucket/path")),
	}
}

const fullBackupJSON = `{"active":true,"interval":"every-12-hours","timeUTC":"14:00","storageType":"aws-s3","storagePath":"s3://bucket/path"}`

// fullReplica is a ReplicaSpec with all fields, and its JSON.
func fullReplica() *ReplicaSpec {
	return &ReplicaSpec{SyncSources: []SyncSourceSpec{{
		Endpoint:   "redis://user:pass@source:6379",
		Encryption: new(false),
		ServerCert: new("PEM"),
	}}}
}

const fullReplicaJSON = `{"syncSources":[{"endpoint":"redis://user:pass@source:6379","encryption":false,"serverCert":"PEM"}]}`

func TestSettingsAbsentMembers(t *testing.T) {
	for want, settings := range map[string]any{
		`{"by":"number-of-shards","value":2}`:       &Throughput{By: ThroughputUnitNumberOfShards, Value: 2},
		`{}`:                                        &LocalThroughput{},
		`{"readOperationsPerSecond":0}`:             &LocalThroughput{ReadOperationsPerSecond: new(int64(0))},
		`{"name":"RedisJSON"}`:                      &ModuleSpec{Name: "RedisJSON"},
		`{"name":"latency","value":0}`:              &AlertSpec{Name: AlertNameLatency},
		`{"active":false}`:                          &BackupSpec{Active: new(false)},
		`{"syncSources":[]}`:                        &ReplicaSpec{SyncSources: []SyncSourceSpec{}},
		`{"endpoint":"redis://a:1"}`:                &SyncSourceSpec{Endpoint: "redis://a:1"},
		`{"publicCertificatePEMString":"PEM"}`:      &CertificateSpec{PublicCertificatePEM: "PEM"},
		`{"publicCertificatePEMString":"PEM\n"}`:    &DatabaseCertificateSpec{PublicCertificatePEM: "PEM\n", AsObject: true},
		`"PEM\n"`:                                   &DatabaseCertificateSpec{PublicCertificatePEM: "PEM\n"},
		`{"name":"RedisJSON","parameters":{"a":1}}`: &ModuleSpec{Name: "RedisJSON", Parameters: map[string]any{"a": 1}},
	} {
		got, err := json.Marshal(settings)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

func TestSettingsValidate(t *testing.T) {
	for _, test := range []struct {
		settings validator
		want     string
	}{
		{&Throughput{By: ThroughputUnitOperationsPerSecond, Value: 1}, ""},
		{&Throughput{Value: 1}, "By is required"},
		{&Throughput{By: ThroughputUnitOperationsPerSecond}, "Value must be at least 1, not 0"},
		{&LocalThroughput{}, ""},
		{&LocalThroughput{Region: new("")}, "Region must not be empty"},
		{&LocalThroughput{WriteOperationsPerSecond: new(int64(-1))}, "WriteOperationsPerSecond must be at least 0, not -1"},
		{&LocalThroughput{ReadOperationsPerSecond: new(int64(-1))}, "ReadOperationsPerSecond must be at least 0, not -1"},
		{&ModuleSpec{}, "Name is required"},
		{&AlertSpec{}, "Name is required"},
		{&BackupSpec{}, ""},
		{&BackupSpec{Active: new(false)}, ""},
		{&BackupSpec{Interval: new(BackupInterval(""))}, "Interval must not be empty"},
		{&BackupSpec{StorageType: new(StorageType(""))}, "StorageType must not be empty"},
		{&BackupSpec{Active: new(true)}, "Interval is required"},
		{&BackupSpec{Active: new(true), Interval: new(BackupIntervalEvery1Hour)}, "StorageType is required"},
		{&BackupSpec{Active: new(true), Interval: new(BackupIntervalEvery1Hour), StorageType: new(StorageTypeFTP)}, "StoragePath is required"},
		{fullBackup(), ""},
		{fullReplica(), ""},
		{&ReplicaSpec{}, "SyncSources is required"},
		{&ReplicaSpec{SyncSources: []SyncSourceSpec{}}, ""},
		{&ReplicaSpec{SyncSources: make([]SyncSourceSpec, 1)}, "SyncSources[0].Endpoint is required"},
		{&CertificateSpec{}, "PublicCertificatePEM is required"},
		{&DatabaseCertificateSpec{AsObject: true}, "PublicCertificatePEM is required"},
	} {
		checkValidate(t, test.settings, test.want)
	}
}

// Certificates are bare strings in all requests for Pro and Active-Active
// databases, and objects only on request; for Essentials they are always
// objects.
func TestCertificatesInRequests(t *testing.T) {
	certificates := []DatabaseCertificateSpec{{PublicCertificatePEM: "A"}, {PublicCertificatePEM: "B", AsObject: true}}
	const both = `"clientTlsCertificates":["A",{"publicCertificatePEMString":"B"}]`
	for _, test := range []struct {
		request any
		want    string
	}{
		{&DatabaseCreateRequest{Name: "n", ClientTLSCertificates: certificates}, `{"name":"n",` + both + `}`},
		{&DatabaseUpdateRequest{ClientTLSCertificates: certificates}, `{` + both + `}`},
		{&DatabaseUpdateRequest{ClientTLSCertificates: []DatabaseCertificateSpec{}}, `{"clientTlsCertificates":[]}`},
		{&DatabaseRegionsUpdateRequest{ClientTLSCertificates: certificates}, `{` + both + `}`},
		{&EssentialsDatabaseUpdateRequest{ClientTLSCertificates: []CertificateSpec{{PublicCertificatePEM: "A"}}}, `{"clientTlsCertificates":[{"publicCertificatePEMString":"A"}]}`},
	} {
		body, err := json.Marshal(test.request)
		require.NoError(t, err)
		assert.JSONEq(t, test.want, string(body), "%T", test.request)
		assert.JSONEq(t, test.want, fmt.Sprint(test.request), "%T", test.request)
	}
}
