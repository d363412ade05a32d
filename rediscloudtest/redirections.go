package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// A redirection is initiated until it starts, then in progress until it ends.
type redirection struct {
	id             string
	source, target *database
	kind           string // of the endpoints: public or private
	duplicateACLs  bool
	begun          time.Time
	started, ended time.Time
	reverts        *redirection // the one it reverts, if any
	revertedBy     *redirection
}

func (r *redirection) path() string { return "/endpoint-redirections/" + r.id }

func (s *Server) redirect(source, target *database, kind string, now time.Time) *redirection {
	r := &redirection{id: newUUID(), source: source, target: target, kind: kind, begun: now, started: now.Add(s.processing)}
	r.ended = s.settled(r.started)
	s.redirections = append(s.redirections, r)
	s.log(now, "Database", source.id, fmt.Sprintf("The %s endpoints are redirected to database %d", kind, target.id))
	return r
}

func (r *redirection) status(at time.Time) string {
	forced := r.source.sub.server.forced[r.path()]
	switch {
	case forced != "":
		return forced
	case at.Before(r.started):
		return "initiated"
	case at.Before(r.ended):
		return "in-progress"
	case r.reverted(at):
		return "reverted"
	default:
		return "completed"
	}
}

func (r *redirection) reverted(at time.Time) bool {
	return r.revertedBy != nil && r.revertedBy.status(at) == "completed"
}

func (r *redirection) document(at time.Time) object {
	status := r.status(at)
	endpoint := object{
		"sourceEndpointName": fmt.Sprintf("redis-%d", r.source.id), "sourceEndpointType": r.kind,
		"targetEndpointName": fmt.Sprintf("redis-%d", r.target.id), "targetEndpointType": r.kind,
	}
	document := object{
		"redirectionId":    r.id,
		"status":           status,
		"sourceDatabaseId": r.source.id,
		"targetDatabaseId": r.target.id,
		"isRevert":         r.reverts != nil,
		"duplicateACLs":    r.duplicateACLs,
		"startedAt":        wireTime(r.begun),
		"endpoints":        []any{endpoint},
	}
	switch status {
	case "failed":
		document["errorMessage"] = "The redirection failed because the test wants it."
		endpoint["errorMessage"] = "The endpoint could not be redirected."
	case "completed", "reverted":
		document["completedAt"] = wireTime(r.ended)
	}
	if status == "reverted" && r.revertedBy != nil {
		document["revertedAt"] = wireTime(r.revertedBy.ended)
	}
	return document
}

// database finds a database in any subscription.
func (s *Server) database(id int) *database {
	for _, sub := range s.subscriptions {
		if db := sub.databases[id]; db != nil {
			return db
		}
	}
	return nil
}

// redirecting reports whether a redirection of these databases' endpoints is in
// progress.
func (s *Server) redirecting(at time.Time, databases ...*database) bool {
	return slices.ContainsFunc(s.redirections, func(r *redirection) bool {
		switch r.status(at) {
		case "completed", "failed", "reverted":
			return false
		}
		return slices.Contains(databases, r.source) || slices.Contains(databases, r.target)
	})
}

func createRedirection(c *call) answer {
	source := c.server.database(int(num(c.body, "sourceDatabaseId", 0)))
	target := c.server.database(int(num(c.body, "targetDatabaseId", 0)))
	kind := str(c.body, "endpointTargetType", "")
	switch {
	case !flag(c.body, "migrationProtection", false):
		return c.fail(http.StatusBadRequest, "migrationProtection is not true")
	case kind != "public" && kind != "private":
		return c.fail(http.StatusBadRequest, "endpointTargetType is neither public nor private")
	case source == nil || target == nil:
		return c.fail(http.StatusNotFound, "there is no such database")
	case source == target:
		return c.fail(http.StatusBadRequest, "the databases are the same")
	case source.status(c.now) != statusActive || target.status(c.now) != statusActive:
		return c.fail(http.StatusBadRequest, "a database is not active")
	case c.server.redirecting(c.now, source, target):
		return c.fail(http.StatusConflict, "a redirection is under way")
	}
	r := c.server.redirect(source, target, kind, c.now)
	r.duplicateACLs = flag(c.body, "duplicateACLs", false)
	return c.ok(r.document(c.now))
}

// onRedirection returns a handler for routes below a redirection, which it
// looks up.
func onRedirection(handle func(*call, *redirection) answer) func(*call) answer {
	return func(c *call) answer {
		for _, r := range c.server.redirections {
			if r.id == c.path["redirectionId"] {
				return handle(c, r)
			}
		}
		return c.notFound()
	}
}

func getRedirection(c *call, r *redirection) answer { return c.ok(r.document(c.now)) }

// revertRedirection starts a redirection in the opposite direction. Once it has
// completed, the first one is reverted.
func revertRedirection(c *call, r *redirection) answer {
	switch {
	case r.status(c.now) != "completed" || r.reverts != nil:
		return c.fail(http.StatusConflict, "only a redirection that is completed can be reverted")
	case c.server.redirecting(c.now, r.source, r.target):
		return c.fail(http.StatusConflict, "a redirection is under way")
	}
	back := c.server.redirect(r.target, r.source, r.kind, c.now)
	back.reverts, r.revertedBy = r, back
	return c.ok(back.document(c.now))
}
