package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// EndpointRedirectionsService redirects the endpoints of a database to another,
// as the last step of a migration. The API offers it as a private preview.
type EndpointRedirectionsService struct{ client *Client }

// Create starts to redirect the endpoints of a database to another. There is no
// task: to wait for the end, call [EndpointRedirectionsService.WaitProvisioned]
// with the id.
//
// API: POST /endpoint-redirections
func (s *EndpointRedirectionsService) Create(ctx context.Context, req *EndpointRedirectionCreateRequest) (*EndpointRedirection, error) {
	return fetch[EndpointRedirection](ctx, s.client, post("/endpoint-redirections").withBody(req))
}

// Get returns a redirection.
//
// API: GET /endpoint-redirections/{redirectionId}
func (s *EndpointRedirectionsService) Get(ctx context.Context, redirectionID string) (*EndpointRedirection, error) {
	return fetch[EndpointRedirection](ctx, s.client, get("/endpoint-redirections/{redirectionId}", redirectionID))
}

// Revert starts to undo a completed redirection. To wait for the end, call
// [EndpointRedirectionsService.WaitProvisioned] with the id of the result,
// which may be a different one.
//
// API: POST /endpoint-redirections/{redirectionId}/revert
func (s *EndpointRedirectionsService) Revert(ctx context.Context, redirectionID string) (*EndpointRedirection, error) {
	return fetch[EndpointRedirection](ctx, s.client, post("/endpoint-redirections/{redirectionId}/revert", redirectionID))
}

// WaitProvisioned waits until a redirection is completed or reverted, and
// returns it. If it fails, the error is a [*ProvisionError], whose Body is the
// redirection with the reason; if it doesn't exist, [ErrNotFound], once the
// grace period for a 404 is over. Anything else that ends the wait is a
// [*WaitError].
//
// [OnUpdate] has no effect, since there is no task; [OnProvisioning] reports
// each status.
//
// API: GET /endpoint-redirections/{redirectionId}
func (s *EndpointRedirectionsService) WaitProvisioned(ctx context.Context, redirectionID string, opts ...WaitOption) (*EndpointRedirection, error) {
	return waitActive(ctx, s.client, opts, readBack(endpointRedirectionKind, "/endpoint-redirections/{redirectionId}", redirectionID))
}

// EndpointRedirectionCreateRequest describes a redirection to create.
type EndpointRedirectionCreateRequest struct {
	SourceDatabaseID   int          `json:"sourceDatabaseId"`        // the database whose endpoints to redirect; required
	TargetDatabaseID   int          `json:"targetDatabaseId"`        // the database to redirect them to; required
	EndpointTargetType EndpointType `json:"endpointTargetType"`      // which endpoints to redirect; required
	DuplicateACLs      *bool        `json:"duplicateACLs,omitempty"` // copy the access control lists of the source to the target

	// MigrationProtection must be true: it confirms the redirection, which
	// moves the clients of the source to another database.
	MigrationProtection bool `json:"migrationProtection"`
}

func (r *EndpointRedirectionCreateRequest) validate() error {
	err := cmp.Or(
		required("SourceDatabaseID", r.SourceDatabaseID != 0),
		atLeast("SourceDatabaseID", &r.SourceDatabaseID, 1),
		required("TargetDatabaseID", r.TargetDatabaseID != 0),
		atLeast("TargetDatabaseID", &r.TargetDatabaseID, 1),
		required("EndpointTargetType", r.EndpointTargetType != ""))
	switch {
	case err != nil:
		return err
	case r.SourceDatabaseID == r.TargetDatabaseID:
		return errors.New("SourceDatabaseID and TargetDatabaseID must not be the same")
	case !r.MigrationProtection:
		return errors.New("MigrationProtection must be true, to confirm the redirection")
	}
	return nil
}

// An EndpointRedirection redirects the endpoints of a database to another.
type EndpointRedirection struct {
	ID               string               `json:"redirectionId"`
	Status           RedirectionStatus    `json:"status"`
	SourceDatabaseID int                  `json:"sourceDatabaseId"`
	TargetDatabaseID int                  `json:"targetDatabaseId"`
	IsRevert         bool                 `json:"isRevert"` // whether it undoes another
	DuplicateACLs    bool                 `json:"duplicateACLs"`
	StartedAt        Time                 `json:"startedAt,omitzero"`
	CompletedAt      Time                 `json:"completedAt,omitzero"`
	RevertedAt       Time                 `json:"revertedAt,omitzero"`
	ErrorMessage     string               `json:"errorMessage,omitempty"` // why it failed
	Endpoints        []RedirectedEndpoint `json:"endpoints,omitempty"`
}

var endpointRedirectionKind = newKind[EndpointRedirection]("EndpointRedirection", kind{
	noun: "endpoint redirection", member: "status",
	ready:  []string{string(RedirectionStatusCompleted), string(RedirectionStatusReverted)},
	failed: []string{string(RedirectionStatusFailed)},
	doubt:  5 * time.Second, // after a revert it still shows completed for a moment
})

func (r *EndpointRedirection) check() error {
	if r.ID == "" {
		return errors.New("missing id of a redirection")
	}
	return nil
}

// A RedirectedEndpoint is one endpoint of an [EndpointRedirection].
type RedirectedEndpoint struct {
	SourceEndpointName string       `json:"sourceEndpointName"`
	TargetEndpointName string       `json:"targetEndpointName"`
	SourceEndpointType EndpointType `json:"sourceEndpointType,omitempty"`
	TargetEndpointType EndpointType `json:"targetEndpointType,omitempty"`
	ErrorMessage       string       `json:"errorMessage,omitempty"` // why its redirection failed
}

// A RedirectionStatus is the status of an endpoint redirection.
type RedirectionStatus string

// The statuses of an endpoint redirection.
const (
	RedirectionStatusInitiated  RedirectionStatus = "initiated"
	RedirectionStatusPending    RedirectionStatus = "pending"
	RedirectionStatusInProgress RedirectionStatus = "in-progress"
	RedirectionStatusCompleted  RedirectionStatus = "completed"
	RedirectionStatusFailed     RedirectionStatus = "failed"
	RedirectionStatusReverted   RedirectionStatus = "reverted" // it was completed, then undone
)

// An EndpointType says where an endpoint can be reached from.
type EndpointType string

// The types of endpoints.
const (
	EndpointTypePublic  EndpointType = "public"
	EndpointTypePrivate EndpointType = "private"
)
