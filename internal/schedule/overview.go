package schedule

import "time"

// An overview is a list that tells of several groups whether anything moves in them.
type overview struct {
	id    string
	asked time.Time
	fails int
	empty int // reads in a row that showed nothing moving
	tryAt time.Time
}

func (p *Plan) overview(id string) {
	if id != "" && p.overviewOf(id) == nil {
		p.overviews = append(p.overviews, &overview{id: id})
	}
}

func (p *Plan) overviewOf(id string) *overview {
	for _, o := range p.overviews {
		if o.id == id {
			return o
		}
	}
	return nil
}

func (o *overview) wants(p *Plan, now time.Time, consider func(want)) {
	if _, flying := p.flying[key{o.id, ""}]; flying {
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
	pause := p.stretched(overviewPause)
	consider(want{at: later(o.asked.Add(pause), o.tryAt, p.listsFree), class: others, overdue: overdue(o.asked, pause, now), of: o})
}

func (o *overview) sent(_ *Plan, now time.Time) Poll {
	o.asked = now
	return Poll{Group: o.id, Whole: true}
}

func (o *overview) answered(p *Plan, a Answer, now time.Time) {
	if a.Failed {
		o.fails++
		o.tryAt = now.Add(max(doubled(failPause, failMost, o.fails), a.Pause))
		return
	}
	o.fails, o.tryAt = 0, time.Time{}
	p.paidFor(Poll{Whole: true}, a, o.asked)
	o.empty++
	for _, seen := range a.Seen {
		for _, g := range p.groups {
			if g.Overview != o.id || g.Member != seen.Subject {
				continue
			}
			moving := seen.Phase != Over
			if seen.Moved || g.moving && !moving {
				g.due = now
			}
			g.moving = moving
			if moving {
				o.empty = 0
			}
		}
	}
	if o.empty > 0 {
		o.tryAt = o.asked.Add(doubled(overviewRetry, overviewMost, o.empty))
	}
}

// overviewed stretches a pause while the overview shows that the group is moving: it will tell the end of the last.
func (g *group) overviewed(p *Plan, pause time.Duration, now time.Time) time.Duration {
	if o := p.overviewOf(g.Overview); g.moving && o != nil && o.fails == 0 && now.Sub(o.asked) < p.stretched(2*overviewPause) && len(g.unfinished()) == 1 {
		pause = min(pause*overviewTrust, g.Cadence.orDefault().Max)
	}
	if crowd := p.crowd(); !g.Latest && crowd > 1 {
		pause = max(pause, time.Duration(crowdShare*crowd/p.rate()*float64(time.Second)))
	}
	return pause
}
