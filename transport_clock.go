package rediscloud

import (
	"net/http"
	"sync"
	"time"
)

// A serverClock tells the API's time from the Date of its answers, so that the
// times in its documents can be compared with what happened here, whatever the
// clock of this machine says.
type serverClock struct {
	mu       sync.Mutex
	date     time.Time // of the latest answer that had one
	received time.Time // when it came, here
}

// observe takes in the Date of an answer that has just come.
func (c *serverClock) observe(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.date, c.received = date, time.Now()
}

// at is what the API's clock showed at a moment of this machine, or a little
// before: Date has whole seconds, and an answer takes its time. ok is false as
// long as no answer has told.
func (c *serverClock) at(local time.Time) (server time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.date.Add(local.Sub(c.received)), !c.date.IsZero()
}
