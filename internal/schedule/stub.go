package schedule

import "time"

type Cadence struct {
	Min, Max       time.Duration
	Factor, Jitter float64
}

var DefaultCadence = Cadence{Min: 500 * time.Millisecond, Max: 1400 * time.Millisecond, Factor: 1.25}

type Group struct {
	ID                   string
	List, Single, Latest bool
	Cadence              Cadence
	Overview, Member     string
}
type Phase int

const (
	Unknown Phase = iota
	Queued
	Running
	Over
)

type Known struct {
	Phase Phase
	Stamp time.Time
}
type Seen struct {
	Subject string
	Phase   Phase
	Stamp   time.Time
	Moved   bool
}
type Poll struct {
	Group, Subject string
	Down           time.Time
	Sought         []string
	Whole          bool
}
type Answer struct {
	Failed, Missing        bool
	Pause                  time.Duration
	Seen                   []Seen
	Whole, Sorted, Stamped bool
	Oldest                 time.Time
	Bytes                  int
	Took                   time.Duration
}
type sub struct {
	g    Group
	next time.Time
	busy bool
}
type Plan struct{ subs map[string]*sub }

func New() *Plan { return &Plan{subs: map[string]*sub{}} }
func (p *Plan) Join(g Group, s string, k Known, now time.Time) {
	if p.subs[g.ID+"|"+s] == nil {
		p.subs[g.ID+"|"+s] = &sub{g: g, next: now.Add(g.Cadence.Min)}
	}
}
func (p *Plan) Leave(g, s string, now time.Time)  { delete(p.subs, g+"|"+s) }
func (p *Plan) Hurry(g, s string, now time.Time)  {}
func (p *Plan) Scarce(float64)                     {}
func (p *Plan) Next(now time.Time) (polls []Poll, wake time.Time) {
	wake = now.Add(time.Hour)
	for key, s := range p.subs {
		if s.busy {
			continue
		}
		if !s.next.After(now) {
			s.busy = true
			s.next = now.Add(s.g.Cadence.Min)
			poll := Poll{Group: s.g.ID, Subject: key[len(s.g.ID)+1:]}
			if !s.g.Single {
				poll.Subject = ""
			}
			polls = append(polls, poll)
		} else if s.next.Before(wake) {
			wake = s.next
		}
	}
	return polls, wake
}
func (p *Plan) Answered(poll Poll, a Answer, now time.Time) {
	for key, s := range p.subs {
		if s.g.ID == poll.Group && (poll.Subject == "" || key == poll.Group+"|"+poll.Subject) {
			s.busy = false
			if s.next.Before(now) {
				s.next = now
			}
		}
	}
}
