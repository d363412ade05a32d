package rediscloud

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Upgrade upgrades a database to one of the Redis versions that
// [DatabasesService.ListTargetVersions] returns. The task yields the state of
// the upgrade; [Task.WaitProvisioned] waits until it is done.
//
// API: POST /subscriptions/{subscriptionId}/databases/{databaseId}/upgrade
func (s *DatabasesService) Upgrade(ctx context.Context, subscriptionID, databaseID int, req *DatabaseUpgradeRequest) (*Task[DatabaseUpgrade], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID).withBody(req).
			shows("targetRedisVersion"),
		readBack(databaseUpgradeKind, "/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID))
}

// GetUpgradeStatus returns the state of the latest upgrade of a database.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/upgrade
func (s *DatabasesService) GetUpgradeStatus(ctx context.Context, subscriptionID, databaseID int) (*DatabaseUpgrade, error) {
	return fetch[DatabaseUpgrade](ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID))
}

// ListTargetVersions returns the Redis versions that a database can be upgraded
// to.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions
func (s *DatabasesService) ListTargetVersions(ctx context.Context, subscriptionID, databaseID int) (*TargetVersionList, error) {
	return fetch[TargetVersionList](ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions", subscriptionID, databaseID))
}

// AllTargetVersions iterates over the versions that
// [DatabasesService.ListTargetVersions] returns. On failure it yields the error
// and stops.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions
func (s *DatabasesService) AllTargetVersions(ctx context.Context, subscriptionID, databaseID int) iter.Seq2[*TargetVersion, error] {
	return listed(ctx, func(ctx context.Context) (*TargetVersionList, error) {
		return s.ListTargetVersions(ctx, subscriptionID, databaseID)
	})
}

// DatabaseUpgradeRequest names the version to upgrade to.
type DatabaseUpgradeRequest struct {
	TargetRedisVersion string `json:"targetRedisVersion"` // such as "7.4"; required
}

func (r *DatabaseUpgradeRequest) validate() error {
	return required("TargetRedisVersion", r.TargetRedisVersion != "")
}

// A DatabaseUpgrade is the state of an upgrade of the Redis version.
type DatabaseUpgrade struct {
	DatabaseID         int           `json:"databaseId"`
	TargetRedisVersion string        `json:"targetRedisVersion"`
	Progress           float64       `json:"progress"`
	Status             UpgradeStatus `json:"upgradeStatus"`
}

var databaseUpgradeKind = newKind[DatabaseUpgrade]("DatabaseUpgrade", kind{
	noun: "version upgrade", member: "upgradeStatus",
	ready:  []string{string(UpgradeStatusDone)},
	failed: []string{string(UpgradeStatusFailed)},
	settle: 10 * time.Second, exact: true, // the previous upgrade is shown until this one begins
})

func (u *DatabaseUpgrade) check() error {
	if u.DatabaseID == 0 && u.Status == "" {
		return errors.New("missing upgradeStatus")
	}
	return nil
}

// An UpgradeStatus is the status of a version upgrade.
type UpgradeStatus string

// The statuses of a version upgrade.
const (
	UpgradeStatusInProgress                UpgradeStatus = "in-progress"
	UpgradeStatusInProgressRecoveryPending UpgradeStatus = "in-progress-recovery-pending"
	UpgradeStatusDone                      UpgradeStatus = "done"
	UpgradeStatusFailed                    UpgradeStatus = "failed"
)

// TargetVersionList is the result of [DatabasesService.ListTargetVersions].
type TargetVersionList struct {
	Targets []TargetVersion `json:"targets"`
}

func (l *TargetVersionList) elements() []TargetVersion { return l.Targets }

// A TargetVersion is a Redis version that a database can be upgraded to.
type TargetVersion struct {
	RedisVersion string `json:"redisVersion"`
}
