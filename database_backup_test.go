package rediscloud

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDatabasesBackupWire(t *testing.T) {
	for body, request := range map[string]*DatabaseBackupRequest{
		``:   nil,
		`{}`: {},
		`{"regionName":"us-east-1","adhocBackupPath":"s3://key:secret@bucket/path"}`: {
			Region: new("us-east-1"), AdhocBackupPath: new(SecretURI("s3://key:secret@bucket/path")),
		},
	} {
		_, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[None], error) {
				return c.Databases.Backup(ctx, 12, 34, request)
			},
			wire{method: "POST", path: "/subscriptions/12/databases/34/backup", body: body, answer: received},
			completed(`{}`))
		require.NoError(t, err)
	}
}

func TestDatabasesBackupStatusWire(t *testing.T) {
	for _, test := range []struct {
		opts     *BackupStatusOptions
		query    string
		resource string
		want     BackupStatus
	}{
		{nil, "", `{"status":"success","lastBackupTime":"2024-01-02T03:04:05Z","failureReason":"none"}`, BackupStatus{
			Status: BackupStateSuccess, LastBackupTime: Time{Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}, FailureReason: "none",
		}},
		{&BackupStatusOptions{}, "", `{}`, BackupStatus{}},
		{&BackupStatusOptions{RegionName: "us-east-1"}, "?regionName=us-east-1", `{"status":null,"lastBackupTime":null,"failureReason":null}`, BackupStatus{}},
	} {
		got, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[BackupStatus], error) {
				return c.Databases.GetBackupStatus(ctx, 12, 34, test.opts)
			},
			wire{method: "GET", path: "/subscriptions/12/databases/34/backup" + test.query, answer: received},
			completed(`{"resourceId":34,"additionalResourceId":12,"resource":`+test.resource+`}`))
		require.NoError(t, err)
		assert.Equal(t, &test.want, got)
	}
}

func TestDatabasesBackupStatusDisabled(t *testing.T) {
	_, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[BackupStatus], error) {
			return c.Databases.GetBackupStatus(ctx, 12, 34, nil)
		},
		wire{method: "GET", path: "/subscriptions/12/databases/34/backup", answer: received},
		wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-error",
			"response":{"error":{"type":"DATABASE_BACKUP_DISABLED","status":"400 BAD_REQUEST"}}}`})
	var failed *TaskError
	require.ErrorAs(t, err, &failed)
	assert.ErrorContains(t, err, "DATABASE_BACKUP_DISABLED")
}

func TestDatabasesImportWire(t *testing.T) {
	submit := func(ctx context.Context, c *Client) (*Task[None], error) {
		return c.Databases.Import(ctx, 12, 34, &DatabaseImportRequest{
			SourceType: StorageTypeRedis, ImportFromURIs: []SecretURI{"redis://user:pass@source:6379"},
		})
	}
	post := wire{method: "POST", path: "/subscriptions/12/databases/34/import",
		body: `{"sourceType":"redis","importFromUri":["redis://user:pass@source:6379"]}`, answer: received}

	_, err := waitWire(t, submit, post, completed(`{}`))
	require.NoError(t, err)

	_, err = provisionWire(t, submit, post, completed(`{}`), readDatabase("import-pending"), readDatabase("active"))
	require.NoError(t, err)
}

func TestDatabasesImportStatusWire(t *testing.T) {
	for resource, want := range map[string]ImportStatus{
		`{"status":"failed","lastImportTime":"2024-01-02T03:04:05Z","failureReason":"bad-file","failureReasonParams":[{"key":"file","value":"a.rdb"}]}`: {
			Status: ImportStateFailed, LastImportTime: Time{Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)},
			FailureReason: "bad-file", FailureReasonParams: []FailureReasonParam{{Key: "file", Value: "a.rdb"}},
		},
		`{}`: {},
		`{"status":null,"lastImportTime":null,"failureReason":null,"failureReasonParams":null}`: {},
		`{"status":"importing","failureReasonParams":[null]}`:                                   {Status: ImportStateImporting, FailureReasonParams: make([]FailureReasonParam, 1)},
	} {
		got, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[ImportStatus], error) {
				return c.Databases.GetImportStatus(ctx, 12, 34)
			},
			wire{method: "GET", path: "/subscriptions/12/databases/34/import", answer: received},
			completed(`{"resourceId":34,"additionalResourceId":12,"resource":`+resource+`}`))
		require.NoError(t, err)
		assert.Equal(t, &want, got)
	}
}

func TestBackupAndImportRequestsValidate(t *testing.T) {
	checkValidate(t, &DatabaseBackupRequest{}, "")
	checkValidate(t, &DatabaseBackupRequest{Region: new("")}, "Region must not be empty")
	checkValidate(t, &DatabaseBackupRequest{AdhocBackupPath: new(SecretURI(""))}, "AdhocBackupPath must not be empty")
	checkValidate(t, &DatabaseImportRequest{}, "SourceType is required")
	checkValidate(t, &DatabaseImportRequest{SourceType: StorageTypeFTP}, "ImportFromURIs is required")
	checkValidate(t, &DatabaseImportRequest{SourceType: StorageTypeFTP, ImportFromURIs: []SecretURI{""}}, "ImportFromURIs[0] must not be empty")
	checkValidate(t, &DatabaseImportRequest{SourceType: StorageTypeFTP, ImportFromURIs: []SecretURI{"ftp://a"}}, "")
}
