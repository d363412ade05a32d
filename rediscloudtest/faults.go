package rediscloudtest

import (
	"net/http"
	"slices"
	"time"
)

// Cut is when [Server.CutNext] breaks the connection.
type Cut int

const (
	// CutBefore loses the request: the server does nothing.
	CutBefore Cut = iota
	// CutAfter loses the response: the server has acted.
	CutAfter
)

// A fault is what happens to an exchange.
type fault struct {
	answer              *answer
	cutBefore, cutAfter bool
	delay               time.Duration
}

// A plan is a fault for the next exchanges on a route.
type plan struct {
	left  int
	route string
	fault fault
}

type faults struct {
	plans    []*plan // each ends an exchange in its own way
	delays   []*plan // these only delay it
	failures []*failure
}

// take returns the fault planned for an exchange, and counts it.
func (f *faults) take(c *call) fault {
	taken := next(&f.plans, c)
	taken.delay = next(&f.delays, c).delay
	return taken
}

func next(plans *[]*plan, c *call) fault {
	for i, p := range *plans {
		if p.route != "" && p.route != c.route.name() && p.route != c.req.Method+" "+c.endpoint() {
			continue
		}
		if p.left--; p.left <= 0 {
			*plans = slices.Delete(*plans, i, i+1)
		}
		f := p.fault
		if f.answer != nil {
			// A copy, since the caller may write to the header.
			f.answer = &answer{status: f.answer.status, header: f.answer.header.Clone(), body: f.answer.body}
		}
		return f
	}
	return fault{}
}

func (f *faults) takeFailure() *failure {
	if len(f.failures) == 0 {
		return nil
	}
	failed := f.failures[0]
	f.failures = f.failures[1:]
	return failed
}

func (s *Server) plan(list *[]*plan, n int, route string, f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > 0 {
		*list = append(*list, &plan{n, route, f})
	}
}

// FailNextTask makes the next submitted task end in processing-error, with an
// error such as "DATABASE_NOT_FOUND", "404 NOT_FOUND" and a sentence, and
// without any effect. It simulates errors that the API finds only when it
// processes a request. Each further call affects one more task, in order.
func (s *Server) FailNextTask(errorType, status, description string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.failures = append(s.faults.failures, &failure{kind: errorType, status: status, description: description})
}

// AnswerNext responds to the next n exchanges on a route with the given status,
// header and body, without acting on them. It simulates what stands in front of
// the API: a gateway's 503, a proxy's HTML, a truncated body. These exchanges
// don't count against the rate limit.
//
// The route is the method and the pattern, as in "GET /tasks/{taskId}", or the
// path itself, as in "GET /tasks/abc"; "" is any. If several calls of
// AnswerNext and [Server.CutNext] match an exchange, the first call applies.
func (s *Server) AnswerNext(n int, route string, status int, header http.Header, body string) {
	given := header.Clone()
	if given == nil {
		given = http.Header{}
	}
	s.plan(&s.faults.plans, n, route, fault{answer: &answer{status: status, header: given, body: []byte(body)}})
}

// CutNext breaks the connection in the next n exchanges on a route, given as
// for [Server.AnswerNext]: before the server acts, or after. The caller can't
// tell which. [Server.Transport] returns [io.ErrUnexpectedEOF]; over HTTP the
// connection closes.
func (s *Server) CutNext(n int, route string, when Cut) {
	s.plan(&s.faults.plans, n, route, fault{cutBefore: when == CutBefore, cutAfter: when == CutAfter})
}

// DelayNext makes the next n exchanges on a route, given as for
// [Server.AnswerNext], take d longer. The server acts at once but responds
// late: the request of a caller that gives up meanwhile has taken effect.
func (s *Server) DelayNext(n int, route string, d time.Duration) {
	s.plan(&s.faults.delays, n, route, fault{delay: d})
}

// ForgetTask hides a task for d from now, as a lagging replica does: reading it
// returns 404 with an empty body, and GET /tasks omits it. The task is still
// processed.
func (s *Server) ForgetTask(id string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tasks {
		if t.id == id {
			t.unknownUntil = s.now().Add(d)
		}
	}
}
