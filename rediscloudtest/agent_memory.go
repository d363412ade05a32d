package rediscloudtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A memoryStore is a store of Agent Memory, in a database.
type memoryStore struct {
	server   *Server
	id       string
	db       *database
	settings object // as requests name them
	created  time.Time
	ready    time.Time
	keys     apiKeys
}

func (m *memoryStore) path() string { return "/memory-stores/" + m.id }

// onMemoryStore returns a handler for routes below a memory store, which it
// looks up.
func onMemoryStore(handle func(*call, *memoryStore) answer) func(*call) answer {
	return func(c *call) answer {
		i := slices.IndexFunc(c.server.stores, func(m *memoryStore) bool { return m.id == c.path["storeId"] })
		if i < 0 {
			return c.notFound()
		}
		return handle(c, c.server.stores[i])
	}
}

func listStores(c *call) answer {
	list := []any{}
	for _, m := range c.server.stores {
		list = append(list, m.summary(c.now))
	}
	return c.ok(object{"data": list})
}

func createStore(c *call) answer {
	return c.start(http.StatusAccepted, "memoryStoreCreateRequest", func(at time.Time) (outcome, *failure) {
		db := c.server.databaseWith(int(num(c.body, "databaseId", 0)))
		switch {
		case str(c.body, "name", "") == "":
			return outcome{}, badRequest("BAD_REQUEST", "The name is empty.")
		case db == nil:
			return outcome{}, missing("DATABASE_NOT_FOUND", "There is no such database.")
		}
		m := &memoryStore{
			server: c.server, id: newUUID(), db: db, settings: maps.Clone(c.body), created: at, ready: c.server.settled(at),
		}
		c.server.stores = append(c.server.stores, m)
		return outcome{resource: object{"storeId": m.id}}, nil
	})
}

func getStore(c *call, m *memoryStore) answer { return c.ok(m.document(c.now)) }

func updateStore(c *call, m *memoryStore) answer {
	return m.start(c, "memoryStoreUpdateRequest", func() *failure { return m.change(c.body) })
}

func deleteStore(c *call, m *memoryStore) answer {
	return m.start(c, "memoryStoreDeleteRequest", func() *failure {
		m.server.stores = slices.DeleteFunc(m.server.stores, func(other *memoryStore) bool { return other == m })
		return nil
	})
}

// start submits a task on a store, which fails if the store is gone when the
// task runs.
func (m *memoryStore) start(c *call, commandType string, run func() *failure) answer {
	return c.start(http.StatusAccepted, commandType, func(time.Time) (outcome, *failure) {
		if !slices.Contains(m.server.stores, m) {
			return outcome{}, missing("NOT_FOUND", "There is no such memory store.")
		}
		return outcome{}, run()
	})
}

// change applies an update. Memory types can be added, but only their
// extraction settings changed.
func (m *memoryStore) change(request object) *failure {
	if request["name"] != nil && str(request, "name", "") == "" {
		return badRequest("BAD_REQUEST", "The name is empty.")
	}
	types := append(objects(m.settings, "customMemoryTypes"), objects(request, "addCustomMemoryTypes")...)
	changed := make([]any, len(types))
	for i, t := range types {
		changed[i] = maps.Clone(t)
	}
	for _, update := range objects(request, "updateCustomMemoryTypeStrategies") {
		name := str(update, "typeName", "")
		i := slices.IndexFunc(types, func(t object) bool { return t["name"] == name })
		if i < 0 {
			return badRequest("BAD_REQUEST", "There is no memory type with this name.")
		}
		strategy := object{}
		maps.Copy(strategy, child(types[i], "extractionStrategy"))
		maps.Copy(strategy, update)
		delete(strategy, "typeName")
		changed[i].(object)["extractionStrategy"] = strategy
	}
	for _, name := range []string{
		"name", "shortMemory", "longTermMemory", "llm", "summarization", "longTermMemoryExclusions", "extractionCadence",
	} {
		m.settings[name] = or(request, name, m.settings[name])
	}
	m.settings["customMemoryTypes"] = changed
	return nil
}

func (m *memoryStore) summary(at time.Time) object {
	return object{
		"storeId":            m.id,
		"name":               m.settings["name"],
		"createdAt":          wireTime(m.created),
		"databaseId":         fmt.Sprint(m.db.id),
		"databaseName":       m.db.name(),
		"subscriptionId":     fmt.Sprint(m.db.sub.id),
		"extractionStrategy": str(m.settings, "extractionStrategy", "INSTRUCT"),
		"summarization":      or(m.settings, "summarization", object{"enabled": false}),
		"llm":                model(child(m.settings, "llm"), "model"),
		"status":             m.server.upperStatus(m.path(), m.ready, at),
	}
}

func (m *memoryStore) document(at time.Time) object {
	set := m.settings
	where := m.db.document(at)
	if crdbs := objects(where, "crdbDatabases"); len(crdbs) > 0 {
		where = crdbs[0]
	}
	long := child(set, "longTermMemory")
	provider, region := str(where, "provider", "AWS"), str(where, "region", "us-east-1")
	endpoint := fmt.Sprintf("https://%s-%s.memory.rediscloud.test", strings.ToLower(provider), region)
	document := m.summary(at)
	maps.Copy(document, object{
		"databaseProvider":         provider,
		"databaseRegion":           region,
		"databaseAccessCidrs":      child(where, "security")["sourceIps"],
		"shortMemory":              or(set, "shortMemory", object{"ttlSeconds": 86400}),
		"longTermMemory":           object{"ttlSeconds": long["ttlSeconds"], "embedding": model(child(long, "embedding"), "model")},
		"endpoint":                 endpoint,
		"longTermMemoryExclusions": or(set, "longTermMemoryExclusions", object{"enabled": false}),
		"customMemoryTypes":        or(set, "customMemoryTypes", []any{}),
		"extractionCadence":        or(set, "extractionCadence", object{"activeIntervalSeconds": 60}),
		"endpoints": []any{object{
			"url": endpoint, "provider": provider, "region": region, "egressIps": []any{"192.0.2.7"}, "isAccessible": true,
		}},
	})
	if document["status"] == "UNAVAILABLE" {
		document["errorMessage"], document["errorMessageTimestamp"] = "Set by the test.", at.UnixMilli()
	}
	return document
}

func listStoreKeys(c *call, m *memoryStore) answer  { return m.keys.list(c) }
func createStoreKey(c *call, m *memoryStore) answer { return m.keys.create(c, "mem1", "mem1...") }
func deleteStoreKey(c *call, m *memoryStore) answer { return m.keys.delete(c) }
