package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The CI job always saves its state, under a unique key, and doesn't run twice
// at a time. Its script continues after 3 and 4.
func TestWorkflowInReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var source string
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(block[1], "jobs:") {
			source = block[1]
		}
	}
	var workflow struct {
		Concurrency struct {
			Group            string
			CancelInProgress *bool `yaml:"cancel-in-progress"`
		}
		Jobs map[string]struct {
			Steps []struct {
				Uses, If, Run string
				With          map[string]string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(source), &workflow))
	assert.NotEmpty(t, workflow.Concurrency.Group)
	require.NotNil(t, workflow.Concurrency.CancelInProgress)
	assert.False(t, *workflow.Concurrency.CancelInProgress)
	steps := workflow.Jobs["apply"].Steps
	require.Len(t, steps, 4)
	restore, save := steps[1], steps[3]
	assert.True(t, strings.HasPrefix(restore.Uses, "actions/cache/restore@"), restore.Uses)
	assert.True(t, strings.HasPrefix(save.Uses, "actions/cache/save@"), save.Uses)
	assert.Equal(t, "always()", save.If)
	assert.Equal(t, "plan.yaml.state", save.With["path"])
	assert.Equal(t, restore.With["path"], save.With["path"])
	assert.Equal(t, restore.With["key"], save.With["key"])
	assert.Contains(t, save.With["key"], "github.run_id")
	assert.Contains(t, save.With["key"], "github.run_attempt")
	assert.True(t, strings.HasPrefix(save.With["key"], restore.With["restore-keys"]))

	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("the script needs bash: ", err)
	}
	for codes, want := range map[string]struct{ code, calls int }{
		"0": {0, 1}, "1 0": {1, 1}, "3 4 0": {0, 3}, "4 1": {1, 2}, "3 3 3": {3, 3}, "2": {2, 1},
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "codes"), []byte(strings.ReplaceAll(codes, " ", "\n")+"\n"), 0o600))
		for name, script := range map[string]string{
			"automation": `code=$(head -n 1 codes); sed -i 1d codes; echo '{}'; echo "$*" >> calls; exit $code`, "jq": "cat > /dev/null",
		} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!"+bash+"\n"+script+"\n"), 0o700))
		}
		cmd := exec.CommandContext(t.Context(), bash, "-e", "-c", steps[2].Run)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, _ := cmd.CombinedOutput()
		assert.Equal(t, want.code, cmd.ProcessState.ExitCode(), "%s: %s", codes, out)
		calls, err := os.ReadFile(filepath.Join(dir, "calls"))
		require.NoError(t, err)
		assert.Equal(t, want.calls, strings.Count(string(calls), "apply plan.yaml"), "%s: %s", codes, calls)
	}
}

// The values of status in the JSON lines are those in README.md.
func TestStatusesInReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	line := regexp.MustCompile("\\| `status` \\| (.*) \\|").FindStringSubmatch(string(text))
	require.NotNil(t, line)
	told := []string{""}
	for _, word := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(line[1], -1) {
		told = append(told, word[1])
	}
	assert.ElementsMatch(t, statuses, told)
}
