package rediscloudtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const activeActive = "active-active"

type subscription struct {
	server         *Server
	id             int
	settings       object // as requests name them
	clouds         []*cloud
	databases      map[int]*database
	life           lifecycle
	cidrs          []any
	securityGroups []any
	windows        object

	// of an Essentials subscription
	plan         *essentialsPlan
	created      time.Time
	peerings     []*peering
	gateways     []*gateway
	invitations  []*invitation
	psc          map[int]*pscService  // by the id of the region, 0 unless Active-Active
	privateLinks map[int]*privateLink // likewise; nil if it was deleted
}

func (sub *subscription) isActiveActive() bool {
	return str(sub.settings, "deploymentType", "") == activeActive
}

// newSubscription adds a subscription as described by a create request, without
// its databases. It is active at once.
func (s *Server) newSubscription(settings object) *subscription {
	sub := &subscription{
		server:         s,
		id:             s.nextID("subscription"),
		settings:       maps.Clone(settings),
		databases:      map[int]*database{},
		cidrs:          []any{},
		securityGroups: []any{},
		windows:        object{"mode": "automatic", "windows": []any{}},
	}
	for _, spec := range objects(settings, "cloudProviders") {
		sub.clouds = append(sub.clouds, s.newCloud(spec))
	}
	for _, name := range []string{"cloudProviders", "databases", "dryRun", "commandType"} {
		delete(sub.settings, name)
	}
	s.subscriptions[sub.id] = sub
	return sub
}

// AddSubscription adds an active subscription and returns its id. It is on AWS,
// in us-east-1 unless regions are given; with several regions it is
// Active-Active.
func (s *Server) AddSubscription(name string, regions ...string) (id int) {
	if len(regions) == 0 {
		regions = []string{"us-east-1"}
	}
	return s.addSubscription(name, "AWS", regions)
}

// AddGCPSubscription is like [Server.AddSubscription] for a subscription on
// Google Cloud, which Private Service Connect needs.
func (s *Server) AddGCPSubscription(name string, regions ...string) (id int) {
	if len(regions) == 0 {
		regions = []string{"europe-west1"}
	}
	return s.addSubscription(name, "GCP", regions)
}

func (s *Server) addSubscription(name, provider string, regions []string) (id int) {
	specs := []any{}
	for _, region := range regions {
		specs = append(specs, object{"region": region})
	}
	settings := object{"name": name, "cloudProviders": []any{object{"provider": provider, "regions": specs}}}
	if len(regions) > 1 {
		settings["deploymentType"] = activeActive
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(s.now())
	return s.newSubscription(settings).id
}

// listed returns the databases that lists include, sorted by id.
func (sub *subscription) listed(at time.Time) []*database {
	return slices.DeleteFunc(sub.sorted(), func(db *database) bool { return at.Before(db.listed) })
}

// sorted returns the databases sorted by id.
func (sub *subscription) sorted() []*database {
	var list []*database
	for _, id := range slices.Sorted(maps.Keys(sub.databases)) {
		list = append(list, sub.databases[id])
	}
	return list
}

func (sub *subscription) named(name string) *database {
	for _, db := range sub.databases {
		if str(db.settings, "name", "") == name {
			return db
		}
	}
	return nil
}

// start submits a task on a subscription, which fails if the subscription can't
// be written to when the task runs.
func (sub *subscription) start(c *call, status int, commandType string, run func(time.Time) (outcome, *failure)) answer {
	return c.start(status, sub.commandType(commandType), func(at time.Time) (outcome, *failure) {
		if f := sub.refuses(at); f != nil {
			return outcome{}, f
		}
		return sub.server.changing(sub.path(), at, sub.shown, run)
	})
}

// shown returns the document of a subscription, which may be stale.
func (sub *subscription) shown(at time.Time) object {
	document := sub.document
	if sub.plan != nil {
		document = sub.essentialsDocument
	}
	return sub.server.shown(sub.path(), at, document)
}

// commandType returns the command type on a subscription for that of Pro.
func (sub *subscription) commandType(pro string) string {
	switch {
	case sub.plan == nil:
		return pro
	case pro == "databaseUpgradeRequest":
		return "fixedDatabaseUpgradeRedisVersionRequest"
	default:
		return "fixed" + strings.ToUpper(pro[:1]) + pro[1:]
	}
}

// done is the outcome of a task on a subscription. The API doesn't report it
// for Pro.
func (sub *subscription) done() outcome { return outcome{resourceID: sub.id, silent: sub.plan == nil} }

func listSubscriptions(c *call) answer {
	all := []any{}
	for _, id := range slices.Sorted(maps.Keys(c.server.subscriptions)) {
		if sub := c.server.subscriptions[id]; sub.plan == nil {
			all = append(all, c.server.linked(sub.shown(c.now)))
		}
	}
	document := object{"accountId": c.server.accountID, "subscriptions": all}
	return c.ok(c.server.linked(document, self("/subscriptions")))
}

func getSubscription(c *call, sub *subscription) answer {
	return c.ok(c.server.linked(sub.shown(c.now), self(sub.path())))
}

func (sub *subscription) document(at time.Time) object {
	set := sub.settings
	clouds := []any{}
	for _, cloud := range sub.clouds {
		clouds = append(clouds, sub.cloudDocument(cloud))
	}
	document := object{
		"id":                   sub.id,
		"name":                 str(set, "name", fmt.Sprintf("subscription-%d", sub.id)),
		"status":               sub.status(at),
		"deploymentType":       str(set, "deploymentType", "single-region"),
		"paymentMethodType":    str(set, "paymentMethod", "credit-card"),
		"publicEndpointAccess": flag(set, "publicEndpointAccess", true),
		"memoryStorage":        str(set, "memoryStorage", "ram"),
		"numberOfDatabases":    len(sub.listed(at)),
		"storageEncryption":    set["persistentStorageEncryptionType"] != nil,
		"subscriptionPricing":  sub.prices(),
		"cloudDetails":         clouds,
	}
	if sub.hasOwnKeys() {
		document["customerManagedKeyAccessDetails"] = sub.keyAccess()
	}
	if sub.life.settled(at) {
		document["prometheusEndpoint"] = fmt.Sprintf("https://internal.c%d.rediscloud.test:8070", sub.id)
	}
	return keep(document, set, "paymentMethod", "persistentStorageEncryptionKeys", "customerManagedKeys")
}

// keyAccess describes the permissions on the keys that the customer must grant
// to Redis.
func (sub *subscription) keyAccess() object {
	access := object{"deletionGracePeriodOptions": []any{"immediate", "15-minutes", "1-hour", "24-hours"}}
	if provider, _ := sub.location(); provider == "AWS" {
		role := fmt.Sprintf("arn:aws:iam::%s:role/redis-kms-c%d", awsAccountOf(internalCloudAccount), sub.id)
		access["redisIamRole"] = role
		access["requiredKeyPolicyStatements"] = object{"Statement": []any{object{
			"Effect": "Allow", "Principal": object{"AWS": role}, "Resource": "*",
			"Action": []any{"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"},
		}}}
		return access
	}
	access["redisServiceAccount"] = "redis-fake@rediscloud.test"
	access["googlePredefinedRoles"] = []any{"roles/cloudkms.cryptoKeyEncrypterDecrypter", "roles/cloudkms.viewer"}
	access["googleCustomPermissions"] = []any{"cloudkms.cryptoKeys.get", "cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"}
	return access
}

// keep adds to a document the settings it lacks, except for those it has under
// another name.
func keep(document, settings object, but ...string) object {
	for name, value := range settings {
		if _, has := document[name]; !has && !slices.Contains(but, name) {
			document[name] = value
		}
	}
	return document
}

// hasOwnKeys reports whether the customer manages the keys that the storage is
// encrypted with.
func (sub *subscription) hasOwnKeys() bool {
	return str(sub.settings, "persistentStorageEncryptionType", "") == "customer-managed-key"
}

func updateSubscription(c *call, sub *subscription) answer {
	return sub.start(c, http.StatusOK, "subscriptionUpdateRequest", func(at time.Time) (outcome, *failure) {
		change(sub.settings, c.body)
		if c.body["customerManagedKeys"] != nil && sub.life.change == "encryption_key_pending" {
			sub.begin("pending", at)
			for _, db := range sub.databases {
				db.life.until, db.activated = sub.life.until, sub.life.until
			}
		}
		return sub.done(), nil
	})
}

// change overwrites the settings that a request has, except for null and what
// can't be changed.
func change(settings, request object) {
	for name, value := range request {
		switch name {
		case "commandType", "deploymentType", "dryRun":
		default:
			if value != nil {
				settings[name] = value
			}
		}
	}
}

func deleteSubscription(c *call, sub *subscription) answer {
	return sub.start(c, http.StatusOK, "subscriptionDeleteRequest", func(at time.Time) (outcome, *failure) {
		if len(sub.databases) > 0 {
			return outcome{}, conflict("SUBSCRIPTION_IN_USE", "The subscription has databases.")
		}
		sub.remove(at)
		return sub.done(), nil
	})
}
