package rediscloudtest

import (
	"crypto/rand"
	"net/http"
	"slices"
	"time"
)

// apiKeys are the keys with which programs use a memory store or a cache,
// oldest first. The keys themselves are not kept.
type apiKeys []object

func (k *apiKeys) list(c *call) answer {
	keys := []any{}
	for _, key := range *k {
		keys = append(keys, key)
	}
	return c.ok(object{"apiKeys": keys})
}

// create responds with the new key, which is never shown again, and without its
// id. Lists show the mask followed by the key's end.
func (k *apiKeys) create(c *call, prefix, mask string) answer {
	name := str(c.body, "keyName", "")
	if name == "" {
		return c.fail(http.StatusBadRequest, "keyName is empty")
	}
	secret := prefix + rand.Text()
	*k = append(*k, object{
		"apiKeyId": newUUID(), "keyName": name, "createdAt": c.now.UnixMilli(),
		"obfuscatedToken": mask + secret[len(secret)-4:],
	})
	return c.ok(object{"apiKey": secret})
}

func (k *apiKeys) delete(c *call) answer {
	left := slices.DeleteFunc(slices.Clone(*k), func(key object) bool { return key["apiKeyId"] == c.path["apiKeyId"] })
	if len(left) == len(*k) {
		return c.notFound()
	}
	*k = left
	return empty(http.StatusNoContent)
}

// upperStatus returns an upper-case status, for resources that don't use the
// API's usual ones.
func (s *Server) upperStatus(path string, ready, at time.Time) string {
	if forced := s.forced[path]; forced != "" {
		return forced
	}
	if at.Before(ready) {
		return "PROVISIONING"
	}
	return "READY"
}

// model shows a model without its credentials.
func model(given object, name string) object {
	return object{"provider": str(given, "provider", "openai"), "model": str(given, name, "default")}
}

// databaseWith finds a database by its id alone.
func (s *Server) databaseWith(id int) *database {
	for _, sub := range s.subscriptions {
		if db := sub.databases[id]; db != nil {
			return db
		}
	}
	return nil
}
