package rediscloud

// A kind is what the waits have to know of a kind of resource. A status that
// isn't listed is on its way: the API adds such ones without notice.
type kind struct {
	name   string            // as errors and progress call it
	member string            // of the document, that holds the status; "" if it has none
	ready  []string          // usable
	failed []string          // will not become usable
	person map[string]string // waits for somebody, who has to do this
	route  string            // where the resource is read when only its task is known

	// list are the members that lead to the elements of the list in which the
	// resource is found, if it has no read of its own, and id is the member
	// that holds an element's id.
	list []string
	id   string

	// siblings tells that the path above a resource's own lists it too, with
	// its status.
	siblings bool
	also     string   // a member with a second status, that has to be ready too if it is there
	part     bool     // it is a part of what is read: without a status, it isn't there
	absent   bool     // the task of a list may carry none: it is empty, or not known yet where an element is looked for
	gone     []string // after a removal: as good as not there
	blank    bool     // a document without members, but for links, says that there is none
}

// Names of kinds, for outcomes whose result is of another type or None. All
// kinds are called like their result types.
const (
	kindSubscription = "Subscription"
	kindDatabase     = "Database"

	kindEssentialsSubscription   = "EssentialsSubscription"
	kindEssentialsDatabase       = "EssentialsDatabase"
	kindACLUser                  = "ACLUser"
	kindACLRole                  = "ACLRole"
	kindACLRedisRule             = "ACLRedisRule"
	kindAccountUser              = "AccountUser"
	kindCloudAccount             = "CloudAccount"
	kindVPCPeering               = "VPCPeering"
	kindActiveActiveVPCPeering   = "ActiveActiveVPCPeering"
	kindTransitGatewayAttachment = "TransitGatewayAttachment"
	kindPSC                      = "PrivateServiceConnect"
	kindPSCEndpointAccepted      = "PSCEndpointAccepted"
	kindPSCEndpointRejected      = "PSCEndpointRejected"
	kindPSCEndpoint              = "PSCEndpoint"
	kindPrivateLink              = "PrivateLink"
	kindPrivateLinkPrincipal     = "PrivateLinkPrincipal"
)

// kinds are the kinds of resources by the name of their result type.
var kinds = map[string]kind{
	kindSubscription: {
		name: "subscription", member: "status",
		ready:  []string{string(SubscriptionActive)},
		failed: []string{string(SubscriptionError)},
		person: map[string]string{
			string(SubscriptionEncryptionKeyPending): "grant Redis access to the encryption key, then confirm with UpdateEncryptionKeys",
			string(SubscriptionNotActivated):         "activate the subscription in the Redis Cloud console",
		},
		route: "/subscriptions/{resourceId}",
	},
	kindDatabase: {
		name: "database", member: "status",
		ready:  []string{string(DatabaseActive)},
		failed: []string{string(DatabaseError), string(DatabaseCreationFailed)},
		route:  "/subscriptions/{additionalResourceId}/databases/{resourceId}",
		list:   []string{"subscription", "databases"}, id: "databaseId", siblings: true,
	},
	"DatabaseUpgrade": {
		name: "version upgrade", member: "upgradeStatus",
		ready:  []string{string(UpgradeDone)},
		failed: []string{string(UpgradeFailed)},
	},
	kindEssentialsSubscription: {
		name: "subscription", member: "status",
		ready:  []string{string(SubscriptionActive)},
		failed: []string{string(SubscriptionError)},
		route:  "/fixed/subscriptions/{resourceId}",
	},
	kindEssentialsDatabase: {
		name: "database", member: "status",
		ready:  []string{string(DatabaseActive)},
		failed: []string{string(DatabaseError), string(DatabaseCreationFailed)},
		route:  "/fixed/subscriptions/{additionalResourceId}/databases/{resourceId}",
		list:   []string{"subscription", "databases"}, id: "databaseId", siblings: true,
	},
	kindACLUser: {
		name: "ACL user", member: "status",
		ready:  []string{string(ACLActive)},
		failed: []string{string(ACLError)},
		route:  "/acl/users/{resourceId}",
	},
	kindACLRole: {
		name: "ACL role", member: "status",
		ready:  []string{string(ACLActive)},
		failed: []string{string(ACLError)},
		route:  "/acl/roles", list: []string{"roles"}, id: "id",
	},
	kindACLRedisRule: {
		name: "Redis ACL rule", member: "status",
		ready:  []string{string(ACLActive)},
		failed: []string{string(ACLError)},
		route:  "/acl/redisRules", list: []string{"redisRules"}, id: "id",
	},
	kindAccountUser: {
		name:  "user",
		route: "/users/{resourceId}",
	},
	kindCloudAccount: {
		name: "cloud account", member: "status",
		ready:  []string{string(CloudAccountActive)},
		failed: []string{string(CloudAccountError), string(CloudAccountActiveError)},
		route:  "/cloud-accounts/{resourceId}",
	},

	"VPCPeeringList":             {name: "VPC peerings", absent: true},
	"ActiveActiveVPCPeeringList": {name: "VPC peerings", absent: true},
	kindVPCPeering: {
		name: "VPC peering", member: "status",
		ready:  []string{string(VPCPeeringActive)},
		failed: []string{string(VPCPeeringFailed)},
		person: peeringHints,
		list:   []string{"peerings"}, id: "vpcPeeringId",
	},
	kindActiveActiveVPCPeering: {
		name: "VPC peering", member: "status",
		ready:  []string{string(VPCPeeringActive)},
		failed: []string{string(VPCPeeringFailed)},
		person: peeringHints,
		list:   []string{"regions", "vpcPeerings"}, id: "id",
	},
	"TransitGatewayList":           {name: "transit gateways", absent: true},
	"TransitGatewayInvitationList": {name: "invitations", absent: true},
	"TransitGateway": {
		name: "transit gateway", member: "status", also: "attachmentStatus",
		ready:  []string{string(TransitGatewayAvailable)},
		failed: []string{string(TransitGatewayFailed), string(TransitGatewayRejected), string(TransitGatewayDeleted)},
		person: map[string]string{
			string(TransitGatewayPendingAcceptance): "accept the attachment in the AWS account that owns the transit gateway",
		},
		list: []string{"tgws"}, id: "id", absent: true,
	},
	// The attachment of a transit gateway, which outlives it.
	kindTransitGatewayAttachment: {
		name: "transit gateway attachment", member: "attachmentStatus", part: true,
		list: []string{"tgws"}, id: "id", absent: true,
	},
	// Whoever waits for an invitation has answered it: pending is on its way.
	"TransitGatewayInvitation": {
		name: "invitation", member: "status",
		ready: []string{string(TransitGatewayInvitationAccepted), string(TransitGatewayInvitationRejected)},
		list:  []string{"resources"}, id: "id", absent: true,
	},
	"EndpointRedirection": {
		name: "endpoint redirection", member: "status",
		ready:  []string{string(RedirectionCompleted), string(RedirectionReverted)},
		failed: []string{string(RedirectionFailed)},
	},

	kindPSC: {
		name: "Private Service Connect", member: "status",
		ready:  []string{string(PSCActive)},
		failed: []string{string(PSCFailed), string(PSCProvisionFailed), string(PSCDeleted)},
	},
	kindPSCEndpoint: {
		name: "Private Service Connect endpoint", member: "status",
		ready:  []string{string(PSCEndpointActive)},
		failed: []string{string(PSCEndpointFailed), string(PSCEndpointRejected), string(PSCEndpointDeleted)},
		person: map[string]string{
			string(PSCEndpointInitialized): "run the script of CreationScripts in the Google Cloud project",
			string(PSCEndpointPending):     "accept it with AcceptEndpoint, or reject it with RejectEndpoint",
		},
		list: []string{"endpoints"}, id: "id",
	},
	// Once it is decided on, pending is on its way.
	kindPSCEndpointAccepted: {
		name: "Private Service Connect endpoint", member: "status",
		ready:  []string{string(PSCEndpointActive)},
		failed: []string{string(PSCEndpointFailed), string(PSCEndpointDeleted)},
		list:   []string{"endpoints"}, id: "id",
	},
	kindPSCEndpointRejected: {
		name: "Private Service Connect endpoint", member: "status",
		ready:  []string{string(PSCEndpointRejected)},
		failed: []string{string(PSCEndpointFailed), string(PSCEndpointDeleted)},
		list:   []string{"endpoints"}, id: "id",
	},
	// No status of a PrivateLink that failed is known.
	kindPrivateLink: {
		name: "PrivateLink", member: "status", blank: true,
		ready: []string{string(PrivateLinkActive)},
	},
	kindPrivateLinkPrincipal: {
		name: "PrivateLink principal", member: "status",
		ready:  []string{string(PrivateLinkPrincipalAssociated), string(PrivateLinkPrincipalReady)},
		failed: []string{string(PrivateLinkPrincipalFailed)},
		gone:   []string{string(PrivateLinkPrincipalDisassociated)},
		list:   []string{"principals"}, id: "principal",
	},
}

var peeringHints = map[string]string{
	string(VPCPeeringPendingAcceptance): "accept the peering in the cloud account that owns the other network",
	string(VPCPeeringInactive):          "set up the peering from the other network too",
}
