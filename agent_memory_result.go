package rediscloud

import (
	"errors"
	"time"
)

// A MemoryStoreSummary describes a memory store in a [MemoryStoreList].
type MemoryStoreSummary struct {
	ID                 string                   `json:"storeId"`
	Name               string                   `json:"name"`
	CreatedAt          Time                     `json:"createdAt,omitzero"`
	DatabaseID         int                      `json:"databaseId,omitempty"` // the API sends it as a string
	DatabaseName       string                   `json:"databaseName,omitempty"`
	SubscriptionID     int                      `json:"subscriptionId,omitempty"` // likewise
	ExtractionStrategy MemoryExtractionStrategy `json:"extractionStrategy,omitempty"`
	Summarization      MemorySummarization      `json:"summarization,omitzero"`
	LLM                MemoryModel              `json:"llm,omitzero"`
	Status             ServiceStatus            `json:"status,omitempty"`
}

func (s *MemoryStoreSummary) check() error { return checkStoreID(s.ID) }

func checkStoreID(id string) error {
	if id == "" {
		return errors.New("missing id of a memory store")
	}
	return nil
}

// MemoryStoreList is the result of [AgentMemoryService.List].
type MemoryStoreList struct {
	Stores []MemoryStoreSummary `json:"data"`
}

func (l *MemoryStoreList) elements() []MemoryStoreSummary { return l.Stores }

// A MemoryStore holds the memories of agents, in a database.
type MemoryStore struct {
	ID        string        `json:"storeId"`
	Name      string        `json:"name"`
	Status    ServiceStatus `json:"status,omitempty"`
	CreatedAt Time          `json:"createdAt,omitzero"`

	// The database that holds the memories. The API sends its ids as strings.
	DatabaseID          int      `json:"databaseId,omitempty"`
	DatabaseName        string   `json:"databaseName,omitempty"`
	SubscriptionID      int      `json:"subscriptionId,omitempty"`
	DatabaseProvider    Provider `json:"databaseProvider,omitempty"`
	DatabaseRegion      string   `json:"databaseRegion,omitempty"`
	DatabaseAccessCIDRs []string `json:"databaseAccessCidrs,omitempty"` // where the database can be reached from

	ShortMemory              ShortMemory              `json:"shortMemory,omitzero"`
	LongTermMemory           LongTermMemory           `json:"longTermMemory,omitzero"`
	LLM                      MemoryModel              `json:"llm,omitzero"`
	ExtractionStrategy       MemoryExtractionStrategy `json:"extractionStrategy,omitempty"`
	Summarization            MemorySummarization      `json:"summarization,omitzero"`
	LongTermMemoryExclusions MemoryExclusions         `json:"longTermMemoryExclusions,omitzero"`
	CustomMemoryTypes        []CustomMemoryType       `json:"customMemoryTypes,omitempty"`
	ExtractionCadence        MemoryExtractionCadence  `json:"extractionCadence,omitzero"`

	// Where programs reach the store, with one of its API keys.
	Endpoint  string                `json:"endpoint,omitempty"`
	Endpoints []MemoryStoreEndpoint `json:"endpoints,omitempty"`

	// Why it is unavailable, and since when: counted from 1970, in an
	// undocumented unit.
	ErrorMessage          string  `json:"errorMessage,omitempty"`
	ErrorMessageTimestamp float64 `json:"errorMessageTimestamp,omitempty"`
}

var memoryStoreKind = newKind[MemoryStore]("MemoryStore", kind{
	noun: "memory store", member: "status",
	ready:  []string{string(ServiceStatusReady)},
	failed: []string{string(ServiceStatusUnavailable)},
	route:  "/memory-stores/{resource.storeId}",
	list:   []string{"data"}, id: "storeId", siblings: true,
	settle: 10 * time.Second,
})

func (s *MemoryStore) check() error { return checkStoreID(s.ID) }

// LongTermMemory says how memories that outlast a session are kept.
type LongTermMemory struct {
	TTLSeconds int64       `json:"ttlSeconds,omitempty"`
	Embedding  MemoryModel `json:"embedding,omitzero"` // the model for finding memories
}

// A MemoryModel is a model that a memory store uses, without the credentials
// for it.
type MemoryModel struct {
	Provider string `json:"provider,omitempty"`
	Model    string `json:"model,omitempty"`
}

// A MemoryStoreEndpoint is where programs reach a memory store.
type MemoryStoreEndpoint struct {
	URL          string   `json:"url"`
	Provider     Provider `json:"provider,omitempty"`
	Region       string   `json:"region,omitempty"`
	EgressIPs    []string `json:"egressIps,omitempty"` // the addresses that it connects to the database from
	IsAccessible bool     `json:"isAccessible"`
}
