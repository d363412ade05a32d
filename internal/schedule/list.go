package schedule

import "time"

// listState is what is known of a group's list.
type listState struct {
	asked time.Time     // last read
	read  time.Time     // last read whose response is believed
	deep  time.Time     // last such read down to the oldest subject
	took  time.Duration // the last response took
	fails int
	tries int       // since it carries nothing although it didn't fail
	tryAt time.Time // when to ask it again, at the earliest

	margin  time.Duration // known to be needed
	whole   bool          // it can't be cut: it is out of order, or has no stamps
	doubts  int           // reads to the end, because it showed nothing of ours
	doubtAt time.Time     // when the next of these is due
	keeps   bool          // it shows what has ended
	drops   bool          // it doesn't show what has ended
	behind  bool          // it lags
	shows   bool          // it has shown any of ours
	unseen  int           // subjects in a row that have begun, according to single reads, and were never shown
	blind   bool          // it shows none of ours, or too few
	large   bool          // it can't be read each time
}

// trusted reports whether the list carries the wait. Without single reads nothing
// else can, however slow or late it is.
func (g *group) trusted() bool {
	l := &g.list
	if !g.Single {
		return g.List && l.fails == 0
	}
	return g.List && l.fails == 0 && !l.behind && !l.blind && !l.large && l.took <= slowList+2*g.single
}

// hangs is when a poll sent at that time counts as hanging, or its list as
// slow.
func (g *group) hangs(sent time.Time) time.Time { return sent.Add(slowList + 2*g.single + 1) }

// tryList hands over the next try of a list that carries nothing.
func (g *group) tryList(p *Plan, now time.Time, consider func(want)) {
	if g.List && !p.isFlying(g.ID, "") {
		consider(want{at: later(g.list.tryAt, p.listsFree), class: g.class(), overdue: g.overdue(p, g.list.asked, retryList, now), of: g})
	}
}

func (g *group) wantList(p *Plan, unfinished []*subject, now time.Time, consider func(want)) {
	if p.isFlying(g.ID, "") {
		return
	}
	var pause time.Duration
	if g.Latest {
		pause = g.tick(p, now)
	} else {
		pause = g.overviewed(p, p.pause(g.Cadence, g.polls, now.Sub(g.joined)), now)
	}
	at := later(g.asked.Add(pause), g.several.Add(g.scale(firstLook)))
	for _, s := range unfinished {
		if s.Phase == Unknown && g.list.read.Before(s.joined) {
			at = s.joined.Add(g.scale(resumed))
			break
		}
	}
	if g.due.After(g.asked) {
		at = g.due
	}
	consider(want{at: later(at, g.list.tryAt, p.listsFree), class: g.class(), overdue: g.overdue(p, g.asked, pause, now), of: g})
}

// tick is the pause between two reads of the top of a Latest list.
func (g *group) tick(p *Plan, now time.Time) time.Duration {
	quiet := now.Sub(g.moved)
	pause := max(tick, min(quiet/quietShare, quietTick))
	if p.crowd >= crowdFrom {
		pause = max(pause, crowdTick)
	}
	if quiet > restless {
		pause = min(quietTick+(quiet-restless)/quietShare, longTick)
	}
	return min(max(g.scale(pause), g.Cadence.Min), g.Cadence.Max) * p.scarce
}

// wantMissed hands over the single read of a subject that the list should have
// shown.
func (g *group) wantMissed(p *Plan, unfinished []*subject, now time.Time, consider func(want)) {
	var next *subject
	var nextAt time.Time
	for _, s := range unfinished {
		if s.unlisted.IsZero() || p.isFlying(g.ID, s.name) {
			continue
		}
		at := later(s.joined.Add(visible), s.again, s.waits, g.missed.Add(g.scale(missedPause)*p.scarce))
		if s.vanished() {
			at = later(s.waits, g.turns.asked.Add(g.scale(vanishedPause)))
		}
		if next == nil || goesBefore(at, nextAt, now, func() bool {
			return s.vanished() && !next.vanished() || s.vanished() == next.vanished() && s.earlier(next)
		}) {
			next, nextAt = s, at
		}
	}
	if next != nil {
		consider(want{at: nextAt, class: g.class(), overdue: g.overdue(p, nextAt, missedPause, now), of: missed{next}})
	}
}

// vanished reports whether the list no longer shows what it has shown, or would
// show while it is running: that has probably ended.
func (s *subject) vanished() bool {
	return !s.unlisted.IsZero() && (s.listed || s.Phase == Running) && s.asked.Before(s.unlisted)
}

// missed is a single read of what the list doesn't show.
type missed struct{ *subject }

func (m missed) sent(p *Plan, now time.Time) Poll {
	s, g := m.subject, m.g
	if s.vanished() {
		g.turns.asked = now
	} else {
		g.missed = now
	}
	s.misses++
	s.again = now.Add(doubled(g.scale(missedPause), missedMost, s.misses) * p.scarce)
	return s.sent(p, now)
}

// sent makes the group's list the next poll.
func (g *group) sent(_ *Plan, now time.Time) Poll {
	l := &g.list
	l.asked, g.asked, g.due = now, now, time.Time{}
	g.polls++
	g.quick.spend(quickRate/g.haste(), now)
	poll := Poll{Group: g.ID, Whole: !g.Latest || l.whole || l.drops}
	if poll.Whole {
		return poll
	}
	poll.Down = g.down(now)
	for _, s := range g.subjects {
		if s.sought && s.Phase != Over {
			if poll.Sought == nil {
				poll.Sought = map[string]bool{}
			}
			poll.Sought[s.name] = true
		}
	}
	return poll
}

// down returns the time down to which a Latest list must be read to cover
// everything new: what the last read knew. The server's clock is assumed to be
// as far behind as the stamps allow, so nothing is missed. Without a last read,
// and now and then, it is that of the oldest subject.
func (g *group) down(now time.Time) time.Time {
	l := &g.list
	pause := deepPause
	if !l.keeps {
		pause = firstDeepPause
	}
	if l.read.IsZero() || !g.clocked || now.Sub(l.deep) >= pause {
		if oldest := g.oldest(func(*subject) bool { return true }); !oldest.IsZero() {
			return oldest
		}
		return now.AddDate(1, 0, 0) // before anything: what is sought decides how far
	}
	read := l.read.Add(g.ahead)
	down := read.Add(-max(sureMargin, l.margin))
	if g.changes(down) > fewChanges {
		down = read.Add(-max(fastMargin, l.margin))
	}
	if joined := g.oldest(func(s *subject) bool { return !s.joined.Before(l.read) }); !joined.IsZero() && joined.Before(down) {
		down = joined
	}
	if l.keeps {
		return down
	}
	// An end may not show at the top: what is running must be seen again, or
	// missed.
	running := g.oldest(func(s *subject) bool { return s.Phase == Running })
	if !running.IsZero() && running.Before(down) && g.changes(running) <= fewChanges {
		return running
	}
	return down
}

// oldest returns the earliest stamp of the unfinished subjects that match; zero
// if there is none.
func (g *group) oldest(meant func(*subject) bool) (oldest time.Time) {
	for _, s := range g.subjects {
		if s.Phase != Over && !s.Stamp.IsZero() && meant(s) && (oldest.IsZero() || s.Stamp.Before(oldest)) {
			oldest = s.Stamp
		}
	}
	return oldest
}

// changes counts the latest changes since then.
func (g *group) changes(since time.Time) (n int) {
	for _, s := range g.subjects {
		if s.Stamp.After(since) {
			n++
		}
	}
	return n
}
