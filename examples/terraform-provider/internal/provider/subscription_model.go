package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

// planDatabase begins the name of the databases that a subscription is created with, and which are removed at once.
const planDatabase = "creation-plan"

type subscriptionModel struct {
	ID              types.Int64        `tfsdk:"id"`
	Name            types.String       `tfsdk:"name"`
	CloudProvider   types.String       `tfsdk:"cloud_provider"`
	Region          types.String       `tfsdk:"region"`
	DeploymentCIDR  types.String       `tfsdk:"deployment_cidr"`
	MemoryStorage   types.String       `tfsdk:"memory_storage"`
	PaymentMethod   types.String       `tfsdk:"payment_method"`
	PaymentMethodID types.Int64        `tfsdk:"payment_method_id"`
	CreationPlan    *creationPlanModel `tfsdk:"creation_plan"`
	Status          types.String       `tfsdk:"status"`
	Timeouts        timeouts.Value     `tfsdk:"timeouts"`
}

type creationPlanModel struct {
	DatasetSizeInGB      types.Float64 `tfsdk:"dataset_size_in_gb"`
	Quantity             types.Int64   `tfsdk:"quantity"`
	Replication          types.Bool    `tfsdk:"replication"`
	ThroughputOperations types.Int64   `tfsdk:"throughput_operations_per_second"`
}

// read takes over all that the API tells.
func (m *subscriptionModel) read(sub *rediscloud.Subscription) {
	m.ID = types.Int64Value(int64(sub.ID))
	m.Name = text(sub.Name)
	m.MemoryStorage = text(sub.MemoryStorage)
	m.PaymentMethod = text(sub.PaymentMethodType)
	m.PaymentMethodID = types.Int64Null()
	if sub.PaymentMethodID > 0 {
		m.PaymentMethodID = types.Int64Value(int64(sub.PaymentMethodID))
	}
	m.Status = text(sub.Status)
	m.CloudProvider, m.Region, m.DeploymentCIDR = types.StringNull(), types.StringNull(), types.StringNull()
	for _, cloud := range sub.CloudDetails {
		m.CloudProvider = text(cloud.Provider)
		for _, region := range cloud.Regions {
			m.Region = text(region.Region)
			for _, network := range region.Networking {
				m.DeploymentCIDR = text(network.DeploymentCIDR)
			}
		}
	}
}

func (m *subscriptionModel) createRequest() *rediscloud.SubscriptionCreateRequest {
	region := rediscloud.CloudRegionSpec{Region: m.Region.ValueString()}
	if given(m.DeploymentCIDR) {
		region.Networking = &rediscloud.CloudNetworkingSpec{DeploymentCIDR: optional[string](m.DeploymentCIDR)}
	}
	return &rediscloud.SubscriptionCreateRequest{
		Name:            optional[string](m.Name),
		MemoryStorage:   optional[rediscloud.MemoryStorage](m.MemoryStorage),
		PaymentMethod:   optional[rediscloud.PaymentMethod](m.PaymentMethod),
		PaymentMethodID: optionalInt(m.PaymentMethodID),
		CloudProviders: []rediscloud.CloudProviderSpec{{
			Provider: optional[rediscloud.Provider](m.CloudProvider),
			Regions:  []rediscloud.CloudRegionSpec{region},
		}},
		Databases: []rediscloud.SubscriptionDatabaseSpec{m.CreationPlan.spec()},
	}
}

func (m *creationPlanModel) spec() rediscloud.SubscriptionDatabaseSpec {
	if m == nil {
		return rediscloud.SubscriptionDatabaseSpec{Name: planDatabase, DatasetSizeInGB: new(1.0)}
	}
	return rediscloud.SubscriptionDatabaseSpec{
		Name:                  planDatabase,
		DatasetSizeInGB:       optionalFloat(m.DatasetSizeInGB),
		Quantity:              optionalInt(m.Quantity),
		Replication:           optionalBool(m.Replication),
		ThroughputMeasurement: throughput(m.ThroughputOperations),
	}
}

// isPlanned tells the databases that a subscription was created with.
func isPlanned(db *rediscloud.Database) bool {
	rest, ok := strings.CutPrefix(db.Name, planDatabase)
	return ok && (rest == "" || strings.HasPrefix(rest, "-"))
}

// updateRequest holds what is to be other than in the state. needed is false if that is nothing.
func (m *subscriptionModel) updateRequest(state *subscriptionModel) (req *rediscloud.SubscriptionUpdateRequest, needed bool) {
	req = &rediscloud.SubscriptionUpdateRequest{Name: optional[string](changedString(m.Name, state.Name))}
	method := optional[rediscloud.PaymentMethod](changedString(m.PaymentMethod, state.PaymentMethod))
	number := optionalInt(changed(m.PaymentMethodID, state.PaymentMethodID, types.Int64Null()))
	if method != nil || number != nil {
		req.PaymentMethod, req.PaymentMethodID = optional[rediscloud.PaymentMethod](m.PaymentMethod), optionalInt(m.PaymentMethodID)
	}
	return req, req.Name != nil || req.PaymentMethod != nil || req.PaymentMethodID != nil
}
