package rediscloud

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Everything that can go wrong with an exchange, in every part that an exchange
// can have. The table states the outcome: per fault and part, in three tokens,
// if the fault happens
//
//   - once, and everything works afterwards,
//   - always,
//   - once, with retries turned off,
//
// or in one token for all three.
//
// A token is the outcome and the number of requests of that part that are sent;
// + stands for five or more:
//
//	ok   the result          net  an error of the network   dec  a DecodeError
//	api  an APIError         unk  an OutcomeUnknownError    brk  the file breaks off
//	on   the wait continues until its context ends
//	few  a list that ends with what came before
//
// In a wait, each error is in a WaitError.
const faultMatrix = `
fault                                              | read          | write         | sync          | poll         | resource      | provisioning | first page    | later page    | download
refused                                            | ok2 net5 net1 | ok2 net5 net1 | ok2 net5 net1 | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 net5 net1 | ok2 net5 net1 | ok2 net5 net1
reset, no header                                   | ok2 net5 net1 | unk1          | unk1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 net5 net1 | ok2 net5 net1 | ok2 net5 net1
reset in the body, slow body                       | ok2 net5 net1 | unk1          | unk1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 net5 net1 | ok2 net5 net1 | brk1
400, 401, 403, 412, 422                            | api1          | api1          | api1          | api1         | api1          | api1         | api1          | api1          | api1
404                                                | api1          | api1          | api1          | ok2 api+ ok2 | ok2 api+ ok2  | ok2 api+ ok2 | api1          | few1          | api1
409                                                | api1          | api1          | api1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | api1          | api1          | api1
408, 499                                           | ok2 api5 api1 | unk1          | unk1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 api5 api1 | ok2 api5 api1 | ok2 api5 api1
429, 429 with seconds, 429 with the API's seconds  | ok2 api5 api1 | ok2 api5 api1 | ok2 api5 api1 | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 api5 api1 | ok2 api5 api1 | ok2 api5 api1
429 concurrently                                   | ok2 api+ api1 | ok2 api+ api1 | ok2 api+ api1 | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 api+ api1 | ok2 api+ api1 | ok2 api+ api1
500, 502, 503, 504, 503 in HTML                    | ok2 api5 api1 | unk1          | unk1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 api5 api1 | ok2 api5 api1 | ok2 api5 api1
HTML, empty, 204, truncated, null, array           | dec1          | unk1          | unk1          | ok2 on+ ok2  | ok2 dec+ ok2  | ok2 on+ ok2  | dec1          | dec1          | ok1
wrong types, too deep                              | dec1          | unk1          | unk1          | ok2 on+ ok2  | ok2 dec+ ok2  | ok2 on+ ok2  | dec1          | dec1          | ok1
{}                                                 | dec1          | unk1          | unk1          | ok2 on+ ok2  | ok2 dec+ ok2  | ok2 on+ ok2  | few1          | few1          | ok1
endless body                                       | dec1          | unk1          | unk1          | ok2 on+ ok2  | ok2 dec+ ok2  | ok2 on+ ok2  | dec1          | dec1          | ok1
redirect on the same host                          | ok1           | api1          | api1          | ok1          | ok1           | ok1          | ok1           | ok1           | ok1
redirect to another host, redirect to http         | api1          | api1          | api1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | api1          | api1          | api1
redirect above, redirect to nothing                | api1          | api1          | api1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | api1          | api1          | api1
redirect to nonsense                               | api1          | api1          | api1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | api1          | api1          | api1
redirect to itself                                 | ok2 api4 ok2  | api1          | api1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 api4 ok2  | ok2 api4 ok2  | ok2 api4 ok2
303                                                | api1          | unk1          | unk1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | api1          | api1          | api1
no answer and no error                             | ok2 net5 net1 | unk1          | unk1          | ok2 on+ ok2  | ok2 on+ ok2   | ok2 on+ ok2  | ok2 net5 net1 | ok2 net5 net1 | ok2 net5 net1
nil body                                           | dec1          | unk1          | unk1          | ok2 on+ ok2  | ok2 dec+ ok2  | ok2 on+ ok2  | dec1          | dec1          | ok1
`

// faults are the responses to a request, by name; the status is that of an
// APIError.
var faults = map[string]struct {
	status int
	answer func(*http.Request) (*http.Response, error)
}{
	"refused":                    {0, failing(errDial)},
	"reset":                      {0, failing(io.ErrUnexpectedEOF)},
	"no header":                  {0, hanging},
	"reset in the body":          {0, withBody(strings.NewReader(`{"taskId":`), iotestErrReader{io.ErrUnexpectedEOF})},
	"slow body":                  {0, slowBody},
	"400":                        {400, answering(400, `{"message":"no"}`)},
	"401":                        {401, answering(401, "")},
	"403":                        {403, answering(403, "<html>403</html>")},
	"404":                        {404, answering(404, "")},
	"408":                        {408, answering(408, "")},
	"303":                        {303, answering(303, "")},
	"499":                        {499, answering(499, "")},
	"409":                        {409, answering(409, `{"errors":["taken"]}`)},
	"412":                        {412, answering(412, `{"error":{"description":"no"}}`)},
	"422":                        {422, answering(422, `no`)},
	"429":                        {429, answering(429, `{"message":"Too many requests!"}`)},
	"429 with seconds":           {429, answering(429, "", "Retry-After", "7")},
	"429 with the API's seconds": {429, answering(429, "", "x-rate-limit-retry-after-seconds", "7")},
	"429 concurrently":           {429, answering(429, `{"message":"Too many resources are being modified concurrently"}`)},
	"500":                        {500, answering(500, `{"message":"oops"}`)},
	"502":                        {502, answering(502, "")},
	"503":                        {503, answering(503, "")},
	"503 in HTML":                {503, answering(503, "<html>503</html>")},
	"504":                        {504, answering(504, "")},
	"HTML":                       {0, answering(200, "<html>maintenance</html>", "Content-Type", "text/html")},
	"empty":                      {0, answering(200, "")},
	"204":                        {0, answering(204, "")},
	"truncated":                  {0, answering(200, `{"taskId":"t1","status":"proc`)},
	"null":                       {0, answering(200, " null\n")},
	"{}":                         {0, answering(200, "{}")},
	"array":                      {0, answering(200, `[1,"x"]`)},
	"wrong types":                {0, answering(200, `{"taskId":{},"databaseId":"x","redirectionId":[],"subscription":5,"status":7}`)},
	"too deep":                   {0, answering(200, strings.Repeat(`{"a":[`, 10_000))},
	"endless body":               {0, withBody(readerFunc(func(p []byte) (int, error) { return len(p), nil }))},
	"redirect on the same host":  {302, redirecting("/v1/elsewhere")},
	"redirect to another host":   {302, redirecting("https://api.example.org/v1/elsewhere")},
	"redirect to http":           {302, redirecting("http://api.example.com/v1/elsewhere")},
	"redirect above":             {302, redirecting("/v2/elsewhere")},
	"redirect to nothing":        {302, redirecting("")},
	"redirect to nonsense":       {302, redirecting("https://%zz" + strings.Repeat("y", 10_000))},
	"redirect to itself":         {302, func(req *http.Request) (*http.Response, error) { return redirecting(req.URL.String())(req) }},
	"no answer and no error":     {0, func(*http.Request) (*http.Response, error) { return nil, nil }}, //nolint:nilnil // the fault
	"nil body":                   {0, func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: http.StatusOK}, nil }},
}

func failing(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func answering(status int, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return response(status, body, headers...), nil }
}

func redirecting(to string) func(*http.Request) (*http.Response, error) {
	return answering(http.StatusFound, "", "Location", to)
}

func hanging(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func withBody(parts ...io.Reader) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		resp := response(200, "")
		resp.Body = io.NopCloser(io.MultiReader(parts...))
		return resp, nil
	}
}

func slowBody(req *http.Request) (*http.Response, error) {
	return withBody(strings.NewReader(`{"taskId":`), readerFunc(func([]byte) (int, error) {
		<-req.Context().Done()
		return 0, req.Context().Err()
	}))(req)
}

// errBroken is the reason for which the reading of a file ends.
var errBroken = errors.New("broken off")

// A part is the role of an exchange in an operation. run returns how many
// results there were.
type part struct {
	target string // method, path and query of the exchange
	skip   int    // exchanges of that kind which go well before the fault
	writes int    // sent besides those of the target
	waits  bool
	want   int
	run    func(context.Context, *Client) (int, error)
}

const (
	databasesPath = "/v1/subscriptions/7/databases"
	databasePath  = databasesPath + "/8"
)

var parts = map[string]part{
	"read": {target: "GET " + databasePath, want: 8, run: func(ctx context.Context, c *Client) (int, error) {
		db, err := c.Databases.Get(ctx, 7, 8)
		return idOf(db), err
	}},
	"write": {target: "POST " + databasesPath, want: 1, run: func(ctx context.Context, c *Client) (int, error) {
		task, err := createOne(ctx, c)
		return len(task.ID()) / len("t1"), err
	}},
	"sync": {target: "POST /v1/endpoint-redirections/r1/revert", want: 1, run: func(ctx context.Context, c *Client) (int, error) {
		redirection, err := c.EndpointRedirections.Revert(ctx, "r1")
		if err != nil {
			return 0, err
		}
		return len(redirection.ID) / len("r1"), nil
	}},
	"poll":         {target: "GET /v1/tasks/t1", skip: 1, writes: 1, waits: true, want: 8, run: waitForDatabase((*Task[Database]).Wait)},
	"resource":     {target: "GET " + databasePath, writes: 1, waits: true, want: 8, run: waitForDatabase((*Task[Database]).Wait)},
	"provisioning": {target: "GET " + databasePath, skip: 1, writes: 1, waits: true, want: 8, run: waitForDatabase((*Task[Database]).WaitProvisioned)},
	"first page":   {target: "GET " + databasesPath + "?limit=2", want: 3, run: listDatabases},
	"later page":   {target: "GET " + databasesPath + "?limit=2&offset=2", want: 3, run: listDatabases},
	"download": {target: "GET /v1/cost-report/r.csv", want: 1, run: func(ctx context.Context, c *Client) (int, error) {
		file, err := c.CostReports.Download(ctx, "r.csv")
		if err != nil {
			return 0, err
		}
		defer file.Close()
		if _, err := io.Copy(io.Discard, io.LimitReader(file, 1<<20)); err != nil {
			return 0, errors.Join(errBroken, err)
		}
		return 1, nil
	}},
}

func idOf(db *Database) int {
	if db == nil {
		return 0
	}
	return db.ID
}

func createOne(ctx context.Context, c *Client) (*Task[Database], error) {
	return c.Databases.Create(ctx, 7, &DatabaseCreateRequest{Name: "d"})
}

func waitForDatabase(wait func(*Task[Database], context.Context, ...WaitOption) (*Database, error)) func(context.Context, *Client) (int, error) {
	return func(ctx context.Context, c *Client) (int, error) {
		task, err := createOne(ctx, c)
		if err != nil {
			return 0, err
		}
		db, err := wait(task, ctx)
		return idOf(db), err
	}
}

func listDatabases(ctx context.Context, c *Client) (n int, err error) {
	for _, err := range c.Databases.All(ctx, 7, &DatabaseListOptions{Limit: 2}) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// A faultyAPI works except for the exchanges of one part.
type faultyAPI struct {
	t      *testing.T
	part   part
	fault  func(*http.Request) (*http.Response, error)
	always bool

	mu     sync.Mutex
	hits   int // exchanges of the part from the first faulty one on
	writes int
	left   int // exchanges of the part that must still go well
	bodies []*countedBody
}

func (a *faultyAPI) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	assert.Equal(a.t, "https://api.example.com", req.URL.Scheme+"://"+req.URL.Host, "the keys go there")
	a.mu.Lock()
	if req.Method != http.MethodGet {
		a.writes++
	}
	faulty, early := false, false
	if req.Method+" "+req.URL.RequestURI() == a.part.target {
		if early = a.left > 0; early {
			a.left--
		} else {
			a.hits++
			faulty = a.always || a.hits == 1
		}
	}
	a.mu.Unlock()
	resp, err := a.well(req, early), error(nil)
	if faulty {
		resp, err = a.fault(req)
	}
	if resp != nil && resp.Body != nil {
		body := &countedBody{ReadCloser: resp.Body}
		resp.Body = body
		a.mu.Lock()
		defer a.mu.Unlock()
		a.bodies = append(a.bodies, body)
	}
	return resp, err
}

func (a *faultyAPI) well(req *http.Request, early bool) *http.Response {
	target := req.Method + " " + req.URL.RequestURI()
	if req.URL.Path == "/v1/elsewhere" {
		target = a.part.target
	}
	switch target {
	case "POST " + databasesPath:
		return response(202, received)
	case "POST /v1/endpoint-redirections/r1/revert":
		return response(200, `{"redirectionId":"r1"}`)
	case "GET /v1/tasks/t1":
		if early {
			return response(200, `{"taskId":"t1","status":"processing-in-progress"}`)
		}
		return response(200, `{"taskId":"t1","status":"processing-completed","response":{"resourceId":8}}`)
	case "GET " + databasePath:
		if early {
			return response(200, `{"databaseId":8,"status":"pending"}`)
		}
		return response(200, `{"databaseId":8,"status":"active"}`)
	case "GET " + databasesPath + "?limit=2":
		return response(200, `{"subscription":[{"numberOfDatabases":3,"databases":[{"databaseId":1},{"databaseId":2}]}]}`)
	case "GET " + databasesPath + "?limit=2&offset=2":
		return response(200, `{"subscription":[{"numberOfDatabases":3,"databases":[{"databaseId":3}]}]}`)
	case "GET /v1/cost-report/r.csv":
		return response(200, "A,B\n")
	}
	if req.URL.Path == "/v1/tasks" || target == "GET "+databasesPath+"?limit=100" || target == "GET /v1/subscriptions/7" {
		return response(404, "") // what is read if another read fails
	}
	a.t.Errorf("unexpected %s", target)
	return response(http.StatusTeapot, "")
}

// A countedBody counts how often it is closed.
type countedBody struct {
	io.ReadCloser
	mu     sync.Mutex
	closed int
}

func (b *countedBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed++
	return b.ReadCloser.Close()
}

const (
	hiddenAccountKey = "hidden-account-key-5f1c"
	hiddenSecretKey  = "hidden-secret-key-9d2e"
)

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(faultMatrix), "\n")
	names := strings.Split(lines[0], "|")[1:]
	cells, stated := 0, map[string]bool{}
	for _, line := range lines[1:] {
		columns := strings.Split(line, "|")
		for fault := range strings.SplitSeq(columns[0], ",") {
			fault = strings.TrimSpace(fault)
			require.Contains(t, faults, fault)
			stated[fault] = true
			for i, name := range names {
				name = strings.TrimSpace(name)
				require.Contains(t, parts, name)
				wanted := strings.Fields(columns[i+1])
				if len(wanted) == 1 {
					wanted = slices.Repeat(wanted, 3)
				}
				require.Len(t, wanted, 3, line)
				for j, when := range []string{"once", "always", "without retries"} {
					cells++
					t.Run(fault+"/"+name+"/"+when, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { checkCell(t, fault, parts[name], when, wanted[j]) })
					})
				}
			}
		}
	}
	assert.Len(t, stated, len(faults), "faults without a line")
	assert.Len(t, names, len(parts), "parts without a column")
	t.Logf("%d faults, %d parts, %d cells", len(faults), len(parts), cells)
}

func checkCell(t *testing.T, fault string, part part, when, wanted string) {
	api := &faultyAPI{t: t, part: part, fault: faults[fault].answer, always: when == "always", left: part.skip}
	var log strings.Builder
	opts := []Option{
		WithCredentials(hiddenAccountKey, hiddenSecretKey),
		WithAttemptTimeout(5 * time.Second),
		WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
	if when == "without retries" {
		opts = append(opts, WithoutRetries())
	}
	client := newTestClient(t, api, opts...)
	client.transport.maxDocument = 1 << 20
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	got, err := part.run(ctx, client)
	synctest.Wait()

	outcome, count := wanted[:len(wanted)-1], wanted[len(wanted)-1:]
	if count == "+" {
		assert.GreaterOrEqual(t, api.hits, 5, "requests")
		assert.Less(t, api.hits, 100, "requests")
	} else {
		assert.Equal(t, count, string(rune('0'+api.hits)), "requests")
	}
	if strings.HasPrefix(part.target, "POST") {
		assert.Equal(t, api.hits, api.writes, "writes")
	} else {
		assert.Equal(t, part.writes, api.writes, "writes")
	}
	for _, body := range api.bodies {
		assert.Equal(t, 1, body.closed, "times that a body was closed")
	}
	checkOutcome(t, part, faults[fault].status, outcome, got, err)
	if fault == "429 concurrently" && outcome == "api" {
		assert.ErrorIs(t, err, ErrTooManyChanges)
	}
	for _, secret := range []string{hiddenAccountKey, hiddenSecretKey} {
		assert.NotContains(t, log.String(), secret)
		if err != nil {
			assert.NotContains(t, err.Error(), secret)
		}
	}
	if err != nil {
		assert.Less(t, len(err.Error()), 2000)
		assert.NotContains(t, err.Error(), "example.com")
	}
	for line := range strings.SplitSeq(log.String(), "\n") {
		assert.Less(t, len(line), 2000)
	}
}

func checkOutcome(t *testing.T, part part, status int, outcome string, got int, err error) {
	switch outcome {
	case "ok":
		require.NoError(t, err)
		assert.Equal(t, part.want, got)
		return
	case "few":
		require.NoError(t, err)
		assert.Less(t, got, part.want)
		return
	}
	require.Error(t, err)
	assert.Regexp(t, "^(rediscloud: |"+errBroken.Error()+")", err.Error())
	wait, waited := errors.AsType[*WaitError](err)
	require.Equal(t, part.waits, waited, "%v", err)
	if waited {
		assert.Equal(t, "t1", wait.TaskID)
		if strings.Contains(part.target, "/databases/") {
			assert.Equal(t, TaskStatusProcessingCompleted, wait.Last.Status)
			assert.Equal(t, 8, wait.Last.Response.ResourceID)
		} else {
			assert.Equal(t, TaskStatusProcessingInProgress, wait.Last.Status)
		}
	}
	_, unknown := errors.AsType[*OutcomeUnknownError](err)
	refused, answered := errors.AsType[*APIError](err)
	_, unusable := errors.AsType[*DecodeError](err)
	assert.Equal(t, outcome == "unk", unknown, "%v", err)
	assert.Equal(t, outcome == "brk", errors.Is(err, errBroken), "%v", err)
	switch outcome {
	case "api":
		require.True(t, answered, "%v", err)
		assert.Equal(t, status, refused.StatusCode)
		for code, sentinel := range map[int]error{401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 409: ErrConflict, 429: ErrRateLimited} {
			assert.Equal(t, code == status, errors.Is(err, sentinel), sentinel)
		}
	case "dec":
		assert.True(t, unusable && !answered, "%v", err)
	case "net":
		assert.False(t, unusable || answered, "%v", err)
		assert.NotErrorIs(t, err, context.DeadlineExceeded)
	case "unk":
		assert.Equal(t, status != 0, answered, "%v", err)
	case "on":
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Positive(t, wait.FailedPolls) // the first read of a result counts once, however often it is retried
		assert.Error(t, wait.LastPollErr)
	}
}
