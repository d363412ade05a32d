package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"
)

// ACLUsersService manages the users that connect to databases. The role of a
// user determines what it may do there: see [ACLRolesService]. For the people
// who manage the account, see [AccountUsersService].
type ACLUsersService struct{ client *Client }

// Get returns a user. If it doesn't exist, or no longer does, the error is
// [ErrNotFound].
//
// API: GET /acl/users/{aclUserId}
func (s *ACLUsersService) Get(ctx context.Context, userID int) (*ACLUser, error) {
	return fetch[ACLUser](ctx, s.client, get("/acl/users/{aclUserId}", userID))
}

// WaitProvisioned waits until a user is active, and returns it. If it doesn't
// exist, the error is [ErrNotFound]; if it fails, a [*ProvisionError]. Anything
// else that ends the wait, such as ctx, is a [*WaitError].
//
// A user becomes pending once more after it was active: see [WithSettling].
//
// API: GET /acl/users/{aclUserId}
func (s *ACLUsersService) WaitProvisioned(ctx context.Context, userID int, opts ...WaitOption) (*ACLUser, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(aclUserKind, "/acl/users/{aclUserId}", userID))
}

// List returns all database users of the account, except for the default users
// of databases.
//
// API: GET /acl/users
func (s *ACLUsersService) List(ctx context.Context) (*ACLUserList, error) {
	return fetch[ACLUserList](ctx, s.client, get("/acl/users"))
}

// All iterates over the users that [ACLUsersService.List] returns. On failure
// it yields the error and stops.
//
// API: GET /acl/users
func (s *ACLUsersService) All(ctx context.Context) iter.Seq2[*ACLUser, error] {
	return listed(ctx, s.List)
}

// GetByName returns the user with exactly that name, as listed. If there is
// none, the error is [ErrNotFound]; if there are several, an
// [*AmbiguousNameError].
//
// API: GET /acl/users
func (s *ACLUsersService) GetByName(ctx context.Context, name string) (*ACLUser, error) {
	return byName(aclUserKind.noun, name, s.All(ctx), func(user *ACLUser) (int, string) { return user.ID, user.Name })
}

// Create creates a user with an existing role. The task yields the user;
// [Task.WaitProvisioned] waits until databases accept it. If the name is taken,
// the task fails with [ErrConflict].
//
// API: POST /acl/users
func (s *ACLUsersService) Create(ctx context.Context, req *ACLUserCreateRequest) (*Task[ACLUser], error) {
	return submit(ctx, s.client,
		post("/acl/users").command("aclUserCreateRequest").withBody(req).
			shows("name", "role"),
		readBack(aclUserKind, "/acl/users/{aclUserId}"))
}

// Update gives a user another role or another password. Unset fields stay
// unchanged. The task yields the user; [Task.WaitProvisioned] waits until
// databases apply the change.
//
// API: PUT /acl/users/{aclUserId}
func (s *ACLUsersService) Update(ctx context.Context, userID int, req *ACLUserUpdateRequest) (*Task[ACLUser], error) {
	return submit(ctx, s.client,
		put("/acl/users/{aclUserId}", userID).command("aclUserUpdateRequest").withBody(req).
			shows("role"),
		readBack(aclUserKind, "/acl/users/{aclUserId}", userID))
}

// Delete removes a user. [Task.WaitProvisioned] waits until it is gone.
//
// API: DELETE /acl/users/{aclUserId}
func (s *ACLUsersService) Delete(ctx context.Context, userID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/acl/users/{aclUserId}", userID).command("aclUserDeleteRequest"),
		removal(aclUserKind, "/acl/users/{aclUserId}", userID))
}

// ACLUserCreateRequest describes a database user to create. All fields are
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

// ACLUserUpdateRequest changes a database user. The name can't be changed.
type ACLUserUpdateRequest struct {
	Role     *string `json:"role,omitempty"` // the name of an ACLRole
	Password *Secret `json:"password,omitempty"`
}

func (r *ACLUserUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Role", r.Role),
		notBlank("Password", r.Password))
}

// An ACLUser is a user that connects to databases.
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

// ACLUserList is the result of [ACLUsersService.List].
type ACLUserList struct {
	AccountID int       `json:"accountId"`
	Users     []ACLUser `json:"users"`
	Links     Links     `json:"links,omitempty"`
}

func (l *ACLUserList) elements() []ACLUser { return l.Users }

// An ACLStatus says whether an ACL user, role or rule has taken effect in the
// databases. The API may add values without notice.
type ACLStatus string

// The statuses of ACL users, roles and rules.
const (
	ACLStatusActive   ACLStatus = "active"
	ACLStatusPending  ACLStatus = "pending" // the resource, or a change to it, is being applied to the databases
	ACLStatusError    ACLStatus = "error"
	ACLStatusDeleting ACLStatus = "deleting"
)

// Reasons why tasks on ACL users, roles and rules fail.
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
