package rediscloud_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// envWaiter turns TestWaitingProcess into the program that creates a database
// in the subscription with that id.
const envWaiter = "REDISCLOUD_TEST_WAITER"

// TestWaitingProcess isn't a test: TestKilledWhileWaiting runs it as another
// process.
func TestWaitingProcess(t *testing.T) {
	sub, err := strconv.Atoi(os.Getenv(envWaiter))
	if err != nil {
		t.Skip("it is run by TestKilledWhileWaiting")
	}
	client, err := rediscloud.NewClient(rediscloud.WithWaitOptions(rediscloud.WithPollDelay(50*time.Millisecond, 100*time.Millisecond)))
	require.NoError(t, err)
	task, err := client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: "orphan"})
	require.NoError(t, err)
	fmt.Println("token:", task.Token())
	_, err = task.WaitProvisioned(t.Context())
	require.NoError(t, err)
	fmt.Println("done")
}

// A program that is killed while it waits loses nothing: with the token,
// another one gets the database, and no second one is created. Over real HTTP,
// in real time.
func TestKilledWhileWaiting(t *testing.T) {
	t.Parallel() // it mostly waits
	fake := rediscloudtest.New(rediscloudtest.WithProcessing(1500*time.Millisecond), rediscloudtest.WithProvisioning(100*time.Millisecond))
	server := httptest.NewServer(fake)
	defer server.Close()
	sub := fake.AddSubscription("s")
	env := map[string]string{
		envWaiter:                strconv.Itoa(sub),
		rediscloud.EnvBaseURL:    server.URL + "/v1",
		rediscloud.EnvAccountKey: fake.AccountKey(),
		rediscloud.EnvSecretKey:  fake.SecretKey(),
	}

	program, err := os.Executable()
	require.NoError(t, err)
	waiter := exec.CommandContext(t.Context(), program, "-test.run=^TestWaitingProcess$", "-test.count=1", "-test.timeout=1m")
	waiter.Env = os.Environ()
	for name, value := range env {
		waiter.Env = append(waiter.Env, name+"="+value)
	}
	waiter.Stderr = os.Stderr
	output, err := waiter.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, waiter.Start())
	killed := false
	defer func() {
		if !killed {
			_ = waiter.Process.Kill()
			_ = waiter.Wait()
		}
	}()

	token, said := "", []string(nil)
	for lines := bufio.NewScanner(output); token == "" && lines.Scan(); {
		said = append(said, lines.Text())
		token, _ = strings.CutPrefix(lines.Text(), "token: ")
		if token == lines.Text() {
			token = ""
		}
	}
	require.NotEmpty(t, token, "the program said: %q", said)
	polled := func() bool {
		return slices.ContainsFunc(fake.Requests(), func(req rediscloudtest.Request) bool {
			return req.Route == "GET /tasks/{taskId}" && req.Status == 200
		})
	}
	for !polled() {
		time.Sleep(10 * time.Millisecond)
	}
	require.Equal(t, "processing-in-progress", fake.Tasks()[0].Status)
	require.NoError(t, waiter.Process.Kill())
	killed = true
	err = waiter.Wait()
	require.Error(t, err)
	t.Logf("the waiting process: %v", err)
	require.NotEqual(t, "processing-completed", fake.Tasks()[0].Status)

	client, err := rediscloud.NewClient(rediscloud.WithBaseURL(server.URL+"/v1"), rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()))
	require.NoError(t, err)
	resumed, err := rediscloud.ResumeTask[rediscloud.Database](client, token)
	require.NoError(t, err)
	assert.Equal(t, fake.Tasks()[0].ID, resumed.ID())
	db, err := resumed.WaitProvisioned(t.Context(), rediscloud.WithPollDelay(50*time.Millisecond, 100*time.Millisecond))
	require.NoError(t, err)
	assert.Equal(t, "orphan", db.Name)
	assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)

	assert.Equal(t, []int{db.ID}, fake.Databases(sub))
	assert.Len(t, fake.Tasks(), 1)
	posts := 0
	for _, req := range fake.Requests() {
		if req.Method == http.MethodPost {
			posts++
		}
	}
	assert.Equal(t, 1, posts)
}
