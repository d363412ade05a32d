package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"
)

// ACLUsersService manages the users that connect to databases. What such a user
// may do there is told by its role: see ACLRolesService. The people who manage
// the account are another thing: see AccountUsersService.
type ACLUsersService struct{ client *Client }

// Get returns a user. One that isn't there, or not any more, is ErrNotFound.
//
// API: GET /acl/users/{aclUserId}
func (s *ACLUsersService) Get(ctx context.Context, userID int) (*ACLUser, error) {
	return fetch[ACLUser](ctx, s.client, get("/acl/users/{aclUserId}", userID))
}

// WaitProvisioned waits until a user is active, and returns it. One that isn't
// there is ErrNotFound; one that fails ends the wait with a *ProvisionError. A
// *WaitError is all else that ends it, such as ctx.
//
// A user goes back to pending once after it was active: see WithSettling.
//
// API: GET /acl/users/{aclUserId}
func (s *ACLUsersService) WaitProvisioned(ctx context.Context, userID int, opts ...WaitOption) (*ACLUser, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(aclUserKind, "/acl/users/{aclUserId}", userID))
}

// List returns all users that databases of the account know, but for their
// default users.
//
// API: GET /acl/users
func (s *ACLUsersService) List(ctx context.Context) (*ACLUserList, error) {
	return fetch[ACLUserList](ctx, s.client, get("/acl/users"))
}

// All iterates over the users that List returns. It ends with the error, if
// there is one.
//
// API: GET /acl/users
func (s *ACLUsersService) All(ctx context.Context) iter.Seq2[*ACLUser, error] {
	return listed(ctx, s.List)
}

// GetByName returns the user with exactly that name, as List shows it. None is
// ErrNotFound; several are an *AmbiguousNameError.
//
// API: GET /acl/users
func (s *ACLUsersService) GetByName(ctx context.Context, name string) (*ACLUser, error) {
	return byName(aclUserKind.noun, name, s.All(ctx), func(user *ACLUser) (int, string) { return user.ID, user.Name })
}

// Create makes a user with a role that exists. The task yields the user; with
// WaitProvisioned, once databases let it in. A name that is taken fails the
// task with ErrConflict.
//
// API: POST /acl/users
func (s *ACLUsersService) Create(ctx context.Context, req *ACLUserCreateRequest) (*Task[ACLUser], error) {
	return submit(ctx, s.client,
		post("/acl/users").command("aclUserCreateRequest").withBody(req).
			shows("name", "role"),
		readBack(aclUserKind, "/acl/users/{aclUserId}"))
}

// Update gives a user another role or another password. What isn't set stays
// as it is. The task yields the user; with WaitProvisioned, once databases know
// of the change.
//
// API: PUT /acl/users/{aclUserId}
func (s *ACLUsersService) Update(ctx context.Context, userID int, req *ACLUserUpdateRequest) (*Task[ACLUser], error) {
	return submit(ctx, s.client,
		put("/acl/users/{aclUserId}", userID).command("aclUserUpdateRequest").withBody(req).
			shows("role"),
		readBack(aclUserKind, "/acl/users/{aclUserId}", userID))
}

// Delete removes a user. WaitProvisioned waits until it is gone.
//
// API: DELETE /acl/users/{aclUserId}
func (s *ACLUsersService) Delete(ctx context.Context, userID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/acl/users/{aclUserId}", userID).command("aclUserDeleteRequest"),
		removal(aclUserKind, "/acl/users/{aclUserId}", userID))
}

// ACLUserCreateRequest describes a user of databases to create. All of it is
// required.
type ACLUserCreateRequest struct {
	Name     string `json:"name"`
	Role     string `json:"role"` // the name of an ACLRole
	Password Secret `json:"password"`
}

func (r *ACLUserCreateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		required("Role", r.Role != ""),
		required("Password", r.Password != ""))
}

// ACLUserUpdateRequest changes a user of databases. The name can't be changed.
type ACLUserUpdateRequest struct {
	Role     *string `json:"role,omitempty"` // the name of an ACLRole
	Password *Secret `json:"password,omitempty"`
}

func (r *ACLUserUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Role", r.Role),
		notBlank("Password", r.Password))
}

// An ACLUser is a user of databases.
type ACLUser struct {
	ID     int       `json:"id"`
	Name   string    `json:"name"`
	Role   string    `json:"role,omitempty"` // the name of its ACLRole
	Status ACLStatus `json:"status,omitempty"`
	Links  Links     `json:"links,omitempty"`
}

// aclSettling is how long ACL users and roles flip between active and pending
// after a change.
const aclSettling = 15 * time.Second

var aclUserKind = newKind[ACLUser]("ACLUser", kind{
	noun: "ACL user", member: "status",
	ready:  []string{string(ACLStatusActive)},
	failed: []string{string(ACLStatusError)},
	route:  "/acl/users/{resourceId}",
	list:   []string{"users"}, id: "id", siblings: true,
	settle: aclSettling, holds: aclSettling,
})

func (u *ACLUser) check() error {
	if u.ID == 0 {
		return errors.New("missing id of an ACL user")
	}
	return nil
}

// ACLUserList is the answer of ACLUsersService.List.
type ACLUserList struct {
	AccountID int       `json:"accountId"`
	Users     []ACLUser `json:"users"`
	Links     Links     `json:"links,omitempty"`
}

func (l *ACLUserList) elements() []ACLUser { return l.Users }

// An ACLStatus tells whether databases know of an ACL user, role or rule as it
// is. The API adds values without notice.
type ACLStatus string

// The statuses of ACL users, roles and rules.
const (
	ACLStatusActive   ACLStatus = "active"
	ACLStatusPending  ACLStatus = "pending" // it, or a change of it, is on its way to the databases
	ACLStatusError    ACLStatus = "error"
	ACLStatusDeleting ACLStatus = "deleting"
)

// Reasons for which tasks on ACL users, roles and rules fail.
const (
	TaskErrorTypeACLUserNotFound                                 TaskErrorType = "ACL_USER_NOT_FOUND"
	TaskErrorTypeACLUserNameAlreadyExists                        TaskErrorType = "ACL_USER_NAME_ALREADY_EXISTS"
	TaskErrorTypeACLRoleNotFound                                 TaskErrorType = "ACL_ROLE_NOT_FOUND"       // by its id
	TaskErrorTypeACLRoleDoesNotExists                            TaskErrorType = "ACL_ROLE_DOES_NOT_EXISTS" // by its name, in a user
	TaskErrorTypeACLRoleNameAlreadyExists                        TaskErrorType = "ACL_ROLE_NAME_ALREADY_EXISTS"
	TaskErrorTypeACLRoleHasActiveUsersAndCannotBeDeleted         TaskErrorType = "ACL_ROLE_HAS_ACTIVE_USERS_AND_CANNOT_BE_DELETED"
	TaskErrorTypeACLRoleIsInPendingStatusAndCannotBeUpdated      TaskErrorType = "ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_UPDATED"
	TaskErrorTypeACLRoleIsInPendingStatusAndCannotBeDeleted      TaskErrorType = "ACL_ROLE_IS_IN_PENDING_STATUS_AND_CANNOT_BE_DELETED"
	TaskErrorTypeACLRedisRuleNotFound                            TaskErrorType = "ACL_REDIS_RULE_NOT_FOUND"       // by its id
	TaskErrorTypeACLRedisRuleDoesNotExists                       TaskErrorType = "ACL_REDIS_RULE_DOES_NOT_EXISTS" // by its name, in a role
	TaskErrorTypeACLRedisRuleNameAlreadyExists                   TaskErrorType = "ACL_REDIS_RULE_NAME_ALREADY_EXISTS"
	TaskErrorTypeACLRedisRuleNotActive                           TaskErrorType = "ACL_REDIS_RULE_NOT_ACTIVE"
	TaskErrorTypeACLRedisRuleCannotDeleteWhenAssociatedWithRoles TaskErrorType = "ACL_REDIS_RULE_CANNOT_DELETE_WHEN_ASSOCIATED_WITH_ROLES"
)
