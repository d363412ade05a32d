package rediscloudtest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A route is an endpoint of the API: a method, a pattern below /v1, its
// requirements on the body, and its handler.
type route struct {
	method, pattern string
	body            bodyRule
	handle          func(*call) answer
}

const (
	onSub = "/subscriptions/{subscriptionId}"
	onDB  = onSub + "/databases/{databaseId}"

	onFixed          = "/fixed" + onSub
	onFixedDB        = "/fixed" + onDB
	onPeerings       = onSub + "/peerings"
	onActivePeerings = onSub + "/regions/peerings"
	onGateways       = onSub + "/transitGateways"
	onActiveGateways = onSub + "/regions/{regionId}/transitGateways"
	onPSC            = "/private-service-connect"
	onPSCService     = onPSC + "/{pscServiceId}"
	onPSCEndpoint    = onPSCService + "/endpoints/{endpointId}"
	onLink           = "/private-link"
	onRegion         = onSub + "/regions/{regionId}"
	onStore          = "/memory-stores/{storeId}"
	onCache          = "/iris/ui/caches/{cacheId}"
)

// The first matching pattern is used: put fixed segments before parameters.
var routes = []route{
	{"GET", "/tasks", noBody, listTasks},
	{"GET", "/tasks/{taskId}", noBody, getTask},

	{"GET", "/subscriptions", noBody, listSubscriptions},
	{"POST", "/subscriptions", members("cloudProviders", "databases"), createSubscription},
	{"GET", "/subscriptions/redis-versions", noBody, listRedisVersions},
	{"GET", onSub, noBody, onSubscription(getSubscription)},
	{"PUT", onSub, members(), onSubscription(updateSubscription)},
	{"DELETE", onSub, noBody, onSubscription(deleteSubscription)},
	{"GET", onSub + "/pricing", noBody, onSubscription(getPricing)},
	{"GET", onSub + "/maintenance-windows", noBody, onSubscription(getMaintenanceWindows)},
	{"PUT", onSub + "/maintenance-windows", members("mode"), onSubscription(updateMaintenanceWindows)},
	{"GET", onSub + "/cidr", noBody, onSubscription(getCIDR)},
	{"PUT", onSub + "/cidr", members(), onSubscription(updateCIDR)},
	{"PUT", onSub + "/resource-tags", members("resourceTags"), onSubscription(updateResourceTags)},
	{"GET", onSub + "/regions", noBody, onSubscription(listRegions)},
	{"POST", onSub + "/regions", members("region"), onSubscription(addRegion)},
	{"DELETE", onSub + "/regions", members("regions"), onSubscription(deleteRegions)},

	{"GET", onSub + "/databases", noBody, onSubscription(listDatabases)},
	{"POST", onSub + "/databases", members("name"), onSubscription(createDatabase)},
	{"GET", onDB, noBody, onDatabase(getDatabase)},
	{"PUT", onDB, members(), onDatabase(updateDatabase)},
	{"DELETE", onDB, noBody, onDatabase(deleteDatabase)},
	{"PUT", onDB + "/regions", members(), onDatabase(updateLocalProperties)},
	{"PUT", onDB + "/flush", optionalBody, onDatabase(flush)},
	{"GET", onDB + "/backup", noBody, onDatabase(getBackup)},
	{"POST", onDB + "/backup", optionalBody, onDatabase(startBackup)},
	{"GET", onDB + "/import", noBody, onDatabase(getImport)},
	{"POST", onDB + "/import", members("sourceType", "importFromUri"), onDatabase(startImport)},
	{"GET", onDB + "/upgrade", noBody, onDatabase(getUpgrade)},
	{"POST", onDB + "/upgrade", members("targetRedisVersion"), onDatabase(startUpgrade)},
	{"GET", onDB + "/available-target-versions", noBody, onDatabase(listTargetVersions)},
	{"GET", onDB + "/traffic", noBody, onDatabase(getTraffic)},
	{"POST", onDB + "/traffic/resume", noBody, onDatabase(resumeTraffic)},
	{"GET", onDB + "/slow-log", noBody, onDatabase(getSlowLog)},
	{"GET", onDB + "/certificate", noBody, onDatabase(getCertificate)},
	{"GET", onDB + "/tags", noBody, onDatabase(listTags)},
	{"PUT", onDB + "/tags", members("tags"), onDatabase(replaceTags)},
	{"POST", onDB + "/tags", members("key", "value"), onDatabase(createTag)},
	{"PUT", onDB + "/tags/{tagKey}", members("value"), onDatabase(updateTag)},
	{"DELETE", onDB + "/tags/{tagKey}", noBody, onDatabase(deleteTag)},

	{"GET", "/fixed/plans", noBody, listPlans},
	{"GET", "/fixed/plans/{planId}", noBody, getPlan},
	{"GET", "/fixed/plans/subscriptions/{subscriptionId}", noBody, onEssentials(listPlansFor)},
	{"GET", "/fixed/redis-versions", noBody, listEssentialsVersions},
	{"GET", "/fixed/subscriptions", noBody, listEssentials},
	{"POST", "/fixed/subscriptions", members("name", "planId"), createEssentials},
	{"GET", onFixed, noBody, onEssentials(getEssentials)},
	{"PUT", onFixed, members(), onEssentials(updateEssentials)},
	{"DELETE", onFixed, noBody, onEssentials(deleteSubscription)},
	{"GET", onFixed + "/databases", noBody, onEssentials(listEssentialsDatabases)},
	{"POST", onFixed + "/databases", members("name"), onEssentials(createEssentialsDatabase)},
	{"GET", onFixedDB, noBody, onEssentialsDatabase(getDatabase)},
	{"PUT", onFixedDB, members(), onEssentialsDatabase(updateEssentialsDatabase)},
	{"DELETE", onFixedDB, noBody, onEssentialsDatabase(deleteDatabase)},
	{"GET", onFixedDB + "/backup", noBody, onEssentialsDatabase(getBackup)},
	{"POST", onFixedDB + "/backup", optionalBody, onEssentialsDatabase(startBackup)},
	{"GET", onFixedDB + "/import", noBody, onEssentialsDatabase(getImport)},
	{"POST", onFixedDB + "/import", members("sourceType", "importFromUri"), onEssentialsDatabase(startImport)},
	{"GET", onFixedDB + "/upgrade", noBody, onEssentialsDatabase(getUpgrade)},
	{"POST", onFixedDB + "/upgrade", members("targetRedisVersion"), onEssentialsDatabase(startUpgrade)},
	{"GET", onFixedDB + "/available-target-versions", noBody, onEssentialsDatabase(listTargetVersions)},
	{"GET", onFixedDB + "/traffic", noBody, onEssentialsDatabase(getTraffic)},
	{"POST", onFixedDB + "/traffic/resume", noBody, onEssentialsDatabase(resumeTraffic)},
	{"GET", onFixedDB + "/slow-log", noBody, onEssentialsDatabase(getSlowLog)},
	{"GET", onFixedDB + "/tags", noBody, onEssentialsDatabase(listTags)},
	{"PUT", onFixedDB + "/tags", members("tags"), onEssentialsDatabase(replaceTags)},
	{"POST", onFixedDB + "/tags", members("key", "value"), onEssentialsDatabase(createTag)},
	{"PUT", onFixedDB + "/tags/{tagKey}", members("value"), onEssentialsDatabase(updateTag)},
	{"DELETE", onFixedDB + "/tags/{tagKey}", noBody, onEssentialsDatabase(deleteTag)},
	{"GET", "/acl/users", noBody, listAssets(aclUsers)},
	{"POST", "/acl/users", members(aclUsers.required...), createAsset(aclUsers)},
	{"GET", "/acl/users/{aclUserId}", noBody, getAsset(aclUsers)},
	{"PUT", "/acl/users/{aclUserId}", members(), updateAsset(aclUsers)},
	{"DELETE", "/acl/users/{aclUserId}", noBody, deleteAsset(aclUsers)},
	{"GET", "/acl/roles", noBody, listAssets(aclRoles)},
	{"POST", "/acl/roles", members(aclRoles.required...), createAsset(aclRoles)},
	{"PUT", "/acl/roles/{aclRoleId}", members(), updateAsset(aclRoles)},
	{"DELETE", "/acl/roles/{aclRoleId}", noBody, deleteAsset(aclRoles)},
	{"GET", "/acl/redisRules", noBody, listAssets(aclRedisRules)},
	{"POST", "/acl/redisRules", members(aclRedisRules.required...), createAsset(aclRedisRules)},
	{"PUT", "/acl/redisRules/{aclRedisRuleId}", members("name", "redisRule"), updateAsset(aclRedisRules)},
	{"DELETE", "/acl/redisRules/{aclRedisRuleId}", noBody, deleteAsset(aclRedisRules)},
	{"GET", "/users", noBody, listAssets(accountUsers)},
	{"GET", "/users/{userId}", noBody, getAsset(accountUsers)},
	{"PUT", "/users/{userId}", members("name"), updateAsset(accountUsers)},
	{"DELETE", "/users/{userId}", noBody, deleteAsset(accountUsers)},
	{"GET", "/cloud-accounts", noBody, listAssets(cloudAccounts)},
	{"POST", "/cloud-accounts", members(cloudAccounts.required...), createAsset(cloudAccounts)},
	{"GET", "/cloud-accounts/{cloudAccountId}", noBody, getAsset(cloudAccounts)},
	{"PUT", "/cloud-accounts/{cloudAccountId}", members("accessKeyId", "accessSecretKey", "consoleUsername", "consolePassword"), updateAsset(cloudAccounts)},
	{"DELETE", "/cloud-accounts/{cloudAccountId}", noBody, deleteAsset(cloudAccounts)},
	{"GET", onPeerings, noBody, onSubscription(plainPeerings.list)},
	{"POST", onPeerings, members(), onSubscription(plainPeerings.create)},
	{"PUT", onPeerings + "/{peeringId}", members(), onSubscription(plainPeerings.update)},
	{"DELETE", onPeerings + "/{peeringId}", noBody, onSubscription(plainPeerings.delete)},
	{"GET", onActivePeerings, noBody, onSubscription(activePeerings.list)},
	{"POST", onActivePeerings, members("sourceRegion"), onSubscription(activePeerings.create)},
	{"PUT", onActivePeerings + "/{peeringId}", members(), onSubscription(activePeerings.update)},
	{"DELETE", onActivePeerings + "/{peeringId}", noBody, onSubscription(activePeerings.delete)},
	{"GET", onGateways, noBody, onSubscription(listGateways)},
	{"GET", onGateways + "/invitations", noBody, onSubscription(listInvitations)},
	{"PUT", onGateways + "/invitations/{tgwInvitationId}/accept", noBody, onSubscription(acceptInvitation)},
	{"PUT", onGateways + "/invitations/{tgwInvitationId}/reject", noBody, onSubscription(rejectInvitation)},
	{"POST", onGateways + "/{TgwId}/attachment", noBody, onSubscription(createAttachment)},
	{"PUT", onGateways + "/{TgwId}/attachment", members(), onSubscription(updateAttachment)},
	{"DELETE", onGateways + "/{TgwId}/attachment", noBody, onSubscription(deleteAttachment)},
	{"GET", onActiveGateways, noBody, onSubscription(listGateways)},
	{"GET", onActiveGateways + "/invitations", noBody, onSubscription(listInvitations)},
	{"PUT", onActiveGateways + "/invitations/{tgwInvitationId}/accept", noBody, onSubscription(acceptInvitation)},
	{"PUT", onActiveGateways + "/invitations/{tgwInvitationId}/reject", noBody, onSubscription(rejectInvitation)},
	{"POST", onActiveGateways + "/{TgwId}/attachment", noBody, onSubscription(createAttachment)},
	{"PUT", onActiveGateways + "/{TgwId}/attachment", members(), onSubscription(updateAttachment)},
	{"DELETE", onActiveGateways + "/{TgwId}/attachment", noBody, onSubscription(deleteAttachment)},
	{"GET", "/", noBody, getAccount},
	{"GET", "/logs", noBody, listLogs},
	{"GET", "/session-logs", noBody, listSessionLogs},
	{"GET", "/payment-methods", noBody, listPaymentMethods},
	{"GET", "/regions", noBody, listAllRegions},
	{"GET", "/database-modules", noBody, listModules},
	{"GET", "/data-persistence", noBody, listDataPersistence},
	{"GET", "/query-performance-factors", noBody, listQueryPerformanceFactors},
	{"POST", "/cost-report", members(), createCostReport},
	{"GET", "/cost-report/{costReportId}", noBody, getCostReport},
	{"POST", "/endpoint-redirections", members("sourceDatabaseId", "targetDatabaseId", "endpointTargetType", "migrationProtection"),
		createRedirection},
	{"GET", "/endpoint-redirections/{redirectionId}", noBody, onRedirection(getRedirection)},
	{"POST", "/endpoint-redirections/{redirectionId}/revert", noBody, onRedirection(revertRedirection)},
	{"GET", "/data-integration-workspaces", noBody, listWorkspaces},
	{"GET", onSub + "/data-integration-workspace", noBody, onSubscription(echo)},
	{"POST", onSub + "/data-integration-workspace", noBody, onSubscription(echo)},
	{"PUT", onSub + "/data-integration-workspace", noBody, onSubscription(echo)},
	{"PATCH", onSub + "/data-integration-workspace", noBody, onSubscription(echo)},
	{"DELETE", onSub + "/data-integration-workspace", noBody, onSubscription(echo)},
	{"GET", onSub + "/data-integration-workspace/**", noBody, onSubscription(echo)},
	{"POST", onSub + "/data-integration-workspace/**", noBody, onSubscription(echo)},
	{"PUT", onSub + "/data-integration-workspace/**", noBody, onSubscription(echo)},
	{"PATCH", onSub + "/data-integration-workspace/**", noBody, onSubscription(echo)},
	{"DELETE", onSub + "/data-integration-workspace/**", noBody, onSubscription(echo)},
	{"GET", onSub + onPSC, noBody, onPrivateNetwork(getPSC)},
	{"POST", onSub + onPSC, noBody, onPrivateNetwork(createPSC)},
	{"DELETE", onSub + onPSC, noBody, onPrivateNetwork(deletePSC)},
	{"GET", onSub + onPSCService, noBody, onPrivateNetwork(listPSCEndpoints)},
	{"POST", onSub + onPSCService, members("gcpProjectId", "gcpVpcName", "gcpVpcSubnetName", "endpointConnectionName"), onPrivateNetwork(createPSCEndpoint)},
	{"PUT", onSub + onPSCEndpoint, members(), onPrivateNetwork(updatePSCEndpoint)},
	{"DELETE", onSub + onPSCEndpoint, noBody, onPrivateNetwork(deletePSCEndpoint)},
	{"GET", onSub + onPSCEndpoint + "/creationScripts", noBody, onPrivateNetwork(getPSCCreationScripts)},
	{"GET", onSub + onPSCEndpoint + "/deletionScripts", noBody, onPrivateNetwork(getPSCDeletionScripts)},
	{"GET", onSub + onLink, noBody, onPrivateNetwork(getPrivateLink)},
	{"POST", onSub + onLink, members("shareName", "principal", "type"), onPrivateNetwork(createPrivateLink)},
	{"DELETE", onSub + onLink, noBody, onPrivateNetwork(deletePrivateLink)},
	{"POST", onSub + onLink + "/principals", members("principal"), onPrivateNetwork(createPrincipal)},
	{"DELETE", onSub + onLink + "/principals", members("principal"), onPrivateNetwork(deletePrincipal)},
	{"POST", onSub + onLink + "/connections/disassociate", members("connections"), onPrivateNetwork(disassociatePrivateLink)},
	{"GET", onSub + onLink + "/endpoint-script", noBody, onPrivateNetwork(getPrivateLinkScript)},
	{"GET", onRegion + onPSC, noBody, onPrivateNetwork(getPSC)},
	{"POST", onRegion + onPSC, noBody, onPrivateNetwork(createPSC)},
	{"DELETE", onRegion + onPSC, noBody, onPrivateNetwork(deletePSC)},
	{"GET", onRegion + onPSCService, noBody, onPrivateNetwork(listPSCEndpoints)},
	{"POST", onRegion + onPSCService, members("gcpProjectId", "gcpVpcName", "gcpVpcSubnetName", "endpointConnectionName"), onPrivateNetwork(createPSCEndpoint)},
	{"PUT", onRegion + onPSCEndpoint, members(), onPrivateNetwork(updatePSCEndpoint)},
	{"DELETE", onRegion + onPSCEndpoint, noBody, onPrivateNetwork(deletePSCEndpoint)},
	{"GET", onRegion + onPSCEndpoint + "/creationScripts", noBody, onPrivateNetwork(getPSCCreationScripts)},
	{"GET", onRegion + onPSCEndpoint + "/deletionScripts", noBody, onPrivateNetwork(getPSCDeletionScripts)},
	{"GET", onRegion + onLink, noBody, onPrivateNetwork(getPrivateLink)},
	{"POST", onRegion + onLink, members("shareName", "principal", "type"), onPrivateNetwork(createPrivateLink)},
	{"DELETE", onRegion + onLink, noBody, onPrivateNetwork(deletePrivateLink)},
	{"POST", onRegion + onLink + "/principals", members("principal"), onPrivateNetwork(createPrincipal)},
	{"DELETE", onRegion + onLink + "/principals", members("principal"), onPrivateNetwork(deletePrincipal)},
	{"POST", onRegion + onLink + "/connections/disassociate", members("connections"), onPrivateNetwork(disassociatePrivateLink)},
	{"GET", onRegion + onLink + "/endpoint-script", noBody, onPrivateNetwork(getPrivateLinkScript)},
}

// routesBeyond are the routes that the API has and its document lacks.
var routesBeyond = []route{
	{"GET", "/memory-stores", noBody, listStores},
	{"POST", "/memory-stores", members("name", "databaseId"), createStore},
	{"GET", onStore, noBody, onMemoryStore(getStore)},
	{"PATCH", onStore, members(), onMemoryStore(updateStore)},
	{"DELETE", onStore, noBody, onMemoryStore(deleteStore)},
	{"GET", onStore + "/api-keys", noBody, onMemoryStore(listStoreKeys)},
	{"POST", onStore + "/api-keys", members("keyName"), onMemoryStore(createStoreKey)},
	{"DELETE", onStore + "/api-keys/{apiKeyId}", noBody, onMemoryStore(deleteStoreKey)},

	{"POST", "/iris/ui/caches", newCache, createCache},
	{"GET", onCache, noBody, onLangCache(getCache)},
	{"PATCH", onCache, members(), onLangCache(updateCache)},
	{"DELETE", onCache, noBody, onLangCache(deleteCache)},
	{"GET", onCache + "/api-key", noBody, onLangCache(listCacheKeys)},
	{"POST", onCache + "/api-key", members("keyName"), onLangCache(createCacheKey)},
	{"DELETE", onCache + "/api-key/{apiKeyId}", noBody, onLangCache(deleteCacheKey)},
}

var served = slices.Concat(routes, routesBeyond)

// Routes returns the endpoints in the API's document, in the form of
// [Request.Route]. A [Server] has all of them. Comparing them with
// [Server.Requests] shows which ones a test never used.
func Routes() []string { return namesOf(routes) }

// RoutesBeyond returns the endpoints of a [Server] in addition to those of
// [Routes]: Agent Memory and LangCache, which the API has and its document
// lacks.
func RoutesBeyond() []string { return namesOf(routesBeyond) }

func namesOf(routes []route) []string {
	names := make([]string, len(routes))
	for i := range routes {
		names[i] = routes[i].name()
	}
	return names
}

func (r *route) name() string {
	if r == nil {
		return ""
	}
	return r.method + " " + r.pattern
}

// match finds the route of a request and the parameters in its path. If there
// is none, it returns the other methods that the path has.
func match(r *http.Request) (found *route, path map[string]string, allowed []string) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), basePath+"/")
	if !ok {
		return nil, nil, nil
	}
	for i := range served {
		path, ok := matchPattern(split(served[i].pattern), split(rest))
		if !ok {
			continue
		}
		if served[i].method == r.Method {
			return &served[i], path, nil
		}
		if !slices.Contains(allowed, served[i].method) {
			allowed = append(allowed, served[i].method)
		}
	}
	return nil, nil, allowed
}

// split returns the segments of a path. Like the API, it ignores a trailing
// slash.
func split(path string) []string {
	return strings.Split(strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/"), "/")
}

// matchPattern compares segments with those of a pattern. "**" at its end
// matches one or more of them.
func matchPattern(pattern, segments []string) (path map[string]string, ok bool) {
	if last := len(pattern) - 1; pattern[last] == "**" && len(segments) > last {
		pattern, segments = pattern[:last], segments[:last]
	}
	if len(pattern) != len(segments) {
		return nil, false
	}
	path = map[string]string{}
	for i, want := range pattern {
		got, err := url.PathUnescape(segments[i])
		switch {
		case err != nil || got == "" && want != "":
			return nil, false
		case strings.HasPrefix(want, "{"):
			path[strings.Trim(want, "{}")] = got
		case want != got:
			return nil, false
		}
	}
	return path, true
}

// A call is a request that has arrived.
type call struct {
	server  *Server
	now     time.Time
	req     *http.Request
	route   *route            // nil for an unknown path or method
	path    map[string]string // the parameters in it
	allowed []string          // the methods of the path, if it doesn't have this one
	rawBody []byte
	body    object // the decoded body, if the route takes one

	cut  bool          // no response reaches the caller
	late time.Duration // the response is delayed
}

// endpoint is the request's path as in links: without the base path.
func (c *call) endpoint() string { return strings.TrimPrefix(c.req.URL.Path, basePath) }

// id returns a path parameter that is an id.
func (c *call) id(name string) (int, bool) {
	n, err := strconv.ParseInt(c.path[name], 10, 32)
	return int(n), err == nil
}

// onSubscription returns a handler for routes below a Pro subscription, which
// it looks up.
func onSubscription(handle func(*call, *subscription) answer) func(*call) answer {
	return finding(false, handle)
}

// onEssentials returns a handler for routes below an Essentials subscription,
// which it looks up.
func onEssentials(handle func(*call, *subscription) answer) func(*call) answer {
	return finding(true, handle)
}

func finding(essentials bool, handle func(*call, *subscription) answer) func(*call) answer {
	return func(c *call) answer {
		id, ok := c.id("subscriptionId")
		if !ok {
			return c.fail(http.StatusBadRequest, "subscriptionId is not a number")
		}
		sub := c.server.subscriptions[id]
		if sub == nil || essentials != (sub.plan != nil) {
			return c.notFound()
		}
		return handle(c, sub)
	}
}

// onDatabase returns a handler for routes below a Pro database, which it looks
// up.
func onDatabase(handle func(*call, *database) answer) func(*call) answer {
	return onSubscription(findingDatabase(handle))
}

// onEssentialsDatabase returns a handler for routes below an Essentials
// database, which it looks up.
func onEssentialsDatabase(handle func(*call, *database) answer) func(*call) answer {
	return onEssentials(findingDatabase(handle))
}

func findingDatabase(handle func(*call, *database) answer) func(*call, *subscription) answer {
	return func(c *call, sub *subscription) answer {
		id, ok := c.id("databaseId")
		if !ok {
			return c.fail(http.StatusBadRequest, "databaseId is not a number")
		}
		db := sub.databases[id]
		if db == nil || db.gone {
			return c.notFound()
		}
		return handle(c, db)
	}
}
