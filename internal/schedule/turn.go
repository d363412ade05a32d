package schedule

import "time"

func (g *group) turnRate() float64 {
	if g.turns.disorder >= disorders {
		return searchRate
	}
	return turnRate
}

// wantTurn hands over the next of the single reads that carry the wait in place of the list.
func (g *group) wantTurn(p *Plan, unfinished []*subject, now time.Time, consider func(want)) {
	pause := p.stretched(time.Duration(float64(time.Second) / g.turnRate()))
	var next *subject
	var soonest time.Time
	for _, s := range unfinished {
		if s.flying(p) {
			continue
		}
		at := later(s.joined.Add(firstLook), s.asked.Add(2*pause), s.waits)
		if at.After(now) {
			if soonest.IsZero() || at.Before(soonest) {
				soonest = at
			}
			continue
		}
		if next == nil || g.goesFirst(s, next, now) {
			next = s
		}
	}
	at := g.turns.asked.Add(pause)
	switch {
	case next == nil && soonest.IsZero():
		return
	case next == nil:
		at = later(at, soonest)
		for _, s := range unfinished {
			if next == nil && !s.flying(p) && !later(s.joined.Add(firstLook), s.asked.Add(2*pause), s.waits).After(soonest) {
				next = s
			}
		}
	}
	consider(want{at: at, class: latest, overdue: overdue(g.turns.asked, pause, now), of: turn{next}})
}

// goesFirst decides whose turn it is.
func (g *group) goesFirst(s, t *subject, now time.Time) bool {
	var round bool
	switch rest := g.turns.count % turnRest; {
	case g.turns.disorder >= disorders:
		sRuns, tRuns := s.runsUnasked(now), t.runsUnasked(now)
		if sRuns != tRuns {
			return sRuns
		}
		round = true
	case now.Sub(g.moved) > turnQuiet:
		round = g.turns.count%quietRest > 0
	default:
		round = rest == turnRest-1
	}
	switch {
	case g.turns.disorder < disorders && s.unaware() != t.unaware():
		return s.unaware()
	case round:
		return s.asked.Before(t.asked) || s.asked.Equal(t.asked) && s.earlier(t)
	case (s.Phase == Running) != (t.Phase == Running):
		return s.Phase == Running
	case s.Phase == Running:
		return s.asked.Before(t.asked)
	}
	return s.earlier(t)
}

// overtaken reports that a later subject has begun: this one is over then, if they are processed in order.
func (s *subject) overtaken() bool {
	return s.Phase == Queued && s.g.turns.begun != nil && s.earlier(s.g.turns.begun)
}

// unaware reports that a subject hasn't been asked since it was overtaken.
func (s *subject) unaware() bool { return s.overtaken() && s.asked.Before(s.g.turns.begunAt) }

func (s *subject) runsUnasked(now time.Time) bool {
	return s.Phase == Running && now.Sub(s.asked) >= runningPause
}

// turn is a single read in place of the list.
type turn struct{ *subject }

func (t turn) sent(p *Plan, now time.Time) Poll {
	t.g.turns.asked = now
	t.g.turns.count++
	return t.subject.sent(p, now)
}
