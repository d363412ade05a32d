package rediscloud

import "cmp"

// The settings of memory stores that requests and results have alike.

// ShortMemory says how long what belongs to a session is kept.
type ShortMemory struct {
	TTLSeconds int64 `json:"ttlSeconds"`
}

// A MemoryExtractionStrategy is how memories are found in what agents say.
type MemoryExtractionStrategy string

// MemoryExtractionStrategyInstruct is the only strategy so far.
const MemoryExtractionStrategyInstruct MemoryExtractionStrategy = "INSTRUCT"

// MemorySummarization says whether and when sessions are summed up.
type MemorySummarization struct {
	Enabled         bool                  `json:"enabled"`
	TriggerStrategy *MemorySummaryTrigger `json:"triggerStrategy,omitempty"`
	EventCount      *MemoryEventCount     `json:"eventCount,omitempty"` // for MemorySummaryTriggerEventCount
}

// A MemorySummaryTrigger is what makes a memory store sum up a session.
type MemorySummaryTrigger string

// MemorySummaryTriggerEventCount sums up once there are enough events.
const MemorySummaryTriggerEventCount MemorySummaryTrigger = "event_count"

// MemoryEventCount says after how many events a session is summed up.
type MemoryEventCount struct {
	Threshold   int  `json:"threshold"`
	RetainCount *int `json:"retainCount,omitempty"` // how many of the events stay as they are
}

// MemoryExclusions say what isn't taken into the long-term memory.
type MemoryExclusions struct {
	Enabled          bool                    `json:"enabled"`
	Semantic         *MemorySemanticFilter   `json:"semantic,omitempty"`
	BuiltInDetectors *MemoryBuiltInDetectors `json:"builtInDetectors,omitempty"`
	CustomDetectors  *MemoryCustomDetectors  `json:"customDetectors,omitempty"`
}

// A MemorySemanticFilter leaves out what a model finds to be meant by a prompt.
type MemorySemanticFilter struct {
	Enabled bool    `json:"enabled"`
	Prompt  *string `json:"prompt,omitempty"`
}

// MemoryBuiltInDetectors leave out what detectors of Redis find.
type MemoryBuiltInDetectors struct {
	Enabled   bool                    `json:"enabled"`
	Detectors []MemoryBuiltInDetector `json:"detectors,omitzero"`
}

// A MemoryBuiltInDetector turns a detector of Redis on or off.
type MemoryBuiltInDetector struct {
	ID      string  `json:"id"`
	Enabled bool    `json:"enabled"`
	Action  *string `json:"action,omitempty"` // what is done with what it finds
}

// MemoryCustomDetectors leave out what detectors of the store's own find.
type MemoryCustomDetectors struct {
	Enabled   bool                   `json:"enabled"`
	Detectors []MemoryCustomDetector `json:"detectors,omitzero"`
}

// A MemoryCustomDetector is a detector of a store's own.
type MemoryCustomDetector struct {
	Name    string                 `json:"name"`
	Enabled bool                   `json:"enabled"`
	Action  *string                `json:"action,omitempty"` // what is done with what it finds
	Matcher *MemoryDetectorMatcher `json:"matcher,omitempty"`
}

// A MemoryDetectorMatcher is by what a detector finds something.
type MemoryDetectorMatcher struct {
	Kind  string               `json:"kind"`
	Regex *MemoryDetectorRegex `json:"regex,omitempty"`
}

// A MemoryDetectorRegex is the regular expression of a detector.
type MemoryDetectorRegex struct {
	Pattern string `json:"pattern"`
}

// A CustomMemoryType is a type of memories of a store's own.
type CustomMemoryType struct {
	Name               string                    `json:"name"`
	Description        string                    `json:"description"` // for the model that extracts such memories
	Fields             []CustomMemoryField       `json:"fields,omitzero"`
	ExtractionStrategy *CustomMemoryTypeStrategy `json:"extractionStrategy,omitempty"`
}

func (t *CustomMemoryType) validate() error {
	return cmp.Or(
		required("Name", t.Name != ""),
		required("Description", t.Description != ""),
		nestedEach("Fields", t.Fields))
}

// A CustomMemoryField is a part of each memory of a type.
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
	ActiveIntervalSeconds int64 `json:"activeIntervalSeconds"` // while a session is going on
}
