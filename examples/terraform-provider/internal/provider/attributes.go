package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The attributes that several resources have. If an optional one is omitted,
// the API chooses it, and it isn't changed.

func idAttribute(description string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, Description: description, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()}}
}

func parentAttribute(description string) schema.Attribute {
	return schema.Int64Attribute{Required: true, Description: description, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()}}
}

// shown is an attribute that only the API sets, once.
func shown(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, Description: description, PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}}
}

func statusAttribute() schema.Attribute {
	return schema.StringAttribute{Computed: true, Description: "Status in Redis Cloud."}
}

func optionalText(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Computed: true, Description: description, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
}

// fixedText can only be changed by replacing the resource.
func fixedText(description string) schema.Attribute {
	attribute := optionalText(description)
	attribute.PlanModifiers = append(attribute.PlanModifiers, stringplanmodifier.RequiresReplaceIfConfigured())
	return attribute
}

func secretText(description string) schema.Attribute {
	attribute := optionalText(description)
	attribute.Sensitive = true
	return attribute
}

func optionalFlag(description string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, Computed: true, Description: description, PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()}}
}

func sourceIPsAttribute() schema.Attribute {
	return schema.SetAttribute{
		ElementType: types.StringType, Optional: true, Computed: true, Description: "Addresses or CIDRs that clients may connect from.",
		PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown()},
	}
}

func alertsAttribute() schema.Attribute {
	return schema.MapAttribute{ElementType: types.Int64Type, Optional: true, Description: "Alerts: name, such as dataset-size, to the value above which it is raised."}
}
