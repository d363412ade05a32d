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
			"id":                  schema.Int64Attribute{Required: true, Description: "Id of the subscription."},
			"name":                schema.StringAttribute{Computed: true, Description: "Name."},
			"cloud_provider":      schema.StringAttribute{Computed: true, Description: "Where it is: AWS, GCP or Azure."},
			"region":              schema.StringAttribute{Computed: true, Description: "Region, as the cloud provider calls it; of an Active-Active subscription, one of them."},
			"deployment_cidr":     schema.StringAttribute{Computed: true, Description: "Addresses of its network."},
			"memory_storage":      schema.StringAttribute{Computed: true, Description: "What data is held in."},
			"payment_method":      schema.StringAttribute{Computed: true, Description: "How it is paid."},
			"payment_method_id":   schema.Int64Attribute{Computed: true, Description: "What it is paid with."},
			"status":              schema.StringAttribute{Computed: true, Description: "Status, as Redis Cloud has it."},
			"number_of_databases": schema.Int64Attribute{Computed: true, Description: "How many databases it holds."},
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
