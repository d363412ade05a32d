package rediscloudtest

import "time"

// regionOf checks the region of a backup, which a request must name for an
// Active-Active database and only then.
func (db *database) regionOf(name, errorKind string) *failure {
	switch several := db.sub.isActiveActive(); {
	case several && name == "":
		return badRequest("ACTIVE_ACTIVE_"+errorKind+"_MISSING_REGION_NAME", "The database is in several regions, and none is named.")
	case several && !db.sub.hasRegion(name):
		return badRequest("ACTIVE_ACTIVE_INVALID_"+errorKind+"_REGION_NAME", "The database is not in this region.")
	case !several && name != "":
		return badRequest(errorKind+"_REGION_NAME_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
			"The database is in a single region, and one is named.")
	}
	return nil
}

// hasBackups reports whether a location for backups is set.
func (db *database) hasBackups(region string) bool {
	settings := db.settings
	if region != "" {
		settings = db.local[region]
	}
	return backup(settings)["enableRemoteBackup"] == true
}

var backupDisabled = badRequest("DATABASE_BACKUP_DISABLED", "The database has no place for backups.")

func startBackup(c *call, db *database) answer {
	return db.start(c, "databaseBackupRequest", func(at time.Time) (outcome, *failure) {
		region := str(c.body, "regionName", "")
		if f := db.regionOf(region, "BACKUP"); f != nil {
			return outcome{}, f
		}
		if !db.hasBackups(region) && str(c.body, "adhocBackupPath", "") == "" {
			return outcome{}, backupDisabled
		}
		db.backups[region] = at
		return db.done(), nil
	})
}

func getBackup(c *call, db *database) answer {
	region := c.req.URL.Query().Get("regionName")
	return db.startRead(c, "databaseBackupStatusRequest", func(time.Time) (object, *failure) {
		if f := db.regionOf(region, "BACKUP_STATUS"); f != nil {
			return nil, f
		}
		last, done := db.backups[region]
		switch {
		case done:
			return object{"status": "success", "lastBackupTime": wireTime(last)}, nil
		case !db.hasBackups(region):
			return nil, backupDisabled
		default:
			return object{}, nil
		}
	})
}

func startImport(c *call, db *database) answer {
	return db.start(c, "databaseImportRequest", func(at time.Time) (outcome, *failure) {
		if uris, _ := c.body["importFromUri"].([]any); len(uris) == 0 {
			return outcome{}, badRequest("DATABASE_IMPORT_URI_NOT_PROVIDED", "There is nothing to import from.")
		}
		db.begin("import-pending", at)
		db.imported = db.life.until
		return db.done(), nil
	})
}

func getImport(c *call, db *database) answer {
	return db.startRead(c, "databaseImportStatusRequest", func(at time.Time) (object, *failure) {
		switch {
		case db.imported.IsZero():
			return object{}, nil
		case at.Before(db.imported):
			return object{"status": "importing"}, nil
		default:
			return object{"status": "success", "lastImportTime": wireTime(db.imported)}, nil
		}
	})
}
