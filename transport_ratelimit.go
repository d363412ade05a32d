package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// DefaultRateLimit is the number of requests that the API takes from an account
// key in any minute.
const DefaultRateLimit = 400

// A Limiter holds requests back. Wait returns when one request may be sent, or
// an error when it may not: then the request isn't sent. It is called before
// every attempt, from any number of goroutines. Implement it to share one
// allowance between processes; see WithRateLimiter.
type Limiter interface {
	Wait(ctx context.Context) error
}

// ownLimiter is what this package's limiter does beyond Wait.
type ownLimiter interface {
	observe(header http.Header)
	pause(d time.Duration)
	reservePolls(on bool)
	scarce() bool
}

// errRateDeadline says that waiting would have been in vain.
var errRateDeadline = errors.New("the rate limit leaves no room before the deadline")

const (
	rateWindow = time.Minute
	// A request is counted when it leaves, and arrives a little later. The
	// margin covers the difference between two such delays.
	rateMargin = time.Second
)

type pollKey struct{}

// asPoll marks the requests of a context as those of a wait.
func asPoll(ctx context.Context) context.Context { return context.WithValue(ctx, pollKey{}, true) }

func isPoll(ctx context.Context) bool { return ctx.Value(pollKey{}) != nil }

// slidingWindow lets limit requests pass in any window. The calls of the user
// go before the polls of the waits, but while there are waits a share is kept
// for them, so that a burst of calls doesn't blind them. The waiters of either
// class form a queue, of which the first alone sleeps.
type slidingWindow struct {
	limit  int
	window time.Duration
	calls  queue
	polls  queue

	mu          sync.Mutex
	sent        []request // within the window, oldest first
	waiting     int       // calls that are held back
	keepShare   bool      // there are waits
	others      int       // requests of others with the same key, as last told
	othersUntil time.Time
	pausedUntil time.Time // as a 429 asked
}

// queue is held by its first waiter.
type queue chan struct{}

type request struct {
	at   time.Time
	poll bool
}

// One in pollShare requests is kept for the polls: enough to see the ends of a
// stream of short tasks, and to read what they made.
const pollShare = 4

func newSlidingWindow(limit int) *slidingWindow {
	return &slidingWindow{limit: limit, window: rateWindow + rateMargin, calls: make(queue, 1), polls: make(queue, 1)}
}

// Wait returns when a request may be sent. A call fails at once when the deadline
// of ctx is too early; a poll doesn't, since its wait goes on until then.
func (l *slidingWindow) Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	poll := isPoll(ctx)
	queue := l.polls
	if !poll {
		queue = l.calls
		l.count(1)
		defer l.count(-1)
	}
	select {
	case queue <- struct{}{}:
		defer func() { <-queue }()
	case <-ctx.Done():
		return contextError(ctx)
	}
	for {
		wait := l.take(time.Now(), poll)
		if wait <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && !poll && time.Until(deadline) < wait {
			return fmt.Errorf("%w: %w", errRateDeadline, context.DeadlineExceeded)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (l *slidingWindow) count(calls int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting += calls
}

// take counts a request, or returns how long to wait before asking again.
func (l *slidingWindow) take(now time.Time, poll bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if pause := l.pausedUntil.Sub(now); pause > 0 {
		return pause
	}
	l.forget(now)
	polls := 0
	for _, r := range l.sent {
		if r.poll {
			polls++
		}
	}
	used, share := len(l.sent)+l.others, max(1, l.limit/pollShare)
	blocks := func(request) bool { return true } // whose leaving makes room
	switch {
	case used >= l.limit:
	case !poll && l.keepShare && used-polls >= l.limit-share && l.limit > share:
		blocks = func(r request) bool { return !r.poll }
	case poll && l.waiting > 0 && polls >= share:
		blocks = func(r request) bool { return r.poll }
	default:
		l.sent = append(l.sent, request{now, poll})
		return 0
	}
	next := l.othersUntil
	if i := slices.IndexFunc(l.sent, blocks); i >= 0 {
		if oldest := l.sent[i].at.Add(l.window); l.others == 0 || oldest.Before(next) {
			next = oldest
		}
	}
	return max(next.Sub(now), time.Millisecond)
}

// forget drops what has left the window.
func (l *slidingWindow) forget(now time.Time) {
	gone := 0
	for gone < len(l.sent) && now.Sub(l.sent[gone].at) >= l.window {
		gone++
	}
	l.sent = l.sent[gone:]
	if !now.Before(l.othersUntil) {
		l.others = 0
	}
}

// reservePolls tells whether there are waits, for which a share is kept.
func (l *slidingWindow) reservePolls(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keepShare = on
}

// scarce reports whether less than a tenth of the allowance is left.
func (l *slidingWindow) scarce() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(time.Now())
	return len(l.sent)+l.others > l.limit-l.limit/10
}

// observe learns from an answer how many requests are left in the API's own
// count, which others with the same key lower too.
func (l *slidingWindow) observe(header http.Header) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if left, err := strconv.Atoi(header.Get("X-Rate-Limit-Remaining")); err == nil && left >= 0 {
		l.forget(now)
		l.others = min(max(0, l.limit-left-len(l.sent)), l.limit)
		l.othersUntil = now.Add(l.window)
	}
}

// pause holds all requests back, as a 429 asked.
func (l *slidingWindow) pause(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(min(d, l.window)); until.After(l.pausedUntil) {
		l.pausedUntil = until
	}
}

// pauseAll holds back all requests of the client, if it limits them itself.
func (t *transport) pauseAll(d time.Duration) {
	if l, ok := t.limiter.(ownLimiter); ok {
		l.pause(d)
	}
}

// reservePolls tells the client's own limiter whether there are waits.
func (t *transport) reservePolls(on bool) {
	if l, ok := t.limiter.(ownLimiter); ok {
		l.reservePolls(on)
	}
}

// scarce reports whether little of the allowance is left, as far as is known.
func (t *transport) scarce() bool {
	l, ok := t.limiter.(ownLimiter)
	return ok && l.scarce()
}

// used is the share of the allowance that is in use, as far as is known.
func (t *transport) used() float64 {
	if t.scarce() {
		return 1
	}
	return 0
}
