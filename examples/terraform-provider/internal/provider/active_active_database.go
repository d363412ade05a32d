package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type activeActiveDatabaseModel struct {
	ID                    types.Int64    `tfsdk:"id"`
	SubscriptionID        types.Int64    `tfsdk:"subscription_id"`
	Name                  types.String   `tfsdk:"name"`
	DatasetSizeInGB       types.Float64  `tfsdk:"dataset_size_in_gb"`
	RedisVersion          types.String   `tfsdk:"redis_version"`
	DataEvictionPolicy    types.String   `tfsdk:"data_eviction_policy"`
	EnableTLS             types.Bool     `tfsdk:"enable_tls"`
	GlobalDataPersistence types.String   `tfsdk:"global_data_persistence"`
	GlobalSourceIPs       types.Set      `tfsdk:"global_source_ips"`
	GlobalAlerts          types.Map      `tfsdk:"global_alerts"`
	GlobalPassword        types.String   `tfsdk:"global_password"`
	Reads                 types.Map      `tfsdk:"read_operations_per_second"`
	Writes                types.Map      `tfsdk:"write_operations_per_second"`
	Status                types.String   `tfsdk:"status"`
	PublicEndpoints       types.Map      `tfsdk:"public_endpoints"`
	PrivateEndpoints      types.Map      `tfsdk:"private_endpoints"`
	Timeouts              timeouts.Value `tfsdk:"timeouts"`
}

func activeActiveDatabaseSchema(context.Context) schema.Schema {
	return schema.Schema{
		Description: "A database of an Active-Active subscription, in all its regions. It is imported by subscription_id/id.",
		Attributes: map[string]schema.Attribute{
			"id":                          idAttribute("Id of the database."),
			"subscription_id":             parentAttribute("Id of the Active-Active subscription that it is in."),
			"name":                        schema.StringAttribute{Required: true, Description: "Name, of up to 40 letters, digits and hyphens."},
			"dataset_size_in_gb":          schema.Float64Attribute{Required: true, Description: "The most data that it holds in each region, at least 0.1. It takes twice that in memory."},
			"redis_version":               fixedText("Version of Redis, such as 7.4."),
			"data_eviction_policy":        optionalText("What goes when the memory is full, such as volatile-lru."),
			"enable_tls":                  optionalFlag("Whether clients have to use TLS."),
			"global_data_persistence":     optionalText("How data is kept on disk, such as none or aof-every-1-second."),
			"global_source_ips":           sourceIPsAttribute(),
			"global_alerts":               alertsAttribute(),
			"global_password":             secretText("Password of the default user; made up by Redis Cloud if not given."),
			"read_operations_per_second":  operationsAttribute("What each region is built to carry in reads, by its name, such as us-east-1."),
			"write_operations_per_second": operationsAttribute("What each region is built to carry in writes, by its name."),
			"status":                      statusAttribute(),
			"public_endpoints":            endpointsAttribute("Where each region is reached from anywhere, as host:port."),
			"private_endpoints":           endpointsAttribute("Where each region is reached from private networks, as host:port."),
		},
	}
}

func operationsAttribute(description string) schema.Attribute {
	return schema.MapAttribute{
		ElementType: types.Int64Type, Optional: true, Computed: true, Description: description + " Name all regions or none.",
		PlanModifiers: []planmodifier.Map{mapplanmodifier.UseStateForUnknown()},
	}
}

func endpointsAttribute(description string) schema.Attribute {
	return schema.MapAttribute{
		ElementType: types.StringType, Computed: true, Description: description,
		PlanModifiers: []planmodifier.Map{mapplanmodifier.UseNonNullStateForUnknown()},
	}
}

func (m *activeActiveDatabaseModel) key() (int, string) {
	return id(m.SubscriptionID), m.Name.ValueString()
}

func (m *activeActiveDatabaseModel) turn() int { return id(m.SubscriptionID) }

// create sends what a create takes. The global settings aren't among it: the update that follows a create brings them.
func (m *activeActiveDatabaseModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.Database], error) {
	req := &rediscloud.DatabaseCreateRequest{
		Name:               m.Name.ValueString(),
		DatasetSizeInGB:    optionalFloat(m.DatasetSizeInGB),
		RedisVersion:       optional[string](m.RedisVersion),
		DataEvictionPolicy: optional[rediscloud.EvictionPolicy](m.DataEvictionPolicy),
	}
	for _, region := range m.regions(&activeActiveDatabaseModel{}) {
		req.LocalThroughputMeasurement = append(req.LocalThroughputMeasurement, *region.LocalThroughputMeasurement)
	}
	return client.Databases.Create(ctx, id(m.SubscriptionID), req)
}

func (m *activeActiveDatabaseModel) read(ctx context.Context, client *rediscloud.Client) (*rediscloud.Database, error) {
	return client.Databases.Get(ctx, id(m.SubscriptionID), id(m.ID))
}

func (m *activeActiveDatabaseModel) update(state *activeActiveDatabaseModel) request[rediscloud.Database] {
	req := &rediscloud.DatabaseRegionsUpdateRequest{
		Name:                  optional[string](changed(m.Name, state.Name)),
		DatasetSizeInGB:       optionalFloat(changed(m.DatasetSizeInGB, state.DatasetSizeInGB)),
		DataEvictionPolicy:    optional[rediscloud.EvictionPolicy](changed(m.DataEvictionPolicy, state.DataEvictionPolicy)),
		EnableTLS:             optionalBool(changed(m.EnableTLS, state.EnableTLS)),
		GlobalDataPersistence: optional[rediscloud.DataPersistence](changed(m.GlobalDataPersistence, state.GlobalDataPersistence)),
		GlobalSourceIPs:       texts(changed(m.GlobalSourceIPs, state.GlobalSourceIPs)),
		GlobalAlerts:          changedAlerts(m.GlobalAlerts, state.GlobalAlerts),
		GlobalPassword:        optional[rediscloud.Secret](changed(m.GlobalPassword, state.GlobalPassword)),
		Regions:               m.regions(state),
	}
	if isZero(req) {
		return nil
	}
	return func(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.Database], error) {
		return client.Databases.UpdateRegions(ctx, id(m.SubscriptionID), id(state.ID), req)
	}
}

// regions are those that are to carry something else than in the state.
func (m *activeActiveDatabaseModel) regions(state *activeActiveDatabaseModel) (updates []rediscloud.DatabaseRegionUpdate) {
	names := map[string]bool{}
	for _, operations := range []types.Map{m.Reads, m.Writes} {
		for name := range operations.Elements() {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		reads, writes := operationsIn(m.Reads, name), operationsIn(m.Writes, name)
		if changed(reads, operationsIn(state.Reads, name)).IsNull() && changed(writes, operationsIn(state.Writes, name)).IsNull() {
			continue
		}
		updates = append(updates, rediscloud.DatabaseRegionUpdate{Region: name, LocalThroughputMeasurement: &rediscloud.LocalThroughput{
			Region: new(name), ReadOperationsPerSecond: optionalInt64(reads), WriteOperationsPerSecond: optionalInt64(writes),
		}})
	}
	return updates
}

func operationsIn(operations types.Map, region string) types.Int64 {
	number, _ := operations.Elements()[region].(types.Int64)
	return number
}

func (m *activeActiveDatabaseModel) delete(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error) {
	return client.Databases.Delete(ctx, id(m.SubscriptionID), id(m.ID))
}

func (m *activeActiveDatabaseModel) fill(db *rediscloud.Database) {
	m.ID = types.Int64Value(int64(db.ID))
	m.Name = text(db.Name)
	m.DataEvictionPolicy = text(db.DataEvictionPolicy)
	m.GlobalDataPersistence = text(db.GlobalDataPersistence)
	m.GlobalSourceIPs = textSet(db.GlobalSourceIPs)
	m.GlobalAlerts = alertMap(m.GlobalAlerts, db.GlobalAlerts)
	m.Status = text(db.Status)
	if password := string(db.GlobalPassword); strings.Trim(password, "*") != "" || !given(m.GlobalPassword) {
		m.GlobalPassword = text(password) // else it is hidden, and taken to be what it was
	}
	version, size, tls := firstOf(db.RedisVersion, db.RedisVersionCompliance), db.DatasetSizeInGB, db.Security.EnableTLS
	reads, writes, public, private := map[string]attr.Value{}, map[string]attr.Value{}, map[string]attr.Value{}, map[string]attr.Value{}
	for _, region := range db.Regions {
		version, size, tls = firstOf(version, region.RedisVersionCompliance), max(size, region.DatasetSizeInGB), tls || region.Security.EnableTLS
		reads[region.Region], writes[region.Region] = types.Int64Value(region.ReadOperationsPerSecond), types.Int64Value(region.WriteOperationsPerSecond)
		if region.PublicEndpoint != "" {
			public[region.Region] = text(region.PublicEndpoint)
		}
		if region.PrivateEndpoint != "" {
			private[region.Region] = text(region.PrivateEndpoint)
		}
	}
	m.RedisVersion, m.DatasetSizeInGB, m.EnableTLS = text(version), types.Float64Value(size), types.BoolValue(tls)
	m.Reads, m.Writes = types.MapValueMust(types.Int64Type, reads), types.MapValueMust(types.Int64Type, writes)
	m.PublicEndpoints, m.PrivateEndpoints = textMap(public), textMap(private)
}

// textMap is a map that is null while there is nothing in it.
func textMap(elements map[string]attr.Value) types.Map {
	if len(elements) == 0 {
		return types.MapNull(types.StringType)
	}
	return types.MapValueMust(types.StringType, elements)
}
