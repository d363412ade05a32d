package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
)

// ACLRolesService manages the roles of database users: which Redis ACL rules
// apply to them in which databases.
type ACLRolesService struct{ client *Client }

// Get returns a role. The API can't read a single role, so Get lists them all.
// If it isn't among them, the error is [ErrNotFound].
//
// API: GET /acl/roles
func (s *ACLRolesService) Get(ctx context.Context, roleID int) (*ACLRole, error) {
	return fetchElement(ctx, s.client, aclRoleKind, get("/acl/roles"), roleID)
}

// WaitProvisioned waits until a role is active, and returns it. If it doesn't
// exist, the error is [ErrNotFound]; if it fails, a [*ProvisionError]. Anything
// else that ends the wait, such as ctx, is a [*WaitError].
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

// All iterates over the roles that [ACLRolesService.List] returns. On failure
// it yields the error and stops.
//
// API: GET /acl/roles
func (s *ACLRolesService) All(ctx context.Context) iter.Seq2[*ACLRole, error] {
	return listed(ctx, s.List)
}

// GetByName returns the role with exactly that name. If there is none, the
// error is [ErrNotFound]; if there are several, an [*AmbiguousNameError].
//
// API: GET /acl/roles
func (s *ACLRolesService) GetByName(ctx context.Context, name string) (*ACLRole, error) {
	return byName(aclRoleKind.noun, name, s.All(ctx), func(role *ACLRole) (int, string) { return role.ID, role.Name })
}

// Create creates a role. The task yields it; [Task.WaitProvisioned] waits until
// it is active. If the name is taken, the task fails with [ErrConflict].
//
// API: POST /acl/roles
func (s *ACLRolesService) Create(ctx context.Context, req *ACLRoleCreateRequest) (*Task[ACLRole], error) {
	return submit(ctx, s.client,
		post("/acl/roles").command("aclRoleCreateRequest").withBody(req).
			shows("name", "redisRules"),
		readBack(aclRoleKind, "/acl/roles").element(0))
}

// Update changes the name and the rules of a role. Unset fields stay unchanged.
// The task yields the role; [Task.WaitProvisioned] waits until it is active
// again. If the role is still pending, the task fails with
// [TaskErrorTypeACLRoleIsInPendingStatusAndCannotBeUpdated].
//
// API: PUT /acl/roles/{aclRoleId}
func (s *ACLRolesService) Update(ctx context.Context, roleID int, req *ACLRoleUpdateRequest) (*Task[ACLRole], error) {
	return submit(ctx, s.client,
		put("/acl/roles/{aclRoleId}", roleID).command("aclRoleUpdateRequest").withBody(req).
			shows("name", "redisRules"),
		readBack(aclRoleKind, "/acl/roles").element(roleID))
}

// Delete removes a role. If a user still has it, the task fails with
// [TaskErrorTypeACLRoleHasActiveUsersAndCannotBeDeleted].
// [Task.WaitProvisioned] waits until the role is gone.
//
// API: DELETE /acl/roles/{aclRoleId}
func (s *ACLRolesService) Delete(ctx context.Context, roleID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/acl/roles/{aclRoleId}", roleID).command("aclRoleDeleteRequest"),
		removal(aclRoleKind, "/acl/roles").element(roleID))
}

// ACLRoleCreateRequest describes a role to create. All fields are required.
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

	// RedisRules replace all rules of the role, in all databases; nil leaves
	// them unchanged.
	RedisRules []ACLRoleRuleSpec `json:"redisRules,omitzero"`
}

func (r *ACLRoleUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		nestedEach("RedisRules", r.RedisRules))
}

// An ACLRoleRuleSpec is a rule to include in a role.
type ACLRoleRuleSpec struct {
	RuleName  string                `json:"ruleName"`  // the name of an ACLRedisRule; required
	Databases []ACLRoleDatabaseSpec `json:"databases"` // where it applies; nil is rejected
}

func (s *ACLRoleRuleSpec) validate() error {
	return cmp.Or(
		required("RuleName", s.RuleName != ""),
		required("Databases", s.Databases != nil),
		nestedEach("Databases", s.Databases))
}

// An ACLRoleDatabaseSpec is a Pro or Essentials database to which a rule of a
// role applies.
type ACLRoleDatabaseSpec struct {
	SubscriptionID int `json:"subscriptionId"` // required
	DatabaseID     int `json:"databaseId"`     // required

	// Regions are where the rule applies. Only for Active-Active databases.
	Regions []string `json:"regions,omitzero"`
}

func (s *ACLRoleDatabaseSpec) validate() error {
	return cmp.Or(
		atLeast("SubscriptionID", &s.SubscriptionID, 1),
		atLeast("DatabaseID", &s.DatabaseID, 1),
		eachGiven("Regions", s.Regions))
}

// An ACLRole says which Redis ACL rules apply in which databases to the users
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

// An ACLRoleRule is a rule of a role.
type ACLRoleRule struct {
	RuleID    int               `json:"ruleId"`
	RuleName  string            `json:"ruleName"`
	Databases []ACLRoleDatabase `json:"databases,omitempty"` // where it applies
}

// An ACLRoleDatabase is a database to which a rule of a role applies.
type ACLRoleDatabase struct {
	SubscriptionID int      `json:"subscriptionId"`
	DatabaseID     int      `json:"databaseId"`
	DatabaseName   string   `json:"databaseName,omitempty"`
	Regions        []string `json:"regions,omitempty"` // of an Active-Active database
}

// An ACLRoleUser is an [ACLUser] that has a role.
type ACLRoleUser struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// ACLRoleList is the result of [ACLRolesService.List].
type ACLRoleList struct {
	AccountID int       `json:"accountId"`
	Roles     []ACLRole `json:"roles"`
	Links     Links     `json:"links,omitempty"`
}

func (l *ACLRoleList) elements() []ACLRole { return l.Roles }
