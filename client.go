package rediscloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
)

// A Client talks to the API of Redis Cloud for one account. Create one with
// [NewClient] and use it throughout a program: any number of goroutines share
// its services, its rate limit and its connections. There is nothing to close.
type Client struct {
	Tasks         TasksService
	Subscriptions SubscriptionsService
	Databases     DatabasesService
	ACLUsers      ACLUsersService
	ACLRoles      ACLRolesService
	ACLRedisRules ACLRedisRulesService
	AccountUsers  AccountUsersService
	CloudAccounts CloudAccountsService

	EssentialsPlans         EssentialsPlansService
	EssentialsSubscriptions EssentialsSubscriptionsService
	EssentialsDatabases     EssentialsDatabasesService

	VPCPeerings     VPCPeeringsService
	TransitGateways TransitGatewaysService

	Account              AccountService
	CostReports          CostReportsService
	EndpointRedirections EndpointRedirectionsService
	DataIntegration      DataIntegrationService

	PrivateServiceConnect PrivateServiceConnectService
	PrivateLink           PrivateLinkService

	AgentMemory AgentMemoryService
	LangCache   LangCacheService

	transport *transport
	engine    *engine
	turns     turns
	submitted recent // the tasks that this client has handles of
	sighted   recent // the tasks in the lists it has read
	losses    losses
	wait      waitConfig
}

// NewClient returns a client. Without options, the keys and the base URL come
// from the environment: REDISCLOUD_ACCESS_KEY, REDISCLOUD_SECRET_KEY and
// REDISCLOUD_URL. It returns an error for keys that are missing or unusable, a
// base URL that would expose them, and options that make no sense. It sends
// nothing.
func NewClient(opts ...Option) (*Client, error) {
	cfg := &config{
		client:         &http.Client{},
		logger:         slog.New(slog.DiscardHandler),
		retry:          DefaultRetryPolicy,
		attemptTimeout: DefaultAttemptTimeout,
		wait:           defaultWait,
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("rediscloud: an option is nil")
		}
		opt(cfg)
	}
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	base, err := parseBaseURL(cfg.baseURL, cfg.insecureHTTP)
	if err != nil {
		return nil, fmt.Errorf("rediscloud: %w", err)
	}
	c := &Client{
		transport: &transport{
			base:           base,
			header:         cfg.header().Clone,
			keys:           func() (account, secret string) { return cfg.accountKey, cfg.secretKey },
			client:         cfg.client,
			limiter:        cfg.limiter,
			retry:          cfg.retry,
			attemptTimeout: cfg.attemptTimeout,
			maxDocument:    maxDocument,
			log:            cfg.logger,
			http1:          new(atomic.Bool),
			clock:          &serverClock{},
		},
		turns: turns{queues: map[int]*turn{}},
		wait:  cfg.wait,
	}
	c.engine = newEngine(c)
	c.Tasks = TasksService{c}
	c.Subscriptions = SubscriptionsService{c}
	c.Databases = DatabasesService{c}
	c.EssentialsPlans = EssentialsPlansService{c}
	c.EssentialsSubscriptions = EssentialsSubscriptionsService{c}
	c.EssentialsDatabases = EssentialsDatabasesService{c}
	c.ACLUsers = ACLUsersService{c}
	c.ACLRoles = ACLRolesService{c}
	c.ACLRedisRules = ACLRedisRulesService{c}
	c.AccountUsers = AccountUsersService{c}
	c.CloudAccounts = CloudAccountsService{c}
	c.VPCPeerings = VPCPeeringsService{c}
	c.TransitGateways = TransitGatewaysService{c}
	c.Account = AccountService{c}
	c.CostReports = CostReportsService{c}
	c.EndpointRedirections = EndpointRedirectionsService{c}
	c.DataIntegration = DataIntegrationService{c}
	c.PrivateServiceConnect = PrivateServiceConnectService{c}
	c.PrivateLink = PrivateLinkService{c}
	c.AgentMemory = AgentMemoryService{c}
	c.LangCache = LangCacheService{c}
	return c, nil
}

// String names the client by its base URL. No printed form contains the keys.
func (c *Client) String() string {
	if c == nil || c.transport == nil {
		return "rediscloud.Client(unusable)"
	}
	return "rediscloud.Client(" + c.transport.base.String() + ")"
}

// Format prints String for every verb.
func (c *Client) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

var errNoClient = errors.New("rediscloud: the client is unusable; create it with NewClient")

func (c *Client) usable(ctx context.Context) error {
	if c == nil || c.transport == nil {
		return errNoClient
	}
	if ctx == nil {
		return errors.New("rediscloud: the context is nil")
	}
	return nil
}

// roundTrip sends a call under the client's retry policy.
func (c *Client) roundTrip(ctx context.Context, call call) (*Response, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	return c.transport.do(ctx, call, c.transport.retry)
}

// Do sends a request to an endpoint that this package has no method for. The
// same rules for retries, rate limit and errors apply.
//
// The path is relative to the base URL, begins with a slash, and may have a
// query; ids in it must be escaped. The body in is sent as JSON, a
// json.RawMessage verbatim; nil sends none. The response is decoded into out; a
// *[]byte receives it verbatim, nil drops it. For an endpoint that starts a
// task, let out be a [*TaskState] and pass that to [Client.WaitForTask].
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	call := doCall(method, path)
	call = call.withOptionalBody(in)
	if call.err == nil && out != nil && (reflect.TypeOf(out).Kind() != reflect.Pointer || isNil(out)) {
		call.err = fmt.Errorf("the response can't be decoded into a %T: pass a pointer, or nil", out)
	}
	answer, err := c.roundTrip(ctx, call)
	if err != nil {
		return err
	}
	switch out := out.(type) {
	case nil:
		return nil
	case *[]byte:
		*out = answer.Body
		return nil
	}
	if ours(out) {
		_, err = unmarshalUnchecked(answer.Body, out)
	} else {
		err = json.Unmarshal(answer.Body, out)
	}
	if err != nil {
		return unusable(call, answer, err)
	}
	return nil
}

func doCall(method, path string) call {
	c := getPath(path)
	c.method = method
	if method == "" || strings.ToUpper(method) != method {
		c.err = fmt.Errorf("the method must be in upper case, such as GET, not %q", method)
		return c
	}
	plain, query, _ := strings.Cut(path, "?")
	if !strings.HasPrefix(plain, "/") || plain != "/" && !cleanPath(strings.TrimSuffix(plain[1:], "/")) {
		c.err = fmt.Errorf("the path must begin with one slash, and have no empty, . or .. segments")
		return c
	}
	c = getPath(plain)
	c.method = method
	c.query, c.err = url.ParseQuery(query)
	return c
}
