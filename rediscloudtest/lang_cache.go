package rediscloudtest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A langCache is a cache of LangCache, in a database.
type langCache struct {
	server   *Server
	id       string
	settings object // as requests name them
	ready    time.Time
	keys     apiKeys
}

// newCache has the database's id as a string, unlike any other request.
var newCache = members("name", "database", "embeddingModel", "defaultSearchThreshold", "defaultTtlMillis", "attributes").with("databaseId", text)

func (l *langCache) path() string { return "/iris/ui/caches/" + l.id }

// onLangCache returns a handler for routes below a cache, which it looks up.
func onLangCache(handle func(*call, *langCache) answer) func(*call) answer {
	return func(c *call) answer {
		i := slices.IndexFunc(c.server.caches, func(l *langCache) bool { return l.id == c.path["cacheId"] })
		if i < 0 {
			return c.notFound()
		}
		return handle(c, c.server.caches[i])
	}
}

func createCache(c *call) answer {
	id, err := strconv.Atoi(str(child(c.body, "database"), "databaseId", ""))
	if err != nil || c.server.databaseWith(id) == nil {
		return c.fail(http.StatusBadRequest, "there is no such database")
	}
	if refused := refusesCache(c.body); refused != "" {
		return c.fail(http.StatusBadRequest, refused)
	}
	l := &langCache{server: c.server, id: newUUID(), settings: object{}, ready: c.server.settled(c.now)}
	change(l.settings, c.body)
	c.server.caches = append(c.server.caches, l)
	return c.ok(object{"cacheId": l.id})
}

// refusesCache returns what is wrong with a request, or "".
func refusesCache(request object) string {
	if request["name"] != nil && str(request, "name", "") == "" {
		return "name is empty"
	}
	strategies, _ := request["searchStrategies"].([]any)
	for _, strategy := range strategies {
		if strategy != "exact" && strategy != "semantic" {
			return "searchStrategies has something else than exact and semantic"
		}
	}
	return ""
}

func getCache(c *call, l *langCache) answer {
	set := l.settings
	return c.ok(object{
		"cacheId":                l.id,
		"cacheName":              set["name"],
		"databaseId":             child(set, "database")["databaseId"],
		"defaultSearchThreshold": set["defaultSearchThreshold"],
		"defaultTtlMillis":       set["defaultTtlMillis"],
		"attributes":             set["attributes"],
		"searchStrategies":       or(set, "searchStrategies", []any{"semantic"}),
		"endpoint":               "https://aws-us-east-1.langcache.rediscloud.test",
		"embeddingProvider":      model(child(set, "embeddingModel"), "name"),
		"status":                 l.server.upperStatus(l.path(), l.ready, c.now),
	})
}

func updateCache(c *call, l *langCache) answer {
	if refused := refusesCache(c.body); refused != "" {
		return c.fail(http.StatusBadRequest, refused)
	}
	for _, name := range []string{"name", "defaultSearchThreshold", "defaultTtlMillis", "embeddingModel", "attributes", "searchStrategies"} {
		l.settings[name] = or(c.body, name, l.settings[name])
	}
	return empty(http.StatusNoContent)
}

// deleteCache ignores a request to flush the database: the fake stores no data
// in it.
func deleteCache(c *call, l *langCache) answer {
	if _, err := optionalBool(c.req.URL.Query(), "flush"); err != nil {
		return c.fail(http.StatusBadRequest, "flush is not a boolean")
	}
	c.server.caches = slices.DeleteFunc(c.server.caches, func(other *langCache) bool { return other == l })
	return empty(http.StatusNoContent)
}

func listCacheKeys(c *call, l *langCache) answer  { return l.keys.list(c) }
func createCacheKey(c *call, l *langCache) answer { return l.keys.create(c, "", "****") }
func deleteCacheKey(c *call, l *langCache) answer { return l.keys.delete(c) }
