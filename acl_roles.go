package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
)

// ACLRolesService manages the roles of database users: which Redis ACL rules
// hold for them in which databases.
type ACLRolesService struct{ client *Client }

// Get returns a role. The API has no read of a single one: Get reads all roles
// and picks one out. One that isn't among them is ErrNotFound.
//
// API: GET /acl/roles
func (s *ACLRolesService) Get(ctx context.Context, roleID int) (*ACLRole, error) {
	return fetchElement(ctx, s.client, aclRoleKind, get("/acl/roles"), roleID)
}

// WaitProvisioned waits until a role is active, and returns it. One that isn't
// there is ErrNotFound; one that fails ends the wait with a *ProvisionError. A
// *WaitError is all else that ends it, such as ctx.
//
// API: GET /acl/roles
func (s *ACLRolesService) WaitProvisioned(ctx context.Context, roleID int, opts ...WaitOption) (*ACLRole, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(aclRoleKind, "/acl/roles").element(roleID))
}

// List returns all roles of the account.
//
// API: GET /acl/roles
func (s *ACLRolesService) List(ctx context.Context) (*ACLRoleList, error) {
	return fetch[ACLRoleList](ctx, s.client, get("/acl/roles"))
}

// All iterates over the roles that List returns. It ends with the error, if
// there is one.
//
// API: GET /acl/roles
func (s *ACLRolesService) All(ctx context.Context) iter.Seq2[*ACLRole, error] {
	return listed(ctx, s.List)
}

// GetByName returns the role with exactly that name. None is ErrNotFound;
// several are an *AmbiguousNameError.
//
// API: GET /acl/roles
func (s *ACLRolesService) GetByName(ctx context.Context, name string) (*ACLRole, error) {
	return byName(aclRoleKind.noun, name, s.All(ctx), func(role *ACLRole) (int, string) { return role.ID, role.Name })
}

// Create makes a role. The task yields it; with WaitProvisioned, once it is
// active. A name that is taken fails the task with ErrConflict.
//
// API: POST /acl/roles
func (s *ACLRolesService) Create(ctx context.Context, req *ACLRoleCreateRequest) (*Task[ACLRole], error) {
	return submit(ctx, s.client,
		post("/acl/roles").command("aclRoleCreateRequest").withBody(req).
			shows("name", "redisRules"),
		readBack(aclRoleKind, "/acl/roles").element(0))
}

// Update changes the name of a role, and the rules that it has. What isn't set
// stays as it is. The task yields the role; with WaitProvisioned, once it is
// active again. A role that is still pending fails the task with
// TaskErrorTypeACLRoleIsInPendingStatusAndCannotBeUpdated.
//
// API: PUT /acl/roles/{aclRoleId}
func (s *ACLRolesService) Update(ctx context.Context, roleID int, req *ACLRoleUpdateRequest) (*Task[ACLRole], error) {
	return submit(ctx, s.client,
		put("/acl/roles/{aclRoleId}", roleID).command("aclRoleUpdateRequest").withBody(req).
			shows("name", "redisRules"),
		readBack(aclRoleKind, "/acl/roles").element(roleID))
}

// Delete removes a role, which no user may have any more: otherwise the task
// fails with TaskErrorTypeACLRoleHasActiveUsersAndCannotBeDeleted. WaitProvisioned waits until the role is gone.
//
// API: DELETE /acl/roles/{aclRoleId}
func (s *ACLRolesService) Delete(ctx context.Context, roleID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/acl/roles/{aclRoleId}", roleID).command("aclRoleDeleteRequest"),
		removal(aclRoleKind, "/acl/roles").element(roleID))
}

// ACLRoleCreateRequest describes a role to create. All of it is required.
type ACLRoleCreateRequest struct {
	Name       string            `json:"name"`
	RedisRules []ACLRoleRuleSpec `json:"redisRules"`
}

func (r *ACLRoleCreateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		required("RedisRules", len(r.RedisRules) > 0),
		nestedEach("RedisRules", r.RedisRules))
}

// ACLRoleUpdateRequest changes a role.
type ACLRoleUpdateRequest struct {
	Name *string `json:"name,omitempty"`

	// RedisRules replace all rules that the role has, in all databases; nil
	// leaves them as they are.
	RedisRules []ACLRoleRuleSpec `json:"redisRules,omitzero"`
}

func (r *ACLRoleUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		nestedEach("RedisRules", r.RedisRules))
}

// An ACLRoleRuleSpec is a rule that a role is to have.
type ACLRoleRuleSpec struct {
	RuleName  string                `json:"ruleName"`  // the name of an ACLRedisRule; required
	Databases []ACLRoleDatabaseSpec `json:"databases"` // where it holds; nil is refused
}

func (s *ACLRoleRuleSpec) validate() error {
	return cmp.Or(
		required("RuleName", s.RuleName != ""),
		required("Databases", s.Databases != nil),
		nestedEach("Databases", s.Databases))
}

// An ACLRoleDatabaseSpec is a database, Pro or Essentials, in which a rule of a
// role is to hold.
type ACLRoleDatabaseSpec struct {
	SubscriptionID int `json:"subscriptionId"` // required
	DatabaseID     int `json:"databaseId"`     // required

	// Regions are those in which the rule is to hold. Only for Active-Active
	// databases.
	Regions []string `json:"regions,omitzero"`
}

func (s *ACLRoleDatabaseSpec) validate() error {
	return cmp.Or(
		atLeast("SubscriptionID", &s.SubscriptionID, 1),
		atLeast("DatabaseID", &s.DatabaseID, 1),
		eachGiven("Regions", s.Regions))
}

// An ACLRole tells which Redis ACL rules hold in which databases for the users
// that have it.
type ACLRole struct {
	ID         int           `json:"id"`
	Name       string        `json:"name"`
	RedisRules []ACLRoleRule `json:"redisRules,omitempty"`
	Users      []ACLRoleUser `json:"users,omitempty"` // that have the role
	Status     ACLStatus     `json:"status,omitempty"`
	Links      Links         `json:"links,omitempty"`
}

var aclRoleKind = newKind[ACLRole]("ACLRole", kind{
	noun: "ACL role", member: "status",
	ready:  []string{string(ACLStatusActive)},
	failed: []string{string(ACLStatusError)},
	route:  "/acl/roles", list: []string{"roles"}, id: "id",
	settle: aclSettling, holds: aclSettling,
})

func (r *ACLRole) check() error {
	if r.ID == 0 {
		return errors.New("missing id of an ACL role")
	}
	return nil
}

// An ACLRoleRule is a rule that a role has.
type ACLRoleRule struct {
	RuleID    int               `json:"ruleId"`
	RuleName  string            `json:"ruleName"`
	Databases []ACLRoleDatabase `json:"databases,omitempty"` // where it holds
}

// An ACLRoleDatabase is a database in which a rule of a role holds.
type ACLRoleDatabase struct {
	SubscriptionID int      `json:"subscriptionId"`
	DatabaseID     int      `json:"databaseId"`
	DatabaseName   string   `json:"databaseName,omitempty"`
	Regions        []string `json:"regions,omitempty"` // of an Active-Active database
}

// An ACLRoleUser is an ACLUser that has a role.
type ACLRoleUser struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// ACLRoleList is the answer of ACLRolesService.List.
type ACLRoleList struct {
	AccountID int       `json:"accountId"`
	Roles     []ACLRole `json:"roles"`
	Links     Links     `json:"links,omitempty"`
}

func (l *ACLRoleList) elements() []ACLRole { return l.Roles }
