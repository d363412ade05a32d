package rediscloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A verdict is what a status means.
type verdict int

const (
	moving      verdict = iota // on its way, or a status that isn't known
	ready                      // usable
	failed                     // it will not become usable
	needsAction                // until somebody does something
)

// verdict says what a status means. What ends in failed or error is a failure
// of any kind, and what is deleted comes back in none.
func (k *kind) verdict(status string) verdict {
	lower := strings.ToLower(status)
	switch {
	case slices.Contains(k.ready, status):
		return ready
	case k.action[status] != "":
		return needsAction
	case slices.Contains(k.failed, status), lower == "deleted", strings.HasSuffix(lower, "failed"), strings.HasSuffix(lower, "error"):
		return failed
	}
	return moving
}

// A judge says, for one wait, what the observations of a resource mean.
//
// A change isn't over before it has begun: for a moment after its task the
// resource may still show the state from before, which looks like the end. So
// an end is believed when something shows that the change was taken up: the
// document has what the request asked for, it was modified since, or its status
// has moved. Where nothing does, it is believed once the kind's settling time
// has passed.
type judge struct {
	wait    *wait
	kind    *kind
	source  source
	changes bool      // the wait is for a change that this package has submitted
	since   time.Time // the resource can be observed: its task was completed
	moved   bool      // the status has been another than that of an end
	sound   bool      // what is being removed has been seen without a failure
	seen    bool      // it has been there
	absent  int       // observations in a row in which it isn't there
	asked   time.Time // when the latest of those taken was asked for
}

// A ruling is what comes of an observation.
type ruling struct {
	done  bool
	again bool // look at once at the resource itself, since a list doesn't show enough
	err   error
}

// take judges one observation. One that was asked for before what is known by
// now says nothing: it would show the state from before a change that has begun.
func (j *judge) take(seen observation) ruling {
	if !seen.asked.IsZero() {
		if seen.asked.Before(j.asked) {
			return ruling{}
		}
		j.asked = seen.asked
	}
	if seen.err != nil {
		return j.absentOrFailing(seen.err)
	}
	j.seen, j.absent = true, 0
	if j.kind.member != "" {
		j.wait.see(j.kind, seen.status)
	}
	v := j.kind.verdict(seen.status)
	switch {
	case j.source.Gone:
		return j.removing(v, seen)
	case v == needsAction && j.wait.config.waitForAction:
		v = moving
	}
	switch v {
	case moving:
		j.moved = true
		j.wait.held(false)
		return ruling{}
	case ready:
		return j.readyNow(seen)
	default: // an end that nobody wants
	}
	j.wait.held(false)
	if seen.doc == nil {
		return ruling{again: true}
	}
	if v == failed && j.changes && !j.moved && j.doubted(seen) {
		return ruling{} // it had failed before the change
	}
	return ruling{done: true, err: j.provisionError(v, seen)}
}

// readyNow says whether a resource that looks usable is.
func (j *judge) readyNow(seen observation) ruling {
	held := j.wait.held(true)
	if seen.doc == nil {
		return ruling{again: true}
	}
	if j.wait.config.settling != nil {
		return ruling{done: held}
	}
	return ruling{done: time.Since(j.wait.readySince) >= j.holds(seen) && !j.doubted(seen)}
}

// holds is how long what is ready has to be so without a break.
func (j *judge) holds(seen observation) time.Duration {
	switch {
	case !j.changes:
		return 0
	case j.source.Fresh && !isFilled(seen.doc, j.kind.filled):
		return max(j.kind.holds, j.kind.holdsFresh)
	}
	return j.kind.holds
}

// isFilled reports whether a field of a document is a number above 0.
func isFilled(doc []byte, field string) bool {
	var fields map[string]any
	if field == "" || json.Unmarshal(doc, &fields) != nil {
		return false
	}
	n, ok := fields[field].(float64)
	return ok && n > 0
}

// doubted reports whether an end may be that of something earlier.
func (j *judge) doubted(seen observation) bool {
	settle := j.kind.settle
	switch {
	case !j.changes:
		settle = j.kind.doubt
	case j.source.Fresh:
		return false // there was nothing before
	}
	if settling := j.wait.config.settling; settling != nil {
		settle = *settling
	}
	switch j.source.Want.compare(seen.doc) {
	case same:
		return false
	case other:
		if j.kind.exact {
			return true
		}
	default:
		if modifiedSince(seen.doc, j.wait.submittedAt) {
			return false
		}
	}
	return !j.moved && time.Since(j.since) < settle
}

// removing judges what is to be gone. It may have failed before; that its
// removal has failed shows by a change.
func (j *judge) removing(v verdict, seen observation) ruling {
	if strings.EqualFold(seen.status, "deleted") || slices.Contains(j.kind.gone, seen.status) {
		return ruling{done: true}
	}
	bad := v == failed && j.sound
	j.sound = j.sound || v != failed
	switch {
	case bad && seen.doc == nil:
		return ruling{again: true}
	case bad:
		return ruling{done: true, err: j.provisionError(v, seen)}
	}
	return ruling{}
}

// goneAfter is how many observations in a row have to lack what is removed: one
// may come of a moment in which the API doesn't know it.
const goneAfter = 2

// absentOrFailing judges a poll that has shown nothing.
func (j *judge) absentOrFailing(err error) ruling {
	if errors.Is(err, ErrNotFound) {
		j.absent++
		j.wait.held(false)
		switch {
		case j.source.Gone && j.absent >= goneAfter:
			j.wait.see(j.kind, "")
			return ruling{done: true}
		case j.source.Gone:
			return ruling{}
		case j.source.Fresh && !j.seen:
			j.moved = true
			return ruling{} // on its way, for as long as the context allows
		}
	}
	if j.wait.givesUp() {
		return ruling{done: true, err: j.wait.failure(err)}
	}
	return ruling{}
}

func (j *judge) provisionError(v verdict, seen observation) error {
	w := j.wait
	failure := &ProvisionError{TaskID: w.last.TaskID, Kind: j.kind.noun, Resource: w.resource, Status: seen.status, Reason: reasonIn(seen.doc), Body: seen.doc}
	if v == needsAction {
		failure.ActionRequired, failure.Hint = true, j.kind.action[seen.status]
	}
	return failure
}

// reasonIn finds what a resource's document says of its failure.
func reasonIn(doc []byte) string {
	var said struct {
		ErrorMessage  any `json:"errorMessage"`
		FailureReason any `json:"failureReason"`
	}
	if json.Unmarshal(doc, &said) != nil {
		return ""
	}
	for _, text := range []any{said.ErrorMessage, said.FailureReason} {
		if text != nil && fmt.Sprint(text) != "" {
			return oneLine(fmt.Sprint(text))
		}
	}
	return ""
}

// modifiedSince reports whether a document says that it was modified after t.
// Both times are the server's.
func modifiedSince(doc []byte, t time.Time) bool {
	var said struct {
		LastModified Time `json:"lastModified"`
	}
	return !t.IsZero() && json.Unmarshal(doc, &said) == nil && said.LastModified.After(t)
}
