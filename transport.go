package rediscloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/rediscloud-go/rediscloud/internal/redact"
)

// Bounds on the size of a response.
const (
	maxDocument  = 32 << 20 // a larger one is an error
	maxErrorBody = 64 << 10 // an error's body is truncated to this
	maxRedirects = 3
)

// A Response is a response of the API, verbatim: see [WithCaptureResponse].
type Response struct {
	StatusCode int
	Header     http.Header
	Body       []byte

	// Unread lists the fields of the body whose values have an unexpected type
	// and can't be converted: they are zero in the result. The entries are
	// paths, such as "databases[3].port", at most 100; for a result that is an
	// element of a list they start at the element.
	Unread []string
}

type captureKey struct{}

// WithCaptureResponse returns a context that stores the response to the next
// call made with it in response: the status, the header and the body, of
// successes and failures alike, for fields that this package doesn't know. If
// an attempt is repeated, the last response stays; if there is no response, the
// value is left unchanged. Use a context for one call at a time. The body may
// contain passwords, but not the account's keys; the body of a download isn't
// stored.
func WithCaptureResponse(ctx context.Context, response *Response) context.Context {
	if ctx == nil {
		return nil // the call refuses it
	}
	return context.WithValue(ctx, captureKey{}, response)
}

type routeKey struct{}

// Route returns the route of the request that ctx belongs to, such as
// "/subscriptions/{id}/databases": the path with a placeholder for each id, and
// so a name with few values for metrics and traces. It is for the transport of
// an http.Client passed to [WithHTTPClient], which finds the context in the
// request; elsewhere it returns "".
func Route(ctx context.Context) string {
	if ctx == nil {
		return ""
	}
	route, _ := ctx.Value(routeKey{}).(string)
	return route
}

// transport sends calls to the API and knows nothing of their meaning.
type transport struct {
	base           *url.URL
	header         func() http.Header // of every request: user agent, media types and keys; a func, since fields can be printed
	client         *http.Client
	limiter        Limiter
	retry          RetryPolicy
	attemptTimeout time.Duration
	keys           func() (account, secret string) // a func for the same reason
	maxDocument    int64
	log            *slog.Logger
	http1          *atomic.Bool // the last response came over HTTP/1
	clock          *serverClock
}

// do sends a call, again if the retry policy allows it, and returns the
// response if its status is 2xx, and an error otherwise.
func (t *transport) do(ctx context.Context, call call, retry RetryPolicy) (*Response, error) {
	if call.err != nil {
		return nil, call.failed()
	}
	req, err := t.request(ctx, call)
	if err != nil {
		return nil, fmt.Errorf("rediscloud: %s: %w", call, err)
	}
	x := &exchange{transport: t, call: call, retry: retry, ctx: ctx}
	client := *t.client
	client.Transport = x
	client.CheckRedirect = t.checkRedirect
	sender := retryablehttp.Client{
		HTTPClient:   &client,
		RetryMax:     math.MaxInt, // checkRetry counts
		CheckRetry:   x.checkRetry,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return x.delay },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := sender.Do(req)
	if resp != nil && resp.Body != nil && call.stream == nil {
		defer resp.Body.Close() // it is in memory, but http.Client may have wrapped it
	}
	return x.result(resp, err)
}

func (t *transport) request(ctx context.Context, call call) (*retryablehttp.Request, error) {
	target := *t.base
	target.RawPath = t.base.EscapedPath() + call.path
	path, err := url.PathUnescape(target.RawPath)
	if err != nil {
		return nil, err
	}
	target.Path = path
	target.RawQuery = call.query.Encode()
	var body any // a nil []byte would be an empty body
	if call.body != nil {
		body = call.body
	}
	ctx = context.WithValue(ctx, routeKey{}, call.name())
	req, err := retryablehttp.NewRequestWithContext(ctx, call.method, target.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header = t.header()
	if call.accept != "" {
		req.Header.Set("Accept", call.accept)
	}
	return req, nil
}

// checkRedirect follows redirects of reads within the base URL. Go's client
// would send the key headers to any host.
func (t *transport) checkRedirect(req *http.Request, via []*http.Request) error {
	target := *req.URL
	target.RawQuery = "" // that of the read, or an equivalent one
	_, ours := within(t.base, target.String())
	if !ours || via[0].Method != http.MethodGet || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// An exchange is the state of one call while it is sent. It is the RoundTripper
// of its attempts, which don't overlap.
type exchange struct {
	*transport
	call     call
	retry    RetryPolicy
	ctx      context.Context // the caller's
	attempts int
	sent     bool          // the last attempt may have reached the API
	times    int           // how often it was sent
	answer   *Response     // the last one, if any
	delay    time.Duration // before the next attempt
}

// RoundTrip makes one attempt: it waits for the limiter, sends the request, and
// reads the whole response, so that a body that breaks off fails the attempt.
// Only the body of a download is left to the caller.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	x.attempts++
	x.sent, x.times, x.answer = false, 0, nil
	slot, err := x.admit(req.Context())
	if err != nil {
		return nil, err
	}
	defer func() { x.settle(slot) }()
	if req.Context().Err() != nil {
		return nil, contextError(req.Context())
	}
	start := time.Now()
	resp, err := x.attempt(req)
	x.logAttempt(req.Context(), time.Since(start), err)
	return resp, err
}

func (x *exchange) attempt(req *http.Request) (*http.Response, error) {
	// The attempt's context ends when the caller's does, or when the attempt's
	// time is up, but it can be detached from either.
	caller := req.Context()
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(caller))
	timer := time.AfterFunc(x.attemptTimeout, func() { cancel(errNoAnswer) })
	detach := context.AfterFunc(caller, func() { cancel(nil) })
	release := func() {
		timer.Stop()
		detach()
		cancel(nil)
	}
	left := false
	defer func() {
		if !left {
			release()
		}
	}()

	_, precise := x.next().(*http.Transport)
	sending := sending{precise: precise}
	req = req.WithContext(sending.trace(ctx, cancel))
	if req.Method != http.MethodGet && !x.http1.Load() {
		req.GetBody = nil // without a second copy, HTTP/2 reports why it would need one
	}
	resp, err := x.next().RoundTrip(req)
	if err == nil && resp == nil {
		err = errors.New("the transport returned neither a response nor an error")
	}
	if err == nil {
		x.http1.Store(resp.ProtoMajor == 1)
	}
	x.sent = err == nil || sending.mayHaveLeft(err)
	x.times = sending.times(x.sent)
	if err == nil && x.call.stream != nil && succeeded(resp) && timer.Stop() {
		left = true
		x.leave(resp, release)
		return resp, nil
	}
	if err == nil {
		if req.Method != http.MethodGet {
			// The API has acted: the task id in the body is worth more
			// than a prompt return.
			detach()
		}
		err = x.read(resp)
	}
	if err != nil {
		return nil, x.attemptError(ctx, caller, err)
	}
	return resp, nil
}

func (x *exchange) next() http.RoundTripper {
	if x.client.Transport != nil {
		return x.client.Transport
	}
	return http.DefaultTransport
}

// read reads the body of a response, within bounds.
func (x *exchange) read(resp *http.Response) error {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	defer resp.Body.Close()
	limit := x.maxDocument
	if resp.StatusCode >= 300 {
		limit = maxErrorBody
	}
	body, err := readBody(resp, limit+1)
	if int64(len(body)) > limit {
		if resp.StatusCode < 300 {
			return &DecodeError{Method: x.call.method, Path: x.call.path, StatusCode: resp.StatusCode, Err: fmt.Errorf("it is larger than %d MiB", limit>>20)}
		}
		body, err = body[:limit], nil
	}
	if err != nil && resp.StatusCode < 300 {
		return fmt.Errorf("reading the response: %w", err)
	}
	body = x.hide(resp.Header, body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	x.note(resp, body)
	return nil
}

// maxPresized bounds the memory that is allocated for a body only because of
// its Content-Length.
const maxPresized = 1 << 20

// readBody reads a body up to a limit, into one allocation if its length is
// known.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	var body bytes.Buffer
	body.Grow(int(max(0, min(resp.ContentLength, maxPresized))) + bytes.MinRead)
	_, err := body.ReadFrom(io.LimitReader(resp.Body, limit))
	return body.Bytes(), err
}

// note stores a response.
func (x *exchange) note(resp *http.Response, body []byte) {
	x.answer = &Response{StatusCode: resp.StatusCode, Header: resp.Header, Body: body}
	x.clock.observe(resp.Header)
}

// hide removes the keys from a response.
func (t *transport) hide(header http.Header, body []byte) []byte {
	account, secret := t.keys()
	return redact.Keys(header, body, account, secret)
}

// errNoAnswer ends an attempt that took too long.
var errNoAnswer = errors.New("attempt timed out")

// attemptError returns the reason for which an attempt failed: the end of the
// caller's context takes precedence over that of the attempt, and both over the
// errors of the connection that they cause.
func (x *exchange) attemptError(ctx, caller context.Context, err error) error {
	if caller.Err() != nil {
		return contextError(caller)
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errNoAnswer):
		return &timeoutError{after: x.attemptTimeout}
	case errors.Is(cause, errRepeated):
		return errRepeated
	}
	if reason, ok := notRepeated(err); ok {
		err = errors.New(reason) // the rest advises the sender of the request
	}
	return shortened(err)
}

// shortened bounds the text of an error that may quote foreign text.
func shortened(err error) error {
	if len(err.Error()) <= maxMessage {
		return err
	}
	return &longError{err}
}

type longError struct{ err error }

func (e *longError) Error() string { return oneLine(e.err.Error()) }
func (e *longError) Unwrap() error { return e.err }

// contextError returns the reason for which ctx ended; errors.Is finds
// context.Canceled or context.DeadlineExceeded in it, and the cause that was
// given to ctx.
func contextError(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(ctx.Err(), cause) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}

// timeoutError is a net.Error for an attempt without a response. It isn't
// context.DeadlineExceeded, which would mean that the caller's context ended.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string   { return fmt.Sprintf("no response within %s", e.after) }
func (e *timeoutError) Timeout() bool   { return true }
func (e *timeoutError) Temporary() bool { return true }

// isDialError reports whether no connection was established.
func isDialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && slices.Contains([]string{"dial", "proxyconnect", "socks connect"}, op.Op)
}

func succeeded(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode < 300 }

// result turns the end of an exchange into a response or an error.
func (x *exchange) result(resp *http.Response, err error) (*Response, error) {
	if capture, ok := x.ctx.Value(captureKey{}).(*Response); ok && capture != nil && x.answer != nil {
		*capture = *x.answer
	}
	switch {
	case err == nil && succeeded(resp):
		if x.call.stream != nil {
			*x.call.stream = resp.Body
		}
		return x.answer, nil
	case err == nil:
		err = newAPIError(x.call, x.answer)
	default:
		err = x.failure(err)
	}
	if x.mayHaveActed() {
		return nil, &OutcomeUnknownError{Method: x.call.method, Path: x.call.path, Err: err}
	}
	return nil, err
}

// failure is the error of an exchange whose last attempt had no usable
// response.
func (x *exchange) failure(err error) error {
	// Unwrapped, since net/http repeats the method and the whole URL.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = shortened(wrapped.Err)
	}
	if ended := x.ctx.Err(); ended != nil && errors.Is(err, ended) && !errors.Is(err, context.Cause(x.ctx)) {
		err = contextError(x.ctx) // go-retryablehttp omits the cause
	}
	if large, ok := errors.AsType[*DecodeError](err); ok {
		return large
	}
	if x.answer != nil {
		// The context ended during the wait for the next attempt, or the
		// response was a redirect that can't be followed.
		return fmt.Errorf("rediscloud: %s: %w; the last response was: %w", x.call, err, newAPIError(x.call, x.answer))
	}
	return fmt.Errorf("rediscloud: %s: %w", x.call, err)
}

// newAPIError is the error for a response with a status other than 2xx.
func newAPIError(call call, answer *Response) *APIError {
	hint, _ := retryHint(answer.Header, time.Now())
	return &APIError{
		Method:     call.method,
		Path:       call.path,
		StatusCode: answer.StatusCode,
		Message:    errorMessage(answer.Body),
		RetryAfter: hint,
		Header:     answer.Header,
		Body:       answer.Body,
	}
}

// mayHaveActed reports whether a write that failed may have been accepted.
func (x *exchange) mayHaveActed() bool {
	if x.call.method == http.MethodGet {
		return false
	}
	if x.answer == nil {
		return x.sent
	}
	switch x.answer.StatusCode {
	case http.StatusSeeOther, http.StatusRequestTimeout, statusClientClosed:
		// The status names the place of the result, or says that a proxy gave
		// up.
		return true
	}
	return x.answer.StatusCode >= 500
}
