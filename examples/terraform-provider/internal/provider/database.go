package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

// oneRegion is what databases in one region have, Pro and Essentials ones.
type oneRegion struct {
	ID                 types.Int64   `tfsdk:"id"`
	SubscriptionID     types.Int64   `tfsdk:"subscription_id"`
	Name               types.String  `tfsdk:"name"`
	DatasetSizeInGB    types.Float64 `tfsdk:"dataset_size_in_gb"`
	Protocol           types.String  `tfsdk:"protocol"`
	RedisVersion       types.String  `tfsdk:"redis_version"`
	DataPersistence    types.String  `tfsdk:"data_persistence"`
	DataEvictionPolicy types.String  `tfsdk:"data_eviction_policy"`
	Replication        types.Bool    `tfsdk:"replication"`
	EnableTLS          types.Bool    `tfsdk:"enable_tls"`
	SourceIPs          types.Set     `tfsdk:"source_ips"`
	Alerts             types.Map     `tfsdk:"alerts"`
	Password           types.String  `tfsdk:"password"`
	Status             types.String  `tfsdk:"status"`
	PublicEndpoint     types.String  `tfsdk:"public_endpoint"`
	PrivateEndpoint    types.String  `tfsdk:"private_endpoint"`
}

func (m *oneRegion) key() (int, string) { return id(m.SubscriptionID), m.Name.ValueString() }

func oneRegionAttributes(protocols string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                   idAttribute("Id of the database."),
		"subscription_id":      parentAttribute("Id of the subscription that it is in."),
		"name":                 schema.StringAttribute{Required: true, Description: "Name, of up to 40 letters, digits and hyphens."},
		"protocol":             fixedText("Protocol: " + protocols + "."),
		"redis_version":        fixedText("Version of Redis, such as 7.4."),
		"data_persistence":     optionalText("How data is kept on disk, such as none or aof-every-1-second."),
		"data_eviction_policy": optionalText("What goes when the memory is full, such as volatile-lru."),
		"replication":          optionalFlag("Whether the data is held twice."),
		"enable_tls":           optionalFlag("Whether clients have to use TLS."),
		"source_ips":           sourceIPsAttribute(),
		"alerts":               alertsAttribute(),
		"password":             secretText("Password of the default user; made up by Redis Cloud if not given."),
		"status":               statusAttribute(),
		"public_endpoint":      shown("Where it is reached from anywhere, as host:port."),
		"private_endpoint":     shown("Where it is reached from private networks, as host:port."),
	}
}

type databaseModel struct {
	databaseAttributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// databaseAttributes are those of the data source too.
type databaseAttributes struct {
	oneRegion
	ThroughputOperations types.Int64 `tfsdk:"throughput_operations_per_second"`
}

func databaseSchema(context.Context) schema.Schema {
	attributes := oneRegionAttributes("redis or memcached")
	maps.Copy(attributes, map[string]schema.Attribute{
		"dataset_size_in_gb": schema.Float64Attribute{Required: true, Description: "The most data that it holds, at least 0.1. With replication it takes twice that in memory."},
		"throughput_operations_per_second": schema.Int64Attribute{
			Optional: true, Computed: true, Description: "What it is built to carry.",
			PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
	})
	return schema.Schema{Description: "A database of a Pro subscription. It is imported by subscription_id/id.", Attributes: attributes}
}

// turn is the subscription: it takes one change at a time.
func (m *databaseModel) turn() int { return id(m.SubscriptionID) }

func (m *databaseModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.Database], error) {
	return client.Databases.Create(ctx, id(m.SubscriptionID), &rediscloud.DatabaseCreateRequest{
		Name:                  m.Name.ValueString(),
		DatasetSizeInGB:       optionalFloat(m.DatasetSizeInGB),
		ThroughputMeasurement: throughput(m.ThroughputOperations),
		Protocol:              optional[rediscloud.Protocol](m.Protocol),
		RedisVersion:          optional[string](m.RedisVersion),
		DataPersistence:       optional[rediscloud.DataPersistence](m.DataPersistence),
		DataEvictionPolicy:    optional[rediscloud.EvictionPolicy](m.DataEvictionPolicy),
		Replication:           optionalBool(m.Replication),
		EnableTLS:             optionalBool(m.EnableTLS),
		SourceIPs:             texts(m.SourceIPs),
		Alerts:                alertSpecs(m.Alerts),
		Password:              optional[rediscloud.Secret](m.Password),
	})
}

func (m *databaseModel) read(ctx context.Context, client *rediscloud.Client) (*rediscloud.Database, error) {
	return client.Databases.Get(ctx, id(m.SubscriptionID), id(m.ID))
}

func (m *databaseModel) update(state *databaseModel) request[rediscloud.Database] {
	req := &rediscloud.DatabaseUpdateRequest{
		Name:                  optional[string](changed(m.Name, state.Name)),
		DatasetSizeInGB:       optionalFloat(changed(m.DatasetSizeInGB, state.DatasetSizeInGB)),
		ThroughputMeasurement: throughput(changed(m.ThroughputOperations, state.ThroughputOperations)),
		DataPersistence:       optional[rediscloud.DataPersistence](changed(m.DataPersistence, state.DataPersistence)),
		DataEvictionPolicy:    optional[rediscloud.EvictionPolicy](changed(m.DataEvictionPolicy, state.DataEvictionPolicy)),
		Replication:           optionalBool(changed(m.Replication, state.Replication)),
		EnableTLS:             optionalBool(changed(m.EnableTLS, state.EnableTLS)),
		SourceIPs:             texts(changed(m.SourceIPs, state.SourceIPs)),
		Alerts:                changedAlerts(m.Alerts, state.Alerts),
		Password:              optional[rediscloud.Secret](changed(m.Password, state.Password)),
	}
	if isZero(req) {
		return nil
	}
	return func(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.Database], error) {
		return client.Databases.Update(ctx, id(m.SubscriptionID), id(state.ID), req)
	}
}

func (m *databaseModel) delete(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error) {
	return client.Databases.Delete(ctx, id(m.SubscriptionID), id(m.ID))
}

func (m *databaseAttributes) fill(db *rediscloud.Database) {
	m.ID = types.Int64Value(int64(db.ID))
	m.Name = text(db.Name)
	m.DatasetSizeInGB = types.Float64Value(db.DatasetSizeInGB)
	m.ThroughputOperations = types.Int64Null()
	if db.ThroughputMeasurement.By == rediscloud.ThroughputUnitOperationsPerSecond {
		m.ThroughputOperations = types.Int64Value(db.ThroughputMeasurement.Value)
	}
	m.Protocol = text(db.Protocol)
	m.RedisVersion = text(firstOf(db.RedisVersion, db.RedisVersionCompliance))
	m.DataPersistence = text(db.DataPersistence)
	m.DataEvictionPolicy = text(db.DataEvictionPolicy)
	m.Replication = types.BoolValue(db.Replication)
	m.EnableTLS = types.BoolValue(db.Security.EnableTLS)
	m.SourceIPs = textSet(db.Security.SourceIPs)
	m.Alerts = alertMap(m.Alerts, db.Alerts)
	m.Password = text(db.Security.Password)
	m.Status = text(db.Status)
	m.PublicEndpoint = text(db.PublicEndpoint)
	m.PrivateEndpoint = text(db.PrivateEndpoint)
}

func throughput(operations types.Int64) *rediscloud.Throughput {
	if !given(operations) {
		return nil
	}
	return &rediscloud.Throughput{By: rediscloud.ThroughputUnitOperationsPerSecond, Value: operations.ValueInt64()}
}
