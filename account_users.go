package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
)

// AccountUsersService manages the people and programs that belong to the account. They
// are invited in the Redis Cloud console: the API can't create them. The users
// that connect to databases are another thing: see ACLUsersService.
type AccountUsersService struct{ client *Client }

// Get returns a user of the account. One that isn't there, or not any more, is
// ErrNotFound.
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

// All iterates over the users that List returns. It ends with the error, if
// there is one.
//
// API: GET /users
func (s *AccountUsersService) All(ctx context.Context) iter.Seq2[*AccountUser, error] {
	return listed(ctx, s.List)
}

// GetByName returns the user with exactly that name, as List shows it. None is
// ErrNotFound; several are an *AmbiguousNameError.
//
// API: GET /users
func (s *AccountUsersService) GetByName(ctx context.Context, name string) (*AccountUser, error) {
	return byName(accountUserKind.noun, name, s.All(ctx), func(user *AccountUser) (int, string) { return user.ID, user.Name })
}

// Update changes the name of a user and what the user may do. The task yields
// the user.
//
// API: PUT /users/{userId}
func (s *AccountUsersService) Update(ctx context.Context, userID int, req *AccountUserUpdateRequest) (*Task[AccountUser], error) {
	return submit(ctx, s.client,
		put("/users/{userId}", userID).withBody(req).
			shows("name"),
		readBack(accountUserKind, "/users/{userId}", userID))
}

// Delete removes a user from the account. WaitProvisioned waits until the user
// is gone.
//
// API: DELETE /users/{userId}
func (s *AccountUsersService) Delete(ctx context.Context, userID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/users/{userId}", userID),
		removal(accountUserKind, "/users/{userId}", userID))
}

// AccountUserUpdateRequest changes a user of the account.
type AccountUserUpdateRequest struct {
	Name string       `json:"name"`           // required, as it is if it isn't to change
	Role *AccountRole `json:"role,omitempty"` // nil leaves it as it is
}

func (r *AccountUserUpdateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		notBlank("Role", r.Role))
}

// An AccountUser is somebody who belongs to the account.
type AccountUser struct {
	ID        int                `json:"id"`
	Name      string             `json:"name"`
	Email     string             `json:"email,omitempty"`
	Role      AccountRole        `json:"role,omitempty"`
	SignUp    string             `json:"signUp,omitempty"` // as the API writes it
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

// AccountUserOptions tell what a user is sent mail about, and how the user
// signs in.
type AccountUserOptions struct {
	Billing           bool `json:"billing"`           // mail about bills
	EmailAlerts       bool `json:"emailAlerts"`       // mail about alerts of databases
	OperationalEmails bool `json:"operationalEmails"` // mail about maintenance and the like
	MFAEnabled        bool `json:"mfaEnabled"`        // signs in with a second factor
}

// AccountUserList is the answer of AccountUsersService.List.
type AccountUserList struct {
	AccountID int           `json:"account"`
	Users     []AccountUser `json:"users"`
	Links     Links         `json:"links,omitempty"`
}

func (l *AccountUserList) elements() []AccountUser { return l.Users }

// An AccountRole tells what a user may do in the account.
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

// An AccountUserType tells how a user of the account is known.
type AccountUserType string

// The types of users of the account. There are others.
const (
	AccountUserTypeLocal AccountUserType = "Local"
)
