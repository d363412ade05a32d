package rediscloudtest

import (
	"strings"
	"time"
)

type config struct {
	adversities
	world
	processing    time.Duration
	provisioning  time.Duration
	unknownFor    time.Duration
	roundTrip     time.Duration
	parallelTasks int
	rateLimit     int
	rateWindow    time.Duration
	certificate   string
	linkForm      LinkForm
	linkHost      string
	accountKey    string
	secretKey     string
	accountID     int
	documentForms bool
	taskDuration  func(commandType string) time.Duration
	endpoints     func(databaseID int) (public, private string)
}

func defaults() config {
	return config{
		world:         defaultWorld(),
		processing:    time.Second,
		provisioning:  2 * time.Second,
		unknownFor:    300 * time.Millisecond,
		parallelTasks: 1,
		rateLimit:     400,
		rateWindow:    time.Minute,
		certificate:   placeholderCertificate,
		linkForm:      LinkMixed,
		linkHost:      "https://api.redislabs.com/v1",
		accountKey:    "fake-account-key",
		secretKey:     "fake-secret-key",
		accountID:     1001,
	}
}

// Option changes how a [Server] behaves.
type Option func(*config)

// WithProcessing sets how long a task is processed once its turn comes.
// Default: 1 s.
func WithProcessing(d time.Duration) Option {
	return func(c *config) { c.processing = max(d, 0) }
}

// WithTaskDuration sets the processing time of each task by its command type,
// such as "databaseCreateRequest", instead of [WithProcessing]. The function
// must not call the Server.
func WithTaskDuration(f func(commandType string) time.Duration) Option {
	return func(c *config) { c.taskDuration = f }
}

// WithProvisioning sets the time from the completion of a task until what it
// created, changed or deleted has settled: created and changed resources are
// active then, deleted ones are gone. Default: 2 s.
func WithProvisioning(d time.Duration) Option {
	return func(c *config) { c.provisioning = max(d, 0) }
}

// WithUnknownFor sets how long a new task is unknown: GET /tasks/{taskId}
// returns 404 with an empty body, and GET /tasks omits it. Default: 300 ms.
func WithUnknownFor(d time.Duration) Option {
	return func(c *config) { c.unknownFor = max(d, 0) }
}

// WithRoundTrip sets the duration of an exchange. Half of it passes before the
// server acts, half after. Default: 0.
func WithRoundTrip(d time.Duration) Option {
	return func(c *config) { c.roundTrip = max(d, 0) }
}

// WithParallelTasks sets how many tasks are processed at the same time. The
// others wait as received, in the order of [WithTaskOrder]. Default: 1, as in
// the API.
func WithParallelTasks(n int) Option {
	return func(c *config) { c.parallelTasks = max(n, 1) }
}

// WithRateLimit sets how many requests are accepted in any 60 s; the response
// to those beyond is 429. 0 turns the limit off. Default: 400.
func WithRateLimit(n int) Option {
	return func(c *config) { c.rateLimit = max(n, 0) }
}

// WithRateWindow sets the period over which requests count against the limit,
// for tests of limiters in real time. Default: 60 s.
func WithRateWindow(d time.Duration) Option {
	return func(c *config) { c.rateWindow = max(d, 0) }
}

// WithLinkForm sets how links are written in documents. Default: [LinkMixed].
func WithLinkForm(form LinkForm) Option {
	return func(c *config) { c.linkForm = form }
}

// WithLinkHost sets the base URL of links. The default is the real API's,
// https://api.redislabs.com/v1, as real documents have it behind any proxy: a
// client that follows links blindly leaves the fake, and its test fails. With
// "", links have the base URL of the request.
func WithLinkHost(url string) Option {
	return func(c *config) { c.linkHost = strings.TrimRight(url, "/") }
}

// WithKeys sets the keys that requests must carry. Defaults: fake-account-key
// and fake-secret-key.
func WithKeys(account, secret string) Option {
	return func(c *config) { c.accountKey, c.secretKey = account, secret }
}

// WithAccountID sets the account's id in documents. Default: 1001.
func WithAccountID(id int) Option {
	return func(c *config) { c.accountID = id }
}

// WithEndpointFunc sets the addresses, as host:port, of a new database: those
// of a real Redis, for a program that connects. All regions of an Active-Active
// database have the same pair. The function must not call the Server.
func WithEndpointFunc(f func(databaseID int) (public, private string)) Option {
	return func(c *config) { c.endpoints = f }
}

// WithCertificate sets the PEM certificate that clients use to verify
// databases: that of a real Redis with TLS, for a program that connects. The
// default looks like a certificate but can't be parsed.
func WithCertificate(pem string) Option {
	return func(c *config) { c.certificate = pem }
}
