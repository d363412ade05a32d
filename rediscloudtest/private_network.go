package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A privateNetwork is the network of a subscription, or of one region of an
// Active-Active subscription.
type privateNetwork struct {
	sub      *subscription
	regionID int // 0 if the path has none
	provider string
}

// A wrongForm contains the errors for a path that doesn't match the kind of
// subscription.
type wrongForm struct {
	activeActive string // for a path without a region, if the subscription is Active-Active
	single       string // for a path with a region, if the subscription isn't
}

// onPrivateNetwork returns a handler for routes below a network, which it looks
// up.
func onPrivateNetwork(handle func(*call, privateNetwork) answer) func(*call) answer {
	return onSubscription(func(c *call, sub *subscription) answer {
		n := privateNetwork{sub: sub}
		n.provider, _ = sub.location()
		if c.path["regionId"] == "" {
			return handle(c, n)
		}
		id, ok := c.id("regionId")
		if !ok {
			return c.fail(http.StatusBadRequest, "regionId is not a number")
		}
		if sub.isActiveActive() && !slices.ContainsFunc(sub.regions(), func(r *region) bool { return r.id == id }) {
			return c.notFound()
		}
		n.regionID = id
		return handle(c, n)
	})
}

func (n privateNetwork) path() string {
	if n.regionID == 0 {
		return n.sub.path()
	}
	return fmt.Sprintf("%s/regions/%d", n.sub.path(), n.regionID)
}

// command returns a command type, such as pscServiceGetRequest, in the form for
// the network.
func (n privateNetwork) command(name string) string {
	if n.regionID == 0 {
		return name
	}
	return "activeActive" + strings.ToUpper(name[:1]) + name[1:]
}

// refuses returns a failure if the path doesn't match the kind of subscription.
func (n privateNetwork) refuses(wrong wrongForm) *failure {
	switch {
	case n.regionID == 0 && n.sub.isActiveActive():
		return badRequest(wrong.activeActive, "The subscription is in several regions.")
	case n.regionID != 0 && !n.sub.isActiveActive():
		return badRequest(wrong.single, "The subscription is in a single region.")
	}
	return nil
}

// read submits a task that reads something of a network.
func (n privateNetwork) read(c *call, command string, wrong wrongForm, run func(time.Time) (any, *failure)) answer {
	return c.start(http.StatusAccepted, n.command(command), func(at time.Time) (outcome, *failure) {
		if f := n.sub.missing(); f != nil {
			return outcome{}, f
		}
		if f := n.refuses(wrong); f != nil {
			return outcome{}, f
		}
		document, f := run(at)
		return outcome{resourceID: n.sub.id, resource: document}, f
	})
}

// write submits a task that changes something of a network.
func (n privateNetwork) write(c *call, status int, command string, wrong wrongForm, run func(time.Time) (outcome, *failure)) answer {
	return n.sub.start(c, status, n.command(command), func(at time.Time) (outcome, *failure) {
		if f := n.refuses(wrong); f != nil {
			return outcome{}, f
		}
		return run(at)
	})
}

// A passage goes through stages of equal length.
type passage struct {
	stages []string
	end    string
	from   time.Time
	each   time.Duration
}

// pass goes through the stages in the time of one provisioning.
func (s *Server) pass(from time.Time, end string, stages ...string) passage {
	return passage{stages, end, from, s.provisioning / time.Duration(max(len(stages), 1))}
}

func (p passage) until() time.Time { return p.from.Add(p.each * time.Duration(len(p.stages))) }

func (p passage) status(at time.Time) string {
	for i, stage := range p.stages {
		if at.Before(p.from.Add(p.each * time.Duration(i+1))) {
			return stage
		}
	}
	return p.end
}
