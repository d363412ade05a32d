package rediscloudtest

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"
)

func listTasks(c *call) answer {
	for _, o := range c.server.listOutages {
		if o.has(c.now.Sub(c.server.born)) {
			return c.suffer(o)
		}
	}
	c.late = c.server.listDelay
	a := newAnswer(http.StatusOK, "application/json", []byte(`{"tasks":[`))
	at := c.now.Add(-c.server.listStaleness)
	tasks := c.server.tasksAt(at)
	a.more = make([][]byte, 0, len(tasks)+1)
	for _, t := range tasks {
		status, since := t.state(at)
		if slices.Contains(c.server.hiddenStatuses, status) {
			continue
		}
		part := c.server.render(t, status, since)
		if len(a.more) == 0 {
			part = part[1:]
		}
		a.more = append(a.more, part)
	}
	a.more = append(a.more, []byte(`]}`))
	return a
}

// tasksAt returns the tasks that were known at a time, in the order of the
// list.
func (s *Server) tasksAt(at time.Time) []*task {
	known := make([]*task, 0, len(s.changed))
	for _, t := range slices.Backward(s.changed) {
		if t.known(at) {
			known = append(known, t)
		}
	}
	switch {
	case s.unsorted:
		slices.SortFunc(known, func(a, b *task) int { return cmp.Compare(a.place, b.place) })
	case s.listStaleness > 0:
		slices.SortStableFunc(known, func(a, b *task) int {
			_, sinceA := a.state(at)
			_, sinceB := b.state(at)
			return sinceB.Compare(sinceA)
		})
	}
	return known
}

func (s *Server) render(t *task, status string, since time.Time) []byte {
	if t.rendered.status == status && t.rendered.base == s.linkBase {
		return t.rendered.json
	}
	links := []link{{"task", t.path(), "getTaskStatusById"}}
	if status == statusCompleted {
		links = append(links, t.resourceLink()...)
	}
	text, err := json.Marshal(s.setLinks(s.taskDocument(t, status, since), LinkArray, links...))
	if err != nil {
		text = []byte("null")
	}
	t.rendered = rendered{status, s.linkBase, append([]byte{','}, text...)}
	return t.rendered.json
}

// stream returns the body of a response, and records in the request log how
// much of it is read.
func (s *Server) stream(a answer, entry *Request) io.ReadCloser {
	return &stream{server: s, entry: entry, parts: append([][]byte{a.body}, a.more...)}
}

type stream struct {
	server *Server
	entry  *Request
	parts  [][]byte
	closed bool
}

func (r *stream) Read(p []byte) (n int, err error) {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	if r.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	for n < len(p) && len(r.parts) > 0 {
		taken := copy(p[n:], r.parts[0])
		n += taken
		if r.parts[0] = r.parts[0][taken:]; len(r.parts[0]) == 0 {
			r.parts = r.parts[1:]
		}
	}
	r.entry.BytesRead += n
	if n == 0 && len(r.parts) == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (r *stream) Close() error {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	r.closed = true
	return nil
}
