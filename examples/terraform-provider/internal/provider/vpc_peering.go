package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rediscloud-go/rediscloud"
)

type vpcPeeringModel struct {
	ID                types.Int64    `tfsdk:"id"`
	SubscriptionID    types.Int64    `tfsdk:"subscription_id"`
	Region            types.String   `tfsdk:"region"`
	AWSAccountID      types.String   `tfsdk:"aws_account_id"`
	VPCID             types.String   `tfsdk:"vpc_id"`
	VPCCIDRs          types.Set      `tfsdk:"vpc_cidrs"`
	WaitForAcceptance types.Bool     `tfsdk:"wait_for_acceptance"`
	AWSPeeringID      types.String   `tfsdk:"aws_peering_id"`
	Status            types.String   `tfsdk:"status"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
}

func vpcPeeringSchema(context.Context) schema.Schema {
	fixed := func(description string) schema.Attribute {
		return schema.StringAttribute{Required: true, Description: description, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}}
	}
	return schema.Schema{
		Description: "A peering of a Pro subscription with a VPC on AWS, whose owner must accept it. Imported by subscription_id/id.",
		Attributes: map[string]schema.Attribute{
			"id":              idAttribute("ID of the peering."),
			"subscription_id": parentAttribute("ID of its subscription."),
			"region":          fixed("Region of the VPC, such as us-east-1."),
			"aws_account_id":  fixed("Account that owns the VPC."),
			"vpc_id":          fixed("ID of the VPC."),
			"vpc_cidrs":       schema.SetAttribute{ElementType: types.StringType, Required: true, Description: "CIDRs of the VPC. They can be changed once the peering is active."},
			"wait_for_acceptance": schema.BoolAttribute{
				Optional: true, Description: "Whether the create waits until the peering is accepted, up to its timeout. By default it ends with a warning that describes the " +
					"required action, so a resource that depends on it in the same configuration, or a person, can accept it.",
			},
			"aws_peering_id": shown("ID of the peering in AWS, such as pcx-0123456789abcdef0, by which it is accepted."),
			"status":         statusAttribute(),
		},
	}
}

func (m *vpcPeeringModel) key() (int, string) { return id(m.SubscriptionID), m.VPCID.ValueString() }

func (m *vpcPeeringModel) turn() int { return id(m.SubscriptionID) }

func (m *vpcPeeringModel) network() rediscloud.NetworkRef {
	return rediscloud.NetworkRef{SubscriptionID: id(m.SubscriptionID)}
}

func (m *vpcPeeringModel) waits() []rediscloud.WaitOption {
	if !m.WaitForAcceptance.ValueBool() {
		return nil
	}
	return []rediscloud.WaitOption{rediscloud.WithWaitForAction()}
}

func (m *vpcPeeringModel) create(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.VPCPeering], error) {
	return client.VPCPeerings.CreateAWS(ctx, m.network(), &rediscloud.VPCPeeringCreateAWSRequest{
		Region: m.Region.ValueString(), AWSAccountID: m.AWSAccountID.ValueString(), VPCID: m.VPCID.ValueString(), VPCCIDRs: texts(m.VPCCIDRs),
	})
}

// read finds the peering in the list: the API can't return a single one.
func (m *vpcPeeringModel) read(ctx context.Context, client *rediscloud.Client) (*rediscloud.VPCPeering, error) {
	for peering, err := range client.VPCPeerings.All(ctx, m.network()) {
		if err != nil || peering.ID == id(m.ID) {
			return peering, err
		}
	}
	return nil, fmt.Errorf("VPC peering %d: %w", id(m.ID), rediscloud.ErrNotFound)
}

func (m *vpcPeeringModel) update(state *vpcPeeringModel) request[rediscloud.VPCPeering] {
	cidrs := texts(changed(m.VPCCIDRs, state.VPCCIDRs))
	if cidrs == nil {
		return nil
	}
	return func(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.VPCPeering], error) {
		return client.VPCPeerings.UpdateAWS(ctx, m.network(), id(state.ID), &rediscloud.VPCPeeringUpdateAWSRequest{VPCCIDRs: cidrs})
	}
}

func (m *vpcPeeringModel) delete(ctx context.Context, client *rediscloud.Client) (*rediscloud.Task[rediscloud.None], error) {
	return client.VPCPeerings.Delete(ctx, m.network(), id(m.ID))
}

func (m *vpcPeeringModel) fill(peering *rediscloud.VPCPeering) {
	m.ID = types.Int64Value(int64(peering.ID))
	m.Region = text(peering.Region)
	m.AWSAccountID = text(peering.AWSAccountID)
	m.VPCID = text(peering.VPCUID)
	m.AWSPeeringID = text(peering.AWSPeeringUID)
	m.Status = text(peering.Status)
	var cidrs []string
	for _, cidr := range peering.VPCCIDRs {
		cidrs = append(cidrs, cidr.CIDR)
	}
	if len(cidrs) == 0 && peering.VPCCIDR != "" {
		cidrs = []string{peering.VPCCIDR}
	}
	m.VPCCIDRs = textSet(cidrs)
}
