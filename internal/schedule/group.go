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

	since   time.Time     // there have been several subjects
	asked   time.Time     // the list, or the only subject; or when the first one joined
	moved   time.Time     // anything of ours moved, or joined
	joined  time.Time     // the last one did
	polls   int           // of the list since then
	ahead   time.Duration // of the server's clock, at least
	clocked bool          // ahead is known
	single  time.Duration // the time that the last single read took
	quick   bucket        // polls of lone subjects

	list  listState
	turns turnState

	missedAt time.Time // the last single read of what the list doesn't show

	moving bool      // the overview shows that something moves here
	due    time.Time // the overview has shown that something came to rest; zero if it was asked since
}

// listState is what is known of a group's list.
type listState struct {
	asked  time.Time // last sent
	read   time.Time // last sent of those that were answered and are believed
	deep   time.Time // the same, of those down to the oldest subject
	down   time.Time // as far as the last one was to be read
	isDeep bool
	fails  int
	tries  int           // since the list carries nothing
	tryAt  time.Time     // a list that carries nothing is asked again
	took   time.Duration // by the last answer
	margin time.Duration // at least
	whole  bool          // it can't be cut: without order or stamps
	drops  bool          // it doesn't show what has ended
	keeps  bool          // it does
	behind bool
	large  bool
}

// turnState is what is known where single reads carry the wait.
type turnState struct {
	asked    time.Time
	count    int
	disorder int       // see disorders
	begun    *subject  // the last in the queue of those that have begun; may have left
	begunAt  time.Time // that was learned
}

type subject struct {
	g      *group
	name   string
	joined time.Time
	Known
	place   time.Time // in the queue: the stamp while it was queued; zero if not known
	learned time.Time // Known was true then
	changed time.Time // it was seen to change, or joined
	asked   time.Time // itself, last
	polls   int       // of itself, since it changed
	fails   int
	waits   time.Time // not before, because of failures

	listed     bool      // the last list that should have shown it did
	unlisted   time.Time // the list that should have shown it and didn't was asked; zero if none
	misses     int       // single reads because of that
	again      time.Time // the next one of them
	sought     bool      // where it is in the list isn't known
	hurried    bool
	outOfOrder bool // it was queued although a later one had begun
}

func newGroup(of Group, now time.Time) *group {
	return &group{Group: of, byName: map[string]*subject{}, since: now, moved: now, quick: bucket{tokens: quickPolls, most: quickPolls}}
}

func (g *group) join(name string, k Known, now time.Time) {
	if g.byName[name] != nil {
		return
	}
	s := &subject{g: g, name: name, joined: now, Known: k, changed: now, learned: now, sought: k.Stamp.IsZero()}
	s.placed()
	if len(g.subjects) < 2 {
		g.since = now
	}
	if len(g.subjects) == 0 {
		g.asked = now
		g.list.read = time.Time{} // it may be long ago
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

func (s *subject) placed() {
	if s.Phase == Queued {
		s.place = s.Stamp
	}
}

// clock learns from a stamp that has arrived that the server's clock is no further behind than that.
func (g *group) clock(stamp, now time.Time) {
	if ahead := stamp.Sub(now); !stamp.IsZero() && (!g.clocked || ahead > g.ahead) {
		g.ahead, g.clocked = ahead, true
	}
}

// unfinished returns the subjects that are not over, in the order in which they joined.
func (g *group) unfinished() []*subject {
	var unfinished []*subject
	for _, s := range g.subjects {
		if s.Phase != Over {
			unfinished = append(unfinished, s)
		}
	}
	return unfinished
}

// wants hands over what the group wants to ask.
func (g *group) wants(p *Plan, now time.Time, consider func(want)) {
	for _, s := range g.subjects {
		if s.hurried && g.Single && !s.flying(p) {
			consider(want{at: s.waits, class: hurried, of: s})
		}
	}
	unfinished := g.unfinished()
	switch {
	case len(unfinished) == 0:
		g.confirm(p, consider)
	case !g.List:
		g.byThemselves(p, unfinished, now, consider)
	case !g.Single:
		g.wantList(p, unfinished, now, consider)
	case len(unfinished) == 1 && unfinished[0].wants(p, now, consider):
	case !g.trusted():
		g.tryList(p, now, consider)
		g.byThemselves(p, unfinished, now, consider)
	default:
		g.wantList(p, unfinished, now, consider)
		g.wantMissed(p, unfinished, now, consider)
	}
}

// confirm asks the list for subjects that are hurried and can't be asked themselves.
func (g *group) confirm(p *Plan, consider func(want)) {
	if g.Single || g.flying(p) {
		return
	}
	if slices.ContainsFunc(g.subjects, func(s *subject) bool { return s.hurried }) {
		consider(want{at: g.list.tryAt, class: hurried, of: g})
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

func (s *subject) flying(p *Plan) bool { _, yes := p.flying[key{s.g.ID, s.name}]; return yes }
func (g *group) flying(p *Plan) bool   { _, yes := p.flying[key{g.ID, ""}]; return yes }

// wants hands over the next poll of a subject that is asked itself. It reports whether that carries the wait: not if it fails or
// hangs and there is a list.
func (s *subject) wants(p *Plan, now time.Time, consider func(want)) bool {
	pause := s.g.overviewed(p, p.pause(s.g.Cadence, s.polls, now.Sub(later(s.changed, s.g.moved))), now)
	class := s.g.class()
	if class == latest && s.g.quick.affords(1, quickRate, now).After(now) {
		pause = max(pause, p.stretched(tick))
	}
	from := later(s.asked, s.joined, s.g.list.asked)
	at := later(from.Add(pause), s.waits)
	if s.g.due.After(from) {
		at = later(s.g.due, s.waits)
	}
	if !s.flying(p) {
		consider(want{at: at, class: class, overdue: s.g.overdue(from, pause, now), of: s})
	} else if now.Sub(s.asked) > slowList+2*s.g.single {
		return false
	} else if s.g.trusted() && s.g.List {
		consider(want{at: s.asked.Add(slowList + 2*s.g.single + time.Millisecond), class: latest, of: s.g})
	}
	return s.fails == 0
}

// overdue is how many pauses ago the group was asked; what has come to rest in the overview goes first.
func (g *group) overdue(from time.Time, pause time.Duration, now time.Time) float64 {
	if !g.due.IsZero() {
		return math.Inf(1)
	}
	return overdue(from, pause, now)
}

func overdue(from time.Time, pause time.Duration, now time.Time) float64 {
	return float64(now.Sub(from)) / float64(max(pause, time.Millisecond))
}

func (s *subject) sent(_ *Plan, now time.Time) Poll {
	s.asked, s.hurried = now, false
	s.polls++
	if len(s.g.subjects) == 1 {
		s.g.asked = now
	}
	s.g.quick.spend(quickRate, now)
	s.g.due = time.Time{}
	return Poll{Group: s.g.ID, Subject: s.name}
}
