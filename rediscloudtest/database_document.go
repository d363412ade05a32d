package rediscloudtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// renamed lists the settings that a document has under another name, in another
// form, or not at all.
var renamed = []string{
	"clientSslCertificate", "clientTlsCertificates", "commandType", "databaseId", "enableDefaultUser", "enableTls",
	"localThroughputMeasurement", "memoryLimitInGb", "password", "periodicBackupPath", "port", "regexRules", "regions",
	"remoteBackup", "saslPassword", "shardingType", "sourceIp", "subscriptionId",
}

func (db *database) document(at time.Time) object {
	if db.sub.plan != nil {
		return db.essentialsDocument(at)
	}
	if db.sub.isActiveActive() {
		return db.activeActiveDocument(at)
	}
	set := db.settings
	provider, region := db.sub.location()
	document := db.commonDocument(at)
	maps.Copy(document, object{
		"provider":              provider,
		"region":                region,
		"datasetSizeInGb":       db.datasetSize(),
		"memoryLimitInGb":       db.datasetSize() * db.copies(),
		"memoryUsedInMb":        1,
		"dataPersistence":       str(set, "dataPersistence", "none"),
		"replication":           flag(set, "replication", true),
		"respVersion":           str(set, "respVersion", "resp2"),
		"throughputMeasurement": or(set, "throughputMeasurement", object{"by": "operations-per-second", "value": 1000}),
		"replica":               set["replica"],
		"replicaOf":             replicaOf(set),
		"clustering":            clustering(set),
		"alerts":                db.alerts(set["alerts"]),
		"backup":                backup(set),

		"redisVersionCompliance": str(set, "redisVersion", defaultVersion),
		"queryPerformanceFactor": queryPerformanceFactor(set),
	})
	if document["memoryStorage"] == "ram-and-flash" {
		document["ramPercentage"] = or(set, "ramPercentage", 20)
	}
	security := security(set, set["sourceIp"], set["enableDefaultUser"])
	security["password"] = set["password"]
	document["security"] = security
	db.addEndpoints(document, region, at)
	if public, ok := document["publicEndpoint"]; ok {
		document["dynamicEndpoints"] = object{"public": public, "private": document["privateEndpoint"]}
	}
	return keep(document, set, renamed...)
}

// commonDocument returns the fields that all databases have, Active-Active or
// not.
func (db *database) commonDocument(at time.Time) object {
	set := db.settings
	document := object{
		"databaseId":                          db.id,
		"name":                                db.name(),
		"protocol":                            str(set, "protocol", "redis"),
		"redisVersion":                        str(set, "redisVersion", defaultVersion),
		"status":                              db.status(at),
		"memoryStorage":                       str(db.sub.settings, "memoryStorage", "ram"),
		"supportOSSClusterApi":                flag(set, "supportOSSClusterApi", false),
		"useExternalEndpointForOSSClusterApi": flag(set, "useExternalEndpointForOSSClusterApi", false),
		"dataEvictionPolicy":                  str(set, "dataEvictionPolicy", "volatile-lru"),
		"autoMinorVersionUpgrade":             flag(set, "autoMinorVersionUpgrade", true),
		"modules":                             db.modules(),
		"lastModified":                        wireTime(db.modified),
	}
	if !at.Before(db.activated) {
		document["activatedOn"] = wireTime(db.activated)
	}
	return document
}

// addEndpoints adds the endpoints of a database in a region, once it has them.
func (db *database) addEndpoints(document object, region string, at time.Time) {
	if !at.Before(db.activated) {
		document["publicEndpoint"], document["privateEndpoint"] = db.endpoints(region)
	}
}

// copies is the number of copies of the data.
func (db *database) copies() float64 {
	if flag(db.settings, "replication", true) {
		return 2
	}
	return 1
}

func (db *database) datasetSize() float64 {
	if limit := num(db.settings, "memoryLimitInGb", 0); limit > 0 {
		return limit / db.copies()
	}
	return num(db.settings, "datasetSizeInGb", 1)
}

func (db *database) alerts(given any) []any {
	list := []any{}
	for i, alert := range objectsIn(given) {
		element := maps.Clone(alert)
		element["id"] = fmt.Sprintf("%d-%d", db.id, i+1)
		element["defaultValue"] = 80
		list = append(list, element)
	}
	return list
}

func (db *database) modules() []any {
	list := []any{}
	for i, module := range objects(db.settings, "modules") {
		name := str(module, "name", "")
		list = append(list, object{
			"id":             db.id%10000*10 + i,
			"name":           name,
			"capabilityName": name,
			"version":        "8.0.0",
			"description":    "The capability " + name + ".",
			"parameters":     moduleParameters(module),
		})
	}
	return list
}

// moduleParameters returns the parameters of a module, which a request has by
// name, as a list. All values are strings.
func moduleParameters(module object) []any {
	list := []any{}
	given := child(module, "parameters")
	for _, name := range slices.Sorted(maps.Keys(given)) {
		list = append(list, object{"name": name, "value": fmt.Sprint(given[name])})
	}
	return list
}

func queryPerformanceFactor(set object) string { return str(set, "queryPerformanceFactor", "Standard") }

func replicaOf(set object) any {
	if endpoints, _ := set["replicaOf"].([]any); len(endpoints) > 0 {
		return object{"endpoints": endpoints}
	}
	return nil
}

func clustering(set object) object {
	patterns, ok := set["regexRules"].([]any)
	if !ok {
		patterns = []any{`.*\{(?<tag>.*)\}.*`, `(?<tag>.*)`}
	}
	rules := []any{}
	for i, pattern := range patterns {
		rules = append(rules, object{"ordinal": i, "pattern": pattern})
	}
	policies := map[string]string{"custom-regex-rules": "custom", "redis-oss-hashing": "oss"}
	policy := policies[str(set, "shardingType", "")]
	if policy == "" {
		policy = "standard"
	}
	return object{"numberOfShards": 1, "regexRules": rules, "hashingPolicy": policy}
}

// security shows who may connect. The password isn't included.
func security(set object, sourceIPs, enableDefaultUser any) object {
	certificates, _ := set["clientTlsCertificates"].([]any)
	tls := flag(set, "enableTls", len(certificates) > 0 || str(set, "clientSslCertificate", "") != "")
	if ips, _ := sourceIPs.([]any); len(ips) == 0 {
		sourceIPs = []any{"0.0.0.0/0"}
	}
	if enableDefaultUser == nil {
		enableDefaultUser = true
	}
	return object{
		"enableDefaultUser":       enableDefaultUser,
		"sslClientAuthentication": tls && str(set, "clientSslCertificate", "") != "",
		"tlsClientAuthentication": tls && len(certificates) > 0,
		"enableTls":               tls,
		"sourceIps":               sourceIPs,
	}
}

// backup shows the settings of periodic backups.
func backup(set object) object {
	remote := child(set, "remoteBackup")
	if path := str(set, "periodicBackupPath", ""); remote == nil && path != "" {
		remote = object{"active": true, "interval": "every-24-hours", "storagePath": path}
	}
	document := object{"enableRemoteBackup": flag(remote, "active", false), "interval": "", "timeUTC": ""}
	if document["enableRemoteBackup"] == true {
		interval := str(remote, "interval", "every-24-hours")
		document["interval"] = interval
		document["timeUTC"] = morning(interval, str(remote, "timeUTC", ""))
		document["destination"] = str(remote, "storagePath", "")
	}
	return document
}

// morning is the hour that the API shows for backups every 12 hours: the first
// of the day.
func morning(interval, timeUTC string) string {
	hour, err := strconv.Atoi(strings.TrimSuffix(timeUTC, ":00"))
	if interval != "every-12-hours" || err != nil || hour < 12 || hour > 23 {
		return timeUTC
	}
	return fmt.Sprintf("%02d:00", hour-12)
}

// mergeBackup returns the new settings of periodic backups, where an absent
// field keeps the old one, or nil if the request has none.
func mergeBackup(settings, request object) object {
	update := child(request, "remoteBackup")
	if update == nil {
		return nil
	}
	merged := object{}
	maps.Copy(merged, child(settings, "remoteBackup"))
	change(merged, update)
	return merged
}
