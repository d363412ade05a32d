package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type subscriptionDataSource struct{ connected }

type subscriptionData struct {
	ID                types.Int64  `tfsdk:"id"`
	Name              types.String `tfsdk:"name"`
	CloudProvider     types.String `tfsdk:"cloud_provider"`
	Region            types.String `tfsdk:"region"`
	DeploymentCIDR    types.String `tfsdk:"deployment_cidr"`
	MemoryStorage     types.String `tfsdk:"memory_storage"`
	PaymentMethod     types.String `tfsdk:"payment_method"`
	PaymentMethodID   types.Int64  `tfsdk:"payment_method_id"`
	Status            types.String `tfsdk:"status"`
	NumberOfDatabases types.Int64  `tfsdk:"number_of_databases"`
}

func (d *subscriptionDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.use(req.ProviderData)
}

func (d *subscriptionDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "rediscloud_subscription"
}

func (d *subscriptionDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "A Pro subscription.",
		Attributes: map[string]schema.Attribute{
			"id":                  schema.Int64Attribute{Required: true, Description: "ID of the subscription."},
			"name":                schema.StringAttribute{Computed: true, Description: "Name."},
			"cloud_provider":      schema.StringAttribute{Computed: true, Description: "Cloud provider: AWS, GCP or Azure."},
			"region":              schema.StringAttribute{Computed: true, Description: "Region of the cloud provider; for an Active-Active subscription, one of its regions."},
			"deployment_cidr":     schema.StringAttribute{Computed: true, Description: "CIDR of its network."},
			"memory_storage":      schema.StringAttribute{Computed: true, Description: "Where data is stored."},
			"payment_method":      schema.StringAttribute{Computed: true, Description: "Payment method."},
			"payment_method_id":   schema.Int64Attribute{Computed: true, Description: "ID of the payment method."},
			"status":              schema.StringAttribute{Computed: true, Description: "Status in Redis Cloud."},
			"number_of_databases": schema.Int64Attribute{Computed: true, Description: "Number of databases."},
		},
	}
}

func (d *subscriptionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data subscriptionData
	if resp.Diagnostics.Append(req.Config.Get(ctx, &data)...); resp.Diagnostics.HasError() {
		return
	}
	sub, err := d.client.Subscriptions.Get(ctx, id(data.ID))
	if err != nil {
		resp.Diagnostics.Append(problem("read the subscription", err))
		return
	}
	var m subscriptionModel
	m.fill(sub)
	resp.Diagnostics.Append(resp.State.Set(ctx, subscriptionData{
		ID: m.ID, Name: m.Name, CloudProvider: m.CloudProvider, Region: m.Region, DeploymentCIDR: m.DeploymentCIDR, MemoryStorage: m.MemoryStorage,
		PaymentMethod: m.PaymentMethod, PaymentMethodID: m.PaymentMethodID, Status: m.Status, NumberOfDatabases: types.Int64Value(int64(sub.NumberOfDatabases)),
	})...)
}
