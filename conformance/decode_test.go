package conformance

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rediscloud-go/rediscloud"
)

// results return what an operation's documents are decoded into. All other
// operations that change something return a task.
var results = map[string]func() any{
	"GET /":                          func() any { return &struct{ Account rediscloud.Account }{} },
	"GET /regions":                   result[rediscloud.RegionList],
	"GET /data-persistence":          result[rediscloud.DataPersistenceList],
	"GET /database-modules":          result[rediscloud.ModuleList],
	"GET /query-performance-factors": result[rediscloud.QueryPerformanceFactorList],
	"GET /payment-methods":           result[rediscloud.PaymentMethodList],
	"GET /logs":                      result[rediscloud.LogList],
	"GET /session-logs":              result[rediscloud.SessionLogList],
	"GET /users":                     result[rediscloud.AccountUserList],
	"GET /users/{id}":                result[rediscloud.AccountUser],
	"GET /tasks":                     result[rediscloud.TaskList],
	"GET /tasks/{id}":                result[rediscloud.TaskState],
	"GET /cloud-accounts":            result[rediscloud.CloudAccountList],
	"GET /acl/redisRules":            result[rediscloud.ACLRedisRuleList],
	"GET /acl/roles":                 result[rediscloud.ACLRoleList],
	"GET /acl/users":                 result[rediscloud.ACLUserList],
	"GET /acl/users/{id}":            result[rediscloud.ACLUser],

	"GET /fixed/plans":                                   result[rediscloud.EssentialsPlanList],
	"GET /fixed/plans/{id}":                              result[rediscloud.EssentialsPlan],
	"GET /fixed/redis-versions":                          result[rediscloud.RedisVersionList],
	"GET /fixed/subscriptions":                           result[rediscloud.EssentialsSubscriptionList],
	"GET /fixed/subscriptions/{id}":                      result[rediscloud.EssentialsSubscription],
	"GET /fixed/subscriptions/{id}/databases":            result[rediscloud.EssentialsDatabaseList],
	"GET /fixed/subscriptions/{id}/databases/{id}":       result[rediscloud.EssentialsDatabase],
	"GET /fixed/subscriptions/{id}/databases/{id}/tags":  result[rediscloud.TagList],
	"POST /fixed/subscriptions/{id}/databases/{id}/tags": result[rediscloud.Tag],

	"GET /subscriptions":                           result[rediscloud.SubscriptionList],
	"GET /subscriptions/{id}":                      result[rediscloud.Subscription],
	"GET /subscriptions/{id}/pricing":              result[rediscloud.Pricing],
	"GET /subscriptions/redis-versions":            result[rediscloud.RedisVersionList],
	"GET /subscriptions/{id}/databases":            result[rediscloud.DatabaseList],
	"GET /subscriptions/{id}/databases/{id}":       result[rediscloud.Database],
	"GET /subscriptions/{id}/databases/{id}/tags":  result[rediscloud.TagList],
	"POST /subscriptions/{id}/databases/{id}/tags": result[rediscloud.Tag],

	"PUT /fixed/subscriptions/{id}/databases/{id}/tags/{id}":    result[rediscloud.Tag],
	"DELETE /fixed/subscriptions/{id}/databases/{id}/tags/{id}": func() any { return &map[string]any{} },
}

func result[T any]() any { return new(T) }

// resultOf returns what the documents of a recording are decoded into, or nil.
func resultOf(rec *recording) any {
	operation := rec.Operation
	if strings.HasPrefix(operation, "GET /tasks/{id} ") {
		operation = "GET /tasks/{id}"
	}
	if empty, ok := results[operation]; ok {
		return empty()
	}
	if strings.HasPrefix(operation, "GET ") {
		return nil
	}
	return &rediscloud.TaskState{}
}

// undecoded lists what the SDK can't read in a recording.
func undecoded(rec *recording) (all []difference) {
	if rec.Status >= 300 {
		return nil
	}
	for _, document := range rec.Documents {
		v := resultOf(rec)
		if v == nil {
			return []difference{{rec.answer(), "", "nothing to decode it into: name it in results"}}
		}
		text, err := json.Marshal(document)
		if err != nil {
			return []difference{{rec.answer(), "", err.Error()}}
		}
		unread, err := rediscloud.Unmarshal(text, v)
		if err != nil {
			all = append(all, difference{rec.answer(), "", fmt.Sprintf("not decoded: %v", err)})
		}
		for _, member := range unread {
			all = append(all, difference{rec.answer(), member, "not decoded: the result has another type"})
		}
	}
	return all
}
