package rediscloud

import (
	"cmp"
	"errors"
	"time"
)

// Bounds of the API on a page of a log.
const (
	maxLogPage        = 1000
	maxSessionLogPage = 100
)

// LogOptions choose entries of the system log.
type LogOptions struct {
	Offset     int       `url:"offset,omitempty"`     // how many entries to skip, from the newest on
	Limit      int       `url:"limit,omitempty"`      // how many to return at most, up to 1000; 0 leaves it to the API (100)
	StartTime  time.Time `url:"startTime,omitempty"`  // only what was logged then or later, by the second
	EndTime    time.Time `url:"endTime,omitempty"`    // only what was logged then or before, by the second
	ResourceID int       `url:"resourceId,omitempty"` // only what concerns the resource of that id
}

func (o *LogOptions) validate() error {
	return cmp.Or(
		atLeast("Offset", &o.Offset, 0),
		between("Limit", &o.Limit, 0, maxLogPage),
		inOrder(o.StartTime, o.EndTime),
		atLeast("ResourceID", &o.ResourceID, 0))
}

// inUTC returns a copy with the times as the API wants them.
func (o *LogOptions) inUTC() *LogOptions {
	if o == nil {
		return nil
	}
	in := *o
	in.StartTime, in.EndTime = o.StartTime.UTC(), o.EndTime.UTC()
	return &in
}

// LogList is the answer of AccountService.ListLogs: one page.
type LogList struct {
	Entries []LogEntry `json:"entries"`
	Links   Links      `json:"links,omitempty"`
}

// A LogEntry is an entry of the system log.
type LogEntry struct {
	ID          int    `json:"id"`
	Time        Time   `json:"time,omitzero"`
	Originator  string `json:"originator,omitempty"` // who did it
	APIKeyName  string `json:"apiKeyName,omitempty"` // the key that it was done with; "" in the console
	Resource    string `json:"resource,omitempty"`   // the name of what it was done to
	ResourceID  int    `json:"resourceId,omitempty"`
	Type        string `json:"type,omitempty"` // the kind of what it was done to, such as "Account"
	Description string `json:"description,omitempty"`
}

// SessionLogOptions choose entries of the session log.
type SessionLogOptions struct {
	Offset    int       `url:"offset,omitempty"`    // how many entries to skip, from the newest on
	Limit     int       `url:"limit,omitempty"`     // how many to return at most, up to 100; 0 leaves it to the API
	StartTime time.Time `url:"startTime,omitempty"` // only what was logged then or later, by the second
	EndTime   time.Time `url:"endTime,omitempty"`   // only what was logged then or before, by the second
}

func (o *SessionLogOptions) validate() error {
	return cmp.Or(
		atLeast("Offset", &o.Offset, 0),
		between("Limit", &o.Limit, 0, maxSessionLogPage),
		inOrder(o.StartTime, o.EndTime))
}

// inUTC returns a copy with the times as the API wants them.
func (o *SessionLogOptions) inUTC() *SessionLogOptions {
	if o == nil {
		return nil
	}
	in := *o
	in.StartTime, in.EndTime = o.StartTime.UTC(), o.EndTime.UTC()
	return &in
}

// inOrder refuses a span of time that ends before it starts.
func inOrder(start, end time.Time) error {
	if !start.IsZero() && !end.IsZero() && end.Before(start) {
		return errors.New("EndTime must not be before StartTime")
	}
	return nil
}

// SessionLogList is the answer of AccountService.ListSessionLogs: one page.
type SessionLogList struct {
	Entries []SessionLogEntry `json:"entries"`
	Links   Links             `json:"links,omitempty"`
}

// A SessionLogEntry is an entry of the session log.
type SessionLogEntry struct {
	ID        string `json:"id"`
	Time      Time   `json:"time,omitzero"`
	User      string `json:"user,omitempty"`
	UserAgent string `json:"userAgent,omitempty"` // the browser
	IPAddress string `json:"ipAddress,omitempty"` // where the user was
	UserRole  string `json:"userRole,omitempty"`
	Type      string `json:"type,omitempty"`
	Action    string `json:"action,omitempty"`
}
