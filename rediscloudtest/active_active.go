package rediscloudtest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

func (sub *subscription) regions() []*region {
	var all []*region
	for _, cloud := range sub.clouds {
		all = append(all, cloud.regions...)
	}
	return all
}

func (sub *subscription) hasRegion(name string) bool {
	return slices.ContainsFunc(sub.regions(), func(r *region) bool { return r.name == name })
}

// regional lists the settings that appear only in the regions of an
// Active-Active database's document.
var regional = []string{"dataPersistence", "alerts", "datasetSizeInGb", "respVersion", "queryPerformanceFactor"}

func (db *database) activeActiveDocument(at time.Time) object {
	document := db.commonDocument(at)
	maps.Copy(document, object{
		"activeActiveRedis":       true,
		"replication":             true,
		"globalDataPersistence":   db.global("globalDataPersistence", "dataPersistence", "none"),
		"globalSourceIp":          db.global("globalSourceIp", "sourceIp", []any{"0.0.0.0/0"}),
		"globalAlerts":            db.alerts(db.global("globalAlerts", "alerts", nil)),
		"globalEnableDefaultUser": db.global("globalEnableDefaultUser", "enableDefaultUser", true),
		"globalPassword":          db.globalPassword(),
	})
	if db.sub.server.documentForms {
		document["globalPassword"] = "********"
	}
	crdbs := []any{}
	for _, cloud := range db.sub.clouds {
		for _, r := range cloud.regions {
			crdbs = append(crdbs, db.regionDocument(cloud, r, at))
		}
	}
	document["crdbDatabases"] = crdbs
	return keep(document, db.settings, slices.Concat(renamed, regional)...)
}

func (db *database) globalPassword() any { return db.global("globalPassword", "password", nil) }

// global returns a setting for all regions. A request may prefix its name with
// global.
func (db *database) global(name, plain string, fallback any) any {
	return or(db.settings, name, or(db.settings, plain, fallback))
}

// regionDocument describes a database in one of its regions, with the region's
// own settings or else the global ones.
func (db *database) regionDocument(c *cloud, r *region, at time.Time) object {
	set, local := db.settings, db.local[r.name]
	throughput := child(local, "localThroughputMeasurement")
	document := object{
		"provider":                 c.provider(),
		"region":                   r.name,
		"datasetSizeInGb":          db.datasetSize(),
		"memoryLimitInGb":          db.datasetSize() * db.copies(),
		"memoryUsedInMb":           1,
		"redisVersionCompliance":   str(set, "redisVersion", defaultVersion),
		"respVersion":              str(local, "respVersion", str(set, "respVersion", "resp2")),
		"readOperationsPerSecond":  or(throughput, "readOperationsPerSecond", 1000),
		"writeOperationsPerSecond": or(throughput, "writeOperationsPerSecond", 1000),
		"dataPersistence":          or(local, "dataPersistence", db.global("globalDataPersistence", "dataPersistence", "none")),
		"alerts":                   db.alerts(or(local, "alerts", db.global("globalAlerts", "alerts", nil))),
		"backup":                   backup(local),
		"queryPerformanceFactor":   or(local, "queryPerformanceFactor", queryPerformanceFactor(set)),
	}
	access := security(set,
		or(local, "sourceIp", db.global("globalSourceIp", "sourceIp", nil)),
		or(local, "enableDefaultUser", db.global("globalEnableDefaultUser", "enableDefaultUser", true)))
	access["password"] = or(local, "password", db.globalPassword())
	document["security"] = access
	db.addEndpoints(document, r.name, at)
	return document
}

func updateLocalProperties(c *call, db *database) answer {
	const commandType = "databaseUpdateRequest"
	if flag(c.body, "dryRun", false) {
		return c.dryRun(http.StatusOK, commandType, db.withName(c.body))
	}
	return db.start(c, commandType, func(at time.Time) (outcome, *failure) {
		if !db.sub.isActiveActive() {
			return outcome{}, badRequest("UPDATING_LOCAL_PROPERTIES_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
				"The database is in a single region.")
		}
		regions := objects(c.body, "regions")
		for _, local := range regions {
			if !db.sub.hasRegion(str(local, "region", "")) {
				return outcome{}, badRequest("ACTIVE_ACTIVE_MISMATCH_BETWEEN_REQUEST_REGIONS_AND_SUBSCRIPTION_REGIONS",
					"The subscription is not in this region.")
			}
		}
		if f := db.change(c.body, at); f != nil {
			return outcome{}, f
		}
		for _, local := range regions {
			db.changeLocal(str(local, "region", ""), local)
		}
		return db.done(), nil
	})
}

// changeLocal applies settings to one region.
func (db *database) changeLocal(region string, request object) {
	if db.local[region] == nil {
		db.local[region] = object{}
	}
	backup := mergeBackup(db.local[region], request)
	change(db.local[region], request)
	if backup != nil {
		db.local[region]["remoteBackup"] = backup
	}
}

func flush(c *call, db *database) answer {
	return db.start(c, "crdbFlushRequest", func(time.Time) (outcome, *failure) {
		if !db.sub.isActiveActive() {
			return outcome{}, badRequest("CRDB_FLUSH_ACTION_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
				"The database is in a single region.")
		}
		return db.done(), nil
	})
}

func listRegions(c *call, sub *subscription) answer {
	if !sub.isActiveActive() {
		return c.fail(http.StatusBadRequest, "the subscription is in a single region")
	}
	list := []any{}
	for _, r := range sub.regions() {
		networking := child(r.settings, "networking")
		databases := []any{}
		for _, db := range sub.sorted() {
			throughput := child(db.local[r.name], "localThroughputMeasurement")
			databases = append(databases, c.server.linked(object{
				"databaseId":               db.id,
				"databaseName":             db.name(),
				"readOperationsPerSecond":  or(throughput, "readOperationsPerSecond", 1000),
				"writeOperationsPerSecond": or(throughput, "writeOperationsPerSecond", 1000),
				"respVersion":              str(db.local[r.name], "respVersion", str(db.settings, "respVersion", "resp2")),
			}))
		}
		list = append(list, c.server.linked(object{
			"regionId":       r.id,
			"region":         r.name,
			"deploymentCidr": networking["deploymentCIDR"],
			"vpcId":          networking["vpcId"],
			"databases":      databases,
		}))
	}
	document := object{"subscriptionId": sub.id, "regions": list}
	return c.ok(c.server.linked(document, self(sub.path()+"/regions")))
}

func addRegion(c *call, sub *subscription) answer {
	const commandType = "activeActiveRegionCreateRequest"
	if flag(c.body, "dryRun", false) {
		return c.dryRun(http.StatusOK, commandType, objects(c.body, "databases"))
	}
	return sub.start(c, http.StatusOK, commandType, func(at time.Time) (outcome, *failure) {
		if !sub.isActiveActive() {
			return outcome{}, badRequest("ADDING_REGION_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
				"The subscription is in a single region.")
		}
		name := str(c.body, "region", "")
		if sub.hasRegion(name) {
			return outcome{}, badRequest("ACTIVE_ACTIVE_REGIONS_MUST_BE_DEFINED_ONCE", "The subscription is in this region already.")
		}
		sub.clouds[0].add(sub.server, regionSpec(c.body))
		for _, spec := range objects(c.body, "databases") {
			if db := sub.named(str(spec, "name", "")); db != nil {
				db.changeLocal(name, object{"localThroughputMeasurement": child(spec, "localThroughputMeasurement")})
			}
		}
		sub.changeRegions(at)
		return outcome{resourceID: sub.id}, nil
	})
}

// regionSpec converts a request for a region to the form that the regions of a
// new subscription have.
func regionSpec(request object) object {
	spec, networking := object{}, object{}
	for name, value := range request {
		switch name {
		case "deploymentCIDR", "vpcId", "subnetIds", "securityGroupId":
			networking[name] = value
		case "databases", "dryRun", "commandType", "subscriptionId":
		default:
			spec[name] = value
		}
	}
	spec["networking"] = networking
	return spec
}

func deleteRegions(c *call, sub *subscription) answer {
	const commandType = "activeActiveRegionDeleteRequest"
	if flag(c.body, "dryRun", false) {
		return c.dryRun(http.StatusOK, commandType, nil)
	}
	return sub.start(c, http.StatusOK, commandType, func(at time.Time) (outcome, *failure) {
		if !sub.isActiveActive() {
			return outcome{}, badRequest("DELETING_REGION_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
				"The subscription is in a single region.")
		}
		leaving := map[string]bool{}
		for _, spec := range objects(c.body, "regions") {
			name := str(spec, "region", "")
			if !sub.hasRegion(name) {
				return outcome{}, badRequest("ACTIVE_ACTIVE_INVALID_DELETE_REGION_NAME", "The subscription is not in this region.")
			}
			leaving[name] = true
		}
		if len(leaving) == len(sub.regions()) {
			return outcome{}, badRequest("ACTIVE_ACTIVE_DELETE_SUBSCRIPTION_MUST_BE_DEPLOYED_IN_AT_LEAST_ONE_REGION",
				"No region would be left.")
		}
		for _, r := range sub.regions() {
			if leaving[r.name] {
				delete(sub.psc, r.id)
				delete(sub.privateLinks, r.id)
			}
		}
		for _, cloud := range sub.clouds {
			cloud.regions = slices.DeleteFunc(cloud.regions, func(r *region) bool { return leaving[r.name] })
		}
		for _, db := range sub.databases {
			maps.DeleteFunc(db.local, func(name string, _ object) bool { return leaving[name] })
		}
		sub.changeRegions(at)
		return sub.done(), nil
	})
}

// changeRegions puts a subscription and its databases through a change of
// regions.
func (sub *subscription) changeRegions(at time.Time) {
	sub.begin("pending", at)
	for _, db := range sub.databases {
		if !db.life.removal {
			db.begin("active-change-pending", at)
		}
	}
}
