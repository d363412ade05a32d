// Package ratelimit keeps requests within a limit for any stretch of time,
// shared between the calls of a user and the polls of the waits, and between
// programs that know of each other only by the remaining number that the server
// reports.
//
// Window is the rule: a function of what was reported to it and of the time,
// without clock, lock or goroutine. Limiter applies it.
package ratelimit

import (
	"math"
	"time"
)

// A Class is the purpose of a request.
type Class int

// The classes of requests. Writes announce polls. Results are the reads that
// follow polls; they share with the polls, but don't queue behind the next
// ones.
const (
	Read Class = iota
	Write
	Result
	Poll
)

// patient reports whether a request is part of a wait, which lasts as long as
// its context.
func (c Class) patient() bool { return c == Result || c == Poll }

// The two sides of requests, as array indexes.
const (
	calls = iota
	polls
)

func (c Class) side() int {
	if c.patient() {
		return polls
	}
	return calls
}

const (
	// One in pollShare requests is kept for the polls: enough to see the ends
	// of a stream of short tasks, and to read what they created.
	pollShare = 4
	// settle is how long it takes until recent polls show how many will be
	// needed. It is also how long after a write its first poll is awaited.
	settle = 10 * time.Second
	// One in spare requests isn't used while other programs also send: that
	// many may be in flight unnoticed. It is also the minimum that is kept for
	// polls.
	spare = 30
	// A program that has hardly sent anything may send one in newcomer
	// requests.
	newcomer = 16
	// The share of each program is drawn towards one in crowd, by pull in a
	// window: all settle at equal shares, however many they are. The pull is
	// weak, since with few programs it leaves some of the limit unused, and
	// with many they ask for more than there is.
	crowd = 8
	pull  = 0.15
	// probe is the longest gap between requests when others seem to have used
	// everything: a mere inference must not lock a program out.
	probe = 5 * time.Second
	// After proof successful requests of our own with the same number left, the
	// number isn't a count of anything.
	proof = 5
	// horizons is the number of steps in which a window is looked ahead.
	horizons = 12
)

// A Window lets limit requests pass in any stretch of its length. It isn't safe
// for concurrent use. The times passed to it must not go back.
//
// A request is counted from when it is let pass until it is answered, and then
// for one more length: whenever it arrived, that was before the response. So a
// request whose connection takes long to establish can't arrive alongside those
// that followed it a window later.
//
// Calls have priority over polls, but a share is reserved for the polls from
// the first write on: as much as they have lately needed plus one for each
// write of a burst, and all of the share while they need more, or as long as
// the need isn't known.
//
// When the server reports less left than our own requests explain, other
// programs are active. Then nobody knows how much is left now, nor how many
// programs there are. What is left is spread over the time in which old
// requests leave the window, and we take our share of it: our part of the
// requests in the window. Programs that all do so settle at equal shares, and
// what is left doesn't run out.
//
// The server's number is believed as long as it moves. A number that stays the
// same while our own requests succeed, such as a 0 in every response, is not a
// count, and is ignored until it changes or the server rejects a request.
type Window struct {
	limit  int
	length time.Duration

	sent    [2]ledger // answered, by side
	flying  [2]int    // in flight
	waiting [2]int    // held back
	waits   bool      // anyone needs polls
	engaged time.Time // since when polls are expected
	expects time.Time // until when, as far as is known
	writes  ledger    // when they passed

	others  ledger
	expired int          // of others, since they were last noticed
	heard   time.Time    // when that was
	due     [2]time.Time // when the next request would be due if the gap were kept exactly
	refused int          // in a row

	told    int // the last number; -1 if none
	ownThen int // own requests when it was first reported
	proof   int
	doubted bool

	pausedUntil time.Time
}

// NewWindow returns a window in which nothing has been sent yet.
func NewWindow(limit int, length time.Duration) *Window {
	return &Window{limit: limit, length: length, told: -1, proof: proof}
}

// Take lets a request pass, or returns how long it must wait by the current
// state. What has passed must be reported to Done.
func (w *Window) Take(now time.Time, class Class) (wait time.Duration) {
	side := class.side()
	w.forget(now)
	wait, paced := w.check(now, class)
	if side == polls {
		w.expect(now)
	}
	if wait > 0 {
		return wait
	}
	if class == Write {
		w.writes.add(now, 1)
	}
	if paced > 0 {
		w.due[side] = later(w.due[side], now).Add(paced)
	}
	w.flying[side]++
	return 0
}

// Done reports that a request which has passed was answered, or won't be, and
// how often it was sent.
func (w *Window) Done(now time.Time, class Class, sent int) {
	w.forget(now)
	w.flying[class.side()]--
	w.sent[class.side()].add(now, sent)
}

// Hold reports that n more requests are held back, or -n fewer.
func (w *Window) Hold(class Class, n int) { w.waiting[class.side()] += n }

// Watch sets whether anyone needs polls.
func (w *Window) Watch(now time.Time, on bool) {
	if on {
		w.expect(now)
	}
	w.waits = on
}

// Pause holds all requests back for d, but no longer than a length.
func (w *Window) Pause(now time.Time, d time.Duration) {
	w.pausedUntil = later(w.pausedUntil, now.Add(min(d, w.length)))
}

// Refused reports that the server has rejected a request because of the rate,
// and the number it said is left, or -1.
func (w *Window) Refused(now time.Time, left int) {
	w.forget(now)
	w.refused++
	if w.doubted {
		w.doubted, w.proof = false, min(2*w.proof, w.limit)
	}
	w.told = -1
	if left >= 0 {
		w.hear(now, w.limit-left-w.own())
		w.heard = now
	}
}

// Told records what the server says is left, in the response to a request that
// passed at a time and wasn't rejected.
func (w *Window) Told(now, passed time.Time, left int) {
	w.forget(now)
	w.refused = 0
	own := w.own()
	if left != w.told {
		w.told, w.ownThen, w.doubted = left, own, false
	}
	w.ownThen = min(w.ownThen, own)
	others := w.limit - left - own
	if others > 0 && own-w.ownThen >= w.proof {
		w.doubted = true
	}
	switch {
	case w.doubted:
		w.others = ledger{}
	case !passed.Before(w.heard):
		w.hear(now, others)
		w.heard = now
	case others > w.others.sum:
		// It may be older than what is known, and is believed if it is worse.
		w.hear(now, others)
	}
}

// hear records how many requests of others are in the window. New ones count
// from now on, in case they all came at once. When many of these leave at once,
// and as many are reported again, then others have been sending all the time,
// and theirs were hidden behind them.
func (w *Window) hear(now time.Time, others int) {
	others = min(max(0, others), w.limit)
	switch more := others - w.others.sum; {
	case more <= 0:
		w.others.drop(-more)
	case min(more, w.expired) > w.limit/10:
		w.others = spread(now.Add(-w.length), w.length, others)
	default:
		w.others.add(now, more)
	}
	w.expired = 0
}

// spread returns n requests spread evenly over a window.
func spread(from time.Time, length time.Duration, n int) (l ledger) {
	const steps = 60
	for i := range steps {
		l.add(from.Add(length*time.Duration(i+1)/steps), n*(i+1)/steps-n*i/steps)
	}
	return l
}

// pressed is the pressure while calls of our own are held back.
const pressed = 0.7

// Pressure says how much polls should yield to others, from 0 to 1: the share
// of the limit that other programs use, as far as is known, or more than half
// while calls of our own are held back.
func (w *Window) Pressure(now time.Time) float64 {
	w.forget(now)
	pressure := float64(w.others.sum) / float64(w.limit)
	if w.waiting[calls] > 0 {
		pressure = max(pressure, pressed)
	}
	return pressure
}

// NextPoll returns how long a poll would have to wait now.
func (w *Window) NextPoll(now time.Time) time.Duration {
	w.forget(now)
	wait, _ := w.check(now, Poll)
	return max(0, wait)
}

// check returns how long a request must wait, and the gap that it must keep to
// the next one, if any.
func (w *Window) check(now time.Time, class Class) (wait, gap time.Duration) {
	side := class.side()
	if pause := w.pausedUntil.Sub(now); pause > 0 {
		return pause, 0
	}
	left := w.limit - w.total()
	switch {
	case w.own() >= w.limit:
		return w.untilOneLeaves(now, &w.sent[calls], &w.sent[polls]), 0
	case side == polls && w.waiting[calls] > 0 && w.side(polls) >= w.share():
		return w.untilOneLeaves(now, &w.sent[polls]), 0
	case side == calls && w.others.sum == 0:
		return w.untilKept(now, left), 0
	case w.others.sum == 0, left > w.plenty(class):
		return 0, 0
	}
	gap = w.gap(now)
	// Two may follow each other closely: a poll, and the read of its result.
	return w.due[side].Add(-gap).Sub(now), gap
}

// plenty is how much must be left for requests of a class to go freely although
// others also send. Results are few.
func (w *Window) plenty(class Class) int {
	switch class {
	case Poll:
		return w.limit / 2
	case Result:
		return w.limit / spare
	default:
		return w.limit / pollShare
	}
}

// untilKept is the time until a call leaves to the polls what is kept for them.
func (w *Window) untilKept(now time.Time, left int) time.Duration {
	if left > w.kept(now) {
		return 0
	}
	wait := w.untilOneLeaves(now, &w.sent[calls], &w.sent[polls])
	if left > 0 {
		wait = min(wait, settle) // by then it may have changed
	}
	return wait
}

// gap is the time between two requests while others also send.
func (w *Window) gap(now time.Time) time.Duration {
	longest := min(probe<<min(w.refused, 1), w.length)
	part := float64(w.own()) / float64(max(1, w.total()))
	part = max((1-pull)*part+pull/crowd, 1.0/newcomer)
	if w.waiting[calls] > 0 && w.waiting[polls] > 0 {
		part /= 2
	}
	rate := part * w.rate(now)
	if rate*longest.Seconds() <= 1 {
		return longest
	}
	return time.Duration(float64(time.Second) / rate)
}

// rate is the number of requests per second, of all programs, that doesn't use
// up what is left before enough has left the window.
func (w *Window) rate(now time.Time) float64 {
	var leaving [horizons]int
	step := w.length / horizons
	for _, l := range []*ledger{&w.sent[calls], &w.sent[polls], &w.others} {
		for _, b := range l.batches {
			leaving[min(max(0, int(b.last.Add(w.length).Sub(now)/step)), horizons-1)] += b.n
		}
	}
	left, rate := w.limit-w.total()-w.limit/spare, math.Inf(1)
	for i, n := range leaving {
		rate = min(rate, float64(left)/(float64(i+1)*step.Seconds()))
		left += n
	}
	return rate
}

// kept is how many requests calls must leave to the polls.
func (w *Window) kept(now time.Time) int {
	need := 0
	switch lately := w.sent[polls].since(now.Add(-settle)) + w.flying[polls]; {
	case !w.waits && !now.Before(w.expects):
	case w.waiting[polls] > 0 || now.Sub(w.engaged) < settle:
		need = w.share()
	case lately > 0 || w.waits:
		need = w.limit/spare + lately*int(w.length/settle)*5/4
	}
	// Each write of a burst will need at least one poll. Those of a steady
	// stream have shown what they need.
	burst := w.writes.since(now.Add(-settle)) - int(int64(w.writes.sum)*int64(settle)/int64(w.length))
	need = min(need+max(0, burst), w.share())
	return max(0, need-w.side(polls))
}

// expect notes that polls are expected.
func (w *Window) expect(now time.Time) {
	if !w.waits && !now.Before(w.expects) {
		w.engaged = now
	}
	w.expects = now.Add(settle)
}

// share is how many of the requests in a window calls can't take from the
// polls.
func (w *Window) share() int {
	if w.limit == 1 {
		return 0
	}
	return max(1, w.limit/pollShare)
}

func (w *Window) side(side int) int { return w.sent[side].sum + w.flying[side] }
func (w *Window) own() int          { return w.side(calls) + w.side(polls) }
func (w *Window) total() int        { return w.own() + w.others.sum }

func (w *Window) forget(now time.Time) {
	before := now.Add(-w.length)
	w.sent[calls].forget(before)
	w.sent[polls].forget(before)
	w.writes.forget(before)
	expired := w.others.sum
	w.others.forget(before)
	w.expired += expired - w.others.sum
}

// untilOneLeaves is the time until the first of some requests leaves the
// window. While all are in flight it isn't known.
func (w *Window) untilOneLeaves(now time.Time, ledgers ...*ledger) time.Duration {
	wait := w.length
	for _, l := range ledgers {
		if at, ok := l.oldest(); ok {
			wait = min(wait, at.Add(w.length).Sub(now))
		}
	}
	return max(wait, time.Millisecond)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
