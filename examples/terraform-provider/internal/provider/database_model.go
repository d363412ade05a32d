package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type databaseModel struct {
	ID                   types.Int64    `tfsdk:"id"`
	SubscriptionID       types.Int64    `tfsdk:"subscription_id"`
	Name                 types.String   `tfsdk:"name"`
	DatasetSizeInGB      types.Float64  `tfsdk:"dataset_size_in_gb"`
	ThroughputOperations types.Int64    `tfsdk:"throughput_operations_per_second"`
	Protocol             types.String   `tfsdk:"protocol"`
	RedisVersion         types.String   `tfsdk:"redis_version"`
	DataPersistence      types.String   `tfsdk:"data_persistence"`
	DataEvictionPolicy   types.String   `tfsdk:"data_eviction_policy"`
	Replication          types.Bool     `tfsdk:"replication"`
	EnableTLS            types.Bool     `tfsdk:"enable_tls"`
	SourceIPs            types.Set      `tfsdk:"source_ips"`
	Alerts               types.Map      `tfsdk:"alerts"`
	Password             types.String   `tfsdk:"password"`
	Status               types.String   `tfsdk:"status"`
	PublicEndpoint       types.String   `tfsdk:"public_endpoint"`
	PrivateEndpoint      types.String   `tfsdk:"private_endpoint"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
}

// read takes over all that the API tells.
func (m *databaseModel) read(db *rediscloud.Database) {
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
	m.SourceIPs = stringSet(db.Security.SourceIPs)
	m.Alerts = alertMap(m.Alerts, db.Alerts)
	m.Password = text(db.Security.Password)
	m.Status = text(db.Status)
	m.PublicEndpoint = text(db.PublicEndpoint)
	m.PrivateEndpoint = text(db.PrivateEndpoint)
}

func (m *databaseModel) createRequest(ctx context.Context, diags *diag.Diagnostics) *rediscloud.DatabaseCreateRequest {
	return &rediscloud.DatabaseCreateRequest{
		Name:                  m.Name.ValueString(),
		DatasetSizeInGB:       optionalFloat(m.DatasetSizeInGB),
		ThroughputMeasurement: throughput(m.ThroughputOperations),
		Protocol:              optional[rediscloud.Protocol](m.Protocol),
		RedisVersion:          optional[string](m.RedisVersion),
		DataPersistence:       optional[rediscloud.DataPersistence](m.DataPersistence),
		DataEvictionPolicy:    optional[rediscloud.EvictionPolicy](m.DataEvictionPolicy),
		Replication:           optionalBool(m.Replication),
		EnableTLS:             optionalBool(m.EnableTLS),
		SourceIPs:             texts(ctx, m.SourceIPs, diags),
		Alerts:                alertSpecs(m.Alerts),
		Password:              optional[rediscloud.Secret](m.Password),
	}
}

// updateRequest holds what is to be other than in the state. needed is false if that is nothing.
func (m *databaseModel) updateRequest(ctx context.Context, state *databaseModel, diags *diag.Diagnostics) (req *rediscloud.DatabaseUpdateRequest, needed bool) {
	req = &rediscloud.DatabaseUpdateRequest{
		Name:                  optional[string](changedString(m.Name, state.Name)),
		DatasetSizeInGB:       optionalFloat(changed(m.DatasetSizeInGB, state.DatasetSizeInGB, types.Float64Null())),
		ThroughputMeasurement: throughput(changed(m.ThroughputOperations, state.ThroughputOperations, types.Int64Null())),
		DataPersistence:       optional[rediscloud.DataPersistence](changedString(m.DataPersistence, state.DataPersistence)),
		DataEvictionPolicy:    optional[rediscloud.EvictionPolicy](changedString(m.DataEvictionPolicy, state.DataEvictionPolicy)),
		Replication:           optionalBool(changedBool(m.Replication, state.Replication)),
		EnableTLS:             optionalBool(changedBool(m.EnableTLS, state.EnableTLS)),
		SourceIPs:             texts(ctx, changed(m.SourceIPs, state.SourceIPs, types.SetNull(types.StringType)), diags),
		Password:              optional[rediscloud.Secret](changedString(m.Password, state.Password)),
	}
	if !m.Alerts.Equal(state.Alerts) {
		req.Alerts = alertSpecs(m.Alerts)
	}
	needed = req.Name != nil || req.DatasetSizeInGB != nil || req.ThroughputMeasurement != nil || req.DataPersistence != nil || req.DataEvictionPolicy != nil ||
		req.Replication != nil || req.EnableTLS != nil || req.SourceIPs != nil || req.Password != nil || req.Alerts != nil
	return req, needed
}

func throughput(operations types.Int64) *rediscloud.Throughput {
	if !given(operations) {
		return nil
	}
	return &rediscloud.Throughput{By: rediscloud.ThroughputUnitOperationsPerSecond, Value: operations.ValueInt64()}
}
