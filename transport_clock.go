package rediscloud

import (
	"net/http"
	"sync"
	"time"
)

// A serverClock derives the API's time from the Date of its responses, so that
// the times in its documents can be compared with local events, even if the
// clock of this machine is wrong.
type serverClock struct {
	mu       sync.Mutex
	date     time.Time // of the latest response that had one
	received time.Time // when it arrived, by the local clock
}

// observe records the Date of a response that has just arrived.
func (c *serverClock) observe(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.date, c.received = date, time.Now()
}

// at returns what the API's clock showed at a local time, or a little earlier:
// Date has whole seconds, and a response takes time. ok is false until a
// response has had a Date.
func (c *serverClock) at(local time.Time) (server time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.date.Add(local.Sub(c.received)), !c.date.IsZero()
}
