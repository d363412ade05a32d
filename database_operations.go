package rediscloud

import (
	"context"
	"errors"
)

// GetTraffic reports whether clients can reach a database whose endpoints were
// redirected to another one. If the database was not the source of such a
// redirection, the error is [ErrNotFound]. The operation is in private preview.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/traffic
func (s *DatabasesService) GetTraffic(ctx context.Context, subscriptionID, databaseID int) (*DatabaseTraffic, error) {
	return fetch[DatabaseTraffic](ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/traffic", subscriptionID, databaseID))
}

// ResumeTraffic lets clients reach a database again after its traffic was
// stopped. There is no task: [DatabasesService.GetTraffic] reports when the
// traffic is back. The operation is in private preview.
//
// API: POST /subscriptions/{subscriptionId}/databases/{databaseId}/traffic/resume
func (s *DatabasesService) ResumeTraffic(ctx context.Context, subscriptionID, databaseID int) error {
	return run(ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases/{databaseId}/traffic/resume", subscriptionID, databaseID))
}

// GetSlowLog returns the commands that took a database the longest. opts may be
// nil, except for an Active-Active database, where it must name the region.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/slow-log
func (s *DatabasesService) GetSlowLog(ctx context.Context, subscriptionID, databaseID int, opts *SlowLogOptions) (*SlowLog, error) {
	return fetch[SlowLog](ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/slow-log", subscriptionID, databaseID).withQuery(opts))
}

// GetCertificate returns the certificate that a database presents to its
// clients.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/certificate
func (s *DatabasesService) GetCertificate(ctx context.Context, subscriptionID, databaseID int) (*DatabaseCertificate, error) {
	return fetch[DatabaseCertificate](ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/certificate", subscriptionID, databaseID))
}

// DatabaseTraffic says whether clients can reach a database.
type DatabaseTraffic struct {
	DatabaseID       int    `json:"bdbId"`
	Status           string `json:"trafficStatus"`
	CanResume        bool   `json:"canResume"`
	ResumeInProgress bool   `json:"resumeInProgress"`
	StopReason       string `json:"stopReason,omitempty"`
	ResumeEligibleAt Time   `json:"resumeEligibleAt,omitzero"` // when CanResume becomes true
}

func (t *DatabaseTraffic) check() error {
	if t.DatabaseID == 0 && t.Status == "" {
		return errors.New("missing trafficStatus")
	}
	return nil
}

// SlowLogOptions select the slow log to read.
type SlowLogOptions struct {
	RegionName string `url:"regionName,omitempty"` // required for an Active-Active database
}

// A SlowLog lists slow commands.
type SlowLog struct {
	Entries []SlowLogEntry `json:"entries"`
	Links   Links          `json:"links,omitempty"`
}

// A SlowLogEntry is one slow command.
type SlowLogEntry struct {
	ID        int    `json:"id"`
	StartTime Time   `json:"startTime,omitzero"`
	Duration  int    `json:"duration"` // Redis itself uses microseconds; the API names no unit
	Arguments string `json:"arguments"`
}

// DatabaseCertificate is the certificate that a database presents to its
// clients.
type DatabaseCertificate struct {
	PublicCertificatePEM string `json:"publicCertificatePEMString"` // X.509, in PEM form
}
