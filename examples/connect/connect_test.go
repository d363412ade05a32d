package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// envRedis, if set, makes tests fail that are otherwise skipped without
// redis-server.
const envRedis = "REDISCLOUD_TEST_REDIS"

func needRedis(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		const missing = "redis-server is not on the PATH (apt-get install redis-server)"
		require.Empty(t, os.Getenv(envRedis), missing)
		t.Skip("SKIPPED, NOTHING WAS TESTED: " + missing + "; with " + envRedis + "=1 this fails")
	}
}

func TestFromTheAPIToTheData(t *testing.T) {
	needRedis(t)
	t.Setenv(rediscloud.EnvAccountKey, "")
	t.Setenv(rediscloud.EnvSecretKey, "")
	for flag, how := range map[string]string{"-tls=false": "connected without TLS\n", "-tls": "connected with TLS\n"} {
		var out, problems strings.Builder
		require.Zero(t, run(t.Context(), []string{flag}, &out, &problems), problems.String())
		for _, want := range []string{
			"is not set: this runs against the fake API and a redis-server on this machine",
			"creating a database, task ", "s  task received\n", "s  database pending\n", "s  database active\n", " is active at 127.0.0.1:", how, "wrote and read \"hello\"\n", "removing it, task ", "s  database gone\n", " is removed\n",
		} {
			assert.Contains(t, out.String(), want)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	needRedis(t)
	here, err := startLocal(t.Context(), true)
	require.NoError(t, err)
	t.Cleanup(here.stop)
	create := func(password string) int {
		task, err := here.api.Databases.Create(t.Context(), here.subscription, &rediscloud.DatabaseCreateRequest{
			Name: "d-" + strings.ToLower(password[:5]), Password: new(rediscloud.Secret(password)), EnableTLS: new(true)})
		require.NoError(t, err)
		db, err := task.WaitProvisioned(t.Context())
		require.NoError(t, err)
		return db.ID
	}
	rdb, err := Connect(t.Context(), here.api, here.subscription, create(here.password))
	require.NoError(t, err)
	require.NoError(t, rdb.Set(t.Context(), "key", "value", 0).Err())
	require.NoError(t, rdb.Close())

	_, err = Connect(t.Context(), here.api, here.subscription, create("another password"))
	require.ErrorContains(t, err, "WRONGPASS")
	assert.NotContains(t, err.Error(), "another password")
}

// A server is not trusted if its certificate isn't the one that the API
// returns.
func TestStrangeCertificate(t *testing.T) {
	t.Parallel()
	needRedis(t)
	address, _, stop, err := startRedis(t.Context(), "secret", true)
	require.NoError(t, err)
	t.Cleanup(stop)
	other, err := writeCertificate(t.TempDir())
	require.NoError(t, err)
	api, sub := fakeAPI(t, rediscloudtest.WithCertificate(other),
		rediscloudtest.WithEndpointFunc(func(int) (public, private string) { return address, address }))
	_, err = Connect(t.Context(), api, sub, tlsDatabase(t, api, sub))
	require.ErrorContains(t, err, "certificate")
	require.ErrorContains(t, err, "x509")
}

func TestWhatCannotBeConnectedTo(t *testing.T) {
	t.Parallel()
	api, sub := fakeAPI(t, rediscloudtest.WithEndpointFunc(func(int) (public, private string) { return "nowhere", "nowhere" }))
	_, err := Connect(t.Context(), api, sub, 5)
	require.ErrorIs(t, err, rediscloud.ErrNotFound)
	id := tlsDatabase(t, api, sub)
	_, err = Connect(t.Context(), api, sub, id)
	require.ErrorContains(t, err, `its endpoint is "nowhere"`)

	api, sub = fakeAPI(t)
	_, err = Connect(t.Context(), api, sub, tlsDatabase(t, api, sub))
	require.ErrorContains(t, err, "can't parse its certificate")

	api, sub = fakeAPI(t, rediscloudtest.WithProvisioning(time.Hour))
	task, err := api.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: "new"})
	require.NoError(t, err)
	db, err := task.Wait(t.Context())
	require.NoError(t, err)
	_, err = Connect(t.Context(), api, sub, db.ID)
	require.ErrorContains(t, err, "it is pending")
}

func TestUsage(t *testing.T) {
	for _, help := range []string{"-h", "--help"} {
		var out, problems strings.Builder
		assert.Zero(t, run(t.Context(), []string{help}, &out, &problems))
		assert.Contains(t, out.String(), "usage: connect [flags]\n")
		assert.Contains(t, out.String(), "\n  -subscription id\n")
		assert.Empty(t, problems.String())
	}
	for _, wrong := range []struct{ keys, args, message string }{
		{"", "-fly", "flag provided but not defined: -fly"},
		{"", "-subscription=x", `invalid value "x" for flag -subscription: parse error`},
		{"", "-tls stray", `unexpected argument "stray"`},
		{"", "-subscription=5", "-subscription is for the real API: set REDISCLOUD_ACCESS_KEY and REDISCLOUD_SECRET_KEY"},
		{"k", "", "set -subscription to the one to create the database in; it costs money"},
		{"k", "-subscription=-5", "set -subscription to the one to create the database in; it costs money"},
	} {
		t.Setenv(rediscloud.EnvAccountKey, wrong.keys)
		t.Setenv(rediscloud.EnvSecretKey, wrong.keys)
		var out, problems strings.Builder
		assert.Equal(t, 2, run(t.Context(), strings.Fields(wrong.args), &out, &problems), wrong.args)
		message, usage, _ := strings.Cut(problems.String(), "\n\n")
		assert.Equal(t, "connect: "+wrong.message, message)
		assert.True(t, strings.HasPrefix(usage, "usage: connect [flags]\n"), usage)
		assert.Equal(t, 1, strings.Count(problems.String(), wrong.message))
		assert.Empty(t, out.String())
	}
}

// A long wait without a change isn't silent.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, sub := fakeAPI(t, rediscloudtest.WithProvisioning(25*time.Second))
		task, err := api.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		var out strings.Builder
		opts, stop := progress(&out)
		_, err = task.WaitProvisioned(t.Context(), opts...)
		stop()
		require.NoError(t, err)
		lines := strings.Split(out.String(), "\n")
		assert.Contains(t, lines, "    10s  database pending")
		assert.Contains(t, lines, "    20s  database pending")
		assert.Regexp(t, `  2\ds  database active\n$`, out.String())
	})
}

func fakeAPI(t *testing.T, opts ...rediscloudtest.Option) (*rediscloud.Client, int) {
	t.Helper()
	fast := []rediscloudtest.Option{rediscloudtest.WithProcessing(50 * time.Millisecond), rediscloudtest.WithProvisioning(300 * time.Millisecond)}
	fake := rediscloudtest.New(append(fast, opts...)...)
	api, err := rediscloud.NewClient(rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()), rediscloud.WithHTTPClient(fake.Client()))
	require.NoError(t, err)
	return api, fake.AddSubscription("s")
}

func tlsDatabase(t *testing.T, api *rediscloud.Client, sub int) int {
	t.Helper()
	task, err := api.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: "d", EnableTLS: new(true)})
	require.NoError(t, err)
	db, err := task.WaitProvisioned(t.Context())
	require.NoError(t, err)
	return db.ID
}
