package rediscloud

import "cmp"

// Settings of memory stores that requests and results share.

// ShortMemory says how long the data of a session is kept.
type ShortMemory struct {
	TTLSeconds int64 `json:"ttlSeconds"`
}

// A MemoryExtractionStrategy is how memories are extracted from what agents
// say.
type MemoryExtractionStrategy string

// MemoryExtractionStrategyInstruct is the only strategy so far.
const MemoryExtractionStrategyInstruct MemoryExtractionStrategy = "INSTRUCT"

// MemorySummarization says whether and when sessions are summarized.
type MemorySummarization struct {
	Enabled         bool                  `json:"enabled"`
	TriggerStrategy *MemorySummaryTrigger `json:"triggerStrategy,omitempty"`
	EventCount      *MemoryEventCount     `json:"eventCount,omitempty"` // for MemorySummaryTriggerEventCount
}

// A MemorySummaryTrigger is what makes a memory store summarize a session.
type MemorySummaryTrigger string

// MemorySummaryTriggerEventCount summarizes once there are enough events.
const MemorySummaryTriggerEventCount MemorySummaryTrigger = "event_count"

// MemoryEventCount says after how many events a session is summarized.
type MemoryEventCount struct {
	Threshold   int  `json:"threshold"`
	RetainCount *int `json:"retainCount,omitempty"` // how many of the events stay unsummarized
}

// MemoryExclusions say what is kept out of the long-term memory.
type MemoryExclusions struct {
	Enabled          bool                    `json:"enabled"`
	Semantic         *MemorySemanticFilter   `json:"semantic,omitempty"`
	BuiltInDetectors *MemoryBuiltInDetectors `json:"builtInDetectors,omitempty"`
	CustomDetectors  *MemoryCustomDetectors  `json:"customDetectors,omitempty"`
}

// A MemorySemanticFilter excludes what a model matches to a prompt.
type MemorySemanticFilter struct {
	Enabled bool    `json:"enabled"`
	Prompt  *string `json:"prompt,omitempty"`
}

// MemoryBuiltInDetectors exclude what the built-in detectors find.
type MemoryBuiltInDetectors struct {
	Enabled   bool                    `json:"enabled"`
	Detectors []MemoryBuiltInDetector `json:"detectors,omitzero"`
}

// A MemoryBuiltInDetector turns a built-in detector on or off.
type MemoryBuiltInDetector struct {
	ID      string  `json:"id"`
	Enabled bool    `json:"enabled"`
	Action  *string `json:"action,omitempty"` // what to do with what it finds
}

// MemoryCustomDetectors exclude what the store's custom detectors find.
type MemoryCustomDetectors struct {
	Enabled   bool                   `json:"enabled"`
	Detectors []MemoryCustomDetector `json:"detectors,omitzero"`
}

// A MemoryCustomDetector is a custom detector of a store.
type MemoryCustomDetector struct {
	Name    string                 `json:"name"`
	Enabled bool                   `json:"enabled"`
	Action  *string                `json:"action,omitempty"` // what to do with what it finds
	Matcher *MemoryDetectorMatcher `json:"matcher,omitempty"`
}

// A MemoryDetectorMatcher is how a detector finds something.
type MemoryDetectorMatcher struct {
	Kind  string               `json:"kind"`
	Regex *MemoryDetectorRegex `json:"regex,omitempty"`
}

// A MemoryDetectorRegex is the regular expression of a detector.
type MemoryDetectorRegex struct {
	Pattern string `json:"pattern"`
}

// A CustomMemoryType is a custom type of memories of a store.
type CustomMemoryType struct {
	Name               string                    `json:"name"`
	Description        string                    `json:"description"` // guides the model that extracts such memories
	Fields             []CustomMemoryField       `json:"fields,omitzero"`
	ExtractionStrategy *CustomMemoryTypeStrategy `json:"extractionStrategy,omitempty"`
}

func (t *CustomMemoryType) validate() error {
	return cmp.Or(
		required("Name", t.Name != ""),
		required("Description", t.Description != ""),
		nestedEach("Fields", t.Fields))
}

// A CustomMemoryField is a field of each memory of a type.
type CustomMemoryField struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Type        string `json:"type"`
}

func (f *CustomMemoryField) validate() error {
	return cmp.Or(
		required("Name", f.Name != ""),
		required("Description", f.Description != ""),
		required("Type", f.Type != ""))
}

// A CustomMemoryTypeStrategy says how memories of a type are extracted.
type CustomMemoryTypeStrategy struct {
	Prompt  *string `json:"prompt,omitempty"`
	Enabled *bool   `json:"enabled,omitempty"`
}

// MemoryExtractionCadence says how often memories are extracted.
type MemoryExtractionCadence struct {
	ActiveIntervalSeconds int64 `json:"activeIntervalSeconds"` // while a session is active
}
