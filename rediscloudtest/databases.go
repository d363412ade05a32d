package rediscloudtest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
)

type database struct {
	sub             *subscription
	id              int
	settings        object            // as requests name them
	local           map[string]object // settings by region, of an Active-Active database
	life            lifecycle
	activated       time.Time // its endpoints are known from then on
	listed          time.Time // lists include it from then on
	gone            bool      // it can't be read any more
	modified        time.Time
	public, private string // endpoints that the test has set
	tags            []*tag
	backups         map[string]time.Time // the last one by region, "" if not Active-Active
	imported        time.Time            // when the last import ends
	upgrade         *upgrade
	trafficResumed  time.Time // when the traffic resumes
}

func (db *database) name() string { return str(db.settings, "name", "") }

// newDatabase adds a database that is being provisioned from the given time on.
func (sub *subscription) newDatabase(settings object, at time.Time) *database {
	db := &database{
		sub: sub, id: sub.server.nextID("database"),
		settings: maps.Clone(settings), local: map[string]object{}, backups: map[string]time.Time{},
	}
	for _, name := range []string{"dryRun", "quantity", "commandType"} {
		delete(db.settings, name)
	}
	if db.settings["password"] == nil {
		db.settings["password"] = newPassword()
	}
	for _, throughput := range objects(settings, "localThroughputMeasurement") {
		db.local[str(throughput, "region", "")] = object{"localThroughputMeasurement": throughput}
	}
	if f := sub.server.endpoints; f != nil {
		db.public, db.private = f(db.id)
	}
	db.begin("pending", at)
	db.activated, db.listed = db.life.until, at.Add(sub.server.lateListing)
	sub.databases[db.id] = db
	return db
}

// endpoints returns the addresses of a database in a region: generated, unless
// the test has set them.
func (db *database) endpoints(region string) (public, private string) {
	if db.public != "" || db.private != "" {
		return db.public, db.private
	}
	port := int(num(db.settings, "port", float64(10000+db.id%10000)))
	const form = "redis-%d.%sc%d.%s-1.rediscloud.test:%d"
	return fmt.Sprintf(form, port, "", db.sub.id, region, port), fmt.Sprintf(form, port, "internal.", db.sub.id, region, port)
}

func newPassword() string { return (rand.Text() + rand.Text())[:32] }

// AddDatabase adds an active database to a subscription, Pro or Essentials, and
// returns its id. It has 1 GB, or the plan's size, and the API's defaults. The
// id is 0 if there is no such subscription.
func (s *Server) AddDatabase(subscriptionID int, name string) (id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	sub := s.subscriptions[subscriptionID]
	if sub == nil {
		return 0
	}
	return sub.addDatabase(object{"name": name}, now).id
}

// addDatabase adds a database that has settled.
func (sub *subscription) addDatabase(settings object, at time.Time) *database {
	db := sub.newDatabase(settings, at)
	db.life, db.activated, db.listed = lifecycle{}, at, at
	return db
}

// start submits a task on a database, which fails if the database can't be
// written to when the task runs.
func (db *database) start(c *call, commandType string, run func(time.Time) (outcome, *failure)) answer {
	return c.start(http.StatusOK, db.sub.commandType(commandType), func(at time.Time) (outcome, *failure) {
		if f := db.refuses(at); f != nil {
			return outcome{}, f
		}
		return db.sub.server.changing(db.path(), at, db.shown, run)
	})
}

// shown returns the document of a database, which may be stale.
func (db *database) shown(at time.Time) object {
	return db.sub.server.shown(db.path(), at, db.document)
}

// startRead submits a task that reads something of a database.
func (db *database) startRead(c *call, commandType string, read func(time.Time) (object, *failure)) answer {
	return c.start(http.StatusOK, commandType, func(at time.Time) (outcome, *failure) {
		if f := db.missing(); f != nil {
			return outcome{}, f
		}
		document, f := read(at)
		return outcome{resourceID: db.id, additionalResourceID: db.sub.id, resource: document}, f
	})
}

// done is the outcome of a task on a database. The API doesn't report it for
// Pro.
func (db *database) done() outcome {
	return outcome{resourceID: db.id, additionalResourceID: db.sub.id, silent: db.sub.plan == nil}
}

// listDatabases responds with 404 past the end.
func listDatabases(c *call, sub *subscription) answer {
	wrapper, path, err := sub.page(c)
	if err != nil {
		return c.fail(http.StatusBadRequest, err.Error())
	}
	if page, _ := wrapper["databases"].([]any); len(page) == 0 {
		return empty(http.StatusNotFound)
	}
	document := object{"accountId": c.server.accountID, "subscription": []any{wrapper}}
	return c.ok(c.server.linked(document, self(path)))
}

// page returns the databases that a request asks for, and the path of the page.
func (sub *subscription) page(c *call) (wrapper object, path string, err error) {
	offset, err1 := pageNumber(c, "offset", 0)
	limit, err2 := pageNumber(c, "limit", 100)
	if err1 != nil || err2 != nil || offset < 0 || limit < 1 {
		return nil, "", errors.New("offset or limit is not a valid number")
	}
	all := sub.listed(c.now)
	page := []any{}
	rest := all[min(offset, len(all)):]
	for _, db := range rest[:min(limit, len(rest))] {
		document := db.shown(c.now)
		hidePasswords(document)
		page = append(page, c.server.linked(document))
	}
	wrapper = c.server.linked(object{"subscriptionId": sub.id, "numberOfDatabases": len(all), "databases": page})
	return wrapper, fmt.Sprintf("%s/databases?offset=%d&limit=%d", sub.path(), offset, limit), nil
}

// hidePasswords removes from a document what the API shows only when a single
// database is read.
func hidePasswords(document object) {
	delete(document, "globalPassword")
	for _, part := range append([]object{document}, objects(document, "crdbDatabases")...) {
		delete(child(part, "security"), "password")
	}
}

func pageNumber(c *call, name string, fallback int) (int, error) {
	value := c.req.URL.Query().Get(name)
	if value == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(value, 10, 32)
	return int(n), err
}

func getDatabase(c *call, db *database) answer {
	return c.ok(c.server.linked(db.shown(c.now), self(db.path())))
}

func createDatabase(c *call, sub *subscription) answer {
	const commandType = "databaseCreateRequest"
	if flag(c.body, "dryRun", false) {
		return c.dryRun(http.StatusAccepted, commandType, []object{c.body})
	}
	return c.start(http.StatusAccepted, commandType, func(at time.Time) (outcome, *failure) {
		if f := sub.refusesDatabases(at); f != nil {
			return outcome{}, f
		}
		if f := checkSettings(c.body); f != nil {
			return outcome{}, f
		}
		if sub.named(str(c.body, "name", "")) != nil {
			return outcome{}, nameExists
		}
		db := sub.newDatabase(c.body, at)
		created := &link{"resource", db.path(), "getDatabaseInformation"}
		return outcome{resourceID: db.id, additionalResourceID: sub.id, link: created}, nil
	})
}

var nameExists = conflict("DATABASE_NAME_EXISTS", "The subscription has a database of this name.")

// checkSettings finds common mistakes in a create or update of a database.
func checkSettings(set object) *failure {
	switch {
	case len(str(set, "name", "")) > 40:
		return badRequest("DATABASE_NAME_TOO_LONG", "The name has more than 40 characters.")
	case set["name"] != nil && str(set, "name", "") == "":
		return badRequest("DATABASE_INVALID_NAME", "The name is empty.")
	case set["memoryLimitInGb"] != nil && set["datasetSizeInGb"] != nil:
		return badRequest("DATABASE_SIZE_LIMIT_INVALID_TOO_MANY_MEMORY_SPECIFICATIONS", "There are two sizes.")
	case size(set) < 0.1:
		return badRequest("DATABASE_SIZE_TOO_SMALL", "The size is less than 0.1 GB.")
	case size(set) > 1e6:
		return badRequest("DATABASE_SIZE_TOO_BIG", "The size is more than 1 PB.")
	case set["password"] != nil && !flag(set, "enableDefaultUser", true):
		return badRequest("DISABLING_THE_DEFAULT_USER_AND_UPDATING_A_NEW_PASSWORD_IS_NOT_ALLOWED",
			"There is a password for a user that is disabled.")
	}
	return nil
}

// size is the size that a request asks for, in GB.
func size(set object) float64 { return num(set, "datasetSizeInGb", num(set, "memoryLimitInGb", 1)) }

func updateDatabase(c *call, db *database) answer {
	const commandType = "databaseUpdateRequest"
	if flag(c.body, "dryRun", false) {
		return c.dryRun(http.StatusOK, commandType, db.withName(c.body))
	}
	return db.start(c, commandType, func(at time.Time) (outcome, *failure) {
		if db.sub.isActiveActive() {
			return outcome{}, badRequest("UPDATING_SINGLE_REGION_DATABASE_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION",
				"The database is in several regions.")
		}
		return db.done(), db.change(c.body, at)
	})
}

// change applies an update of the settings of the whole database.
func (db *database) change(request object, at time.Time) *failure {
	if f := checkSettings(request); f != nil {
		return f
	}
	if other := db.sub.named(str(request, "name", db.name())); other != nil && other != db {
		return nameExists
	}
	if size := or(request, "datasetSizeInGb", request["memoryLimitInGb"]); size != nil {
		delete(db.settings, "datasetSizeInGb")
		delete(db.settings, "memoryLimitInGb")
	}
	backup := mergeBackup(db.settings, request)
	change(db.settings, request)
	if backup != nil {
		db.settings["remoteBackup"] = backup
		delete(db.settings, "periodicBackupPath")
	}
	db.begin("active-change-pending", at)
	return nil
}

func deleteDatabase(c *call, db *database) answer {
	return db.start(c, "databaseDeleteRequest", func(at time.Time) (outcome, *failure) {
		db.remove(at)
		return db.done(), nil
	})
}
