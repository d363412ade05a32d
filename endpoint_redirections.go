package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// EndpointRedirectionsService makes the endpoints of a database lead to
// another, as the end of a migration. The API offers it as a private preview.
type EndpointRedirectionsService struct{ client *Client }

// Create begins to redirect the endpoints of a database to another. It is no
// task: to learn how it ends, call Wait with its id.
//
// API: POST /endpoint-redirections
func (s *EndpointRedirectionsService) Create(ctx context.Context, req *EndpointRedirectionCreateRequest) (*EndpointRedirection, error) {
	return fetch[EndpointRedirection](ctx, s.client, post("/endpoint-redirections").withBody(req))
}

// Get returns a redirection as it is now.
//
// API: GET /endpoint-redirections/{redirectionId}
func (s *EndpointRedirectionsService) Get(ctx context.Context, redirectionID string) (*EndpointRedirection, error) {
	return fetch[EndpointRedirection](ctx, s.client, get("/endpoint-redirections/{redirectionId}", redirectionID))
}

// Revert begins to undo a redirection that is completed. To learn how that
// ends, call Wait with the id of the answer, which may be another.
//
// API: POST /endpoint-redirections/{redirectionId}/revert
func (s *EndpointRedirectionsService) Revert(ctx context.Context, redirectionID string) (*EndpointRedirection, error) {
	return fetch[EndpointRedirection](ctx, s.client, post("/endpoint-redirections/{redirectionId}/revert", redirectionID))
}

// WaitProvisioned waits until a redirection is completed or reverted, and returns it. One
// that failed ends it with a *ProvisionError, whose Body is the redirection
// with the reason. Whatever else ends it is a *WaitError; a redirection that
// isn't there is ErrNotFound, once the grace for a 404 is over.
//
// Of the options, OnUpdate has no effect, since there is no task;
// OnProvisioning tells of each status.
//
// API: GET /endpoint-redirections/{redirectionId}
func (s *EndpointRedirectionsService) WaitProvisioned(ctx context.Context, redirectionID string, opts ...WaitOption) (*EndpointRedirection, error) {
	return waitActive(ctx, s.client, opts, readBack(endpointRedirectionKind, "/endpoint-redirections/{redirectionId}", redirectionID))
}

// EndpointRedirectionCreateRequest says which database's endpoints are to lead where.
type EndpointRedirectionCreateRequest struct {
	SourceDatabaseID   int          `json:"sourceDatabaseId"`        // whose endpoints they are; required
	TargetDatabaseID   int          `json:"targetDatabaseId"`        // where they are to lead; required
	EndpointTargetType EndpointType `json:"endpointTargetType"`      // which endpoints; required
	DuplicateACLs      *bool        `json:"duplicateACLs,omitempty"` // give the target the access control lists of the source

	// MigrationProtection must be true: it says that the redirection, which
	// moves the clients of the source to another database, is meant.
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
		return errors.New("MigrationProtection must be true, as a sign that the redirection is meant")
	}
	return nil
}

// An EndpointRedirection makes the endpoints of a database lead to another.
type EndpointRedirection struct {
	ID               string               `json:"redirectionId"`
	Status           RedirectionStatus    `json:"status"`
	SourceDatabaseID int                  `json:"sourceDatabaseId"`
	TargetDatabaseID int                  `json:"targetDatabaseId"`
	IsRevert         bool                 `json:"isRevert"` // it undoes another
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
	doubt:  5 * time.Second, // after a revert it is completed for a moment
})

func (r *EndpointRedirection) check() error {
	if r.ID == "" {
		return errors.New("missing id of a redirection")
	}
	return nil
}

// A RedirectedEndpoint is one endpoint of an EndpointRedirection.
type RedirectedEndpoint struct {
	SourceEndpointName string       `json:"sourceEndpointName"`
	TargetEndpointName string       `json:"targetEndpointName"`
	SourceEndpointType EndpointType `json:"sourceEndpointType,omitempty"`
	TargetEndpointType EndpointType `json:"targetEndpointType,omitempty"`
	ErrorMessage       string       `json:"errorMessage,omitempty"` // why its redirection failed
}

// A RedirectionStatus tells how far an endpoint redirection is.
type RedirectionStatus string

// The statuses of an endpoint redirection.
const (
	RedirectionStatusInitiated  RedirectionStatus = "initiated"
	RedirectionStatusPending    RedirectionStatus = "pending"
	RedirectionStatusInProgress RedirectionStatus = "in-progress"
	RedirectionStatusCompleted  RedirectionStatus = "completed"
	RedirectionStatusFailed     RedirectionStatus = "failed"
	RedirectionStatusReverted   RedirectionStatus = "reverted" // it was completed, and undone since
)

// An EndpointType tells from where an endpoint can be reached.
type EndpointType string

// The types of endpoints.
const (
	EndpointTypePublic  EndpointType = "public"
	EndpointTypePrivate EndpointType = "private"
)
