package rediscloudtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// An object is a JSON object. Numbers from a client are a json.Number, so they
// are returned verbatim.
type object = map[string]any

// A bodyRule is what a route requires of the body.
type bodyRule struct {
	read     bool
	optional bool
	required []string
	own      map[string]kind // types that fields have only here
}

var (
	noBody       = bodyRule{}
	optionalBody = bodyRule{read: true, optional: true}
)

// An object with at least these fields.
func members(required ...string) bodyRule { return bodyRule{read: true, required: required} }

// with gives a field another type than it has in other requests.
func (r bodyRule) with(name string, is kind) bodyRule {
	r.own = map[string]kind{name: is}
	return r
}

func (c *call) readBody(rule bodyRule) error {
	if !rule.read {
		return nil
	}
	c.body = object{}
	raw := bytes.TrimSpace(c.rawBody)
	if len(raw) == 0 && rule.optional {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&c.body); err != nil {
		return errors.New("the body is not a JSON object")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("there is data after the body")
	}
	if c.body == nil {
		return errors.New("the body is null")
	}
	if err := mustHave(c.body, rule.required...); err != nil {
		return err
	}
	return checkKinds(c.body, rule.own)
}

func mustHave(o object, names ...string) error {
	for _, name := range names {
		if o[name] == nil {
			return fmt.Errorf("missing %s", name)
		}
	}
	return nil
}

// A kind is a type of JSON value.
type kind func(v any) bool

func text(v any) bool    { _, ok := v.(string); return ok }
func boolean(v any) bool { _, ok := v.(bool); return ok }
func number(v any) bool {
	n, ok := v.(json.Number)
	if !ok {
		return false
	}
	_, err := n.Float64()
	return err == nil
}
func nested(v any) bool { _, ok := v.(object); return ok }

// either is the type of a field that may have two types.
func either(a, b kind) kind { return func(v any) bool { return a(v) || b(v) } }

func list(of kind) kind {
	return func(v any) bool {
		elements, ok := v.([]any)
		return ok && !slices.ContainsFunc(elements, func(e any) bool { return !of(e) })
	}
}

// kinds are the types of fields by name, in all requests. Fields with several
// types are left out.
var kinds = map[string]kind{
	"name": text, "deploymentType": text, "paymentMethod": text, "memoryStorage": text, "provider": text, "region": text,
	"persistentStorageEncryptionType": text, "deletionGracePeriod": text, "protocol": text, "redisVersion": text,
	"respVersion": text, "dataPersistence": text, "dataEvictionPolicy": text, "password": text, "shardingType": text,
	"queryPerformanceFactor": text, "periodicBackupPath": text, "clientSslCertificate": text, "globalPassword": text,
	"globalDataPersistence": text, "interval": text, "timeUTC": text, "storagePath": text, "storageType": text,
	"targetRedisVersion": text, "regionName": text, "adhocBackupPath": text, "sourceType": text, "mode": text, "key": text,
	"deploymentCIDR": text, "vpcId": text, "by": text, "saslUsername": text, "saslPassword": text,

	"dryRun": boolean, "publicEndpointAccess": boolean, "replication": boolean, "supportOSSClusterApi": boolean,
	"useExternalEndpointForOSSClusterApi": boolean, "enableTls": boolean, "enableDefaultUser": boolean,
	"globalEnableDefaultUser": boolean, "autoMinorVersionUpgrade": boolean, "active": boolean,
	"multipleAvailabilityZones": boolean, "enableDatabaseClustering": boolean,

	"paymentMethodId": number, "planId": number, "numberOfShards": number, "cloudAccountId": number, "memoryLimitInGb": number, "datasetSizeInGb": number,
	"ramPercentage": number, "averageItemSizeInBytes": number, "quantity": number, "port": number, "startHour": number,
	"durationInHours": number, "readOperationsPerSecond": number, "writeOperationsPerSecond": number,

	"networking": nested, "remoteBackup": nested, "throughputMeasurement": nested, "replica": nested,
	"persistentStorageEncryptionKeys": nested,

	"cloudProviders": list(nested), "databases": list(nested), "regions": list(either(nested, text)), "alerts": list(nested),
	"globalAlerts": list(nested), "modules": list(nested), "syncSources": list(nested), "windows": list(nested),
	"tags": list(nested), "resourceTags": list(nested), "customerManagedKeys": list(nested),

	"sourceIp": list(text), "sourceIps": list(text), "globalSourceIp": list(text), "replicaOf": list(text), "importFromUri": list(text),
	"cidrIps": list(text), "securityGroupIds": list(text), "regexRules": list(text), "subnetIds": list(text),
	"preferredAvailabilityZones": list(text), "days": list(text),

	"role": text, "redisRule": text, "ruleName": text, "redisRules": list(nested), "subscriptionId": number, "databaseId": number,
	"accessKeyId": text, "accessSecretKey": text, "consoleUsername": text, "consolePassword": text, "signInLoginUrl": text,
	"sourceRegion": text, "destinationRegion": text, "awsAccountId": text, "vpcCidr": text, "vpcCidrs": list(text),
	"vpcProjectUid": text, "vpcNetworkName": text, "cidrs": list(text),
	"startDate": text, "endDate": text, "format": text, "subscriptionType": text, "endpointTargetType": text,
	"duplicateACLs": boolean, "migrationProtection": boolean, "sourceDatabaseId": number, "targetDatabaseId": number,
	"subscriptionIds": list(number), "databaseIds": list(number),
	"gcpProjectId": text, "gcpVpcName": text, "gcpVpcSubnetName": text, "endpointConnectionName": text, "action": text,
	"shareName": text, "principal": text, "alias": text, "connections": list(nested),

	"keyName": text, "model": text, "apiKey": text, "typeName": text, "prompt": text, "enabled": boolean, "ttlSeconds": number,
	"defaultSearchThreshold": number, "defaultTtlMillis": number, "attributes": list(text), "searchStrategies": list(text),
	"shortMemory": nested, "longTermMemory": nested, "llm": nested, "embedding": nested, "embeddingModel": nested, "database": nested,
	"credentials": nested, "summarization": nested, "longTermMemoryExclusions": nested, "extractionCadence": nested,
	"customMemoryTypes": list(nested), "addCustomMemoryTypes": list(nested), "updateCustomMemoryTypeStrategies": list(nested),
}

// checkKinds finds a field of the wrong type, at any depth.
func checkKinds(v any, own map[string]kind) error {
	switch v := v.(type) {
	case object:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			is := kinds[name]
			if own[name] != nil {
				is = own[name]
			}
			if is != nil && v[name] != nil && !is(v[name]) {
				return fmt.Errorf("%s has the wrong type", name)
			}
			if err := checkKinds(v[name], own); err != nil {
				return err
			}
		}
	case []any:
		for _, element := range v {
			if err := checkKinds(element, own); err != nil {
				return err
			}
		}
	}
	return nil
}

// str returns a field that is a string, or the fallback.
func str(o object, name, fallback string) string {
	if s, ok := o[name].(string); ok {
		return s
	}
	return fallback
}

// flag returns a field that is a boolean, or the fallback.
func flag(o object, name string, fallback bool) bool {
	if b, ok := o[name].(bool); ok {
		return b
	}
	return fallback
}

// num returns a field that is a number, or the fallback.
func num(o object, name string, fallback float64) float64 {
	switch n := o[name].(type) {
	case json.Number:
		if f, err := n.Float64(); err == nil {
			return f
		}
	case float64:
		return n
	case int:
		return float64(n)
	}
	return fallback
}

// objects returns the elements of a field that is a list of objects.
func objects(o object, name string) []object { return objectsIn(o[name]) }

func objectsIn(list any) []object {
	var found []object
	elements, _ := list.([]any)
	for _, element := range elements {
		if e, ok := element.(object); ok {
			found = append(found, e)
		}
	}
	return found
}

// child returns a field that is an object, or nil.
func child(o object, name string) object {
	c, _ := o[name].(object)
	return c
}

// or returns a field's value, or the fallback where it is absent or null.
func or(o object, name string, fallback any) any {
	if v := o[name]; v != nil {
		return v
	}
	return fallback
}
