package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
)

// AccountUsersService manages the people and programs that belong to the
// account. They are invited in the Redis Cloud console: the API can't create
// them. For the users that connect to databases, see [ACLUsersService].
type AccountUsersService struct{ client *Client }

// Get returns a user of the account. If it doesn't exist, or no longer does,
// the error is [ErrNotFound].
//
// API: GET /users/{userId}
func (s *AccountUsersService) Get(ctx context.Context, userID int) (*AccountUser, error) {
	return fetch[AccountUser](ctx, s.client, get("/users/{userId}", userID))
}

// List returns all users of the account.
//
// API: GET /users
func (s *AccountUsersService) List(ctx context.Context) (*AccountUserList, error) {
	return fetch[AccountUserList](ctx, s.client, get("/users"))
}

// All iterates over the users that [AccountUsersService.List] returns. On
// failure it yields the error and stops.
//
// API: GET /users
func (s *AccountUsersService) All(ctx context.Context) iter.Seq2[*AccountUser, error] {
	return listed(ctx, s.List)
}

// GetByName returns the user with exactly that name, as listed. If there is
// none, the error is [ErrNotFound]; if there are several, an
// [*AmbiguousNameError].
//
// API: GET /users
func (s *AccountUsersService) GetByName(ctx context.Context, name string) (*AccountUser, error) {
	return byName(accountUserKind.noun, name, s.All(ctx), func(user *AccountUser) (int, string) { return user.ID, user.Name })
}

// Update changes the name and the role of a user. The task yields the user.
//
// API: PUT /users/{userId}
func (s *AccountUsersService) Update(ctx context.Context, userID int, req *AccountUserUpdateRequest) (*Task[AccountUser], error) {
	return submit(ctx, s.client,
		put("/users/{userId}", userID).withBody(req).
			shows("name"),
		readBack(accountUserKind, "/users/{userId}", userID))
}

// Delete removes a user from the account. [Task.WaitProvisioned] waits until
// the user is gone.
//
// API: DELETE /users/{userId}
func (s *AccountUsersService) Delete(ctx context.Context, userID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/users/{userId}", userID),
		removal(accountUserKind, "/users/{userId}", userID))
}

// AccountUserUpdateRequest changes a user of the account.
type AccountUserUpdateRequest struct {
	Name string       `json:"name"`           // required, even if unchanged
	Role *AccountRole `json:"role,omitempty"` // nil leaves it unchanged
}

func (r *AccountUserUpdateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		notBlank("Role", r.Role))
}

// An AccountUser is a person or program that belongs to the account.
type AccountUser struct {
	ID        int                `json:"id"`
	Name      string             `json:"name"`
	Email     string             `json:"email,omitempty"`
	Role      AccountRole        `json:"role,omitempty"`
	SignUp    string             `json:"signUp,omitempty"` // as sent by the API
	UserType  AccountUserType    `json:"userType,omitempty"`
	HasAPIKey bool               `json:"hasApiKey"`
	Options   AccountUserOptions `json:"options"`
	Links     Links              `json:"links,omitempty"`
}

var accountUserKind = newKind[AccountUser]("AccountUser", kind{
	noun:  "user",
	route: "/users/{resourceId}",
})

func (u *AccountUser) check() error {
	if u.ID == 0 {
		return errors.New("missing id of a user")
	}
	return nil
}

// AccountUserOptions describe the emails that a user gets, and how the user
// signs in.
type AccountUserOptions struct {
	Billing           bool `json:"billing"`           // emails about bills
	EmailAlerts       bool `json:"emailAlerts"`       // emails about database alerts
	OperationalEmails bool `json:"operationalEmails"` // emails about maintenance and the like
	MFAEnabled        bool `json:"mfaEnabled"`        // signs in with a second factor
}

// AccountUserList is the result of [AccountUsersService.List].
type AccountUserList struct {
	AccountID int           `json:"account"`
	Users     []AccountUser `json:"users"`
	Links     Links         `json:"links,omitempty"`
}

func (l *AccountUserList) elements() []AccountUser { return l.Users }

// An AccountRole determines what a user may do in the account.
type AccountRole string

// The roles of users of the account.
const (
	AccountRoleOwner        AccountRole = "Owner"
	AccountRoleMember       AccountRole = "Member"
	AccountRoleManager      AccountRole = "Manager"
	AccountRoleViewer       AccountRole = "Viewer"
	AccountRoleBillingAdmin AccountRole = "Billing Admin"
	AccountRoleLogsViewer   AccountRole = "Logs Viewer (API use only)"
)

// An AccountUserType is the type of a user of the account.
type AccountUserType string

// The types of users of the account. There are others.
const (
	AccountUserTypeLocal AccountUserType = "Local"
)
