package schedule

import "time"

// trusted reports whether the list carries the wait.
func (g *group) trusted() bool {
	l := &g.list
	return g.List && l.fails == 0 && !l.behind && !l.large && l.took <= slowList+2*g.single
}

// tryList hands over the next try of a list that carries nothing.
func (g *group) tryList(p *Plan, now time.Time, consider func(want)) {
	if !g.flying(p) {
		consider(want{at: later(g.list.tryAt, p.listsFree), class: others, overdue: overdue(g.list.asked, retryList, now), of: g})
	}
}

func (g *group) wantList(p *Plan, unfinished []*subject, now time.Time, consider func(want)) {
	if g.flying(p) {
		return
	}
	pause, class, from := g.tick(p, now), latest, later(g.list.asked, g.since)
	if !g.Latest {
		pause, class = g.overviewed(p, p.pause(g.Cadence, g.polls, now.Sub(g.moved))), others
	}
	at := from.Add(pause)
	for _, s := range unfinished {
		if s.Phase == Unknown && s.sought && g.list.read.Before(s.joined) {
			at = s.joined.Add(p.stretched(resumed))
		}
	}
	if g.due.After(from) {
		at = g.due
	}
	consider(want{at: later(at, g.list.tryAt, p.listsFree), class: class, overdue: overdue(from, pause, now), of: g})
}

// tick is the pause between two reads of the top of a Latest list.
func (g *group) tick(p *Plan, now time.Time) time.Duration {
	quiet := now.Sub(g.moved)
	pause := max(tick, min(quiet/28, quietTick))
	if quiet > restless {
		pause = min(quietTick+(quiet-restless)/28, longTick)
	}
	return p.stretched(pause)
}

// wantMissed hands over the single read of a subject that the list should have shown.
func (g *group) wantMissed(p *Plan, unfinished []*subject, now time.Time, consider func(want)) {
	var first *subject
	var firstAt time.Time
	for _, s := range unfinished {
		if s.unlisted.IsZero() || s.flying(p) {
			continue
		}
		at := later(s.joined.Add(p.stretched(visible)), s.again, s.waits)
		if !s.vanished() {
			at = later(at, g.missedAt.Add(missedPause))
		}
		if first == nil || at.Before(firstAt) && at.After(now) && firstAt.After(now) || s.precedes(first, at, firstAt, now) {
			first, firstAt = s, at
		}
	}
	if first != nil {
		consider(want{at: firstAt, class: others, overdue: overdue(firstAt, time.Second, now), of: missed{first}})
	}
}

// vanished reports that the list no longer shows what it has shown: that has probably ended.
func (s *subject) vanished() bool { return s.listed && !s.unlisted.IsZero() }

// precedes orders those that are due: what has vanished, then what waits for long.
func (s *subject) precedes(t *subject, sAt, tAt, now time.Time) bool {
	switch sDue, tDue := !sAt.After(now), !tAt.After(now); {
	case sDue != tDue:
		return sDue
	case !sDue:
		return sAt.Before(tAt)
	case s.vanished() != t.vanished():
		return s.vanished()
	}
	return s.earlier(t)
}

// earlier orders subjects by their place in the queue, as far as it is known.
func (s *subject) earlier(t *subject) bool {
	if s.place.IsZero() || t.place.IsZero() || s.place.Equal(t.place) {
		return s.joined.Before(t.joined)
	}
	return s.place.Before(t.place)
}

// missed is a single read of what the list doesn't show.
type missed struct{ *subject }

func (m missed) sent(p *Plan, now time.Time) Poll {
	s := m.subject
	if !s.vanished() {
		s.g.missedAt = now
	}
	s.misses++
	s.again = now.Add(doubled(missedPause, missedMost, s.misses))
	return s.sent(p, now)
}

// sent makes the group's list the next poll.
func (g *group) sent(_ *Plan, now time.Time) Poll {
	l := &g.list
	poll := Poll{Group: g.ID, Whole: !g.Latest || l.whole || l.drops}
	l.down, l.isDeep = g.down(now)
	l.asked = now
	g.polls++
	g.due = time.Time{}
	if !poll.Whole {
		poll.Down = l.down
		for _, s := range g.subjects {
			if s.sought && s.Phase != Over {
				if poll.Sought == nil {
					poll.Sought = map[string]bool{}
				}
				poll.Sought[s.name] = true
			}
		}
	}
	for _, s := range g.subjects {
		s.hurried = s.hurried && g.Single
	}
	return poll
}

// down is how far a Latest list has to be read to tell all that is new: down to what the last read knew. The server's clock is taken
// to be as far behind as the stamps allow, so that nothing is passed over. Without a last read, and now and then, it is as far down
// as the oldest subject.
func (g *group) down(now time.Time) (down time.Time, deep bool) {
	l := &g.list
	deep = l.read.IsZero() || !g.clocked || now.Sub(l.deep) >= deepPause
	if !deep {
		margin := sureMargin
		if l.bytes > muchRead {
			margin = fastMargin
		}
		down = l.read.Add(g.ahead - max(margin, l.margin))
	}
	for _, s := range g.subjects {
		if s.Phase == Over || s.Stamp.IsZero() || !deep && s.joined.Before(l.read) {
			continue
		}
		if down.IsZero() || s.Stamp.Before(down) {
			down = s.Stamp
		}
	}
	return down, deep
}
