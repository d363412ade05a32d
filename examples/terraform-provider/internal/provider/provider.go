// Package provider is a Terraform provider for Redis Cloud.
package provider

import (
	"context"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

// Address is the name by which configurations request the provider.
const Address = "registry.terraform.io/rediscloud-go/rediscloud"

// envPollDelay is the pause between two polls, for tests against a fast fake.
const envPollDelay = "REDISCLOUD_TEST_POLL_DELAY"

// New returns the provider. opts are applied after the configured options.
func New(version string, opts ...rediscloud.Option) func() provider.Provider {
	return func() provider.Provider { return &redisCloud{version: version, opts: opts} }
}

type redisCloud struct {
	version string
	opts    []rediscloud.Option
}

// connection is what the resources share. There is one client for all of them:
// it has the queues of InTurn, and the rate limit.
type connection struct {
	client  *rediscloud.Client
	journal *tasks
}

type providerModel struct {
	AccessKey types.String `tfsdk:"access_key"`
	SecretKey types.String `tfsdk:"secret_key"`
	URL       types.String `tfsdk:"url"`
	TaskDir   types.String `tfsdk:"task_dir"`
}

func (p *redisCloud) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName, resp.Version = "rediscloud", p.version
}

func (p *redisCloud) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "Redis Cloud: subscriptions, databases, VPC peerings, and who may use a database.",
		Attributes: map[string]schema.Attribute{
			"access_key": schema.StringAttribute{Optional: true, Sensitive: true, Description: "Account key. By default REDISCLOUD_ACCESS_KEY."},
			"secret_key": schema.StringAttribute{Optional: true, Sensitive: true, Description: "Secret key. By default REDISCLOUD_SECRET_KEY."},
			"url":        schema.StringAttribute{Optional: true, Description: "Base URL of the API. By default REDISCLOUD_URL, otherwise the real API."},
			"task_dir": schema.StringAttribute{Optional: true, Description: "Directory in which unfinished creates are recorded, so the next apply continues one that was killed. " +
				"By default rediscloud-tasks in Terraform's data directory, .terraform."},
		},
	}
}

func (p *redisCloud) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	for name, value := range map[string]types.String{"access_key": config.AccessKey, "secret_key": config.SecretKey, "url": config.URL, "task_dir": config.TaskDir} {
		if value.IsUnknown() {
			resp.Diagnostics.AddAttributeError(path.Root(name), "Unknown value", "It must be known before resources are planned: take it from a variable or from the environment.")
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	accessKey := firstOf(config.AccessKey.ValueString(), os.Getenv(rediscloud.EnvAccountKey))
	secretKey := firstOf(config.SecretKey.ValueString(), os.Getenv(rediscloud.EnvSecretKey))
	url := firstOf(config.URL.ValueString(), os.Getenv(rediscloud.EnvBaseURL), rediscloud.DefaultBaseURL)
	if accessKey == "" || secretKey == "" {
		resp.Diagnostics.AddError("No keys", "Set access_key and secret_key of the provider, or REDISCLOUD_ACCESS_KEY and REDISCLOUD_SECRET_KEY in the environment.")
		return
	}
	opts := []rediscloud.Option{
		rediscloud.WithBaseURL(url),
		rediscloud.WithCredentials(accessKey, secretKey),
		rediscloud.WithUserAgent("terraform-provider-rediscloud/" + p.version),
		rediscloud.WithLogger(newLogger()),
	}
	if delay, err := time.ParseDuration(os.Getenv(envPollDelay)); err == nil {
		opts = append(opts, rediscloud.WithWaitOptions(rediscloud.WithPollDelay(delay, 2*delay), rediscloud.WithSettling(5*delay)))
	}
	client, err := rediscloud.NewClient(append(opts, p.opts...)...)
	if err != nil {
		resp.Diagnostics.AddError("The provider can't be configured", err.Error())
		return
	}
	c := &connection{client: client, journal: newTasks(config.TaskDir.ValueString(), url, accessKey)}
	resp.ResourceData, resp.DataSourceData = c, c
}

func (p *redisCloud) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		resourceOf[subscriptionModel, rediscloud.Subscription]("subscription", "subscription", subscriptionSchema, "id"),
		resourceOf[activeActiveSubscriptionModel, rediscloud.Subscription]("active_active_subscription", "Active-Active subscription", activeActiveSubscriptionSchema, "id"),
		resourceOf[databaseModel, rediscloud.Database]("database", "database", databaseSchema, "subscription_id", "id"),
		resourceOf[activeActiveDatabaseModel, rediscloud.Database]("active_active_database", "Active-Active database", activeActiveDatabaseSchema, "subscription_id", "id"),
		resourceOf[essentialsDatabaseModel, rediscloud.EssentialsDatabase]("essentials_database", "Essentials database", essentialsDatabaseSchema, "subscription_id", "id"),
		resourceOf[vpcPeeringModel, rediscloud.VPCPeering]("vpc_peering", "VPC peering", vpcPeeringSchema, "subscription_id", "id"),
		resourceOf[aclRuleModel, rediscloud.ACLRedisRule]("acl_rule", "ACL rule", aclRuleSchema, "id"),
		resourceOf[aclRoleModel, rediscloud.ACLRole]("acl_role", "ACL role", aclRoleSchema, "id"),
		resourceOf[aclUserModel, rediscloud.ACLUser]("acl_user", "ACL user", aclUserSchema, "id"),
	}
}

func (p *redisCloud) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return &subscriptionDataSource{} },
		func() datasource.DataSource { return &databaseDataSource{} },
	}
}

// connected is embedded in all resources and data sources.
type connected struct{ *connection }

func (c *connected) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	c.use(req.ProviderData)
}

// use sets the provider's connection. There is none while Terraform validates.
func (c *connected) use(data any) {
	if data, ok := data.(*connection); ok {
		c.connection = data
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
