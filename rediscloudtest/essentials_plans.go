package rediscloudtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Ids of plans for Essentials subscriptions. GET /fixed/plans lists a few more.
const (
	PlanFree       = 98001 // 30 MB, one database, no other features; one subscription per account
	PlanStandard   = 98276 // 1 GB on AWS in us-east-1, two databases, in a single zone
	PlanMultiAZ    = 98183 // 5 GB, otherwise like PlanStandard but ten databases and several zones
	PlanPayAsYouGo = 98601 // databases have their own size and may be clustered
	PlanRedisFlex  = 98701 // 1 GB in RAM and on flash
)

// An essentialsPlan describes what an Essentials subscription offers.
type essentialsPlan struct {
	id               int
	name             string
	provider, region string
	size             float64
	unit             string
	price            int
	databases        int // at most
	availability     string
	connections      string // a number, or a text for unlimited
	sourceIPs        int    // at most
	replication, tls bool
	durable          bool // can persist and back up data
	payAsYouGo, flex bool
	alerts           []string
}

var (
	fewAlerts = []string{"datasets-size", "throughput-higher-than"}
	allAlerts = []string{"datasets-size", "latency", "throughput-lower-than", "throughput-higher-than", "connections-limit"}
)

var plans = []*essentialsPlan{
	{
		id: PlanFree, name: "30MB", provider: "AWS", region: "us-east-1", size: 30, unit: "MB",
		databases: 1, availability: "no-replication", connections: "30", sourceIPs: 1, alerts: fewAlerts,
	},
	{
		id: PlanStandard, name: "Single-Zone_1GB", provider: "AWS", region: "us-east-1", size: 1, unit: "GB", price: 22,
		databases: 2, availability: "Single-zone", connections: "1024", sourceIPs: 8, alerts: allAlerts,
		replication: true, tls: true, durable: true,
	},
	{
		id: PlanMultiAZ, name: "Multi-AZ_5GB", provider: "AWS", region: "us-east-1", size: 5, unit: "GB", price: 100,
		databases: 10, availability: "Multi-zone", connections: "unlimited", sourceIPs: 16, alerts: allAlerts,
		replication: true, tls: true, durable: true,
	},
	{
		id: PlanPayAsYouGo, name: "Pay as you go", provider: "AWS", region: "us-east-1", unit: "GB",
		databases: 30, availability: "Multi-zone", connections: "unlimited", sourceIPs: 16, alerts: allAlerts,
		replication: true, tls: true, durable: true, payAsYouGo: true,
	},
	{
		id: PlanRedisFlex, name: "Redis Flex 1GB", provider: "AWS", region: "us-east-1", size: 1, unit: "GB", price: 10,
		databases: 1, availability: "Single-zone", connections: "1024", sourceIPs: 8, alerts: allAlerts,
		replication: true, tls: true, durable: true, flex: true,
	},
	{
		id: 34858, name: "250MB", provider: "AWS", region: "us-east-1", size: 250, unit: "MB", price: 5,
		databases: 1, availability: "No replication", connections: "256", sourceIPs: 4, alerts: allAlerts, tls: true,
	},
	{
		id: 34944, name: "Single-Zone_1GB", provider: "AWS", region: "us-west-1", size: 1, unit: "GB", price: 23,
		databases: 1, availability: "Single-zone", connections: "1024", sourceIPs: 8, alerts: allAlerts,
		replication: true, tls: true, durable: true,
	},
	{
		id: 34947, name: "Single-Zone_1GB", provider: "AWS", region: "eu-west-1", size: 1, unit: "GB", price: 23,
		databases: 1, availability: "Single-zone", connections: "1024", sourceIPs: 8, alerts: allAlerts,
		replication: true, tls: true, durable: true,
	},
	{
		id: 98273, name: "Cache_5GB", provider: "AWS", region: "eu-west-1", size: 5, unit: "GB", price: 77,
		databases: 1, availability: "No replication", connections: "unlimited", sourceIPs: 4, alerts: fewAlerts,
		durable: true,
	},
	{
		id: 98401, name: "Single-Zone_250MB", provider: "GCP", region: "us-east1", size: 250, unit: "MB", price: 5,
		databases: 1, availability: "Single-zone", connections: "256", sourceIPs: 4, alerts: allAlerts,
		replication: true, tls: true, durable: true,
	},
	{
		id: 98501, name: "Single-Zone_250MB", provider: "AZURE", region: "east-us", size: 250, unit: "MB", price: 5,
		databases: 1, availability: "Single-zone", connections: "256", sourceIPs: 4, alerts: allAlerts,
		replication: true, tls: true, durable: true,
	},
}

// findPlan returns the plan of an id, or nil.
func findPlan(id int) *essentialsPlan {
	i := slices.IndexFunc(plans, func(p *essentialsPlan) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return plans[i]
}

// planOf returns the plan that a request names, or nil.
func planOf(body object) *essentialsPlan { return findPlan(int(num(body, "planId", 0))) }

func (p *essentialsPlan) free() bool { return p.id == PlanFree }

// regionID is the id of the plan's region. Azure's aren't among the regions
// that the API lists.
func (p *essentialsPlan) regionID() int {
	for _, region := range places {
		if region.name == p.region {
			return region.id
		}
	}
	return firstOtherRegion - 1
}

// copies is the maximum number of copies of the data of the plan's databases.
func (p *essentialsPlan) copies() float64 {
	if p.replication {
		return 2
	}
	return 1
}

// common returns the fields that the documents of a plan and of its
// subscriptions have.
func (p *essentialsPlan) common() object {
	return object{
		"size":                          p.size,
		"sizeMeasurementUnit":           p.unit,
		"provider":                      p.provider,
		"region":                        p.region,
		"price":                         p.price,
		"priceCurrency":                 "USD",
		"pricePeriod":                   "Month",
		"maximumDatabases":              p.databases,
		"availability":                  p.availability,
		"cidrAllowRules":                p.sourceIPs,
		"supportDataPersistence":        p.durable,
		"supportInstantAndDailyBackups": p.durable,
		"supportReplication":            p.replication,
		"supportClustering":             p.payAsYouGo,
		"customerSupport":               "Standard",
	}
}

func (p *essentialsPlan) document() object {
	document := p.common()
	document["id"] = p.id
	document["name"] = p.name
	document["regionId"] = p.regionID()
	document["datasetSize"] = p.size / p.copies()
	document["redisFlex"] = p.flex
	document["connections"] = p.connections
	document["maximumThroughput"] = 10000
	document["maximumBandwidthGB"] = 200
	document["supportSsl"] = p.tls
	document["supportedAlerts"] = p.alerts
	return document
}

func (s *Server) planList(path string, fits func(*essentialsPlan) bool) object {
	list := []any{}
	for _, p := range plans {
		if fits(p) {
			list = append(list, s.linked(p.document()))
		}
	}
	return s.linked(object{"plans": list}, self(path))
}

func listPlans(c *call) answer {
	query := c.req.URL.Query()
	provider := query.Get("provider")
	if query.Has("provider") && !slices.Contains([]string{"AWS", "GCP", "AZURE"}, provider) {
		return c.fail(http.StatusBadRequest, "provider is not one of AWS, GCP, AZURE")
	}
	flex, err := optionalBool(query, "redisFlex")
	if err != nil {
		return c.fail(http.StatusBadRequest, "redisFlex is not a boolean")
	}
	return c.ok(c.server.planList("/fixed/plans", func(p *essentialsPlan) bool {
		return (provider == "" || provider == p.provider) && (flex == nil || *flex == p.flex)
	}))
}

func optionalBool(query url.Values, name string) (*bool, error) {
	if !query.Has(name) {
		return nil, nil
	}
	value, err := strconv.ParseBool(query.Get(name))
	return &value, err
}

func getPlan(c *call) answer {
	id, ok := c.id("planId")
	if !ok {
		return c.fail(http.StatusBadRequest, "planId is not a number")
	}
	p := findPlan(id)
	if p == nil {
		return c.notFound()
	}
	return c.ok(c.server.linked(p.document(), self(fmt.Sprintf("/fixed/plans/%d", id))))
}

// listPlansFor lists the plans that a subscription can change to, including its
// own.
func listPlansFor(c *call, sub *subscription) answer {
	path := fmt.Sprintf("/fixed/plans/subscriptions/%d", sub.id)
	return c.ok(c.server.planList(path, func(p *essentialsPlan) bool { return sub.refusesPlan(p) == nil }))
}

// refusesPlan returns why a subscription can't change to a plan, or nil.
func (sub *subscription) refusesPlan(p *essentialsPlan) *failure {
	switch old := sub.plan; {
	case p == nil:
		return badRequest("FIXED_SUBSCRIPTION_UPDATE_INVALID_PLAN", "There is no such plan.")
	case p.provider != old.provider:
		return badRequest("FIXED_MISMATCH_BETWEEN_REQUEST_PLAN_CLOUD_PROVIDER_AND_SUBSCRIPTION_CLOUD_PROVIDER",
			"The plan is of another cloud provider.")
	case p.region != old.region:
		return badRequest("FIXED_MISMATCH_BETWEEN_REQUEST_PLAN_REGION_AND_SUBSCRIPTION_REGION", "The plan is of another region.")
	case old.flex && !p.flex:
		return badRequest("REDIS_FLEX_PLAN_CANNOT_BE_UPDATED_TO_NON_REDIS_FLEX", "The plan is not of Redis Flex.")
	case p.flex && !old.flex:
		return badRequest("NON_REDIS_FLEX_PLAN_CANNOT_BE_UPDATED_TO_REDIS_FLEX_PLAN", "The plan is of Redis Flex.")
	case p.databases < len(sub.databases):
		return badRequest("FIXED_SUBSCRIPTION_PLAN_MAX_DATABASES_SMALLER_THEN_CURRENT_SUBSCRIPTION_DATABASES_COUNT",
			"The plan is for fewer databases than there are.")
	}
	return nil
}
