package rediscloudtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ofPrivateNetwork picks the routes that TestPrivateOperations makes requests
// to.
func ofPrivateNetwork(r route) bool { return strings.Contains(r.pattern, "/private-") }

const pscEndpointBody = `{"gcpProjectId":"p","gcpVpcName":"v","gcpVpcSubnetName":"s","endpointConnectionName":"e"}`

// TestPrivateOperations makes a request to every endpoint below a network, in
// both forms.
func TestPrivateOperations(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		gcp, gcpRegions := r.AddGCPSubscription("gcp"), r.AddGCPSubscription("gcp regions", "europe-west1", "us-central1")
		aws, awsRegions := r.AddSubscription("aws"), r.AddSubscription("aws regions", "us-east-1", "eu-west-1")
		db := r.AddDatabase(aws, "db")
		for i, form := range []struct {
			psc, link string // the networks
			prefix    string // of the command types
			subs      [2]int
			region    string
		}{
			{fmt.Sprintf("/subscriptions/%d", gcp), fmt.Sprintf("/subscriptions/%d", aws), "", [2]int{gcp, aws}, ""},
			{
				fmt.Sprintf("/subscriptions/%d/regions/27", gcpRegions), fmt.Sprintf("/subscriptions/%d/regions/4", awsRegions),
				"activeActive", [2]int{gcpRegions, awsRegions}, `,"regionId":4`,
			},
		} {
			id := fmt.Sprint(i + 1)
			psc, service, endpoint := form.psc+"/private-service-connect", form.psc+"/private-service-connect/"+id, form.psc+"/private-service-connect/"+id+"/endpoints/"+id
			link, databases := form.link+"/private-link", "[]"
			if i == 0 {
				databases = fmt.Sprintf(`[{"databaseId":%d,"port":10001,"rlEndpoint":"db%[1]d.plink.c%d.rediscloud.test"}]`, db, aws)
			}
			configuration := "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-0000000000000000" + id
			for _, op := range []struct {
				method, path, body string
				status             int
				commandType        string
				want               string // the response: SUB is the id of the subscription; "" for none
			}{
				{"POST", psc, "", 202, "pscServiceCreateRequest", `{"resourceId":` + id + `}`},
				{"GET", psc, "", 202, "pscServiceGetRequest", `{"resourceId":SUB,"resource":{"id":` + id + `,"status":"active",
					"connectionHostName":"psc.c` + id + `.gcp.rediscloud.test","serviceAttachmentName":"service-attachment-` + id + `"}}`},
				{"POST", service, pscEndpointBody, 202, "pscEndpointCreateRequest", `{"resourceId":` + id + `}`},
				{"GET", service, "", 202, "pscServiceEndpointsGetRequest", `{"resourceId":SUB,"resource":{"pscServiceId":` + id + `,"endpoints":[
					{"id":` + id + `,"status":"initialized","gcpProjectId":"p","gcpVpcName":"v","gcpVpcSubnetName":"s","endpointConnectionName":"e"}]}}`},
				{"GET", endpoint + "/creationScripts?includeTerraformGcpScript=true", "", 202, "pscServiceEndpointScriptGetRequest",
					`{"resourceId":SUB,"resource":{"script":` + encode(t, object{
						"bash": "#!/bin/bash\nset -e\ngcloud config set project p\ngcloud compute addresses create e-1-ip --region=REGION --subnet=s\n" +
							"gcloud compute forwarding-rules create e-1 --region=REGION --network=v --address=e-1-ip --target-service-attachment=service-attachment-" + id + "\n",
						"powershell": "$ErrorActionPreference = 'Stop'\ngcloud config set project p\ngcloud compute addresses create e-1-ip --region=REGION --subnet=s\n" +
							"gcloud compute forwarding-rules create e-1 --region=REGION --network=v --address=e-1-ip --target-service-attachment=service-attachment-" + id + "\n",
						"terraformGcp": object{"serviceAttachments": []object{{"name": "service-attachment-" + id, "dnsRecord": "*.psc.c" + id + ".gcp.rediscloud.test.",
							"ipAddressName": "e-1-ip", "forwardingRuleName": "e-1"}}},
					}) + `}}`},
				{"GET", endpoint + "/deletionScripts", "", 202, "pscServiceEndpointScriptGetRequest",
					`{"resourceId":SUB,"resource":{"script":` + encode(t, object{
						"bash": "#!/bin/bash\nset -e\ngcloud config set project p\ngcloud compute forwarding-rules delete e-1 --region=REGION --quiet\n" +
							"gcloud compute addresses delete e-1-ip --region=REGION --quiet\n",
						"powershell": "$ErrorActionPreference = 'Stop'\ngcloud config set project p\ngcloud compute forwarding-rules delete e-1 --region=REGION --quiet\n" +
							"gcloud compute addresses delete e-1-ip --region=REGION --quiet\n",
					}) + `}}`},
				{"PUT", endpoint, `{"action":"accept"}`, 202, "pscEndpointUpdateRequest", `{"resourceId":` + id + `}`},
				{"DELETE", endpoint, "", 202, "pscEndpointDeleteRequest", `{"resourceId":SUB}`},
				{"DELETE", psc, "", 202, "pscServiceDeleteRequest", `{"resourceId":SUB}`},

				{"POST", link, `{"shareName":"share","principal":"123456789012","type":"aws_account","alias":"a"}`, 200, "privateLinkCreateRequest", `{"resourceId":SUB}`},
				{"GET", link, "", 202, "privateLinkGetRequest", `{"resourceId":SUB,"resource":{"status":"active","principals":[
					{"principal":"123456789012","type":"aws_account","alias":"a","status":"associated"}],"shareName":"share",
					"resourceConfigurationId":"rcfg-0000000000000000` + id + `","resourceConfigurationArn":"` + configuration + `",
					"shareArn":"arn:aws:ram:us-east-1:000000000000:resource-share/` + id + `","connections":[],"databases":` + databases + `,
					"subscriptionId":SUB` + form.region + `}}`},
				{"GET", link + "/endpoint-script?includeTerraformAwsScript=true", "", 202, "privateLinkEndpointScriptGetRequest",
					`{"resourceId":SUB,"resource":` + encode(t, object{
						"resourceEndpointScript": "#!/usr/bin/env python3\nimport boto3\n\nCONFIGURATION = \"" + configuration + "\"\n\n" +
							"for endpoint in boto3.client(\"ec2\").describe_vpc_endpoints()[\"VpcEndpoints\"]:\n" +
							"    if endpoint.get(\"ResourceConfigurationArn\") == CONFIGURATION:\n        print(endpoint[\"VpcEndpointId\"])\n",
						"terraformAwsScript": "resource \"aws_vpc_endpoint\" \"redis\" {\n  vpc_endpoint_type          = \"Resource\"\n" +
							"  resource_configuration_arn = \"" + configuration + "\"\n  vpc_id                     = var.vpc_id\n}\n",
					}) + `}`},
				{"POST", link + "/principals", `{"principal":"arn:aws:iam::1:role/x"}`, 200, "privateLinkPrincipalsCreateRequest", `{"resourceId":SUB}`},
				{"POST", link + "/connections/disassociate", `{"connections":[{"associationId":"ASSOCIATION","type":"vpc_endpoint","principalId":"123456789012"}]}`,
					202, "privateLinkConnectionsDisassociateRequest", `{"resourceId":SUB}`},
				{"DELETE", link + "/principals", `{"principal":"arn:aws:iam::1:role/x"}`, 200, "privateLinkPrincipalsDeleteRequest", `{"resourceId":SUB}`},
				{"DELETE", link + "/principals", `{"principal":"123456789012"}`, 200, "privateLinkPrincipalsDeleteRequest", `{"resourceId":SUB}`},
				{"DELETE", link, "", 200, "privateLinkDeleteRequest", ""},
			} {
				name, sub := op.method+" "+op.path, form.subs[0]
				if strings.Contains(op.path, "/private-link") {
					sub = form.subs[1]
				}
				switch op.commandType {
				case "pscEndpointUpdateRequest":
					require.True(t, r.RunPSCCreationScript(i+1))
					time.Sleep(3 * time.Second)
				case "pscEndpointDeleteRequest":
					require.True(t, r.RunPSCDeletionScript(i+1))
				case "privateLinkConnectionsDisassociateRequest":
					region := 0
					if form.region != "" {
						region = 4
					}
					association := r.AddPrivateLinkConnection(sub, region, "123456789012")
					op.body = strings.Replace(op.body, "ASSOCIATION", association, 1)
				}
				res, text := r.do(op.method, op.path, op.body)
				require.Equal(t, op.status, res.StatusCode, "%s: %s", name, text)
				time.Sleep(4 * time.Second)
				task := r.get("/tasks/" + parse(t, text)["taskId"].(string))
				commandType := op.commandType
				if form.prefix != "" {
					commandType = form.prefix + strings.ToUpper(commandType[:1]) + commandType[1:]
				}
				require.Equal(t, commandType, task["commandType"], name)
				response, told := task["response"]
				require.Equal(t, op.want != "", told, name)
				if told {
					require.JSONEq(t, strings.ReplaceAll(op.want, "SUB", fmt.Sprint(sub)), encode(t, response), name)
				}
			}
		}

		used := map[string]bool{}
		for _, request := range r.Requests() {
			used[request.Route] = true
		}
		for _, route := range routes {
			require.True(t, used[route.name()] || !ofPrivateNetwork(route), "no request to %s", route.name())
		}
	})
}

func TestPrivateNetworkOfTheWrongForm(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		single, double := fmt.Sprintf("/subscriptions/%d", r.AddGCPSubscription("s")), fmt.Sprintf("/subscriptions/%d", r.AddSubscription("d", "a", "b"))
		for _, request := range []struct{ method, path, body string }{
			{"GET", "/private-service-connect", ""},
			{"POST", "/private-service-connect", ""},
			{"DELETE", "/private-service-connect", ""},
			{"GET", "/private-service-connect/1", ""},
			{"POST", "/private-service-connect/1", pscEndpointBody},
			{"PUT", "/private-service-connect/1/endpoints/1", "{}"},
			{"DELETE", "/private-service-connect/1/endpoints/1", ""},
			{"GET", "/private-service-connect/1/endpoints/1/creationScripts", ""},
			{"GET", "/private-link", ""},
			{"POST", "/private-link", `{"shareName":"s","principal":"123456789012","type":"aws_account"}`},
			{"DELETE", "/private-link", ""},
			{"POST", "/private-link/principals", `{"principal":"123456789012"}`},
			{"DELETE", "/private-link/principals", `{"principal":"123456789012"}`},
			{"POST", "/private-link/connections/disassociate", `{"connections":[]}`},
			{"GET", "/private-link/endpoint-script", ""},
		} {
			require.Contains(t, r.fail(request.method, double+request.path, request.body), "NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION")
			require.Regexp(t, "NOT_ALLOWED_WITH_A_(FLEXIBLE|SINGLE_REGION)_SUBSCRIPTION", r.fail(request.method, single+"/regions/1"+request.path, request.body))
			require.Equal(t, http.StatusNotFound, r.status(request.method, double+"/regions/99"+request.path, request.body))
			require.Equal(t, http.StatusBadRequest, r.status(request.method, double+"/regions/x"+request.path, request.body))
			require.Equal(t, http.StatusNotFound, r.status(request.method, "/subscriptions/1"+request.path, request.body))
		}
		single = fmt.Sprintf("/subscriptions/%d", r.AddSubscription("aws"))
		require.Equal(t, "PSC_CLOUD_PROVIDER_IS_NOT_SUPPORTED", r.fail("POST", single+"/private-service-connect", ""))
		single = fmt.Sprintf("/subscriptions/%d", r.AddGCPSubscription("gcp"))
		require.Equal(t, "PRIVATE_LINK_CLOUD_PROVIDER_NOT_SUPPORTED",
			r.fail("POST", single+"/private-link", `{"shareName":"s","principal":"123456789012","type":"aws_account"}`))
	})
}
