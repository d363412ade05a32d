package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPSCStages(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		path := fmt.Sprintf("/subscriptions/%d/private-service-connect", r.AddGCPSubscription("s"))
		status := func() any { return r.complete("GET", path, "")["resource"].(object)["status"] }
		require.Equal(t, "PSC_SERVICE_NOT_FOUND", r.fail("GET", path, ""))
		require.Equal(t, "PSC_SERVICE_NOT_FOUND", r.fail("DELETE", path, ""))
		require.Equal(t, "PSC_SERVICE_NOT_FOUND", r.fail("POST", path+"/1", pscEndpointBody))
		r.complete("POST", path, "")
		require.Equal(t, "create-queued", status())
		require.Equal(t, "PSC_SERVICE_NOT_ACTIVE", r.fail("POST", path+"/1", pscEndpointBody))
		require.Equal(t, "PSC_SERVICE_ALREADY_EXISTS", r.fail("POST", path, ""))
		time.Sleep(2 * time.Second)
		require.Equal(t, "create-pending", status())
		time.Sleep(2 * time.Second)
		require.Equal(t, "active", status())
		r.SetStatus(path, "failed")
		require.Equal(t, "failed", status())
		r.SetStatus(path, "")
		r.complete("DELETE", path, "")
		require.Equal(t, "delete-queued", status())
		time.Sleep(4 * time.Second)
		require.Equal(t, "delete-pending", status())
		time.Sleep(time.Minute)
		require.Equal(t, "PSC_SERVICE_NOT_FOUND", r.fail("GET", path, ""))
	}, WithProvisioning(7*time.Second))
}

func TestPSCEndpointStages(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		service := fmt.Sprintf("/subscriptions/%d/private-service-connect", r.AddGCPSubscription("s"))
		r.complete("POST", service, "")
		time.Sleep(time.Minute)
		list, endpoint := service+"/1", service+"/1/endpoints/1"
		endpoints := func() []object {
			return objects(r.complete("GET", list, "")["resource"].(object), "endpoints")
		}
		settle := func(first, last string) {
			t.Helper()
			require.Equal(t, first, endpoints()[0]["status"])
			time.Sleep(10 * time.Second)
			require.Equal(t, last, endpoints()[0]["status"])
		}
		require.False(t, r.RunPSCCreationScript(1))
		require.False(t, r.RunPSCDeletionScript(1))
		require.Equal(t, "PSC_ENDPOINT_INVALID_VPC_NAME",
			r.fail("POST", list, `{"gcpProjectId":"p","gcpVpcName":"","gcpVpcSubnetName":"s","endpointConnectionName":"e"}`))
		require.Empty(t, endpoints())
		r.complete("POST", list, pscEndpointBody)
		require.Equal(t, "PSC_ENDPOINT_ALREADY_EXISTS", r.fail("POST", list, pscEndpointBody))
		settle("initialized", "initialized")
		require.Equal(t, "PSC_UPDATE_ENDPOINT_REQUEST_CANNOT_UPDATE_INITIALIZED_ENDPOINT", r.fail("PUT", endpoint, `{"action":"accept"}`))
		require.Equal(t, "PSC_ENDPOINT_NOT_FOUND", r.fail("PUT", service+"/1/endpoints/9", `{}`))
		require.Equal(t, "PSC_ENDPOINT_NOT_FOUND", r.fail("GET", service+"/1/endpoints/9/deletionScripts", ""))
		require.Equal(t, "PSC_SERVICE_NOT_FOUND", r.fail("DELETE", service+"/9/endpoints/1", ""))

		require.False(t, r.RunPSCDeletionScript(1))
		require.True(t, r.RunPSCCreationScript(1))
		require.False(t, r.RunPSCCreationScript(1))
		require.Equal(t, "PSC_ENDPOINT_NOT_ACTIVE", r.fail("PUT", endpoint, `{"action":"accept"}`))
		settle("processing", "pending")
		require.Equal(t, "PSC_UPDATE_ENDPOINT_REQUEST_CANNOT_HAVE_BOTH_ACTION_AND_OTHER_FIELDS", r.fail("PUT", endpoint, `{"action":"accept","gcpVpcName":"x"}`))
		require.Equal(t, "PSC_UPDATE_ENDPOINT_REQUEST_ACTION_INVALID_VALUE", r.fail("PUT", endpoint, `{"action":"think"}`))
		require.Equal(t, 400, r.status("PUT", endpoint, `{"gcpVpcName":5}`))
		r.complete("PUT", endpoint, `{"action":"reject"}`)
		settle("reject-pending", "rejected")
		r.complete("PUT", endpoint, `{"action":"accept"}`)
		settle("accept-pending", "active")
		r.complete("PUT", endpoint, `{"gcpVpcName":"other"}`)
		require.Equal(t, "other", endpoints()[0]["gcpVpcName"])
		settle("processing", "active")
		r.SetStatus("/v1"+endpoint, "failed")
		settle("failed", "failed")
		r.SetStatus(endpoint, "")

		require.Equal(t, "PSC_ENDPOINT_CANNOT_BE_DELETED_WITHOUT_DELETION_SCRIPT", r.fail("DELETE", endpoint, ""))
		require.Equal(t, "PSC_SERVICE_CANNOT_DELETE_SERVICE_WITH_ACTIVE_ENDPOINTS", r.fail("DELETE", service, ""))
		require.True(t, r.RunPSCDeletionScript(1))
		require.False(t, r.RunPSCDeletionScript(1))
		settle("processing", "deleted")
		time.Sleep(10 * time.Second)
		require.Empty(t, endpoints(), "it vanishes by itself")
		require.Equal(t, "PSC_ENDPOINT_NOT_FOUND", r.fail("DELETE", endpoint, ""))

		r.complete("POST", list, pscEndpointBody)
		r.RunPSCCreationScript(2)
		r.RunPSCDeletionScript(2)
		r.complete("DELETE", service+"/1/endpoints/2", "")
		settle("processing", "deleted")
		time.Sleep(8 * time.Second)
		require.Empty(t, endpoints(), "a request in the meantime changes nothing")
		r.complete("DELETE", service, "")
	}, WithProvisioning(8*time.Second))
}
