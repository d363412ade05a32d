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

// WithProcessing sets how long a task is processed once it is its turn. Default: 1 s.
func WithProcessing(d time.Duration) Option {
	return func(c *config) { c.processing = max(d, 0) }
}

// WithTaskDuration sets the processing time of each task by its command type, such as "databaseCreateRequest", in place of
// [WithProcessing]. The function must not call the Server.
func WithTaskDuration(f func(commandType string) time.Duration) Option {
	return func(c *config) { c.taskDuration = f }
}

// WithProvisioning sets the time from the completion of a task until what it made, changed or removes has settled: created and changed
// resources are active then, deleted ones are gone. Default: 2 s.
func WithProvisioning(d time.Duration) Option {
	return func(c *config) { c.provisioning = max(d, 0) }
}

// WithUnknownFor sets how long a new task is unknown: GET /tasks/{taskId} answers 404 with an empty body, and GET /tasks leaves it
// out. Default: 300 ms.
func WithUnknownFor(d time.Duration) Option {
	return func(c *config) { c.unknownFor = max(d, 0) }
}

// WithRoundTrip sets the time that an exchange takes. Half of it passes before the server acts, half after. Default: 0.
func WithRoundTrip(d time.Duration) Option {
	return func(c *config) { c.roundTrip = max(d, 0) }
}

// WithParallelTasks sets how many tasks are processed at the same time. The others wait as received; [WithTaskOrder] says for how long.
// Default: 1, as an account of the API has it.
func WithParallelTasks(n int) Option {
	return func(c *config) { c.parallelTasks = max(n, 1) }
}

// WithRateLimit sets how many requests are accepted in any 60 s; those beyond are answered 429. 0 turns the limit off. Default: 400.
func WithRateLimit(n int) Option {
	return func(c *config) { c.rateLimit = max(n, 0) }
}

// WithRateWindow sets the time in which requests count against the limit, for tests of limiters in real time. Default: 60 s.
func WithRateWindow(d time.Duration) Option {
	return func(c *config) { c.rateWindow = max(d, 0) }
}

// WithLinkForm sets how links are written in the documents. Default: [LinkMixed].
func WithLinkForm(form LinkForm) Option {
	return func(c *config) { c.linkForm = form }
}

// WithLinkHost sets the base URL that links are made with. The default is the real API's, https://api.redislabs.com/v1, as real
// documents have it behind any proxy: a client that follows links without a look leaves the fake, and its test fails. With "" links lead
// to where the request came to.
func WithLinkHost(url string) Option {
	return func(c *config) { c.linkHost = strings.TrimRight(url, "/") }
}

// WithKeys sets the keys that requests must carry. Defaults: fake-account-key and fake-secret-key.
func WithKeys(account, secret string) Option {
	return func(c *config) { c.accountKey, c.secretKey = account, secret }
}

// WithAccountID sets the id of the account in the documents. Default: 1001.
func WithAccountID(id int) Option {
	return func(c *config) { c.accountID = id }
}

// WithEndpointFunc sets the addresses, as host:port, that a new database gets: those of a real Redis, for a program that connects.
// Every region of an Active-Active database has the same pair. The function must not call the Server.
func WithEndpointFunc(f func(databaseID int) (public, private string)) Option {
	return func(c *config) { c.endpoints = f }
}

// WithCertificate sets the certificate, in PEM form, by which clients know the databases: that of a real Redis with TLS, for a program
// that connects. The default looks like a certificate and can't be parsed.
func WithCertificate(pem string) Option {
	return func(c *config) { c.certificate = pem }
}
