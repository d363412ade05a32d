package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const (
	accountKey = "A4bz0ftxuhowqqjrqn3w9vgsexgcwkqyr7crm0nq9yqnx8f5pz"
	secretKey  = "S2hf0bkahktx5ulhbuqzcc7vetqhm3o0ls7ytqkbyvdaf9bk6u"
)

// A liveServer stands for the API, and keeps all bodies.
type liveServer struct {
	*httptest.Server
	fake *rediscloudtest.Server

	mu    sync.Mutex
	heard bytes.Buffer // bodies of requests and responses
}

// serve starts a server of a fast fake, whose responses may be altered.
func serve(t *testing.T, alter func(route string, document map[string]any), opts ...rediscloudtest.Option) *liveServer {
	live := &liveServer{fake: rediscloudtest.New(append([]rediscloudtest.Option{
		rediscloudtest.WithKeys(accountKey, secretKey), rediscloudtest.WithLinkHost(""), rediscloudtest.WithCalm(),
		rediscloudtest.WithProcessing(time.Millisecond), rediscloudtest.WithProvisioning(2 * time.Millisecond), rediscloudtest.WithUnknownFor(0), rediscloudtest.WithRateLimit(0),
	}, opts...)...)}
	furnish(live.fake)
	live.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		r.Body = io.NopCloser(bytes.NewReader(asked))
		answer := httptest.NewRecorder()
		live.fake.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		live.hear(asked)
		live.hear(body)
		if document, err := decode(body); err == nil && alter != nil {
			if document, ok := document.(map[string]any); ok {
				alter(r.Method+" "+ids.ReplaceAllString(r.URL.Path, "/{id}"), document)
				body, err = json.Marshal(document)
				assert.NoError(t, err)
			}
		}
		maps.Copy(w.Header(), answer.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	}))
	t.Cleanup(live.Close)
	return live
}

var ids = regexp.MustCompile(`/\d+`)

func (l *liveServer) hear(body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard.Write(body)
	l.heard.WriteByte('\n')
}

func (l *liveServer) options() []rediscloud.Option {
	return []rediscloud.Option{rediscloud.WithBaseURL(l.URL + "/v1"), rediscloud.WithCredentials(accountKey, secretKey), rediscloud.WithRateLimit(1 << 20)}
}

func (l *liveServer) client(t *testing.T) *rediscloud.Client {
	client, err := rediscloud.NewClient(append(l.options(), rediscloud.WithWaitOptions(rediscloud.WithPollDelay(time.Millisecond, 5*time.Millisecond), rediscloud.WithSettling(0)))...)
	require.NoError(t, err)
	return client
}

// everything is a run of all flows.
func everything(dir string) plan {
	return plan{live: true, free: true, spend: true, yes: true, fast: true, record: dir}
}

// recordFrom runs all flows against a server and returns the folder of the
// recordings.
func recordFrom(t *testing.T, live *liveServer) (dir string) {
	dir = filepath.Join(t.TempDir(), "recorded")
	require.True(t, t.Run("live", func(t *testing.T) { everything(dir).run(t, live.options()...) }))
	return dir
}

// A run against the API records what the fake sends, if the API is the fake:
// everything can be decoded, nothing differs, and nothing is left behind.
func TestRunAgainstAServer(t *testing.T) {
	live := serve(t, nil)
	before := live.fake.Subscriptions()
	dir := recordFrom(t, live)
	assert.Equal(t, before, live.fake.Subscriptions())
	left, err := leftovers(t.Context(), live.client(t), namePrefix)
	require.NoError(t, err)
	assert.Empty(t, left)

	all, err := load(dir)
	require.NoError(t, err)
	require.Greater(t, len(all), 60)
	assert.Empty(t, check(fakeFlows(t), all))
	assertPublic(t, dir, live)
}

// assertPublic searches recordings for anything private that was sent.
func assertPublic(t *testing.T, dir string, live *liveServer) {
	t.Helper()
	var files strings.Builder
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		files.WriteString(path + "\n" + string(text))
		return err
	}))
	written := files.String()
	require.NotEmpty(t, written)

	live.mu.Lock()
	heard := live.heard.String()
	live.mu.Unlock()
	private := map[string]bool{
		accountKey: true, secretKey: true, namePrefix: true, strings.TrimPrefix(live.URL, "http://"): true,
		"production": true, "sessions": true, "staging": true, "Ann Example": true, "company.test": true,
	}
	for _, pattern := range []string{
		`"(?:password|globalPassword|email|nameOnCard|ipAddress|userName|connectionHostName)":"([^"]+)"`,
		`"(?:public|private|publicEndpoint|privateEndpoint)":"([^":]+)`,
		`"(?:[a-zA-Z]*Id|id)":"?(\d{5,})`,
		`"taskId":"([^"]+)"`,
		`"(?:vpcId|subnetId|deploymentCIDR|ip)":"([^"]+)"`,
	} {
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(heard, -1)
		for _, match := range found {
			private[match[1]] = true
		}
	}
	require.Greater(t, len(private), 60, "the search has something to look for")
	for secret := range private {
		if secret == "10.0.0.0/24" { // values that the flows request may occur as stand-ins
			continue
		}
		if strings.Contains(written, secret) { // the search by words is slow
			assert.NotRegexp(t, `(^|[^0-9A-Za-z])`+regexp.QuoteMeta(secret)+`($|[^0-9A-Za-z])`, written)
		}
	}
}

// Differences between a server and the fake are found, and reported by name
// only.
func TestDifferencesAreFound(t *testing.T) {
	live := serve(t, func(route string, document map[string]any) {
		switch route {
		case "GET /v1/fixed/subscriptions/{id}":
			delete(document, "planName")
		case "GET /v1/subscriptions/{id}/databases/{id}":
			if security, ok := document["security"].(map[string]any); ok {
				security["sourceIps"] = "0.0.0.0/0"
			}
			if id, ok := document["databaseId"].(json.Number); ok {
				document["databaseId"] = id.String()
			}
		case "GET /v1/payment-methods":
			for _, card := range document["paymentMethods"].([]any) {
				card.(map[string]any)["holder"] = map[string]any{"phone": "+44 20 7946 0000", "note": "Carol"}
			}
		}
	})
	dir := recordFrom(t, live)
	all, err := load(dir)
	require.NoError(t, err)
	var found []string
	for _, difference := range check(fakeFlows(t), all) {
		found = append(found, difference.String())
	}
	slices.Sort(found)
	assert.Equal(t, []string{
		`GET /fixed/subscriptions/{id} 200: field "planName": never seen: the fake sends text, nothing was recorded`,
		`GET /payment-methods 200: field "paymentMethods[].holder": missing: recorded as object, the fake doesn't send it`,
		`GET /subscriptions/{id}/databases/{id} 200: field "databaseId": other type: recorded as text, the fake sends number`,
		`GET /subscriptions/{id}/databases/{id} 200: field "security.sourceIps": other type: recorded as text, the fake sends array`,
	}, found)
	assertPublic(t, dir, live)
	text, err := os.ReadFile(filepath.Join(dir, "get_payment-methods_200.json"))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "7946")
	assert.NotContains(t, string(text), "Carol")
	assert.Contains(t, string(text), `"holder"`)
}

// Reported as well: what the SDK can't read, an unknown operation, and a
// response that the fake never gives.
func TestUnreadRecordingsAreFound(t *testing.T) {
	recordings := []*recording{
		{Operation: "GET /tasks", Status: 200, Documents: []any{map[string]any{"tasks": []any{map[string]any{"taskId": "a", "status": map[string]any{}}}}}},
		{Operation: "GET /brand-new", Status: 200, Documents: []any{map[string]any{}}},
		{Operation: "GET /tasks/{id} someOtherRequest", Status: 200},
		{Operation: "GET /regions", Status: 503},
	}
	var found []string
	for _, difference := range check(&recorder{}, recordings) {
		found = append(found, difference.String())
	}
	assert.Equal(t, []string{
		`GET /tasks 200: field "tasks[0].status": not decoded: the result has another type`,
		`GET /brand-new 200: nothing to decode it into: name it in results`,
		`GET /tasks 200: missing: recorded, and never sent by the fake`,
		`GET /brand-new 200: missing: recorded, and never sent by the fake`,
	}, found)
}

// A flow that fails leaves nothing behind either.
func TestFailedFlowCleansUp(t *testing.T) {
	if os.Getenv("CONFORMANCE_FAIL") == "" {
		live := serve(t, nil)
		output, err := live.command(t, "TestFailedFlowCleansUp", "CONFORMANCE_FAIL=1").CombinedOutput()
		require.Error(t, err, "%s", output)
		assert.Contains(t, string(output), "removed Essentials subscription conformance-")
		assert.Contains(t, string(output), "removed ACL rule conformance-")
		left, err := leftovers(t.Context(), live.client(t), namePrefix)
		require.NoError(t, err)
		assert.Empty(t, left)
		return
	}
	client, err := rediscloud.NewClient(rediscloud.WithWaitOptions(rediscloud.WithPollDelay(time.Millisecond, 5*time.Millisecond), rediscloud.WithSettling(0)))
	require.NoError(t, err)
	s := &session{client, &recorder{}, t.Context(), newPrefix()}
	s.cleanUp(t)
	usable[rediscloud.ACLRedisRule](t, s)(client.ACLRedisRules.Create(s.ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: s.name("rule"), Rule: "+get ~*"}))
	_, err = client.EssentialsSubscriptions.Create(s.ctx, &rediscloud.EssentialsSubscriptionCreateRequest{Name: s.name("free"), PlanID: rediscloudtest.PlanFree})
	require.NoError(t, err)
	t.Fatal("something fails while a task is running")
}

// command runs one test of this binary against the server, as a user with an
// account does.
func (l *liveServer) command(t *testing.T, test string, more ...string) *exec.Cmd {
	args := []string{"-test.run=^" + test + "$", "-test.v", "-test.timeout=1m"}
	for _, arg := range more {
		if strings.HasPrefix(arg, "-") {
			args = append(args, arg)
		}
	}
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), self, args...)
	command.Env = append(os.Environ(), rediscloud.EnvAccountKey+"="+accountKey, rediscloud.EnvSecretKey+"="+secretKey, rediscloud.EnvBaseURL+"="+l.URL+"/v1")
	for _, arg := range more {
		if !strings.HasPrefix(arg, "-") {
			command.Env = append(command.Env, arg)
		}
	}
	return command
}

// The command in the documentation, with its environment variables.
func TestCommandLine(t *testing.T) {
	live := serve(t, nil)
	dir := filepath.Join(t.TempDir(), "recorded")
	output, err := live.command(t, "TestConformance", "-live", "-fast", "-record="+dir).CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.Contains(t, string(output), "--- PASS: TestConformance/Account")
	assert.NotContains(t, string(output), "TestConformance/Essentials", "without -free nothing is created")
	for _, request := range live.fake.Requests() {
		assert.Equal(t, http.MethodGet, request.Method)
	}
	all, err := load(dir)
	require.NoError(t, err)
	assert.NotEmpty(t, all)
	for _, secret := range []string{accountKey, secretKey} {
		assert.NotContains(t, string(output), secret)
	}
	output, err = live.command(t, "TestConformance", "-free").CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(output), "need -live")
}

// An interrupted run removes everything; after a kill -cleanup does it, and
// leaves alone what isn't from these tests.
func TestInterruptedAndKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process can't be interrupted from here")
	}
	for name, signal := range map[string]os.Signal{"interrupted": os.Interrupt, "killed": os.Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := serve(t, nil, rediscloudtest.WithProvisioning(300*time.Millisecond))
			before := live.fake.Subscriptions()
			run := live.command(t, "TestConformance", "-live", "-free", "-yes", "-fast")
			var output bytes.Buffer
			run.Stdout = &output
			require.NoError(t, run.Start())
			require.Eventually(t, func() bool { return len(live.fake.Subscriptions()) > len(before) }, 20*time.Second, time.Millisecond)
			require.NoError(t, run.Process.Signal(signal))
			require.Error(t, run.Wait())
			if signal == os.Kill {
				assert.Greater(t, len(live.fake.Subscriptions()), len(before))
				cleaned, err := live.command(t, "TestConformance", "-cleanup", "-yes", "-fast").CombinedOutput()
				require.NoError(t, err, "%s", cleaned)
				assert.Contains(t, string(cleaned), "Essentials subscription conformance-")
			} else {
				assert.Contains(t, output.String(), "removed Essentials subscription conformance-")
			}
			assert.Equal(t, before, live.fake.Subscriptions())
		})
	}
}

// What can't be removed at first is tried again, and reported if it stays.
func TestSweepGoesOn(t *testing.T) {
	live := serve(t, nil)
	client, ctx := live.client(t), t.Context()
	for _, name := range []string{namePrefix + "a", "precious"} {
		task, err := client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: name, Rule: "+get ~*"})
		require.NoError(t, err)
		_, err = task.WaitProvisioned(ctx)
		require.NoError(t, err)
	}
	id := live.fake.AddSubscription(namePrefix + "b")
	live.fake.AddDatabase(id, "inside")
	live.fake.FailNextTask("GENERAL_ERROR", "500 INTERNAL_SERVER_ERROR", "not now")
	var removed []string
	logf := func(_ string, args ...any) { removed = append(removed, args[0].(leftover).String()) }
	require.NoError(t, sweep(ctx, client, namePrefix, logf))
	assert.ElementsMatch(t, []string{"ACL rule conformance-a", "Pro subscription conformance-b"}, removed)
	rules, err := client.ACLRedisRules.List(ctx)
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(rules.RedisRules, func(r rediscloud.ACLRedisRule) bool { return r.Name == "precious" }))
	require.NoError(t, sweep(ctx, client, namePrefix, logf), "there is nothing left to do")

	task, err := client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: namePrefix + "c", Rule: "+get ~*"})
	require.NoError(t, err)
	_, err = task.WaitProvisioned(ctx)
	require.NoError(t, err)
	for range sweepRounds {
		live.fake.FailNextTask("GENERAL_ERROR", "500 INTERNAL_SERVER_ERROR", "never")
	}
	err = sweep(ctx, client, namePrefix, logf)
	require.ErrorContains(t, err, "ACL rule conformance-c isn't removed")
}

// The cleanup copes with a world in which changes show late, are rejected while
// others are in progress, and lists fail; and with tasks that are still
// running.
func TestSweepInAStrictWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(3*time.Minute), rediscloudtest.WithProcessing(20*time.Second), rediscloudtest.WithTaskListOutage(rediscloudtest.Outage{Status: http.StatusServiceUnavailable, From: 8 * time.Minute, For: time.Minute}))
		client, err := rediscloud.NewClient(rediscloud.WithBaseURL(fake.URL()), rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()), rediscloud.WithHTTPClient(fake.Client()))
		require.NoError(t, err)
		s := &session{client, &recorder{}, t.Context(), newPrefix()}
		sub := fake.AddEssentialsSubscription(s.name("essentials"), rediscloudtest.PlanStandard)
		db := fake.AddDatabase(sub, "inside")
		other := fake.AddSubscription("precious")
		fake.AddDatabase(other, namePrefix+"of-somebody")

		rule := usable[rediscloud.ACLRedisRule](t, s)(client.ACLRedisRules.Create(s.ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: s.name("rule"), Rule: "+get ~*"}))
		role := usable[rediscloud.ACLRole](t, s)(client.ACLRoles.Create(s.ctx, &rediscloud.ACLRoleCreateRequest{Name: s.name("role"), RedisRules: []rediscloud.ACLRoleRuleSpec{
			{RuleName: rule.Name, Databases: []rediscloud.ACLRoleDatabaseSpec{{SubscriptionID: sub, DatabaseID: db}}},
		}}))
		_, err = client.Subscriptions.Create(s.ctx, proRequest(t, s))
		require.NoError(t, err)
		_, err = client.ACLUsers.Create(s.ctx, &rediscloud.ACLUserCreateRequest{Name: s.name("user"), Role: role.Name, Password: s.password()})
		require.NoError(t, err)

		require.NoError(t, sweep(s.ctx, client, namePrefix, t.Logf))
		assert.Equal(t, []int{other}, fake.Subscriptions())
		assert.Len(t, fake.Databases(other), 1)
		users, err := client.ACLUsers.List(s.ctx)
		require.NoError(t, err)
		assert.Empty(t, users.Users)
		left, err := leftovers(s.ctx, client, namePrefix)
		require.NoError(t, err)
		assert.Empty(t, left)
	})
}

// A list that can't be read is reported, and the rest is removed.
func TestSweepWithoutAList(t *testing.T) {
	live := serve(t, nil)
	live.fake.AddSubscription(namePrefix + "b")
	live.fake.AnswerNext(1000, "GET /acl/users", http.StatusForbidden, nil, "")
	err := sweep(t.Context(), live.client(t), namePrefix, t.Logf)
	require.ErrorContains(t, err, "/acl/users")
	live.fake.AnswerNext(1000, "GET /tasks", http.StatusForbidden, nil, "")
	require.ErrorContains(t, sweep(t.Context(), live.client(t), namePrefix, t.Logf), "/tasks", "something may still be in the making")
	assert.Len(t, live.fake.Subscriptions(), 2, "those that the account had before")
}

// A terminal for tests.
type terminal struct {
	io.Reader
	said bytes.Buffer
}

func (t *terminal) Write(p []byte) (int, error) { return t.said.Write(p) }
func (t *terminal) Close() error                { return nil }

// Nothing is created before the user has said yes; no answer, the end of the
// input and a missing terminal are a no.
func TestAsksBeforeItCreates(t *testing.T) {
	if answer, ok := os.LookupEnv("CONFORMANCE_ANSWER"); ok {
		p := plan{terminal: func() (io.ReadWriteCloser, error) { return &terminal{Reader: strings.NewReader(answer)}, nil }}
		if answer == "none" {
			p.terminal = func() (io.ReadWriteCloser, error) { return nil, errors.New("no such device") }
		}
		p.ask(t, "all this")
		t.Log("went on")
		return
	}
	live := serve(t, nil)
	tty := &terminal{Reader: strings.NewReader("y\n")}
	p := everything("")
	p.yes, p.spend = false, false
	p.terminal = func() (io.ReadWriteCloser, error) { return tty, nil }
	require.True(t, t.Run("yes", func(t *testing.T) { p.run(t, live.options()...) }))
	assert.Contains(t, tty.said.String(), "In account 1001")
	assert.Contains(t, tty.said.String(), "conformance-")
	assert.NotContains(t, tty.said.String(), "COST MONEY")
	assert.NotContains(t, tty.said.String(), secretKey)

	for _, answer := range []string{"", "n\n", "\n", "yesterday\n", "none"} {
		output, err := live.command(t, "TestAsksBeforeItCreates", "CONFORMANCE_ANSWER="+answer).CombinedOutput()
		require.Error(t, err, "%q", answer)
		assert.NotContains(t, string(output), "went on", "%q", answer)
	}
}
