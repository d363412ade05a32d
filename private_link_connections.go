package rediscloud

import (
	"cmp"
	"context"
)

// DisassociateConnections disconnects connections from the PrivateLink of a
// network. The task yields the PrivateLink.
//
// API: POST /subscriptions/{subscriptionId}/private-link/connections/disassociate
//
// API: POST /subscriptions/{subscriptionId}/regions/{regionId}/private-link/connections/disassociate
func (s *PrivateLinkService) DisassociateConnections(ctx context.Context, network NetworkRef, req *PrivateLinkDisassociateRequest) (*Task[PrivateLink], error) {
	route, ids := network.route("/private-link/connections/disassociate")
	link, _ := network.route("/private-link")
	return submit(ctx, s.client, post(route, ids...).withBody(req), askBack(privateLinkKind, link, ids...))
}

// A PrivateLinkConnection is a connection that a principal has established.
type PrivateLinkConnection struct {
	AssociationID   string `json:"associationId"`          // of the share
	ConnectionID    string `json:"connectionId,omitempty"` // of the VPC endpoint
	Type            string `json:"type,omitempty"`         // such as vpc_endpoint
	OwnerID         string `json:"ownerId,omitempty"`      // the principal, such as an AWS account id
	AssociationDate Time   `json:"associationDate,omitzero"`
}

// ToDisassociate names the connection for a PrivateLinkDisassociateRequest.
func (c PrivateLinkConnection) ToDisassociate() PrivateLinkConnectionSpec {
	spec := PrivateLinkConnectionSpec{AssociationID: c.AssociationID, Type: c.Type, PrincipalID: c.OwnerID}
	if c.ConnectionID != "" {
		spec.ConnectionID = &c.ConnectionID
	}
	return spec
}

// PrivateLinkDisassociateRequest names the connections to disconnect.
type PrivateLinkDisassociateRequest struct {
	Connections []PrivateLinkConnectionSpec `json:"connections"` // required
}

func (r *PrivateLinkDisassociateRequest) validate() error {
	return cmp.Or(
		required("Connections", len(r.Connections) > 0),
		nestedEach("Connections", r.Connections))
}

// A PrivateLinkConnectionSpec names a connection;
// [PrivateLinkConnection.ToDisassociate] returns one.
type PrivateLinkConnectionSpec struct {
	AssociationID string  `json:"associationId"` // required
	ConnectionID  *string `json:"connectionId,omitempty"`
	Type          string  `json:"type"`        // required
	PrincipalID   string  `json:"principalId"` // required: PrivateLinkConnection.OwnerID
}

func (s *PrivateLinkConnectionSpec) validate() error {
	return cmp.Or(
		required("AssociationID", s.AssociationID != ""),
		notBlank("ConnectionID", s.ConnectionID),
		required("Type", s.Type != ""),
		required("PrincipalID", s.PrincipalID != ""))
}
