package rediscloud

import (
	"context"
	"iter"
)

// Backup backs up a database now. req may be nil: the backup then goes where
// the daily ones go. [EssentialsDatabasesService.GetBackupStatus] reports the
// outcome.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/backup
func (s *EssentialsDatabasesService) Backup(ctx context.Context, subscriptionID, databaseID int, req *EssentialsDatabaseBackupRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/backup", subscriptionID, databaseID).withOptionalBody(req), nothing)
}

// EssentialsDatabaseBackupRequest describes a backup to start now.
type EssentialsDatabaseBackupRequest struct {
	AdhocBackupPath *SecretURI `json:"adhocBackupPath,omitempty"` // where to, if not where the daily backups go
}

func (r *EssentialsDatabaseBackupRequest) validate() error {
	return notBlank("AdhocBackupPath", r.AdhocBackupPath)
}

// GetBackupStatus returns the outcome of the latest backup. If the backups of
// the database are turned off, the task fails with a [*TaskError] of type
// [TaskErrorTypeDatabaseBackupDisabled].
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/backup
func (s *EssentialsDatabasesService) GetBackupStatus(ctx context.Context, subscriptionID, databaseID int) (*Task[BackupStatus], error) {
	return submit(ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/backup", subscriptionID, databaseID), carried(backupStatusKind))
}

// Import replaces all data of a database with data read from elsewhere.
// [Task.WaitProvisioned] waits until the database is active again;
// [EssentialsDatabasesService.GetImportStatus] reports the outcome of the
// import.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/import
func (s *EssentialsDatabasesService) Import(ctx context.Context, subscriptionID, databaseID int, req *DatabaseImportRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/import", subscriptionID, databaseID).withBody(req),
		nothing.watching(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// GetImportStatus returns the outcome of the latest import.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/import
func (s *EssentialsDatabasesService) GetImportStatus(ctx context.Context, subscriptionID, databaseID int) (*Task[ImportStatus], error) {
	return submit(ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/import", subscriptionID, databaseID), carried(importStatusKind))
}

// Upgrade upgrades a database to one of the Redis versions that
// [EssentialsDatabasesService.ListTargetVersions] returns. The task yields the
// state of the upgrade; [Task.WaitProvisioned] waits until it is done.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade
func (s *EssentialsDatabasesService) Upgrade(ctx context.Context, subscriptionID, databaseID int, req *DatabaseUpgradeRequest) (*Task[DatabaseUpgrade], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID).command("fixedDatabaseUpgradeRedisVersionRequest").withBody(req).
			shows("targetRedisVersion"),
		readBack(databaseUpgradeKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID))
}

// GetUpgradeStatus returns the state of the latest upgrade of a database.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade
func (s *EssentialsDatabasesService) GetUpgradeStatus(ctx context.Context, subscriptionID, databaseID int) (*DatabaseUpgrade, error) {
	return fetch[DatabaseUpgrade](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID))
}

// ListTargetVersions returns the Redis versions that a database can be upgraded
// to.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions
func (s *EssentialsDatabasesService) ListTargetVersions(ctx context.Context, subscriptionID, databaseID int) (*TargetVersionList, error) {
	return fetch[TargetVersionList](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions", subscriptionID, databaseID))
}

// AllTargetVersions iterates over the versions that
// [EssentialsDatabasesService.ListTargetVersions] returns. On failure it yields
// the error and stops.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions
func (s *EssentialsDatabasesService) AllTargetVersions(ctx context.Context, subscriptionID, databaseID int) iter.Seq2[*TargetVersion, error] {
	return listed(ctx, func(ctx context.Context) (*TargetVersionList, error) {
		return s.ListTargetVersions(ctx, subscriptionID, databaseID)
	})
}

// GetTraffic reports whether clients can reach a database whose endpoints were
// redirected to another one. If the database was not the source of such a
// redirection, the error is [ErrNotFound]. The operation is in private preview.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/traffic
func (s *EssentialsDatabasesService) GetTraffic(ctx context.Context, subscriptionID, databaseID int) (*DatabaseTraffic, error) {
	return fetch[DatabaseTraffic](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/traffic", subscriptionID, databaseID))
}

// ResumeTraffic lets clients reach a database again after its traffic was
// stopped. There is no task: [EssentialsDatabasesService.GetTraffic] reports
// when the traffic is back. The operation is in private preview.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/traffic/resume
func (s *EssentialsDatabasesService) ResumeTraffic(ctx context.Context, subscriptionID, databaseID int) error {
	return run(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/traffic/resume", subscriptionID, databaseID))
}

// GetSlowLog returns the commands that took a database the longest.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/slow-log
func (s *EssentialsDatabasesService) GetSlowLog(ctx context.Context, subscriptionID, databaseID int) (*SlowLog, error) {
	return fetch[SlowLog](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/slow-log", subscriptionID, databaseID))
}
