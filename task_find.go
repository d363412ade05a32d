package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// serverSlack is how much the API's clocks, that of Date and those of the
	// tasks, may differ.
	serverSlack = 2 * time.Second

	// localSlack is how much the clock of this machine may be off, if no
	// response has shown the API's.
	localSlack = time.Minute

	// lostPatience is how long the task of a lost write may be missing from the
	// list.
	lostPatience = 15 * time.Second

	// taskMemory is how long a task is certain to be listed: the API keeps it
	// for about 10 days.
	taskMemory = 9 * 24 * time.Hour

	// maxNamed is how many tasks an error names.
	maxNamed = 10
)

// A lostWrite is what is known of a write whose response didn't arrive.
type lostWrite struct {
	client  *Client
	id      string // of its intent, "" if none was asked for
	method  string
	path    string
	command string // "" if not known
	out     source
	kind    *kind
	began   time.Time // by the clock of this machine
	server  time.Time // by the API's clock, if another process has recorded it
	ended   time.Time // when the write was given up, or the search for its task began

	asking chan struct{} // held by the FindTask that searches; guards told to absent
	told   map[string]*clue
	gaps   bool       // the list lacks tasks that are known, so it may lack the write's
	found  *TaskState // the result of the search, once there is one
	absent bool       // the result is that there is no task

	over atomic.Bool // the search has a result
}

// A clue is what is known of a task that may belong to a lost write.
type clue struct {
	state    *TaskState // nil if it is another's
	finding  finding
	since    time.Time // when it was first seen finished
	vanished bool      // the API no longer knows it
}

// A finding says whether a task belongs to the write.
type finding int

const (
	open     finding = iota // not finished, or its result may still change
	untold                  // it is finished, and shows too little
	its                     // it did what the write requested
	anothers                // it can't be the write's; never changes
)

func newLostWrite(c *Client, call call, out source, k *kind) *lostWrite {
	now := time.Now()
	return &lostWrite{
		client: c, method: call.method, path: call.path, command: call.cmd, out: out, kind: k, began: now, ended: now,
		asking: make(chan struct{}, 1), told: map[string]*clue{},
	}
}

// failed records the error of the write, and adds what is needed to find the
// task if there may be one.
func (l *lostWrite) failed(err error) error {
	l.ended = time.Now()
	unknown, ok := errors.AsType[*OutcomeUnknownError](err)
	if ok {
		unknown.lost = l
	} else {
		l.absent = true
		l.over.Store(true)
	}
	if ok || l.id != "" {
		l.client.losses.add(l)
	}
	return err
}

// answered records the task of a write that wasn't lost after all.
func (l *lostWrite) answered(state *TaskState) {
	if l.id != "" { // its intent may be resumed
		l.found = state
		l.over.Store(true)
		l.client.losses.add(l)
	}
}

var errNoLostTask = errors.New("rediscloud: this error is not that of a write that starts a task, sent by a client of this process")

// lostOf returns the write that an error belongs to, if its client can be used.
func lostOf(ctx context.Context, e *OutcomeUnknownError) (*lostWrite, error) {
	if e == nil {
		return nil, errNoLostTask
	}
	l, ok := e.lost.(*lostWrite)
	if !ok {
		return nil, errNoLostTask
	}
	return l, l.client.usable(ctx)
}

// Candidates reads the list of tasks once and returns those that the write may
// have started. They have its command type, if that is known, are not older
// than the write, are not known to have done something else, and don't belong
// to other writes of this client. The result is empty if there are none, or
// none yet: a new task takes a moment to be listed. [FindTask] finds out which
// of them is the right one.
//
// API: GET /tasks
func (e *OutcomeUnknownError) Candidates(ctx context.Context) ([]*TaskState, error) {
	l, err := lostOf(ctx, e)
	if err != nil {
		return nil, err
	}
	leave, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := l.look(ctx); err != nil {
		return nil, err
	}
	return l.possible(), nil
}

// enter waits until no other goroutine searches for the task.
func (l *lostWrite) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-l.asking }
	select {
	case l.asking <- struct{}{}: // a known result is returned even if ctx has ended
		return leave, nil
	default:
	}
	select {
	case l.asking <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("rediscloud: %s %s: looking for its task: %w", l.method, l.path, contextError(ctx))
	}
}

// look reads the list of tasks and records what is new.
func (l *lostWrite) look(ctx context.Context) error {
	list, err := l.client.Tasks.List(ctx)
	if err != nil {
		return l.cantLook(err)
	}
	listed := map[string]bool{}
	for i := range list.Tasks {
		state := &list.Tasks[i]
		listed[state.TaskID] = true
		l.note(state)
	}
	l.gaps = l.client.submitted.missing(listed)
	for id, c := range l.told {
		if c.finding != open || c.state.Done() || c.vanished || listed[id] {
			continue
		}
		state, err := l.client.Tasks.Get(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound):
			c.vanished = true
		case err != nil:
			return l.cantLook(err)
		default:
			c.state = state
		}
	}
	return nil
}

// cantLook is the error for tasks that can't be read. It never matches
// ErrNotFound, which would mean that there is no task.
func (l *lostWrite) cantLook(err error) error {
	if errors.Is(err, ErrNotFound) {
		err = errors.New(oneLine(strings.TrimPrefix(err.Error(), "rediscloud: ")))
	}
	return fmt.Errorf("rediscloud: %s %s: looking for its task: %w", l.method, l.path, err)
}

// note records the state of a task. Whether the task is older than the write is
// decided by the first state seen: a task that was queued long ago has a new
// time once it is processed.
func (l *lostWrite) note(state *TaskState) {
	if c := l.told[state.TaskID]; c != nil {
		if c.finding != anothers {
			c.state = state
		}
		return
	}
	if state.check() != nil {
		return
	}
	c := &clue{state: state}
	if l.before(state) || l.otherCommand(state.CommandType) {
		c.isAnothers()
	}
	l.told[state.TaskID] = c
}

// isAnothers is final, so the state is dropped: an account has thousands of
// such tasks.
func (c *clue) isAnothers() { c.finding, c.state = anothers, nil }

// before reports whether a task existed before the write.
func (l *lostWrite) before(state *TaskState) bool {
	if seen, ok := l.client.sighted.when(state.TaskID); ok && seen.Before(l.began) {
		return true
	}
	stamp := state.Timestamp.Time
	return !stamp.IsZero() && stamp.Before(l.earliest())
}

// earliest is the earliest time, by the API's clock, at which the write's task
// can have been created.
func (l *lostWrite) earliest() time.Time {
	if !l.server.IsZero() {
		return l.server.Add(-serverSlack)
	}
	if server, ok := l.client.transport.clock.at(l.began); ok {
		return server.Add(-serverSlack)
	}
	return l.began.Add(-localSlack)
}

// otherCommand reports whether a command type is that of another operation. An
// operation whose own command type isn't known may share that of a related one.
func (l *lostWrite) otherCommand(command string) bool {
	known := func(name string) bool { return strings.EqualFold(name, command) }
	switch {
	case command == "":
		return false
	case l.command != "":
		return !strings.EqualFold(command, l.command)
	default:
		return slices.ContainsFunc(knownCommands, known) && !l.kindred(command)
	}
}

// verbs are the verbs in the command types, by method.
var verbs = map[string]string{http.MethodPost: "create", http.MethodPut: "update", http.MethodPatch: "update", http.MethodDelete: "delete"}

// kindred reports whether a command type says what the method does, and names a
// resource in the path.
func (l *lostWrite) kindred(command string) bool {
	command = strings.ToLower(command)
	segments := strings.Split(strings.ReplaceAll(l.path[1:], "-", ""), "/")
	if l.method != http.MethodPut && segments[0] == "subscriptions" {
		segments = segments[1:] // what contains the created or removed resource
	}
	named := func(segment string) bool {
		_, err := strconv.Atoi(segment)
		return err != nil && strings.Contains(command, strings.ToLower(strings.TrimSuffix(segment, "s")))
	}
	return strings.Contains(command, verbs[l.method]) && slices.ContainsFunc(segments, named)
}

// possible returns the tasks that may be the write's, the oldest change first.
func (l *lostWrite) possible(findings ...finding) []*TaskState {
	var states []*TaskState
	for id, c := range l.told {
		if c.finding == anothers || l.client.submitted.has(id) {
			continue
		}
		if len(findings) == 0 || slices.Contains(findings, c.finding) {
			states = append(states, c.state)
		}
	}
	slices.SortFunc(states, func(a, b *TaskState) int {
		if byTime := a.Timestamp.Compare(b.Timestamp.Time); byTime != 0 {
			return byTime
		}
		return strings.Compare(a.TaskID, b.TaskID)
	})
	return states
}

// A LostTaskError is the error for a write with an unknown outcome whose task
// can't be identified, if it has one: several tasks did what the write
// requested, a task shows too little of what it did, or time ran out before the
// tasks were finished. errors.Is matches it with what Err is, but never with
// [ErrNotFound]. The choice is yours: [ResumeTask] turns a candidate into a
// handle.
type LostTaskError struct {
	Method     string
	Path       string       // of the write, below the base URL
	Candidates []*TaskState // the tasks that may be the write's, the oldest change first
	Err        error        // why the search ended early; nil if it did not
}

// Error returns the ids of the candidates, at most ten.
func (e *LostTaskError) Error() string {
	var ids []string
	for _, state := range e.Candidates[:min(len(e.Candidates), maxNamed)] {
		ids = append(ids, oneLine(state.TaskID))
	}
	if len(e.Candidates) > maxNamed {
		ids = append(ids, fmt.Sprintf("and %d more", len(e.Candidates)-maxNamed))
	}
	text := fmt.Sprintf("rediscloud: %s %s: it can't be determined which task belongs to this write, if any", e.Method, e.Path)
	if len(ids) > 0 {
		text += ": " + strings.Join(ids, ", ")
	}
	if e.NothingCreated() {
		text += "; they all failed"
	}
	if e.Err != nil {
		text += ": " + strings.TrimPrefix(e.Err.Error(), "rediscloud: ")
	}
	return text
}

// Unwrap returns Err.
func (e *LostTaskError) Unwrap() error { return e.Err }

// NothingCreated reports whether the write created nothing, whichever of the
// candidates is its task: they have all failed.
func (e *LostTaskError) NothingCreated() bool {
	running := func(state *TaskState) bool { return !state.Failed() }
	return len(e.Candidates) > 0 && e.Err == nil && !slices.ContainsFunc(e.Candidates, running)
}

// losses are the lost writes of a client, and those whose intents were
// recorded.
type losses struct {
	mu     sync.Mutex
	writes []*lostWrite
}

// maxLosses bounds how many are remembered: the latest.
const maxLosses = 1000

func (s *losses) add(l *lostWrite) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.writes) == maxLosses {
		s.writes = slices.Delete(s.writes, 0, 1)
	}
	s.writes = append(s.writes, l)
}

// of returns the write of an intent, or nil if it is of another client or too
// old.
func (s *losses) of(id string) *lostWrite {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.writes, func(l *lostWrite) bool { return id != "" && l.id == id }); i >= 0 {
		return s.writes[i]
	}
	return nil
}

// twin reports whether another lost write requested the same, in which case the
// result of one task doesn't show which of them started it.
func (s *losses) twin(l *lostWrite) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.writes, func(other *lostWrite) bool {
		return other != l && !other.over.Load() &&
			other.method == l.method && other.path == l.path && other.command == l.command && other.out.Want.equal(l.out.Want)
	})
}

// recent remembers the ids of tasks, and when each was first seen.
type recent struct {
	mu   sync.Mutex
	ids  map[string]time.Time
	ring []string
	next int
}

// recentTasks is how many ids are remembered.
const recentTasks = 10_000

// add remembers an id, and reports whether it is new.
func (r *recent) add(id string) bool { return r.addAt(id, time.Now()) }

// addAt is add for an id that was first seen at a given time; zero means
// unknown.
func (r *recent) addAt(id string, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids == nil {
		r.ids = map[string]time.Time{}
	}
	if _, known := r.ids[id]; known {
		return false
	}
	r.ids[id] = at
	if len(r.ring) < recentTasks {
		r.ring = append(r.ring, id)
		return true
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % recentTasks
	return true
}

// when returns the time at which the id was first seen.
func (r *recent) when(id string) (first time.Time, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first, known = r.ids[id]
	return first, known
}

func (r *recent) has(id string) bool {
	_, known := r.when(id)
	return known
}

// missing reports whether a list lacks a task that must be listed by now, and
// that the API can't have forgotten yet: then the list is late, or incomplete.
func (r *recent) missing(listed map[string]bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, first := range r.ids {
		if age := time.Since(first); !listed[id] && age > lostPatience && age < taskMemory {
			return true
		}
	}
	return false
}

// see remembers the tasks of a list that was read.
func (r *recent) see(list []TaskState) {
	for i := range list {
		r.add(list[i].TaskID)
	}
}

// knownCommands are the command types of the operations whose command type is
// known: a write of any other operation has none of them.
var knownCommands = []string{
	"aclRedisRuleCreateRequest", "aclRedisRuleDeleteRequest", "aclRedisRuleUpdateRequest", "aclRoleCreateRequest",
	"aclRoleDeleteRequest", "aclRoleUpdateRequest", "aclUserCreateRequest", "aclUserDeleteRequest",
	"aclUserUpdateRequest", "activeActivePrivateLinkDeleteRequest", "activeActivePscEndpointCreateRequest",
	"activeActivePscEndpointDeleteRequest", "activeActivePscEndpointUpdateRequest",
	"activeActivePscServiceCreateRequest", "activeActivePscServiceDeleteRequest", "cidrUpdateRequest",
	"cloudAccountCreateRequest", "cloudAccountDeleteRequest", "cloudAccountUpdateRequest", "costReportCreateRequest",
	"databaseBackupRequest", "databaseCreateRequest", "databaseDeleteRequest", "databaseImportRequest",
	"databaseUpdateRequest", "fixedDatabaseCreateRequest", "fixedDatabaseDeleteRequest", "fixedDatabaseUpdateRequest",
	"fixedDatabaseUpgradeRedisVersionRequest", "fixedSubscriptionCreateRequest", "fixedSubscriptionDeleteRequest",
	"fixedSubscriptionUpdateRequest", "peeringCreateRequest", "peeringDeleteRequest", "privateLinkDeleteRequest",
	"pscEndpointCreateRequest", "pscEndpointDeleteRequest", "pscEndpointUpdateRequest", "pscServiceCreateRequest",
	"pscServiceDeleteRequest", "subscriptionCreateRequest", "subscriptionDeleteRequest",
	"subscriptionMaintenanceWindowsUpdateRequest", "subscriptionUpdateRequest", "tgwAcceptInvitationRequest",
	"tgwAttachmentCreateRequest", "tgwAttachmentDeleteRequest", "tgwRejectInvitationRequest", "tgwUpdateCidrsRequest",
}
