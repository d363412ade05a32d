package schedule

import "time"

// Answered records the result of a poll. It must be called once for each poll,
// even one that failed.
func (p *Plan) Answered(poll Poll, a Answer, now time.Time) {
	k := key{poll.Group, poll.Subject}
	sent, ok := p.flying[k]
	if !ok {
		return
	}
	delete(p.flying, k)
	if o := p.overview(poll.Group); o != nil {
		p.counts(k, a, now)
		o.answered(p, a, now)
		return
	}
	g := p.group(poll.Group)
	if g == nil || poll.Subject != "" && g.byName[poll.Subject] == nil {
		return // it has left: an abandoned poll is not a failure
	}
	p.counts(k, a, now)
	switch {
	case poll.Subject != "":
		g.singleAnswered(g.byName[poll.Subject], a, sent, now)
	case a.Failed:
		g.list.fails++
		g.list.tryAt = now.Add(max(doubled(g.scale(failPause), retryMost, g.list.fails), a.Pause, seconds(float64(a.Bytes)/groupReadRate)))
	default:
		p.pay(g, poll, a, sent)
		g.listAnswered(a, sent, now)
	}
}

// counts pauses everything when different polls fail in a row.
func (p *Plan) counts(k key, a Answer, now time.Time) {
	if !a.Failed {
		clear(p.failing)
		p.pauses, p.paused = 0, time.Time{}
		return
	}
	p.failing[k] = true
	if len(p.failing) >= failTogether && !p.paused.After(now) {
		p.pauses++
		p.paused = now.Add(max(doubled(seconds(failPause.Seconds()*p.haste), failMost, p.pauses), a.Pause))
	}
}

// pay delays the lists according to what was read.
func (p *Plan) pay(g *group, poll Poll, a Answer, sent time.Time) {
	if !g.Latest {
		g.list.tryAt = sent.Add(g.scale(seconds(float64(a.Bytes) / groupReadRate)))
		return
	}
	most := readPause
	if !poll.Whole {
		most = cutPause
	}
	p.listsFree = later(p.listsFree, sent).Add(g.scale(min(seconds(float64(a.Bytes)/readRate), most)))
}

func (g *group) singleAnswered(s *subject, a Answer, sent, now time.Time) {
	if a.Failed {
		s.fails++
		s.waits = now.Add(max(doubled(g.scale(failPause), failMost, s.fails), a.Pause))
		return
	}
	s.fails, s.waits = 0, time.Time{}
	trusted := g.trusted()
	if g.single = a.Took; !trusted && g.trusted() { // it is no slower than single reads
		g.list.tryAt = time.Time{}
	}
	s.heard(sent)
	for _, seen := range a.Seen {
		if seen.Subject == s.name {
			g.clock(seen.Stamp, now)
			g.judgeList(s, seen)
			g.judgeOrder(s, seen)
			s.learn(seen, now)
		}
	}
}

// heard ends the hurry that existed when the poll was sent.
func (s *subject) heard(sent time.Time) {
	if !s.hurried.After(sent) {
		s.hurried = time.Time{}
	}
}

// judgeList learns from a single read what a Latest list should have shown.
func (g *group) judgeList(s *subject, seen Seen) {
	if s.unlisted.IsZero() || !g.Latest {
		return
	}
	old := g.before(seen.Stamp, s.unlisted, lag)
	switch seen.Phase {
	case Over:
		g.list.drops = g.list.drops || s.listed && !g.list.keeps
		if !s.listed && (old || seen.Stamp.IsZero()) {
			g.unseen()
		}
	case Running:
		if old || seen.Stamp.IsZero() && s.Phase == Running && s.learned.Add(lag).Before(s.unlisted) {
			g.hides(s)
		}
	default: // it may show only what has begun
		g.list.unseen = 0
	}
}

// hides notes that the list lacks a subject that is running.
func (g *group) hides(s *subject) {
	if !s.listed {
		g.unseen()
	}
	if !g.list.blind {
		g.lags()
	}
}

func (g *group) lags() {
	if l := &g.list; !l.behind {
		l.behind = true
		g.distrust()
	}
}

// unseen counts what the list should have shown at some time, and never did. If
// a list has shown none of ours, one is enough.
func (g *group) unseen() {
	l := &g.list
	if l.unseen++; !l.blind && (!l.shows || l.unseen > unseenMost) {
		l.blind = true
		l.read = time.Time{}
		g.distrust()
	}
}

// distrust delays the next try of the list, if there are single reads meanwhile.
func (g *group) distrust() {
	if !g.Single {
		return
	}
	g.list.tries = 0
	g.list.tryAt = g.list.asked.Add(retryList)
}

// learn records the state of a subject, and reports whether it is news.
func (s *subject) learn(seen Seen, now time.Time) bool {
	news := seen.Moved || seen.Phase != s.Phase || seen.Stamp.After(s.Stamp)
	s.Known = Known{Phase: seen.Phase, Stamp: later(s.Stamp, seen.Stamp)}
	s.queued()
	if news {
		s.learned, s.polls, s.misses = now, 0, 0
		s.g.moved = now
		s.g.begins(s, now)
	}
	return news
}

func (g *group) listAnswered(a Answer, sent, now time.Time) {
	l := &g.list
	l.fails, l.took = 0, a.Took
	l.whole = g.Latest && (!a.Sorted || !a.Stamped)
	l.large = g.Latest && a.Whole && (l.whole || l.drops) && float64(a.Bytes) > readRate*readPause.Seconds()
	g.judgeElements(a, sent)
	shown := map[string]bool{}
	for _, seen := range a.Seen {
		if s := g.byName[seen.Subject]; s != nil {
			shown[s.name] = true
			g.show(s, seen, sent, now)
		}
	}
	g.judgeMissing(a, shown, sent)
	if !l.behind && !l.blind {
		l.read = sent
		if oldest := g.oldest(func(*subject) bool { return true }); a.Whole || !oldest.Before(a.Oldest) {
			l.deep = sent
		}
	}
	switch {
	case g.trusted():
		l.tries = 0
	default:
		l.tries++
		l.tryAt = sent.Add(max(doubled(retryList, retryMost, l.tries), seconds(float64(a.Bytes)/groupReadRate)))
	}
}

// judgeElements learns from all elements whether the list is up to date, and
// whether it shows what has ended.
func (g *group) judgeElements(a Answer, sent time.Time) {
	l := &g.list
	for _, seen := range a.Seen {
		l.behind = l.behind && (seen.Stamp.IsZero() || g.before(seen.Stamp, sent, fresh))
		if seen.Phase == Over {
			l.keeps, l.drops = true, false
		}
	}
}

// show records the state of a subject in the list.
func (g *group) show(s *subject, seen Seen, sent, now time.Time) {
	l := &g.list
	s.heard(sent)
	s.listed = true
	l.shows, l.blind = true, false
	g.clock(seen.Stamp, now)
	older := seen.Phase < s.Phase
	if !seen.Stamp.IsZero() {
		older = seen.Stamp.Before(s.Stamp)
	}
	if older && g.Latest {
		if s.learned.Add(lag).Before(sent) {
			g.lags()
		}
		return
	}
	s.unlisted = time.Time{}
	sought := s.sought
	if !s.learn(seen, now) {
		return
	}
	l.behind = l.behind && !seen.Stamp.IsZero()
	// The last read would have shown this one, had its margin been that large.
	if short := l.read.Add(g.ahead).Sub(seen.Stamp); !l.read.IsZero() && !seen.Stamp.IsZero() && !sought && short > sureMargin {
		l.margin = max(l.margin, short)
	}
}

// expected reports whether a list that behaves as documented would have shown
// the subject in that response.
func (s *subject) expected(a Answer) bool {
	return s.Phase != Over && (a.Whole || a.Sorted && a.Stamped && !s.Stamp.IsZero() && s.Stamp.After(a.Oldest))
}

// judgeMissing looks for subjects that the response should have shown. If it
// has shown none, the list may be in another order.
func (g *group) judgeMissing(a Answer, shown map[string]bool, sent time.Time) {
	l := &g.list
	var missing bool
	for _, s := range g.subjects {
		if !shown[s.name] && s.joined.Before(sent) && s.expected(a) {
			s.unlisted = sent
			missing = missing || s.joined.Add(visible).Before(sent)
		}
		if shown[s.name] || a.Whole && s.joined.Before(sent) {
			s.sought = false
		}
	}
	if missing && len(shown) == 0 && !a.Whole && !l.doubtAt.After(sent) {
		l.whole = true
		l.doubts++
		l.doubtAt = sent.Add(doubled(deepPause, doubtMost, l.doubts))
	}
}
