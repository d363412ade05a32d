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

	gone  []string // after a removal: as good as not there
	blank bool     // a document without members, but for links, says that there is none
}

// Names of kinds, for outcomes whose result is of another type or None. All
// kinds are called like their result types.
const (
	kindSubscription = "Subscription"
	kindDatabase     = "Database"

	kindPSCRemoval                  = "PSCRemoval"
	kindPSCEndpointAccepted         = "PSCEndpointAccepted"
	kindPSCEndpointRejected         = "PSCEndpointRejected"
	kindPSCEndpointRemoval          = "PSCEndpointRemoval"
	kindPrivateLink                 = "PrivateLink"
	kindPrivateLinkPrincipalRemoval = "PrivateLinkPrincipalRemoval"
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
	},
	"DatabaseUpgrade": {
		name: "version upgrade", member: "upgradeStatus",
		ready:  []string{string(UpgradeDone)},
		failed: []string{string(UpgradeFailed)},
	},

	"PrivateServiceConnect": {
		name: "Private Service Connect", member: "status",
		ready:  []string{string(PSCActive)},
		failed: []string{string(PSCFailed), string(PSCProvisionFailed), string(PSCDeleted)},
	},
	// What is removed may have failed before.
	kindPSCRemoval: {name: "Private Service Connect", member: "status"},
	"PSCEndpoint": {
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
	kindPSCEndpointRemoval: {
		name: "Private Service Connect endpoint", member: "status",
		list: []string{"endpoints"}, id: "id",
	},
	// No status of a PrivateLink that failed is known.
	kindPrivateLink: {
		name: "PrivateLink", member: "status", blank: true,
		ready: []string{string(PrivateLinkActive)},
	},
	"PrivateLinkPrincipal": {
		name: "PrivateLink principal", member: "status",
		ready:  []string{string(PrivateLinkPrincipalAssociated), string(PrivateLinkPrincipalReady)},
		failed: []string{string(PrivateLinkPrincipalFailed)},
		list:   []string{"principals"}, id: "principal",
	},
	kindPrivateLinkPrincipalRemoval: {
		name: "PrivateLink principal", member: "status",
		gone: []string{string(PrivateLinkPrincipalDisassociated)},
		list: []string{"principals"}, id: "principal",
	},
}
