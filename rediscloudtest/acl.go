package rediscloudtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	aclUsersPath = "/acl/users"
	aclRolesPath = "/acl/roles"
	aclRulesPath = "/acl/redisRules"

	firstOwnRule = 101 // rules below are those every account has
)

var aclUsers = &assetKind{
	noun: "ACL user", path: aclUsersPath, param: "aclUserId", list: "users", account: "accountId",
	command: "aclUser", unknown: "ACL_USER_NOT_FOUND", required: []string{"name", "role", "password"}, firstID: 40001, created: 202, updated: 200, deleted: 200,
	creating: []string{"pending"}, changing: []string{"pending"}, removing: []string{"deleting"},
	flips: true, document: aclUserDocument, change: changeACLUser, keeps: removable,
}

var aclRoles = &assetKind{
	noun: "ACL role", path: aclRolesPath, param: "aclRoleId", list: "roles", account: "accountId",
	command: "aclRole", unknown: "ACL_ROLE_NOT_FOUND", required: []string{"name", "redisRules"}, firstID: 1001, created: 202, updated: 202, deleted: 200,
	creating: []string{"pending"}, changing: []string{"pending"}, removing: []string{"deleting"},
	flips: true, document: aclRoleDocument, change: changeACLRole, keeps: keepsACLRole,
}

var aclRedisRules = &assetKind{
	noun: "Redis ACL rule", path: aclRulesPath, param: "aclRedisRuleId", list: "redisRules", account: "accountId",
	command: "aclRedisRule", unknown: "ACL_REDIS_RULE_NOT_FOUND", required: []string{"name", "redisRule"}, firstID: firstOwnRule, created: 202, updated: 202, deleted: 202,
	creating: []string{"pending"}, changing: []string{"pending"}, removing: []string{"deleting"},
	document: aclRuleDocument, change: changeACLRule, keeps: keepsACLRule,
}

// A grant is a rule of a role, with the databases it applies to as the request
// lists them.
type grant struct {
	rule      *asset
	databases []object
}

func aclUserDocument(a *asset, at time.Time) object {
	return a.server.linked(object{"id": a.id, "name": a.name(), "role": a.role.name(), "status": a.status(at)})
}

func changeACLUser(a *asset, request object, _ time.Time) *failure {
	role := a.role
	if name := str(request, "role", ""); name != "" || role == nil {
		if role = a.server.assetWith(aclRolesPath, "name", name); role == nil || role.removal {
			return badRequest("ACL_ROLE_DOES_NOT_EXISTS", "There is no role with this name.")
		}
	}
	switch {
	case a.id == 0 && str(request, "name", "") == "":
		return badRequest("ACL_USER_NAME_NOT_VALID", "The name is empty.")
	case a.id == 0 && a.taken(request, "name"):
		return conflict("ACL_USER_NAME_ALREADY_EXISTS", "The account has an ACL user of this name.")
	case request["password"] != nil && !strong(str(request, "password", "")):
		return weakPassword
	}
	if a.id == 0 {
		a.settings["name"] = request["name"]
	}
	a.role = role
	return nil
}

var weakPassword = &failure{
	kind: "ACL_USER_PASSWORD_NOT_VALID", status: "400 BAD_REQUEST", info: "cluster-user-password-wrong-pattern",
	description: "The password must have a lower-case and an upper-case letter, a digit and another character.",
}

// strong reports whether a password meets the API's requirements.
func strong(password string) bool {
	var lower, upper, digit, other bool
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsDigit(r):
			digit = true
		default:
			other = true
		}
	}
	return lower && upper && digit && other
}

func aclRoleDocument(a *asset, at time.Time) object {
	rules, users := []any{}, []any{}
	for _, g := range a.grants {
		databases := []any{}
		for _, spec := range g.databases {
			db, _ := a.server.databaseOf(spec)
			if db == nil {
				continue // it is gone
			}
			document := object{"subscriptionId": db.sub.id, "databaseId": db.id, "databaseName": db.name()}
			if spec["regions"] != nil {
				document["regions"] = spec["regions"]
			}
			databases = append(databases, document)
		}
		rules = append(rules, object{"ruleId": g.rule.id, "ruleName": g.rule.name(), "databases": databases})
	}
	for _, user := range a.server.sortedAssets(aclUsersPath) {
		if user.role == a {
			users = append(users, object{"id": user.id, "name": user.name()})
		}
	}
	return object{"id": a.id, "name": a.name(), "redisRules": rules, "users": users, "status": a.status(at)}
}

func changeACLRole(a *asset, request object, at time.Time) *failure {
	grants, f := a.server.grants(request, at)
	switch {
	case a.id != 0 && a.status(at) == "pending":
		return badRequest("ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_UPDATED", "The role is pending.")
	case f != nil:
		return f
	case request["name"] != nil && str(request, "name", "") == "":
		return badRequest("ACL_ROLE_NAME_NOT_VALID", "The name is empty.")
	case a.taken(request, "name"):
		return conflict("ACL_ROLE_NAME_ALREADY_EXISTS", "The account has a role of this name.")
	case request["redisRules"] != nil && len(grants) == 0:
		return badRequest("ACL_ROLE_REDIS_RULES_IS_MISSING", "The role has no rule.")
	}
	a.settings["name"] = or(request, "name", a.settings["name"])
	if len(grants) > 0 {
		a.grants = grants
	}
	return nil
}

func keepsACLRole(a *asset, at time.Time) *failure {
	if a.status(at) == "pending" {
		return badRequest("ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_DELETED", "The role is pending.")
	}
	for _, user := range a.server.sortedAssets(aclUsersPath) {
		if user.role == a {
			return badRequest("ACL_ROLE_HAS_ACTIVE_USERS_AND_CANNOT_BE_DELETED", "There are users that have the role.")
		}
	}
	return nil
}

// grants reads the rules that a request gives to a role.
func (s *Server) grants(request object, at time.Time) ([]grant, *failure) {
	var grants []grant
	seen := map[string]bool{}
	for _, spec := range objects(request, "redisRules") {
		rule := s.assetWith(aclRulesPath, "name", str(spec, "ruleName", ""))
		switch {
		case rule == nil:
			return nil, badRequest("ACL_REDIS_RULE_DOES_NOT_EXISTS", "There is no rule with this name.")
		case rule.status(at) != statusActive:
			return nil, badRequest("ACL_REDIS_RULE_NOT_ACTIVE", "The rule is not active.")
		case spec["databases"] == nil:
			return nil, badRequest("ACL_ROLE_REDIS_RULES_DATABASES_SPEC_IS_MISSING", "The rule has no databases.")
		}
		databases := objects(spec, "databases")
		for _, database := range databases {
			if f := s.checkGrant(database, seen); f != nil {
				return nil, f
			}
		}
		grants = append(grants, grant{rule, databases})
	}
	return grants, nil
}

// checkGrant checks a database that a rule applies to. seen holds what the role
// already has rules for.
func (s *Server) checkGrant(spec object, seen map[string]bool) *failure {
	db, f := s.databaseOf(spec)
	if f != nil {
		return f
	}
	regions, _ := spec["regions"].([]any)
	if len(regions) == 0 {
		regions = []any{""}
	} else if !db.sub.isActiveActive() {
		return badRequest("ACL_ROLE_REDIS_RULES_DATABASES_REGION_MUST_BE_CRDB", "The database is in one region.")
	}
	for _, name := range regions {
		if name != "" && !db.sub.isIn(name) {
			return badRequest("ACL_ROLE_REDIS_RULES_DATABASES_REGION_IS_NOT_BELONGS_TO_DATABASE", "The database isn't in the region.")
		}
		key := fmt.Sprintf("%d/%v", db.id, name)
		if seen[key] {
			return badRequest("ACL_ROLE_REDIS_RULE_MUST_BE_DEFINED_ONLY_ONCE_PER_DATABASE", "A database has two rules.")
		}
		seen[key] = true
	}
	return nil
}

// databaseOf finds the database that a rule of a role names.
func (s *Server) databaseOf(spec object) (*database, *failure) {
	sub := s.subscriptions[int(num(spec, "subscriptionId", 0))]
	if sub == nil {
		return nil, missing("SUBSCRIPTION_NOT_FOUND", "There is no such subscription.")
	}
	db := sub.databases[int(num(spec, "databaseId", 0))]
	if db == nil {
		return nil, missing("DATABASE_NOT_FOUND", "There is no such database.")
	}
	return db, nil
}

// isIn reports whether a subscription is deployed in a region.
func (sub *subscription) isIn(name any) bool {
	return slices.ContainsFunc(sub.clouds, func(c *cloud) bool {
		return slices.ContainsFunc(c.regions, func(r *region) bool { return r.name == name })
	})
}

func aclRuleDocument(a *asset, at time.Time) object {
	return object{
		"id": a.id, "name": a.name(), "acl": a.settings["redisRule"], "isDefault": a.isDefaultRule(), "status": a.status(at),
	}
}

// isDefaultRule reports whether the rule is one that every account has.
func (a *asset) isDefaultRule() bool { return a.id != 0 && a.id < firstOwnRule }

func changeACLRule(a *asset, request object, at time.Time) *failure {
	switch {
	case a.isDefaultRule():
		return badRequest("ACL_REDIS_RULE_CANNOT_UPDATE_DEFAULT", "The rule is a default one.")
	case a.id != 0 && a.status(at) != statusActive:
		return badRequest("ACL_REDIS_RULE_NOT_ACTIVE", "The rule is not active.")
	case str(request, "name", "") == "":
		return badRequest("ACL_REDIS_RULE_NAME_IS_MISSING", "The name is empty.")
	case str(request, "redisRule", "") == "":
		return badRequest("ACL_REDIS_RULE_PATTERN_IS_MISSING", "The pattern is empty.")
	case !isPattern(str(request, "redisRule", "")):
		return wrongPattern
	case a.taken(request, "name"):
		return conflict("ACL_REDIS_RULE_NAME_ALREADY_EXISTS", "The account has a rule of this name.")
	}
	a.settings["name"], a.settings["redisRule"] = request["name"], request["redisRule"]
	return nil
}

var wrongPattern = &failure{
	kind: "ACL_REDIS_RULE_PATTERN_NOT_VALID", status: "400 BAD_REQUEST", info: "redis-acl-wrong-acl-rule-pattern",
	description: "A command must begin with + or -, a category with +@ or -@, and a key with ~.",
}

// isPattern reports whether each part of a rule starts the way a command or
// category, a key, or a channel must. Parts in parentheses are selectors.
func isPattern(rule string) bool {
	for part := range strings.FieldsSeq(strings.NewReplacer("(", " ", ")", " ").Replace(rule)) {
		known := slices.Contains([]string{"allkeys", "allchannels", "resetchannels", "allcommands", "nocommands"}, part)
		name := strings.TrimLeft(part, "+-@~&%")
		if !known && (!strings.ContainsRune("+-~&%", rune(part[0])) || name == "") {
			return false
		}
	}
	return true
}

func keepsACLRule(a *asset, at time.Time) *failure {
	switch {
	case a.isDefaultRule():
		return badRequest("ACL_REDIS_RULE_CANNOT_DELETE_DEFAULT", "The rule is a default one.")
	case a.status(at) == "pending":
		return badRequest("ACL_REDIS_RULE_NOT_ACTIVE", "The rule is not active.")
	}
	for _, role := range a.server.sortedAssets(aclRolesPath) {
		if slices.ContainsFunc(role.grants, func(g grant) bool { return g.rule == a }) {
			return badRequest("ACL_REDIS_RULE_CANNOT_DELETE_WHEN_ASSOCIATED_WITH_ROLES", "There are roles that have the rule.")
		}
	}
	return nil
}
