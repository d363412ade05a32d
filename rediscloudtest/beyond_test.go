package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAgentMemory(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		db := r.AddDatabase(sub, "db")
		res, text := r.do("POST", "/memory-stores", fmt.Sprintf(`{"name":"store","databaseId":%d,"llm":{"provider":"p","model":"m","credentials":{"type":"key","apiKey":"hush"}},
			"shortMemory":{"ttlSeconds":5},"longTermMemory":{"ttlSeconds":6,"embedding":{"provider":"e","model":"f","credentials":{"type":"key","apiKey":"hush"}}},
			"customMemoryTypes":[{"name":"t","description":"d","fields":[],"extractionStrategy":{"prompt":"a","enabled":true}}]}`, db))
		require.Equal(t, 202, res.StatusCode)
		task := parse(t, text)
		require.Equal(t, "memoryStoreCreateRequest", task["commandType"])
		time.Sleep(time.Second)
		response := child(r.get("/tasks/"+task["taskId"].(string)), "response")
		require.Len(t, response, 1, "no number stands for the store")
		id := child(response, "resource")["storeId"].(string)
		path := "/memory-stores/" + id

		_, text = r.do("GET", path, "")
		require.JSONEq(t, fmt.Sprintf(`{"storeId":%q,"name":"store","createdAt":"2000-01-01T00:00:01.000Z","databaseId":"%d","databaseName":"db",
			"subscriptionId":"%d","extractionStrategy":"INSTRUCT","summarization":{"enabled":false},"llm":{"provider":"p","model":"m"},
			"status":"PROVISIONING","databaseProvider":"AWS","databaseRegion":"us-east-1","databaseAccessCidrs":["0.0.0.0/0"],
			"shortMemory":{"ttlSeconds":5},"longTermMemory":{"ttlSeconds":6,"embedding":{"provider":"e","model":"f"}},
			"endpoint":"https://aws-us-east-1.memory.rediscloud.test","longTermMemoryExclusions":{"enabled":false},
			"endpoints":[{"url":"https://aws-us-east-1.memory.rediscloud.test","provider":"AWS","region":"us-east-1","egressIps":["192.0.2.7"],"isAccessible":true}],
			"customMemoryTypes":[{"name":"t","description":"d","fields":[],"extractionStrategy":{"prompt":"a","enabled":true}}],
			"extractionCadence":{"activeIntervalSeconds":60}}`, id, db, sub), text)
		time.Sleep(2 * time.Second)
		require.Equal(t, "READY", r.get(path)["status"])
		summary := objects(r.get("/memory-stores"), "data")[0]
		require.Equal(t, []any{id, "READY"}, []any{summary["storeId"], summary["status"]})
		require.NotContains(t, summary, "endpoint")

		require.Empty(t, r.complete("PATCH", path, `{"name":"renamed","shortMemory":{"ttlSeconds":7},"addCustomMemoryTypes":[{"name":"u","description":"e"}],
			"updateCustomMemoryTypeStrategies":[{"typeName":"t","enabled":false},{"typeName":"u","prompt":"b"}]}`))
		store := r.get(path)
		require.Equal(t, []any{"renamed", object{"ttlSeconds": 7.0}, 6.0}, []any{store["name"], store["shortMemory"], child(store, "longTermMemory")["ttlSeconds"]})
		require.JSONEq(t, `[{"name":"t","description":"d","fields":[],"extractionStrategy":{"prompt":"a","enabled":false}},
			{"name":"u","description":"e","extractionStrategy":{"prompt":"b"}}]`, encode(t, store["customMemoryTypes"]))
		require.Equal(t, "BAD_REQUEST", r.fail("PATCH", path, `{"updateCustomMemoryTypeStrategies":[{"typeName":"x"}]}`))
		require.Equal(t, "BAD_REQUEST", r.fail("PATCH", path, `{"name":""}`))
		require.Equal(t, "DATABASE_NOT_FOUND", r.fail("POST", "/memory-stores", `{"name":"x","databaseId":1}`))
		require.Equal(t, "BAD_REQUEST", r.fail("POST", "/memory-stores", fmt.Sprintf(`{"name":"","databaseId":%d}`, db)))
		require.Equal(t, 400, r.status("POST", "/memory-stores", `{"name":"x","databaseId":"1"}`))
		require.Equal(t, 400, r.status("POST", "/memory-stores", `{"name":"x"}`))

		r.testKeys(path+"/api-keys", "mem1...")

		r.SetStatus(path, "UNAVAILABLE")
		require.Contains(t, r.get(path), "errorMessage")
		r.SetStatus(path, "")
		first, second := r.submit("DELETE", path, ""), r.submit("DELETE", path, "")
		time.Sleep(2 * time.Second)
		require.Equal(t, "processing-completed", r.get("/tasks/" + first)["status"])
		require.Equal(t, "processing-error", r.get("/tasks/" + second)["status"], "the one before has removed it")
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			require.Equal(t, 404, r.status(method, path, "{}"), method)
		}
		require.Empty(t, r.get("/memory-stores")["data"])
	})
}

// testKeys creates, lists and deletes API keys.
func (r rig) testKeys(path, mask string) {
	t := r.t
	t.Helper()
	require.Equal(t, object{"apiKeys": []any{}}, r.get(path))
	var secrets []string
	for range 2 {
		res, text := r.do("POST", path, `{"keyName":"same"}`)
		require.Equal(t, 200, res.StatusCode)
		require.Len(t, parse(t, text), 1, "there is no id")
		secrets = append(secrets, parse(t, text)["apiKey"].(string))
	}
	require.NotEqual(t, secrets[0], secrets[1])
	_, text := r.do("GET", path, "")
	keys := objects(parse(t, text), "apiKeys")
	require.Len(t, keys, 2)
	for i, secret := range secrets {
		require.NotContains(t, text, secret)
		require.Equal(t, []any{"same", mask + secret[len(secret)-4:]}, []any{keys[i]["keyName"], keys[i]["obfuscatedToken"]})
		require.EqualValues(t, time.Now().UnixMilli(), keys[i]["createdAt"])
	}
	require.Equal(t, 400, r.status("POST", path, `{"keyName":""}`))
	require.Equal(t, 400, r.status("POST", path, `{}`))
	require.Equal(t, 404, r.status("DELETE", path+"/unknown", ""))
	res, text := r.do("DELETE", fmt.Sprint(path, "/", keys[0]["apiKeyId"]), "")
	require.Equal(t, []any{204, ""}, []any{res.StatusCode, text})
	require.Equal(t, []object{keys[1]}, objects(r.get(path), "apiKeys"))
}

func TestLangCache(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		db := r.AddDatabase(r.AddSubscription("s"), "db")
		creation := func(name, database string) string {
			return fmt.Sprintf(`{"name":%q,"database":{"databaseId":%q},"embeddingModel":{"provider":"openai","name":"small","apiKey":"hush"},
				"defaultSearchThreshold":0.9,"defaultTtlMillis":5000,"attributes":["a"]}`, name, database)
		}
		res, text := r.do("POST", "/iris/ui/caches", creation("cache", fmt.Sprint(db)))
		require.Equal(t, 200, res.StatusCode, text)
		id := parse(t, text)["cacheId"].(string)
		path := "/iris/ui/caches/" + id
		_, text = r.do("GET", path, "")
		require.JSONEq(t, fmt.Sprintf(`{"cacheId":%q,"cacheName":"cache","databaseId":"%d","defaultSearchThreshold":0.9,"defaultTtlMillis":5000,
			"attributes":["a"],"searchStrategies":["semantic"],"endpoint":"https://aws-us-east-1.langcache.rediscloud.test",
			"embeddingProvider":{"provider":"openai","model":"small"},"status":"PROVISIONING"}`, id, db), text)
		time.Sleep(2 * time.Second)
		require.Equal(t, "READY", r.get(path)["status"])

		res, text = r.do("PATCH", path, `{"name":"renamed","attributes":[],"searchStrategies":["exact","semantic"]}`)
		require.Equal(t, []any{204, ""}, []any{res.StatusCode, text})
		cache := r.get(path)
		require.Equal(t, []any{"renamed", []any{}, []any{"exact", "semantic"}, 0.9},
			[]any{cache["cacheName"], cache["attributes"], cache["searchStrategies"], cache["defaultSearchThreshold"]})
		for _, body := range []string{`{"name":""}`, `{"searchStrategies":["fuzzy"]}`, `{"defaultTtlMillis":"1"}`, `[]`} {
			require.Equal(t, 400, r.status("PATCH", path, body), body)
		}
		for _, body := range []string{creation("x", "1"), creation("", fmt.Sprint(db)), creation("x", "one"), `{"name":"x"}`} {
			require.Equal(t, 400, r.status("POST", "/iris/ui/caches", body), body)
		}
		r.testKeys(path+"/api-key", "****")
		require.Equal(t, 400, r.status("DELETE", path+"?flush=perhaps", ""))
		require.Equal(t, 204, r.status("DELETE", path+"?flush=true", ""))
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			require.Equal(t, 404, r.status(method, path, "{}"), method)
		}
		require.Empty(t, r.Tasks(), "nothing here is a task")
	})
}

// The routes beyond the document are separate.
func TestRoutesBeyond(t *testing.T) {
	require.Len(t, RoutesBeyond(), 15)
	for _, route := range RoutesBeyond() {
		require.NotContains(t, Routes(), route)
	}
	inBubble(t, func(t *testing.T, r rig) {
		r.AnswerNext(1, "GET /memory-stores/{storeId}", 503, nil, "")
		require.Equal(t, 503, r.status("GET", "/memory-stores/x", ""))
		require.Equal(t, "GET /memory-stores/{storeId}", r.Requests()[0].Route)
		require.Equal(t, 405, r.status("PUT", "/memory-stores/x", "{}"))
	})
}
