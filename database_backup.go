package rediscloud

import (
	"cmp"
	"context"
)

// Backup backs a database up now. req may be nil: the backup goes to where the
// regular ones go. Of an Active-Active database each region is backed up by
// itself. What became of it is told by BackupStatus.
//
// API: POST /subscriptions/{subscriptionId}/databases/{databaseId}/backup
func (s *DatabasesService) Backup(ctx context.Context, subscriptionID, databaseID int, req *DatabaseBackupRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases/{databaseId}/backup", subscriptionID, databaseID).command("databaseBackupRequest").withOptionalBody(req), nothing)
}

// GetBackupStatus tells what became of the latest backup. opts may be nil, but for
// an Active-Active database, where it must name the region. A database whose
// backups are turned off makes the task fail, with a *TaskError of the type
// DATABASE_BACKUP_DISABLED.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/backup
func (s *DatabasesService) GetBackupStatus(ctx context.Context, subscriptionID, databaseID int, opts *BackupStatusOptions) (*Task[BackupStatus], error) {
	return submit(ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/backup", subscriptionID, databaseID).withQuery(opts), carried(backupStatusKind))
}

// Import replaces all data of a database by what it reads elsewhere.
// WaitProvisioned waits until the database is active again; what became of the
// import is told by ImportStatus.
//
// API: POST /subscriptions/{subscriptionId}/databases/{databaseId}/import
func (s *DatabasesService) Import(ctx context.Context, subscriptionID, databaseID int, req *DatabaseImportRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases/{databaseId}/import", subscriptionID, databaseID).command("databaseImportRequest").withBody(req),
		nothing.watching(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// GetImportStatus tells what became of the latest import.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/import
func (s *DatabasesService) GetImportStatus(ctx context.Context, subscriptionID, databaseID int) (*Task[ImportStatus], error) {
	return submit(ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/import", subscriptionID, databaseID), carried(importStatusKind))
}

// DatabaseBackupRequest describes a backup to make now.
type DatabaseBackupRequest struct {
	Region          *string    `json:"regionName,omitempty"`      // required for an Active-Active database, and only there
	AdhocBackupPath *SecretURI `json:"adhocBackupPath,omitempty"` // where to, if not to where the regular backups go
}

func (r *DatabaseBackupRequest) validate() error {
	return cmp.Or(
		notBlank("Region", r.Region),
		notBlank("AdhocBackupPath", r.AdhocBackupPath))
}

// DatabaseImportRequest describes an import. Both members are required.
type DatabaseImportRequest struct {
	SourceType StorageType `json:"sourceType"`

	// ImportFromURIs are the RDB files, or the databases, to read.
	ImportFromURIs []SecretURI `json:"importFromUri"`
}

func (r *DatabaseImportRequest) validate() error {
	return cmp.Or(
		required("SourceType", r.SourceType != ""),
		required("ImportFromURIs", len(r.ImportFromURIs) > 0),
		eachGiven("ImportFromURIs", r.ImportFromURIs))
}

// BackupStatusOptions choose the backup that BackupStatus is about.
type BackupStatusOptions struct {
	RegionName string `url:"regionName,omitempty"` // required for an Active-Active database
}

// A BackupStatus tells what became of the latest backup of a database. It is
// empty if there was none.
type BackupStatus struct {
	Status         BackupState `json:"status"`
	LastBackupTime Time        `json:"lastBackupTime,omitzero"`
	FailureReason  string      `json:"failureReason,omitempty"`
}

var backupStatusKind = newKind[BackupStatus]("BackupStatus", kind{})

// A BackupState is how far a backup is. There are more than are known here.
type BackupState string

// The states of a backup that are known.
const (
	BackupStateSuccess BackupState = "success"
	BackupStateIdle    BackupState = "idle"
)

// An ImportStatus tells what became of the latest import into a database. It is
// empty if there was none.
type ImportStatus struct {
	Status              ImportState          `json:"status"`
	LastImportTime      Time                 `json:"lastImportTime,omitzero"`
	FailureReason       string               `json:"failureReason,omitempty"`
	FailureReasonParams []FailureReasonParam `json:"failureReasonParams,omitempty"`
}

var importStatusKind = newKind[ImportStatus]("ImportStatus", kind{})

// An ImportState is how far an import is. There are more than are known here.
type ImportState string

// The states of an import that are known.
const (
	ImportStateImporting ImportState = "importing"
	ImportStateFailed    ImportState = "failed"
)

// A FailureReasonParam is a detail of why an import failed.
type FailureReasonParam struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}
