package schedule

import "time"

// DefaultCadence polls 6 times in a wait of 3 s, 37 times in one of 45 s, less
// than 200 times in one of 10 min.
var DefaultCadence = Cadence{Min: 500 * time.Millisecond, Max: 30 * time.Second, Factor: 1.25}

func (c Cadence) orDefault() Cadence {
	if c.Min <= 0 {
		c.Min = DefaultCadence.Min
	}
	if c.Max <= 0 {
		c.Max = DefaultCadence.Max
	}
	c.Max = max(c.Min, c.Max)
	if c.Factor < 1 {
		c.Factor = DefaultCadence.Factor
	}
	return c
}

// haste is the factor of everything that is faster than usual: 1, or less.
func (c Cadence) haste() float64 { return min(float64(c.Min)/float64(DefaultCadence.Min), 1) }

// pause is the pause between two polls of what has been polled n times since it
// changed, age ago.
func (p *Plan) pause(c Cadence, n int, age time.Duration) time.Duration {
	least := float64(c.Min)
	pause := least
	for i := firstPolls; i <= n && pause < least*quickPauses; i++ {
		pause *= c.Factor
	}
	pause = min(pause, least*quickPauses)
	pause = max(pause, min(float64(age)/youngShare, least*youngPauses), float64(age)/oldShare)
	pause = min(pause, float64(c.Max))
	if p.chance != nil && c.Jitter > 0 {
		pause *= 1 + min(c.Jitter, 1)*(p.chance()-0.5)
	}
	return time.Duration(pause) * p.scarce
}

// rate is how many polls a second the groups that aren't Latest share.
func (p *Plan) rate() float64 {
	return min(max(p.crowd/groupPause, budgetLeast), budgetMost) / p.haste / float64(p.scarce)
}

// count counts the groups, for crowd and haste.
func (p *Plan) count() {
	p.crowd, p.haste = 0, 1
	for _, g := range p.groups {
		switch {
		case g.Latest:
			continue
		case g.Single && !g.trusted():
			p.crowd += float64(len(g.subjects))
		default:
			p.crowd++
		}
		p.haste = min(p.haste, g.haste())
	}
}

// overdue is the number of pauses by which something that was last asked then
// is overdue. A pause counts as at least nearly a round of all, so all are
// asked in turn.
func (p *Plan) overdue(asked time.Time, pause time.Duration, now time.Time) float64 {
	if p.crowd > 1 {
		pause = max(pause, seconds(crowdShare*p.crowd/p.rate()))
	}
	return float64(now.Sub(asked)) / float64(max(pause, 1))
}

// A bucket limits the polls that may be sent.
type bucket struct {
	tokens, most float64
	at           time.Time
}

func (b *bucket) refill(rate float64, now time.Time) {
	if passed := now.Sub(b.at); !b.at.IsZero() && passed > 0 {
		b.tokens = min(b.tokens+rate*passed.Seconds(), b.most)
	}
	b.at = later(b.at, now)
}

// affords is when there is enough for a poll: zero if there is now.
func (b *bucket) affords(need, rate float64, now time.Time) time.Time {
	b.refill(rate, now)
	if b.tokens >= need {
		return time.Time{}
	}
	return now.Add(seconds((need-b.tokens)/rate) + time.Microsecond)
}

func (b *bucket) spend(rate float64, now time.Time) {
	b.refill(rate, now)
	b.tokens = max(b.tokens-1, -b.most)
}

// doubled is the pause after n failures in a row.
func doubled(pause, most time.Duration, n int) time.Duration {
	for ; n > 1 && pause < most; n-- {
		pause *= 2
	}
	return min(pause, most)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func later(times ...time.Time) time.Time {
	latest := times[0]
	for _, t := range times[1:] {
		if t.After(latest) {
			latest = t
		}
	}
	return latest
}
