package rediscloud

import (
	"context"
	"iter"
)

// AgentMemoryService manages the stores of Agent Memory, where agents keep what
// they remember. A store holds its memories in a database.
//
// Its operations are missing from the API's document; they are taken from the
// official clients.
type AgentMemoryService struct{ client *Client }

// Get returns a memory store. If it doesn't exist, or no longer does, the error
// is [ErrNotFound].
//
// API: GET /memory-stores/{storeId}
func (s *AgentMemoryService) Get(ctx context.Context, storeID string) (*MemoryStore, error) {
	return fetch[MemoryStore](ctx, s.client, get("/memory-stores/{storeId}", storeID))
}

// WaitProvisioned waits until a memory store is ready, and returns it. If it
// doesn't exist, the error is [ErrNotFound]; if it becomes unavailable, a
// [*ProvisionError]. Anything else that ends the wait, such as ctx, is a
// [*WaitError].
//
// API: GET /memory-stores/{storeId}
func (s *AgentMemoryService) WaitProvisioned(ctx context.Context, storeID string, opts ...WaitOption) (*MemoryStore, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(memoryStoreKind, "/memory-stores/{storeId}", storeID))
}

// List returns all memory stores, each with the main fields of [MemoryStore].
//
// API: GET /memory-stores
func (s *AgentMemoryService) List(ctx context.Context) (*MemoryStoreList, error) {
	return fetch[MemoryStoreList](ctx, s.client, get("/memory-stores"))
}

// All iterates over the memory stores that [AgentMemoryService.List] returns.
// On failure it yields the error and stops.
//
// API: GET /memory-stores
func (s *AgentMemoryService) All(ctx context.Context) iter.Seq2[*MemoryStoreSummary, error] {
	return listed(ctx, s.List)
}

// GetByName returns the memory store with exactly that name, as
// [AgentMemoryService.Get] does. If there is none, the error is [ErrNotFound];
// if there are several, an [*AmbiguousNameError].
//
// API: GET /memory-stores
//
// API: GET /memory-stores/{storeId}
func (s *AgentMemoryService) GetByName(ctx context.Context, name string) (*MemoryStore, error) {
	found, err := byName(memoryStoreKind.noun, name, s.All(ctx), func(store *MemoryStoreSummary) (string, string) { return store.ID, store.Name })
	if err != nil {
		return nil, err
	}
	return whole(memoryStoreKind.noun, name, func() (*MemoryStore, error) {
		return s.Get(ctx, found.ID) // the list only has summaries
	})
}

// Create creates a memory store in a database. The task yields the store;
// [Task.WaitProvisioned] waits until it is ready.
//
// API: POST /memory-stores
func (s *AgentMemoryService) Create(ctx context.Context, req *MemoryStoreCreateRequest) (*Task[MemoryStore], error) {
	return submit(ctx, s.client,
		post("/memory-stores").withBody(req).
			shows("name", "extractionStrategy", "llm.provider", "llm.model", "shortMemory", "longTermMemory.ttlSeconds"),
		readBack(memoryStoreKind, memoryStoreKind.route))
}

// Update changes a memory store. Unset fields stay unchanged; custom types of
// memories can be added, not removed. The task yields the store;
// [Task.WaitProvisioned] waits until it is ready again.
//
// API: PATCH /memory-stores/{storeId}
func (s *AgentMemoryService) Update(ctx context.Context, storeID string, req *MemoryStoreUpdateRequest) (*Task[MemoryStore], error) {
	return submit(ctx, s.client,
		patch("/memory-stores/{storeId}", storeID).withBody(req).
			shows("name", "llm.provider", "llm.model", "shortMemory", "longTermMemory.ttlSeconds", "summarization", "extractionCadence"),
		readBack(memoryStoreKind, "/memory-stores/{storeId}", storeID))
}

// Delete removes a memory store. [Task.WaitProvisioned] waits until it is gone.
//
// API: DELETE /memory-stores/{storeId}
func (s *AgentMemoryService) Delete(ctx context.Context, storeID string) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/memory-stores/{storeId}", storeID),
		removal(memoryStoreKind, "/memory-stores/{storeId}", storeID))
}

// ListAPIKeys describes the keys with which programs use a memory store. The
// keys themselves aren't shown.
//
// API: GET /memory-stores/{storeId}/api-keys
func (s *AgentMemoryService) ListAPIKeys(ctx context.Context, storeID string) (*ServiceAPIKeyList, error) {
	return fetch[ServiceAPIKeyList](ctx, s.client, get("/memory-stores/{storeId}/api-keys", storeID))
}

// AllAPIKeys iterates over the keys that [AgentMemoryService.ListAPIKeys]
// returns. On failure it yields the error and stops.
//
// API: GET /memory-stores/{storeId}/api-keys
func (s *AgentMemoryService) AllAPIKeys(ctx context.Context, storeID string) iter.Seq2[*ServiceAPIKey, error] {
	return listed(ctx, func(ctx context.Context) (*ServiceAPIKeyList, error) { return s.ListAPIKeys(ctx, storeID) })
}

// CreateAPIKey creates a key for programs that use a memory store. The API
// shows the key only once.
//
// The API doesn't return the id of the new key, so the list is read before and
// after to find what is new. If that fails, because another key of the same
// name was created meanwhile or the second read failed, the error is a
// [*ServiceAPIKeyError] that holds the key.
//
// API: POST /memory-stores/{storeId}/api-keys
func (s *AgentMemoryService) CreateAPIKey(ctx context.Context, storeID, name string) (*CreatedServiceAPIKey, error) {
	const route = "/memory-stores/{storeId}/api-keys"
	return createAPIKey(ctx, s.client, get(route, storeID), post(route, storeID), name)
}

// DeleteAPIKey revokes a key of a memory store.
//
// API: DELETE /memory-stores/{storeId}/api-keys/{apiKeyId}
func (s *AgentMemoryService) DeleteAPIKey(ctx context.Context, storeID, apiKeyID string) error {
	return run(ctx, s.client, del("/memory-stores/{storeId}/api-keys/{apiKeyId}", storeID, apiKeyID))
}
