package rediscloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// lostStale is how long after a change its resource may still show its old
	// state.
	lostStale = 30 * time.Second

	// maxLostDelay bounds the pause between two reads of the list of tasks.
	maxLostDelay = 10 * time.Second
)

// FindTask returns the task of a write whose outcome is unknown. Pass it the
// error that the write returned:
//
//	task, err := client.Databases.Create(ctx, subscriptionID, req)
//	if unknown, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err); ok {
//		task, err = rediscloud.FindTask[rediscloud.Database](ctx, unknown)
//	}
//
// The task is identified by what it did: by the ids in its response, which must
// be those of the request's path, and by its result, which must show what the
// request asked for, such as the name. For that it must be finished, so
// FindTask waits until all candidates are, as long as ctx lasts, and at least
// until 15 s after the write was given up, since a new task may not be listed
// at once; a list that lags more can hide it. It never returns a task that was
// last changed before the write, by the API's clock with a tolerance of 2 s, or
// that belongs to another call of this client, and it returns no task for two
// writes. It can't rule out a task of another program that did exactly the same
// at the same time, such as creating a database with the same name in the same
// subscription, while this write never arrived.
//
// If the request isn't specific enough, match can add to it: each function gets
// the result of a task, and all must return true for the task to be accepted.
//
// If no task can be the write's, the error matches [ErrNotFound]: the API did
// not accept the write, and it may be sent again. A list of tasks that lags by
// more than 15 s can make that wrong; if it lacks a task that the client knows,
// the error is a [*LostTaskError]. If the task can't be determined, the error
// is a [*LostTaskError] with the candidates. Once FindTask has determined the
// outcome, every further call, also in another goroutine, returns the same. If
// the list can't be read, that is a separate error, and FindTask can be called
// again: nothing else shows the outcome.
//
// API: GET /tasks
func FindTask[T any](ctx context.Context, lost *OutcomeUnknownError, match ...func(*T) bool) (*Task[T], error) {
	l, err := lostOf(ctx, lost)
	if err != nil {
		return nil, err
	}
	k, err := kindFor[T]()
	if err != nil {
		return nil, err
	}
	if l.kind.result != k.result {
		return nil, fmt.Errorf("rediscloud: the write yields %s, not %s", l.kind.name, k.name)
	}
	leave, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	agree := func(doc []byte) bool { return len(match) == 0 || agreed(doc, match) }
	if err := l.search(ctx, agree, len(match) > 0); err != nil {
		return nil, err
	}
	return &Task[T]{client: l.client, state: *l.found, out: l.out, kind: l.kind}, nil
}

// agreed reports whether all functions of the caller accept a result.
func agreed[T any](doc []byte, match []func(*T) bool) bool {
	result := new(T)
	if unmarshal(doc, result) != nil {
		return false
	}
	return !slices.ContainsFunc(match, func(f func(*T) bool) bool { return f != nil && !f(result) })
}

// search polls until there is a result.
func (l *lostWrite) search(ctx context.Context, agree func(doc []byte) bool, sharper bool) error {
	for delay := time.Second; l.found == nil; {
		if l.absent {
			return l.notAccepted()
		}
		patient := time.Since(l.ended) >= lostPatience
		err := l.look(ctx)
		if err == nil {
			err = l.judgeAll(ctx, agree, sharper)
		}
		switch {
		case err == nil && patient && len(l.possible(open)) == 0:
			if err := l.decide(sharper); err != nil {
				return err
			}
			continue
		case err == nil && !patient:
			err = sleep(ctx, lostPatience-time.Since(l.ended))
		case err == nil:
			err = sleep(ctx, delay)
			delay = min(delay*3/2, maxLostDelay)
		}
		if ctx.Err() != nil {
			return &LostTaskError{Method: l.method, Path: l.path, Candidates: l.possible(), Err: contextError(ctx)}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// decide determines the result once all candidates are known. It decides
// nothing if another lost write has meanwhile taken the task.
func (l *lostWrite) decide(sharper bool) error {
	mine := l.possible(its)
	switch {
	case len(mine) == 1 && (sharper || !l.client.losses.twin(l)):
		if l.client.submitted.add(mine[0].TaskID) {
			l.found = mine[0]
			l.answer()
		}
		return nil
	case len(mine) > 0:
		return &LostTaskError{Method: l.method, Path: l.path, Candidates: mine}
	}
	if rest := l.possible(); len(rest) > 0 {
		err := &LostTaskError{Method: l.method, Path: l.path, Candidates: rest}
		if err.NothingCreated() {
			l.over.Store(true) // what is created from now on is no longer this write's
		}
		return err
	}
	if l.gaps {
		return &LostTaskError{Method: l.method, Path: l.path, Err: errGaps}
	}
	l.absent = true
	l.answer()
	return l.notAccepted()
}

// answer ends the search, and drops what was learned on the way.
func (l *lostWrite) answer() {
	clear(l.told)
	l.over.Store(true)
}

var errGaps = errors.New("the list of tasks lacks some that are known")

func (l *lostWrite) notAccepted() error {
	return fmt.Errorf("rediscloud: %s %s: no task belongs to this write, the API did not accept it: %w", l.method, l.path, ErrNotFound)
}

// judgeAll judges the tasks that haven't been judged yet. If the caller has
// passed functions, also those that showed too little without them.
func (l *lostWrite) judgeAll(ctx context.Context, agree func(doc []byte) bool, sharper bool) error {
	for id, c := range l.told {
		settled := c.finding == anothers || c.finding != open && !sharper
		if settled || l.client.submitted.has(id) {
			continue
		}
		if c.vanished && !c.state.Done() {
			c.finding = untold
		}
		if !c.state.Done() {
			continue
		}
		if c.since.IsZero() {
			c.since = time.Now()
		}
		var err error
		if c.finding, err = l.judge(ctx, c, agree, sharper); err != nil {
			return err
		}
		if c.finding == anothers {
			c.isAnothers()
		}
	}
	return nil
}

// judge finds out whether a finished task belongs to the write.
func (l *lostWrite) judge(ctx context.Context, c *clue, agree func(doc []byte) bool, sharper bool) (finding, error) {
	aim := l.aim(c.state)
	if aim == anothers || c.state.Failed() {
		return aim, nil
	}
	if l.out.Gone {
		return l.judgeRemoval(ctx, c, aim)
	}
	out := l.out
	if path, ok := fillIDs(out.Read.Path, c.state.Response); ok {
		out.Read.Path = path // rather than a link, which may lead elsewhere
	}
	doc, err := l.read(ctx, c.state, out, l.kind)
	if ctx.Err() != nil {
		return open, contextError(ctx)
	}
	if err != nil || len(*doc) == 0 {
		return l.unread(aim), nil //nolint:nilerr // that it can't be read is a finding
	}
	return l.judgeResult(c, *doc, out.Want, aim, agree(*doc), sharper), nil
}

// judgeResult judges by what the task has created or changed.
func (l *lostWrite) judgeResult(c *clue, doc []byte, asked want, aim finding, agrees, sharper bool) finding {
	shown := asked.compare(doc)
	switch {
	case l.makes() && (asked.denies(doc) || !agrees):
		return anothers
	case sharper && l.makes():
		return its
	case shown == other || !agrees:
		return c.once(untold)
	case sharper, aim == its && (shown == same || l.aimed()), l.makes() && shown == same, l.names(c.state, doc):
		return its
	}
	return untold
}

// read reads the result of a task verbatim.
func (l *lostWrite) read(ctx context.Context, state *TaskState, out source, k *kind, opts ...WaitOption) (*json.RawMessage, error) {
	return (&Task[json.RawMessage]{client: l.client, state: *state, out: out, kind: k}).Wait(ctx, opts...)
}

// once delays a finding until what the task changed must be visible.
func (c *clue) once(f finding) finding {
	if time.Since(c.since) < lostStale {
		return open
	}
	return f
}

// judgeRemoval is judge for a task that removes something, and may not say
// what. What the write removes is gone, or is about to be.
func (l *lostWrite) judgeRemoval(ctx context.Context, c *clue, aim finding) (finding, error) {
	k := kindsByName[l.out.Kind]
	if aim == its || k == nil {
		return aim, nil
	}
	doc, err := l.read(ctx, c.state, source{Read: l.out.Watch}, k, WithNotFoundGrace(0))
	switch {
	case ctx.Err() != nil:
		return open, contextError(ctx)
	case errors.Is(err, ErrNotFound):
		return its, nil
	case err != nil:
		return untold, nil //nolint:nilerr // that it can't be read is a finding
	}
	if status, err := k.status(*doc); err == nil && slices.Contains(k.ready, status) {
		return c.once(anothers), nil
	}
	return its, nil
}

// unread is the finding for a task that leaves nothing to read, or whose result
// can't be read.
func (l *lostWrite) unread(aim finding) finding {
	if aim == its && l.aimed() && len(l.out.Want) == 0 {
		return its
	}
	return untold
}

// aim judges by the ids in a task's response. If the write was for something
// that exists, they must be in the path, and the last one in the path is that
// of the resource itself. The id of something that is created isn't known in
// advance.
func (l *lostWrite) aim(state *TaskState) finding {
	if state.Response == nil {
		return untold
	}
	ids := l.ids()
	id, parent := state.Response.ResourceID, state.Response.AdditionalResourceID
	switch {
	case parent > 0 && len(ids) > 0 && !slices.Contains(ids, parent):
		return anothers
	case id <= 0 || l.makes():
		return untold
	case len(ids) > 0 && id == ids[len(ids)-1]:
		return its
	case slices.Contains(ids, id), l.method == http.MethodPost && !strings.Contains(l.path, "/databases/"):
		return untold // the parent's, or that of its only resource of this kind
	}
	return anothers
}

// ids returns the numbers in the path of the write.
func (l *lostWrite) ids() (ids []int) {
	for segment := range strings.SplitSeq(l.path, "/") {
		if id, err := strconv.Atoi(segment); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// makes reports whether the write creates something, whose id the task names.
func (l *lostWrite) makes() bool {
	return strings.Contains(l.out.Read.Path, "{") || l.out.Read.InList && l.out.Read.key() == "0"
}

// aimed reports whether ids in the path are enough to know what the task does:
// its command type says the rest, or the path ends in the resource itself.
func (l *lostWrite) aimed() bool {
	ids := l.ids()
	return l.command != "" || len(ids) > 0 && strings.HasSuffix(l.path, "/"+strconv.Itoa(ids[len(ids)-1]))
}

// names reports whether the document of a resource that is the only one of its
// kind in its place, and that the task had to create, has the id that the task
// names.
func (l *lostWrite) names(state *TaskState, doc []byte) bool {
	if state.Response == nil || state.Response.ResourceID <= 0 || l.out.Read.InList || len(l.ids()) == 0 {
		return false
	}
	return want{"id": json.RawMessage(strconv.Itoa(state.Response.ResourceID))}.compare(doc) == same
}
