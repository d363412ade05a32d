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
	pause, class, from := g.tick(p, now), latest, g.asked
	if !g.Latest {
		pause, class = g.overviewed(p, p.pause(g.Cadence, g.polls, now.Sub(g.joined)), now), others
	}
	at := later(from.Add(pause), g.since.Add(firstLook))
	for _, s := range unfinished {
		if s.Phase == Unknown && s.sought && g.list.read.Before(s.joined) {
			at = s.joined.Add(resumed)
		}
	}
	if g.due.After(from) {
		at = g.due
	}
	consider(want{at: later(at, g.list.tryAt, p.listsFree), class: class, overdue: g.overdue(from, pause, now), of: g})
}

// tick is the pause between two reads of the top of a Latest list.
func (g *group) tick(p *Plan, now time.Time) time.Duration {
	quiet := now.Sub(g.moved)
	pause := max(tick, min(quiet/28, quietTick))
	if p.crowd() >= crowdFrom {
		pause = max(pause, crowdTick)
	}
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
		at := later(s.joined.Add(visible), s.again, s.waits)
		if s.vanished() {
			at = later(s.waits, g.turns.asked.Add(vanishedPause))
		} else {
			at = later(at, g.missedAt.Add(missedPause))
		}
		if first == nil || s.precedes(first, at, firstAt, now) {
			first, firstAt = s, at
		}
	}
	if first != nil {
		consider(want{at: firstAt, class: g.class(), overdue: overdue(firstAt, time.Second, now), of: missed{first}})
	}
}

func (g *group) class() class {
	if g.Latest {
		return latest
	}
	return others
}

// vanished reports that the list doesn't show what it has shown, or must show as it is running: that has probably ended.
func (s *subject) vanished() bool {
	return !s.unlisted.IsZero() && (s.listed || s.Phase == Running) && s.asked.Before(s.unlisted)
}

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
	if s.vanished() {
		s.g.turns.asked = now
	} else {
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
	l.asked, g.asked = now, now
	g.quick.spend(quickRate, now)
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
// as the oldest subject. As long as it isn't known whether the list shows what has ended, it is down to those that are running.
func (g *group) down(now time.Time) (down time.Time, deep bool) {
	l := &g.list
	pause := deepPause
	if !l.keeps {
		pause = firstDeepPause
	}
	if l.read.IsZero() || !g.clocked || now.Sub(l.deep) >= pause {
		return g.oldest(func(*subject) bool { return true }), true
	}
	read := l.read.Add(g.ahead)
	down = read.Add(-max(sureMargin, l.margin))
	if g.changedSince(down) > fewChanges {
		down = read.Add(-max(fastMargin, l.margin))
	}
	if oldest := g.oldest(func(s *subject) bool { return !s.joined.Before(l.read) }); !oldest.IsZero() && oldest.Before(down) {
		down = oldest
	}
	if oldest := g.oldest(func(s *subject) bool { return s.Phase == Running }); !l.keeps && !oldest.IsZero() && oldest.Before(down) &&
		g.changedSince(oldest) <= fewChanges {
		down = oldest
	}
	return down, false
}

// oldest is the earliest stamp of the unfinished subjects that are meant; zero if there is none.
func (g *group) oldest(meant func(*subject) bool) (oldest time.Time) {
	for _, s := range g.subjects {
		if s.Phase != Over && !s.Stamp.IsZero() && meant(s) && (oldest.IsZero() || s.Stamp.Before(oldest)) {
			oldest = s.Stamp
		}
	}
	return oldest
}

func (g *group) changedSince(stamp time.Time) (changes int) {
	for _, s := range g.subjects {
		if s.Stamp.After(stamp) {
			changes++
		}
	}
	return changes
}
