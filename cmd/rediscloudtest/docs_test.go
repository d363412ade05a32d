package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const documentation = "../../docs/fake.md"

// TestSessionInDocs runs the shell session in the documentation, and compares
// its output.
func TestSessionInDocs(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash to run it:", err)
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl to run it:", err)
	}
	text, err := os.ReadFile(documentation)
	require.NoError(t, err)
	session := regexp.MustCompile("(?s)```bash\n(.*?)```\n\nprints\n\n```text\n(.*?)```").FindAllSubmatch(text, -1)
	require.Len(t, session, 1)

	p := start(t)
	command := exec.CommandContext(t.Context(), bash, "-euo", "pipefail", "-c", string(session[0][1]))
	command.Env = append(os.Environ(), "REDISCLOUD_URL="+p.root+"/v1", "REDISCLOUD_ACCESS_KEY="+p.keys[0], "REDISCLOUD_SECRET_KEY="+p.keys[1],
		"no_proxy=127.0.0.1")
	var stderr strings.Builder
	command.Stderr = &stderr
	printed, err := command.Output()
	require.NoError(t, err, stderr.String())
	require.Equal(t, string(session[0][2]), string(printed))
}

// TestTableInDocs compares the table in the documentation with the operations
// of the other side.
func TestTableInDocs(t *testing.T) {
	text, err := os.ReadFile(documentation)
	require.NoError(t, err)
	documented := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+ /_fake/[^`]+)` \\|([^|]*)\\|").FindAllSubmatch(text, -1) {
		documented[string(row[1])] = strings.TrimSpace(string(row[2]))
	}
	p := start(t)
	controls := p.ask("GET", "", "")["controls"].([]any)
	require.Len(t, documented, len(controls))
	for _, c := range controls {
		control := c.(object)
		name := fmt.Sprint(control["method"], " ", control["path"])
		require.Contains(t, documented, name)
		members, _ := control["body"].(object)
		for member := range members {
			if !strings.HasPrefix(member, "/") {
				require.Contains(t, documented[name], "`"+member+"`", name)
			}
		}
		require.Equal(t, len(members) > 0, documented[name] != "", name)
	}
}

// TestContainerNeedsNothingElse compares what the container file copies with
// what the command is built from.
func TestContainerNeedsNothingElse(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go to list the packages:", err)
	}
	text, err := os.ReadFile("Containerfile")
	require.NoError(t, err)
	copied := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^COPY (\S+) (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		require.Equal(t, line[1], line[2])
		copied[line[1]] = true
		require.DirExists(t, "../../"+line[1])
	}
	command := exec.CommandContext(t.Context(), goTool, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
	command.Env = append(os.Environ(), "GOPROXY=off")
	listed, err := command.Output()
	require.NoError(t, err)
	for path := range strings.FieldsSeq(string(listed)) {
		local, own := strings.CutPrefix(path, "github.com/rediscloud-go/rediscloud/")
		require.True(t, own && copied[local], "%s isn't copied", path)
	}
	require.Len(t, strings.Fields(string(listed)), len(copied))
}
