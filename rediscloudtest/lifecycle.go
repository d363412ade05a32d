package rediscloudtest

import (
	"fmt"
	"strings"
	"time"
)

const statusActive = "active"

// forever is longer than any test runs.
const forever = 100 * 365 * 24 * time.Hour

// A lifecycle is a change that a resource goes through, with its own status
// until the change is over.
type lifecycle struct {
	change  string
	until   time.Time
	removal bool
}

func (l lifecycle) settled(at time.Time) bool { return !at.Before(l.until) }

func (l lifecycle) status(at time.Time) string {
	if l.settled(at) {
		return statusActive
	}
	return l.change
}

// SetStatus shows a resource with the given status until it is called again; ""
// restores the true one. It simulates what happens to resources without a
// request: a failed creation ("error"), a key that Redis may no longer use
// ("encryption_key_pending"). A subscription with a status other than active
// rejects new databases.
//
// The path is that of the resource, such as
// "/subscriptions/120001/databases/51000001"; it need not exist yet. A
// database's traffic is a resource too: POST .../traffic/resume ends the status
// "stopped" of ".../databases/51000001/traffic".
func (s *Server) SetStatus(path, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path = strings.TrimSuffix(strings.TrimPrefix(path, basePath), "/")
	if status == "" {
		delete(s.forced, path)
		return
	}
	s.forced[path] = status
}

func (sub *subscription) path() string {
	path := fmt.Sprintf("/subscriptions/%d", sub.id)
	if sub.plan != nil {
		path = "/fixed" + path
	}
	return path
}

func (db *database) path() string { return fmt.Sprintf("%s/databases/%d", db.sub.path(), db.id) }

func (sub *subscription) status(at time.Time) string {
	if forced := sub.server.forced[sub.path()]; forced != "" {
		return forced
	}
	if sub.life.settled(at) && !sub.server.lenient {
		for _, db := range sub.databases {
			if !db.life.settled(at) {
				return "pending"
			}
		}
	}
	return sub.life.status(at)
}

func (db *database) status(at time.Time) string {
	if forced := db.sub.server.forced[db.path()]; forced != "" {
		return forced
	}
	return db.life.status(at)
}

// begin starts a change of a subscription, which ends when it is provisioned.
func (sub *subscription) begin(change string, at time.Time) {
	sub.life = lifecycle{change: change, until: sub.server.settled(at)}
}

// remove starts the removal of a subscription.
func (sub *subscription) remove(at time.Time) {
	sub.begin("deleting", at)
	sub.life.removal = true
	sub.server.schedule(sub.life.until, func(time.Time) { delete(sub.server.subscriptions, sub.id) })
}

// begin starts a change of a database, which ends when it is provisioned.
func (db *database) begin(change string, at time.Time) {
	db.life = lifecycle{change: change, until: db.sub.server.settled(at)}
	db.modified = at
}

// remove starts the removal of a database.
func (db *database) remove(at time.Time) {
	db.begin("delete-pending", at)
	db.life.removal = true
	s := db.sub.server
	s.schedule(db.life.until, func(time.Time) { db.gone = true })
	s.schedule(db.life.until.Add(s.lateRemoval), func(time.Time) { delete(db.sub.databases, db.id) })
}

var notActive = forbidden("SUBSCRIPTION_NOT_ACTIVE", "The subscription is not active.")

// refusesDatabases returns why no database can be added, or nil.
func (sub *subscription) refusesDatabases(at time.Time) *failure {
	if f := sub.missing(); f != nil {
		return f
	}
	if sub.status(at) != statusActive {
		return notActive
	}
	return nil
}

// refuses returns why a subscription can't be written to, or nil.
func (sub *subscription) refuses(at time.Time) *failure {
	if f := sub.missing(); f != nil {
		return f
	}
	if sub.life.removal || !sub.server.lenient && sub.status(at) == "pending" {
		return notActive
	}
	return nil
}

// missing is the failure of a task whose subscription was deleted after the
// request.
func (sub *subscription) missing() *failure {
	if sub.server.subscriptions[sub.id] == nil {
		return missing("SUBSCRIPTION_NOT_FOUND", "There is no such subscription.")
	}
	return nil
}

// refuses returns why a database can't be written to, or nil.
func (db *database) refuses(at time.Time) *failure {
	if f := db.missing(); f != nil {
		return f
	}
	if db.life.removal {
		return badRequest("DATABASE_NOT_ACTIVE", "The database is being removed.")
	}
	return db.sub.refuses(at)
}

// missing is the failure of a task whose database was deleted after the
// request.
func (db *database) missing() *failure {
	if db.gone {
		return missing("DATABASE_NOT_FOUND", "There is no such database.")
	}
	return nil
}
