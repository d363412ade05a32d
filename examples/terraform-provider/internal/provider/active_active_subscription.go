package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type activeActiveSubscriptionModel struct {
	proSubscription
	Regions types.Map `tfsdk:"regions"`
}

func activeActiveSubscriptionSchema(context.Context) schema.Schema {
	attributes := proSubscriptionAttributes()
	attributes["regions"] = schema.MapAttribute{
		ElementType: types.StringType, Required: true,
		Description:   "Regions of the cloud provider, each with the CIDR of its network, a /24 such as 10.0.0.0/24. Changing the regions replaces the subscription.",
		PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
	}
	return schema.Schema{
		Description: "An Active-Active subscription, whose databases are in all its regions. It has no databases at first. Imported by id.", Attributes: attributes,
	}
}

func (m *activeActiveSubscriptionModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.Subscription], error) {
	var regions []rediscloud.CloudRegionSpec
	ranges := m.Regions.Elements()
	for _, name := range slices.Sorted(maps.Keys(ranges)) {
		cidr, _ := ranges[name].(types.String)
		regions = append(regions, rediscloud.CloudRegionSpec{Region: name, Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: optional[string](cidr)}})
	}
	return m.createIn(ctx, client, &rediscloud.SubscriptionCreateRequest{DeploymentType: new(rediscloud.DeploymentTypeActiveActive)}, regions)
}

func (m *activeActiveSubscriptionModel) update(state *activeActiveSubscriptionModel) request[rediscloud.Subscription] {
	return m.updateFrom(&state.proSubscription)
}

func (m *activeActiveSubscriptionModel) fill(sub *rediscloud.Subscription) {
	m.proSubscription.fill(sub)
	ranges := map[string]attr.Value{}
	for region, cidr := range networks(sub) {
		ranges[region] = text(cidr)
	}
	m.Regions = types.MapValueMust(types.StringType, ranges)
}
