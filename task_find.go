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
	// serverSlack is how far the clocks within the API, that of Date and those
	// of the tasks, may differ.
	serverSlack = 5 * time.Second

	// localSlack is how far the clock of this machine may be off, where no
	// answer has told the API's.
	localSlack = time.Minute

	// lostPatience is how long after a lost write its task may not be listed yet.
	lostPatience = 10 * time.Second

	// taskMemory is for how long a task is surely listed: the API keeps it for
	// about 10 days.
	taskMemory = 9 * 24 * time.Hour

	// maxNamed is how many tasks an error names.
	maxNamed = 10
)

// A lostWrite is what is known of a write whose answer didn't come.
type lostWrite struct {
	client  *Client
	id      string // of its intent, "" if none was asked for
	method  string
	path    string
	command string // "" if not known
	out     source
	kind    *kind
	began   time.Time // by the clock of this machine
	server  time.Time // by that of the API, if another process has told
	ended   time.Time // when the answer was given up, or the looking for it began

	asking chan struct{} // held by the FindTask that looks for the task; what follows is its own
	told   map[string]*clue
	gaps   bool       // the list lacks tasks that are known, so it may lack the write's
	found  *TaskState // the answer, once there is one
	absent bool       // likewise: there is no task

	over atomic.Bool // there is an answer
}

// A clue is what is known of a task that may be a lost write's.
type clue struct {
	state    *TaskState // nil of another's
	finding  finding
	since    time.Time // when it was first seen to be over
	vanished bool      // the API no longer tells of it
}

// A finding says whether a task is the one that is looked for.
type finding int

const (
	open     finding = iota // not over yet, or its result may still change
	untold                  // it is over, and tells too little
	its                     // it did what the write asked for
	anothers                // it can't be the write's: for good
)

func newLostWrite(c *Client, call call, out source, k *kind) *lostWrite {
	now := time.Now()
	return &lostWrite{
		client: c, method: call.method, path: call.path, command: call.cmd, out: out, kind: k, began: now, ended: now,
		asking: make(chan struct{}, 1), told: map[string]*clue{},
	}
}

// failed takes in the error of the write, and completes it with what is needed
// to look for the task if that may be there.
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

// answered takes in the task of a write that wasn't lost after all.
func (l *lostWrite) answered(state *TaskState) {
	if l.id != "" { // its intent may be resumed
		l.found = state
		l.over.Store(true)
		l.client.losses.add(l)
	}
}

var errNoLostTask = errors.New("rediscloud: this error is not of a write that starts a task, made by a client of this process")

// lostOf is the write that an error is of, if its client can be used.
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
// have started: of its command type, as far as that is known, not older than
// the write, not known to have done something else, and not those of other
// writes of this client. It is empty if there are none, or none yet: a new task
// takes a moment to be listed. FindTask tells which of them it is.
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

// enter waits until no other goroutine looks for the task.
func (l *lostWrite) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-l.asking }
	select {
	case l.asking <- struct{}{}: // an answer that is there is given though ctx has ended
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

// look reads the list of tasks and takes in what is new.
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

// cantLook says that the tasks can't be read. That is never ErrNotFound, which
// would say that there is no task.
func (l *lostWrite) cantLook(err error) error {
	if errors.Is(err, ErrNotFound) {
		err = errors.New(oneLine(strings.TrimPrefix(err.Error(), "rediscloud: ")))
	}
	return fmt.Errorf("rediscloud: %s %s: looking for its task: %w", l.method, l.path, err)
}

// note takes in the state of a task. What it was when it was first seen counts
// for whether it is older than the write: a task that was queued long ago has a
// new time once it is processed.
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

// isAnothers settles the matter. An account has thousands of such tasks.
func (c *clue) isAnothers() { c.finding, c.state = anothers, nil }

// before reports whether a task was there before the write.
func (l *lostWrite) before(state *TaskState) bool {
	if seen, ok := l.client.sighted.when(state.TaskID); ok && seen.Before(l.began) {
		return true
	}
	stamp := state.Timestamp.Time
	return !stamp.IsZero() && stamp.Before(l.earliest())
}

// earliest is when the write's task can have been made, by the API's clock.
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
// operation whose own is not known may share that of a kindred one.
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

// verbs are what the command types of a method's operations say.
var verbs = map[string]string{http.MethodPost: "create", http.MethodPut: "update", http.MethodPatch: "update", http.MethodDelete: "delete"}

// kindred reports whether a command type says what the method does, and names
// one of the things in the path.
func (l *lostWrite) kindred(command string) bool {
	command = strings.ToLower(command)
	segments := strings.Split(strings.ReplaceAll(l.path[1:], "-", ""), "/")
	if l.method != http.MethodPut && segments[0] == "subscriptions" {
		segments = segments[1:] // in which something is made or removed
	}
	named := func(segment string) bool {
		_, err := strconv.Atoi(segment)
		return err != nil && strings.Contains(command, strings.ToLower(strings.TrimSuffix(segment, "s")))
	}
	return strings.Contains(command, verbs[l.method]) && slices.ContainsFunc(segments, named)
}

// possible are the tasks that may be the write's, the oldest id first.
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

// A LostTaskError says that it can't be told which task is that of a write whose
// outcome is unknown, or whether it has one: several tasks did what the write
// asked for, or one tells too little of what it did, or the time was up before
// the tasks were over. errors.Is matches it with what Err is. It does not match
// ErrNotFound. The choice is yours: a candidate is taken over with ResumeTask.
type LostTaskError struct {
	Method     string
	Path       string       // of the write, below the base URL
	Candidates []*TaskState // the tasks that may be the write's, the oldest change first
	Err        error        // why the search ended early; nil if it did not
}

// Error names the candidates, at most ten.
func (e *LostTaskError) Error() string {
	var ids []string
	for _, state := range e.Candidates[:min(len(e.Candidates), maxNamed)] {
		ids = append(ids, oneLine(state.TaskID))
	}
	if len(e.Candidates) > maxNamed {
		ids = append(ids, fmt.Sprintf("and %d more", len(e.Candidates)-maxNamed))
	}
	text := fmt.Sprintf("rediscloud: %s %s: it can't be told which task is of this write, if any", e.Method, e.Path)
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

// NothingCreated reports whether the write made nothing, whichever of the
// candidates is its task: they have all failed.
func (e *LostTaskError) NothingCreated() bool {
	running := func(state *TaskState) bool { return !state.Failed() }
	return len(e.Candidates) > 0 && e.Err == nil && !slices.ContainsFunc(e.Candidates, running)
}

// losses are the lost writes of a client, and those whose intents were asked for.
type losses struct {
	mu     sync.Mutex
	writes []*lostWrite
}

// maxLosses bounds how many are remembered, the latest ones.
const maxLosses = 1000

func (s *losses) add(l *lostWrite) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.writes) == maxLosses {
		s.writes = slices.Delete(s.writes, 0, 1)
	}
	s.writes = append(s.writes, l)
}

// of is the write that an intent is of, nil if it is of another client or long ago.
func (s *losses) of(id string) *lostWrite {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.writes, func(l *lostWrite) bool { return id != "" && l.id == id }); i >= 0 {
		return s.writes[i]
	}
	return nil
}

// twin reports whether another lost write asked for the same, so that what one
// task did doesn't tell whose it is.
func (s *losses) twin(l *lostWrite) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.writes, func(other *lostWrite) bool {
		return other != l && !other.over.Load() &&
			other.method == l.method && other.path == l.path && other.command == l.command && other.out.Want.equal(l.out.Want)
	})
}

// recent remembers the ids of tasks, and when it first heard of each.
type recent struct {
	mu   sync.Mutex
	ids  map[string]time.Time
	ring []string
	next int
}

// recentTasks is how many ids are remembered.
const recentTasks = 10_000

// add remembers an id. It reports whether that is new.
func (r *recent) add(id string) bool { return r.addAt(id, time.Now()) }

// addAt is add for an id that was first heard of at some time; zero is unknown.
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

// when is the time at which the id was first heard of.
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

// missing reports whether a list lacks a task that must have come to be listed,
// and that the API doesn't forget yet: then it is late, or hides some.
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

// knownCommands are the command types of the operations whose own is known: a
// write of another operation has none of them.
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
