package rediscloud

import (
	"context"
	"iter"
)

// AgentMemoryService manages the stores of Agent Memory, in which agents keep what
// they are to remember. A store holds its memories in a database.
//
// Its operations aren't in the API's document: they are known from the official
// clients.
type AgentMemoryService struct{ client *Client }

// Get returns a memory store. One that isn't there, or not any more, is
// ErrNotFound.
//
// API: GET /memory-stores/{storeId}
func (s *AgentMemoryService) Get(ctx context.Context, storeID string) (*MemoryStore, error) {
	return fetch[MemoryStore](ctx, s.client, get("/memory-stores/{storeId}", storeID))
}

// WaitProvisioned waits until a memory store is ready, and returns it. One that isn't
// there is ErrNotFound; one that becomes unavailable ends the wait with a
// *ProvisionError. A *WaitError is all else that ends it, such as ctx.
//
// API: GET /memory-stores/{storeId}
func (s *AgentMemoryService) WaitProvisioned(ctx context.Context, storeID string, opts ...WaitOption) (*MemoryStore, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(memoryStoreKind, "/memory-stores/{storeId}", storeID))
}

// List returns all memory stores, each with the more important part of what Get
// tells.
//
// API: GET /memory-stores
func (s *AgentMemoryService) List(ctx context.Context) (*MemoryStoreList, error) {
	return fetch[MemoryStoreList](ctx, s.client, get("/memory-stores"))
}

// All iterates over the memory stores that List returns. It ends with the
// error, if there is one.
//
// API: GET /memory-stores
func (s *AgentMemoryService) All(ctx context.Context) iter.Seq2[*MemoryStoreSummary, error] {
	return listed(ctx, s.List)
}

// GetByName returns the memory store with exactly that name, as Get does. None is
// [ErrNotFound]; several are an [*AmbiguousNameError].
//
// API: GET /memory-stores, and the read of the store
func (s *AgentMemoryService) GetByName(ctx context.Context, name string) (*MemoryStore, error) {
	found, err := byName(memoryStoreKind.noun, name, s.All(ctx), func(store *MemoryStoreSummary) (string, string) { return store.ID, store.Name })
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, found.ID) // the list has summaries
}

// Create makes a memory store in a database. The task yields the store; with
// WaitProvisioned, once it is ready.
//
// API: POST /memory-stores
func (s *AgentMemoryService) Create(ctx context.Context, req *MemoryStoreCreateRequest) (*Task[MemoryStore], error) {
	return submit(ctx, s.client,
		post("/memory-stores").withBody(req).
			shows("name", "extractionStrategy", "llm.provider", "llm.model", "shortMemory", "longTermMemory.ttlSeconds"),
		readBack(memoryStoreKind, memoryStoreKind.route))
}

// Update changes a memory store. What isn't set stays as it is; custom types of
// memories can be added, not removed. The task yields the store; with
// WaitProvisioned, once it is ready again.
//
// API: PATCH /memory-stores/{storeId}
func (s *AgentMemoryService) Update(ctx context.Context, storeID string, req *MemoryStoreUpdateRequest) (*Task[MemoryStore], error) {
	return submit(ctx, s.client,
		patch("/memory-stores/{storeId}", storeID).withBody(req).
			shows("name", "llm.provider", "llm.model", "shortMemory", "longTermMemory.ttlSeconds", "summarization", "extractionCadence"),
		readBack(memoryStoreKind, "/memory-stores/{storeId}", storeID))
}

// Delete removes a memory store. WaitProvisioned waits until it is gone.
//
// API: DELETE /memory-stores/{storeId}
func (s *AgentMemoryService) Delete(ctx context.Context, storeID string) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/memory-stores/{storeId}", storeID),
		removal(memoryStoreKind, "/memory-stores/{storeId}", storeID))
}

// ListAPIKeys returns the keys by which programs use a memory store, without the
// keys themselves.
//
// API: GET /memory-stores/{storeId}/api-keys
func (s *AgentMemoryService) ListAPIKeys(ctx context.Context, storeID string) (*ServiceAPIKeyList, error) {
	return fetch[ServiceAPIKeyList](ctx, s.client, get("/memory-stores/{storeId}/api-keys", storeID))
}

// AllAPIKeys iterates over the keys that ListAPIKeys returns. It ends with the
// error, if there is one.
//
// API: GET /memory-stores/{storeId}/api-keys
func (s *AgentMemoryService) AllAPIKeys(ctx context.Context, storeID string) iter.Seq2[*ServiceAPIKey, error] {
	return listed(ctx, func(ctx context.Context) (*ServiceAPIKeyList, error) { return s.ListAPIKeys(ctx, storeID) })
}

// CreateAPIKey makes a key for programs that use a memory store. The key is shown
// this once.
//
// The API doesn't tell the id of the new key. It is found by what is new in the
// list, which is read before and after. Where that can't be told, since somebody
// else has made a key of the same name meanwhile, or the second read fails, the
// error is a *ServiceAPIKeyError that holds the key.
//
// API: POST /memory-stores/{storeId}/api-keys
func (s *AgentMemoryService) CreateAPIKey(ctx context.Context, storeID, name string) (*CreatedServiceAPIKey, error) {
	const route = "/memory-stores/{storeId}/api-keys"
	return createAPIKey(ctx, s.client, get(route, storeID), post(route, storeID), name)
}

// DeleteAPIKey makes a key of a memory store invalid.
//
// API: DELETE /memory-stores/{storeId}/api-keys/{apiKeyId}
func (s *AgentMemoryService) DeleteAPIKey(ctx context.Context, storeID, apiKeyID string) error {
	return run(ctx, s.client, del("/memory-stores/{storeId}/api-keys/{apiKeyId}", storeID, apiKeyID))
}
