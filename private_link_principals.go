package rediscloud

import (
	"cmp"
	"context"
	"time"
)

// A PrincipalType says what a principal is in AWS.
type PrincipalType string

// The types of principals.
const (
	PrincipalTypeAWSAccount       PrincipalType = "aws_account"
	PrincipalTypeOrganization     PrincipalType = "organization"
	PrincipalTypeOrganizationUnit PrincipalType = "organization_unit"
	PrincipalTypeIAMRole          PrincipalType = "iam_role"
	PrincipalTypeIAMUser          PrincipalType = "iam_user"
	PrincipalTypeServicePrincipal PrincipalType = "service_principal"
)

// CreatePrincipal shares the PrivateLink of a network with one more principal.
// The task yields the principal; with WaitProvisioned, once it is associated.
//
// API: POST /subscriptions/{subscriptionId}/private-link/principals
//
// API: POST /subscriptions/{subscriptionId}/regions/{regionId}/private-link/principals
func (s *PrivateLinkService) CreatePrincipal(ctx context.Context, network NetworkRef, req *PrivateLinkPrincipalCreateRequest) (*Task[PrivateLinkPrincipal], error) {
	route, ids := network.route("/private-link/principals")
	link, _ := network.route("/private-link")
	return submit(ctx, s.client,
		post(route, ids...).withBody(req).
			shows("principal", "type", "alias"),
		askBack(privateLinkPrincipalKind, link, ids...).keyed(req.principal()).creating())
}

// DeletePrincipal stops sharing the PrivateLink of a network with a principal.
// WaitProvisioned waits until the principal is gone.
//
// API: DELETE /subscriptions/{subscriptionId}/private-link/principals
//
// API: DELETE /subscriptions/{subscriptionId}/regions/{regionId}/private-link/principals
func (s *PrivateLinkService) DeletePrincipal(ctx context.Context, network NetworkRef, req *PrivateLinkPrincipalDeleteRequest) (*Task[None], error) {
	route, ids := network.route("/private-link/principals")
	link, _ := network.route("/private-link")
	return submit(ctx, s.client,
		del(route, ids...).withBody(req),
		removal(privateLinkPrincipalKind, link, ids...).keyed(req.principal()).asking())
}

// A PrivateLinkPrincipalStatus is the state of the sharing with a principal.
// The API adds values without notice.
type PrivateLinkPrincipalStatus string

// The statuses of a PrivateLinkPrincipal.
const (
	PrivateLinkPrincipalStatusInitializing   PrivateLinkPrincipalStatus = "initializing"
	PrivateLinkPrincipalStatusAssociating    PrivateLinkPrincipalStatus = "associating"
	PrivateLinkPrincipalStatusAssociated     PrivateLinkPrincipalStatus = "associated" // may connect
	PrivateLinkPrincipalStatusReady          PrivateLinkPrincipalStatus = "ready"      // may connect
	PrivateLinkPrincipalStatusDisassociating PrivateLinkPrincipalStatus = "disassociating"
	PrivateLinkPrincipalStatusDisassociated  PrivateLinkPrincipalStatus = "disassociated"
	PrivateLinkPrincipalStatusFailed         PrivateLinkPrincipalStatus = "failed"
)

// A PrivateLinkPrincipal may connect to a PrivateLink.
type PrivateLinkPrincipal struct {
	Principal string                     `json:"principal"` // an AWS account id or an ARN
	Type      PrincipalType              `json:"type,omitempty"`
	Alias     string                     `json:"alias,omitempty"`
	Status    PrivateLinkPrincipalStatus `json:"status,omitempty"`
}

var privateLinkPrincipalKind = newKind[PrivateLinkPrincipal]("PrivateLinkPrincipal", kind{
	noun: "PrivateLink principal", member: "status",
	ready:  []string{string(PrivateLinkPrincipalStatusAssociated), string(PrivateLinkPrincipalStatusReady)},
	failed: []string{string(PrivateLinkPrincipalStatusFailed)},
	gone:   []string{string(PrivateLinkPrincipalStatusDisassociated)},
	list:   []string{"principals"}, id: "principal",
	settle: 5 * time.Second,
})

// PrivateLinkPrincipalCreateRequest names a principal to share with.
type PrivateLinkPrincipalCreateRequest struct {
	Principal string         `json:"principal"` // required: an AWS account id, or an ARN, depending on Type
	Type      *PrincipalType `json:"type,omitempty"`
	Alias     *string        `json:"alias,omitempty"`
}

func (r *PrivateLinkPrincipalCreateRequest) validate() error {
	return cmp.Or(
		required("Principal", r.Principal != ""),
		notBlank("Type", r.Type))
}

// principal may be called on nil, which withBody refuses.
func (r *PrivateLinkPrincipalCreateRequest) principal() string {
	if r == nil {
		return ""
	}
	return r.Principal
}

// PrivateLinkPrincipalDeleteRequest names a principal to stop sharing with.
type PrivateLinkPrincipalDeleteRequest struct {
	Principal string `json:"principal"` // required: as in PrivateLinkPrincipal
}

func (r *PrivateLinkPrincipalDeleteRequest) validate() error {
	return required("Principal", r.Principal != "")
}

func (r *PrivateLinkPrincipalDeleteRequest) principal() string {
	if r == nil {
		return ""
	}
	return r.Principal
}
