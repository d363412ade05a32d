package rediscloud

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/ratelimit"
)

// DefaultBaseURL is the base URL of the API of Redis Cloud.
const DefaultBaseURL = "https://api.redislabs.com/v1"

// The environment variables that [NewClient] reads unless an option says
// otherwise.
const (
	EnvAccountKey = "REDISCLOUD_ACCESS_KEY"
	EnvSecretKey  = "REDISCLOUD_SECRET_KEY"
	EnvBaseURL    = "REDISCLOUD_URL"
)

// DefaultAttemptTimeout is the timeout of one attempt of a request.
const DefaultAttemptTimeout = 30 * time.Second

// An Option configures a [Client].
type Option func(*config)

type config struct {
	accountKey, secretKey string
	keysGiven             bool
	baseURL               string
	insecureHTTP          bool
	client                *http.Client
	logger                *slog.Logger
	userAgent             string
	retry                 RetryPolicy
	attemptTimeout        time.Duration
	limiter               Limiter
	rateLimit             int
	wait                  waitConfig
	err                   error
}

func (c *config) refuse(format string, args ...any) {
	c.err = errors.Join(c.err, fmt.Errorf("rediscloud: "+format, args...))
}

// WithCredentials sets the account key (x-api-key) and the secret key
// (x-api-secret-key). Without it they come from REDISCLOUD_ACCESS_KEY and
// REDISCLOUD_SECRET_KEY.
func WithCredentials(accountKey, secretKey string) Option {
	return func(c *config) { c.accountKey, c.secretKey, c.keysGiven = accountKey, secretKey, true }
}

// WithBaseURL sets the base URL of the API, with its version: by default
// REDISCLOUD_URL, else https://api.redislabs.com/v1. The keys are sent there
// and nowhere else. Plain http is refused unless the host is this machine; see
// [WithInsecureHTTP].
func WithBaseURL(url string) Option {
	return func(c *config) {
		if url == "" {
			c.refuse("WithBaseURL: the URL is empty")
		}
		c.baseURL = url
	}
}

// WithInsecureHTTP allows a base URL of plain http to any host. Anybody on the
// way can then read the keys.
func WithInsecureHTTP() Option { return func(c *config) { c.insecureHTTP = true } }

// WithHTTPClient sets the client that requests are sent with, for a proxy,
// certificates or tracing. It is copied, and of its fields
//
//   - Transport sends every attempt, and sees the keys in the headers. It must
//     not repeat requests itself: they would escape the rate limit, and what is
//     created twice is billed twice;
//   - Jar is used unchanged;
//   - Timeout bounds each attempt, if it is shorter than that of
//     [WithAttemptTimeout], but not the pauses between attempts, the time for
//     which the rate limit delays a request, or the body of a download. Only the
//     context bounds a call as a whole;
//   - CheckRedirect is not used: reads follow redirects within the base URL,
//     writes follow none.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) {
		if client == nil {
			c.refuse("WithHTTPClient: the client is nil")
			return
		}
		if client.Transport != nil && isNil(client.Transport) {
			c.refuse("WithHTTPClient: the client's transport is a nil %T", client.Transport)
			return
		}
		c.client = client
	}
}

// WithLogger sets the logger for requests and waits. It logs at debug level,
// without keys, bodies and queries. By default nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) {
		if logger == nil {
			c.refuse("WithLogger: the logger is nil")
			return
		}
		c.logger = logger
	}
}

// WithUserAgent puts the name of the program, such as "my-app/1.2", in front of
// this package's and Go's in the User-Agent header.
func WithUserAgent(name string) Option {
	return func(c *config) {
		if !isHeaderText(name) {
			c.refuse("WithUserAgent: the name is empty, or has characters that a header can't hold")
			return
		}
		c.userAgent = name
	}
}

// WithRetry sets the retry policy. Fields that are 0 keep the values of
// [DefaultRetryPolicy]. Of WithRetry and [WithoutRetries] the last one counts.
func WithRetry(policy RetryPolicy) Option {
	return func(c *config) {
		if err := policy.validate(); err != nil {
			c.refuse("%w", err)
			return
		}
		c.retry = policy.withDefaults()
	}
}

// WithoutRetries turns retries off. Waits still survive failed polls.
func WithoutRetries() Option { return func(c *config) { c.retry = noRetries } }

// WithAttemptTimeout sets the timeout of one attempt of a request, including the
// response's body, instead of [DefaultAttemptTimeout]. The context of a call
// bounds all its attempts together.
func WithAttemptTimeout(d time.Duration) Option {
	return func(c *config) {
		if d <= 0 {
			c.refuse("WithAttemptTimeout: want a positive time, not %s", d)
			return
		}
		c.attemptTimeout = d
	}
}

// WithRateLimit sets how many requests the client sends in any minute, in place
// of [DefaultRateLimit]. The client notices other programs that use the same
// account key by the remaining allowance that responses state, and slows down; a
// lower limit leaves them room from the start.
func WithRateLimit(perMinute int) Option {
	return func(c *config) {
		if perMinute <= 0 {
			c.refuse("WithRateLimit: want a positive number, not %d", perMinute)
			return
		}
		c.rateLimit = perMinute
	}
}

// WithRateLimiter replaces the client's own limiter, for instance with one that
// several processes share. It can't be combined with [WithRateLimit].
func WithRateLimiter(limiter Limiter) Option {
	return func(c *config) {
		if isNil(limiter) {
			c.refuse("WithRateLimiter: the limiter is nil")
			return
		}
		c.limiter = limiter
	}
}

// WithWaitOptions sets options for all waits of the client. The options of a
// single wait take precedence.
func WithWaitOptions(opts ...WaitOption) Option {
	return func(c *config) { c.wait = c.wait.with(opts) }
}

// complete fills in what no option has set, and validates the result.
func (c *config) complete() error {
	if !c.keysGiven {
		c.accountKey, c.secretKey = os.Getenv(EnvAccountKey), os.Getenv(EnvSecretKey)
	}
	checkKey(c, "account key", EnvAccountKey, c.accountKey)
	checkKey(c, "secret key", EnvSecretKey, c.secretKey)
	c.baseURL = firstOf(c.baseURL, os.Getenv(EnvBaseURL), DefaultBaseURL)
	if c.limiter != nil && c.rateLimit != 0 {
		c.refuse("WithRateLimit and WithRateLimiter exclude each other")
	}
	if c.limiter == nil {
		if c.rateLimit == 0 {
			c.rateLimit = DefaultRateLimit
		}
		c.limiter = ratelimit.New(c.rateLimit)
	}
	c.copyClient()
	return errors.Join(c.err, c.wait.err)
}

// copyClient copies the HTTP client. Its timeout becomes that of the attempts:
// in net/http it would also run while the limiter delays a request, and keep a
// goroutine until it has passed.
func (c *config) copyClient() {
	client := *c.client
	if client.Timeout > 0 {
		c.attemptTimeout = min(c.attemptTimeout, client.Timeout)
	}
	client.Timeout = 0
	c.client = &client
}

// checkKey refuses a key that can't be sent, without repeating it.
func checkKey(c *config, name, variable, key string) {
	switch {
	case key == "" && c.keysGiven:
		c.refuse("the %s is empty", name)
	case key == "":
		c.refuse("no %s: set %s, or use WithCredentials", name, variable)
	case !isHeaderText(key) || strings.TrimSpace(key) != key:
		c.refuse("the %s has white space around it, or characters that a header can't hold, such as a line break", name)
	}
}

func isHeaderText(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// The headers that carry the keys.
const (
	headerAccountKey = "X-Api-Key"
	headerSecretKey  = "X-Api-Secret-Key"
)

// header has the headers of every request.
func (c *config) header() http.Header {
	agent := fmt.Sprintf("rediscloud-go/%s (%s; %s/%s)", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if c.userAgent != "" {
		agent = c.userAgent + " " + agent
	}
	return http.Header{
		"Accept":         {"application/json"},
		"Content-Type":   {"application/json"}, // the API expects it of reads too
		"User-Agent":     {agent},
		headerAccountKey: {c.accountKey},
		headerSecretKey:  {c.secretKey},
	}
}
