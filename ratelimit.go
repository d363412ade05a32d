package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

// headerObserver is a Limiter that learns from the answers.
type headerObserver interface {
	observe(status int, header http.Header)
}

// errRateDeadline says that waiting would have been in vain.
var errRateDeadline = errors.New("the rate limit leaves no room before the deadline")

const (
	rateWindow = time.Minute
	// A request is counted when it leaves, and arrives a little later. The
	// margin covers the difference between two such delays.
	rateMargin = time.Second
)

// slidingWindow lets limit requests pass in any window. The waiters form a
// queue, of which the first alone sleeps.
type slidingWindow struct {
	limit  int
	window time.Duration
	turn   chan struct{} // held by the first waiter

	mu          sync.Mutex
	sent        []time.Time // within the window, oldest first
	others      int         // requests of others with the same key, as last told
	othersUntil time.Time
	pausedUntil time.Time // as a 429 asked
}

func newSlidingWindow(limit int) *slidingWindow {
	return &slidingWindow{limit: limit, window: rateWindow + rateMargin, turn: make(chan struct{}, 1)}
}

// Wait returns when a request may be sent. It fails at once when the deadline
// of ctx is too early.
func (l *slidingWindow) Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return contextError(ctx)
	}
	for {
		wait := l.take(time.Now())
		if wait <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return fmt.Errorf("%w: %w", errRateDeadline, context.DeadlineExceeded)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// take counts a request, or returns how long to wait before asking again.
func (l *slidingWindow) take(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if pause := l.pausedUntil.Sub(now); pause > 0 {
		return pause
	}
	l.forget(now)
	if len(l.sent)+l.others < l.limit {
		l.sent = append(l.sent, now)
		return 0
	}
	next := l.othersUntil
	if len(l.sent) > 0 {
		if oldest := l.sent[0].Add(l.window); l.others == 0 || oldest.Before(next) {
			next = oldest
		}
	}
	return next.Sub(now)
}

// forget drops what has left the window.
func (l *slidingWindow) forget(now time.Time) {
	gone := 0
	for gone < len(l.sent) && now.Sub(l.sent[gone]) >= l.window {
		gone++
	}
	l.sent = l.sent[gone:]
	if !now.Before(l.othersUntil) {
		l.others = 0
	}
}

// observe learns from an answer: how many requests are left in the API's own
// count, which others with the same key lower too, and what a 429 asks for.
func (l *slidingWindow) observe(status int, header http.Header) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if left, err := strconv.Atoi(header.Get("X-Rate-Limit-Remaining")); err == nil && left >= 0 {
		l.forget(now)
		l.others = min(max(0, l.limit-left-len(l.sent)), l.limit)
		l.othersUntil = now.Add(l.window)
	}
	if hint, ok := retryHint(header, now); ok && status == http.StatusTooManyRequests {
		l.pausedUntil = now.Add(min(hint, l.window))
	}
}
