package rediscloudtest

import "time"

const keyName = "fake-key"

// founded is when the account and its key were created.
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
		"id": 2, "type": "Visa", "creditCardEndsWith": 4242, "nameOnCard": "Fay Fake", "expirationMonth": 12, "expirationYear": 2099,
		"isDefaultForShopper": true,
	})
	if c.server.documentForms {
		card["creditCardEndsWith"] = "4242"
	}
	document := object{"accountId": c.server.accountID, "paymentMethods": []any{card}}
	return c.ok(c.server.linked(document, self("/payment-methods")))
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
