package schedule

import "time"

// An overview is a list that shows for several groups whether anything moves in
// them.
type overview struct {
	id    string
	asked time.Time
	fails int
	empty int       // responses in a row that showed nothing moving
	tryAt time.Time // when to ask it again, at the earliest
}

func (p *Plan) overview(id string) *overview {
	for _, o := range p.overviews {
		if o.id == id {
			return o
		}
	}
	return nil
}

func (o *overview) wants(p *Plan, now time.Time, consider func(want)) {
	if p.isFlying(o.id, "") {
		return
	}
	var groups int
	for _, g := range p.groups {
		if g.Overview == o.id && len(g.unfinished()) == 1 {
			groups++
		}
	}
	if groups < overviewGroups {
		return
	}
	pause := o.pause(p)
	consider(want{at: later(o.asked.Add(pause), o.tryAt), class: shared, overdue: float64(now.Sub(o.asked)) / float64(pause), of: o})
}

func (o *overview) pause(p *Plan) time.Duration {
	return seconds(overviewPause.Seconds()*p.haste) * p.scarce
}

func (o *overview) sent(_ *Plan, now time.Time) Poll {
	o.asked = now
	return Poll{Group: o.id, Whole: true}
}

func (o *overview) answered(p *Plan, a Answer, now time.Time) {
	if a.Failed {
		o.fails++
		o.tryAt = now.Add(max(doubled(o.pause(p), failMost, o.fails), a.Pause))
		return
	}
	o.fails = 0
	o.empty++
	for _, seen := range a.Seen {
		for _, g := range p.groups {
			if g.Overview == o.id && g.Member == seen.Subject {
				o.show(g, seen, now)
			}
		}
	}
	o.tryAt = o.asked.Add(seconds(float64(a.Bytes) / groupReadRate))
	if o.empty > 0 {
		o.tryAt = later(o.tryAt, o.asked.Add(doubled(overviewRetry, overviewMost, o.empty)))
	}
}

func (o *overview) show(g *group, seen Seen, now time.Time) {
	moving := seen.Phase != Over
	if seen.Moved || g.moving && !moving {
		g.due = now
	}
	g.moving = moving
	if moving {
		o.empty = 0
	}
}

// overviewed stretches a pause while the overview shows that the group is
// moving: it will show the end of the last.
func (g *group) overviewed(p *Plan, pause time.Duration, now time.Time) time.Duration {
	o := p.overview(g.Overview)
	if o == nil || !g.moving || o.fails > 0 || now.Sub(o.asked) > 2*o.pause(p) || len(g.unfinished()) != 1 {
		return pause
	}
	return min(pause*overviewTrust, g.Cadence.Max)
}
