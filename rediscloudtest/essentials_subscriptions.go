package rediscloudtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// newEssentials adds an Essentials subscription. It is active at once.
func (s *Server) newEssentials(settings object, p *essentialsPlan, at time.Time) *subscription {
	sub := s.newSubscription(settings)
	sub.plan, sub.created = p, at
	return sub
}

// AddEssentialsSubscription adds an active Essentials subscription and returns
// its id. The plan is one that GET /fixed/plans lists, such as [PlanStandard];
// the id is 0 for an unknown one. [Server.AddDatabase] adds databases to the
// subscription.
func (s *Server) AddEssentialsSubscription(name string, planID int) (id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	p := findPlan(planID)
	if p == nil {
		return 0
	}
	return s.newEssentials(object{"name": name}, p, now).id
}

func listEssentials(c *call) answer {
	all := []any{}
	for _, id := range slices.Sorted(maps.Keys(c.server.subscriptions)) {
		if sub := c.server.subscriptions[id]; sub.plan != nil {
			all = append(all, c.server.linked(sub.shown(c.now)))
		}
	}
	document := object{"accountId": c.server.accountID, "subscriptions": all}
	return c.ok(c.server.linked(document, self("/fixed/subscriptions")))
}

func getEssentials(c *call, sub *subscription) answer {
	return c.ok(c.server.linked(sub.shown(c.now), self(sub.path())))
}

func (sub *subscription) essentialsDocument(at time.Time) object {
	document := sub.plan.common()
	document["id"] = sub.id
	document["name"] = str(sub.settings, "name", "")
	document["status"] = sub.status(at)
	document["paymentMethodType"] = str(sub.settings, "paymentMethod", "credit-card")
	document["planId"] = sub.plan.id
	document["planName"] = sub.plan.name
	document["connections"] = sub.plan.connections
	document["creationDate"] = sub.created.UTC().Format(time.RFC3339)
	if sub.plan.free() && sub.server.documentForms {
		document["connections"] = json.Number(sub.plan.connections)
		document["creationDate"] = sub.created.UTC().Format("02-Jan-2006")
	}
	if sub.plan.payAsYouGo {
		document["planType"] = "pay-as-you-go"
	}
	if databases := sub.sorted(); len(databases) > 0 {
		document["databaseStatus"] = databases[0].status(at)
	}
	return keep(document, sub.settings, "paymentMethod")
}

func createEssentials(c *call) answer {
	return c.start(http.StatusAccepted, "fixedSubscriptionCreateRequest", func(at time.Time) (outcome, *failure) {
		p := planOf(c.body)
		if f := c.server.refusesEssentials(c.body, p); f != nil {
			return outcome{}, f
		}
		sub := c.server.newEssentials(c.body, p, at)
		sub.begin("pending", at)
		created := &link{"resource", sub.path(), "getFixedSubscriptionInformation"}
		return outcome{resourceID: sub.id, link: created}, nil
	})
}

// refusesEssentials returns why a subscription can't be created with a plan, or
// nil.
func (s *Server) refusesEssentials(body object, p *essentialsPlan) *failure {
	switch {
	case str(body, "name", "") == "":
		return badRequest("FIXED_SUBSCRIPTION_NAME_NOT_PROVIDED", "The name is empty.")
	case p == nil:
		return missing("FIXED_SUBSCRIPTION_CREATE_PLAN_NOT_FOUND", "There is no such plan.")
	case p.free() && (str(body, "paymentMethod", "credit-card") != "credit-card" || body["paymentMethodId"] != nil):
		return badRequest("FIXED_PAYMENT_INFO_NOT_ALLOWED_IN_FREE_FIXED_PLAN", "The plan is free, and the request says how it is paid.")
	}
	for _, sub := range s.subscriptions {
		if p.free() && sub.plan == p {
			return badRequest("FIXED_SUBSCRIPTION_ACCOUNT_ALREADY_HAS_A_FREE_PLAN", "The account has a subscription with a free plan.")
		}
	}
	return nil
}

// updateEssentials makes the subscription pending if its plan changes.
func updateEssentials(c *call, sub *subscription) answer {
	return sub.start(c, http.StatusAccepted, "subscriptionUpdateRequest", func(at time.Time) (outcome, *failure) {
		if c.body["name"] != nil && str(c.body, "name", "") == "" {
			return outcome{}, badRequest("FIXED_SUBSCRIPTION_INVALID_NAME", "The name is empty.")
		}
		if p := planOf(c.body); c.body["planId"] != nil && p != sub.plan {
			if f := sub.refusesPlan(p); f != nil {
				return outcome{}, f
			}
			if sub.unsettled(at) {
				return outcome{}, badRequest("UPDATING_A_FIXED_SUBSCRIPTION_PLAN_IS_NOT_ALLOWED_WHILE_THE_SUBSCRIPTION_OR_BDB_IS_PENDING",
					"The subscription or a database in it is pending.")
			}
			sub.plan = p
			sub.begin("pending", at)
		}
		change(sub.settings, c.body)
		return sub.done(), nil
	})
}

// unsettled reports whether a subscription or a database in it is not active.
func (sub *subscription) unsettled(at time.Time) bool {
	for _, db := range sub.databases {
		if db.status(at) != statusActive {
			return true
		}
	}
	return sub.status(at) != statusActive
}

// listEssentialsVersions requires the subscription, unlike listRedisVersions.
func listEssentialsVersions(c *call) answer {
	c.path["subscriptionId"] = c.req.URL.Query().Get("subscriptionId")
	return onEssentials(func(c *call, _ *subscription) answer { return redisVersions(c) })(c)
}
