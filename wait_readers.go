package rediscloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/schedule"
)

// tasksGroup is the group of all tasks of the account.
func (c *Client) tasksGroup(cadence schedule.Cadence) *group {
	return &group{Group: schedule.Group{ID: "tasks", List: true, Single: true, Latest: true, Cadence: cadence}, reader: taskReader{c}}
}

// A taskReader polls tasks.
type taskReader struct{ client *Client }

// one reads a task by its own link, or by the path with its id if the link
// can't be followed or has failed.
func (r taskReader) one(ctx context.Context, id string, first observation, failed bool) observation {
	canonical := get("/tasks/{taskId}", id)
	linked := r.client.taskCall(first.state)
	if failed || linked.path == canonical.path {
		return r.read(ctx, canonical, id)
	}
	seen := r.read(ctx, linked, id)
	if _, odd := errors.AsType[*DecodeError](seen.err); odd || seen.err != nil && !transient(seen.err) {
		return r.read(ctx, canonical, id)
	}
	return seen
}

func (r taskReader) read(ctx context.Context, call call, id string) observation {
	answer, err := r.client.transport.do(ctx, call, noRetries)
	if err != nil {
		return observation{err: err}
	}
	state, err := decode[TaskState](answer)
	if err == nil && state.TaskID != id {
		err = fmt.Errorf("it belongs to another task, %s", oneLine(state.TaskID))
	}
	if err != nil {
		return observation{err: unusable(call, answer, err)}
	}
	return observation{state: state}
}

// list reads the list of tasks from its top, which is the latest change, down
// to what poll knows already.
func (r taskReader) list(ctx context.Context, poll schedule.Poll, waited map[string]bool) (listing, error) {
	call := get("/tasks")
	body, err := r.client.transport.stream(ctx, call)
	if err != nil {
		return listing{}, err
	}
	defer body.Close()
	counted := &countingReader{Reader: body}
	read := taskListRead{poll: poll, waited: waited, sought: maps.Clone(poll.Sought), shown: listing{seen: map[string]observation{}}, hide: r.client.transport.hide, sighted: r.client.sighted.add}
	read.shown.answer.Sorted, read.shown.answer.Stamped = true, true
	err = read.from(counted)
	read.shown.answer.Bytes = counted.n
	if err != nil {
		return read.shown, &DecodeError{Method: call.method, Path: call.path, StatusCode: http.StatusOK, Err: err}
	}
	return read.shown, nil
}

// A taskListRead is one read of the list of tasks.
type taskListRead struct {
	poll    schedule.Poll
	waited  map[string]bool // by this client: other tasks are not decoded
	sought  map[string]bool
	shown   listing
	last    time.Time // the timestamp of the previous task
	hide    func(header http.Header, body []byte) []byte
	sighted func(id string) bool // records a task, which is then no longer new
}

// from decodes the tasks one by one, and stops once the rest is known.
func (r *taskListRead) from(body io.Reader) error {
	dec := json.NewDecoder(body)
	if err := enter(dec, "tasks"); err != nil {
		return err
	}
	for dec.More() {
		var doc json.RawMessage
		if err := dec.Decode(&doc); err != nil {
			return err
		}
		if r.take(doc) {
			return nil
		}
	}
	if _, err := dec.Token(); err != nil { // nothing follows from what a truncated list lacks
		return err
	}
	r.shown.answer.Whole = true
	return nil
}

// enter reads up to the first element of the list that is a field of the
// document. It refuses a document without that field.
func enter(dec *json.Decoder, field string) error {
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return errors.Join(errors.New("it is not a document"), err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if name != field {
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return err
			}
			continue
		}
		if start, err := dec.Token(); err != nil || start != json.Delim('[') {
			return errors.Join(fmt.Errorf("%s is not a list", field), err)
		}
		return nil
	}
	return fmt.Errorf("it lacks %s", field)
}

// take records one task, and reports whether the rest of the list is known.
func (r *taskListRead) take(doc []byte) bool {
	var head struct {
		TaskID    json.RawMessage `json:"taskId"`
		Status    any             `json:"status"`
		Timestamp Time            `json:"timestamp"`
	}
	if json.Unmarshal(doc, &head) != nil {
		return false
	}
	a := &r.shown.answer
	id, stamp := string(bytes.Trim(head.TaskID, `"`)), head.Timestamp.Time
	if stamp.IsZero() {
		a.Stamped = false
	} else {
		a.Sorted = a.Sorted && (r.last.IsZero() || !stamp.After(r.last))
		r.last = stamp
		a.Oldest = stamp
	}
	if r.waited[id] {
		r.see(id, doc)
	} else {
		status, _ := head.Status.(string)
		a.Seen = append(a.Seen, schedule.Seen{Subject: id, Phase: phaseOf(TaskStatus(status)), Stamp: stamp})
	}
	delete(r.sought, id)
	r.sighted(id)
	known := a.Stamped && a.Sorted && !stamp.IsZero() && stamp.Before(r.poll.Down)
	return known && !r.poll.Whole && len(r.sought) == 0
}

func (r *taskListRead) see(id string, doc []byte) {
	state, err := decodeTaskState(r.hide(nil, doc))
	if err != nil {
		return // it is read individually, like a task that isn't listed
	}
	seen := observation{state: state}
	r.shown.seen[id] = seen
	known := seen.known()
	r.shown.answer.Seen = append(r.shown.answer.Seen, schedule.Seen{Subject: id, Phase: known.Phase, Stamp: known.Stamp})
}

type countingReader struct {
	io.Reader
	n int
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += n
	return n, err
}

// A resourceReader polls resources of one kind: those that are listed at the
// place of the group together, or a single one.
type resourceReader struct {
	client *Client
	at     place // of the list, or of the only resource
	kind   *kind
	above  bool // it is read only to see in which of its elements something changes
}

// resourceGroup returns the group in which a resource is polled, and the
// resource's id in it.
func (c *Client) resourceGroup(at place, k *kind, cadence schedule.Cadence) (*group, string) {
	switch {
	case at.InList:
		list := place{Path: at.Path, Asks: at.Asks}
		return c.groupAt(list, k, schedule.Group{List: true, Cadence: cadence}), at.key()
	case k.siblings && !at.Asks:
		above, id := parentOf(at.Path)
		return c.groupAt(place{Path: above}, k, schedule.Group{List: true, Single: true, Cadence: cadence}), id
	}
	return c.groupAt(at, k, schedule.Group{Single: true, Cadence: cadence}), at.Path
}

func (c *Client) groupAt(at place, k *kind, g schedule.Group) *group {
	g.ID = at.Path + " " + k.name // what is taken from a list depends on the kind
	if k.within != nil && k.siblings {
		above, _ := parentOf(at.Path) // the subscription of a list of databases
		list, member := parentOf(above)
		g.Overview, g.Member = overviewID(list), member
	}
	return &group{Group: g, reader: resourceReader{client: c, at: at, kind: k}}
}

func parentOf(path string) (above, last string) {
	at := strings.LastIndex(path, "/")
	return path[:at], path[at+1:]
}

// overview is the group of the resources' parents.
func (r resourceReader) overview() *group {
	if r.kind.within == nil {
		return nil
	}
	above, _ := parentOf(r.at.Path)
	list, _ := parentOf(above)
	g := r.client.groupAt(place{Path: list}, r.kind.within, schedule.Group{List: true})
	g.ID, g.reader = overviewID(list), resourceReader{client: r.client, at: place{Path: list}, kind: r.kind.within, above: true}
	return g
}

// overviewID differs from the name of the group whose subjects the same list
// shows: one may be polled without the other.
func overviewID(list string) string { return "overview of " + list }

func (r resourceReader) one(ctx context.Context, id string, _ observation, _ bool) observation {
	at := r.at
	if r.kind.siblings && !strings.HasSuffix(at.Path, "/"+id) && id != at.Path {
		at.Path += "/" + id
	}
	return r.client.observe(ctx, at, r.kind, noRetries)
}

func (r resourceReader) list(ctx context.Context, _ schedule.Poll, waited map[string]bool) (listing, error) {
	shown := listing{seen: map[string]observation{}, answer: schedule.Answer{Whole: true}}
	elements, err := r.elements(ctx)
	if err == nil && !r.kind.hasOwnRead() { // only the list can show that an element doesn't exist
		for id := range waited {
			if elements[id] == nil {
				shown.seen[id] = observation{err: r.kind.unlisted(r.at.Path, id)}
			}
		}
	}
	for id, doc := range elements {
		status, bad := r.kind.status(doc)
		seen := observation{status: status, err: bad}
		if !r.kind.siblings {
			seen.doc = doc // the list has the whole element
		}
		shown.seen[id] = seen
		phase := schedule.Running
		if v := r.kind.verdict(status); r.above && (v == ready || v == failed) {
			phase = schedule.Over
		}
		if bad == nil {
			shown.answer.Seen = append(shown.answer.Seen, schedule.Seen{Subject: id, Phase: phase})
		}
	}
	return shown, err
}

// maxListPages bounds a list that is read for some of its elements. Those that
// it doesn't show are read one by one.
const maxListPages = 20

// elements reads the list, page by page if it has pages.
func (r resourceReader) elements(ctx context.Context) (map[string][]byte, error) {
	if r.at.Asks {
		doc, err := r.client.ask(ctx, r.at.Path)
		if err == nil {
			err = r.kind.present(doc)
		}
		if err != nil {
			return nil, err
		}
		return r.kind.elements(doc, r.at.Path)
	}
	found := map[string][]byte{}
	for page := range maxListPages {
		call := getPath(r.at.Path)
		if r.kind.paged {
			call.query = url.Values{"limit": {strconv.Itoa(defaultPageSize)}}
			if page > 0 {
				call.query.Set("offset", strconv.Itoa(page*defaultPageSize))
			}
		}
		answer, err := r.client.transport.do(ctx, call, noRetries)
		if errors.Is(err, ErrNotFound) && r.kind.siblings {
			break // no page, or no list: what it lacks is read individually
		}
		if err != nil {
			return found, err
		}
		if err := r.kind.present(answer.Body); err != nil {
			return found, err
		}
		elements, err := r.kind.elements(answer.Body, r.at.Path)
		if err != nil {
			return found, err
		}
		for id, doc := range elements {
			found[id] = doc
		}
		if !r.kind.paged || len(elements) < defaultPageSize {
			break
		}
	}
	return found, nil
}

// A loneReader repeats a read that no other wait shares.
type loneReader func(context.Context) observation

func (r loneReader) one(ctx context.Context, _ string, _ observation, _ bool) observation {
	return r(ctx)
}

func (r loneReader) list(context.Context, schedule.Poll, map[string]bool) (listing, error) {
	return listing{}, nil
}

// observe reads a resource once. If its list lacks it, the error is
// ErrNotFound.
func (c *Client) observe(ctx context.Context, at place, k *kind, retry RetryPolicy) (seen observation) {
	if seen.doc, seen.err = c.readPlace(ctx, at, k, retry); seen.err == nil {
		seen.status, seen.err = k.status(seen.doc)
	}
	return seen
}

// readPlace reads the document of a resource once.
func (c *Client) readPlace(ctx context.Context, at place, k *kind, retry RetryPolicy) (doc []byte, err error) {
	if at.Asks {
		doc, err = c.ask(ctx, at.Path)
	} else {
		var answer *Response
		if answer, err = c.transport.do(ctx, getPath(at.Path), retry); err == nil {
			doc = answer.Body
		}
	}
	if err == nil {
		err = k.present(doc)
	}
	if err != nil || !at.InList {
		return doc, err
	}
	return k.element(doc, at)
}

// ask runs the task that the read of a path starts, and returns its document:
// nil if it has none.
func (c *Client) ask(ctx context.Context, path string) ([]byte, error) {
	task, err := submit(ctx, c, getPath(path), nothing)
	if err != nil {
		return nil, err
	}
	config := c.wait
	config.onUpdate = nil // they are called for the task of the user's wait only
	inner := wait{client: c, config: config, last: &task.state, began: time.Now()}
	state, err := inner.processed(ctx)
	if err != nil {
		return nil, err
	}
	return state.document(), nil
}
