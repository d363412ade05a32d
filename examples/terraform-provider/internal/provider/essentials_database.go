package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type essentialsDatabaseModel struct {
	oneRegion
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func essentialsDatabaseSchema(context.Context) schema.Schema {
	attributes := oneRegionAttributes("stack, redis or memcached")
	attributes["dataset_size_in_gb"] = schema.Float64Attribute{
		Optional: true, Computed: true, Description: "Maximum data, for a pay-as-you-go plan.",
		PlanModifiers: []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
	}
	return schema.Schema{
		Description: "A database of an Essentials subscription, whose plan determines its limits. Imported by subscription_id/id.", Attributes: attributes,
	}
}

func (m *essentialsDatabaseModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.EssentialsDatabase], error) {
	req := &rediscloud.EssentialsDatabaseCreateRequest{
		Name:               m.Name.ValueString(),
		DatasetSizeInGB:    optionalFloat(m.DatasetSizeInGB),
		Protocol:           optional[rediscloud.Protocol](m.Protocol),
		RedisVersion:       optional[string](m.RedisVersion),
		DataPersistence:    optional[rediscloud.DataPersistence](m.DataPersistence),
		DataEvictionPolicy: optional[rediscloud.EvictionPolicy](m.DataEvictionPolicy),
		Replication:        optionalBool(m.Replication),
		EnableTLS:          optionalBool(m.EnableTLS),
		SourceIPs:          texts(m.SourceIPs),
		Password:           optional[rediscloud.Secret](m.Password),
	}
	if given(m.Alerts) {
		req.Alerts = alertSpecs(m.Alerts)
	}
	return client.EssentialsDatabases.Create(ctx, id(m.SubscriptionID), req)
}

func (m *essentialsDatabaseModel) read(ctx context.Context, client *rediscloud.Client) (*rediscloud.EssentialsDatabase, error) {
	return client.EssentialsDatabases.Get(ctx, id(m.SubscriptionID), id(m.ID))
}

func (m *essentialsDatabaseModel) update(state *essentialsDatabaseModel) request[rediscloud.EssentialsDatabase] {
	req := &rediscloud.EssentialsDatabaseUpdateRequest{
		Name:               optional[string](changed(m.Name, state.Name)),
		DatasetSizeInGB:    optionalFloat(changed(m.DatasetSizeInGB, state.DatasetSizeInGB)),
		DataPersistence:    optional[rediscloud.DataPersistence](changed(m.DataPersistence, state.DataPersistence)),
		DataEvictionPolicy: optional[rediscloud.EvictionPolicy](changed(m.DataEvictionPolicy, state.DataEvictionPolicy)),
		Replication:        optionalBool(changed(m.Replication, state.Replication)),
		EnableTLS:          optionalBool(changed(m.EnableTLS, state.EnableTLS)),
		SourceIPs:          texts(changed(m.SourceIPs, state.SourceIPs)),
		Alerts:             changedAlerts(m.Alerts, state.Alerts),
		Password:           optional[rediscloud.Secret](changed(m.Password, state.Password)),
	}
	if isZero(req) {
		return nil
	}
	return func(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.EssentialsDatabase], error) {
		return client.EssentialsDatabases.Update(ctx, id(m.SubscriptionID), id(state.ID), req)
	}
}

func (m *essentialsDatabaseModel) delete(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error) {
	return client.EssentialsDatabases.Delete(ctx, id(m.SubscriptionID), id(m.ID))
}

func (m *essentialsDatabaseModel) fill(db *rediscloud.EssentialsDatabase) {
	m.ID = types.Int64Value(int64(db.ID))
	m.Name = text(db.Name)
	m.DatasetSizeInGB = types.Float64Null()
	if db.DatasetSizeInGB > 0 {
		m.DatasetSizeInGB = types.Float64Value(db.DatasetSizeInGB)
	}
	m.Protocol = text(db.Protocol)
	m.RedisVersion = text(db.RedisVersion)
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
