package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"
)

// CloudAccountsService manages the accounts at cloud providers in which
// subscriptions can be deployed: those of the customer and that of Redis.
type CloudAccountsService struct{ client *Client }

// Get returns a cloud account, without its secrets. If it doesn't exist, or no
// longer does, the error is [ErrNotFound].
//
// API: GET /cloud-accounts/{cloudAccountId}
func (s *CloudAccountsService) Get(ctx context.Context, cloudAccountID int) (*CloudAccount, error) {
	return fetch[CloudAccount](ctx, s.client, get("/cloud-accounts/{cloudAccountId}", cloudAccountID))
}

// WaitProvisioned waits until a cloud account is active, and returns it. If it
// doesn't exist, the error is [ErrNotFound]; if it fails, a [*ProvisionError].
// Anything else that ends the wait, such as ctx, is a [*WaitError].
//
// API: GET /cloud-accounts/{cloudAccountId}
func (s *CloudAccountsService) WaitProvisioned(ctx context.Context, cloudAccountID int, opts ...WaitOption) (*CloudAccount, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(cloudAccountKind, "/cloud-accounts/{cloudAccountId}", cloudAccountID))
}

// List returns all cloud accounts, including that of Redis.
//
// API: GET /cloud-accounts
func (s *CloudAccountsService) List(ctx context.Context) (*CloudAccountList, error) {
	return fetch[CloudAccountList](ctx, s.client, get("/cloud-accounts"))
}

// All iterates over the cloud accounts that [CloudAccountsService.List]
// returns. On failure it yields the error and stops.
//
// API: GET /cloud-accounts
func (s *CloudAccountsService) All(ctx context.Context) iter.Seq2[*CloudAccount, error] {
	return listed(ctx, s.List)
}

// GetByName returns the cloud account with exactly that name, as listed. If
// there is none, the error is [ErrNotFound]; if there are several, an
// [*AmbiguousNameError].
//
// API: GET /cloud-accounts
func (s *CloudAccountsService) GetByName(ctx context.Context, name string) (*CloudAccount, error) {
	return byName(cloudAccountKind.noun, name, s.All(ctx), func(account *CloudAccount) (int, string) { return account.ID, account.Name })
}

// Create registers a cloud account of the customer. The task yields it;
// [Task.WaitProvisioned] waits until it is active and subscriptions can be
// deployed there.
//
// API: POST /cloud-accounts
func (s *CloudAccountsService) Create(ctx context.Context, req *CloudAccountCreateRequest) (*Task[CloudAccount], error) {
	return submit(ctx, s.client,
		post("/cloud-accounts").command("cloudAccountCreateRequest").withBody(req).
			shows("name", "provider", "signInLoginUrl"),
		readBack(cloudAccountKind, "/cloud-accounts/{cloudAccountId}"))
}

// Update changes a cloud account. All credentials are required each time, even
// unchanged ones. The task yields the cloud account; [Task.WaitProvisioned]
// waits until it is active again.
//
// API: PUT /cloud-accounts/{cloudAccountId}
func (s *CloudAccountsService) Update(ctx context.Context, cloudAccountID int, req *CloudAccountUpdateRequest) (*Task[CloudAccount], error) {
	return submit(ctx, s.client,
		put("/cloud-accounts/{cloudAccountId}", cloudAccountID).command("cloudAccountUpdateRequest").withBody(req).
			shows("name", "signInLoginUrl"),
		readBack(cloudAccountKind, "/cloud-accounts/{cloudAccountId}", cloudAccountID))
}

// Delete unregisters a cloud account. While a subscription is deployed there,
// the task fails with [TaskErrorTypeCloudAccountUsed]. [Task.WaitProvisioned]
// waits until the cloud account is gone.
//
// API: DELETE /cloud-accounts/{cloudAccountId}
func (s *CloudAccountsService) Delete(ctx context.Context, cloudAccountID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/cloud-accounts/{cloudAccountId}", cloudAccountID).command("cloudAccountDeleteRequest"),
		removal(cloudAccountKind, "/cloud-accounts/{cloudAccountId}", cloudAccountID))
}

// CloudAccountCreateRequest describes a cloud account to register. All fields
// except for Provider are required.
type CloudAccountCreateRequest struct {
	Name     string    `json:"name"`
	Provider *Provider `json:"provider,omitempty"` // default ProviderAWS

	// The access key that Redis Cloud uses in the account.
	AccessKeyID     string `json:"accessKeyId"`
	AccessSecretKey Secret `json:"accessSecretKey"`

	// The user of the provider's management console, and its sign-in URL, such
	// as https://123456789012.signin.aws.amazon.com/console.
	ConsoleUsername string `json:"consoleUsername"`
	ConsolePassword Secret `json:"consolePassword"`
	SignInLoginURL  string `json:"signInLoginUrl"`
}

func (r *CloudAccountCreateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		notBlank("Provider", r.Provider),
		required("AccessKeyID", r.AccessKeyID != ""),
		required("AccessSecretKey", r.AccessSecretKey != ""),
		required("ConsoleUsername", r.ConsoleUsername != ""),
		required("ConsolePassword", r.ConsolePassword != ""),
		required("SignInLoginURL", r.SignInLoginURL != ""))
}

// CloudAccountUpdateRequest changes a cloud account. Name and SignInLoginURL
// stay unchanged if nil; the credentials are required.
type CloudAccountUpdateRequest struct {
	Name *string `json:"name,omitempty"`

	// The access key that Redis Cloud uses in the account.
	AccessKeyID     string `json:"accessKeyId"`
	AccessSecretKey Secret `json:"accessSecretKey"`

	// The user of the provider's management console, and its sign-in URL.
	ConsoleUsername string  `json:"consoleUsername"`
	ConsolePassword Secret  `json:"consolePassword"`
	SignInLoginURL  *string `json:"signInLoginUrl,omitempty"`
}

func (r *CloudAccountUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		required("AccessKeyID", r.AccessKeyID != ""),
		required("AccessSecretKey", r.AccessSecretKey != ""),
		required("ConsoleUsername", r.ConsoleUsername != ""),
		required("ConsolePassword", r.ConsolePassword != ""),
		notBlank("SignInLoginURL", r.SignInLoginURL))
}

// A CloudAccount is an account at a cloud provider in which subscriptions can
// be deployed.
type CloudAccount struct {
	ID                int                `json:"id"` // 1 is the account of Redis itself
	Name              string             `json:"name"`
	Provider          Provider           `json:"provider,omitempty"`
	Status            CloudAccountStatus `json:"status,omitempty"`
	AccessKeyID       string             `json:"accessKeyId,omitempty"` // mostly masked, such as "A***4"
	SignInLoginURL    string             `json:"signInLoginUrl,omitempty"`
	AWSUserARN        string             `json:"awsUserArn,omitempty"`
	AWSConsoleRoleARN string             `json:"awsConsoleRoleArn,omitempty"`
	Links             Links              `json:"links,omitempty"`
}

var cloudAccountKind = newKind[CloudAccount]("CloudAccount", kind{
	noun: "cloud account", member: "status",
	ready:  []string{string(CloudAccountStatusActive)},
	failed: []string{string(CloudAccountStatusError), string(CloudAccountStatusActiveError)},
	route:  "/cloud-accounts/{resourceId}",
	list:   []string{"cloudAccounts"}, id: "id", siblings: true,
	settle: 5 * time.Second,
})

func (a *CloudAccount) check() error {
	if a.ID == 0 {
		return errors.New("missing id of a cloud account")
	}
	return nil
}

// CloudAccountList is the result of [CloudAccountsService.List].
type CloudAccountList struct {
	AccountID     int            `json:"accountId"` // the Redis Cloud account
	CloudAccounts []CloudAccount `json:"cloudAccounts"`
	Links         Links          `json:"links,omitempty"`
}

func (l *CloudAccountList) elements() []CloudAccount { return l.CloudAccounts }

// A CloudAccountStatus says whether a cloud account can be used. The API may
// add values without notice.
type CloudAccountStatus string

// The statuses of a cloud account.
const (
	CloudAccountStatusActive        CloudAccountStatus = "active"
	CloudAccountStatusDraft         CloudAccountStatus = "draft" // new
	CloudAccountStatusPending       CloudAccountStatus = "pending"
	CloudAccountStatusChangeDraft   CloudAccountStatus = "change-draft"
	CloudAccountStatusChangePending CloudAccountStatus = "change-pending"
	CloudAccountStatusDeleteDraft   CloudAccountStatus = "delete-draft"
	CloudAccountStatusDeleted       CloudAccountStatus = "deleted"
	CloudAccountStatusActiveError   CloudAccountStatus = "active-error"
	CloudAccountStatusError         CloudAccountStatus = "error"
)

// Reasons why tasks on cloud accounts fail.
const (
	TaskErrorTypeCloudAccountNotFound        TaskErrorType = "CLOUD_ACCOUNT_NOT_FOUND"
	TaskErrorTypeCloudAccountNotActive       TaskErrorType = "CLOUD_ACCOUNT_NOT_ACTIVE"
	TaskErrorTypeCloudAccountNameExists      TaskErrorType = "CLOUD_ACCOUNT_NAME_EXISTS"
	TaskErrorTypeCloudAccountAccessKeyExists TaskErrorType = "CLOUD_ACCOUNT_ACCESS_KEY_EXISTS"
	TaskErrorTypeCloudAccountInvalidCreds    TaskErrorType = "CLOUD_ACCOUNT_INVALID_CREDS"
	TaskErrorTypeCloudAccountUsed            TaskErrorType = "CLOUD_ACCOUNT_USED"
)
