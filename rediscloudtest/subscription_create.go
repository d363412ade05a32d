package rediscloudtest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"
)

func createSubscription(c *call) answer {
	const commandType = "subscriptionCreateRequest"
	if err := checkSubscription(c.body); err != nil {
		return c.fail(http.StatusBadRequest, err.Error())
	}
	if flag(c.body, "dryRun", false) {
		return c.dryRun(http.StatusAccepted, commandType, objects(c.body, "databases"))
	}
	return c.start(http.StatusAccepted, commandType, func(at time.Time) (outcome, *failure) {
		databases, f := planned(c.body)
		if f != nil {
			return outcome{}, f
		}
		sub := c.server.newSubscription(c.body)
		sub.begin("pending", at)
		if sub.hasOwnKeys() && child(c.body, "persistentStorageEncryptionKeys") == nil {
			sub.life = lifecycle{change: "encryption_key_pending", until: at.Add(forever)}
		}
		for _, settings := range databases {
			db := sub.newDatabase(settings, at)
			db.life = lifecycle{change: "pending", until: sub.life.until}
			db.activated = sub.life.until
			if c.server.lateListing > 0 && sub.life.until.Sub(at) < forever {
				db.listed = sub.life.until.Add(c.server.lateListing)
			}
		}
		return outcome{resourceID: sub.id, link: &link{"resource", sub.path(), "getSubscriptionInformation"}}, nil
	})
}

// checkSubscription finds what the API rejects before it creates a task.
func checkSubscription(body object) error {
	if len(objects(body, "cloudProviders")) == 0 {
		return errors.New("cloudProviders is empty")
	}
	for _, spec := range objects(body, "cloudProviders") {
		if len(objects(spec, "regions")) == 0 {
			return errors.New("missing regions")
		}
		for _, region := range objects(spec, "regions") {
			if err := mustHave(region, "region"); err != nil {
				return err
			}
		}
	}
	for _, spec := range objects(body, "databases") {
		if err := mustHave(spec, "name"); err != nil {
			return err
		}
	}
	return nil
}

// planned returns the settings of the databases to create with a subscription:
// as many of each as its quantity.
func planned(body object) ([]object, *failure) {
	const most = 100
	var databases []object
	names := map[string]bool{}
	for _, spec := range objects(body, "databases") {
		quantity := num(spec, "quantity", 1)
		if quantity < 1 || quantity > most {
			return nil, badRequest("DATABASE_INVALID_QUANTITY", "The quantity of databases is out of range.")
		}
		if f := checkSettings(spec); f != nil {
			return nil, f
		}
		for i := range int(quantity) {
			settings := maps.Clone(spec)
			if i > 0 {
				settings["name"] = fmt.Sprintf("%s-%d", spec["name"], i+1)
			}
			name := str(settings, "name", "")
			if names[name] {
				return nil, conflict("DATABASE_NAME_DUPLICATE", "Two databases have the same name.")
			}
			names[name] = true
			databases = append(databases, settings)
		}
	}
	if len(databases) == 0 {
		return nil, badRequest("SUBSCRIPTION_MUST_HAVE_AT_LEAST_ONE_DATABASE", "The subscription has no database.")
	}
	if str(body, "deploymentType", "") != activeActive {
		for _, spec := range objects(body, "cloudProviders") {
			if len(objects(spec, "regions")) > 1 {
				return nil, badRequest("SINGLE_REGION_SUBSCRIPTION_MUST_DEFINE_ONLY_ONE_REGION", "There are several regions.")
			}
		}
	}
	return databases, nil
}
