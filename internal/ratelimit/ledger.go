package ratelimit

import "time"

// grain is how close together requests must be to be kept as one batch, which
// counts as its latest. It bounds the size of a ledger, whatever the limit.
const grain = 250 * time.Millisecond

// A batch is n requests.
type batch struct {
	first, last time.Time
	n           int
}

// A ledger holds the requests of a window, oldest first. All its operations
// take, on average, the same time regardless of its size.
type ledger struct {
	batches []batch
	sum     int
}

// add records n requests at a time that must not be before the latest.
func (l *ledger) add(at time.Time, n int) {
	if n <= 0 {
		return
	}
	l.sum += n
	if i := len(l.batches) - 1; i >= 0 && at.Sub(l.batches[i].first) < grain {
		l.batches[i].last = at
		l.batches[i].n += n
		return
	}
	l.batches = append(l.batches, batch{at, at, n})
}

// forget drops what is from that time or earlier.
func (l *ledger) forget(before time.Time) {
	gone := 0
	for ; gone < len(l.batches) && !l.batches[gone].last.After(before); gone++ {
		l.sum -= l.batches[gone].n
	}
	l.batches = l.batches[gone:]
}

// drop removes the n oldest requests.
func (l *ledger) drop(n int) {
	for n > 0 && len(l.batches) > 0 {
		oldest := &l.batches[0]
		take := min(n, oldest.n)
		oldest.n -= take
		l.sum -= take
		n -= take
		if oldest.n == 0 {
			l.batches = l.batches[1:]
		}
	}
}

// oldest returns the time of the oldest batch.
func (l *ledger) oldest() (at time.Time, ok bool) {
	if len(l.batches) == 0 {
		return time.Time{}, false
	}
	return l.batches[0].last, true
}

// since counts the requests after a time.
func (l *ledger) since(at time.Time) (n int) {
	for i := len(l.batches) - 1; i >= 0 && l.batches[i].last.After(at); i-- {
		n += l.batches[i].n
	}
	return n
}
