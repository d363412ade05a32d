package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
)

// LangCacheService manages caches of LangCache, which store the answers of
// language models and find them by the meaning of a question. A cache is stored
// in a database.
//
// Its operations aren't in the API's document: they are known from the official
// clients. None of them is a task, and none lists the caches.
type LangCacheService struct{ client *Client }

// Get returns a cache. If it doesn't exist, or no longer does, the error is
// [ErrNotFound].
//
// API: GET /iris/ui/caches/{cacheId}
func (s *LangCacheService) Get(ctx context.Context, cacheID string) (*LangCache, error) {
	return fetch[LangCache](ctx, s.client, get("/iris/ui/caches/{cacheId}", cacheID))
}

// WaitProvisioned waits until a cache is ready, and returns it. If it doesn't
// exist, the error is [ErrNotFound]; if it becomes unavailable, a
// [*ProvisionError]. Anything else that ends the wait, such as ctx, is a
// [*WaitError].
//
// API: GET /iris/ui/caches/{cacheId}
func (s *LangCacheService) WaitProvisioned(ctx context.Context, cacheID string, opts ...WaitOption) (*LangCache, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(langCacheKind, "/iris/ui/caches/{cacheId}", cacheID))
}

// Create creates a cache and returns its id. WaitProvisioned waits until it can
// be used.
//
// API: POST /iris/ui/caches
func (s *LangCacheService) Create(ctx context.Context, req *LangCacheCreateRequest) (*CreatedLangCache, error) {
	return fetch[CreatedLangCache](ctx, s.client, post("/iris/ui/caches").withBody(req))
}

// Update changes a cache. Fields that aren't set stay unchanged.
//
// API: PATCH /iris/ui/caches/{cacheId}
func (s *LangCacheService) Update(ctx context.Context, cacheID string, req *LangCacheUpdateRequest) error {
	return run(ctx, s.client, patch("/iris/ui/caches/{cacheId}", cacheID).withBody(req))
}

// Delete removes a cache. opts may be nil.
//
// API: DELETE /iris/ui/caches/{cacheId}
func (s *LangCacheService) Delete(ctx context.Context, cacheID string, opts *LangCacheDeleteOptions) error {
	return run(ctx, s.client, del("/iris/ui/caches/{cacheId}", cacheID).withQuery(opts))
}

// ListAPIKeys returns the keys with which programs use a cache, without the
// keys themselves.
//
// API: GET /iris/ui/caches/{cacheId}/api-key
func (s *LangCacheService) ListAPIKeys(ctx context.Context, cacheID string) (*ServiceAPIKeyList, error) {
	return fetch[ServiceAPIKeyList](ctx, s.client, get("/iris/ui/caches/{cacheId}/api-key", cacheID))
}

// AllAPIKeys iterates over the keys that ListAPIKeys returns. An error comes
// last.
//
// API: GET /iris/ui/caches/{cacheId}/api-key
func (s *LangCacheService) AllAPIKeys(ctx context.Context, cacheID string) iter.Seq2[*ServiceAPIKey, error] {
	return listed(ctx, func(ctx context.Context) (*ServiceAPIKeyList, error) { return s.ListAPIKeys(ctx, cacheID) })
}

// CreateAPIKey creates a key for programs that use a cache. The key is shown
// only once. [AgentMemoryService.CreateAPIKey] describes how its id is found,
// and what happens if it can't be found.
//
// API: POST /iris/ui/caches/{cacheId}/api-key
func (s *LangCacheService) CreateAPIKey(ctx context.Context, cacheID, name string) (*CreatedServiceAPIKey, error) {
	const route = "/iris/ui/caches/{cacheId}/api-key"
	return createAPIKey(ctx, s.client, get(route, cacheID), post(route, cacheID), name)
}

// DeleteAPIKey revokes a key of a cache.
//
// API: DELETE /iris/ui/caches/{cacheId}/api-key/{apiKeyId}
func (s *LangCacheService) DeleteAPIKey(ctx context.Context, cacheID, apiKeyID string) error {
	return run(ctx, s.client, del("/iris/ui/caches/{cacheId}/api-key/{apiKeyId}", cacheID, apiKeyID))
}

// LangCacheDeleteOptions say what is removed along with a cache.
type LangCacheDeleteOptions struct {
	Flush *bool `url:"flush,omitempty"` // whether to remove the cache's data from the database
}

// LangCacheCreateRequest describes a cache to create. All fields are required
// except for the strategies.
type LangCacheCreateRequest struct {
	Name           string                `json:"name"`
	Database       LangCacheDatabaseSpec `json:"database"` // that stores the answers
	EmbeddingModel EmbeddingModelSpec    `json:"embeddingModel"`

	// How similar a question must be to an earlier one, unless a search says
	// otherwise, and how long an answer is kept, in milliseconds.
	DefaultSearchThreshold float64 `json:"defaultSearchThreshold"`
	DefaultTTLMillis       int64   `json:"defaultTtlMillis"`

	Attributes       []string         `json:"attributes"` // that distinguish answers; may be empty
	SearchStrategies []SearchStrategy `json:"searchStrategies,omitzero"`
}

func (r *LangCacheCreateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		nested("Database", &r.Database),
		nested("EmbeddingModel", &r.EmbeddingModel),
		required("DefaultSearchThreshold", r.DefaultSearchThreshold != 0),
		atLeast("DefaultSearchThreshold", &r.DefaultSearchThreshold, 0),
		required("DefaultTTLMillis", r.DefaultTTLMillis != 0),
		atLeast("DefaultTTLMillis", &r.DefaultTTLMillis, 0),
		required("Attributes", r.Attributes != nil),
		eachGiven("Attributes", r.Attributes),
		eachGiven("SearchStrategies", r.SearchStrategies))
}

// A LangCacheDatabaseSpec names the database of a cache.
type LangCacheDatabaseSpec struct {
	DatabaseID int `json:"databaseId,string"` // sent as a string
}

func (d *LangCacheDatabaseSpec) validate() error {
	return cmp.Or(
		required("DatabaseID", d.DatabaseID != 0),
		atLeast("DatabaseID", &d.DatabaseID, 1))
}

// An EmbeddingModelSpec chooses the model that captures the meaning of a text.
type EmbeddingModelSpec struct {
	Provider      string                       `json:"provider"` // such as openai
	Name          string                       `json:"name"`
	APIKey        *Secret                      `json:"apiKey,omitempty"` // at the provider
	CustomOptions *EmbeddingModelCustomOptions `json:"customOptions,omitempty"`
}

func (m *EmbeddingModelSpec) validate() error {
	return cmp.Or(
		required("Provider", m.Provider != ""),
		required("Name", m.Name != ""),
		notBlank("APIKey", m.APIKey),
		nested("CustomOptions", m.CustomOptions))
}

// EmbeddingModelCustomOptions say where a custom model is, and the size of its
// vectors.
type EmbeddingModelCustomOptions struct {
	BaseURL    string `json:"baseUrl"`
	Dimensions int    `json:"dimensions"`
}

func (o *EmbeddingModelCustomOptions) validate() error {
	return cmp.Or(
		required("BaseURL", o.BaseURL != ""),
		required("Dimensions", o.Dimensions != 0),
		atLeast("Dimensions", &o.Dimensions, 1))
}

// LangCacheUpdateRequest changes a cache. Fields that aren't set stay
// unchanged; an empty list clears the existing one.
type LangCacheUpdateRequest struct {
	Name                   *string             `json:"name,omitempty"`
	DefaultSearchThreshold *float64            `json:"defaultSearchThreshold,omitempty"`
	DefaultTTLMillis       *int64              `json:"defaultTtlMillis,omitempty"`
	EmbeddingModel         *EmbeddingModelSpec `json:"embeddingModel,omitempty"`
	Attributes             []string            `json:"attributes,omitzero"`
	SearchStrategies       []SearchStrategy    `json:"searchStrategies,omitzero"`
}

func (r *LangCacheUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		atLeast("DefaultSearchThreshold", r.DefaultSearchThreshold, 0),
		atLeast("DefaultTTLMillis", r.DefaultTTLMillis, 0),
		nested("EmbeddingModel", r.EmbeddingModel),
		eachGiven("Attributes", r.Attributes),
		eachGiven("SearchStrategies", r.SearchStrategies))
}

// A SearchStrategy is how a cache searches for an answer.
type SearchStrategy string

// The search strategies.
const (
	SearchStrategyExact    SearchStrategy = "exact"
	SearchStrategySemantic SearchStrategy = "semantic"
)

// A CreatedLangCache is the response of [LangCacheService.Create].
type CreatedLangCache struct {
	ID string `json:"cacheId"`
}

func (c *CreatedLangCache) check() error { return checkCacheID(c.ID) }

func checkCacheID(id string) error {
	if id == "" {
		return errors.New("missing id of a cache")
	}
	return nil
}

// A LangCache stores the answers of language models.
type LangCache struct {
	ID         string        `json:"cacheId"`
	Name       string        `json:"cacheName"`
	Status     ServiceStatus `json:"status,omitempty"`
	DatabaseID int           `json:"databaseId,omitempty"` // the API sends it as a string

	DefaultSearchThreshold float64           `json:"defaultSearchThreshold"`
	DefaultTTLMillis       int64             `json:"defaultTtlMillis"`
	Attributes             []string          `json:"attributes,omitempty"`
	SearchStrategies       []SearchStrategy  `json:"searchStrategies,omitempty"`
	EmbeddingProvider      EmbeddingProvider `json:"embeddingProvider,omitzero"`

	Endpoint string `json:"endpoint,omitempty"` // where programs reach it, with one of its API keys
}

// No task yields a cache, so its kind isn't one that a task can yield.
var langCacheKind = newVariant[LangCache]("LangCache", kind{
	noun: "cache", member: "status",
	ready:  []string{string(ServiceStatusReady)},
	failed: []string{string(ServiceStatusUnavailable)},
})

func (c *LangCache) check() error { return checkCacheID(c.ID) }

// An EmbeddingProvider describes the model of a cache, without the key for it.
type EmbeddingProvider struct {
	Provider string `json:"provider,omitempty"`
	Model    string `json:"model,omitempty"`
}
