package provider

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

// proSubscription contains what all Pro subscriptions have, Active-Active or
// not.
type proSubscription struct {
	ID              types.Int64        `tfsdk:"id"`
	Name            types.String       `tfsdk:"name"`
	CloudProvider   types.String       `tfsdk:"cloud_provider"`
	PaymentMethod   types.String       `tfsdk:"payment_method"`
	PaymentMethodID types.Int64        `tfsdk:"payment_method_id"`
	CreationPlan    *creationPlanModel `tfsdk:"creation_plan"`
	Status          types.String       `tfsdk:"status"`
	Timeouts        timeouts.Value     `tfsdk:"timeouts"`
}

// creationPlanModel is what Redis Cloud sizes a subscription for. The API
// creates none without databases: those of the plan are created along with it,
// and removed once the subscription is active.
type creationPlanModel struct {
	DatasetSizeInGB      types.Float64 `tfsdk:"dataset_size_in_gb"`
	Quantity             types.Int64   `tfsdk:"quantity"`
	Replication          types.Bool    `tfsdk:"replication"`
	ThroughputOperations types.Int64   `tfsdk:"throughput_operations_per_second"`
}

func proSubscriptionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":             idAttribute("ID of the subscription."),
		"name":           schema.StringAttribute{Required: true, Description: "Name."},
		"cloud_provider": fixedText("Cloud provider: AWS, GCP or Azure. By default AWS."),
		"payment_method": optionalText("Payment method: credit-card or marketplace."),
		"payment_method_id": schema.Int64Attribute{
			Optional: true, Computed: true, Description: "ID of the payment method, for credit-card.",
			PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"creation_plan": schema.SingleNestedAttribute{
			Optional: true, Description: "What Redis Cloud sizes the subscription for: databases that are created along with it and removed once it is active. " +
				"By default one of 1 GB. It is used for the creation only.",
			Attributes: map[string]schema.Attribute{
				"dataset_size_in_gb":               schema.Float64Attribute{Required: true, Description: "Size of each database."},
				"quantity":                         schema.Int64Attribute{Optional: true, Description: "Number of databases."},
				"replication":                      schema.BoolAttribute{Optional: true, Description: "Whether their data is replicated."},
				"throughput_operations_per_second": schema.Int64Attribute{Optional: true, Description: "Throughput of each, if it is in one region."},
			},
		},
		"status": statusAttribute(),
	}
}

func (m *proSubscription) key() (int, string) { return 0, m.Name.ValueString() }

// turn returns the subscription, once it exists: it takes one change at a time.
func (m *proSubscription) turn() int { return id(m.ID) }

func (m *proSubscription) createIn(ctx context.Context, client *rediscloud.Client, req *rediscloud.SubscriptionCreateRequest, regions []rediscloud.CloudRegionSpec) (*rediscloud.Task[rediscloud.Subscription], error) {
	req.Name, req.PaymentMethod, req.PaymentMethodID = optional[string](m.Name), optional[rediscloud.PaymentMethod](m.PaymentMethod), optionalInt(m.PaymentMethodID)
	req.CloudProviders = []rediscloud.CloudProviderSpec{{Provider: optional[rediscloud.Provider](m.CloudProvider), Regions: regions}}
	req.Databases = []rediscloud.SubscriptionDatabaseSpec{m.CreationPlan.spec()}
	return client.Subscriptions.Create(ctx, req)
}

func (m *proSubscription) read(ctx context.Context, client *rediscloud.Client) (*rediscloud.Subscription, error) {
	return client.Subscriptions.Get(ctx, id(m.ID))
}

func (m *proSubscription) updateFrom(state *proSubscription) request[rediscloud.Subscription] {
	req := &rediscloud.SubscriptionUpdateRequest{Name: optional[string](changed(m.Name, state.Name))}
	method, number := changed(m.PaymentMethod, state.PaymentMethod), changed(m.PaymentMethodID, state.PaymentMethodID)
	if given(method) || given(number) {
		req.PaymentMethod, req.PaymentMethodID = optional[rediscloud.PaymentMethod](m.PaymentMethod), optionalInt(m.PaymentMethodID)
	}
	if isZero(req) {
		return nil
	}
	return func(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.Subscription], error) {
		return client.Subscriptions.Update(ctx, id(state.ID), req)
	}
}

// planDatabase is the prefix of the names of a creation plan's databases.
const planDatabase = "creation-plan"

// finish removes the databases of the creation plan.
func (m *proSubscription) finish(ctx context.Context, client *rediscloud.Client, sub *rediscloud.Subscription) (*rediscloud.Subscription, error) {
	databases, err := client.Databases.WaitAllProvisioned(ctx, sub.ID)
	if err != nil {
		return nil, err
	}
	for _, db := range databases {
		if rest, ok := strings.CutPrefix(db.Name, planDatabase); !ok || rest != "" && !strings.HasPrefix(rest, "-") {
			continue
		}
		_, err := rediscloud.InTurn(ctx, client, sub.ID, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
			return client.Databases.Delete(ctx, sub.ID, db.ID)
		})
		if err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
			return nil, err
		}
	}
	return sub, nil
}

// delete first waits until removed databases are no longer listed: until then,
// the subscription counts as in use.
func (m *proSubscription) delete(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error) {
	for holdsGhosts(ctx, client, id(m.ID)) {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return client.Subscriptions.Delete(ctx, id(m.ID))
}

// holdsGhosts reports whether there are databases in the list, all of which are
// gone.
func holdsGhosts(ctx context.Context, client *rediscloud.Client, subscriptionID int) (found bool) {
	for db, err := range client.Databases.All(ctx, subscriptionID, nil) {
		if err != nil {
			return false
		}
		if _, err := client.Databases.Get(ctx, subscriptionID, db.ID); !errors.Is(err, rediscloud.ErrNotFound) {
			return false
		}
		found = true
	}
	return found
}

func (m *proSubscription) fill(sub *rediscloud.Subscription) {
	m.ID = types.Int64Value(int64(sub.ID))
	m.Name = text(sub.Name)
	m.PaymentMethod = text(sub.PaymentMethodType)
	m.PaymentMethodID = types.Int64Null()
	if sub.PaymentMethodID > 0 {
		m.PaymentMethodID = types.Int64Value(int64(sub.PaymentMethodID))
	}
	m.Status = text(sub.Status)
	m.CloudProvider = types.StringNull()
	for _, cloud := range sub.CloudDetails {
		m.CloudProvider = text(cloud.Provider)
	}
}

// networks returns the regions of a subscription, each with the CIDR of its
// network.
func networks(sub *rediscloud.Subscription) map[string]string {
	ranges := map[string]string{}
	for _, cloud := range sub.CloudDetails {
		for _, region := range cloud.Regions {
			ranges[region.Region] = ""
			for _, network := range region.Networking {
				ranges[region.Region] = network.DeploymentCIDR
			}
		}
	}
	return ranges
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

type subscriptionModel struct {
	proSubscription
	Region         types.String `tfsdk:"region"`
	DeploymentCIDR types.String `tfsdk:"deployment_cidr"`
	MemoryStorage  types.String `tfsdk:"memory_storage"`
}

func subscriptionSchema(context.Context) schema.Schema {
	attributes := proSubscriptionAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"region": schema.StringAttribute{
			Required: true, Description: "Region of the cloud provider.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"deployment_cidr": fixedText("CIDR of its network, a /24 such as 10.0.0.0/24."),
		"memory_storage":  fixedText("Where data is stored: ram or ram-and-flash."),
	})
	return schema.Schema{Description: "A Pro subscription in one region, without databases at first. Imported by id.", Attributes: attributes}
}

func (m *subscriptionModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.Subscription], error) {
	region := rediscloud.CloudRegionSpec{Region: m.Region.ValueString()}
	if given(m.DeploymentCIDR) {
		region.Networking = &rediscloud.CloudNetworkingSpec{DeploymentCIDR: optional[string](m.DeploymentCIDR)}
	}
	return m.createIn(ctx, client, &rediscloud.SubscriptionCreateRequest{MemoryStorage: optional[rediscloud.MemoryStorage](m.MemoryStorage)}, []rediscloud.CloudRegionSpec{region})
}

func (m *subscriptionModel) update(state *subscriptionModel) request[rediscloud.Subscription] {
	return m.updateFrom(&state.proSubscription)
}

func (m *subscriptionModel) fill(sub *rediscloud.Subscription) {
	m.proSubscription.fill(sub)
	m.MemoryStorage = text(sub.MemoryStorage)
	m.Region, m.DeploymentCIDR = types.StringNull(), types.StringNull()
	for region, cidr := range networks(sub) {
		m.Region, m.DeploymentCIDR = text(region), text(cidr)
	}
}
