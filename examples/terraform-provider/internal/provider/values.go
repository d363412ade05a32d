package provider

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

// given reports whether the configuration has a value.
func given(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

// optional returns a field of a request: nil, which leaves it to the API, if
// the configuration has no value.
func optional[E ~string](value types.String) *E {
	if !given(value) {
		return nil
	}
	return new(E(value.ValueString()))
}

func optionalBool(value types.Bool) *bool {
	if !given(value) {
		return nil
	}
	return value.ValueBoolPointer()
}

func optionalFloat(value types.Float64) *float64 {
	if !given(value) {
		return nil
	}
	return value.ValueFloat64Pointer()
}

func optionalInt(value types.Int64) *int {
	if !given(value) {
		return nil
	}
	return new(int(value.ValueInt64()))
}

func optionalInt64(value types.Int64) *int64 {
	if !given(value) {
		return nil
	}
	return value.ValueInt64Pointer()
}

func id(value types.Int64) int { return int(value.ValueInt64()) }

// changed returns the planned value if it differs from the state, otherwise the
// null of its type, which optional turns into nil.
func changed[V attr.Value](plan, state V) (none V) {
	if plan.Equal(state) {
		return none
	}
	return plan
}

// text returns a value that may be missing: "" becomes null.
func text[S ~string](value S) types.String {
	if value == "" {
		return types.StringNull()
	}
	return types.StringValue(string(value))
}

func textSet(values []string) types.Set {
	elements := make([]attr.Value, len(values))
	for i, value := range values {
		elements[i] = types.StringValue(value)
	}
	return types.SetValueMust(types.StringType, elements)
}

// texts returns the elements of a set of strings, nil if the configuration has
// none.
func texts(set types.Set) (values []string) {
	if !given(set) {
		return nil
	}
	values = []string{}
	for _, element := range set.Elements() {
		if element, ok := element.(types.String); ok {
			values = append(values, element.ValueString())
		}
	}
	slices.Sort(values)
	return values
}

// isZero reports whether a request sets nothing.
func isZero[R any](req *R) bool { return reflect.ValueOf(*req).IsZero() }

// alertSpecs returns the alerts of a request. null and an empty map both mean
// none.
func alertSpecs(alerts types.Map) []rediscloud.AlertSpec {
	specs := []rediscloud.AlertSpec{}
	for name, value := range alerts.Elements() {
		if value, ok := value.(types.Int64); ok {
			specs = append(specs, rediscloud.AlertSpec{Name: rediscloud.AlertName(name), Value: int(value.ValueInt64())})
		}
	}
	slices.SortFunc(specs, func(a, b rediscloud.AlertSpec) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return specs
}

// changedAlerts returns the alerts of a request that changes them, nil if
// nothing changes.
func changedAlerts(plan, state types.Map) []rediscloud.AlertSpec {
	if plan.Equal(state) || len(plan.Elements()) == 0 && len(state.Elements()) == 0 {
		return nil
	}
	return alertSpecs(plan)
}

// alertMap returns the attribute of alerts. If there are none, before is kept
// if it is an empty map.
func alertMap(before types.Map, alerts []rediscloud.Alert) types.Map {
	if len(alerts) == 0 && len(before.Elements()) == 0 && !before.IsUnknown() && !before.IsNull() {
		return before
	}
	if len(alerts) == 0 {
		return types.MapNull(types.Int64Type)
	}
	elements := map[string]attr.Value{}
	for _, alert := range alerts {
		elements[string(alert.Name)] = types.Int64Value(int64(alert.Value))
	}
	return types.MapValueMust(types.Int64Type, elements)
}

// importIDs sets the named attributes to the numbers of an import id, which are
// separated by slashes.
func importIDs(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, attributes ...string) {
	parts := strings.Split(req.ID, "/")
	for i, attribute := range attributes {
		number := 0
		if len(parts) == len(attributes) {
			number, _ = strconv.Atoi(parts[i])
		}
		if number <= 0 {
			resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf("It must be %s, as numbers, not %q.", strings.Join(attributes, "/"), req.ID))
			return
		}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), int64(number))...)
	}
}
