package rediscloud

import (
	"cmp"
	"context"
	"errors"
)

// PrivateLinkService connects networks of AWS accounts to the network of a
// subscription, or of one region of an Active-Active subscription, which must
// be in AWS too. Principals are the accounts, users and roles that may connect.
type PrivateLinkService struct{ client *Client }

// Get reads the PrivateLink of a network. The API reads it in a task, which
// fails with [ErrNotFound] if there is none.
//
// API: GET /subscriptions/{subscriptionId}/private-link
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-link
func (s *PrivateLinkService) Get(ctx context.Context, network NetworkRef) (*Task[PrivateLink], error) {
	route, ids := network.route("/private-link")
	return submit(ctx, s.client, get(route, ids...), carried(privateLinkKind))
}

// Create shares a network with a first principal. The task yields the
// PrivateLink; with WaitProvisioned, once it is active.
//
// The API has no status for a PrivateLink that failed: if WaitProvisioned takes
// too long, check PrivateLink.ErrorMessage.
//
// API: POST /subscriptions/{subscriptionId}/private-link
//
// API: POST /subscriptions/{subscriptionId}/regions/{regionId}/private-link
func (s *PrivateLinkService) Create(ctx context.Context, network NetworkRef, req *PrivateLinkCreateRequest) (*Task[PrivateLink], error) {
	route, ids := network.route("/private-link")
	return submit(ctx, s.client, post(route, ids...).withBody(req).
		shows("shareName", "principal=principals.principal"), askBack(privateLinkKind, route, ids...).creating())
}

// WaitProvisioned waits until the PrivateLink of a network is active, and
// returns it.
//
// If it doesn't exist, the error is [ErrNotFound]; if it fails or needs manual
// action, a [*ProvisionError]. Anything else that ends the wait, such as ctx,
// is a [*WaitError]. Each poll is a task of the API.
//
// API: GET /subscriptions/{subscriptionId}/private-link
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-link
func (s *PrivateLinkService) WaitProvisioned(ctx context.Context, network NetworkRef, opts ...WaitOption) (*PrivateLink, error) {
	route, ids := network.route("/private-link")
	return waitActive(ctx, s.client, knownToExist(opts), askBack(privateLinkKind, route, ids...))
}

// Delete removes the PrivateLink of a network, whose principals must have been
// deleted. WaitProvisioned waits until it is gone.
//
// API: DELETE /subscriptions/{subscriptionId}/private-link
//
// API: DELETE /subscriptions/{subscriptionId}/regions/{regionId}/private-link
func (s *PrivateLinkService) Delete(ctx context.Context, network NetworkRef) (*Task[None], error) {
	route, ids := network.route("/private-link")
	return submit(ctx, s.client, del(route, ids...).command(network.command("privateLinkDeleteRequest", "activeActivePrivateLinkDeleteRequest")), removal(privateLinkKind, route, ids...).asking())
}

// PrivateLinkScriptOptions say what GetEndpointScript yields besides the
// script.
type PrivateLinkScriptOptions struct {
	// IncludeTerraform asks for a Terraform configuration as well. The API
	// doesn't document it.
	IncludeTerraform bool `url:"includeTerraformAwsScript,omitempty"`
}

// GetEndpointScript reads a Python script that finds out, in the account of a
// principal, what a VPC endpoint must lead to. The API reads it in a task. opts
// may be nil.
//
// API: GET /subscriptions/{subscriptionId}/private-link/endpoint-script
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-link/endpoint-script
func (s *PrivateLinkService) GetEndpointScript(ctx context.Context, network NetworkRef, opts *PrivateLinkScriptOptions) (*Task[PrivateLinkScript], error) {
	route, ids := network.route("/private-link/endpoint-script")
	return submit(ctx, s.client, get(route, ids...).withQuery(opts), carried(privateLinkScriptKind))
}

// A PrivateLinkScript is what [PrivateLinkService.GetEndpointScript] yields.
type PrivateLinkScript struct {
	ResourceEndpointScript string `json:"resourceEndpointScript"`
	TerraformAWSScript     string `json:"terraformAwsScript,omitempty"` // "" unless asked for
	Links                  Links  `json:"links,omitempty"`
}

var privateLinkScriptKind = newKind[PrivateLinkScript]("PrivateLinkScript", kind{})

func (s *PrivateLinkScript) check() error {
	if s.ResourceEndpointScript == "" && s.TerraformAWSScript == "" {
		return errors.New("missing script")
	}
	return nil
}

// A PrivateLinkStatus is the state of a PrivateLink. The API adds values
// without notice.
type PrivateLinkStatus string

// The statuses of a PrivateLink.
const (
	PrivateLinkStatusInitializing PrivateLinkStatus = "initializing"
	PrivateLinkStatusActive       PrivateLinkStatus = "active"
	PrivateLinkStatusDeleting     PrivateLinkStatus = "deleting"
)

// A PrivateLink is a network that is shared with principals in AWS.
type PrivateLink struct {
	Status       PrivateLinkStatus `json:"status"`
	ErrorMessage string            `json:"errorMessage,omitempty"` // what went wrong, if something did

	SubscriptionID int `json:"subscriptionId,omitempty"`
	RegionID       int `json:"regionId,omitempty"` // of an Active-Active subscription

	// The share in AWS, and the configuration of the resource that it shares.
	ShareName                string `json:"shareName,omitempty"`
	ShareARN                 string `json:"shareArn,omitempty"`
	ResourceConfigurationID  string `json:"resourceConfigurationId,omitempty"`
	ResourceConfigurationARN string `json:"resourceConfigurationArn,omitempty"`

	Principals  []PrivateLinkPrincipal  `json:"principals,omitempty"`
	Connections []PrivateLinkConnection `json:"connections,omitempty"`
	Databases   []PrivateLinkDatabase   `json:"databases,omitempty"` // the reachable ones
	Links       Links                   `json:"links,omitempty"`
}

// No status of a failed PrivateLink is known.
var privateLinkKind = newKind[PrivateLink]("PrivateLink", kind{
	noun: "PrivateLink", member: "status", blank: true,
	ready: []string{string(PrivateLinkStatusActive)},
})

// A PrivateLinkDatabase says how a database is reached through a PrivateLink.
type PrivateLinkDatabase struct {
	DatabaseID int    `json:"databaseId"`
	Endpoint   string `json:"rlEndpoint,omitempty"` // its host
	Port       int    `json:"port,omitempty"`
}

// PrivateLinkCreateRequest shares a network with a first principal.
type PrivateLinkCreateRequest struct {
	ShareName string        `json:"shareName"` // required; at most 64 characters
	Principal string        `json:"principal"` // required: an AWS account id, or an ARN, depending on Type
	Type      PrincipalType `json:"type"`      // required
	Alias     *string       `json:"alias,omitempty"`
}

func (r *PrivateLinkCreateRequest) validate() error {
	return cmp.Or(
		required("ShareName", r.ShareName != ""),
		required("Principal", r.Principal != ""),
		required("Type", r.Type != ""))
}
