package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type databaseDataSource struct{ connected }

func (d *databaseDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.use(req.ProviderData)
}

func (d *databaseDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "rediscloud_database"
}

func (d *databaseDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "A database of a Pro subscription.",
		Attributes: map[string]schema.Attribute{
			"id":                               schema.Int64Attribute{Required: true, Description: "ID of the database."},
			"subscription_id":                  schema.Int64Attribute{Required: true, Description: "ID of its subscription."},
			"name":                             schema.StringAttribute{Computed: true, Description: "Name."},
			"dataset_size_in_gb":               schema.Float64Attribute{Computed: true, Description: "Maximum data."},
			"throughput_operations_per_second": schema.Int64Attribute{Computed: true, Description: "Throughput."},
			"protocol":                         schema.StringAttribute{Computed: true, Description: "Protocol."},
			"redis_version":                    schema.StringAttribute{Computed: true, Description: "Version of Redis."},
			"data_persistence":                 schema.StringAttribute{Computed: true, Description: "How data is persisted."},
			"data_eviction_policy":             schema.StringAttribute{Computed: true, Description: "What is evicted when the memory is full."},
			"replication":                      schema.BoolAttribute{Computed: true, Description: "Whether the data is replicated."},
			"enable_tls":                       schema.BoolAttribute{Computed: true, Description: "Whether clients must use TLS."},
			"source_ips":                       schema.SetAttribute{ElementType: types.StringType, Computed: true, Description: "Addresses or CIDRs that clients may connect from."},
			"alerts":                           schema.MapAttribute{ElementType: types.Int64Type, Computed: true, Description: "Alerts: name to the value above which it is raised."},
			"password":                         schema.StringAttribute{Computed: true, Sensitive: true, Description: "Password of the default user."},
			"status":                           schema.StringAttribute{Computed: true, Description: "Status in Redis Cloud."},
			"public_endpoint":                  schema.StringAttribute{Computed: true, Description: "Public endpoint, as host:port."},
			"private_endpoint":                 schema.StringAttribute{Computed: true, Description: "Private endpoint, as host:port."},
		},
	}
}

func (d *databaseDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data databaseAttributes
	if resp.Diagnostics.Append(req.Config.Get(ctx, &data)...); resp.Diagnostics.HasError() {
		return
	}
	db, err := d.client.Databases.Get(ctx, id(data.SubscriptionID), id(data.ID))
	if err != nil {
		resp.Diagnostics.Append(problem("read the database", err))
		return
	}
	data.fill(db)
	resp.Diagnostics.Append(resp.State.Set(ctx, data)...)
}
