package rediscloudtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// listWorkspaces lists one for each subscription.
func listWorkspaces(c *call) answer {
	list := []any{}
	for _, id := range slices.Sorted(maps.Keys(c.server.subscriptions)) {
		list = append(list, object{"subscriptionId": id, "status": statusActive})
	}
	return c.ok(object{"workspaces": list})
}

// echo stands for the data integration service: it responds with the request,
// or with nothing to a DELETE.
func echo(c *call, _ *subscription) answer {
	document := object{"method": c.req.Method, "path": c.endpoint(), "query": c.req.URL.Query(), "body": nil}
	if len(c.rawBody) > 0 {
		if !json.Valid(c.rawBody) {
			return c.fail(http.StatusBadRequest, "the body is not JSON")
		}
		document["body"] = json.RawMessage(c.rawBody)
	}
	if c.req.Method == http.MethodDelete {
		return empty(http.StatusNoContent)
	}
	return c.ok(document)
}
