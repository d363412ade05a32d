package rediscloud

import (
	"context"
	"iter"
)

// Backup backs a database up now. req may be nil: the backup goes to where the
// daily ones go. What became of it is told by BackupStatus.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/backup
func (s *EssentialsDatabasesService) Backup(ctx context.Context, subscriptionID, databaseID int, req *EssentialsDatabaseBackupRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/backup", subscriptionID, databaseID).withOptionalBody(req), nothing)
}

// EssentialsDatabaseBackupRequest describes a backup to make now.
type EssentialsDatabaseBackupRequest struct {
	AdhocBackupPath *SecretURI `json:"adhocBackupPath,omitempty"` // where to, if not to where the daily backups go
}

func (r *EssentialsDatabaseBackupRequest) validate() error {
	return notBlank("AdhocBackupPath", r.AdhocBackupPath)
}

// GetBackupStatus tells what became of the latest backup. A database whose backups
// are turned off makes the task fail, with a *TaskError of the type
// TaskErrorTypeDatabaseBackupDisabled.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/backup
func (s *EssentialsDatabasesService) GetBackupStatus(ctx context.Context, subscriptionID, databaseID int) (*Task[BackupStatus], error) {
	return submit(ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/backup", subscriptionID, databaseID), carried(backupStatusKind))
}

// Import replaces all data of a database by what it reads elsewhere.
// WaitProvisioned waits until the database is active again; what became of the
// import is told by ImportStatus.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/import
func (s *EssentialsDatabasesService) Import(ctx context.Context, subscriptionID, databaseID int, req *DatabaseImportRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/import", subscriptionID, databaseID).withBody(req),
		nothing.watching(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// GetImportStatus tells what became of the latest import.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/import
func (s *EssentialsDatabasesService) GetImportStatus(ctx context.Context, subscriptionID, databaseID int) (*Task[ImportStatus], error) {
	return submit(ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/import", subscriptionID, databaseID), carried(importStatusKind))
}

// Upgrade takes a database to a newer Redis version, one of those that
// TargetVersions returns. The task yields how far the upgrade is; with
// WaitProvisioned, once it is done.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade
func (s *EssentialsDatabasesService) Upgrade(ctx context.Context, subscriptionID, databaseID int, req *DatabaseUpgradeRequest) (*Task[DatabaseUpgrade], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID).command("fixedDatabaseUpgradeRedisVersionRequest").withBody(req).
			shows("targetRedisVersion"),
		readBack(databaseUpgradeKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID))
}

// GetUpgradeStatus tells how far the latest upgrade of a database is.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade
func (s *EssentialsDatabasesService) GetUpgradeStatus(ctx context.Context, subscriptionID, databaseID int) (*DatabaseUpgrade, error) {
	return fetch[DatabaseUpgrade](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/upgrade", subscriptionID, databaseID))
}

// ListTargetVersions returns the Redis versions that a database can be upgraded to.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions
func (s *EssentialsDatabasesService) ListTargetVersions(ctx context.Context, subscriptionID, databaseID int) (*TargetVersionList, error) {
	return fetch[TargetVersionList](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions", subscriptionID, databaseID))
}

// AllTargetVersions iterates over the versions that TargetVersions returns. It
// ends with the error, if there is one.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/available-target-versions
func (s *EssentialsDatabasesService) AllTargetVersions(ctx context.Context, subscriptionID, databaseID int) iter.Seq2[*TargetVersion, error] {
	return listed(ctx, func(ctx context.Context) (*TargetVersionList, error) {
		return s.ListTargetVersions(ctx, subscriptionID, databaseID)
	})
}

// GetTraffic tells whether clients reach a database whose endpoints were
// redirected to another one. For a database that was not the source of such a
// redirection it is ErrNotFound. It is in private preview.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/traffic
func (s *EssentialsDatabasesService) GetTraffic(ctx context.Context, subscriptionID, databaseID int) (*DatabaseTraffic, error) {
	return fetch[DatabaseTraffic](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/traffic", subscriptionID, databaseID))
}

// ResumeTraffic lets clients reach a database again whose traffic was stopped.
// It is no task: Traffic tells when the traffic is back. It is in private preview.
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
