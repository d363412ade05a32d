package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrDeadline reports that the deadline comes before a request may be sent. It
// is joined with context.DeadlineExceeded.
var ErrDeadline = errors.New("the rate limit leaves no room before the deadline")

// Length is the time for which requests are counted: the minute of the limit,
// and a margin for clock differences.
const Length = time.Minute + 100*time.Millisecond

// lookAgain is the longest time that a request is held back before asking
// again: its turn may come earlier than expected.
const lookAgain = time.Second

// A Limiter holds requests back according to a Window. Calls, polls and results
// each form a queue, of which only the first asks. It is safe for concurrent
// use.
type Limiter struct {
	calls, polls, results chan struct{} // each held by its first

	mu     sync.Mutex
	window *Window
}

// New returns a limiter for a number of requests per minute.
func New(perMinute int) *Limiter {
	return &Limiter{
		calls:   make(chan struct{}, 1),
		polls:   make(chan struct{}, 1),
		results: make(chan struct{}, 1),
		window:  NewWindow(perMinute, Length),
	}
}

// A Slot is permission for one request. The zero Slot isn't counted.
type Slot struct {
	limiter *Limiter
	class   Class
	passed  time.Time
}

// Acquire returns when a request may be sent; the outcome must be reported to
// its Slot. A call fails at once if the deadline of ctx is too early. A poll or
// a result keeps waiting: what it is for lasts as long as ctx.
func (l *Limiter) Acquire(ctx context.Context, class Class) (Slot, error) {
	if ctx.Err() != nil {
		return Slot{}, ctx.Err()
	}
	l.do(func(w *Window, _ time.Time) { w.Hold(class, 1) })
	defer l.do(func(w *Window, _ time.Time) { w.Hold(class, -1) })
	var queue chan struct{}
	switch class {
	case Poll:
		queue = l.polls
	case Result:
		queue = l.results
	default:
		queue = l.calls
	}
	select {
	case queue <- struct{}{}:
		defer func() { <-queue }()
	case <-ctx.Done():
		return Slot{}, ctx.Err()
	}
	for {
		var passed time.Time
		var wait time.Duration
		l.do(func(w *Window, now time.Time) { passed, wait = now, w.Take(now, class) })
		if wait <= 0 {
			return Slot{l, class, passed}, nil
		}
		if deadline, ok := ctx.Deadline(); ok && !class.patient() && deadline.Sub(passed) < wait {
			return Slot{}, fmt.Errorf("%w: %w", ErrDeadline, context.DeadlineExceeded)
		}
		timer := time.NewTimer(min(wait, lookAgain))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return Slot{}, ctx.Err()
		}
	}
}

// Wait is Acquire for a read that is counted as finished at once.
func (l *Limiter) Wait(ctx context.Context) error {
	slot, err := l.Acquire(ctx, Read)
	slot.Done(1)
	return err
}

// Done reports that the request was answered or abandoned, and how often it was
// sent: 0 returns the slot.
func (s Slot) Done(sent int) {
	s.do(func(w *Window, now time.Time) { w.Done(now, s.class, sent) })
}

// Told is Window.Told, after Done.
func (s Slot) Told(left int) { s.do(func(w *Window, now time.Time) { w.Told(now, s.passed, left) }) }

// Refused is Window.Refused, after Done.
func (s Slot) Refused(left int) { s.do(func(w *Window, now time.Time) { w.Refused(now, left) }) }

func (s Slot) do(what func(*Window, time.Time)) {
	if s.limiter != nil {
		s.limiter.do(what)
	}
}

// Pause holds all requests back for d, but no longer than Length.
func (l *Limiter) Pause(d time.Duration) { l.do(func(w *Window, now time.Time) { w.Pause(now, d) }) }

// Watch sets whether anyone needs polls.
func (l *Limiter) Watch(on bool) { l.do(func(w *Window, now time.Time) { w.Watch(now, on) }) }

// Pressure is Window.Pressure.
func (l *Limiter) Pressure() (level float64) {
	l.do(func(w *Window, now time.Time) { level = w.Pressure(now) })
	return level
}

// NextPoll returns how long a poll would have to wait now.
func (l *Limiter) NextPoll() (wait time.Duration) {
	l.do(func(w *Window, now time.Time) { wait = w.NextPoll(now) })
	return wait
}

func (l *Limiter) do(what func(*Window, time.Time)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what(l.window, time.Now())
}
