//go:build unix

package provider

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const pluginName = "terraform-provider-rediscloud"

// TestMain makes the test binary the provider if it is run under the provider's
// name: Terraform runs it through a link of that name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != pluginName {
		os.Exit(m.Run())
	}
	if err := providerserver.Serve(context.Background(), New("test"), providerserver.ServeOpts{Address: Address}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// cli is a directory with a configuration, a real terraform or tofu, and a fake.
type cli struct {
	t       *testing.T
	program string
	dir     string
	env     []string
	fake    *rediscloudtest.Server
}

// withEach runs a test with terraform and with tofu, if they are installed.
func withEach(t *testing.T, test func(*cli)) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: short tests run no Terraform")
	}
	found := false
	for _, name := range []string{"terraform", "tofu"} {
		program, err := exec.LookPath(name)
		if err != nil {
			t.Logf("without %s: it is not on the PATH", name)
			continue
		}
		found = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newCLI(t, program))
		})
	}
	if !found {
		t.Skip("SKIPPED: neither terraform nor tofu is on the PATH; the other tests drive the provider over its protocol")
	}
}

func newCLI(t *testing.T, program string) *cli {
	t.Helper()
	fake := rediscloudtest.New(rediscloudtest.WithProcessing(300*time.Millisecond), rediscloudtest.WithProvisioning(300*time.Millisecond),
		rediscloudtest.WithUnknownFor(50*time.Millisecond), rediscloudtest.WithRateLimit(0), rediscloudtest.WithLateRemoval(500*time.Millisecond))
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	c := &cli{t: t, program: program, dir: t.TempDir(), fake: fake}
	plugins := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(plugins, pluginName)))
	rc := filepath.Join(plugins, "cli.tfrc")
	overrides := fmt.Sprintf("    %q = %q\n    %q = %q\n", Address, plugins, strings.Replace(Address, "terraform.io", "opentofu.org", 1), plugins)
	require.NoError(t, os.WriteFile(rc, []byte("provider_installation {\n  dev_overrides {\n"+overrides+"  }\n  direct {}\n}\n"), 0o600))
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+rc, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", envPollDelay+"=20ms",
		rediscloud.EnvBaseURL+"="+server.URL+"/v1", rediscloud.EnvAccountKey+"="+fake.AccountKey(), rediscloud.EnvSecretKey+"="+fake.SecretKey())
	return c
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

// command is a run in its own process group, as from a shell.
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

// unchanged asserts that a second plan is empty, and that nothing is left in the journal then.
func (c *cli) unchanged() {
	c.t.Helper()
	c.run("plan", "-detailed-exitcode", "-no-color")
	assert.Empty(c.t, c.entries())
}

// entries returns the entries of the journal.
func (c *cli) entries() (texts []string) {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.dir, ".terraform", "rediscloud-tasks", "*"))
	require.NoError(c.t, err)
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil { // it may be gone by now
			texts = append(texts, string(text))
		}
	}
	return texts
}

// taskKnown reports whether the response to a create has arrived.
func (c *cli) taskKnown() bool {
	entries := c.entries()
	return len(entries) == 1 && !strings.HasPrefix(entries[0], "rediscloud-intent-")
}

// taskMade reports whether a create has arrived at Redis Cloud.
func (c *cli) taskMade() bool { return len(c.fake.Tasks()) > 0 }

// interrupt starts an apply, sends it a signal when the time has come, and
// waits for its end. The provider gets the signal too if it is for all;
// otherwise the provider is killed at the end of the test.
func (c *cli) interrupt(signal syscall.Signal, all bool, when func() bool) {
	c.t.Helper()
	cmd, output := c.command("apply", "-auto-approve", "-no-color")
	require.NoError(c.t, cmd.Start())
	target, group := cmd.Process.Pid, -cmd.Process.Pid
	c.t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	require.Eventually(c.t, when, time.Minute, 10*time.Millisecond, "%s", output)
	if all {
		target = group
	}
	require.NoError(c.t, syscall.Kill(target, signal))
	require.Error(c.t, cmd.Wait(), "%s", output)
}

// everything is a configuration with each type of resource. %s is the size of the databases.
const everything = `
resource "rediscloud_subscription" "main" {
  name   = "main"
  region = "us-east-1"
}
resource "rediscloud_database" "cache" {
  count              = 2
  subscription_id    = rediscloud_subscription.main.id
  name               = "cache-${count.index}"
  dataset_size_in_gb = %[1]s
}
resource "rediscloud_vpc_peering" "shop" {
  subscription_id = rediscloud_subscription.main.id
  region          = "us-east-1"
  aws_account_id  = "123456789012"
  vpc_id          = "vpc-1"
  vpc_cidrs       = ["10.1.0.0/24"]
}
resource "rediscloud_active_active_subscription" "world" {
  name    = "world"
  regions = { "us-east-1" = "10.2.0.0/24", "eu-west-1" = "10.3.0.0/24" }
}
resource "rediscloud_active_active_database" "world" {
  subscription_id            = rediscloud_active_active_subscription.world.id
  name                       = "world"
  dataset_size_in_gb         = %[1]s
  global_data_persistence    = "aof-every-1-second"
  global_alerts              = { "dataset-size" = 80 }
  read_operations_per_second = { "us-east-1" = 2000, "eu-west-1" = 1000 }
}
resource "rediscloud_essentials_database" "small" {
  subscription_id = %[2]d
  name            = "small"
}
resource "rediscloud_acl_rule" "reads" {
  name = "reads"
  rule = "+@read ~cache:*"
}
resource "rediscloud_acl_role" "reader" {
  name = "reader"
  rules = [
    { rule = rediscloud_acl_rule.reads.name, databases = [for db in rediscloud_database.cache : { subscription_id = db.subscription_id, id = db.id }] },
    { rule = "Full-Access", databases = [{ subscription_id = rediscloud_active_active_subscription.world.id, id = rediscloud_active_active_database.world.id, regions = ["eu-west-1"] }] },
  ]
}
resource "rediscloud_acl_user" "ada" {
  name     = "ada"
  role     = rediscloud_acl_role.reader.name
  password = "Geheim-geheim-1"
}
data "rediscloud_database" "cache" {
  subscription_id = rediscloud_subscription.main.id
  id              = rediscloud_database.cache[0].id
}
output "endpoint" { value = data.rediscloud_database.cache.public_endpoint }
output "imports" {
  value = <<EOT
import {
  to = rediscloud_subscription.main
  id = "${rediscloud_subscription.main.id}"
}
import {
  to = rediscloud_database.cache[0]
  id = "${rediscloud_subscription.main.id}/${rediscloud_database.cache[0].id}"
}
import {
  to = rediscloud_database.cache[1]
  id = "${rediscloud_subscription.main.id}/${rediscloud_database.cache[1].id}"
}
import {
  to = rediscloud_vpc_peering.shop
  id = "${rediscloud_subscription.main.id}/${rediscloud_vpc_peering.shop.id}"
}
import {
  to = rediscloud_active_active_subscription.world
  id = "${rediscloud_active_active_subscription.world.id}"
}
import {
  to = rediscloud_active_active_database.world
  id = "${rediscloud_active_active_subscription.world.id}/${rediscloud_active_active_database.world.id}"
}
import {
  to = rediscloud_essentials_database.small
  id = "%[2]d/${rediscloud_essentials_database.small.id}"
}
import {
  to = rediscloud_acl_rule.reads
  id = "${rediscloud_acl_rule.reads.id}"
}
import {
  to = rediscloud_acl_role.reader
  id = "${rediscloud_acl_role.reader.id}"
}
import {
  to = rediscloud_acl_user.ada
  id = "${rediscloud_acl_user.ada.id}"
}
EOT
}
`

// Everything a user does, with a real Terraform and each type of resource.
func TestTerraform(t *testing.T) {
	t.Parallel()
	withEach(t, func(c *cli) {
		t := c.t
		essentials := c.fake.AddEssentialsSubscription("e", rediscloudtest.PlanStandard)
		c.configure(fmt.Sprintf(everything, "1", essentials))
		output := c.apply()
		assert.Contains(t, output, "10 added")
		assert.Contains(t, output, "accept the peering")
		assert.Contains(t, output, "redis-", "the endpoint")
		require.True(t, slices.ContainsFunc(c.fake.Subscriptions(), func(sub int) bool { return c.fake.AcceptPeering(sub, 1) }))
		c.unchanged()

		c.configure(fmt.Sprintf(everything, "2", essentials))
		assert.Contains(t, c.apply(), "0 added, 3 changed, 0 destroyed")
		c.unchanged()

		// Forgotten, and imported. The password of the user can't be read, and
		// is set again.
		imports := c.run("output", "-raw", "imports")
		require.NoError(t, os.Remove(filepath.Join(c.dir, "terraform.tfstate")))
		c.configure(fmt.Sprintf(everything, "2", essentials) + imports)
		assert.Contains(t, c.apply(), "10 imported, 0 added, 1 changed, 0 destroyed")
		c.unchanged()

		assert.Contains(t, c.run("destroy", "-auto-approve", "-no-color"), "10 destroyed")
		assert.Equal(t, []int{essentials}, c.fake.Subscriptions())
		assert.Empty(t, c.entries())
	})
}

const oneSubscription = `
resource "rediscloud_subscription" "main" {
  name   = "main"
  region = "us-east-1"
}
`

// Terraform is killed while a subscription is created, with or without the
// provider: the next apply continues.
func TestTerraformKilled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		all  bool
		when func(*cli) bool
	}{
		"with the provider, while the answer is on its way": {true, (*cli).taskMade},
		"alone, while the answer is on its way":             {false, (*cli).taskMade},
		"with the provider, while it is processed":          {true, (*cli).taskKnown},
		"alone, while it is processed":                      {false, (*cli).taskKnown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withEach(t, func(c *cli) {
				t := c.t
				if strings.Contains(name, "answer") {
					c.fake.DelayNext(1, "POST /subscriptions", 2*time.Second)
				}
				c.configure(oneSubscription)
				c.interrupt(syscall.SIGKILL, test.all, func() bool { return test.when(c) })
				state, _ := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
				require.NotContains(t, string(state), "rediscloud_subscription", "Terraform knows nothing of it")
				assert.Contains(t, c.apply(), "1 added")
				c.unchanged()
				assert.Len(t, c.fake.Subscriptions(), 1)
			})
		})
	}
}

func cacheConfig(subscriptionID int, more string) string {
	return fmt.Sprintf(`
resource "rediscloud_database" "cache" {
  subscription_id    = %d
  name               = "cache"
  dataset_size_in_gb = 1
  %s
}
`, subscriptionID, more)
}

// Ctrl-C while a database is created: it is in the state, and isn't replaced.
func TestTerraformInterrupted(t *testing.T) {
	t.Parallel()
	withEach(t, func(c *cli) {
		t := c.t
		sub := c.fake.AddSubscription("s")
		c.configure(cacheConfig(sub, ""))
		c.interrupt(syscall.SIGINT, false, c.taskKnown)
		require.Contains(t, c.run("state", "list"), "rediscloud_database.cache")
		assert.Contains(t, c.apply(), "0 added, 0 changed, 0 destroyed")
		c.unchanged()
		assert.Len(t, c.fake.Databases(sub), 1)
		assert.Len(t, c.fake.Tasks(), 1, "nothing was submitted twice")
		assert.Contains(t, c.run("destroy", "-auto-approve", "-no-color"), "1 destroyed")
	})
}

// A create times out: the database is tainted, and kept if the user says so.
func TestTerraformTimeout(t *testing.T) {
	t.Parallel()
	withEach(t, func(c *cli) {
		t := c.t
		sub := c.fake.AddSubscription("s")
		c.configure(cacheConfig(sub, `timeouts = { create = "400ms" }`))
		cmd, output := c.command("apply", "-auto-approve", "-no-color")
		require.Error(t, cmd.Run())
		assert.Regexp(t, `(?s)terraform\s+untaint`, strings.NewReplacer("│", "").Replace(output.String()))
		c.run("untaint", "rediscloud_database.cache")
		c.configure(cacheConfig(sub, ""))
		assert.Contains(t, c.apply(), "0 added, 1 changed, 0 destroyed", "the time alone")
		c.unchanged()
		assert.Len(t, c.fake.Databases(sub), 1)
		assert.Len(t, c.fake.Tasks(), 1)
	})
}
