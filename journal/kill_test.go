package journal_test

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// With these variables TestJournalProcess is the program that creates a
// database in the subscription with that id, with a journal in that directory.
const (
	envSubscription = "REDISCLOUD_TEST_JOURNAL_SUBSCRIPTION"
	envDirectory    = "REDISCLOUD_TEST_JOURNAL_DIRECTORY"
)

func runProgram(ctx context.Context, directory string, sub int) (*rediscloud.Database, error) {
	store, err := journal.Dir(directory)
	if err != nil {
		return nil, err
	}
	client, err := rediscloud.NewClient(rediscloud.WithWaitOptions(rediscloud.WithPollDelay(50*time.Millisecond, 100*time.Millisecond)))
	if err != nil {
		return nil, err
	}
	return journal.Run(ctx, store, "create-cache", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
		return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "cache"})
	})
}

// TestJournalProcess is not a test itself: TestKilledProcess runs it as another
// process.
func TestJournalProcess(t *testing.T) {
	sub, err := strconv.Atoi(os.Getenv(envSubscription))
	if err != nil {
		t.Skip("it is run by TestKilledProcess")
	}
	_, err = runProgram(t.Context(), os.Getenv(envDirectory), sub)
	require.NoError(t, err)
}

var measures = flag.Bool("measures", false, "also test what takes long: a lost write is looked for during 15 s of real time")

const onItsWay = "while the response is on its way"

// A process that is killed outright, while the response is on its way or while
// it waits, over real HTTP: run again, it ends with one database. In virtual
// time, the other tests kill it at every moment.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]func(req *http.Request, entry string) bool{
		onItsWay: func(req *http.Request, _ string) bool { return req.Method == http.MethodPost },
		"while it waits": func(req *http.Request, entry string) bool {
			return req.Method == http.MethodGet && strings.HasPrefix(entry, "rediscloud-task-")
		},
	} {
		if name == onItsWay && !*measures {
			t.Run(name, func(t *testing.T) { t.Skip("it takes 15 s: use -measures") })
			continue
		}
		fake := rediscloudtest.New(rediscloudtest.WithProcessing(500*time.Millisecond), rediscloudtest.WithProvisioning(100*time.Millisecond))
		directory, reached, killed := t.TempDir(), make(chan struct{}, 100), new(atomic.Bool)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			entry, _ := os.ReadFile(directory + "/create-cache")
			if !killed.Load() && when(req, string(entry)) {
				fake.ServeHTTP(httptest.NewRecorder(), req)
				reached <- struct{}{}
				<-req.Context().Done() // the response never comes
				return
			}
			fake.ServeHTTP(w, req)
		}))
		sub := fake.AddSubscription("s")
		env := map[string]string{
			envSubscription: strconv.Itoa(sub), envDirectory: directory, rediscloud.EnvBaseURL: server.URL + "/v1",
			rediscloud.EnvAccountKey: fake.AccountKey(), rediscloud.EnvSecretKey: fake.SecretKey(),
		}
		program, err := os.Executable()
		require.NoError(t, err)
		command := func() *exec.Cmd {
			cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestJournalProcess$", "-test.count=1", "-test.timeout=1m")
			for name, value := range env {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			return cmd
		}
		first := command()
		require.NoError(t, first.Start())
		<-reached
		require.NoError(t, first.Process.Kill())
		require.Error(t, first.Wait())
		server.CloseClientConnections()
		killed.Store(true)
		second := command()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer server.Close()
			out, err := second.CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Len(t, fake.Databases(sub), 1)
			posts := 0
			for _, req := range fake.Requests() {
				if req.Method == http.MethodPost {
					posts++
				}
			}
			assert.Equal(t, 1, posts)
		})
	}
}
