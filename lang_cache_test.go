package rediscloud

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readCache(status string) wire {
	return wire{method: "GET", path: "/iris/ui/caches/a-1", answer: `{"cacheId":"a-1","cacheName":"cache","status":"` + status + `"}`}
}

func TestLangCacheGet(t *testing.T) {
	client := newWire(t, readCache("READY"), wire{method: "GET", path: "/iris/ui/caches/b", status: 404}, wire{method: "GET", path: "/iris/ui/caches/c", answer: `{}`})
	cache, err := client.LangCache.Get(t.Context(), "a-1")
	require.NoError(t, err)
	assert.Equal(t, &LangCache{ID: "a-1", Name: "cache", Status: ServiceStatusReady}, cache)
	_, err = client.LangCache.Get(t.Context(), "b")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.LangCache.Get(t.Context(), "c")
	_, odd := errors.AsType[*DecodeError](err)
	assert.True(t, odd, "%v", err)
}

func TestLangCacheCreate(t *testing.T) {
	for body, change := range map[string]func(*LangCacheCreateRequest){
		`{"name":"cache","database":{"databaseId":"8"},"embeddingModel":{"provider":"openai","name":"small"},
			"defaultSearchThreshold":0.9,"defaultTtlMillis":5000,"attributes":[]}`: func(*LangCacheCreateRequest) {},
		`{"name":"cache","database":{"databaseId":"8"},
			"embeddingModel":{"provider":"openai","name":"small","apiKey":"hush","customOptions":{"baseUrl":"https://models.example.com","dimensions":1536}},
			"defaultSearchThreshold":0.9,"defaultTtlMillis":5000,"attributes":["user"],"searchStrategies":["exact","semantic"]}`: func(r *LangCacheCreateRequest) {
			r.EmbeddingModel.APIKey = new(Secret("hush"))
			r.EmbeddingModel.CustomOptions = &EmbeddingModelCustomOptions{BaseURL: "https://models.example.com", Dimensions: 1536}
			r.Attributes, r.SearchStrategies = []string{"user"}, []SearchStrategy{SearchStrategyExact, SearchStrategySemantic}
		},
	} {
		post := wire{method: "POST", path: "/iris/ui/caches", body: body, answer: `{"cacheId":"a-1"}`}
		client := newWire(t, post, wire{method: "POST", path: "/iris/ui/caches", body: body, answer: `{}`})
		req := cacheRequest(change)
		made, err := client.LangCache.Create(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, "a-1", made.ID)
		_, err = client.LangCache.Create(t.Context(), req)
		_, lost := errors.AsType[*OutcomeUnknownError](err)
		assert.True(t, lost, "%v", err)
	}
}

func cacheRequest(change func(*LangCacheCreateRequest)) *LangCacheCreateRequest {
	req := &LangCacheCreateRequest{
		Name: "cache", Database: LangCacheDatabaseSpec{DatabaseID: 8}, EmbeddingModel: EmbeddingModelSpec{Provider: "openai", Name: "small"},
		DefaultSearchThreshold: 0.9, DefaultTTLMillis: 5000, Attributes: []string{},
	}
	change(req)
	return req
}

func TestLangCacheWaitReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, err := newWire(t, readCache("PROVISIONING"), readCache("PROVISIONING"), readCache("READY")).LangCache.WaitProvisioned(t.Context(), "a-1")
		require.NoError(t, err)
		assert.Equal(t, ServiceStatusReady, cache.Status)
		_, err = newWire(t, readCache("UNAVAILABLE")).LangCache.WaitProvisioned(t.Context(), "a-1")
		failed, ok := errors.AsType[*ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "cache", failed.Kind)
	})
	_, err := ResumeTask[LangCache](newWire(t), "t1")
	require.EqualError(t, err, "rediscloud: no task yields rediscloud.LangCache")
}

func TestLangCacheUpdate(t *testing.T) {
	for body, req := range map[string]*LangCacheUpdateRequest{
		`{}`: {},
		`{"name":"cache","defaultSearchThreshold":0,"defaultTtlMillis":0,"embeddingModel":{"provider":"openai","name":"large"},"attributes":[],"searchStrategies":[]}`: {
			Name: new("cache"), DefaultSearchThreshold: new(0.0), DefaultTTLMillis: new(int64(0)),
			EmbeddingModel: &EmbeddingModelSpec{Provider: "openai", Name: "large"}, Attributes: []string{}, SearchStrategies: []SearchStrategy{},
		},
	} {
		client := newWire(t, wire{method: "PATCH", path: "/iris/ui/caches/a-1", body: body, status: 204}, wire{method: "PATCH", path: "/iris/ui/caches/a-1", body: body, status: 400})
		require.NoError(t, client.LangCache.Update(t.Context(), "a-1", req))
		require.Error(t, client.LangCache.Update(t.Context(), "a-1", req))
	}
}

func TestLangCacheDelete(t *testing.T) {
	for query, opts := range map[string]*LangCacheDeleteOptions{"": nil, "?flush=true": {Flush: new(true)}, "?flush=false": {Flush: new(false)}} {
		client := newWire(t, wire{method: "DELETE", path: "/iris/ui/caches/a-1" + query, status: 204})
		require.NoError(t, client.LangCache.Delete(t.Context(), "a-1", opts))
	}
}

func TestLangCacheDecodes(t *testing.T) {
	assertDecodes(t, LangCache{
		ID: "a-1", Name: "cache", Status: ServiceStatusProvisioning, DatabaseID: 8, DefaultSearchThreshold: 0.9, DefaultTTLMillis: 18_000_000_000,
		Attributes: []string{"a"}, SearchStrategies: []SearchStrategy{SearchStrategySemantic}, EmbeddingProvider: EmbeddingProvider{Provider: "p", Model: "m"}, Endpoint: "https://e",
	}, `{"cacheId":"a-1","cacheName":"cache","databaseId":"8","defaultSearchThreshold":0.9,"defaultTtlMillis":1.8E+10,"attributes":["a"],"searchStrategies":["semantic"],
		"embeddingProvider":{"provider":"p","model":"m"},"endpoint":"https://e","status":"PROVISIONING"}`)
}

func TestLangCacheRefuse(t *testing.T) {
	ctx, c := t.Context(), newWire(t)
	create := func(change func(*LangCacheCreateRequest)) error {
		return second(c.LangCache.Create(ctx, cacheRequest(change)))
	}
	for want, err := range map[string]error{
		`GET /iris/ui/caches/{cacheId}: cacheId must not be ""`:                        second(c.LangCache.Get(ctx, "")),
		`POST /iris/ui/caches: the request is nil`:                                     second(c.LangCache.Create(ctx, nil)),
		`POST /iris/ui/caches: Name is required`:                                       create(func(r *LangCacheCreateRequest) { r.Name = "" }),
		`POST /iris/ui/caches: Database.DatabaseID is required`:                        create(func(r *LangCacheCreateRequest) { r.Database.DatabaseID = 0 }),
		`POST /iris/ui/caches: EmbeddingModel.Name is required`:                        create(func(r *LangCacheCreateRequest) { r.EmbeddingModel.Name = "" }),
		`POST /iris/ui/caches: EmbeddingModel.APIKey must not be empty`:                create(func(r *LangCacheCreateRequest) { r.EmbeddingModel.APIKey = new(Secret("")) }),
		`POST /iris/ui/caches: EmbeddingModel.CustomOptions.BaseURL is required`:       create(func(r *LangCacheCreateRequest) { r.EmbeddingModel.CustomOptions = &EmbeddingModelCustomOptions{} }),
		`POST /iris/ui/caches: DefaultSearchThreshold is required`:                     create(func(r *LangCacheCreateRequest) { r.DefaultSearchThreshold = 0 }),
		`POST /iris/ui/caches: DefaultTTLMillis must be at least 0, not -1`:            create(func(r *LangCacheCreateRequest) { r.DefaultTTLMillis = -1 }),
		`POST /iris/ui/caches: Attributes is required`:                                 create(func(r *LangCacheCreateRequest) { r.Attributes = nil }),
		`POST /iris/ui/caches: SearchStrategies[0] must not be empty`:                  create(func(r *LangCacheCreateRequest) { r.SearchStrategies = []SearchStrategy{""} }),
		`PATCH /iris/ui/caches/{cacheId}: the request is nil`:                          c.LangCache.Update(ctx, "a", nil),
		`PATCH /iris/ui/caches/{cacheId}: Name must not be empty`:                      c.LangCache.Update(ctx, "a", &LangCacheUpdateRequest{Name: new("")}),
		`DELETE /iris/ui/caches/{cacheId}: cacheId must not be ".."`:                   c.LangCache.Delete(ctx, "..", nil),
		`DELETE /iris/ui/caches/{cacheId}/api-key/{apiKeyId}: apiKeyId must not be ""`: c.LangCache.DeleteAPIKey(ctx, "a", ""),
	} {
		require.EqualError(t, err, "rediscloud: "+want)
	}
}
