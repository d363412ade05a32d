package rediscloud

import (
	"context"
	"errors"
)

// PrivateServiceConnectService connects networks of the customer in Google
// Cloud to the network of a subscription, or of one region of an Active-Active
// subscription, which must be in Google Cloud too.
//
// An endpoint is created in steps: CreateEndpoint plans it, the scripts of
// GetCreationScripts are run in the customer's project, and AcceptEndpoint
// accepts it.
type PrivateServiceConnectService struct{ client *Client }

// Get reads the Private Service Connect of a network. The API reads it in a
// task, which fails with [ErrNotFound] if there is none.
//
// API: GET /subscriptions/{subscriptionId}/private-service-connect
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect
func (s *PrivateServiceConnectService) Get(ctx context.Context, network NetworkRef) (*Task[PrivateServiceConnect], error) {
	route, ids := network.route("/private-service-connect")
	return submit(ctx, s.client, get(route, ids...), carried(pscKind))
}

// Create sets up Private Service Connect for a network, which can have only
// one. The task yields it; with WaitProvisioned, once it can have endpoints.
//
// API: POST /subscriptions/{subscriptionId}/private-service-connect
//
// API: POST /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect
func (s *PrivateServiceConnectService) Create(ctx context.Context, network NetworkRef) (*Task[PrivateServiceConnect], error) {
	route, ids := network.route("/private-service-connect")
	return submit(ctx, s.client, post(route, ids...).command(network.command("pscServiceCreateRequest", "activeActivePscServiceCreateRequest")), askBack(pscKind, route, ids...).creating())
}

// WaitProvisioned waits until the Private Service Connect of a network can have
// endpoints, and returns it.
//
// If it doesn't exist, the error is [ErrNotFound]; if it fails or needs manual
// action, a [*ProvisionError]. Anything else that ends the wait, such as ctx,
// is a [*WaitError]. Each poll is a task of the API.
//
// API: GET /subscriptions/{subscriptionId}/private-service-connect
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect
func (s *PrivateServiceConnectService) WaitProvisioned(ctx context.Context, network NetworkRef, opts ...WaitOption) (*PrivateServiceConnect, error) {
	route, ids := network.route("/private-service-connect")
	return waitActive(ctx, s.client, knownToExist(opts), askBack(pscKind, route, ids...))
}

// Delete removes the Private Service Connect of a network, whose endpoints must
// have been deleted. WaitProvisioned waits until it is gone.
//
// API: DELETE /subscriptions/{subscriptionId}/private-service-connect
//
// API: DELETE /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect
func (s *PrivateServiceConnectService) Delete(ctx context.Context, network NetworkRef) (*Task[None], error) {
	route, ids := network.route("/private-service-connect")
	return submit(ctx, s.client, del(route, ids...).command(network.command("pscServiceDeleteRequest", "activeActivePscServiceDeleteRequest")), removal(pscKind, route, ids...).asking())
}

// A PSCStatus is the state of the Private Service Connect of a network. The API
// adds values without notice.
type PSCStatus string

// The statuses of a PrivateServiceConnect.
const (
	PSCStatusCreateQueued    PSCStatus = "create-queued"
	PSCStatusInitialized     PSCStatus = "initialized"
	PSCStatusCreatePending   PSCStatus = "create-pending"
	PSCStatusActive          PSCStatus = "active" // can have endpoints
	PSCStatusDeleteQueued    PSCStatus = "delete-queued"
	PSCStatusDeletePending   PSCStatus = "delete-pending"
	PSCStatusDeleted         PSCStatus = "deleted"
	PSCStatusProvisionFailed PSCStatus = "provision-failed"
	PSCStatusFailed          PSCStatus = "failed"
)

// A PrivateServiceConnect is what the endpoints of a network lead to.
type PrivateServiceConnect struct {
	ID                    int       `json:"id"` // the serviceID of the methods for endpoints
	Status                PSCStatus `json:"status"`
	ConnectionHostName    string    `json:"connectionHostName,omitempty"`    // the host name of the databases
	ServiceAttachmentName string    `json:"serviceAttachmentName,omitempty"` // in Google Cloud
	Links                 Links     `json:"links,omitempty"`
}

var pscKind = newKind[PrivateServiceConnect]("PrivateServiceConnect", kind{
	noun: "Private Service Connect", member: "status",
	ready:  []string{string(PSCStatusActive)},
	failed: []string{string(PSCStatusFailed), string(PSCStatusProvisionFailed), string(PSCStatusDeleted)},
})

func (p *PrivateServiceConnect) check() error {
	if p.ID == 0 {
		return errors.New("missing id of a Private Service Connect service")
	}
	return nil
}
