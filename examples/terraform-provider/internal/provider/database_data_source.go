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
			"id":                               schema.Int64Attribute{Required: true, Description: "Id of the database."},
			"subscription_id":                  schema.Int64Attribute{Required: true, Description: "Id of the subscription that it is in."},
			"name":                             schema.StringAttribute{Computed: true, Description: "Name."},
			"dataset_size_in_gb":               schema.Float64Attribute{Computed: true, Description: "The most data that it holds."},
			"throughput_operations_per_second": schema.Int64Attribute{Computed: true, Description: "What it is built to carry."},
			"protocol":                         schema.StringAttribute{Computed: true, Description: "Protocol."},
			"redis_version":                    schema.StringAttribute{Computed: true, Description: "Version of Redis."},
			"data_persistence":                 schema.StringAttribute{Computed: true, Description: "How data is kept on disk."},
			"data_eviction_policy":             schema.StringAttribute{Computed: true, Description: "What goes when the memory is full."},
			"replication":                      schema.BoolAttribute{Computed: true, Description: "Whether the data is held twice."},
			"enable_tls":                       schema.BoolAttribute{Computed: true, Description: "Whether clients have to use TLS."},
			"source_ips":                       schema.SetAttribute{ElementType: types.StringType, Computed: true, Description: "Addresses or CIDRs that clients may come from."},
			"alerts":                           schema.MapAttribute{ElementType: types.Int64Type, Computed: true, Description: "Alerts, with the value above which each is raised."},
			"password":                         schema.StringAttribute{Computed: true, Sensitive: true, Description: "Password of the default user."},
			"status":                           schema.StringAttribute{Computed: true, Description: "Status, as Redis Cloud has it."},
			"public_endpoint":                  schema.StringAttribute{Computed: true, Description: "Where it is reached from anywhere, as host:port."},
			"private_endpoint":                 schema.StringAttribute{Computed: true, Description: "Where it is reached from private networks, as host:port."},
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
