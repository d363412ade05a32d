package schedule

import (
	"slices"
	"time"
)

// turnState is what is known while single reads carry the wait.
type turnState struct {
	asked    time.Time
	count    int
	disorder int       // see disorders
	begun    *subject  // of those that have begun, the last in the queue; it may have left
	begunAt  time.Time // when that was learned
}

// inOrder reports whether subjects seem to be processed in the order of the
// queue.
func (g *group) inOrder() bool { return g.turns.disorder < disorders }

// wantTurn hands over the next of the single reads that carry the wait instead
// of the list.
func (g *group) wantTurn(p *Plan, unfinished []*subject, now time.Time, consider func(want)) {
	rate := turnRate
	searches := g.searches(unfinished, now)
	if searches {
		rate = searchRate
	}
	pause := g.scale(seconds(1/rate)) * p.scarce
	round := g.goesRound(searches)
	var next *subject
	var nextAt time.Time
	for _, s := range unfinished {
		if p.isFlying(g.ID, s.name) {
			continue
		}
		at := later(s.joined.Add(g.scale(firstLook)), s.asked.Add(max(pause, g.Cadence.Min)), s.waits)
		if next == nil || goesBefore(at, nextAt, now, func() bool { return g.goesFirst(s, next, round, now) }) {
			next, nextAt = s, at
		}
	}
	if next != nil {
		consider(want{at: later(nextAt, g.turns.asked.Add(pause)), class: g.class(), of: turn{next}})
	}
}

// goesFirst decides whose turn it is.
func (g *group) goesFirst(s, t *subject, round bool, now time.Time) bool {
	if s.unheardOf() != t.unheardOf() {
		return s.unheardOf()
	}
	if g.inOrder() {
		if s.unaware() != t.unaware() {
			return s.unaware()
		}
	} else if s.runsUnasked(now) != t.runsUnasked(now) {
		return s.runsUnasked(now)
	}
	switch {
	case round:
		return s.asked.Before(t.asked) || s.asked.Equal(t.asked) && s.earlier(t)
	case s.Phase != t.Phase && (s.Phase == Running || t.Phase == Running):
		return s.Phase == Running
	case s.Phase == Running || s.ties(t) && !s.asked.Equal(t.asked):
		return s.asked.Before(t.asked)
	}
	return s.earlier(t)
}

// searches reports whether it is unknown what is running and what is next.
func (g *group) searches(unfinished []*subject, now time.Time) bool {
	runs := func(s *subject) bool { return s.Phase == Running }
	return !g.inOrder() || slices.ContainsFunc(unfinished, (*subject).unheardOf) || now.Sub(g.moved) > turnQuiet && !slices.ContainsFunc(unfinished, runs)
}

// goesRound reports whether it is the turn of the longest unasked.
func (g *group) goesRound(searches bool) bool {
	switch {
	case !g.inOrder():
		return true
	case searches:
		return g.turns.count%quietRest > 0
	}
	return g.turns.count%turnRest == turnRest-1
}

// unheardOf reports whether nothing is known of a subject, and it hasn't been
// asked yet.
func (s *subject) unheardOf() bool { return s.Phase == Unknown && s.asked.IsZero() }

// overtaken reports whether a later subject has begun: then this one is over,
// if they are processed in order. One that was queued at the same time may be
// either.
func (s *subject) overtaken() bool {
	begun := s.g.turns.begun
	return s.Phase == Queued && begun != nil && (s.earlier(begun) || s.ties(begun))
}

func (s *subject) ties(t *subject) bool { return !s.place.IsZero() && s.place.Equal(t.place) }

// unaware reports whether a subject hasn't been asked since it was overtaken.
func (s *subject) unaware() bool { return s.overtaken() && s.asked.Before(s.g.turns.begunAt) }

func (s *subject) runsUnasked(now time.Time) bool {
	return s.Phase == Running && now.Sub(s.asked) >= runningPause
}

// tied counts the subjects that were queued at the same time.
func (g *group) tied(s *subject) (n int) {
	for _, t := range g.subjects {
		if s.ties(t) {
			n++
		}
	}
	return n
}

// turn is a single read instead of the list.
type turn struct{ *subject }

func (t turn) sent(p *Plan, now time.Time) Poll {
	t.g.turns.asked = now
	t.g.turns.count++
	return t.subject.sent(p, now)
}

// begins keeps the last in the queue of those that have begun.
func (g *group) begins(s *subject, now time.Time) {
	if turns := &g.turns; s.Phase > Queued && (turns.begun == nil || turns.begun.earlier(s)) {
		turns.begun, turns.begunAt = s, now
	}
}

// judgeOrder looks for subjects that are still queued although a later one had
// begun when they were asked.
func (g *group) judgeOrder(s *subject, seen Seen) {
	turns := &g.turns
	if seen.Phase != Queued || s.outOfOrder || !s.overtaken() || !turns.begunAt.Before(s.asked) {
		return
	}
	ties := s.ties(turns.begun)
	if ties && g.tied(s) <= tiesMost {
		return
	}
	s.outOfOrder = true
	if ties || s.place.IsZero() || turns.begun.place.IsZero() {
		turns.disorder += disorderJoined
	} else {
		turns.disorder += disorder
	}
}
