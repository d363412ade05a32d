package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// A display shows a line for each item, and updates it in place.
type display struct {
	out  io.Writer
	size func() (width, height int)
	now  func() time.Time

	mu    sync.Mutex
	rows  []*row
	of    map[item]*row
	drawn int // lines on the screen

	stop chan struct{}
	gone sync.WaitGroup
}

// A row is what is shown for an item.
type row struct {
	item         item
	status       string
	queue        int
	begun, ended time.Time // zero until the item ends
}

const redrawInterval = 200 * time.Millisecond

func newDisplay(out io.Writer, size func() (int, int)) *display {
	return &display{out: out, size: size, now: time.Now, of: map[item]*row{}, stop: make(chan struct{})}
}

func startDisplay(out io.Writer, size func() (int, int)) *display {
	d := newDisplay(out, size)
	d.gone.Go(func() {
		tick := time.NewTicker(redrawInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				d.draw()
			case <-d.stop:
				return
			}
		}
	})
	return d
}

func (d *display) report(e event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.of[e.item]
	if r == nil {
		r = &row{item: e.item}
		d.of[e.item] = r
		d.rows = append(d.rows, r)
	}
	if e.Event == eventQueue {
		r.queue = *e.Queue
		return
	}
	r.queue = 0
	r.status = e.Event
	switch {
	case e.Event == eventPlanned:
		r.status = "waiting"
		return
	case e.Status == statusProvisioning:
		r.status = e.Status + ": " + e.Detail
	case e.Status != "":
		r.status = e.Status
	case len(e.Differs) > 0:
		r.status += ": " + list(e.Differs)
	}
	if ends(e.Event) {
		r.ended = d.now()
	}
	if r.begun.IsZero() {
		r.begun = d.now()
	}
}

func (d *display) close(int) {
	close(d.stop)
	d.gone.Wait()
	d.draw()
}

// draw replaces the contents of the screen.
func (d *display) draw() {
	d.mu.Lock()
	defer d.mu.Unlock()
	var b strings.Builder
	b.WriteByte('\r') // the terminal may have written ^C
	if d.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", d.drawn)
	}
	lines := d.lines()
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	d.drawn = len(lines)
	_, _ = io.WriteString(d.out, b.String())
}

// lines returns what fits on the screen. If not all rows do, it omits first
// those that have ended, then the last ones.
func (d *display) lines() []string {
	width, height := d.size()
	room := max(height-1, 2)
	rows, hidden := d.rows, 0
	if len(rows) > room {
		room-- // for the line that counts the others
		rows = nil
		for _, r := range d.rows {
			if r.ended.IsZero() && len(rows) < room {
				rows = append(rows, r)
			}
		}
		hidden = len(d.rows) - len(rows)
	}
	names := 0
	for _, r := range rows {
		names = min(max(names, utf8.RuneCountInString(r.label())), 40)
	}
	lines := make([]string, 0, len(rows)+1)
	for _, r := range rows {
		lines = append(lines, cut(r.line(d.now(), names), width-1))
	}
	if hidden > 0 {
		ended := 0
		for _, r := range d.rows {
			if !r.ended.IsZero() {
				ended++
			}
		}
		lines = append(lines, cut(fmt.Sprintf("and %d more; %d of %d ended", hidden, ended, len(d.rows)), width-1))
	}
	return lines
}

func (r *row) label() string {
	if r.item.subscription != "" {
		return "  " + r.item.kind + " " + plain(r.item.name)
	}
	return r.item.kind + " " + plain(r.item.name)
}

func (r *row) line(now time.Time, names int) string {
	elapsed := ""
	if !r.begun.IsZero() {
		end := r.ended
		if end.IsZero() {
			end = now
		}
		elapsed = end.Sub(r.begun).Round(time.Second).String()
	}
	line := fmt.Sprintf("%-*s  %7s  %s", names, cut(r.label(), names), elapsed, plain(r.status))
	if r.queue > 0 {
		line += fmt.Sprintf(", %d ahead", r.queue)
	}
	return line
}

// cut shortens a line so that it can't wrap, which would spoil the count.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	if width < 1 {
		return ""
	}
	return string([]rune(text)[:width-1]) + "…"
}
