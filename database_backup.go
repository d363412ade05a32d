package rediscloud

import (
	"cmp"
	"context"
)

// Backup backs up a database now. req may be nil: the backup then goes where
// the regular ones go. Each region of an Active-Active database is backed up
// separately. [DatabasesService.GetBackupStatus] reports the outcome.
//
// API: POST /subscriptions/{subscriptionId}/databases/{databaseId}/backup
func (s *DatabasesService) Backup(ctx context.Context, subscriptionID, databaseID int, req *DatabaseBackupRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases/{databaseId}/backup", subscriptionID, databaseID).command("databaseBackupRequest").withOptionalBody(req), nothing)
}

// GetBackupStatus returns the outcome of the latest backup. opts may be nil,
// except for an Active-Active database, where it must name the region. If the
// backups of the database are turned off, the task fails with a [*TaskError] of
// type [TaskErrorTypeDatabaseBackupDisabled].
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/backup
func (s *DatabasesService) GetBackupStatus(ctx context.Context, subscriptionID, databaseID int, opts *BackupStatusOptions) (*Task[BackupStatus], error) {
	return submit(ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/backup", subscriptionID, databaseID).withQuery(opts), carried(backupStatusKind))
}

// Import replaces all data of a database with data read from elsewhere.
// [Task.WaitProvisioned] waits until the database is active again;
// [DatabasesService.GetImportStatus] reports the outcome of the import.
//
// API: POST /subscriptions/{subscriptionId}/databases/{databaseId}/import
func (s *DatabasesService) Import(ctx context.Context, subscriptionID, databaseID int, req *DatabaseImportRequest) (*Task[None], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases/{databaseId}/import", subscriptionID, databaseID).command("databaseImportRequest").withBody(req),
		nothing.watching(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// GetImportStatus returns the outcome of the latest import.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/import
func (s *DatabasesService) GetImportStatus(ctx context.Context, subscriptionID, databaseID int) (*Task[ImportStatus], error) {
	return submit(ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/import", subscriptionID, databaseID), carried(importStatusKind))
}

// DatabaseBackupRequest describes a backup to start now.
type DatabaseBackupRequest struct {
	Region          *string    `json:"regionName,omitempty"`      // required for Active-Active databases only
	AdhocBackupPath *SecretURI `json:"adhocBackupPath,omitempty"` // where to, if not where the regular backups go
}

func (r *DatabaseBackupRequest) validate() error {
	return cmp.Or(
		notBlank("Region", r.Region),
		notBlank("AdhocBackupPath", r.AdhocBackupPath))
}

// DatabaseImportRequest describes an import. Both fields are required.
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

// BackupStatusOptions select the backup that [DatabasesService.GetBackupStatus]
// returns.
type BackupStatusOptions struct {
	RegionName string `url:"regionName,omitempty"` // required for an Active-Active database
}

// A BackupStatus is the outcome of the latest backup of a database. It is empty
// if there was none.
type BackupStatus struct {
	Status         BackupState `json:"status"`
	LastBackupTime Time        `json:"lastBackupTime,omitzero"`
	FailureReason  string      `json:"failureReason,omitempty"`
}

var backupStatusKind = newKind[BackupStatus]("BackupStatus", kind{})

// A BackupState is the state of a backup. The API has more than are listed
// here.
type BackupState string

// The known states of a backup.
const (
	BackupStateSuccess BackupState = "success"
	BackupStateIdle    BackupState = "idle"
)

// An ImportStatus is the outcome of the latest import into a database. It is
// empty if there was none.
type ImportStatus struct {
	Status              ImportState          `json:"status"`
	LastImportTime      Time                 `json:"lastImportTime,omitzero"`
	FailureReason       string               `json:"failureReason,omitempty"`
	FailureReasonParams []FailureReasonParam `json:"failureReasonParams,omitempty"`
}

var importStatusKind = newKind[ImportStatus]("ImportStatus", kind{})

// An ImportState is the state of an import. The API has more than are listed
// here.
type ImportState string

// The known states of an import.
const (
	ImportStateImporting ImportState = "importing"
	ImportStateFailed    ImportState = "failed"
)

// A FailureReasonParam is a detail of the reason why an import failed.
type FailureReasonParam struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}
