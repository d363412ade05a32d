package rediscloud

import "cmp"

// MemoryStoreCreateRequest describes a memory store to create. Name and
// DatabaseID are required; the API has defaults for the rest.
type MemoryStoreCreateRequest struct {
	Name       string `json:"name"`
	DatabaseID int    `json:"databaseId"` // the database that holds the memories

	ShortMemory        *ShortMemory              `json:"shortMemory,omitempty"`
	LongTermMemory     *LongTermMemorySpec       `json:"longTermMemory,omitempty"`
	LLM                *MemoryModelSpec          `json:"llm,omitempty"` // the model that extracts memories and summarizes
	ExtractionStrategy *MemoryExtractionStrategy `json:"extractionStrategy,omitempty"`
	Summarization      *MemorySummarization      `json:"summarization,omitempty"`

	LongTermMemoryExclusions *MemoryExclusions        `json:"longTermMemoryExclusions,omitempty"`
	CustomMemoryTypes        []CustomMemoryType       `json:"customMemoryTypes,omitzero"`
	ExtractionCadence        *MemoryExtractionCadence `json:"extractionCadence,omitempty"`
}

func (r *MemoryStoreCreateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		required("DatabaseID", r.DatabaseID != 0),
		atLeast("DatabaseID", &r.DatabaseID, 1),
		nested("LongTermMemory", r.LongTermMemory),
		nested("LLM", r.LLM),
		notBlank("ExtractionStrategy", r.ExtractionStrategy),
		nestedEach("CustomMemoryTypes", r.CustomMemoryTypes))
}

// MemoryStoreUpdateRequest changes a memory store. Unset fields stay unchanged.
type MemoryStoreUpdateRequest struct {
	Name           *string              `json:"name,omitempty"`
	ShortMemory    *ShortMemory         `json:"shortMemory,omitempty"`
	LongTermMemory *LongTermMemorySpec  `json:"longTermMemory,omitempty"`
	LLM            *MemoryModelSpec     `json:"llm,omitempty"`
	Summarization  *MemorySummarization `json:"summarization,omitempty"`

	LongTermMemoryExclusions         *MemoryExclusions                `json:"longTermMemoryExclusions,omitempty"`
	AddCustomMemoryTypes             []CustomMemoryType               `json:"addCustomMemoryTypes,omitzero"`
	UpdateCustomMemoryTypeStrategies []CustomMemoryTypeStrategyUpdate `json:"updateCustomMemoryTypeStrategies,omitzero"`
	ExtractionCadence                *MemoryExtractionCadence         `json:"extractionCadence,omitempty"`
}

func (r *MemoryStoreUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		nested("LongTermMemory", r.LongTermMemory),
		nested("LLM", r.LLM),
		nestedEach("AddCustomMemoryTypes", r.AddCustomMemoryTypes),
		nestedEach("UpdateCustomMemoryTypeStrategies", r.UpdateCustomMemoryTypeStrategies))
}

// LongTermMemorySpec says how memories that outlast a session are kept.
type LongTermMemorySpec struct {
	TTLSeconds *int64           `json:"ttlSeconds,omitempty"` // how long, in seconds
	Embedding  *MemoryModelSpec `json:"embedding,omitempty"`  // the model for finding memories
}

func (m *LongTermMemorySpec) validate() error { return nested("Embedding", m.Embedding) }

// A MemoryModelSpec chooses a model.
type MemoryModelSpec struct {
	Provider    *string                     `json:"provider,omitempty"` // such as "openai"
	Model       *string                     `json:"model,omitempty"`
	Credentials *MemoryModelCredentialsSpec `json:"credentials,omitempty"` // at the provider
}

func (m *MemoryModelSpec) validate() error {
	return cmp.Or(
		notBlank("Provider", m.Provider),
		notBlank("Model", m.Model),
		nested("Credentials", m.Credentials))
}

// MemoryModelCredentialsSpec are the credentials with which a memory store uses
// a model.
type MemoryModelCredentialsSpec struct {
	Type   string  `json:"type"`
	APIKey *Secret `json:"apiKey,omitempty"`
}

func (c *MemoryModelCredentialsSpec) validate() error {
	return cmp.Or(
		required("Type", c.Type != ""),
		notBlank("APIKey", c.APIKey))
}

// A CustomMemoryTypeStrategyUpdate changes how memories of a custom type are
// extracted.
type CustomMemoryTypeStrategyUpdate struct {
	TypeName string  `json:"typeName"` // the Name of the CustomMemoryType
	Prompt   *string `json:"prompt,omitempty"`
	Enabled  *bool   `json:"enabled,omitempty"`
}

func (u *CustomMemoryTypeStrategyUpdate) validate() error {
	return required("TypeName", u.TypeName != "")
}
