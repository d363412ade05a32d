//go:build unix

package provider

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

const pluginName = "terraform-provider-rediscloud"

// TestMain makes the test binary the provider if it is called like one: Terraform runs it by a link of that name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != pluginName {
		os.Exit(m.Run())
	}
	if err := providerserver.Serve(context.Background(), New("test"), providerserver.ServeOpts{Address: Address}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// cli is a directory with a configuration, a real terraform or tofu, and a fake in another process.
type cli struct {
	t       *testing.T
	program string
	dir     string
	env     []string
	client  *rediscloud.Client
}

func newCLI(t *testing.T) *cli {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: short tests run no Terraform")
	}
	program := ""
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("SKIPPED: neither terraform nor tofu is on the PATH; the other tests drive the provider over its protocol")
	}
	c := &cli{t: t, program: program, dir: t.TempDir()}
	plugins := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(plugins, pluginName)))
	rc := filepath.Join(plugins, "cli.tfrc")
	overrides := fmt.Sprintf("    %q = %q\n    %q = %q\n", Address, plugins, strings.Replace(Address, "terraform.io", "opentofu.org", 1), plugins)
	require.NoError(t, os.WriteFile(rc, []byte("provider_installation {\n  dev_overrides {\n"+overrides+"  }\n  direct {}\n}\n"), 0o600))

	url, account, secret := startFake(t)
	c.client, err = rediscloud.NewClient(rediscloud.WithBaseURL(url), rediscloud.WithCredentials(account, secret), fast)
	require.NoError(t, err)
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+rc, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", envPollDelay+"=20ms",
		rediscloud.EnvBaseURL+"="+url, rediscloud.EnvAccountKey+"="+account, rediscloud.EnvSecretKey+"="+secret)
	return c
}

// startFake builds the command that serves the fake, and runs it.
func startFake(t *testing.T) (url, account, secret string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "rediscloudtest")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/rediscloudtest")
	build.Dir = filepath.Join("..", "..", "..", "..")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	fake := exec.CommandContext(t.Context(), program, "-addr", "127.0.0.1:0", "-processing", "300ms", "-provisioning", "300ms", "-unknown", "50ms", "-rate-limit", "0",
		"-calm") // the waits of the library take the first "active" that they see
	stdout, err := fake.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, fake.Start())
	t.Cleanup(func() {
		_ = fake.Process.Kill()
		_ = fake.Wait()
	})
	found := map[string]string{}
	for lines := bufio.NewScanner(stdout); len(found) < 3 && lines.Scan(); {
		if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok && strings.HasPrefix(name, "REDISCLOUD") {
			found[name] = value
		}
	}
	return found[rediscloud.EnvBaseURL], found[rediscloud.EnvAccountKey], found[rediscloud.EnvSecretKey]
}

func (c *cli) configure(text string) {
	c.t.Helper()
	const head = `terraform {
  required_providers {
    rediscloud = { source = "rediscloud-go/rediscloud" }
  }
}
`
	require.NoError(c.t, os.WriteFile(filepath.Join(c.dir, "main.tf"), []byte(head+text), 0o600))
}

// command is a run in a process group of its own, as from a shell.
func (c *cli) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	var output bytes.Buffer
	cmd := exec.CommandContext(c.t.Context(), c.program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &output, &output
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd, &output
}

func (c *cli) run(args ...string) string {
	c.t.Helper()
	begin := time.Now()
	cmd, output := c.command(args...)
	require.NoError(c.t, cmd.Run(), "%s", output)
	c.t.Logf("%s %s: %s", filepath.Base(c.program), strings.Join(args, " "), time.Since(begin).Round(10*time.Millisecond))
	return output.String()
}

func (c *cli) apply() string {
	c.t.Helper()
	return c.run("apply", "-auto-approve", "-no-color")
}

// unchanged asserts that nothing remains to be done.
func (c *cli) unchanged() {
	c.t.Helper()
	c.run("plan", "-detailed-exitcode", "-no-color")
}

// interrupt starts an apply, sends a signal to it once the fake has n tasks, and waits for its end. The provider gets the signal too
// if it is for all; where it lives on, it is killed at the end of the test.
func (c *cli) interrupt(signal syscall.Signal, all bool, n int) {
	c.t.Helper()
	cmd, output := c.command("apply", "-auto-approve", "-no-color")
	require.NoError(c.t, cmd.Start())
	for c.tasks() < n {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	target, group := cmd.Process.Pid, -cmd.Process.Pid
	c.t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	if all {
		target = group
	}
	require.NoError(c.t, syscall.Kill(target, signal))
	require.Error(c.t, cmd.Wait(), "%s", output)
}

func (c *cli) tasks() int {
	c.t.Helper()
	n := 0
	for _, err := range c.client.Tasks.All(c.t.Context()) {
		require.NoError(c.t, err)
		n++
	}
	return n
}

func (c *cli) outputs() map[string]json.RawMessage {
	c.t.Helper()
	var outputs map[string]struct{ Value json.RawMessage }
	require.NoError(c.t, json.Unmarshal([]byte(c.run("output", "-json")), &outputs))
	found := map[string]json.RawMessage{}
	for name, output := range outputs {
		found[name] = output.Value
	}
	return found
}

func (c *cli) databases(subscriptionID int) (names []string) {
	c.t.Helper()
	for db, err := range c.client.Databases.All(c.t.Context(), subscriptionID, nil) {
		require.NoError(c.t, err)
		names = append(names, db.Name)
	}
	return names
}

const oneSubscription = `
resource "rediscloud_subscription" "main" {
  name   = "main"
  region = "us-east-1"
}
output "subscription" { value = rediscloud_subscription.main.id }
`

const twoDatabases = oneSubscription + `
resource "rediscloud_database" "cache" {
  count              = 2
  subscription_id    = rediscloud_subscription.main.id
  name               = "cache-${count.index}"
  dataset_size_in_gb = %s
}
data "rediscloud_database" "cache" {
  subscription_id = rediscloud_subscription.main.id
  id              = rediscloud_database.cache[0].id
}
output "endpoint" { value = data.rediscloud_database.cache.public_endpoint }
`

// All that a user does, with a real Terraform.
func TestTerraform(t *testing.T) {
	c := newCLI(t)
	c.configure(fmt.Sprintf(twoDatabases, "1"))
	assert.Contains(t, c.run("plan", "-no-color"), "3 to add")
	c.apply()
	c.unchanged()
	outputs := c.outputs()
	var sub int
	require.NoError(t, json.Unmarshal(outputs["subscription"], &sub))
	assert.Contains(t, string(outputs["endpoint"]), "redis-")
	assert.ElementsMatch(t, []string{"cache-0", "cache-1"}, c.databases(sub))

	c.configure(fmt.Sprintf(twoDatabases, "2"))
	assert.Contains(t, c.apply(), "2 changed")

	// Forgotten, and imported.
	ids := map[string]int{}
	for db, err := range c.client.Databases.All(t.Context(), sub, nil) {
		require.NoError(t, err)
		ids[db.Name] = db.ID
	}
	c.run("state", "rm", "rediscloud_database.cache[1]")
	c.run("import", "-no-color", "rediscloud_database.cache[1]", fmt.Sprintf("%d/%d", sub, ids["cache-1"]))
	c.unchanged()

	// Removed by somebody else, and created again.
	task, err := c.client.Databases.Delete(t.Context(), sub, ids["cache-0"])
	require.NoError(t, err)
	_, err = task.WaitProvisioned(t.Context())
	require.NoError(t, err)
	assert.Contains(t, c.apply(), "1 added, 0 changed, 0 destroyed")

	assert.Contains(t, c.run("destroy", "-auto-approve", "-no-color"), "3 destroyed")
	_, err = c.client.Subscriptions.Get(t.Context(), sub)
	assert.ErrorIs(t, err, rediscloud.ErrNotFound)
}

// Terraform is killed while a database is created, with the provider or without: the next apply takes it up.
func TestTerraformKilled(t *testing.T) {
	for name, all := range map[string]bool{"with the provider": true, "alone": false} {
		t.Run(name, func(t *testing.T) {
			c := newCLI(t)
			sub, database := c.withSubscription()
			c.configure(database)
			begun := c.tasks()
			c.interrupt(syscall.SIGKILL, all, begun+1)
			require.NotContains(t, c.run("state", "list"), "rediscloud_database", "Terraform knows nothing of it")
			assert.Contains(t, c.apply(), "1 added")
			c.unchanged()
			assert.Equal(t, []string{"cache"}, c.databases(sub))
			assert.Equal(t, begun+1, c.tasks(), "nothing was submitted twice")
		})
	}
}

// Ctrl-C while a database is created: it is in the state, and isn't replaced.
func TestTerraformInterrupted(t *testing.T) {
	c := newCLI(t)
	sub, database := c.withSubscription()
	c.configure(database)
	begun := c.tasks()
	c.interrupt(syscall.SIGINT, false, begun+1)
	require.Contains(t, c.run("state", "list"), "rediscloud_database.cache")
	assert.Contains(t, c.apply(), "0 added, 0 changed, 0 destroyed")
	c.unchanged()
	assert.Equal(t, []string{"cache"}, c.databases(sub))
	assert.Equal(t, begun+1, c.tasks(), "nothing was submitted twice")
	assert.Contains(t, c.run("destroy", "-auto-approve", "-no-color"), "2 destroyed")
}

// The time of a create is over: the database is tainted, and kept if the user says so.
func TestTerraformTimeout(t *testing.T) {
	c := newCLI(t)
	sub, database := c.withSubscription()
	c.configure(strings.Replace(database, "= 1\n", "= 1\n  timeouts = { create = \"500ms\" }\n", 1))
	begun := c.tasks()
	cmd, output := c.command("apply", "-auto-approve", "-no-color")
	require.Error(t, cmd.Run())
	assert.Contains(t, output.String(), "untaint")
	c.run("untaint", "rediscloud_database.cache")
	_, err := c.client.Databases.WaitAllProvisioned(t.Context(), sub)
	require.NoError(t, err)
	assert.Contains(t, c.apply(), "0 added, 0 changed, 0 destroyed")
	c.unchanged()
	assert.Equal(t, []string{"cache"}, c.databases(sub))
	assert.Equal(t, begun+1, c.tasks())
}

// withSubscription applies a subscription, and returns the configuration that adds a database to it.
func (c *cli) withSubscription() (id int, config string) {
	c.t.Helper()
	c.configure(oneSubscription)
	c.apply()
	require.NoError(c.t, json.Unmarshal(c.outputs()["subscription"], &id))
	return id, oneSubscription + `
resource "rediscloud_database" "cache" {
  subscription_id    = rediscloud_subscription.main.id
  name               = "cache"
  dataset_size_in_gb = 1
}
`
}
