package rediscloud

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readCloudAccount(status string) wire {
	return wire{method: "GET", path: "/cloud-accounts/4", answer: `{"id":4,"name":"mine","provider":"AWS","status":"` + status + `"}`}
}

func TestCloudAccountsGet(t *testing.T) {
	client := newWire(t, readCloudAccount("active-error"),
		wire{method: "GET", path: "/cloud-accounts/4", status: 404},
		wire{method: "GET", path: "/cloud-accounts/4", answer: `{}`})
	account, err := client.CloudAccounts.Get(t.Context(), 4)
	require.NoError(t, err)
	assert.Equal(t, &CloudAccount{ID: 4, Name: "mine", Provider: ProviderAWS, Status: CloudAccountStatusActiveError}, account)

	_, err = client.CloudAccounts.Get(t.Context(), 4)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.CloudAccounts.Get(t.Context(), 4)
	var odd *DecodeError
	require.ErrorAs(t, err, &odd)
}

func TestCloudAccountsList(t *testing.T) {
	exchange := wire{method: "GET", path: "/cloud-accounts", answer: `{"accountId":7,"cloudAccounts":[{"id":1},{"id":4}]}`}
	client := newWire(t, exchange, exchange, exchange, wire{method: "GET", path: "/cloud-accounts", status: 403})
	list, err := client.CloudAccounts.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &CloudAccountList{AccountID: 7, CloudAccounts: []CloudAccount{{ID: 1}, {ID: 4}}}, list)
	assertAll(t, client.CloudAccounts.All, func(a *CloudAccount) int { return a.ID }, 1, 4)
}

func cloudAccountRequest() *CloudAccountCreateRequest {
	return &CloudAccountCreateRequest{
		Name: "mine", AccessKeyID: "AKIA4", AccessSecretKey: "s3cret",
		ConsoleUsername: "me@example.com", ConsolePassword: "pa55", SignInLoginURL: "https://1.signin.aws.amazon.com/console",
	}
}

const cloudAccountBody = `"accessKeyId":"AKIA4","accessSecretKey":"s3cret","consoleUsername":"me@example.com","consolePassword":"pa55"`

func TestCloudAccountsCreate(t *testing.T) {
	const required = `{"name":"mine",` + cloudAccountBody + `,"signInLoginUrl":"https://1.signin.aws.amazon.com/console"`
	withProvider := cloudAccountRequest()
	withProvider.Provider = new(ProviderGCP)
	for body, req := range map[string]*CloudAccountCreateRequest{
		required + `}`:                  cloudAccountRequest(),
		required + `,"provider":"GCP"}`: withProvider,
	} {
		create := func(ctx context.Context, c *Client) (*Task[CloudAccount], error) {
			return c.CloudAccounts.Create(ctx, req)
		}
		post := wire{method: "POST", path: "/cloud-accounts", body: body, status: 202, answer: received}
		account, err := waitWire(t, create, post, completed(`{"resourceId":4}`), readCloudAccount("draft"))
		require.NoError(t, err)
		assert.Equal(t, CloudAccountStatusDraft, account.Status)

		account, err = provisionWire(t, create, post, completed(`{"resourceId":4}`), readCloudAccount("draft"), readCloudAccount("pending"), readCloudAccount("active"))
		require.NoError(t, err)
		assert.Equal(t, CloudAccountStatusActive, account.Status)

		for _, status := range []string{"error", "active-error"} {
			_, err = provisionWire(t, create, post, completed(`{"resourceId":4}`), readCloudAccount(status))
			var failed *ProvisionError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, "cloud account", failed.Kind)
		}
	}
}

func TestCloudAccountsUpdate(t *testing.T) {
	req := &CloudAccountUpdateRequest{AccessKeyID: "AKIA4", AccessSecretKey: "s3cret", ConsoleUsername: "me@example.com", ConsolePassword: "pa55"}
	all := *req
	all.Name, all.SignInLoginURL = new("mine"), new("https://x")
	for body, req := range map[string]*CloudAccountUpdateRequest{
		`{` + cloudAccountBody + `}`: req,
		`{"name":"mine",` + cloudAccountBody + `,"signInLoginUrl":"https://x"}`: &all,
	} {
		account, err := provisionWire(t,
			func(ctx context.Context, c *Client) (*Task[CloudAccount], error) {
				return c.CloudAccounts.Update(ctx, 4, req)
			},
			wire{method: "PUT", path: "/cloud-accounts/4", body: body, status: 202, answer: received},
			completed(`{}`), readCloudAccount("change-draft"), readCloudAccount("change-pending"), readCloudAccount("active"))
		require.NoError(t, err)
		assert.Equal(t, 4, account.ID)
	}
}

// A cloud account that is gone may still be shown as deleted.
func TestCloudAccountsDelete(t *testing.T) {
	for _, end := range []wire{readCloudAccount("deleted"), {method: "GET", path: "/cloud-accounts/4", status: 404, times: 2}} {
		_, err := provisionWire(t,
			func(ctx context.Context, c *Client) (*Task[None], error) { return c.CloudAccounts.Delete(ctx, 4) },
			wire{method: "DELETE", path: "/cloud-accounts/4", answer: received},
			completed(`{}`), readCloudAccount("delete-draft"), end)
		require.NoError(t, err)
	}
}

func TestCloudAccountDecodes(t *testing.T) {
	assertDecodes(t, CloudAccountList{
		AccountID: 7,
		CloudAccounts: []CloudAccount{{
			ID: 4, Name: "mine", Provider: ProviderAWS, Status: CloudAccountStatusChangePending, AccessKeyID: "A***4",
			SignInLoginURL: "https://1.signin.aws.amazon.com/console", AWSUserARN: "arn:aws:iam::1:user/redis",
			AWSConsoleRoleARN: "arn:aws:iam::1:role/redis", Links: Links{{Rel: "self", Href: "https://x/cloud-accounts/4"}},
		}},
		Links: Links{{Rel: "self", Href: "https://x/cloud-accounts"}},
	}, `{"accountId":7,"cloudAccounts":[{"id":4,"name":"mine","provider":"AWS","status":"change-pending","accessKeyId":"A***4",
		"signInLoginUrl":"https://1.signin.aws.amazon.com/console","awsUserArn":"arn:aws:iam::1:user/redis",
		"awsConsoleRoleArn":"arn:aws:iam::1:role/redis","links":[{"rel":"self","href":"https://x/cloud-accounts/4"}]}],
		"links":[{"rel":"self","href":"https://x/cloud-accounts"}]}`)
}

func TestCloudAccountsRefuse(t *testing.T) {
	ctx, s := t.Context(), newWire(t).CloudAccounts
	second := func(_ any, err error) error { return err }
	for want, change := range map[string]func(*CloudAccountCreateRequest){
		"Name is required":            func(r *CloudAccountCreateRequest) { r.Name = "" },
		"Provider must not be empty":  func(r *CloudAccountCreateRequest) { r.Provider = new(Provider("")) },
		"AccessKeyID is required":     func(r *CloudAccountCreateRequest) { r.AccessKeyID = "" },
		"AccessSecretKey is required": func(r *CloudAccountCreateRequest) { r.AccessSecretKey = "" },
		"ConsoleUsername is required": func(r *CloudAccountCreateRequest) { r.ConsoleUsername = "" },
		"ConsolePassword is required": func(r *CloudAccountCreateRequest) { r.ConsolePassword = "" },
		"SignInLoginURL is required":  func(r *CloudAccountCreateRequest) { r.SignInLoginURL = "" },
	} {
		req := cloudAccountRequest()
		change(req)
		require.EqualError(t, second(s.Create(ctx, req)), "rediscloud: POST /cloud-accounts: "+want)
	}
	for want, change := range map[string]func(*CloudAccountUpdateRequest){
		"Name must not be empty":           func(r *CloudAccountUpdateRequest) { r.Name = new("") },
		"AccessKeyID is required":          func(r *CloudAccountUpdateRequest) { r.AccessKeyID = "" },
		"AccessSecretKey is required":      func(r *CloudAccountUpdateRequest) { r.AccessSecretKey = "" },
		"ConsoleUsername is required":      func(r *CloudAccountUpdateRequest) { r.ConsoleUsername = "" },
		"ConsolePassword is required":      func(r *CloudAccountUpdateRequest) { r.ConsolePassword = "" },
		"SignInLoginURL must not be empty": func(r *CloudAccountUpdateRequest) { r.SignInLoginURL = new("") },
	} {
		req := &CloudAccountUpdateRequest{AccessKeyID: "k", AccessSecretKey: "s", ConsoleUsername: "u", ConsolePassword: "p"}
		change(req)
		require.EqualError(t, second(s.Update(ctx, 4, req)), "rediscloud: PUT /cloud-accounts/{cloudAccountId}: "+want)
	}
	require.EqualError(t, second(s.Create(ctx, nil)), "rediscloud: POST /cloud-accounts: the request is nil")
	require.EqualError(t, second(s.Update(ctx, 4, nil)), "rediscloud: PUT /cloud-accounts/{cloudAccountId}: the request is nil")
	for _, err := range []error{second(s.Get(ctx, 0)), second(s.Delete(ctx, 0))} {
		require.ErrorContains(t, err, "cloudAccountId must be positive, not 0")
	}
}

func TestCloudAccountSecretsAreNotPrinted(t *testing.T) {
	text := fmt.Sprintf("%+v %#v", cloudAccountRequest(), cloudAccountRequest())
	assert.NotContains(t, text, "s3cret")
	assert.NotContains(t, text, "pa55")
	assert.Contains(t, text, "AKIA4")
}
