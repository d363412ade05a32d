package rediscloudtest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

const (
	maxLogPage        = 1000
	maxSessionLogPage = 100
)

// enterLog adds an entry to a log. When the log is full, the oldest tenth is
// dropped.
func enterLog(log *[]object, entry object) {
	if len(*log) >= maxRequests {
		*log = slices.Delete(*log, 0, maxRequests/10)
	}
	*log = append(*log, entry)
}

// log adds an event to the system log; the id is 0 for things without one.
func (s *Server) log(at time.Time, kind string, resourceID int, description string) {
	entry := object{
		"id": s.nextID("log"), "time": wireTime(at), "originator": "Fay Fake", "apiKeyName": keyName,
		"type": kind, "description": description,
	}
	if resourceID != 0 {
		entry["resource"], entry["resourceId"] = fmt.Sprintf("%s-%d", kind, resourceID), resourceID
	}
	enterLog(&s.logs, entry)
}

// logTask logs the end of a task.
func (s *Server) logTask(t *task, at time.Time) {
	if t.failure != nil {
		s.log(at, "Task", 0, fmt.Sprintf("%s failed: %s", t.commandType, t.failure.kind))
		return
	}
	s.log(at, "Task", t.outcome.resourceID, t.commandType+" was processed")
}

// AddSessionLog adds an action of a user, such as "login", to the session log.
// Nothing else writes to it: requests with an API key open no session.
func (s *Server) AddSessionLog(user, action string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	enterLog(&s.sessionLogs, object{
		"id": newUUID(), "time": wireTime(now), "user": user, "userAgent": "Mozilla/5.0 (fake)", "ipAddress": "192.0.2.1",
		"userRole": "Owner", "type": "credentials", "action": action,
	})
}

func listLogs(c *call) answer { return c.logPage("/logs", c.server.logs, maxLogPage) }

func listSessionLogs(c *call) answer {
	return c.logPage("/session-logs", c.server.sessionLogs, maxSessionLogPage)
}

// A logQuery is a request for entries of a log.
type logQuery struct {
	offset, limit, resource int
	from, until             time.Time
}

func (c *call) logQuery(most int) (q logQuery, err error) {
	var errs [5]error
	q.offset, errs[0] = pageNumber(c, "offset", 0)
	q.limit, errs[1] = pageNumber(c, "limit", 100)
	q.resource, errs[2] = pageNumber(c, "resourceId", 0)
	if errors.Join(errs[:]...) != nil || q.offset < 0 || q.limit < 1 || q.limit > most {
		return q, errors.New("offset, limit or resourceId is not a valid number")
	}
	q.from, errs[3] = c.queryTime("startTime", time.Time{})
	q.until, errs[4] = c.queryTime("endTime", c.now.Add(forever))
	if errors.Join(errs[:]...) != nil {
		return q, errors.New("startTime or endTime is not a time")
	}
	return q, nil
}

func (q logQuery) wants(entry object) bool {
	at, _ := time.Parse(time.RFC3339, str(entry, "time", ""))
	return !at.Before(q.from) && !at.After(q.until) && (q.resource == 0 || entry["resourceId"] == q.resource)
}

// logPage responds with the entries that the query asks for, newest first.
func (c *call) logPage(path string, log []object, most int) answer {
	query, err := c.logQuery(most)
	if err != nil {
		return c.fail(http.StatusBadRequest, err.Error())
	}
	entries, skip := []any{}, query.offset
	for _, entry := range slices.Backward(log) {
		switch {
		case !query.wants(entry):
		case skip > 0:
			skip--
		case len(entries) < query.limit:
			entries = append(entries, entry)
		}
	}
	return c.ok(c.server.linked(object{"entries": entries}, self(path)))
}

func (c *call) queryTime(name string, fallback time.Time) (time.Time, error) {
	text := c.req.URL.Query().Get(name)
	if text == "" {
		return fallback, nil
	}
	return time.Parse(time.RFC3339, text)
}
