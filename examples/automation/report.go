package main

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/term"

	"github.com/rediscloud-go/rediscloud"
)

// The types of events.
const (
	eventPlanned   = "planned"   // the item is in the plan
	eventFound     = "found"     // it already exists
	eventSubmitted = "submitted" // its task was accepted, and is in the state
	eventResumed   = "resumed"   // its task was submitted by an earlier run
	eventLooking   = "looking"   // for a submission of unknown outcome
	eventStatus    = "status"    // of its task or of itself
	eventQueue     = "queue"     // the number of tasks before its own
	eventDone      = "done"
	eventDiffers   = "differs" // it exists, but differs from the plan
	eventFailed    = "failed"
	eventUnknown   = "unknown" // it may or may not have been submitted
	eventStopped   = "stopped" // by a timeout or an interrupt
	eventTask      = "task"    // a task of the account
	eventPrice     = "price"   // an item of the price, reported by a dry run
	eventEnd       = "end"
)

// The state of an item or a task, in the status of an event. When it has ended,
// its status is the name of the event.
const (
	statusQueued       = "queued"
	statusProcessing   = "processing"
	statusProcessed    = "processed"
	statusProvisioning = "provisioning"
)

func statusOf(task *rediscloud.TaskState) string {
	switch {
	case task.Failed():
		return eventFailed
	case task.Done():
		return statusProcessed
	case queued(task):
		return statusQueued
	}
	return statusProcessing
}

// An event is a line of the JSON output.
type event struct {
	Time         time.Time `json:"time"`
	Event        string    `json:"event"`
	Kind         string    `json:"kind,omitempty"`
	Name         string    `json:"name,omitempty"`
	Subscription string    `json:"subscription,omitempty"` // of a database
	ID           int       `json:"id,omitempty"`
	Task         string    `json:"task,omitempty"`
	Command      string    `json:"command,omitempty"` // the type of the task
	Status       string    `json:"status,omitempty"`  // one of the constants above
	Detail       string    `json:"detail,omitempty"`  // the API's name of it
	Queue        *int      `json:"queue,omitempty"`   // how many tasks come first
	Elapsed      float64   `json:"elapsed,omitempty"` // seconds since work on the item started
	Price        *price    `json:"price,omitempty"`
	Error        string    `json:"error,omitempty"`
	Advice       string    `json:"advice,omitempty"` // what to do about it
	Exit         *int      `json:"exit,omitempty"`

	Differs []difference `json:"differs,omitempty"` // the fields that differ from the plan

	item item
}

// ends reports whether an event is the last one of its item.
func ends(event string) bool {
	return slices.Contains([]string{eventDone, eventDiffers, eventFailed, eventUnknown, eventStopped}, event)
}

// A reporter shows what happens. It may be called concurrently.
type reporter interface {
	report(event)
	close(code int)
}

// newReporter returns a display for a terminal, otherwise a writer of JSON
// lines.
func newReporter(out io.Writer, asJSON bool) reporter {
	file, size := terminal(out)
	if asJSON || file == nil {
		return &lines{out: json.NewEncoder(out), begun: map[item]time.Time{}}
	}
	return startDisplay(file, size)
}

// terminal returns out and its size, if it is a terminal.
func terminal(out io.Writer) (*os.File, func() (width, height int)) {
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil, nil
	}
	return file, func() (int, int) {
		width, height, err := term.GetSize(int(file.Fd()))
		if err != nil || width <= 0 || height <= 0 {
			return 80, 24
		}
		return width, height
	}
}

// lines writes events as JSON, one a line.
type lines struct {
	mu    sync.Mutex
	out   *json.Encoder
	begun map[item]time.Time
}

func (l *lines) report(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Time = time.Now().UTC()
	if e.item.kind != "" {
		e.Kind, e.Name, e.Subscription = e.item.kind, e.item.name, e.item.subscription
		if ends(e.Event) {
			e.Status = e.Event
		}
		if begun, ok := l.begun[e.item]; ok {
			e.Elapsed = math.Round(e.Time.Sub(begun).Seconds()*100) / 100
		} else if e.Event != eventPlanned {
			l.begun[e.item] = e.Time
		}
	}
	_ = l.out.Encode(e) //nolint:errchkjson // nobody to report it to
}

func (l *lines) close(code int) { l.report(event{Event: eventEnd, Exit: new(code)}) }

// plain makes a text safe to print: names and statuses come from elsewhere, and
// could move the cursor.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return '?'
	}, text)
}
