package schedule

import (
	"math"
	"slices"
	"time"
)

type group struct {
	Group
	subjects []*subject // in the order in which they joined
	byName   map[string]*subject
	open     []*subject // result of unfinished

	joined  time.Time     // when the last one joined
	several time.Time     // since when there are several
	asked   time.Time     // when the list or the only subject was polled, or the first one joined
	moved   time.Time     // when anything of ours moved or joined
	polls   int           // of the list since the last one joined
	single  time.Duration // how long the last single read took
	ahead   time.Duration // by which the server's clock is ahead, at least,
	clocked bool          // whether that is known
	quick   bucket        // polls of lone subjects

	list   listState
	turns  turnState
	missed time.Time // last single read of what the list doesn't show

	moving bool      // according to the overview
	due    time.Time // when something came to rest, according to the overview; zero if it was asked since
}

type subject struct {
	g      *group
	name   string
	joined time.Time
	Known
	place   time.Time // in the queue: the stamp while it was queued; zero if not known
	learned time.Time // when Known was news
	asked   time.Time // when it was last polled
	polls   int       // of it, since it changed
	fails   int
	waits   time.Time // no poll before that, because of failures
	hurried time.Time // zero if it isn't hurried

	sought     bool      // its place in the list isn't known
	listed     bool      // the list has shown it
	unlisted   time.Time // when the list that should have shown it and didn't was asked; zero if it did
	misses     int       // single reads because it is unlisted
	again      time.Time // when the next of these is due
	outOfOrder bool      // it was queued although a later one had begun
}

func newGroup(of Group) *group {
	of.Cadence = of.Cadence.orDefault()
	return &group{Group: of, byName: map[string]*subject{}, quick: bucket{tokens: quickPolls, most: quickPolls}}
}

func (g *group) join(name string, k Known, c Cadence, now time.Time) {
	if g.byName[name] != nil {
		return
	}
	s := &subject{g: g, name: name, joined: now, Known: k, learned: now, sought: k.Stamp.IsZero()}
	s.queued()
	if len(g.subjects) < 2 {
		g.several = now
	}
	if c = c.orDefault(); len(g.subjects) == 0 {
		g.asked, g.Cadence = now, c
		g.list.read = time.Time{} // it may be long ago
	} else if c.Min < g.Cadence.Min {
		g.Cadence = c
	}
	g.subjects = append(g.subjects, s)
	g.byName[name] = s
	g.moved, g.joined, g.polls = now, now, 0
	g.clock(k.Stamp, now)
}

func (g *group) leave(name string) {
	s := g.byName[name]
	if s == nil {
		return
	}
	delete(g.byName, name)
	i := slices.Index(g.subjects, s)
	g.subjects = slices.Delete(g.subjects, i, i+1)
}

// queued keeps the place of a subject in the queue.
func (s *subject) queued() {
	if s.Phase == Queued {
		s.place = s.Stamp
	}
}

// earlier orders subjects by their place in the queue, where that is known.
func (s *subject) earlier(t *subject) bool {
	if s.place.IsZero() || t.place.IsZero() || s.place.Equal(t.place) {
		return s.joined.Before(t.joined)
	}
	return s.place.Before(t.place)
}

// clock learns from the stamp of an arrived subject that the server's clock is
// no further behind than that.
func (g *group) clock(stamp, now time.Time) {
	if ahead := stamp.Sub(now); !stamp.IsZero() && (!g.clocked || ahead > g.ahead) {
		g.ahead, g.clocked = ahead, true
	}
}

// before reports whether a change is older, by more than that, than a read sent
// then.
func (g *group) before(stamp, sent time.Time, by time.Duration) bool {
	return !stamp.IsZero() && g.clocked && stamp.Add(by).Before(sent.Add(g.ahead))
}

// unfinished returns the subjects that are not over, in the order in which they
// joined. The slice is valid until the next call.
func (g *group) unfinished() []*subject {
	g.open = g.open[:0]
	for _, s := range g.subjects {
		if s.Phase != Over {
			g.open = append(g.open, s)
		}
	}
	return g.open
}

func (g *group) class() class {
	if g.Latest {
		return own
	}
	return shared
}

func (g *group) haste() float64 { return g.Cadence.haste() }

// scale shortens a pause as much as the cadence is faster than usual.
func (g *group) scale(pause time.Duration) time.Duration {
	return time.Duration(float64(pause) * g.haste())
}

// wants hands over what the group wants to ask.
func (g *group) wants(p *Plan, now time.Time, consider func(want)) {
	unfinished := g.unfinished()
	g.wantHurried(p, consider)
	switch {
	case len(unfinished) == 0:
	case !g.Single:
		g.wantList(p, unfinished, now, consider)
	case len(unfinished) == 1 && g.wantLone(p, unfinished[0], now, consider):
	case g.trusted():
		g.wantList(p, unfinished, now, consider)
		g.wantMissed(p, unfinished, now, consider)
		if p.isFlying(g.ID, "") { // should it hang, single reads continue
			g.byThemselves(p, unfinished, now, func(w want) {
				w.at = later(w.at, g.hangs(g.list.asked))
				consider(w)
			})
		}
	default:
		g.tryList(p, now, consider)
		g.byThemselves(p, unfinished, now, consider)
	}
}

// wantHurried hands over polls of the hurried subjects: of the list, if that
// covers several.
func (g *group) wantHurried(p *Plan, consider func(want)) {
	var hurry []*subject
	for _, s := range g.subjects {
		if !s.hurried.IsZero() {
			hurry = append(hurry, s)
		}
	}
	switch byList := !g.Single || len(hurry) > 1 && !g.Latest && g.trusted(); {
	case len(hurry) == 0:
	case byList && !p.isFlying(g.ID, ""):
		consider(want{at: later(g.list.tryAt, p.listsFree), class: hurried, of: g})
	case !byList:
		for _, s := range hurry {
			if !p.isFlying(g.ID, s.name) {
				consider(want{at: s.waits, class: hurried, of: s})
			}
		}
	}
}

func (g *group) byThemselves(p *Plan, unfinished []*subject, now time.Time, consider func(want)) {
	if g.Latest {
		g.wantTurn(p, unfinished, now, consider)
		return
	}
	for _, s := range unfinished {
		s.wants(p, now, consider)
	}
}

// wantLone hands over the next poll of the only subject. It reports whether
// that poll carries the wait, which it doesn't if it fails or hangs and there
// is a list.
func (g *group) wantLone(p *Plan, s *subject, now time.Time, consider func(want)) bool {
	s.wants(p, now, consider)
	if !p.isFlying(g.ID, s.name) || !g.trusted() {
		return s.fails < loneFails || !g.List
	}
	hangs := g.hangs(s.asked)
	if !hangs.After(now) {
		return false
	}
	consider(want{at: hangs, class: g.class(), of: g})
	return s.fails < loneFails
}

// wants hands over the next poll of a subject that is asked at its own pace.
func (s *subject) wants(p *Plan, now time.Time, consider func(want)) {
	g := s.g
	if p.isFlying(g.ID, s.name) {
		return
	}
	pause := p.pause(g.Cadence, s.polls, now.Sub(later(s.learned, g.moved)))
	if g.Latest {
		if g.quick.affords(1, quickRate/g.haste(), now).After(now) {
			pause = max(pause, g.scale(tick)*p.scarce)
		}
	} else {
		pause = g.overviewed(p, pause, now)
	}
	from := later(s.asked, s.joined, g.list.asked)
	at := from.Add(pause)
	switch {
	case s.Phase == Unknown && s.asked.IsZero():
		at = s.joined.Add(g.scale(resumed))
	case g.due.After(from):
		at = g.due
	}
	consider(want{at: later(at, s.waits), class: g.class(), overdue: g.overdue(p, from, pause, now), of: s})
}

// overdue is as for all groups, but what has come to rest in the overview goes
// first.
func (g *group) overdue(p *Plan, from time.Time, pause time.Duration, now time.Time) float64 {
	if !g.due.IsZero() {
		return math.Inf(1)
	}
	return p.overdue(from, pause, now)
}

func (s *subject) sent(_ *Plan, now time.Time) Poll {
	g := s.g
	s.asked = now
	s.polls++
	if len(g.subjects) == 1 {
		g.asked = now
	}
	g.quick.spend(quickRate/g.haste(), now)
	g.due = time.Time{}
	return Poll{Group: g.ID, Subject: s.name}
}
