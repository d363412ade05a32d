package rediscloud

import (
	"cmp"
	"errors"
	"time"
)

// The API's limits on a page of a log.
const (
	maxLogPage        = 1000
	maxSessionLogPage = 100
)

// LogOptions choose entries of the system log.
type LogOptions struct {
	Offset     int       `url:"offset,omitempty"`     // how many of the newest entries to skip
	Limit      int       `url:"limit,omitempty"`      // how many to return at most, up to 1000; 0 means the API's default (100)
	StartTime  time.Time `url:"startTime,omitempty"`  // only entries at or after this time, to the second
	EndTime    time.Time `url:"endTime,omitempty"`    // only entries at or before this time, to the second
	ResourceID int       `url:"resourceId,omitempty"` // only entries about the resource with this id
}

func (o *LogOptions) validate() error {
	return cmp.Or(
		atLeast("Offset", &o.Offset, 0),
		between("Limit", &o.Limit, 0, maxLogPage),
		inOrder(o.StartTime, o.EndTime),
		atLeast("ResourceID", &o.ResourceID, 0))
}

// inUTC returns a copy with the times in UTC, which the API expects.
func (o *LogOptions) inUTC() *LogOptions {
	if o == nil {
		return nil
	}
	in := *o
	in.StartTime, in.EndTime = o.StartTime.UTC(), o.EndTime.UTC()
	return &in
}

// LogList is the result of [AccountService.ListLogs]: one page.
type LogList struct {
	Entries []LogEntry `json:"entries"`
	Links   Links      `json:"links,omitempty"`
}

// A LogEntry is an entry of the system log.
type LogEntry struct {
	ID          int    `json:"id"`
	Time        Time   `json:"time,omitzero"`
	Originator  string `json:"originator,omitempty"` // who did it
	APIKeyName  string `json:"apiKeyName,omitempty"` // the API key used; "" in the console
	Resource    string `json:"resource,omitempty"`   // the name of the resource
	ResourceID  int    `json:"resourceId,omitempty"`
	Type        string `json:"type,omitempty"` // the type of the resource, such as "Account"
	Description string `json:"description,omitempty"`
}

// SessionLogOptions choose entries of the session log.
type SessionLogOptions struct {
	Offset    int       `url:"offset,omitempty"`    // how many of the newest entries to skip
	Limit     int       `url:"limit,omitempty"`     // how many to return at most, up to 100; 0 means the API's default
	StartTime time.Time `url:"startTime,omitempty"` // only entries at or after this time, to the second
	EndTime   time.Time `url:"endTime,omitempty"`   // only entries at or before this time, to the second
}

func (o *SessionLogOptions) validate() error {
	return cmp.Or(
		atLeast("Offset", &o.Offset, 0),
		between("Limit", &o.Limit, 0, maxSessionLogPage),
		inOrder(o.StartTime, o.EndTime))
}

// inUTC returns a copy with the times in UTC, which the API expects.
func (o *SessionLogOptions) inUTC() *SessionLogOptions {
	if o == nil {
		return nil
	}
	in := *o
	in.StartTime, in.EndTime = o.StartTime.UTC(), o.EndTime.UTC()
	return &in
}

// inOrder rejects a period that ends before it starts.
func inOrder(start, end time.Time) error {
	if !start.IsZero() && !end.IsZero() && end.Before(start) {
		return errors.New("EndTime must not be before StartTime")
	}
	return nil
}

// SessionLogList is the result of [AccountService.ListSessionLogs]: one page.
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
	IPAddress string `json:"ipAddress,omitempty"` // the user's address
	UserRole  string `json:"userRole,omitempty"`
	Type      string `json:"type,omitempty"`
	Action    string `json:"action,omitempty"`
}
