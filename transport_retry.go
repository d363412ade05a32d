package rediscloud

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/ratelimit"
)

// A RetryPolicy says how often a request is repeated and after which delay.
// Fields that are 0 take the value of [DefaultRetryPolicy], so
// RetryPolicy{MaxRetries: 8} changes the number only; [WithoutRetries] turns
// retries off.
//
// Which requests are repeated is not a matter of policy. A read is repeated
// after a transport error, a 408, 429, 499 or 5xx; a write only if it is
// certain that the API did not act on it: no connection was established, the
// request was never sent, the server reported over HTTP/2 that it hadn't
// processed it, or the response was 429.
//
// A delay that the API asks for (Retry-After, x-rate-limit-retry-after-seconds)
// replaces the computed one if it is longer: the API rounds down to whole
// seconds, so 0 means "soon". If it is longer than MaxHint or than the time
// left until the deadline of the context, the response is returned at once.
//
// A 429 for the rate delays all requests of the client by as much. One for too
// many concurrent changes ([ErrTooManyChanges]) delays only its own call, and
// passes when some of the changes are done: it is waited out as long as the
// context allows, unless retries are off.
type RetryPolicy struct {
	MaxRetries int           // attempts after the first
	MinDelay   time.Duration // before the first retry; doubles with each
	MaxDelay   time.Duration // the computed delay grows up to this
	MaxHint    time.Duration // the longest delay asked for by the API that is waited out
}

// DefaultRetryPolicy is the policy of a client without [WithRetry].
var DefaultRetryPolicy = RetryPolicy{
	MaxRetries: 4,
	MinDelay:   500 * time.Millisecond,
	MaxDelay:   30 * time.Second,
	MaxHint:    2 * time.Minute,
}

// noRetries is the policy of requests that are sent once: those with
// WithoutRetries, and those that their sender repeats, such as polls. The
// delays are the minimum for the pauses that a 429 imposes on all requests. It
// bypasses withDefaults, which would replace a MaxRetries of 0.
var noRetries = RetryPolicy{
	MinDelay: DefaultRetryPolicy.MinDelay,
	MaxDelay: DefaultRetryPolicy.MaxDelay,
	MaxHint:  DefaultRetryPolicy.MaxHint,
}

func (p RetryPolicy) validate() error {
	if p.MaxRetries < 0 || p.MinDelay < 0 || p.MaxDelay < 0 || p.MaxHint < 0 {
		return errors.New("WithRetry: counts and delays must not be negative; retries are turned off by WithoutRetries")
	}
	if p.MaxDelay > 0 && p.MaxDelay < p.MinDelay {
		return errors.New("WithRetry: MaxDelay must not be below MinDelay")
	}
	return nil
}

// withDefaults fills in fields that are 0. A default yields to a bound that is
// set.
func (p RetryPolicy) withDefaults() RetryPolicy {
	d := DefaultRetryPolicy
	if p.MaxRetries == 0 {
		p.MaxRetries = d.MaxRetries
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = max(d.MaxDelay, p.MinDelay)
	}
	if p.MinDelay == 0 {
		p.MinDelay = min(d.MinDelay, p.MaxDelay)
	}
	if p.MaxHint == 0 {
		p.MaxHint = d.MaxHint
	}
	return p
}

// checkRetry decides whether to try again, and sets the delay before that in
// x.delay.
func (x *exchange) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	x.delay = x.retry.backoff(x.attempts)
	hint := time.Duration(0)
	if resp != nil {
		hint, _ = retryHint(resp.Header, time.Now())
		x.delay = max(x.delay, hint)
	}
	if x.rateLimited() {
		x.pauseAll(x.delay)
	}
	if x.attempts > x.retry.MaxRetries && !x.waitsForChanges() || !x.retryable(resp, err) {
		return false, nil
	}
	deadline, ends := ctx.Deadline()
	inVain := ctx.Err() != nil || hint > x.retry.MaxHint || ends && time.Until(deadline) <= x.delay
	return !inVain, nil //nolint:nilerr // the error is answered by another attempt, or handed out by who asked
}

// refused reports whether the response was 429, and whether for concurrent
// changes.
func (x *exchange) refused() (refused, changes bool) {
	refused = x.answer != nil && x.answer.StatusCode == http.StatusTooManyRequests
	return refused, refused && tooManyChanges(x.answer.Body)
}

func (x *exchange) rateLimited() bool {
	refused, changes := x.refused()
	return refused && !changes
}

// waitsForChanges reports whether to wait until fewer resources are being
// changed.
func (x *exchange) waitsForChanges() bool {
	_, changes := x.refused()
	return changes && x.retry.MaxRetries > 0
}

// statusClientClosed is what nginx and others report if the client has
// disconnected; the request may still have been processed.
const statusClientClosed = 499

func (x *exchange) retryable(resp *http.Response, err error) bool {
	read := x.call.method == http.MethodGet
	switch {
	case err != nil:
		// If there is a response, it was the response that was refused, such as
		// a redirect to nowhere. What is too large stays so.
		_, tooLarge := errors.AsType[*DecodeError](err)
		return x.answer == nil && !tooLarge && !permanent(err) && (read || !x.sent)
	case resp.StatusCode == http.StatusTooManyRequests:
		return true
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusRequestTimeout || resp.StatusCode == statusClientClosed:
		return read
	}
	return false
}

// permanent reports whether an attempt failed in a way that another one, soon
// after, can't fix. A wait polls again all the same: certificates are renewed.
func permanent(err error) bool {
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	return badCertificate || errors.Is(err, ratelimit.ErrDeadline)
}

// backoff is the delay after the nth attempt: doubled each time, with a random
// half so that clients which failed together don't come back together.
func (p RetryPolicy) backoff(attempt int) time.Duration {
	delay := float64(p.MinDelay) * math.Pow(2, float64(min(attempt, 64)-1))
	delay = min(delay, float64(p.MaxDelay))
	return time.Duration(delay * (0.5 + 0.5*rand.Float64())) //nolint:gosec // jitter is no secret
}

// maxHintSeconds keeps a requested pause within a time.Duration.
const maxHintSeconds = 1e9

// retryHint is the pause that a response asks for: the longer one if two
// headers ask. A value that isn't a number of seconds or a date is ignored.
func retryHint(header http.Header, now time.Time) (time.Duration, bool) {
	hint, found := time.Duration(0), false
	for _, name := range []string{"Retry-After", "X-Rate-Limit-Retry-After-Seconds"} {
		if pause, ok := parsePause(header.Get(name), now); ok {
			hint, found = max(hint, pause), true
		}
	}
	return hint, found
}

func parsePause(text string, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds >= 0) { // or NaN
			return 0, false
		}
		return time.Duration(min(seconds, maxHintSeconds) * float64(time.Second)), true
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, date.Sub(now)), true
	}
	return 0, false
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return contextError(ctx)
	case <-timer.C:
		return nil
	}
}
