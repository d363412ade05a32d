package rediscloudtest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// stackModules are the modules of the protocol "stack".
var stackModules = []any{
	object{"name": "RediSearch"}, object{"name": "RedisBloom"}, object{"name": "RedisJSON"}, object{"name": "RedisTimeSeries"},
}

// defaultProtocol is the protocol of databases whose request names none.
func (p *essentialsPlan) defaultProtocol() string {
	if p.flex {
		return "redis"
	}
	return "stack"
}

// listEssentialsDatabases responds with an empty page past the end.
func listEssentialsDatabases(c *call, sub *subscription) answer {
	wrapper, path, err := sub.page(c)
	if err != nil {
		return c.fail(http.StatusBadRequest, err.Error())
	}
	document := object{"accountId": c.server.accountID, "subscription": wrapper}
	return c.ok(c.server.linked(document, self(path)))
}

func createEssentialsDatabase(c *call, sub *subscription) answer {
	return c.start(http.StatusOK, "fixedDatabaseCreateRequest", func(at time.Time) (outcome, *failure) {
		if f := sub.refusesDatabases(at); f != nil {
			return outcome{}, f
		}
		settings, f := sub.essentialsSettings(c.body)
		if f != nil {
			return outcome{}, f
		}
		db := sub.newDatabase(settings, at)
		created := &link{"resource", db.path(), "getFixedDatabaseInformation"}
		return outcome{resourceID: db.id, additionalResourceID: sub.id, link: created}, nil
	})
}

// essentialsSettings returns the settings of a new database, as described by a
// request.
func (sub *subscription) essentialsSettings(request object) (object, *failure) {
	p := sub.plan
	switch {
	case len(sub.databases) >= p.databases:
		return nil, badRequest("FIXED_DATABASE_FIXED_SUBSCRIPTION_REACHED_MAX_DATABASES_COUNT",
			"The subscription has all databases that its plan allows.")
	case p.payAsYouGo && request["datasetSizeInGb"] == nil && request["memoryLimitInGb"] == nil:
		return nil, badRequest("FIXED_DATABASE_PAYG_MEMORY_LIMIT_IN_GB_OR_DATA_SET_SIZE_IN_GB_IS_MISSING", "There is no size.")
	case sub.named(str(request, "name", "")) != nil:
		return nil, nameExists
	}
	settings := object{"protocol": p.defaultProtocol(), "replication": p.replication}
	if f := checkSettings(request); f != nil {
		return nil, f
	}
	if f := p.refuses(settings, request); f != nil {
		return nil, f
	}
	change(settings, request)
	return settings, nil
}

func updateEssentialsDatabase(c *call, db *database) answer {
	return db.start(c, "databaseUpdateRequest", func(at time.Time) (outcome, *failure) {
		if f := db.sub.plan.refuses(db.settings, c.body); f != nil {
			return outcome{}, f
		}
		return db.done(), db.change(c.body, at)
	})
}

// refuses returns a failure if a request asks for something the plan doesn't
// have. The settings stand for what the request omits.
func (p *essentialsPlan) refuses(settings, request object) *failure {
	for _, rule := range append(p.sizeRules(settings, request), p.rules(settings, request)...) {
		if rule.broken {
			return badRequest("FIXED_DATABASE_"+rule.kind, "The plan doesn't allow what the request asks for.")
		}
	}
	return nil
}

// A planRule describes how a request violates a plan's limits.
type planRule struct {
	broken bool
	kind   string
}

// sizeRules covers what only pay-as-you-go plans let choose.
func (p *essentialsPlan) sizeRules(settings, request object) []planRule {
	sized := request["datasetSizeInGb"] != nil || request["memoryLimitInGb"] != nil
	clustered := flag(request, "enableDatabaseClustering", flag(settings, "enableDatabaseClustering", false))
	return []planRule{
		{sized && !p.payAsYouGo, "MEMORY_LIMIT_IN_GB_AND_DATA_SET_SIZE_SUPPORTED_ONLY_FOR_PAY_AS_YOU_GO"},
		{clustered && !p.payAsYouGo, "ENABLE_DATABASE_CLUSTERING_SUPPORTED_ONLY_FOR_PAY_AS_YOU_GO"},
		{request["numberOfShards"] != nil && !p.payAsYouGo, "NUMBER_OF_SHARDS_SUPPORTED_ONLY_FOR_PAY_AS_YOU_GO"},
		{request["numberOfShards"] != nil && !clustered, "NUMBER_OF_SHARDS_REQUIRES_DATABASE_CLUSTERING_ENABLED"},
	}
}

func (p *essentialsPlan) rules(settings, request object) []planRule {
	protocol := str(request, "protocol", str(settings, "protocol", ""))
	modules, _ := request["modules"].([]any)
	ips, _ := request["sourceIps"].([]any)
	badAlert := slices.ContainsFunc(objects(request, "alerts"), func(alert object) bool {
		return !slices.Contains(p.alerts, str(alert, "name", ""))
	})
	return []planRule{
		{flag(request, "supportOSSClusterApi", false) && !p.payAsYouGo, "OSS_CLUSTER_API_IS_NOT_SUPPORTED_IN_REQUESTED_PLAN"},
		{protocol == "stack" && p.flex, "STACK_PROTOCOL_IS_NOT_SUPPORTED_FOR_REDIS_FLEX"},
		{protocol == "memcached" && p.flex, "MEMCACHED_PROTOCOL_IS_NOT_SUPPORTED_FOR_REDIS_FLEX"},
		{protocol == "redis" && !p.flex && !p.payAsYouGo, "REDIS_PROTOCOL_IS_NOT_SUPPORTED_IN_SELECTED_PLAN"},
		{protocol == "stack" && len(modules) > 0, "STACK_PROTOCOL_CONTAINS_MODULES"},
		{flag(request, "replication", false) && !p.replication, "REPLICATION_IS_NOT_SUPPORTED_IN_REQUESTED_PLAN"},
		{str(request, "dataPersistence", "none") != "none" && !p.durable, "CLUSTER_DOES_NOT_SUPPORT_DATA_PERSISTENCE"},
		{flag(request, "enableTls", false) && !p.tls, "ENABLE_TLS_NOT_SUPPORTED_IN_REQUESTED_PLAN"},
		{len(ips) > p.sourceIPs, "SOURCE_IPS_LIST_IS_GREATER_THAN_PLAN_MAX_COUNT_ALLOWED_SOURCE_IPS"},
		{badAlert, "ALERT_NOT_SUPPORTED"},
	}
}

// renamedEssentials lists the settings that the document of an Essentials
// database has in another form, in addition to renamed.
var renamedEssentials = append([]string{"enableDatabaseClustering", "numberOfShards", "sourceIps", "datasetSizeInGb"}, renamed...)

func (db *database) essentialsDocument(at time.Time) object {
	set, p := db.settings, db.sub.plan
	document := db.commonDocument(at)
	delete(document, "autoMinorVersionUpgrade")
	maps.Copy(document, object{
		"provider":                   p.provider,
		"region":                     p.region,
		"protocol":                   str(set, "protocol", p.defaultProtocol()),
		"planMemoryLimit":            p.size,
		"planDatasetSize":            p.size / p.copies(),
		"memoryLimitMeasurementUnit": p.unit,
		"memoryUsedInMb":             1,
		"networkMonthlyUsageInByte":  0,
		"redisFlex":                  p.flex,
		"dataPersistence":            str(set, "dataPersistence", "none"),
		"dataEvictionPolicy":         str(set, "dataEvictionPolicy", "noeviction"),
		"replication":                flag(set, "replication", p.replication),
		"respVersion":                str(set, "respVersion", "resp2"),
		"replica":                    set["replica"],
		"replicaOf":                  replicaOf(set),
		"alerts":                     db.alerts(set["alerts"]),
	})
	document["redisVersionCompliance"] = document["redisVersion"]
	if p.flex {
		document["memoryStorage"] = "ram-and-flash"
	}
	if p.payAsYouGo {
		document["datasetSizeInGb"], document["memoryLimitInGb"] = db.datasetSize(), db.datasetSize()*db.copies()
	}
	if document["protocol"] == "stack" {
		document["modules"] = (&database{id: db.id, settings: object{"modules": stackModules}}).modules()
	}
	db.addEssentialsParts(document)
	db.addEndpoints(document, p.region, at)
	if public, ok := document["publicEndpoint"]; ok {
		pair := object{"public": public, "private": document["privateEndpoint"]}
		document["dynamicEndpoints"], document["replicaAsSourceEndpoints"] = pair, pair
	}
	return keep(document, set, renamedEssentials...)
}

// addEssentialsParts adds the objects whose fields differ from those in a Pro
// database's document.
func (db *database) addEssentialsParts(document object) {
	set := db.settings
	spread := clustering(set)
	delete(spread, "numberOfShards")
	spread["enabled"] = flag(set, "enableDatabaseClustering", false)

	access := security(set, set["sourceIps"], set["enableDefaultUser"])
	access["defaultUserEnabled"], access["password"] = access["enableDefaultUser"], set["password"]
	delete(access, "enableDefaultUser")

	regular := backup(set)
	saved := object{"remoteBackupEnabled": regular["enableRemoteBackup"]}
	if saved["remoteBackupEnabled"] == true {
		saved["interval"], saved["destination"], saved["status"] = regular["interval"], regular["destination"], "idle"
	}
	document["clustering"], document["security"], document["backup"] = spread, access, saved
}
