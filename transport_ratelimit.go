package rediscloud

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/ratelimit"
)

// DefaultRateLimit is the number of requests that the API accepts from an
// account key in any minute.
const DefaultRateLimit = 400

// A Limiter delays requests. Wait returns nil when one request may be sent, or
// an error when it may not; then the request isn't sent. It is called before
// every attempt, from any number of goroutines. Implement it to share one
// allowance between processes; see [WithRateLimiter].
type Limiter interface {
	Wait(ctx context.Context) error
}

// rateWindow is the window in which the API counts requests.
const rateWindow = time.Minute

type waitKey struct{}

// asPoll marks the requests of a context as polls of a wait.
func asPoll(ctx context.Context) context.Context {
	return context.WithValue(ctx, waitKey{}, ratelimit.Poll)
}

// asResult marks the requests of a context as reads of the result of a wait.
// They share the allowance of the polls, but don't queue behind them.
func asResult(ctx context.Context) context.Context {
	return context.WithValue(ctx, waitKey{}, ratelimit.Result)
}

// class is the class of a call for the limiter.
func (x *exchange) class(ctx context.Context) ratelimit.Class {
	if class, ok := ctx.Value(waitKey{}).(ratelimit.Class); ok {
		return class
	}
	if x.call.method != http.MethodGet {
		return ratelimit.Write
	}
	return ratelimit.Read
}

// own is the client's own limiter, or nil if the user has given one.
func (t *transport) own() *ratelimit.Limiter {
	own, _ := t.limiter.(*ratelimit.Limiter)
	return own
}

// admit returns when a request may be sent. settle must release the slot.
func (x *exchange) admit(ctx context.Context) (ratelimit.Slot, error) {
	own := x.own()
	if own == nil {
		return ratelimit.Slot{}, x.limiter.Wait(ctx)
	}
	slot, err := own.Acquire(ctx, x.class(ctx))
	if err != nil && !errors.Is(err, ratelimit.ErrDeadline) {
		err = contextError(ctx)
	}
	return slot, err
}

// settle reports to a slot how often its request was sent, and the remaining
// requests that the response states. These are by the API's count, which
// includes other programs with the same key.
func (x *exchange) settle(slot ratelimit.Slot) {
	slot.Done(x.times)
	if x.answer == nil {
		return
	}
	left, err := strconv.Atoi(x.answer.Header.Get("X-Rate-Limit-Remaining"))
	if err != nil || left < 0 {
		left = -1
	}
	if x.rateLimited() {
		slot.Refused(left)
	} else if left >= 0 {
		slot.Told(left)
	}
}

// pauseAll delays all requests of the client, if it has its own limiter.
func (t *transport) pauseAll(d time.Duration) {
	if own := t.own(); own != nil {
		own.Pause(d)
	}
}

// reservePolls reports to the client's own limiter whether there are waits.
func (t *transport) reservePolls(on bool) {
	if own := t.own(); own != nil {
		own.Watch(on)
	}
}

// nextPoll is how long a poll would be delayed if it were requested now, as far
// as is known.
func (t *transport) nextPoll() time.Duration {
	if own := t.own(); own != nil {
		return own.NextPoll()
	}
	return 0
}

// pressure is the degree to which polls should give way to other requests, from
// 0 to 1.
func (t *transport) pressure() float64 {
	if own := t.own(); own != nil {
		return own.Pressure()
	}
	return 0
}
