package rediscloud

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const storeA = `{"resource":{"storeId":"a-1"}}`

func readStore(status string) wire {
	return wire{method: "GET", path: "/memory-stores/a-1", answer: `{"storeId":"a-1","name":"store","status":"` + status + `"}`}
}

func TestMemoryStoresGet(t *testing.T) {
	client := newWire(t, readStore("READY"),
		wire{method: "GET", path: "/memory-stores/b%2Fc", status: 404},
		wire{method: "GET", path: "/memory-stores/a-1", answer: `{"name":"store"}`})
	store, err := client.AgentMemory.Get(t.Context(), "a-1")
	require.NoError(t, err)
	assert.Equal(t, &MemoryStore{ID: "a-1", Name: "store", Status: ServiceStatusReady}, store)
	_, err = client.AgentMemory.Get(t.Context(), "b/c")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.AgentMemory.Get(t.Context(), "a-1")
	_, odd := errors.AsType[*DecodeError](err)
	assert.True(t, odd, "%v", err)
}

func TestMemoryStoresList(t *testing.T) {
	exchange := wire{method: "GET", path: "/memory-stores", answer: `{"data":[{"storeId":"a-1"},{"storeId":"a-2"}]}`}
	client := newWire(t, exchange, exchange, exchange, wire{method: "GET", path: "/memory-stores", status: 403})
	list, err := client.AgentMemory.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &MemoryStoreList{Stores: []MemoryStoreSummary{{ID: "a-1"}, {ID: "a-2"}}}, list)
	assertAll(t, client.AgentMemory.All, func(s *MemoryStoreSummary) string { return s.ID }, "a-1", "a-2")
}

// A request with all fields.
func TestMemoryStoresCreate(t *testing.T) {
	model := func(name string) *MemoryModelSpec {
		return &MemoryModelSpec{Provider: new("openai"), Model: new(name), Credentials: &MemoryModelCredentialsSpec{Type: "api_key", APIKey: new(Secret("hush"))}}
	}
	full := &MemoryStoreCreateRequest{
		Name: "store", DatabaseID: 8,
		ShortMemory:        &ShortMemory{TTLSeconds: 60},
		LongTermMemory:     &LongTermMemorySpec{TTLSeconds: new(int64(3600)), Embedding: model("small")},
		LLM:                model("large"),
		ExtractionStrategy: new(MemoryExtractionStrategyInstruct),
		Summarization:      &MemorySummarization{Enabled: true, TriggerStrategy: new(MemorySummaryTriggerEventCount), EventCount: &MemoryEventCount{Threshold: 20, RetainCount: new(0)}},
		LongTermMemoryExclusions: &MemoryExclusions{
			Enabled:          true,
			Semantic:         &MemorySemanticFilter{Enabled: true, Prompt: new("nothing private")},
			BuiltInDetectors: &MemoryBuiltInDetectors{Enabled: true, Detectors: []MemoryBuiltInDetector{{ID: "email", Enabled: false, Action: new("mask")}}},
			CustomDetectors: &MemoryCustomDetectors{Enabled: true, Detectors: []MemoryCustomDetector{{
				Name: "badge", Enabled: true, Action: new("drop"), Matcher: &MemoryDetectorMatcher{Kind: "regex", Regex: &MemoryDetectorRegex{Pattern: "B[0-9]+"}},
			}}},
		},
		CustomMemoryTypes: []CustomMemoryType{{
			Name: "trip", Description: "a journey", Fields: []CustomMemoryField{{Name: "to", Description: "where", Type: "text"}},
			ExtractionStrategy: &CustomMemoryTypeStrategy{Prompt: new("find trips"), Enabled: new(false)},
		}},
		ExtractionCadence: &MemoryExtractionCadence{ActiveIntervalSeconds: 30},
	}
	for body, req := range map[string]*MemoryStoreCreateRequest{
		`{"name":"store","databaseId":8}`: {Name: "store", DatabaseID: 8},
		`{"name":"store","databaseId":8,"shortMemory":{"ttlSeconds":60},
			"longTermMemory":{"ttlSeconds":3600,"embedding":{"provider":"openai","model":"small","credentials":{"type":"api_key","apiKey":"hush"}}},
			"llm":{"provider":"openai","model":"large","credentials":{"type":"api_key","apiKey":"hush"}},"extractionStrategy":"INSTRUCT",
			"summarization":{"enabled":true,"triggerStrategy":"event_count","eventCount":{"threshold":20,"retainCount":0}},
			"longTermMemoryExclusions":{"enabled":true,"semantic":{"enabled":true,"prompt":"nothing private"},
				"builtInDetectors":{"enabled":true,"detectors":[{"id":"email","enabled":false,"action":"mask"}]},
				"customDetectors":{"enabled":true,"detectors":[{"name":"badge","enabled":true,"action":"drop","matcher":{"kind":"regex","regex":{"pattern":"B[0-9]+"}}}]}},
			"customMemoryTypes":[{"name":"trip","description":"a journey","fields":[{"name":"to","description":"where","type":"text"}],
				"extractionStrategy":{"prompt":"find trips","enabled":false}}],
			"extractionCadence":{"activeIntervalSeconds":30}}`: full,
	} {
		create := func(ctx context.Context, c *Client) (*Task[MemoryStore], error) {
			return c.AgentMemory.Create(ctx, req)
		}
		post := wire{method: "POST", path: "/memory-stores", body: body, status: 202, answer: received}

		store, err := waitWire(t, create, post, completed(storeA), readStore("PROVISIONING"))
		require.NoError(t, err)
		assert.Equal(t, &MemoryStore{ID: "a-1", Name: "store", Status: ServiceStatusProvisioning}, store)

		store, err = provisionWire(t, create, post, completed(storeA), readStore("PROVISIONING"), readStore("READY"))
		require.NoError(t, err)
		assert.Equal(t, ServiceStatusReady, store.Status)

		_, err = provisionWire(t, create, post, completed(storeA), readStore("PROVISIONING"),
			wire{method: "GET", path: "/memory-stores/a-1", answer: `{"storeId":"a-1","status":"UNAVAILABLE","errorMessage":"no such model"}`})
		failed, ok := errors.AsType[*ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, []string{"memory store", "UNAVAILABLE", "no such model"}, []string{failed.Kind, failed.Status, failed.Reason})
	}

	// A token contains none of the secrets, and leads to the store in another
	// process.
	client := newWire(t, wire{method: "POST", path: "/memory-stores", body: `{"name":"s","databaseId":8,"llm":{"provider":"p","credentials":{"type":"t","apiKey":"hush"}}}`, answer: received})
	task, err := client.AgentMemory.Create(t.Context(), &MemoryStoreCreateRequest{
		Name: "s", DatabaseID: 8, LLM: &MemoryModelSpec{Provider: new("p"), Credentials: &MemoryModelCredentialsSpec{Type: "t", APIKey: new(Secret("hush"))}},
	})
	require.NoError(t, err)
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(task.Token(), tokenPrefix))
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"llm.provider":"p"`)
	assert.NotContains(t, string(raw), "hush")
	for _, token := range []string{task.Token(), "t1"} {
		synctest.Test(t, func(t *testing.T) {
			resumed, err := ResumeTask[MemoryStore](newWire(t, completed(storeA), readStore("READY")), token)
			require.NoError(t, err)
			store, err := resumed.Wait(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "a-1", store.ID)
		})
	}
}

// The id of a store is a string in the document of its task: it can't lead
// outside the path of the stores.
func TestTextIDsOfTasks(t *testing.T) {
	for resource, want := range map[string]string{
		`{"storeId":"a-1"}`:      "/memory-stores/a-1",
		`{"storeId":"a 1/?#%"}`:  "",
		`{"storeId":"a 1?#%{}"}`: "/memory-stores/a%201%3F%23%25%7B%7D",
		`{"storeId":7}`:          "/memory-stores/7",
		`{"storeId":["a"]}`:      "",
		`{"storeId":""}`:         "",
		`{"storeId":"."}`:        "",
		`{"storeId":".."}`:       "",
		`{"storeId":"../tasks"}`: "",
		`{"storeId":null}`:       "",
		`{"id":"a"}`:             "",
		`[{"storeId":"a"}]`:      "",
		`"a"`:                    "",
		`{"storeId":"` + strings.Repeat("x", maxTextID+1) + `"}`: "",
	} {
		path, ok := fillIDs(memoryStoreKind.route, &TaskResponse{ResourceID: 5, Resource: []byte(resource)})
		assert.Equal(t, want, path, resource)
		assert.Equal(t, want != "", ok, resource)
	}
	create := func(ctx context.Context, c *Client) (*Task[MemoryStore], error) {
		return c.AgentMemory.Create(ctx, &MemoryStoreCreateRequest{Name: "store", DatabaseID: 8})
	}
	_, err := waitWire(t, create, wire{method: "POST", path: "/memory-stores", body: `{"name":"store","databaseId":8}`, answer: received}, completed(`{"resourceId":5}`))
	require.ErrorContains(t, err, "names neither a resource nor a document")
}

func TestMemoryStoresUpdate(t *testing.T) {
	for body, req := range map[string]*MemoryStoreUpdateRequest{
		`{}`: {},
		`{"name":"store","shortMemory":{"ttlSeconds":0},"longTermMemory":{"ttlSeconds":5},"llm":{"model":"m"},"summarization":{"enabled":false},
			"longTermMemoryExclusions":{"enabled":false},"addCustomMemoryTypes":[],
			"updateCustomMemoryTypeStrategies":[{"typeName":"trip","prompt":"","enabled":true}],"extractionCadence":{"activeIntervalSeconds":9}}`: {
			Name: new("store"), ShortMemory: &ShortMemory{}, LongTermMemory: &LongTermMemorySpec{TTLSeconds: new(int64(5))},
			LLM: &MemoryModelSpec{Model: new("m")}, Summarization: &MemorySummarization{}, LongTermMemoryExclusions: &MemoryExclusions{},
			AddCustomMemoryTypes:             []CustomMemoryType{},
			UpdateCustomMemoryTypeStrategies: []CustomMemoryTypeStrategyUpdate{{TypeName: "trip", Prompt: new(""), Enabled: new(true)}},
			ExtractionCadence:                &MemoryExtractionCadence{ActiveIntervalSeconds: 9},
		},
	} {
		store, err := provisionWire(t,
			func(ctx context.Context, c *Client) (*Task[MemoryStore], error) {
				return c.AgentMemory.Update(ctx, "a-1", req)
			},
			wire{method: "PATCH", path: "/memory-stores/a-1", body: body, status: 202, answer: received},
			completed(`{}`), readStore("PROVISIONING"), readStore("READY"))
		require.NoError(t, err)
		assert.Equal(t, "store", store.Name)
	}
}

func TestMemoryStoresDelete(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) { return c.AgentMemory.Delete(ctx, "a-1") },
		wire{method: "DELETE", path: "/memory-stores/a-1", status: 202, answer: received},
		completed(`{}`), readStore("READY"), wire{method: "GET", path: "/memory-stores/a-1", status: 404, times: 2})
	require.NoError(t, err)
}

// A wait for several stores reads their list.
func TestMemoryStoresWaitTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lists, began := 0, time.Now()
		client := newTestClient(t, transportFunc(func(req *http.Request) (*http.Response, error) {
			status := "PROVISIONING"
			if time.Since(began) > 5*time.Minute {
				status = "READY"
			}
			if id, one := strings.CutPrefix(req.URL.Path, "/v1/memory-stores/"); one {
				return response(200, `{"storeId":"`+id+`","status":"`+status+`"}`), nil
			}
			lists++
			return response(200, `{"data":[{"storeId":"a","status":"`+status+`"},{"storeId":"b","status":"`+status+`"}]}`), nil
		}))
		var group sync.WaitGroup
		for _, id := range []string{"a", "b"} {
			group.Go(func() {
				store, err := client.AgentMemory.WaitProvisioned(t.Context(), id)
				assert.NoError(t, err)
				assert.Equal(t, id, store.ID)
			})
		}
		group.Wait()
		assert.Greater(t, lists, 2)
	})
}

func TestMemoryStoreDecodes(t *testing.T) {
	assertDecodes(t, MemoryStore{
		ID: "a-1", Name: "store", Status: ServiceStatusUnavailable, CreatedAt: Time{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		DatabaseID: 8, DatabaseName: "db", SubscriptionID: 7, DatabaseProvider: ProviderAWS, DatabaseRegion: "us-east-1", DatabaseAccessCIDRs: []string{"0.0.0.0/0"},
		ShortMemory: ShortMemory{TTLSeconds: 5}, LongTermMemory: LongTermMemory{TTLSeconds: 6, Embedding: MemoryModel{Provider: "e", Model: "f"}},
		LLM: MemoryModel{Provider: "p", Model: "m"}, ExtractionStrategy: MemoryExtractionStrategyInstruct,
		Summarization:            MemorySummarization{Enabled: true, TriggerStrategy: new(MemorySummaryTriggerEventCount), EventCount: &MemoryEventCount{Threshold: 9}},
		LongTermMemoryExclusions: MemoryExclusions{Enabled: true, Semantic: &MemorySemanticFilter{Prompt: new("x")}},
		CustomMemoryTypes:        []CustomMemoryType{{Name: "trip", Description: "d", Fields: []CustomMemoryField{}, ExtractionStrategy: &CustomMemoryTypeStrategy{Enabled: new(true)}}},
		ExtractionCadence:        MemoryExtractionCadence{ActiveIntervalSeconds: 60},
		Endpoint:                 "https://e", Endpoints: []MemoryStoreEndpoint{{URL: "https://e", Provider: ProviderAWS, Region: "us-east-1", EgressIPs: []string{"192.0.2.7"}, IsAccessible: true}},
		ErrorMessage: "m", ErrorMessageTimestamp: 1767225600000,
	}, `{"storeId":"a-1","name":"store","createdAt":"2026-01-02T03:04:05Z","databaseId":"8","databaseName":"db","subscriptionId":"7","extractionStrategy":"INSTRUCT",
		"summarization":{"enabled":true,"triggerStrategy":"event_count","eventCount":{"threshold":9}},"llm":{"provider":"p","model":"m"},"status":"UNAVAILABLE",
		"databaseProvider":"AWS","databaseRegion":"us-east-1","databaseAccessCidrs":["0.0.0.0/0"],"shortMemory":{"ttlSeconds":5},
		"longTermMemory":{"ttlSeconds":6,"embedding":{"provider":"e","model":"f"}},"endpoint":"https://e",
		"endpoints":[{"url":"https://e","provider":"AWS","region":"us-east-1","egressIps":["192.0.2.7"],"isAccessible":true}],
		"longTermMemoryExclusions":{"enabled":true,"semantic":{"enabled":false,"prompt":"x"}},
		"customMemoryTypes":[{"name":"trip","description":"d","fields":[],"extractionStrategy":{"enabled":true}}],
		"extractionCadence":{"activeIntervalSeconds":60},"errorMessage":"m","errorMessageTimestamp":1767225600000}`)
	assertDecodes(t, MemoryStoreList{Stores: []MemoryStoreSummary{{ID: "a-1", DatabaseID: 8, SubscriptionID: 7, Status: ServiceStatusReady}}},
		`{"data":[{"storeId":"a-1","databaseId":"8","subscriptionId":"7","status":"READY"}]}`)
}

func TestMemoryStoresRefuse(t *testing.T) {
	ctx, c := t.Context(), newWire(t)
	create := func(change func(*MemoryStoreCreateRequest)) error {
		req := &MemoryStoreCreateRequest{Name: "n", DatabaseID: 8}
		change(req)
		return second(c.AgentMemory.Create(ctx, req))
	}
	update := func(req *MemoryStoreUpdateRequest) error { return second(c.AgentMemory.Update(ctx, "a", req)) }
	for want, err := range map[string]error{
		`GET /memory-stores/{storeId}: storeId must not be ""`:       second(c.AgentMemory.Get(ctx, "")),
		`POST /memory-stores: the request is nil`:                    second(c.AgentMemory.Create(ctx, nil)),
		`POST /memory-stores: Name is required`:                      create(func(r *MemoryStoreCreateRequest) { r.Name = "" }),
		`POST /memory-stores: DatabaseID is required`:                create(func(r *MemoryStoreCreateRequest) { r.DatabaseID = 0 }),
		`POST /memory-stores: DatabaseID must be at least 1, not -1`: create(func(r *MemoryStoreCreateRequest) { r.DatabaseID = -1 }),
		`POST /memory-stores: LLM.Credentials.Type is required`: create(func(r *MemoryStoreCreateRequest) {
			r.LLM = &MemoryModelSpec{Credentials: &MemoryModelCredentialsSpec{}}
		}),
		`POST /memory-stores: LongTermMemory.Embedding.Provider must not be empty`: create(func(r *MemoryStoreCreateRequest) {
			r.LongTermMemory = &LongTermMemorySpec{Embedding: &MemoryModelSpec{Provider: new("")}}
		}),
		`POST /memory-stores: CustomMemoryTypes[0].Description is required`: create(func(r *MemoryStoreCreateRequest) { r.CustomMemoryTypes = []CustomMemoryType{{Name: "n"}} }),
		`POST /memory-stores: CustomMemoryTypes[0].Fields[0].Type is required`: create(func(r *MemoryStoreCreateRequest) {
			r.CustomMemoryTypes = []CustomMemoryType{{Name: "n", Description: "d", Fields: []CustomMemoryField{{Name: "n", Description: "d"}}}}
		}),
		`PATCH /memory-stores/{storeId}: the request is nil`:                                       update(nil),
		`PATCH /memory-stores/{storeId}: Name must not be empty`:                                   update(&MemoryStoreUpdateRequest{Name: new("")}),
		`PATCH /memory-stores/{storeId}: UpdateCustomMemoryTypeStrategies[0].TypeName is required`: update(&MemoryStoreUpdateRequest{UpdateCustomMemoryTypeStrategies: []CustomMemoryTypeStrategyUpdate{{}}}),
		`DELETE /memory-stores/{storeId}: storeId must not be ".."`:                                second(c.AgentMemory.Delete(ctx, "..")),
		`POST /memory-stores/{storeId}/api-keys: name is required`:                                 second(c.AgentMemory.CreateAPIKey(ctx, "a", "")),
		`POST /memory-stores/{storeId}/api-keys: storeId must not be ""`:                           second(c.AgentMemory.CreateAPIKey(ctx, "", "n")),
		`DELETE /memory-stores/{storeId}/api-keys/{apiKeyId}: apiKeyId must not be "."`:            c.AgentMemory.DeleteAPIKey(ctx, "a", "."),
	} {
		require.EqualError(t, err, "rediscloud: "+want)
	}
}
