package rediscloud

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const essentialsDatabasePath = "/fixed/subscriptions/12/databases/34"

func TestEssentialsDatabasesBackupWire(t *testing.T) {
	for body, request := range map[string]*EssentialsDatabaseBackupRequest{
		``:   nil,
		`{}`: {},
		`{"adhocBackupPath":"s3://key:secret@bucket/path"}`: {AdhocBackupPath: new(SecretURI("s3://key:secret@bucket/path"))},
	} {
		_, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[None], error) {
				return c.EssentialsDatabases.Backup(ctx, 12, 34, request)
			},
			wire{method: "POST", path: essentialsDatabasePath + "/backup", body: body, answer: received},
			completed(`{}`))
		require.NoError(t, err)
	}
}

func TestEssentialsDatabasesBackupStatusWire(t *testing.T) {
	submit := func(ctx context.Context, c *Client) (*Task[BackupStatus], error) {
		return c.EssentialsDatabases.GetBackupStatus(ctx, 12, 34)
	}
	get := wire{method: "GET", path: essentialsDatabasePath + "/backup", answer: received}
	got, err := waitWire(t, submit, get, completed(`{"resourceId":34,"additionalResourceId":12,"resource":{"status":"success","lastBackupTime":"2024-01-02T03:04:05Z"}}`))
	require.NoError(t, err)
	assert.Equal(t, &BackupStatus{Status: BackupStateSuccess, LastBackupTime: Time{Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}}, got)

	_, err = waitWire(t, submit, get, wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-error",
		"response":{"error":{"type":"DATABASE_BACKUP_DISABLED","status":"400 BAD_REQUEST"}}}`})
	var failed *TaskError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, TaskErrorTypeDatabaseBackupDisabled, failed.Type)
}

func TestEssentialsDatabasesImportWire(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) {
			return c.EssentialsDatabases.Import(ctx, 12, 34, &DatabaseImportRequest{
				SourceType: StorageTypeFTP, ImportFromURIs: []SecretURI{"ftp://user:pass@host/a.rdb"},
			})
		},
		wire{method: "POST", path: essentialsDatabasePath + "/import", body: `{"sourceType":"ftp","importFromUri":["ftp://user:pass@host/a.rdb"]}`, answer: received},
		completed(`{}`), readEssentialsDatabase("import-pending"), readEssentialsDatabase("active"))
	require.NoError(t, err)
}

func TestEssentialsDatabasesImportStatusWire(t *testing.T) {
	got, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[ImportStatus], error) {
			return c.EssentialsDatabases.GetImportStatus(ctx, 12, 34)
		},
		wire{method: "GET", path: essentialsDatabasePath + "/import", answer: received},
		completed(`{"resourceId":34,"additionalResourceId":12,"resource":{"status":"importing"}}`))
	require.NoError(t, err)
	assert.Equal(t, &ImportStatus{Status: ImportStateImporting}, got)
}

func TestEssentialsDatabasesUpgradeWire(t *testing.T) {
	read := func(status string) wire {
		return wire{method: "GET", path: essentialsDatabasePath + "/upgrade",
			answer: `{"databaseId":34,"targetRedisVersion":"8.2","progress":37.5,"upgradeStatus":"` + status + `"}`}
	}
	got, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[DatabaseUpgrade], error) {
			return c.EssentialsDatabases.Upgrade(ctx, 12, 34, &DatabaseUpgradeRequest{TargetRedisVersion: "8.2"})
		},
		wire{method: "POST", path: essentialsDatabasePath + "/upgrade", body: `{"targetRedisVersion":"8.2"}`, answer: received},
		completed(`{"resourceId":34,"additionalResourceId":12}`), read("in-progress"), read("done"))
	require.NoError(t, err)
	want := &DatabaseUpgrade{DatabaseID: 34, TargetRedisVersion: "8.2", Progress: 37.5, Status: UpgradeStatusDone}
	assert.Equal(t, want, got)

	client := newWire(t, read("done"),
		wire{method: "GET", path: essentialsDatabasePath + "/available-target-versions", answer: `{"targets":[{"redisVersion":"8.2"}]}`})
	got, err = client.EssentialsDatabases.GetUpgradeStatus(t.Context(), 12, 34)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	targets, err := client.EssentialsDatabases.ListTargetVersions(t.Context(), 12, 34)
	require.NoError(t, err)
	assert.Equal(t, &TargetVersionList{Targets: []TargetVersion{{RedisVersion: "8.2"}}}, targets)
}

func TestEssentialsDatabasesTrafficAndSlowLogWire(t *testing.T) {
	client, ctx := newWire(t,
		wire{method: "GET", path: essentialsDatabasePath + "/traffic", answer: `{"bdbId":34,"trafficStatus":"stopped","canResume":true}`},
		wire{method: "GET", path: essentialsDatabasePath + "/traffic", status: 404},
		wire{method: "POST", path: essentialsDatabasePath + "/traffic/resume", status: 204},
		wire{method: "GET", path: essentialsDatabasePath + "/slow-log", answer: `{"entries":[{"id":5,"duration":12000,"arguments":"KEYS *"}]}`},
	), t.Context()
	traffic, err := client.EssentialsDatabases.GetTraffic(ctx, 12, 34)
	require.NoError(t, err)
	assert.Equal(t, &DatabaseTraffic{DatabaseID: 34, Status: "stopped", CanResume: true}, traffic)
	_, err = client.EssentialsDatabases.GetTraffic(ctx, 12, 34)
	require.ErrorIs(t, err, ErrNotFound)
	require.NoError(t, client.EssentialsDatabases.ResumeTraffic(ctx, 12, 34))
	log, err := client.EssentialsDatabases.GetSlowLog(ctx, 12, 34)
	require.NoError(t, err)
	assert.Equal(t, &SlowLog{Entries: []SlowLogEntry{{ID: 5, Duration: 12000, Arguments: "KEYS *"}}}, log)
}

func TestEssentialsDatabasesTagsWire(t *testing.T) {
	const tags = essentialsDatabasePath + "/tags"
	client, ctx := newWire(t,
		wire{method: "GET", path: tags, answer: `{"accountId":1,"tags":[{"key":"env","value":"prod"}]}`},
		wire{method: "POST", path: tags, body: `{"key":"env","value":"prod"}`, answer: `{"key":"env","value":"prod"}`},
		wire{method: "PUT", path: tags, body: `{"tags":[]}`, answer: `{"accountId":1,"tags":[]}`},
		wire{method: "PUT", path: tags + "/a%2Fb%20c", body: `{"value":""}`, answer: `{"key":"a/b c","value":""}`},
		wire{method: "DELETE", path: tags + "/env", answer: `{}`},
		wire{method: "DELETE", path: tags + "/env", status: 404},
	), t.Context()
	s, tag := client.EssentialsDatabases, TagRef{SubscriptionID: 12, DatabaseID: 34, Key: "env"}

	list, err := s.ListTags(ctx, 12, 34)
	require.NoError(t, err)
	assert.Equal(t, &TagList{AccountID: 1, Tags: []Tag{{Key: "env", Value: "prod"}}}, list)
	created, err := s.CreateTag(ctx, 12, 34, &TagSpec{Key: "env", Value: "prod"})
	require.NoError(t, err)
	assert.Equal(t, &Tag{Key: "env", Value: "prod"}, created)
	list, err = s.ReplaceTags(ctx, 12, 34, &TagsReplaceRequest{Tags: []TagSpec{}})
	require.NoError(t, err)
	assert.Empty(t, list.Tags)
	updated, err := s.UpdateTag(ctx, TagRef{SubscriptionID: 12, DatabaseID: 34, Key: "a/b c"}, &TagUpdateRequest{})
	require.NoError(t, err)
	assert.Equal(t, &Tag{Key: "a/b c"}, updated)
	require.NoError(t, s.DeleteTag(ctx, tag))
	require.ErrorIs(t, s.DeleteTag(ctx, tag), ErrNotFound)
}
