package rediscloudtest

import (
	"slices"
	"time"
)

const defaultVersion = "7.4"

// versions are the Redis versions that databases can have, in ascending order.
var versions = []string{"7.2", defaultVersion, "8.0", "8.2"}

// An upgrade is the latest change of a database's version.
type upgrade struct {
	target     string
	begun, end time.Time
}

func listRedisVersions(c *call) answer {
	if c.req.URL.Query().Has("subscriptionId") {
		c.path["subscriptionId"] = c.req.URL.Query().Get("subscriptionId")
		return onSubscription(func(c *call, _ *subscription) answer { return redisVersions(c) })(c)
	}
	return redisVersions(c)
}

func redisVersions(c *call) answer {
	list := []any{}
	for i, version := range versions {
		end := time.Date(2027+i, time.November, 30, 0, 0, 0, 0, time.UTC)
		list = append(list, object{
			"version":   version,
			"eolDate":   end.Format(time.DateOnly),
			"isPreview": false,
			"isDefault": version == defaultVersion,
		})
	}
	return c.ok(object{"redisVersions": list})
}

// targets are the versions that a database can be upgraded to.
func (db *database) targets() []string {
	i := slices.Index(versions, str(db.settings, "redisVersion", defaultVersion))
	return versions[i+1:]
}

func listTargetVersions(c *call, db *database) answer {
	list := []any{}
	for _, version := range db.targets() {
		list = append(list, object{"redisVersion": version})
	}
	return c.ok(object{"targets": list})
}

func startUpgrade(c *call, db *database) answer {
	return db.start(c, "databaseUpgradeRequest", func(at time.Time) (outcome, *failure) {
		target := str(c.body, "targetRedisVersion", "")
		switch {
		case db.sub.isActiveActive():
			return outcome{}, badRequest("ACTIVE_ACTIVE_DATABASE_UPGRADE_IS_NOT_SUPPORTED", "The database is in several regions.")
		case db.upgrade != nil && at.Before(db.upgrade.end):
			return outcome{}, conflict("DATABASE_UPGRADE_IS_ALREADY_RUNNING", "The database is being upgraded.")
		case !slices.Contains(db.targets(), target):
			return outcome{}, badRequest("DATABASE_UPGRADE_INVALID_REDIS_VERSION", "The database can't be upgraded to this version.")
		}
		c.server.showOld(db.path()+"/upgrade", db.upgradeDocument(at), at)
		db.begin("active-upgrade-pending", at)
		db.upgrade = &upgrade{target: target, begun: at, end: db.life.until}
		db.sub.server.schedule(db.upgrade.end, func(time.Time) { db.settings["redisVersion"] = target })
		return outcome{resourceID: db.id, additionalResourceID: db.sub.id}, nil
	})
}

func getUpgrade(c *call, db *database) answer {
	document := c.server.shown(db.path()+"/upgrade", c.now, db.upgradeDocument)
	if document == nil {
		return c.notFound()
	}
	return c.ok(document)
}

// upgradeDocument is nil for a database that was never upgraded.
func (db *database) upgradeDocument(at time.Time) object {
	if db.upgrade == nil {
		return nil
	}
	status, progress := "done", 100.0
	if total := db.upgrade.end.Sub(db.upgrade.begun); at.Before(db.upgrade.end) {
		status = "in-progress"
		progress = 100 * float64(at.Sub(db.upgrade.begun)) / float64(total)
	}
	return object{
		"databaseId":         db.id,
		"targetRedisVersion": db.upgrade.target,
		"progress":           progress,
		"upgradeStatus":      status,
	}
}
