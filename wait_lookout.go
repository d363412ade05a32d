package rediscloud

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A lookout watches resources for all waits of a client that are past their
// task. What is listed together is read together: the databases of a
// subscription by their list, the elements of a list by that list. Like the
// poller, it runs as long as somebody waits.
type lookout struct {
	client *Client
	mu     sync.Mutex
	groups map[string]*watchGroup
}

// A watchGroup are the resources that one read tells of.
type watchGroup struct {
	key     string
	stop    context.CancelFunc
	kind    *kind
	at      place // of the only resource, or of the list
	pace    pace
	members map[string]*watchMember
	since   time.Time // when a status has changed
	looks   int       // since then
}

// A watchMember is one resource.
type watchMember struct {
	at      place
	seen    sighting
	waiters map[*watcher]struct{}
}

// A sighting is what a look has shown of a resource.
type sighting struct {
	status  string
	doc     []byte // the whole of it; nil if a list has told, which may leave members out
	err     error
	missing time.Time // since when it isn't there
}

// A watcher is one wait for a resource.
type watcher struct {
	group  *watchGroup
	member *watchMember
	news   chan struct{}
}

func newLookout(c *Client) *lookout { return &lookout{client: c, groups: map[string]*watchGroup{}} }

// groupOf is the place that a resource is read at together with its siblings.
func groupOf(at place, k *kind) place {
	if k.siblings && !at.Asks && !at.InList {
		return at.at(at.Path[:strings.LastIndex(at.Path, "/")])
	}
	return at
}

// join begins to wait for the resource at a place. The watcher must leave.
func (l *lookout) join(at place, k *kind, pace pace) *watcher {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := groupOf(at, k)
	key := list.Path + " " + k.noun // what a list tells depends on what it is asked for
	g := l.groups[key]
	if g == nil {
		ctx, stop := context.WithCancel(asPoll(context.Background()))
		g = &watchGroup{key: key, stop: stop, kind: k, at: list, pace: pace, members: map[string]*watchMember{}, since: time.Now()}
		l.groups[key] = g
		go l.run(ctx, g)
	}
	if pace.min < g.pace.min {
		g.pace = pace
	}
	name := at.Path + "#" + at.key()
	m := g.members[name]
	if m == nil {
		m = &watchMember{at: at, waiters: map[*watcher]struct{}{}}
		g.members[name] = m
		g.since, g.looks = time.Now(), 0
	}
	w := &watcher{group: g, member: m, news: make(chan struct{}, 1)}
	m.waiters[w] = struct{}{}
	return w
}

// leave ends a wait, and with the last of its group the reads.
func (l *lookout) leave(w *watcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(w.member.waiters, w)
	if len(w.member.waiters) > 0 {
		return
	}
	for name, m := range w.group.members {
		if m == w.member {
			delete(w.group.members, name)
		}
	}
	if len(w.group.members) == 0 {
		w.group.stop()
		delete(l.groups, w.group.key)
	}
}

// take returns the latest sighting.
func (l *lookout) take(w *watcher) sighting {
	l.mu.Lock()
	defer l.mu.Unlock()
	return w.member.seen
}

// run looks until the last waiter has left.
func (l *lookout) run(ctx context.Context, g *watchGroup) {
	failures := 0
	var failure error
	for {
		l.mu.Lock()
		age := time.Since(g.since)
		pause := g.pace.pause(g.looks, age)
		l.mu.Unlock()
		if l.client.transport.scarce() {
			pause *= 2
		}
		if failures > 0 {
			pause = pauseAfter(failure, failures, pause)
		}
		if sleep(ctx, pause) != nil {
			return
		}
		if failure = l.look(ctx, g); failure != nil {
			failures++
		} else {
			failures = 0
		}
		if ctx.Err() != nil {
			return
		}
		l.client.transport.logWait(slog.String("resource", g.at.Path), slog.Duration("unchanged", age), errorAttr(failure))
	}
}

// look reads what tells of the group, and passes it on.
func (l *lookout) look(ctx context.Context, g *watchGroup) error {
	l.mu.Lock()
	members := make([]*watchMember, 0, len(g.members))
	for _, m := range g.members {
		members = append(members, m)
	}
	l.mu.Unlock()
	reader := &wait{client: l.client, config: defaultWait, last: &TaskState{}}
	reader.config.pace = g.pace
	var docs func(*watchMember) ([]byte, error)
	var list map[*watchMember][]byte
	switch {
	case len(members) == 0:
		return nil
	case g.kind.siblings && len(members) > 1:
		var err error
		list, err = l.siblings(ctx, g, members)
		docs = func(m *watchMember) ([]byte, error) {
			if doc := list[m]; doc != nil || err != nil {
				return doc, err
			}
			return reader.read(ctx, m.at, g.kind, RetryPolicy{})
		}
	case members[0].at.InList:
		doc, err := reader.read(ctx, place{Path: g.at.Path, Asks: g.at.Asks}, g.kind, RetryPolicy{})
		docs = func(m *watchMember) ([]byte, error) {
			if err != nil {
				return nil, err
			}
			return g.kind.element(doc, m.at)
		}
	default:
		docs = func(m *watchMember) ([]byte, error) { return reader.read(ctx, m.at, g.kind, RetryPolicy{}) }
	}
	var failure error
	for _, m := range members {
		status := ""
		doc, err := docs(m)
		if err == nil {
			status, err = g.kind.status(doc)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			failure = err
		}
		if list[m] != nil {
			doc = nil
		}
		l.pass(g, m, sighting{status: status, doc: doc, err: err})
	}
	l.mu.Lock()
	g.looks++
	l.mu.Unlock()
	return failure
}

// pass tells the waiters of a resource what was seen.
func (l *lookout) pass(g *watchGroup, m *watchMember, seen sighting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	seen.missing = missingSince(seen.err, m.seen.missing, now)
	if seen.err != nil {
		seen.status = m.seen.status
	} else if seen.status != m.seen.status {
		g.since, g.looks = now, 0
	}
	m.seen = seen
	for w := range m.waiters {
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
}

// maxSiblingPages bounds a list that is read for the sake of some elements.
// Those that it doesn't show are read one by one.
const maxSiblingPages = 20

// siblings reads the list of the group, page by page until all members are
// found. A member that isn't listed is missing from the result.
func (l *lookout) siblings(ctx context.Context, g *watchGroup, members []*watchMember) (map[*watchMember][]byte, error) {
	found := make(map[*watchMember][]byte, len(members))
	for offset := 0; len(found) < len(members) && offset < maxSiblingPages*defaultPageSize; offset += defaultPageSize {
		call := getPath(g.at.Path)
		call.query = url.Values{"limit": {strconv.Itoa(defaultPageSize)}}
		if offset > 0 {
			call.query.Set("offset", strconv.Itoa(offset))
		}
		answer, err := l.client.transport.do(ctx, call, RetryPolicy{})
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		elements, err := elementsIn(answer.Body, g.kind.list, g.kind.id)
		if err != nil {
			return nil, unusable(call, answer, err)
		}
		for _, m := range members {
			if doc := elements[m.at.Path[strings.LastIndex(m.at.Path, "/")+1:]]; doc != nil {
				found[m] = doc
			}
		}
		if len(elements) < defaultPageSize {
			break
		}
	}
	return found, nil
}
