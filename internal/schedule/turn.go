package schedule

import "time"

// rate is how many polls a second the group needs.
func (g *group) rate() float64 {
	if !g.Latest || len(g.subjects) < 2 || g.trusted() && !g.list.drops {
		return budgetRate
	}
	return g.turnRate() + 0.1
}

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
		at := later(s.joined.Add(firstTurn), s.asked.Add(2*pause), s.waits)
		if at.After(now) {
			if soonest.IsZero() || at.Before(soonest) {
				soonest = at
			}
			continue
		}
		if next == nil || g.goesFirst(s, next) {
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
			if next == nil && !s.flying(p) && !later(s.joined.Add(firstTurn), s.asked.Add(2*pause), s.waits).After(soonest) {
				next = s
			}
		}
	}
	consider(want{at: at, class: latest, overdue: overdue(g.turns.asked, pause, now), of: turn{next}})
}

// goesFirst decides whose turn it is.
func (g *group) goesFirst(s, t *subject) bool {
	switch {
	case g.turns.disorder >= disorders && g.turns.count%2 == 1, g.turns.count%turnRest == turnRest-1:
		return s.asked.Before(t.asked) || s.asked.Equal(t.asked) && s.earlier(t)
	case (s.Phase == Running) != (t.Phase == Running):
		return s.Phase == Running
	case s.Phase == Running:
		return s.asked.Before(t.asked)
	}
	return s.earlier(t)
}

// turn is a single read in place of the list.
type turn struct{ *subject }

func (t turn) sent(p *Plan, now time.Time) Poll {
	t.g.turns.asked = now
	t.g.turns.count++
	return t.subject.sent(p, now)
}
