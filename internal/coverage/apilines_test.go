package coverage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/internal/coverage"
)

func TestMethodsNameWhatTheyCall(t *testing.T) {
	facts := loadFacts(t)
	report, err := coverage.MeasureSDK(t.Context(), facts)
	require.NoError(t, err)
	wrong, err := report.UndocumentedCalls("../..", facts)
	require.NoError(t, err)
	assert.Empty(t, wrong)

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tasks.go"), []byte(`package rediscloud

// Get is of another operation.
//
// API: GET /tasks
func (s *TasksService) Get() {}

// List has an operation that isn't there, and a line that names two.
//
// API: GET /task
// API: GET /tasks, GET /tasks/{taskId}
func (s *TasksService) List() {}

// All has none.
func (s *TasksService) All() {}

// Do is of no service.
func (c *Client) Do() {}
`), 0o600))
	wrong, err = report.UndocumentedCalls(dir, facts)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"Tasks.All calls GET /tasks, and doesn't name it",
		"Tasks.All has no API line",
		"Tasks.Get calls GET /tasks/{taskId}, and doesn't name it",
		"Tasks.List calls GET /tasks, and doesn't name it",
		`Tasks.List has the line "API: GET /tasks, GET /tasks/{taskId}": want one operation, such as API: GET /tasks`,
		"Tasks.List names the operation GET /task, which the API doesn't have",
	}, wrong)
}
