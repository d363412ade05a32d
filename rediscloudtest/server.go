package rediscloudtest

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	basePath = "/v1"
	maxBody  = 10 << 20
)

// Server is a fake Redis Cloud API with its own account. Create one with [New].
// It is safe for concurrent use and needs no closing.
type Server struct {
	config

	mu    sync.Mutex
	moved time.Duration // by MoveClock
	state
}

// A state is what [Server.Reset] discards.
type state struct {
	linkBase      string // of the request that is being answered
	born          time.Time
	dice          dice
	events        []event // ordered by time
	tasks         []*task // in order of submission
	changed       []*task // the same, the latest change last
	waiting       []*task // for their turn, in order of submission
	running       int     // tasks
	submitted     int     // submitted by callers
	subscriptions map[int]*subscription
	assets        map[string]map[int]*asset // by the path of their kind
	lastID        map[string]int
	otherRegions  map[string]int    // ids of regions that the API doesn't list, by name
	forced        map[string]string // statuses set by SetStatus, by path
	views         map[string]view   // what recently changed resources show, by path
	accepted      []time.Time       // requests of the last 60 s, for the rate limit
	faults        faults
	requests      []*Request

	stores            []*memoryStore
	caches            []*langCache
	logs, sessionLogs []object // oldest first
	costReports       map[string][]byte
	redirections      []*redirection
}

// An event happens at a set time, however late it is noticed.
type event struct {
	at     time.Time
	happen func(at time.Time)
}

// New returns a fake API without subscriptions. Its account has the default
// Redis ACL rules and Redis's own cloud account.
func New(opts ...Option) *Server {
	s := &Server{config: defaults()}
	for _, opt := range opts {
		opt(&s.config)
	}
	s.settle(s.provisioning)
	s.begin()
	return s
}

// begin gives a server the state of a new one.
func (s *Server) begin() {
	s.state = state{
		subscriptions: map[int]*subscription{},
		lastID:        map[string]int{"subscription": 120000, "database": 51000000},
		forced:        map[string]string{},
		views:         map[string]view{},
		costReports:   map[string][]byte{},
	}
	s.born = s.now()
	s.dice = newDice(s.seed, s.seeded)
	s.seedAssets()
	s.seedTasks(s.born)
}

// Reset returns the server to its state after [New]: it removes all resources,
// tasks, faults and log entries. Its options and clock are kept. Requests in
// flight are answered, but no longer change anything.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin()
}

// AccountKey returns the value of the x-api-key header that the server accepts.
func (s *Server) AccountKey() string { return s.accountKey }

// SecretKey returns the value of the x-api-secret-key header that the server
// accepts.
func (s *Server) SecretKey() string { return s.secretKey }

// ServeHTTP responds to a request to the API, whose path begins with /v1. An
// exchange that [Server.CutNext] cuts panics with [http.ErrAbortHandler], which
// makes an HTTP server close the connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, entry, err := s.exchange(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = io.Copy(w, s.stream(a, entry))
}

// exchange responds to a request, and returns its entry in the request log. An
// error means that the caller gets no response; the request may have taken
// effect nevertheless.
func (s *Server) exchange(r *http.Request) (answer, *Request, error) {
	var body []byte
	if r.Body != nil {
		var err error
		// Read before taking the lock: a slow sender must not delay the others.
		if body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1)); err != nil {
			return answer{}, nil, err
		}
	}
	if err := sleep(r.Context(), s.leg(false)); err != nil {
		return answer{}, nil, err
	}
	a, entry, late, cut := s.serve(r, body)
	if err := sleep(r.Context(), late); err != nil {
		return answer{}, nil, err
	}
	if cut {
		return answer{}, nil, io.ErrUnexpectedEOF
	}
	return a, entry, sleep(r.Context(), s.leg(true))
}

func (s *Server) serve(r *http.Request, body []byte) (a answer, entry *Request, late time.Duration, cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.linkBase = s.linkBaseFor(r)
	s.advance(now)

	c := &call{server: s, now: now, req: r, rawBody: body}
	c.route, c.path, c.allowed = match(r)
	fault := s.faults.take(c)
	switch {
	case fault.answer != nil:
		a = *fault.answer
	case fault.cutBefore:
	default:
		a = s.authorized(c)
	}
	if a.header != nil {
		a.header.Set("Date", now.UTC().Format(http.TimeFormat))
	}
	cut = fault.cutBefore || fault.cutAfter || c.cut
	return a, s.record(c, a, cut), fault.delay + c.late, cut
}

// authorized responds to a request that has arrived and that no fault affects.
func (s *Server) authorized(c *call) answer {
	if c.req.Header.Get("x-api-key") != s.accountKey || c.req.Header.Get("x-api-secret-key") != s.secretKey {
		return unauthorized()
	}
	remaining, retryAfter, ok := s.admit(c.now)
	if !ok {
		return tooManyRequests(retryAfter)
	}
	a := c.dispatch()
	if s.rateLimit > 0 && !c.cut {
		a.setRemaining(remaining)
	}
	return a
}

// dispatch calls the route's handler, after checking the body.
func (c *call) dispatch() answer {
	switch {
	case c.allowed != nil:
		a := c.fail(http.StatusMethodNotAllowed, "")
		a.header["Allow"] = c.allowed
		return a
	case c.route == nil:
		return c.notFound()
	case len(c.rawBody) > maxBody:
		return c.fail(http.StatusRequestEntityTooLarge, "")
	}
	if err := c.readBody(c.route.body); err != nil {
		return c.fail(http.StatusBadRequest, err.Error())
	}
	return c.route.handle(c)
}

// schedule runs happen at a time, after everything already scheduled for the
// same time.
func (s *Server) schedule(at time.Time, happen func(at time.Time)) {
	i, _ := slices.BinarySearchFunc(s.events, at, func(e event, at time.Time) int {
		return cmp.Or(e.at.Compare(at), -1)
	})
	s.events = slices.Insert(s.events, i, event{at, happen})
}

// advance runs the due events in order, and drops what is too old to show.
func (s *Server) advance(now time.Time) {
	for len(s.events) > 0 && !s.events[0].at.After(now) {
		due := s.events[0]
		s.events = slices.Delete(s.events, 0, 1)
		due.happen(due.at)
	}
	s.forgetTasks(now)
}

// now is the time by the server's clock.
func (s *Server) now() time.Time { return time.Now().Add(s.clockSkew + s.moved) }

// MoveClock moves the server's clock forward by d without waiting: tasks are
// processed, what is being provisioned settles, and the rate limit is free
// again. It can't move back. [Server.Requests] and [Server.Tasks] report times
// by the moved clock.
func (s *Server) MoveClock(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved += max(d, 0)
	s.advance(s.now())
}

// callers converts a time by the server's clock to the caller's.
func (s *Server) callers(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(-s.clockSkew)
}

func (s *Server) nextID(kind string) int {
	s.lastID[kind]++
	return s.lastID[kind]
}

// settled returns when a change that starts to be provisioned at the given time
// is over.
func (s *Server) settled(at time.Time) time.Time { return at.Add(s.provisioning) }

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
