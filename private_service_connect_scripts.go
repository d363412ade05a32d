package rediscloud

import (
	"context"
	"errors"
)

// PSCCreationScriptsOptions say what GetCreationScripts yields besides the
// scripts.
type PSCCreationScriptsOptions struct {
	// IncludeTerraform asks for the data that a Terraform configuration needs
	// to do what the scripts do. The API doesn't document it.
	IncludeTerraform bool `url:"includeTerraformGcpScript,omitempty"`
}

// GetCreationScripts reads the scripts that create an endpoint in the
// customer's project: run one of them there, where the gcloud command is
// installed. The API reads them in a task. opts may be nil.
//
// API: GET /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}/creationScripts
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}/creationScripts
func (s *PrivateServiceConnectService) GetCreationScripts(ctx context.Context, endpoint PSCEndpointRef, opts *PSCCreationScriptsOptions) (*Task[PSCScripts], error) {
	route, ids := endpoint.route("/creationScripts")
	return submit(ctx, s.client, get(route, ids...).withQuery(opts), carried(pscScriptsKind))
}

// GetDeletionScripts reads the scripts that remove what the creation scripts
// have created in the customer's project. The API reads them in a task.
//
// API: GET /subscriptions/{subscriptionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}/deletionScripts
//
// API: GET /subscriptions/{subscriptionId}/regions/{regionId}/private-service-connect/{pscServiceId}/endpoints/{endpointId}/deletionScripts
func (s *PrivateServiceConnectService) GetDeletionScripts(ctx context.Context, endpoint PSCEndpointRef) (*Task[PSCScripts], error) {
	route, ids := endpoint.route("/deletionScripts")
	return submit(ctx, s.client, get(route, ids...), carried(pscScriptsKind))
}

// PSCScripts are what GetCreationScripts and GetDeletionScripts yield.
type PSCScripts struct {
	Script PSCScript `json:"script"`
	Links  Links     `json:"links,omitempty"`
}

var pscScriptsKind = newKind[PSCScripts]("PSCScripts", kind{})

func (s *PSCScripts) check() error {
	if s.Script == (PSCScript{}) {
		return errors.New("missing script")
	}
	return nil
}

// A PSCScript is one script in several languages.
type PSCScript struct {
	Bash         string        `json:"bash,omitempty"`
	PowerShell   string        `json:"powershell,omitempty"`
	TerraformGCP *PSCTerraform `json:"terraformGcp,omitempty"` // nil unless asked for
}

// PSCTerraform is what a Terraform configuration needs to create an endpoint.
type PSCTerraform struct {
	ServiceAttachments []PSCServiceAttachment `json:"serviceAttachments"`
}

// A PSCServiceAttachment is what an endpoint leads to, with the names of what
// is created for it in the customer's project.
type PSCServiceAttachment struct {
	Name               string `json:"name"`
	DNSRecord          string `json:"dnsRecord,omitempty"`
	IPAddressName      string `json:"ipAddressName,omitempty"`
	ForwardingRuleName string `json:"forwardingRuleName,omitempty"`
}
