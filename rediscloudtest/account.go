package rediscloudtest

import (
	"net/http"
	"time"
)

const keyName = "fake-key"

// founded is when the account and its key were made.
var founded = time.Date(1999, time.June, 1, 9, 0, 0, 0, time.UTC)

func getAccount(c *call) answer {
	key := object{
		"name":             keyName,
		"accountId":        c.server.accountID,
		"accountName":      "Fake account",
		"allowedSourceIps": []any{"0.0.0.0/0"},
		"createdTimestamp": wireTime(founded),
		"owner":            object{"name": "Fay Fake", "email": "fay@rediscloud.test"},
		"userAccountId":    1,
		"httpSourceIp":     "192.0.2.1",
	}
	account := object{
		"id":                c.server.accountID,
		"name":              "Fake account",
		"createdTimestamp":  wireTime(founded),
		"updatedTimestamp":  wireTime(founded),
		"pocStatus":         "inactive",
		"marketplaceStatus": "active",
		"key":               key,
	}
	return c.ok(c.server.linked(object{"account": account}, self("/")))
}

func listPaymentMethods(c *call) answer {
	card := c.server.linked(object{
		"id": 2, "type": "Visa", "creditCardEndsWith": "0042", "nameOnCard": "Fay Fake", "expirationMonth": 12, "expirationYear": 2099,
	})
	document := object{"accountId": c.server.accountID, "paymentMethods": []any{card}}
	return c.ok(c.server.linked(document, self("/payment-methods")))
}

// allRegions are some of those that subscriptions can be in.
var allRegions = []object{
	{"id": 1, "name": "us-east-1", "provider": "AWS"},
	{"id": 3, "name": "us-west-2", "provider": "AWS"},
	{"id": 4, "name": "eu-west-1", "provider": "AWS"},
	{"id": 29, "name": "eu-central-1", "provider": "AWS"},
	{"id": 27, "name": "us-central1", "provider": "GCP"},
	{"id": 35, "name": "europe-west1", "provider": "GCP"},
}

func listAllRegions(c *call) answer {
	provider := c.req.URL.Query().Get("provider")
	if provider != "" && provider != "AWS" && provider != "GCP" {
		return c.fail(http.StatusBadRequest, "provider is neither AWS nor GCP")
	}
	list := []any{}
	for _, region := range allRegions {
		if provider == "" || region["provider"] == provider {
			list = append(list, region)
		}
	}
	return c.ok(c.server.linked(object{"regions": list}, self("/regions")))
}

func listModules(c *call) answer {
	documents := object{
		"name": "number-of-documents", "description": "How many documents will be indexed.", "type": "integer",
		"defaultValue": 1000000, "required": false,
	}
	module := func(name, capability, description string, parameters ...any) object {
		return object{
			"name": name, "capabilityName": capability, "description": description,
			"parameters": append([]any{}, parameters...),
		}
	}
	list := []any{
		module("RedisJSON", "JSON", "Stores JSON documents, and changes parts of them."),
		module("RediSearch", "Search and query", "Indexes documents and finds them.", documents),
		module("RedisTimeSeries", "Time series", "Stores measurements by their time."),
		module("RedisBloom", "Probabilistic", "Counts and finds approximately, in little memory."),
	}
	return c.ok(c.server.linked(object{"modules": list}, self("/database-modules")))
}

func listDataPersistence(c *call) answer {
	list := []any{}
	for _, option := range [][2]string{
		{"none", "Nothing is written."},
		{"aof-every-1-second", "Changes are appended to a file, which is synced each second."},
		{"aof-every-write", "Changes are appended to a file, which is synced at each."},
		{"snapshot-every-1-hour", "All data is written each hour."},
		{"snapshot-every-6-hours", "All data is written every six hours."},
		{"snapshot-every-12-hours", "All data is written every twelve hours."},
	} {
		list = append(list, object{"name": option[0], "description": option[1]})
	}
	return c.ok(c.server.linked(object{"dataPersistence": list}, self("/data-persistence")))
}

func listQueryPerformanceFactors(c *call) answer {
	factors := object{"queryPerformanceFactors": []any{"Standard", "2x", "4x", "6x", "8x"}}
	return c.ok(c.server.linked(factors, self("/query-performance-factors")))
}
