package rediscloudtest

import (
	"maps"
	"time"
)

// price returns the price of a database, the same for all.
func price(databaseName, region string) object {
	p := object{
		"databaseName":        databaseName,
		"type":                "Shards",
		"typeDetails":         "high-throughput",
		"quantity":            1,
		"quantityMeasurement": "shards",
		"pricePerUnit":        0.124,
		"priceCurrency":       "USD",
		"pricePeriod":         "hour",
	}
	if region != "" {
		p["region"] = region
	}
	return p
}

// prices returns the prices of the subscription's databases in each of its
// regions.
func (sub *subscription) prices() []any {
	list := []any{}
	for _, db := range sub.sorted() {
		for _, cloud := range sub.clouds {
			for _, r := range cloud.regions {
				list = append(list, price(db.name(), r.name))
			}
		}
	}
	return list
}

func getPricing(c *call, sub *subscription) answer {
	return c.ok(object{"pricing": sub.prices()})
}

// dryRun responds with a task that only prices the databases.
func (c *call) dryRun(status int, commandType string, databases []object) answer {
	list := []any{}
	for _, settings := range databases {
		list = append(list, price(str(settings, "name", ""), ""))
	}
	return c.start(status, commandType, func(time.Time) (outcome, *failure) {
		return outcome{resource: object{"pricing": list}}, nil
	})
}

// withName returns the database to price under the name it has after an update.
func (db *database) withName(request object) []object {
	settings := maps.Clone(request)
	settings["name"] = str(request, "name", db.name())
	return []object{settings}
}
