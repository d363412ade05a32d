package rediscloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A verdict is the meaning of a status.
type verdict int

const (
	moving      verdict = iota // on its way, or an unknown status
	ready                      // usable
	failed                     // will not become usable
	needsAction                // needs manual action
)

// verdict returns the meaning of a status. For every kind, a status that ends
// in failed or error is a failure, and what is deleted doesn't come back.
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

// A judge decides, for one wait, what the observations of a resource mean.
//
// A change isn't over before it has begun: for a moment after its task the
// resource may still show the old state, which looks final. So a final status
// is trusted only if something shows that the change has taken effect: the
// document has what the request asked for, it was modified since, or its status
// has changed. If nothing does, it is trusted once the kind's settling time has
// passed.
// has passed.
type judge struct {
	wait    *wait
	kind    *kind
	source  source
	changes bool      // the wait is for a change that this package has submitted
	since   time.Time // when the task was completed, and the resource became observable
	moved   bool      // a status that isn't final has been seen
	sound   bool      // the resource being removed has been seen without a failure
	seen    bool      // it has been seen to exist
	absent  int       // consecutive observations without it
	asked   time.Time // when the latest observation was asked for
}

// A ruling is the decision on an observation.
type ruling struct {
	done  bool
	again bool // read the resource itself at once, since a list doesn't show enough
	err   error
}

// take judges one observation.
func (j *judge) take(seen observation) ruling {
	if j.outdated(seen) {
		return ruling{}
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
		return ruling{} // the failure may date from before the change
	}
	return ruling{done: true, err: j.provisionError(v, seen)}
}

// outdated reports whether an observation was asked for before the latest one
// that was judged: it may show the state from before a change that has begun.
func (j *judge) outdated(seen observation) bool {
	if seen.asked.Before(j.asked) {
		return !seen.asked.IsZero()
	}
	j.asked = seen.asked
	return false
}

// readyNow decides whether a resource that looks usable is usable.
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

// holds is how long a resource must be ready without interruption.
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

// doubted reports whether a final status may date from before the change.
func (j *judge) doubted(seen observation) bool {
	settle := j.kind.settle
	switch {
	case !j.changes:
		settle = j.kind.doubt
	case j.source.Fresh:
		return false // it didn't exist before
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

// removing judges a resource that is being removed. It may have failed before,
// so only a change to a failure shows that its removal has failed.
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

// goneAfter is how many consecutive observations must lack what is removed: a
// single one may be due to a moment in which the API doesn't find it.
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
		case j.source.Fresh && !j.seen && !j.overdue():
			j.moved = true
			return ruling{} // on its way
		}
	}
	if j.wait.givesUp() {
		return ruling{done: true, err: j.wait.failure(err)}
	}
	return ruling{}
}

// readableAfter is the time after the end of its task within which a new
// resource is readable. Nothing known takes longer than a few minutes.
const readableAfter = 30 * time.Minute

// overdue reports whether a new resource would be readable by now, so that one
// that isn't has been removed since: of a task that is waited for long after it
// ended, by the API's clock.
func (j *judge) overdue() bool {
	ended := j.wait.last.Timestamp.Time
	now, ok := j.wait.client.transport.clock.at(time.Now())
	if !ok {
		now = time.Now()
	}
	return !ended.IsZero() && now.Sub(ended) > readableAfter
}

func (j *judge) provisionError(v verdict, seen observation) error {
	w := j.wait
	failure := &ProvisionError{TaskID: w.last.TaskID, Kind: j.kind.noun, Resource: w.resource, Status: seen.status, Reason: reasonIn(seen.doc), Body: seen.doc}
	if v == needsAction {
		failure.ActionRequired, failure.Hint = true, j.kind.action[seen.status]
	}
	return failure
}

// reasonIn returns what a resource's document says of its failure.
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
// Both times are by the server's clock.
func modifiedSince(doc []byte, t time.Time) bool {
	var said struct {
		LastModified Time `json:"lastModified"`
	}
	return !t.IsZero() && json.Unmarshal(doc, &said) == nil && said.LastModified.After(t)
}
