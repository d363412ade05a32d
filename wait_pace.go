package rediscloud

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"time"
)

// pace says how long to pause between two looks at the same thing.
//
// The pause is min for the first few looks, since most tasks are short, then
// grows by factor up to max. What takes long can be seen late: after a while
// the pause may grow further, up to a share of the time waited.
type pace struct {
	min, max time.Duration
	factor   float64
	jitter   float64 // share by which a pause may be shorter, at random
}

var defaultPace = pace{min: 500 * time.Millisecond, max: 1600 * time.Millisecond, factor: 1.25, jitter: 0.1}

const (
	steadyLooks  = 6
	longWaitPart = 28 // a pause may reach 1/28 of the time waited
	longestPause = 30 * time.Second
)

// pause is the time to wait before the nth look, counted from 0, at something
// that has been as it is since age.
func (p pace) pause(n int, age time.Duration) time.Duration {
	limit := max(p.max, min(age/longWaitPart, longestPause))
	pause := float64(p.min) * math.Pow(p.factor, float64(max(0, n+1-steadyLooks)))
	pause = min(pause, float64(limit))
	return time.Duration(pause * (1 - p.jitter*rand.Float64()))
}

// A look is one observation. It returns the status seen, and whether that is
// the end. A failed one returns an error; with done it is the end all the same.
type look func(context.Context) (status string, done bool, err error)

// follow repeats a look at the resource until it is done: the loop under the
// waits that share nothing with others. It returns the error of the look that
// was the end, or why no end can be seen: ctx ended, an answer that can't
// change, or too many failures in a row.
func (w *wait) follow(ctx context.Context, look look) error {
	ctx = asPoll(ctx)
	began := time.Now()
	since := began // when what is seen became as it is
	looks, seen := 0, ""
	var missing time.Time
	for ; ; looks++ {
		status, done, err := look(ctx)
		now := time.Now()
		switch {
		case done:
			return err
		case err == nil:
			w.failures = 0
			if status != seen {
				seen, since, looks = status, now, 0
			}
		case ctx.Err() != nil:
			return contextError(ctx)
		}
		pause := w.config.pace.pause(looks, now.Sub(since))
		missing = missingSince(err, missing, now)
		if err != nil {
			w.failures++
			w.failed++
			w.pollErr = err
			if w.givesUp(err, missing) {
				return err
			}
			if missing.IsZero() {
				pause = pauseAfter(err, w.failures, pause)
			}
		}
		w.client.transport.logWait(slog.String("status", oneLine(seen)), slog.Duration("elapsed", now.Sub(began)), slog.Duration("next", pause),
			errorAttr(err), slog.String("task", w.last.TaskID), slog.String("resource", w.resource))
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// missingSince is since when something is a 404, after a look that ended in err:
// zero if it isn't one.
func missingSince(err error, before, now time.Time) time.Time {
	switch {
	case !errors.Is(err, ErrNotFound):
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}

// pauseAfter is the pause after a number of failures in a row: longer each
// time, and never shorter than the API asks for. A 404, which is how something
// new begins, isn't such a failure.
func pauseAfter(err error, failures int, pause time.Duration) time.Duration {
	for range failures - 1 {
		if pause *= 2; pause >= longestPause {
			pause = longestPause
			break
		}
	}
	if answer, ok := errors.AsType[*APIError](err); ok {
		pause = max(pause, min(answer.RetryAfter, rateWindow))
	}
	return pause
}

// transient reports whether another look may go better.
func transient(err error) bool {
	if errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden) {
		return false
	}
	answer, ok := errors.AsType[*APIError](err)
	if !ok {
		return true
	}
	switch answer.StatusCode {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests, statusClientClosed:
		return true
	}
	return answer.StatusCode < 400 || answer.StatusCode >= 500
}
