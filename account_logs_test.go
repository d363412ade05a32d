package rediscloud

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	logJSON = `{"entries":[{"id":2900349,"time":"2022-10-12T10:54:31Z","originator":"A User","apiKeyName":"ci","resource":"cache",
		"resourceId":51,"type":"Database","description":"changed"},{"id":2900348}],` + linksJSON + `}`
	sessionLogJSON = `{"entries":[{"id":"s-2","time":"2022-10-12T10:54:31Z","user":"user@example.com","userAgent":"Firefox",
		"ipAddress":"192.0.2.1","userRole":"Owner","type":"sso","action":"login"},{"id":"s-1"}],` + linksJSON + `}`
)

var logTime = Time{Time: time.Date(2022, 10, 12, 10, 54, 31, 0, time.UTC)}

func TestLogsDecode(t *testing.T) {
	assertDecodes(t, LogList{
		Entries: []LogEntry{
			{ID: 2900349, Time: logTime, Originator: "A User", APIKeyName: "ci", Resource: "cache", ResourceID: 51, Type: "Database", Description: "changed"},
			{ID: 2900348},
		},
		Links: selfX,
	}, logJSON)
	assertDecodes(t, SessionLogList{
		Entries: []SessionLogEntry{
			{ID: "s-2", Time: logTime, User: "user@example.com", UserAgent: "Firefox", IPAddress: "192.0.2.1", UserRole: "Owner", Type: "sso", Action: "login"},
			{ID: "s-1"},
		},
		Links: selfX,
	}, sessionLogJSON)
}

func TestLogsWire(t *testing.T) {
	start := time.Date(2025, 1, 1, 2, 0, 0, 5e8, time.FixedZone("", 2*60*60))
	end := time.Date(2025, 1, 31, 23, 59, 59, 0, time.UTC)
	for path, opts := range map[string]*LogOptions{
		"/logs": nil,
		"/logs?endTime=2025-01-31T23%3A59%3A59Z&limit=1000&offset=5&resourceId=51&startTime=2025-01-01T00%3A00%3A00Z": {
			Offset: 5, Limit: 1000, StartTime: start, EndTime: end, ResourceID: 51,
		},
		"/logs?startTime=2025-01-01T00%3A00%3A00Z": {StartTime: start},
	} {
		list, err := newWire(t, wire{method: "GET", path: path, answer: logJSON}).Account.ListLogs(t.Context(), opts)
		require.NoError(t, err)
		assert.Len(t, list.Entries, 2)
	}
	for path, opts := range map[string]*SessionLogOptions{
		"/session-logs": nil,
		"/session-logs?endTime=2025-01-31T23%3A59%3A59Z&limit=100&offset=5&startTime=2025-01-01T00%3A00%3A00Z": {
			Offset: 5, Limit: 100, StartTime: start, EndTime: end,
		},
	} {
		list, err := newWire(t, wire{method: "GET", path: path, answer: sessionLogJSON}).Account.ListSessionLogs(t.Context(), opts)
		require.NoError(t, err)
		assert.Len(t, list.Entries, 2)
	}
}

func TestAllLogsWire(t *testing.T) {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	client := newWire(t,
		wire{method: "GET", path: "/logs?limit=2&offset=1&resourceId=7&startTime=2025-01-01T00%3A00%3A00Z", answer: `{"entries":[{"id":9},{"id":8}]}`},
		// Something was logged meanwhile: one entry comes again.
		wire{method: "GET", path: "/logs?limit=2&offset=3&resourceId=7&startTime=2025-01-01T00%3A00%3A00Z", answer: `{"entries":[{"id":8},{"id":7}]}`},
		wire{method: "GET", path: "/logs?limit=2&offset=5&resourceId=7&startTime=2025-01-01T00%3A00%3A00Z", answer: `{"entries":[{"id":6}]}`},
		wire{method: "GET", path: "/logs?limit=100", answer: `{"entries":[]}`},
		wire{method: "GET", path: "/logs?limit=100", status: 403},
	)
	ids := func(opts *LogOptions) (ids []int, err error) {
		for entry, err := range client.Account.AllLogs(t.Context(), opts) {
			if err != nil {
				return ids, err
			}
			ids = append(ids, entry.ID)
		}
		return ids, nil
	}
	all, err := ids(&LogOptions{Offset: 1, Limit: 2, StartTime: start, ResourceID: 7})
	require.NoError(t, err)
	assert.Equal(t, []int{9, 8, 7, 6}, all)
	all, err = ids(nil)
	require.NoError(t, err)
	assert.Empty(t, all)
	_, err = ids(nil)
	require.ErrorIs(t, err, ErrForbidden)
}

func TestAllSessionLogsWire(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/session-logs?limit=2", answer: `{"entries":[{"id":"b"},{"id":"a"}]}`},
		wire{method: "GET", path: "/session-logs?limit=2&offset=2", status: 404},
		wire{method: "GET", path: "/session-logs?limit=100", status: 403},
	)
	var ids []string
	for entry, err := range client.Account.AllSessionLogs(t.Context(), &SessionLogOptions{Limit: 2}) {
		require.NoError(t, err)
		ids = append(ids, entry.ID)
	}
	assert.Equal(t, []string{"b", "a"}, ids)
	for entry, err := range client.Account.AllSessionLogs(t.Context(), nil) {
		assert.Nil(t, entry)
		require.ErrorIs(t, err, ErrForbidden)
	}
}

func TestLogOptionsValidate(t *testing.T) {
	now := time.Now()
	for want, opts := range map[string]validator{
		"Offset must be at least 0, not -1":      &LogOptions{Offset: -1},
		"Limit must be from 0 to 1000, not 1001": &LogOptions{Limit: 1001},
		"Limit must be from 0 to 1000, not -1":   &LogOptions{Limit: -1},
		"ResourceID must be at least 0, not -1":  &LogOptions{ResourceID: -1},
		"EndTime must not be before StartTime":   &LogOptions{StartTime: now, EndTime: now.Add(-1)},
		"Limit must be from 0 to 100, not 101":   &SessionLogOptions{Limit: 101},
		"Offset must be at least 0, not -2":      &SessionLogOptions{Offset: -2},
		"":                                       &LogOptions{StartTime: now, EndTime: now, Limit: 1000},
	} {
		if err := opts.validate(); want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
	require.EqualError(t, (&SessionLogOptions{StartTime: now, EndTime: now.Add(-1)}).validate(), "EndTime must not be before StartTime")
	client := newWire(t)
	_, err := client.Account.ListLogs(t.Context(), &LogOptions{Limit: 1001})
	require.ErrorContains(t, err, "rediscloud: GET /logs: Limit")
	_, err = client.Account.ListSessionLogs(t.Context(), &SessionLogOptions{Limit: 101})
	require.ErrorContains(t, err, "rediscloud: GET /session-logs: Limit")
}
