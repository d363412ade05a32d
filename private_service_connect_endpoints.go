package rediscloud

import (
	"cmp"
	"context"
	"iter"
	"time"
)

// A PSCEndpointRef names an endpoint of Private Service Connect.
type PSCEndpointRef struct {
	NetworkRef
	ServiceID  int // PrivateServiceConnect.ID
	EndpointID int // PSCEndpoint.ID
}

// route returns the route and the ids of an endpoint, or of what is below it.
func (e PSCEndpointRef) route(below string) (string, []any) {
	return e.NetworkRef.route("/private-service-connect/{pscServiceId}/endpoints/{endpointId}"+below, e.ServiceID, e.EndpointID)
}

// list returns the route and the ids of the list that the endpoint is in.
func (e PSCEndpointRef) list() (string, []any) { return endpointsRoute(e.NetworkRef, e.ServiceID) }

func endpointsRoute(network NetworkRef, serviceID int) (string, []any) {
	return network.route("/private-service-connect/{pscServiceId}", serviceID)
}

// ListEndpoints reads the endpoints of a network. serviceID is
// PrivateServiceConnect.ID. The API reads them in a task, which yields the
// list.
//
// API: GET /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}
func (s *PrivateServiceConnectService) ListEndpoints(ctx context.Context, network NetworkRef, serviceID int) (*Task[PSCEndpointList], error) {
	route, ids := endpointsRoute(network, serviceID)
	return submit(ctx, s.client, get(route, ids...), carried(pscEndpointListKind))
}

// AllEndpoints iterates over the endpoints that ListEndpoints reads. It waits
// for the task of the list. An error comes last.
//
// API: GET /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}
func (s *PrivateServiceConnectService) AllEndpoints(ctx context.Context, network NetworkRef, serviceID int) iter.Seq2[*PSCEndpoint, error] {
	return listed(ctx, waited(func(ctx context.Context) (*Task[PSCEndpointList], error) {
		return s.ListEndpoints(ctx, network, serviceID)
	}))
}

// CreateEndpoint plans an endpoint in a network of the customer. The task
// yields the endpoint, which is "initialized" until a script of
// GetCreationScripts is run in the customer's project, then "pending" until it
// is accepted or rejected.
//
// In either state WaitProvisioned ends with a [*ProvisionError]. With
// [WithWaitForAction] it keeps waiting until the endpoint is active; a function
// passed to [OnProvisioning] can run the script and call AcceptEndpoint
// meanwhile.
//
// API: POST /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}
//
// API: POST /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}
func (s *PrivateServiceConnectService) CreateEndpoint(ctx context.Context, network NetworkRef, serviceID int, req *PSCEndpointCreateRequest) (*Task[PSCEndpoint], error) {
	route, ids := endpointsRoute(network, serviceID)
	return submit(ctx, s.client, post(route, ids...).command(network.command("pscEndpointCreateRequest", "activeActivePscEndpointCreateRequest")).withBody(req).
		shows("gcpProjectId", "gcpVpcName", "gcpVpcSubnetName", "endpointConnectionName"), askBack(pscEndpointKind, route, ids...).element(0))
}

// UpdateEndpoint changes where the endpoint is. Fields that aren't set stay
// unchanged. The API refuses it while the endpoint is "initialized". The task
// yields the endpoint.
//
// The same API operation accepts and rejects an endpoint, in a separate
// request: see AcceptEndpoint and RejectEndpoint.
//
// API: PUT /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}
//
// API: PUT /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}
func (s *PrivateServiceConnectService) UpdateEndpoint(ctx context.Context, endpoint PSCEndpointRef, req *PSCEndpointUpdateRequest) (*Task[PSCEndpoint], error) {
	route, ids := endpoint.route("")
	list, listIDs := endpoint.list()
	return submit(ctx, s.client,
		put(route, ids...).command(endpoint.command("pscEndpointUpdateRequest", "activeActivePscEndpointUpdateRequest")).withBody(req).
			shows("gcpProjectId", "gcpVpcName", "gcpVpcSubnetName", "endpointConnectionName"),
		askBack(pscEndpointKind, list, listIDs...).element(endpoint.EndpointID))
}

// AcceptEndpoint accepts an endpoint that is "pending". The task yields it;
// with WaitProvisioned, once it is active.
//
// API: PUT /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId} with action
//
// API: PUT /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}
func (s *PrivateServiceConnectService) AcceptEndpoint(ctx context.Context, endpoint PSCEndpointRef) (*Task[PSCEndpoint], error) {
	return s.decide(ctx, endpoint, "accept", pscEndpointAcceptedKind)
}

// RejectEndpoint rejects an endpoint that is "pending". The task yields it;
// with WaitProvisioned, once it is rejected.
//
// API: PUT /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId} with action
//
// API: PUT /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}
func (s *PrivateServiceConnectService) RejectEndpoint(ctx context.Context, endpoint PSCEndpointRef) (*Task[PSCEndpoint], error) {
	return s.decide(ctx, endpoint, "reject", pscEndpointRejectedKind)
}

func (s *PrivateServiceConnectService) decide(ctx context.Context, endpoint PSCEndpointRef, action string, kind kindOf[PSCEndpoint]) (*Task[PSCEndpoint], error) {
	route, ids := endpoint.route("")
	list, listIDs := endpoint.list()
	return submit(ctx, s.client,
		put(route, ids...).command(endpoint.command("pscEndpointUpdateRequest", "activeActivePscEndpointUpdateRequest")).withBody(&pscEndpointDecision{action}),
		askBack(pscEndpointKind, list, listIDs...).element(endpoint.EndpointID).as(kind))
}

// pscEndpointDecision is the update of an endpoint that accepts or rejects it,
// and has no other field.
type pscEndpointDecision struct {
	Action string `json:"action"`
}

// WaitEndpointProvisioned waits until an endpoint is active, and returns it:
// after its script has been run and it has been accepted.
//
// If it doesn't exist, the error is [ErrNotFound]; if it fails or needs manual
// action, a [*ProvisionError]. Anything else that ends the wait, such as ctx,
// is a [*WaitError]. Each poll is a task of the API.
//
// API: GET /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}
func (s *PrivateServiceConnectService) WaitEndpointProvisioned(ctx context.Context, endpoint PSCEndpointRef, opts ...WaitOption) (*PSCEndpoint, error) {
	list, ids := endpoint.list()
	return waitActive(ctx, s.client, knownToExist(opts), askBack(pscEndpointKind, list, ids...).element(endpoint.EndpointID))
}

// DeleteEndpoint removes an endpoint. Run a script of GetDeletionScripts first,
// to remove what the creation script has created in the customer's project.
// WaitProvisioned waits until the endpoint is gone.
//
// API: DELETE /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}
//
// API: DELETE /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}
func (s *PrivateServiceConnectService) DeleteEndpoint(ctx context.Context, endpoint PSCEndpointRef) (*Task[None], error) {
	route, ids := endpoint.route("")
	list, listIDs := endpoint.list()
	return submit(ctx, s.client,
		del(route, ids...).command(endpoint.command("pscEndpointDeleteRequest", "activeActivePscEndpointDeleteRequest")),
		removal(pscEndpointKind, list, listIDs...).element(endpoint.EndpointID).asking())
}

// A PSCEndpointStatus is the state of an endpoint. The API adds values without
// notice.
type PSCEndpointStatus string

// The statuses of a PSCEndpoint.
const (
	PSCEndpointStatusInitialized   PSCEndpointStatus = "initialized" // the creation script must be run
	PSCEndpointStatusProcessing    PSCEndpointStatus = "processing"
	PSCEndpointStatusPending       PSCEndpointStatus = "pending" // must be accepted or rejected
	PSCEndpointStatusAcceptPending PSCEndpointStatus = "accept-pending"
	PSCEndpointStatusActive        PSCEndpointStatus = "active"
	PSCEndpointStatusRejectPending PSCEndpointStatus = "reject-pending"
	PSCEndpointStatusRejected      PSCEndpointStatus = "rejected"
	PSCEndpointStatusDeleted       PSCEndpointStatus = "deleted"
	PSCEndpointStatusFailed        PSCEndpointStatus = "failed"
)

// PSCEndpointList is what PrivateServiceConnectService.ListEndpoints yields.
type PSCEndpointList struct {
	ServiceID int           `json:"pscServiceId"`
	Endpoints []PSCEndpoint `json:"endpoints"`
	Links     Links         `json:"links,omitempty"`
}

func (l *PSCEndpointList) elements() []PSCEndpoint { return l.Endpoints }

var pscEndpointListKind = newKind[PSCEndpointList]("PSCEndpointList", kind{})

// A PSCEndpoint is where a network of the customer in Google Cloud meets the
// Private Service Connect of a subscription.
type PSCEndpoint struct {
	ID                     int               `json:"id"`
	Status                 PSCEndpointStatus `json:"status"`
	GCPProjectID           string            `json:"gcpProjectId,omitempty"`
	GCPVPCName             string            `json:"gcpVpcName,omitempty"`
	GCPVPCSubnetName       string            `json:"gcpVpcSubnetName,omitempty"`
	EndpointConnectionName string            `json:"endpointConnectionName,omitempty"` // prefix of the names in Google Cloud
	Links                  Links             `json:"links,omitempty"`
}

var pscEndpointRejectedKind = newVariant[PSCEndpoint]("PSCEndpointRejected", kind{
	noun: "Private Service Connect endpoint", member: "status",
	ready:  []string{string(PSCEndpointStatusRejected)},
	failed: []string{string(PSCEndpointStatusFailed), string(PSCEndpointStatusDeleted)},
	list:   []string{"endpoints"}, id: "id",
	settle: 5 * time.Second,
})

// Once it has been accepted, pending is on its way.
var pscEndpointAcceptedKind = newVariant[PSCEndpoint]("PSCEndpointAccepted", kind{
	noun: "Private Service Connect endpoint", member: "status",
	ready:  []string{string(PSCEndpointStatusActive)},
	failed: []string{string(PSCEndpointStatusFailed), string(PSCEndpointStatusDeleted)},
	list:   []string{"endpoints"}, id: "id",
	settle: 5 * time.Second,
})

var pscEndpointKind = newKind[PSCEndpoint]("PSCEndpoint", kind{
	noun: "Private Service Connect endpoint", member: "status",
	ready:  []string{string(PSCEndpointStatusActive)},
	failed: []string{string(PSCEndpointStatusFailed), string(PSCEndpointStatusRejected), string(PSCEndpointStatusDeleted)},
	action: map[string]string{
		string(PSCEndpointStatusInitialized): "run the script of GetCreationScripts in the Google Cloud project",
		string(PSCEndpointStatusPending):     "accept it with AcceptEndpoint, or reject it with RejectEndpoint",
	},
	list: []string{"endpoints"}, id: "id",
	settle: 5 * time.Second,
})

// PSCEndpointCreateRequest describes an endpoint. All fields are required.
type PSCEndpointCreateRequest struct {
	GCPProjectID     string `json:"gcpProjectId"`     // of the customer
	GCPVPCName       string `json:"gcpVpcName"`       // the network of the customer's programs
	GCPVPCSubnetName string `json:"gcpVpcSubnetName"` // the subnet in it that the addresses come from

	// EndpointConnectionName is the prefix of the names in Google Cloud, which
	// end in a number.
	EndpointConnectionName string `json:"endpointConnectionName"`
}

func (r *PSCEndpointCreateRequest) validate() error {
	return cmp.Or(
		required("GCPProjectID", r.GCPProjectID != ""),
		required("GCPVPCName", r.GCPVPCName != ""),
		required("GCPVPCSubnetName", r.GCPVPCSubnetName != ""),
		required("EndpointConnectionName", r.EndpointConnectionName != ""))
}

// PSCEndpointUpdateRequest changes an endpoint. Fields that are nil leave it
// unchanged.
type PSCEndpointUpdateRequest struct {
	GCPProjectID           *string `json:"gcpProjectId,omitempty"`
	GCPVPCName             *string `json:"gcpVpcName,omitempty"`
	GCPVPCSubnetName       *string `json:"gcpVpcSubnetName,omitempty"`
	EndpointConnectionName *string `json:"endpointConnectionName,omitempty"` // prefix of the names in Google Cloud
}

func (r *PSCEndpointUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("GCPProjectID", r.GCPProjectID),
		notBlank("GCPVPCName", r.GCPVPCName),
		notBlank("GCPVPCSubnetName", r.GCPVPCSubnetName),
		notBlank("EndpointConnectionName", r.EndpointConnectionName))
}
