package rediscloud_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// The life of a memory store and its keys. The fake isn't calm: a changed store
// may show its old state for a moment.
func TestFlowAgentMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(30*time.Second), rediscloudtest.WithRoundTrip(80*time.Millisecond))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		db := fake.AddDatabase(sub, "db")

		_ = refused[rediscloud.MemoryStore](t, "DATABASE_NOT_FOUND")(client.AgentMemory.Create(ctx, &rediscloud.MemoryStoreCreateRequest{Name: "n", DatabaseID: 1}))
		task, err := client.AgentMemory.Create(ctx, &rediscloud.MemoryStoreCreateRequest{
			Name: "store", DatabaseID: db, LLM: &rediscloud.MemoryModelSpec{Provider: new("openai"), Model: new("large")},
			ShortMemory: &rediscloud.ShortMemory{TTLSeconds: 60}, CustomMemoryTypes: []rediscloud.CustomMemoryType{{Name: "trip", Description: "a journey"}},
		})
		require.NoError(t, err)
		made, err := task.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.ServiceStatusProvisioning, made.Status)
		store := provisioned[rediscloud.MemoryStore](t)(task, nil)
		assert.Equal(t, rediscloud.ServiceStatusReady, store.Status)
		assert.Equal(t, []int{sub, db}, []int{store.SubscriptionID, store.DatabaseID})
		assert.Equal(t, rediscloud.MemoryModel{Provider: "openai", Model: "large"}, store.LLM)

		store = provisioned[rediscloud.MemoryStore](t)(client.AgentMemory.Update(ctx, store.ID, &rediscloud.MemoryStoreUpdateRequest{
			Name: new("renamed"), UpdateCustomMemoryTypeStrategies: []rediscloud.CustomMemoryTypeStrategyUpdate{{TypeName: "trip", Enabled: new(false)}},
		}))
		assert.Equal(t, "renamed", store.Name)
		assert.False(t, *store.CustomMemoryTypes[0].ExtractionStrategy.Enabled)
		var names []string
		for summary, err := range client.AgentMemory.All(ctx) {
			require.NoError(t, err)
			names = append(names, summary.Name)
		}
		assert.Equal(t, []string{"renamed"}, names)

		first, err := client.AgentMemory.CreateAPIKey(ctx, store.ID, "app")
		require.NoError(t, err)
		second, err := client.AgentMemory.CreateAPIKey(ctx, store.ID, "app")
		require.NoError(t, err)
		assert.NotEqual(t, first.Key.ID, second.Key.ID)
		require.NoError(t, client.AgentMemory.DeleteAPIKey(ctx, store.ID, first.Key.ID))
		keys, err := client.AgentMemory.ListAPIKeys(ctx, store.ID)
		require.NoError(t, err)
		assert.Equal(t, []rediscloud.ServiceAPIKey{second.Key}, keys.APIKeys)

		fake.SetStatus("/memory-stores/"+store.ID, "UNAVAILABLE")
		_, err = client.AgentMemory.WaitProvisioned(ctx, store.ID)
		var failed *rediscloud.ProvisionError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "Set by the test.", failed.Reason)
		fake.SetStatus("/memory-stores/"+store.ID, "")
		provisioned[rediscloud.None](t)(client.AgentMemory.Delete(ctx, store.ID))
		_, err = client.AgentMemory.Get(ctx, store.ID)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
	})
}

// A store is found by its fields after the response to its create was lost.
func TestFlowLostMemoryStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		client, ctx := connect(t, fake), t.Context()
		db := fake.AddDatabase(fake.AddSubscription("s"), "db")
		fake.CutNext(1, "POST /memory-stores", rediscloudtest.CutAfter)
		_, err := client.AgentMemory.Create(ctx, &rediscloud.MemoryStoreCreateRequest{Name: "store", DatabaseID: db})
		var unknown *rediscloud.OutcomeUnknownError
		require.ErrorAs(t, err, &unknown)
		task, err := rediscloud.FindTask[rediscloud.MemoryStore](ctx, unknown)
		require.NoError(t, err)
		assert.Equal(t, "store", provisioned[rediscloud.MemoryStore](t)(task, nil).Name)
	})
}

// A cache and its keys.
func TestFlowLangCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(30 * time.Second))
		client, ctx := connect(t, fake), t.Context()
		db := fake.AddDatabase(fake.AddSubscription("s"), "db")
		made, err := client.LangCache.Create(ctx, &rediscloud.LangCacheCreateRequest{
			Name: "cache", Database: rediscloud.LangCacheDatabaseSpec{DatabaseID: db},
			EmbeddingModel:         rediscloud.EmbeddingModelSpec{Provider: "openai", Name: "small"},
			DefaultSearchThreshold: 0.9, DefaultTTLMillis: 5000, Attributes: []string{"user"},
		})
		require.NoError(t, err)
		cache, err := client.LangCache.Get(ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.ServiceStatusProvisioning, cache.Status)
		cache, err = client.LangCache.WaitProvisioned(ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, []any{"cache", db, rediscloud.ServiceStatusReady}, []any{cache.Name, cache.DatabaseID, cache.Status})

		require.NoError(t, client.LangCache.Update(ctx, made.ID, &rediscloud.LangCacheUpdateRequest{Name: new("renamed"), Attributes: []string{}}))
		cache, err = client.LangCache.Get(ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, "renamed", cache.Name)
		assert.Empty(t, cache.Attributes)

		key, err := client.LangCache.CreateAPIKey(ctx, made.ID, "app")
		require.NoError(t, err)
		assert.NotEmpty(t, key.Secret)
		keys, err := client.LangCache.ListAPIKeys(ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, []rediscloud.ServiceAPIKey{key.Key}, keys.APIKeys)
		require.NoError(t, client.LangCache.DeleteAPIKey(ctx, made.ID, key.Key.ID))
		require.NoError(t, client.LangCache.Delete(ctx, made.ID, &rediscloud.LangCacheDeleteOptions{Flush: new(true)}))
		require.ErrorIs(t, client.LangCache.Delete(ctx, made.ID, nil), rediscloud.ErrNotFound)
	})
}
