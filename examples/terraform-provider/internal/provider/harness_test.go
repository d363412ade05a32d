package provider

import (
	"context"
	"maps"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// values are the non-null attributes of a configuration.
type values map[string]any

// world is a fake API with its default unkindness, and the directory in which
// Terraform works.
type world struct {
	fake   *rediscloudtest.Server
	dir    string
	client *rediscloud.Client
}

// inWorld runs a test in its own world, in which time costs nothing.
func inWorld(t *testing.T, test func(*testing.T, *world), opts ...rediscloudtest.Option) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &world{fake: rediscloudtest.New(append([]rediscloudtest.Option{rediscloudtest.WithRateLimit(0)}, opts...)...), dir: dir}
		client, err := rediscloud.NewClient(rediscloud.WithBaseURL(w.fake.URL()), rediscloud.WithHTTPClient(w.fake.Client()),
			rediscloud.WithCredentials(w.fake.AccountKey(), w.fake.SecretKey()))
		require.NoError(t, err)
		w.client = client
		test(t, w)
	})
}

// plugin is a process of the provider, as Terraform sees it: over its protocol.
type plugin struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// start starts the provider.
func (w *world) start(t *testing.T, opts ...rediscloud.Option) *plugin {
	t.Helper()
	opts = append([]rediscloud.Option{rediscloud.WithHTTPClient(w.fake.Client())}, opts...)
	server, err := providerserver.NewProtocol6WithError(New("test", opts...)())()
	require.NoError(t, err)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	require.NoError(t, err)
	requireNone(t, schemas.Diagnostics)
	p := &plugin{t: t, server: server, schemas: schemas}
	config := p.value(schemas.Provider, values{
		"access_key": w.fake.AccountKey(), "secret_key": w.fake.SecretKey(), "url": w.fake.URL(), "task_dir": w.dir,
	})
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.dynamic(config)})
	require.NoError(t, err)
	requireNone(t, configured.Diagnostics)
	return p
}

// instance is a resource in the state.
type instance struct {
	kind    string
	value   tftypes.Value
	private []byte
}

func (p *plugin) empty(kind string) instance {
	return instance{kind: kind, value: tftypes.NewValue(p.typeOf(kind), nil)}
}

func (p *plugin) typeOf(kind string) tftypes.Type { return p.schemas.ResourceSchemas[kind].ValueType() }

// plan returns the plan of a configuration, nil to destroy. It makes the
// proposal as Terraform does.
func (p *plugin) plan(prior instance, config values) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[prior.kind]
	configured := tftypes.NewValue(p.typeOf(prior.kind), nil)
	proposed := configured
	if config != nil {
		configured = p.value(schema, config)
		proposal := attributes(p.t, configured)
		before := map[string]tftypes.Value{}
		if !prior.value.IsNull() {
			before = attributes(p.t, prior.value)
		}
		for _, attribute := range schema.Block.Attributes {
			if now := proposal[attribute.Name]; now.IsNull() && attribute.Computed {
				if old, ok := before[attribute.Name]; ok {
					proposal[attribute.Name] = old
				}
			}
		}
		proposed = tftypes.NewValue(p.typeOf(prior.kind), proposal)
		checked, err := p.server.ValidateResourceConfig(p.t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: prior.kind, Config: p.dynamic(configured)})
		require.NoError(p.t, err)
		requireNone(p.t, checked.Diagnostics)
	}
	planned, err := p.server.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: prior.kind, PriorState: p.dynamic(prior.value), ProposedNewState: p.dynamic(proposed), Config: p.dynamic(configured), PriorPrivate: prior.private,
	})
	require.NoError(p.t, err)
	requireNone(p.t, planned.Diagnostics)
	return planned
}

// apply plans and applies a configuration, nil to destroy.
func (p *plugin) apply(ctx context.Context, prior instance, config values) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	planned := p.plan(prior, config) //nolint:contextcheck // what ends an apply doesn't end its plan
	configured := tftypes.NewValue(p.typeOf(prior.kind), nil)
	if config != nil {
		configured = p.value(p.schemas.ResourceSchemas[prior.kind], config)
	}
	applied, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: prior.kind, PriorState: p.dynamic(prior.value), PlannedState: planned.PlannedState, Config: p.dynamic(configured), PlannedPrivate: planned.PlannedPrivate,
	})
	require.NoError(p.t, err)
	after := instance{kind: prior.kind, value: p.static(prior.kind, applied.NewState), private: applied.Private}
	if config != nil && !hasError(applied.Diagnostics) {
		// What Terraform requires: everything is known, and is as planned.
		require.True(p.t, after.value.IsFullyKnown())
		now := attributes(p.t, after.value)
		for name, value := range attributes(p.t, p.static(prior.kind, planned.PlannedState)) {
			if value.IsFullyKnown() {
				require.True(p.t, value.Equal(now[name]), "%s was planned as %s and is %s", name, value, now[name])
			}
		}
	}
	return after, applied.Diagnostics
}

// unchanged asserts that nothing remains to be planned.
func (p *plugin) unchanged(now instance, config values) {
	p.t.Helper()
	planned := attributes(p.t, p.static(now.kind, p.plan(now, config).PlannedState))
	for name, value := range attributes(p.t, now.value) {
		assert.True(p.t, planned[name].Equal(value), "%s.%s is %s and planned as %s", now.kind, name, value, planned[name])
	}
}

func (p *plugin) mustApply(prior instance, config values) instance {
	p.t.Helper()
	after, diagnostics := p.apply(p.t.Context(), prior, config)
	requireNone(p.t, diagnostics)
	return after
}

func (p *plugin) refresh(prior instance) (instance, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	read, err := p.server.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: prior.kind, CurrentState: p.dynamic(prior.value), Private: prior.private})
	require.NoError(p.t, err)
	return instance{kind: prior.kind, value: p.static(prior.kind, read.NewState), private: read.Private}, read.Diagnostics
}

func (p *plugin) mustRefresh(prior instance) instance {
	p.t.Helper()
	after, diagnostics := p.refresh(prior)
	requireNone(p.t, diagnostics)
	return after
}

func (p *plugin) imported(kind, id string) instance {
	p.t.Helper()
	response, err := p.server.ImportResourceState(p.t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	require.NoError(p.t, err)
	requireNone(p.t, response.Diagnostics)
	require.Len(p.t, response.ImportedResources, 1)
	found := response.ImportedResources[0]
	return p.mustRefresh(instance{kind: kind, value: p.static(kind, found.State), private: found.Private})
}

func (p *plugin) data(kind string, config values) map[string]tftypes.Value {
	p.t.Helper()
	schema := p.schemas.DataSourceSchemas[kind]
	response, err := p.server.ReadDataSource(p.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: kind, Config: p.dynamic(p.value(schema, config))})
	require.NoError(p.t, err)
	requireNone(p.t, response.Diagnostics)
	value, err := response.State.Unmarshal(schema.ValueType())
	require.NoError(p.t, err)
	return attributes(p.t, value)
}

// stop does what Ctrl-C does.
func (p *plugin) stop() {
	p.t.Helper()
	_, err := p.server.StopProvider(p.t.Context(), &tfprotov6.StopProviderRequest{})
	require.NoError(p.t, err)
}

// value creates a value of a schema: what isn't given is null.
func (p *plugin) value(schema *tfprotov6.Schema, given values) tftypes.Value {
	p.t.Helper()
	members := map[string]tftypes.Value{}
	object, ok := schema.ValueType().(tftypes.Object)
	require.True(p.t, ok)
	for name, kind := range object.AttributeTypes {
		members[name] = p.member(kind, given[name])
	}
	for name := range given {
		require.Contains(p.t, members, name)
	}
	return tftypes.NewValue(object, members)
}

func (p *plugin) member(kind tftypes.Type, given any) tftypes.Value {
	p.t.Helper()
	switch given := given.(type) {
	case values:
		members := map[string]tftypes.Value{}
		if object, ok := kind.(tftypes.Object); ok {
			for name, kind := range object.AttributeTypes {
				members[name] = p.member(kind, given[name])
			}
		}
		if list, ok := kind.(tftypes.Map); ok {
			for name, value := range given {
				members[name] = p.member(list.ElementType, value)
			}
		}
		return tftypes.NewValue(kind, members)
	case []values:
		var elements []tftypes.Value
		if set, ok := kind.(tftypes.Set); ok {
			for _, element := range given {
				elements = append(elements, p.member(set.ElementType, element))
			}
		}
		return tftypes.NewValue(kind, elements)
	case []string:
		var elements []tftypes.Value
		for _, element := range given {
			elements = append(elements, tftypes.NewValue(tftypes.String, element))
		}
		return tftypes.NewValue(kind, elements)
	}
	return tftypes.NewValue(kind, given)
}

func (p *plugin) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	require.NoError(p.t, err)
	return &dynamic
}

func (p *plugin) static(kind string, dynamic *tfprotov6.DynamicValue) tftypes.Value {
	p.t.Helper()
	value, err := dynamic.Unmarshal(p.typeOf(kind))
	require.NoError(p.t, err)
	return value
}

func attributes(t *testing.T, value tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	members := map[string]tftypes.Value{}
	require.NoError(t, value.As(&members))
	return maps.Clone(members) // they are the value's own fields
}

func (i instance) number(t *testing.T, name string) int {
	t.Helper()
	return number(t, attributes(t, i.value)[name])
}

func (i instance) text(t *testing.T, name string) string {
	t.Helper()
	return str(t, attributes(t, i.value)[name])
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

func requireNone(t *testing.T, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diagnostics {
		t.Errorf("%s: %s: %s", d.Severity, d.Summary, d.Detail)
	}
	if len(diagnostics) > 0 {
		t.FailNow()
	}
}
