package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOtherSideOverHTTP does everything over HTTP that a Go test does with
// methods.
func TestOtherSideOverHTTP(t *testing.T) {
	p := start(t, "-rate-limit", "0")
	used := map[string]bool{}
	do := func(path, body string) object {
		t.Helper()
		used["POST /_fake"+path] = true
		return p.ask("POST", path, body)
	}
	inVain := func(path, body string) {
		t.Helper()
		status, document, err := p.do("POST", "/_fake"+path, body)
		require.NoError(t, err)
		require.Equal(t, 409, status, document)
	}
	get := func(path string) object {
		t.Helper()
		used["GET /_fake"+path] = true
		return p.ask("GET", path, "")
	}
	first := func(document object, name string) object { return document[name].([]any)[0].(object) }

	do("/seed", `{
		"/subscriptions": [{"name":"aws","databases":[{"name":"cache"}]},
			{"name":"gcp","cloudProviders":[{"provider":"GCP","regions":[{"region":"europe-west1"}]}]}],
		"/users": [{"name":"Ann","email":"ann@example.com","role":"Viewer"}]}`)
	const aws, gcp = "/subscriptions/120001", "/subscriptions/120002"
	require.Equal(t, []any{51000001.0}, first(get("/subscriptions"), "subscriptions")["databases"])
	_, user := p.api("GET", "/users/60001", "")
	require.Equal(t, "Ann", user["name"])

	t.Run("peerings", func(t *testing.T) {
		for _, end := range []struct{ verb, status string }{{"accept", "active"}, {"reject", "failed"}} {
			task := p.task("POST", aws+"/peerings", fmt.Sprintf(`{"region":"us-east-1","awsAccountId":"1","vpcId":"vpc-%s","vpcCidr":"10.1.0.0/24"}`, end.verb))
			id := task["response"].(object)["resourceId"]
			body := fmt.Sprintf(`{"subscriptionId":120001,"peeringId":%v}`, id)
			do("/peerings/"+end.verb, body)
			inVain("/peerings/"+end.verb, body)
			for _, peering := range p.resource("GET", aws+"/peerings", "")["peerings"].([]any) {
				if peering.(object)["vpcPeeringId"] == id {
					require.Equal(t, end.status, peering.(object)["status"])
				}
			}
		}
	})
	t.Run("transit gateways", func(t *testing.T) {
		for i, end := range []struct{ verb, status string }{{"accept", "available"}, {"reject", "rejected"}} {
			share := do("/transit-gateways/share", `{"subscriptionId":120001,"name":"g"}`)
			p.task("PUT", fmt.Sprintf("%s/transitGateways/invitations/%v/accept", aws, share["invitationId"]), "")
			p.task("POST", fmt.Sprintf("%s/transitGateways/%d/attachment", aws, i+1), "")
			do("/attachments/"+end.verb, fmt.Sprintf(`{"subscriptionId":120001,"transitGatewayId":%d}`, i+1))
			do("/clock", `{"seconds":60}`)
			gateways := p.resource("GET", aws+"/transitGateways", "")["tgws"].([]any)
			require.Equal(t, end.status, gateways[i].(object)["status"])
		}
		inVain("/attachments/accept", `{"subscriptionId":120001,"transitGatewayId":1}`)
		inVain("/transit-gateways/share", `{"subscriptionId":1}`)
	})
	t.Run("private service connect", func(t *testing.T) {
		p.task("POST", gcp+"/private-service-connect", "")
		p.task("POST", gcp+"/private-service-connect/1", `{"gcpProjectId":"p","gcpVpcName":"v","gcpVpcSubnetName":"s","endpointConnectionName":"e"}`)
		inVain("/psc-scripts/delete", `{"endpointId":1}`)
		do("/psc-scripts/create", `{"endpointId":1}`)
		p.task("PUT", gcp+"/private-service-connect/1/endpoints/1", `{"action":"accept"}`)
		require.Equal(t, "pending", p.endpointStatus(gcp), "the script takes time, and the task came too early")
		p.task("PUT", gcp+"/private-service-connect/1/endpoints/1", `{"action":"accept"}`)
		require.Equal(t, "active", p.endpointStatus(gcp))
		do("/psc-scripts/delete", `{"endpointId":1}`)
		p.ask("POST", "/clock", `{"seconds":60}`)
		require.Empty(t, p.resource("GET", gcp+"/private-service-connect/1", "")["endpoints"])
	})
	t.Run("private link", func(t *testing.T) {
		inVain("/private-link-connections", `{"subscriptionId":120001,"ownerId":"123456789012"}`)
		p.task("POST", aws+"/private-link", `{"shareName":"s","principal":"123456789012","type":"aws_account"}`)
		made := do("/private-link-connections", `{"subscriptionId":120001,"ownerId":"123456789012"}`)
		require.Equal(t, made["associationId"], first(p.resource("GET", aws+"/private-link", ""), "connections")["associationId"])
	})
	t.Run("status", func(t *testing.T) {
		for _, status := range []string{"error", ""} {
			do("/status", fmt.Sprintf(`{"path":%q,"status":%q}`, aws, status))
			_, document := p.api("GET", aws, "")
			require.Equal(t, map[string]string{"error": "error", "": "active"}[status], document["status"])
		}
	})
	t.Run("tasks", func(t *testing.T) {
		do("/tasks/fail", `{"type":"DATABASE_NOT_FOUND","status":"404 NOT_FOUND","description":"gone"}`)
		task := p.task("POST", aws+"/databases", `{"name":"new"}`)
		require.Equal(t, object{"type": "DATABASE_NOT_FOUND", "status": "404 NOT_FOUND", "description": "gone"}, task["response"].(object)["error"])
		do("/tasks/forget", fmt.Sprintf(`{"taskId":%q,"seconds":30}`, task["taskId"]))
		path := "/tasks/" + task["taskId"].(string)
		status, _ := p.api("GET", path, "")
		require.Equal(t, 404, status)
		do("/clock", `{"seconds":31}`)
		status, _ = p.api("GET", path, "")
		require.Equal(t, 200, status)
		require.Contains(t, fmt.Sprint(get("/tasks")["tasks"]), task["taskId"])
	})
	t.Run("exchanges", func(t *testing.T) {
		do("/answers", `{"times":2,"route":"GET /regions","status":503,"header":{"Retry-After":"1"},"body":"<html>"}`)
		for _, want := range []int{503, 503, 200} {
			status, _ := p.api("GET", "/regions", "")
			require.Equal(t, want, status)
		}
		for i, when := range []string{"before", "after"} {
			do("/cuts", fmt.Sprintf(`{"route":"POST /fixed/subscriptions","when":%q}`, when))
			_, _, err := p.do("POST", "/v1/fixed/subscriptions", `{"name":"s","planId":98276}`)
			require.Error(t, err)
			do("/clock", `{"seconds":60}`)
			require.Len(t, get("/subscriptions")["subscriptions"], 2+i, "%s it acts", when)
		}
		do("/delays", `{"route":"GET /regions","seconds":0.01}`)
		status, _ := p.api("GET", "/regions", "")
		require.Equal(t, 200, status)
	})
	t.Run("books", func(t *testing.T) {
		do("/session-logs", `{"user":"ann@example.com","action":"login"}`)
		_, log := p.api("GET", "/session-logs", "")
		require.Equal(t, "ann@example.com", first(log, "entries")["user"])
		request := first(get("/requests"), "requests")
		require.Equal(t, []any{"GET", "/v1/users/60001", "GET /users/{userId}", 200.0},
			[]any{request["method"], request["path"], request["route"], request["status"]})
		require.NotEmpty(t, get("/clock")["now"])
	})
	do("/reset", "")
	require.Empty(t, get("/subscriptions")["subscriptions"])
	require.Empty(t, get("/requests")["requests"])

	for _, control := range p.ask("GET", "", "")["controls"].([]any) {
		name := fmt.Sprint(control.(object)["method"], " ", control.(object)["path"])
		require.True(t, used[name], "%s isn't driven", name)
	}
}

func (p *program) endpointStatus(sub string) any {
	p.t.Helper()
	return p.resource("GET", sub+"/private-service-connect/1", "")["endpoints"].([]any)[0].(object)["status"]
}
