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
)

// A RetryPolicy says how often and after which pause a request is sent again.
//
// Which requests are is not a matter of policy. A read is repeated after a
// transport error, a 429 or a 5xx; a write only where it is certain that the
// API did not act on it: no connection came to be, or the answer was 429.
//
// A pause that the API asks for (Retry-After, x-rate-limit-retry-after-seconds)
// replaces the computed one. When it is longer than MaxHint or than the time
// left until the deadline of the context, the answer is returned at once.
//
// A 429 that says that too many resources are being changed at once
// (ErrTooManyChanges) passes when some of them are done. It is waited out as long
// as the context allows, unless retries are off.
type RetryPolicy struct {
	MaxRetries int           // attempts after the first; 0 turns retries off
	MinDelay   time.Duration // before the first retry; doubles with each
	MaxDelay   time.Duration // the computed delay grows up to this
	MaxHint    time.Duration // the longest pause asked for that is waited out
}

// DefaultRetryPolicy is what a client uses without WithRetry.
var DefaultRetryPolicy = RetryPolicy{
	MaxRetries: 4,
	MinDelay:   500 * time.Millisecond,
	MaxDelay:   30 * time.Second,
	MaxHint:    2 * time.Minute,
}

func (p RetryPolicy) validate() error {
	if p.MaxRetries < 0 || p.MinDelay < 0 || p.MaxDelay < p.MinDelay || p.MaxHint < 0 {
		return errors.New("WithRetry: counts and delays must not be negative, and MaxDelay not below MinDelay")
	}
	return nil
}

// checkRetry decides whether to try again, and leaves in x.delay after which pause.
func (x *exchange) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if x.attempts > x.retry.MaxRetries && !x.waitsForChanges() || !x.retryable(resp, err) {
		return false, nil
	}
	x.delay = x.retry.backoff(x.attempts)
	hint, hinted := time.Duration(0), false
	if resp != nil {
		hint, hinted = retryHint(resp.Header, time.Now())
	}
	if hinted {
		x.delay = hint
	}
	deadline, ends := ctx.Deadline()
	inVain := ctx.Err() != nil || hint > x.retry.MaxHint || ends && time.Until(deadline) <= x.delay
	return !inVain, nil
}

// waitsForChanges reports whether the answer was that too much is being changed.
func (x *exchange) waitsForChanges() bool {
	return x.retry.MaxRetries > 0 && x.answer != nil && x.answer.StatusCode == http.StatusTooManyRequests && tooManyChanges(x.answer.Body)
}

func (x *exchange) retryable(resp *http.Response, err error) bool {
	read := x.call.method == http.MethodGet
	switch {
	case err != nil:
		// With an answer at hand it is the answer that was refused, such as
		// a redirect to nowhere. What is too large stays so.
		_, tooLarge := errors.AsType[*DecodeError](err)
		return x.answer == nil && !tooLarge && !permanent(err) && (read || !x.sent)
	case resp.StatusCode == http.StatusTooManyRequests:
		return true
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusRequestTimeout:
		return read
	}
	return false
}

// permanent reports whether an attempt failed in a way that another can't mend.
func permanent(err error) bool {
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	return badCertificate || errors.Is(err, errRateDeadline)
}

// backoff is the delay after the nth attempt: doubled each time, with a random
// half so that clients which failed together don't return together.
func (p RetryPolicy) backoff(attempt int) time.Duration {
	delay := float64(p.MinDelay) * math.Pow(2, float64(min(attempt, 64)-1))
	delay = min(delay, float64(p.MaxDelay))
	return time.Duration(delay * (0.5 + 0.5*rand.Float64()))
}

// maxHintSeconds keeps a pause that is asked for within a time.Duration.
const maxHintSeconds = 1e9

// retryHint is the pause that an answer asks for: the longer one if two
// headers ask. What isn't a number of seconds or a date asks for nothing.
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
		if !(seconds >= 0) { // NaN too
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
