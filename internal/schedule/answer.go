package schedule

import "time"

// Answered takes in what a poll has brought. Each poll is to be answered once, also one that came to nothing (it failed).
func (p *Plan) Answered(poll Poll, a Answer, now time.Time) {
	k := key{poll.Group, poll.Subject}
	sent, ok := p.flying[k]
	if !ok {
		return
	}
	delete(p.flying, k)
	p.answered(k, a.Failed, now)
	if o := p.overviewOf(poll.Group); o != nil {
		o.answered(p, a, now)
		return
	}
	g := p.group(poll.Group)
	switch {
	case g == nil:
	case poll.Subject != "":
		g.singleAnswered(poll.Subject, a, sent, now)
	case a.Failed:
		g.listFailed(a, now)
	default:
		p.paidFor(poll, a, sent)
		g.listAnswered(p, a, sent, now)
	}
}

// answered lets all pause when different ones fail in a row.
func (p *Plan) answered(k key, failed bool, now time.Time) {
	if !failed {
		clear(p.failing)
		p.pauses, p.paused = 0, time.Time{}
		return
	}
	p.failing[k] = true
	if len(p.failing) >= failTogether && !p.paused.After(now) {
		p.pauses++
		p.paused = now.Add(doubled(failPause, failMost, p.pauses))
	}
}

// paidFor puts off all lists by what was read.
func (p *Plan) paidFor(poll Poll, a Answer, sent time.Time) {
	most := readPause
	if !poll.Whole {
		most = cutPause
	}
	cost := time.Duration(float64(a.Bytes) / readRate * float64(time.Second))
	p.listsFree = later(p.listsFree, sent).Add(min(cost, most))
}

func (g *group) singleAnswered(name string, a Answer, sent, now time.Time) {
	s := g.byName[name]
	if s == nil {
		return
	}
	if a.Failed {
		s.fails++
		s.waits = now.Add(max(doubled(failPause, failMost, s.fails), a.Pause))
		return
	}
	s.fails, s.waits = 0, time.Time{}
	g.single = a.Took
	for _, seen := range a.Seen {
		if seen.Subject == name {
			g.judgeList(s, seen)
			g.judgeOrder(s, seen)
			g.clock(seen.Stamp, now)
			s.learn(seen, now)
		}
	}
}

// judgeList learns from a single read what the list should have shown.
func (g *group) judgeList(s *subject, seen Seen) {
	missed := s.unlisted
	if missed.IsZero() {
		return
	}
	switch old := g.before(seen.Stamp, missed); {
	case seen.Phase == Over && s.listed && !g.list.keeps:
		g.list.drops = true
	case seen.Phase != Running:
	case old, seen.Stamp.IsZero() && s.Phase == Running && s.learned.Add(lag).Before(missed):
		g.lags()
	}
}

// before reports that a change is older than a list that was asked then, and not by little.
func (g *group) before(stamp, asked time.Time) bool {
	return !stamp.IsZero() && g.clocked && stamp.Add(lag).Before(asked.Add(g.ahead))
}

func (g *group) lags() {
	if !g.list.behind {
		g.list.behind, g.list.tries = true, 0
		g.list.tryAt = g.list.asked.Add(retryList)
	}
}

// judgeOrder looks for subjects that are still queued although a later one had begun.
func (g *group) judgeOrder(s *subject, seen Seen) {
	turns := &g.turns
	if seen.Phase != Queued || s.outOfOrder || !s.overtaken() || !turns.begunAt.Before(s.asked) {
		return
	}
	s.outOfOrder = true
	if s.place.IsZero() || turns.begun.place.IsZero() {
		turns.disorder += disorderJoined
	} else {
		turns.disorder += disorder
	}
}

// learn takes in the state of a subject, and reports whether it is news.
func (s *subject) learn(seen Seen, now time.Time) bool {
	news := seen.Moved || seen.Phase != s.Phase || seen.Stamp.After(s.Stamp)
	s.Known = Known{Phase: seen.Phase, Stamp: later(s.Stamp, seen.Stamp)}
	s.placed()
	if !news {
		return false
	}
	s.learned, s.changed, s.polls, s.misses = now, now, 0, 0
	s.g.moved = now
	if turns := &s.g.turns; s.Phase > Queued && (turns.begun == nil || turns.begun.earlier(s)) {
		turns.begun, turns.begunAt = s, now
	}
	return true
}

func (g *group) listFailed(a Answer, now time.Time) {
	l := &g.list
	l.fails++
	l.tryAt = now.Add(max(doubled(failPause, retryMost, l.fails), a.Pause))
}

func (g *group) listAnswered(p *Plan, a Answer, sent, now time.Time) {
	l := &g.list
	l.fails, l.tryAt, l.took = 0, time.Time{}, a.Took
	l.whole = g.Latest && !(a.Sorted && a.Stamped)
	l.large = a.Whole && (l.whole || l.drops) && float64(a.Bytes) > readRate*readPause.Seconds()
	g.clockList(a, sent, now)
	if !g.Latest {
		l.tryAt = sent.Add(time.Duration(float64(a.Bytes) / groupReadRate * float64(time.Second)))
	}
	shown := map[string]bool{}
	for _, seen := range a.Seen {
		if s := g.byName[seen.Subject]; s != nil {
			shown[seen.Subject] = true
			g.shown(s, seen, sent, now)
		}
	}
	for _, s := range g.subjects {
		if s.Phase != Over && !shown[s.name] && s.joined.Before(sent) && s.expected(a) {
			s.unlisted = sent
		}
		s.sought = s.sought && !shown[s.name] && !a.Whole
	}
	if !l.behind {
		l.read = sent
		if l.isDeep || a.Whole {
			l.deep = sent
		}
	}
	if g.trusted() {
		l.tries = 0
		return
	}
	l.tries++
	l.tryAt = sent.Add(doubled(retryList, retryMost, l.tries))
}

// clockList learns from all elements how late it is at the server, whether the list is up to date, and whether it shows what has ended.
func (g *group) clockList(a Answer, sent, now time.Time) {
	l := &g.list
	for _, seen := range a.Seen {
		g.clock(seen.Stamp, now)
		if seen.Phase == Over {
			l.keeps, l.drops = true, false
		}
	}
	for _, seen := range a.Seen {
		if !seen.Stamp.IsZero() && !g.before(seen.Stamp, sent) {
			l.behind = false
			return
		}
	}
}

// shown takes in the state of a subject in the list.
func (g *group) shown(s *subject, seen Seen, sent, now time.Time) {
	l := &g.list
	older := seen.Stamp.Before(s.Stamp) && !seen.Stamp.IsZero() || seen.Stamp.IsZero() && seen.Phase < s.Phase
	if older {
		if s.learned.Add(lag).Before(sent) {
			g.lags()
		}
		return
	}
	s.unlisted, s.listed = time.Time{}, true
	if s.learn(seen, now) {
		l.behind = l.behind && !seen.Stamp.IsZero()
		if l.isDeep && !l.down.IsZero() && !l.read.IsZero() && !seen.Stamp.IsZero() {
			g.widen(seen.Stamp)
		}
	}
}

// widen makes the margin so large that the last read would have shown a change that only a deep read has.
func (g *group) widen(stamp time.Time) {
	l := &g.list
	if short := l.read.Add(g.ahead).Sub(stamp); short > sureMargin {
		l.margin = max(l.margin, short)
	}
}

// expected reports whether the answer should have shown the subject.
func (s *subject) expected(a Answer) bool {
	return a.Whole || a.Sorted && a.Stamped && !s.Stamp.IsZero() && s.Stamp.After(a.Oldest)
}
