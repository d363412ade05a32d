package rediscloud

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func upgradeRead(status string) wire {
	return wire{method: "GET", path: "/subscriptions/12/databases/34/upgrade",
		answer: `{"databaseId":34,"targetRedisVersion":"8.2","progress":37.5,"upgradeStatus":"` + status + `"}`}
}

func TestDatabasesUpgradeWire(t *testing.T) {
	upgrade := func(ctx context.Context, c *Client) (*Task[DatabaseUpgrade], error) {
		return c.Databases.Upgrade(ctx, 12, 34, &DatabaseUpgradeRequest{TargetRedisVersion: "8.2"})
	}
	post := wire{method: "POST", path: "/subscriptions/12/databases/34/upgrade", body: `{"targetRedisVersion":"8.2"}`, answer: received}

	got, err := waitWire(t, upgrade, post, completed(`{}`), upgradeRead("in-progress"))
	require.NoError(t, err)
	assert.Equal(t, &DatabaseUpgrade{DatabaseID: 34, TargetRedisVersion: "8.2", Progress: 37.5, Status: UpgradeStatusInProgress}, got)

	got, err = provisionWire(t, upgrade, post, completed(`{}`), upgradeRead("in-progress-recovery-pending"), upgradeRead("done"))
	require.NoError(t, err)
	assert.Equal(t, UpgradeStatusDone, got.Status)

	_, err = provisionWire(t, upgrade, post, completed(`{}`), upgradeRead("failed"))
	var failed *ProvisionError
	assert.ErrorAs(t, err, &failed)
}

func TestDatabasesUpgradeStatusWire(t *testing.T) {
	for answer, want := range map[string]DatabaseUpgrade{
		upgradeRead("failed").answer: {DatabaseID: 34, TargetRedisVersion: "8.2", Progress: 37.5, Status: UpgradeStatusFailed},
		`{"databaseId":34,"targetRedisVersion":null,"progress":null,"upgradeStatus":null}`: {DatabaseID: 34},
		`{"upgradeStatus":"done"}`: {Status: UpgradeStatusDone},
	} {
		client := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34/upgrade", answer: answer})
		got, err := client.Databases.GetUpgradeStatus(t.Context(), 12, 34)
		require.NoError(t, err)
		assert.Equal(t, &want, got)
	}
	_, err := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34/upgrade", answer: `{}`}).Databases.GetUpgradeStatus(t.Context(), 12, 34)
	_, odd := errors.AsType[*DecodeError](err)
	assert.True(t, odd, "%v", err)
}

func TestDatabasesTargetVersionsWire(t *testing.T) {
	for answer, want := range map[string]TargetVersionList{
		`{"targets":[{"redisVersion":"7.4"},{"redisVersion":"8.2"}]}`: {Targets: []TargetVersion{{RedisVersion: "7.4"}, {RedisVersion: "8.2"}}},
		`{}`:               {},
		`{"targets":null}`: {},
	} {
		client := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34/available-target-versions", answer: answer})
		got, err := client.Databases.ListTargetVersions(t.Context(), 12, 34)
		require.NoError(t, err)
		assert.Equal(t, &want, got)
	}
}

func TestDatabaseUpgradeRequestValidate(t *testing.T) {
	checkValidate(t, &DatabaseUpgradeRequest{TargetRedisVersion: "8.2"}, "")
	checkValidate(t, &DatabaseUpgradeRequest{}, "TargetRedisVersion is required")
}
