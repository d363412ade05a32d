package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/examples/internal/command"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// do runs the program as from a shell.
func do(ctx context.Context, in string, args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	err := run(ctx, args, command.Streams{In: strings.NewReader(in), Out: &out, Err: &errs})
	code = command.Exit("free", err, &errs)
	return code, out.String(), errs.String()
}

func withoutKeys(t *testing.T) {
	t.Setenv(rediscloud.EnvAccountKey, "")
	t.Setenv(rediscloud.EnvSecretKey, "")
}

// serve lets the program reach a fake through the environment. Only what
// doesn't wait is tested like this: it takes real time.
func serve(t *testing.T, fake *rediscloudtest.Server) {
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	t.Setenv(rediscloud.EnvAccountKey, fake.AccountKey())
	t.Setenv(rediscloud.EnvSecretKey, fake.SecretKey())
	t.Setenv(rediscloud.EnvBaseURL, server.URL+"/v1")
}

func TestWrongUse(t *testing.T) {
	withoutKeys(t)
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"-h", 0, "usage: go run ./examples/free [flags]"},
		{"-nonsense", 2, "flag provided but not defined: -nonsense"},
		{"stray", 2, `unexpected argument "stray"`},
		{"-database=", 2, "can't be empty"},
		{"-print -env x", 2, "-print can't be combined with"},
		{"-print -remove", 2, "-print can't be combined with"},
		{"-remove", 2, "-remove needs the keys"},
	} {
		code, out, stderr := do(t.Context(), "", strings.Fields(test.args)...)
		assert.Equal(t, test.code, code, test.args)
		assert.Empty(t, out, test.args)
		first, rest, _ := strings.Cut(stderr, "\n")
		assert.Contains(t, first, test.want, test.args)
		assert.Contains(t, rest, "  -remove\n", test.args)
	}
}

const password = `p w&$;'"\ä%+` // as a person may have set it

// seeded returns a fake that already has the free database, with its password.
func seeded(t *testing.T) *rediscloudtest.Server {
	fake := rediscloudtest.New()
	seed(t, fake, `{"name": "free", "planId": 98001, "databases": [{"name": "free", "password": "p w&$;'\"\\ä%+"}]}`)
	return fake
}

func seed(t *testing.T, fake *rediscloudtest.Server, subscription string) {
	require.NoError(t, fake.Seed(strings.NewReader(`{"/fixed/subscriptions": [`+subscription+`]}`)))
}

const address = `redis://default:p%20w%26%24%3B%27%22%5C%C3%A4%25%2B@redis-10001.c120001.us-east-1-1.rediscloud.test:10001`

// The password goes into the file, and nowhere else unless requested.
func TestWhereThePasswordGoes(t *testing.T) {
	serve(t, seeded(t))
	file := filepath.Join(t.TempDir(), "a b's.env")
	code, out, stderr := do(t.Context(), "", "-env", file)
	require.Zero(t, code, stderr)
	assert.Empty(t, out)
	assert.Contains(t, stderr, `database "free" (51000001) is active at redis-10001.c120001.us-east-1-1.rediscloud.test:10001`)
	assert.NotContains(t, stderr, "p%20w")
	assert.NotContains(t, stderr, password)
	assert.Equal(t, "REDIS_URL="+address+"\n", read(t, file))
	if shell, err := exec.LookPath("sh"); err == nil {
		_, command, _ := strings.Cut(stderr, "\n\n")
		taken, err := exec.CommandContext(t.Context(), shell, "-euc", command+`printf %s "$REDIS_URL"`).Output()
		require.NoError(t, err)
		assert.Equal(t, address, string(taken))
	}
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	understood, _ := parsed.User.Password()
	assert.Equal(t, password, understood)

	code, out, stderr = do(t.Context(), "", "-print")
	require.Zero(t, code)
	assert.Equal(t, "export REDIS_URL="+address+"\n", out)
	assert.NotContains(t, stderr, "p%20w")
}

func read(t *testing.T, file string) string {
	info, err := os.Lstat(file)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, os.FileMode(0o600), info.Mode())
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// Against the fake, which has no Redis, no file is written that may be in use.
func TestAgainstFake(t *testing.T) {
	withoutKeys(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("redis.env", []byte("REDIS_URL=mine\n"), 0o600))
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		code, out, stderr := do(t.Context(), "")
		assert.Zero(t, code)
		assert.Empty(t, out)
		assert.Contains(t, stderr, "creating a subscription, task ")
		assert.Contains(t, stderr, "creating a database, task ")
		assert.Contains(t, stderr, "database active\n")
		assert.Contains(t, stderr, "With an account, REDIS_URL would now be in redis.env.")
		assert.Less(t, time.Since(begun), 20*time.Second)
		assert.Equal(t, "REDIS_URL=mine\n", read(t, "redis.env"))

		code, _, _ = do(t.Context(), "", "-env", "other.env")
		assert.Zero(t, code)
		assert.Contains(t, read(t, "other.env"), "REDIS_URL=redis://default:")
	})
}

func newDemo(t *testing.T, fake *rediscloudtest.Server) (*demo, *strings.Builder) {
	client, err := rediscloud.NewClient(rediscloud.WithBaseURL(fake.URL()), rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()), rediscloud.WithHTTPClient(fake.Client()))
	require.NoError(t, err)
	var out strings.Builder
	s := settings{subscription: "free", database: "free", file: filepath.Join(t.TempDir(), "redis.env")}
	return &demo{settings: s, client: client, progress: command.NewProgress(&out)}, &out
}

func created(fake *rediscloudtest.Server) (n int) {
	for _, task := range fake.Tasks() {
		if strings.Contains(task.CommandType, "CreateRequest") && task.Status == "processing-completed" {
			n++
		}
	}
	return n
}

// Wherever it is interrupted, the next run ends with one subscription and one
// database. The same holds for removals.
func TestInterruptedAnywhere(t *testing.T) {
	for after := 100 * time.Millisecond; after < 12*time.Second; after += 370 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			fake := rediscloudtest.New(rediscloudtest.WithRoundTrip(200*time.Millisecond), rediscloudtest.WithLateRemoval(2*time.Second))
			interrupted := func(f func(context.Context, *demo) error) {
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				d, _ := newDemo(t, fake)
				begun := time.Now()
				if err := f(ctx, d); err != nil {
					require.ErrorIs(t, err, context.DeadlineExceeded)
					assert.Equal(t, after, time.Since(begun), "it ends at once")
				}
			}
			ensure := func(ctx context.Context, d *demo) error {
				_, err := d.ensure(ctx)
				return err
			}
			interrupted(ensure)
			d, _ := newDemo(t, fake)
			db, err := d.ensure(t.Context())
			require.NoError(t, err, after)
			assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
			assert.Len(t, db.Security.Password, 32)
			assert.Equal(t, 2, created(fake))

			interrupted(func(ctx context.Context, d *demo) error { return d.takeAway(ctx) })
			require.NoError(t, d.takeAway(t.Context()), after)
			assert.Empty(t, fake.Subscriptions())
			require.NoError(t, d.takeAway(t.Context()))
		})
	}
}

// Two runs at the same time create one database.
func TestTwoRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		ids := make(chan int, 2)
		for range 2 {
			d, out := newDemo(t, fake)
			go func() {
				db, err := d.ensure(t.Context())
				if assert.NoError(t, err, out) {
					ids <- db.ID
				} else {
					ids <- 0
				}
			}()
		}
		first := <-ids
		assert.Equal(t, first, <-ids)
		assert.Equal(t, 2, created(fake))
	})
}

// What isn't free, or wasn't created by this program, is left alone, and the
// message says what to do.
func TestLeavesAlone(t *testing.T) {
	for name, test := range map[string]struct {
		there, want, region string
	}{
		"a subscription that costs money":  {`{"name": "free", "planId": 98276, "databases": [{"name": "free"}]}`, `has the plan "Single-Zone_1GB", which isn't free`, ""},
		"a free subscription of this name": {`{"name": "free", "planId": 98001, "databases": [{"name": "mine"}]}`, `already has the database "mine": use that with -database "mine"`, ""},
		"another free subscription":        {`{"name": "mine", "planId": 98001}`, `already has a free subscription, "mine": use that with -subscription "mine"`, ""},
		"no plan in the region":            {`{"name": "mine", "planId": 98276}`, `no free plan in the region "mars"; the regions with one are ["us-east-1"]`, "mars"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rediscloudtest.New()
			seed(t, fake, test.there)
			d, out := newDemo(t, fake)
			d.region = test.region
			_, err := d.ensure(t.Context())
			require.ErrorContains(t, err, test.want)
			if err := d.takeAway(t.Context()); err != nil {
				require.ErrorContains(t, err, test.want)
			} else {
				assert.Regexp(t, `there is no subscription "free"|stays, since it has the database "mine"`, out.String())
			}
			assert.Empty(t, fake.Tasks())
		})
	}
}

func TestRemovalAsks(t *testing.T) {
	fake := seeded(t)
	serve(t, fake)
	for _, answer := range []string{"", "n\n"} {
		code, _, stderr := do(t.Context(), answer, "-remove")
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, `This removes the database "free" of the subscription "free", with everything in it. Continue? [y/N] `)
	}
	assert.Empty(t, fake.Tasks())
}

func TestRemovalClearsTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for before, after := range map[string]string{
			"REDIS_URL=" + address + "\n":                  "gone",
			"A=1\nexport REDIS_URL='" + address + "'\nB=2": "A=1\nB=2\n",
			"REDIS_URL=redis://localhost:6379\n":           "REDIS_URL=redis://localhost:6379\n",
			"":                                             "",
		} {
			fake := seeded(t)
			d, out := newDemo(t, fake)
			require.NoError(t, os.WriteFile(d.file, []byte(before), 0o600))
			require.NoError(t, d.takeAway(t.Context()))
			assert.Empty(t, fake.Subscriptions())
			assert.NotContains(t, out.String(), "p%20w")
			if after == "gone" {
				assert.NoFileExists(t, d.file)
				continue
			}
			assert.Equal(t, after, read(t, d.file))
		}
	})
}

func TestSetVariable(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, setVariable(file, "a"))
	assert.Equal(t, "REDIS_URL=a\n", read(t, file))
	require.NoError(t, os.WriteFile(file, []byte("# mine\nX=1\n\n export  REDIS_URL=old\nREDIS_URL_2=y\nMY_REDIS_URL=z"), 0o600))
	require.NoError(t, os.Chmod(file, 0o644)) // nobody else can read it any more
	require.NoError(t, setVariable(file, "b"))
	assert.Equal(t, "# mine\nX=1\n\nREDIS_URL_2=y\nMY_REDIS_URL=z\nREDIS_URL=b\n", read(t, file))
	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, entries, 1)

	// A password isn't written through a link, or into what isn't a regular
	// file.
	target := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.WriteFile(target, []byte("X=1\n"), 0o600))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(target, link))
	require.ErrorContains(t, setVariable(link, "b"), "not a regular file")
	require.ErrorContains(t, setVariable(t.TempDir(), "b"), "not a regular file")
	require.Error(t, setVariable(filepath.Join(t.TempDir(), "none", "x"), "b"))
	assert.Equal(t, "X=1\n", read(t, target))
}

// What a shell or a client would misinterpret isn't written.
func TestConnection(t *testing.T) {
	for endpoint, ok := range map[string]bool{"redis-1.example.com:6379": true, "": false, "host": false, "host:": false, "$(reboot):1": false, "a b:1": false, "h:1\nX=2": false, "u@h:1": false} {
		_, err := connection(&rediscloud.EssentialsDatabase{PublicEndpoint: endpoint, Security: rediscloud.EssentialsDatabaseSecurity{Password: "x"}})
		assert.Equal(t, ok, err == nil, endpoint)
	}
	_, err := connection(&rediscloud.EssentialsDatabase{ID: 5, PublicEndpoint: "h:1"})
	require.ErrorContains(t, err, "no password for database 5")
	text, err := connection(&rediscloud.EssentialsDatabase{PublicEndpoint: "h:1", Security: rediscloud.EssentialsDatabaseSecurity{Password: "x", EnableTLS: true}})
	require.NoError(t, err)
	assert.Equal(t, "rediss://default:x@h:1", text)
}

func TestSourced(t *testing.T) {
	assert.Equal(t, "'./redis.env'", sourced("redis.env"))
	assert.Equal(t, `'/a b/it'\''s.env'`, sourced("/a b/it's.env"))
}

func TestInterruptSaysHowToGoOn(t *testing.T) {
	serve(t, rediscloudtest.New())
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, stderr := do(ended, "")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "\nrun it again: it continues with what exists\n")
}

func TestRefusedKeys(t *testing.T) {
	fake := rediscloudtest.New()
	serve(t, fake)
	t.Setenv(rediscloud.EnvSecretKey, "wrong")
	code, out, stderr := do(t.Context(), "")
	assert.Equal(t, 1, code)
	assert.Empty(t, out)
	assert.Equal(t, 1, strings.Count(stderr, "\n"))
	assert.Contains(t, stderr, http.StatusText(http.StatusUnauthorized))
}
