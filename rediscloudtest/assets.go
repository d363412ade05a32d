package rediscloudtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// An asset is something that belongs to the account itself, not to a
// subscription: a cloud account, a user of the account, or an ACL user, role or
// rule.
type asset struct {
	server   *Server
	kind     *assetKind
	id       int
	settings object // as requests name them
	stages   []string
	from     time.Time // when the first stage began
	until    time.Time // when the last one is over
	removal  bool
	role     *asset  // of an ACL user
	grants   []grant // of an ACL role
}

// An assetKind describes how the kinds of assets differ.
type assetKind struct {
	noun, path, param string
	list              string   // the field of the list's document that holds the assets
	account           string   // the field of the list's document that holds the account's id
	command           string   // the prefix of the command types
	unknown           string   // the type of a task's error
	required          []string // of a create request
	firstID           int
	created, updated  int // the statuses of the responses to writes
	deleted           int
	flips             bool // it becomes active several times before it stays so
	silent            bool // tasks don't report the id, except for the one that creates the asset

	// The statuses an asset has after a write. With none, the change takes
	// effect at once.
	creating, changing, removing []string

	document func(a *asset, at time.Time) object
	// change applies a request to an asset, which may be new, or returns why it
	// can't.
	change func(a *asset, request object, at time.Time) *failure
	// keeps returns why an asset can't be removed, or nil.
	keeps func(a *asset, at time.Time) *failure
}

// seedAssets adds what every account has from the start.
func (s *Server) seedAssets() {
	s.assets = map[string]map[int]*asset{}
	for _, kind := range []*assetKind{aclUsers, aclRoles, aclRedisRules, cloudAccounts, accountUsers} {
		s.assets[kind.path] = map[int]*asset{}
		s.lastID[kind.path] = kind.firstID - 1
	}
	for id, rule := range map[int]object{
		7: {"name": "Full-Access", "redisRule": "+@all  ~*"},
		8: {"name": "Read-Write", "redisRule": "+@all -@dangerous ~*"},
		9: {"name": "Read-Only", "redisRule": "+@read ~*"},
	} {
		s.addAsset(aclRedisRules, id, rule)
	}
	s.addAsset(cloudAccounts, internalCloudAccount, object{"name": "Redis Internal Resources"})
}

// addAsset adds an asset that has settled.
func (s *Server) addAsset(kind *assetKind, id int, settings object) *asset {
	a := &asset{server: s, kind: kind, id: id, settings: settings}
	s.assets[kind.path][id] = a
	return a
}

// sortedAssets returns the assets of the kind with the path, sorted by id.
func (s *Server) sortedAssets(path string) []*asset {
	var list []*asset
	for _, id := range slices.Sorted(maps.Keys(s.assets[path])) {
		list = append(list, s.assets[path][id])
	}
	return list
}

// assetWith finds an asset of the kind with the path by the value of a setting.
func (s *Server) assetWith(path, setting, value string) *asset {
	for _, a := range s.sortedAssets(path) {
		if str(a.settings, setting, "") == value {
			return a
		}
	}
	return nil
}

// taken reports whether another asset of the kind already has the requested
// setting.
func (a *asset) taken(request object, setting string) bool {
	value := str(request, setting, "")
	other := a.server.assetWith(a.kind.path, setting, value)
	return value != "" && other != nil && other != a
}

func (a *asset) name() string { return str(a.settings, "name", "") }

// shown returns the document of an asset, which may be stale.
func (a *asset) shown(at time.Time) object {
	return a.server.shown(a.path(), at, func(at time.Time) object { return a.kind.document(a, at) })
}

func (a *asset) path() string { return fmt.Sprintf("%s/%d", a.kind.path, a.id) }

func (a *asset) status(at time.Time) string {
	if forced := a.server.forced[a.path()]; forced != "" {
		return forced
	}
	if !at.Before(a.until) || len(a.stages) == 0 {
		return statusActive
	}
	stage := int(at.Sub(a.from) * time.Duration(len(a.stages)) / a.until.Sub(a.from))
	return a.stages[stage]
}

// begin starts the stages of a change.
func (a *asset) begin(stages []string, at time.Time) {
	if a.kind.flips && !a.removal {
		stages = flipping(stages, a.server.flips)
	}
	a.stages, a.from, a.until = stages, at, at
	if len(stages) > 0 {
		a.until = a.server.settled(at)
	}
}

// remove starts the removal of an asset.
func (a *asset) remove(at time.Time) {
	a.removal = true
	a.begin(a.kind.removing, at)
	forget := func(time.Time) { delete(a.server.assets[a.kind.path], a.id) }
	if !a.until.After(at) {
		forget(at)
		return
	}
	a.server.schedule(a.until, forget)
}

func listAssets(kind *assetKind) func(*call) answer {
	return func(c *call) answer {
		all := []any{}
		for _, a := range c.server.sortedAssets(kind.path) {
			all = append(all, a.shown(c.now))
		}
		return c.ok(c.server.linked(object{kind.account: c.server.accountID, kind.list: all}, self(kind.path)))
	}
}

func getAsset(kind *assetKind) func(*call) answer {
	return func(c *call) answer {
		id, ok := c.id(kind.param)
		if !ok {
			return c.fail(http.StatusBadRequest, kind.param+" is not a number")
		}
		a := c.server.assets[kind.path][id]
		if a == nil {
			return c.fail(http.StatusNotFound, fmt.Sprintf("%s %d not found", kind.noun, id))
		}
		return c.ok(c.server.linked(a.shown(c.now), self(a.path())))
	}
}

func createAsset(kind *assetKind) func(*call) answer {
	return func(c *call) answer {
		return c.start(kind.created, kind.command+"CreateRequest", func(at time.Time) (outcome, *failure) {
			a := &asset{server: c.server, kind: kind, settings: object{}}
			if f := kind.change(a, c.body, at); f != nil {
				return outcome{}, f
			}
			a.id = c.server.nextID(kind.path)
			a.begin(kind.creating, at)
			c.server.assets[kind.path][a.id] = a
			made := outcome{resourceID: a.id}
			if kind == cloudAccounts {
				made.link = &link{"resource", a.path(), "getCloudAccountInformation"}
			}
			return made, nil
		})
	}
}

func updateAsset(kind *assetKind) func(*call) answer {
	return onAsset(kind, kind.updated, "UpdateRequest", func(c *call, a *asset, at time.Time) *failure {
		if f := kind.change(a, c.body, at); f != nil {
			return f
		}
		a.begin(kind.changing, at)
		return nil
	})
}

func deleteAsset(kind *assetKind) func(*call) answer {
	return onAsset(kind, kind.deleted, "DeleteRequest", func(_ *call, a *asset, at time.Time) *failure {
		if f := kind.keeps(a, at); f != nil {
			return f
		}
		a.remove(at)
		return nil
	})
}

// onAsset returns a handler that submits a task on an asset. If the asset
// doesn't exist, the task fails.
func onAsset(kind *assetKind, status int, command string, run func(*call, *asset, time.Time) *failure) func(*call) answer {
	return func(c *call) answer {
		id, ok := c.id(kind.param)
		if !ok {
			return c.fail(http.StatusBadRequest, kind.param+" is not a number")
		}
		return c.start(status, kind.command+command, func(at time.Time) (outcome, *failure) {
			a := c.server.assets[kind.path][id]
			if a == nil || a.removal {
				return outcome{}, missing(kind.unknown, fmt.Sprintf("There is no such %s.", kind.noun))
			}
			return a.server.changing(a.path(), at, a.shown, func(at time.Time) (outcome, *failure) {
				return outcome{resourceID: id, silent: kind.silent}, run(c, a, at)
			})
		})
	}
}

// removable is the keeps func of a kind whose assets can be removed at any
// time.
func removable(*asset, time.Time) *failure { return nil }
