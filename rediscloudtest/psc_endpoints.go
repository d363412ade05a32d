package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

type pscEndpoint struct {
	service  *pscService
	id       int
	settings object // as requests name them
	life     passage
	listed   time.Time // lists include it from then on
	deployed bool      // the resources of its creation script exist
	removal  bool
}

var (
	pscCreateEndpoint = wrongForm{
		"PSC_CREATING_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_ENDPOINT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PSC_CREATING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_ENDPOINT_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	}
	pscUpdateEndpoint = wrongForm{
		"PSC_UPDATING_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_ENDPOINT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PSC_UPDATING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_ENDPOINT_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	}
	pscDeleteEndpoint = wrongForm{
		"PSC_DELETING_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_ENDPOINT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PSC_DELETING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_ENDPOINT_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	}
	pscEndpointNotFound = missing("PSC_ENDPOINT_NOT_FOUND", "There is no such endpoint.")
)

// endpointMembers are the settings of an endpoint, with the error if one is
// empty.
var endpointMembers = map[string]string{
	"gcpProjectId":           "PSC_ENDPOINT_INVALID_GCP_PROJECT_ID",
	"gcpVpcName":             "PSC_ENDPOINT_INVALID_VPC_NAME",
	"gcpVpcSubnetName":       "PSC_ENDPOINT_INVALID_VPC_SUBNET_NAME",
	"endpointConnectionName": "PSC_ENDPOINT_INVALID_CONNECTION_NAME",
}

// RunPSCCreationScript has the effect of running an endpoint's creation script
// in the customer's project: the endpoint is processed, and then waits to be
// accepted or rejected. It reports whether there was such an endpoint waiting
// for its script.
func (s *Server) RunPSCCreationScript(endpointID int) bool {
	return s.onEndpoint(endpointID, func(e *pscEndpoint, now time.Time) bool {
		if e.status(now) != "initialized" {
			return false
		}
		e.deployed = true
		e.life = s.pass(now, "pending", "processing")
		return true
	})
}

// RunPSCDeletionScript has the effect of running an endpoint's deletion script
// in the customer's project, without which the endpoint can't be deleted.
// Nothing else is needed: an endpoint without its resources in Google Cloud is
// shown as deleted for a while and leaves the list. It reports whether there
// was such an endpoint whose creation script had been run.
func (s *Server) RunPSCDeletionScript(endpointID int) bool {
	return s.onEndpoint(endpointID, func(e *pscEndpoint, now time.Time) bool {
		if !e.deployed {
			return false
		}
		e.deployed = false
		e.remove(now)
		return true
	})
}

func (s *Server) onEndpoint(id int, do func(*pscEndpoint, time.Time) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	for _, sub := range s.subscriptions {
		for _, service := range sub.psc {
			if e := service.endpoint(id); e != nil {
				return do(e, now)
			}
		}
	}
	return false
}

func (p *pscService) endpoint(id int) *pscEndpoint {
	i := slices.IndexFunc(p.endpoints, func(e *pscEndpoint) bool { return e.id == id })
	if i < 0 {
		return nil
	}
	return p.endpoints[i]
}

func (e *pscEndpoint) path() string {
	return fmt.Sprintf("%s/%d/endpoints/%d", e.service.path(), e.service.id, e.id)
}

func (e *pscEndpoint) status(at time.Time) string {
	if forced := e.service.network.sub.server.forced[e.path()]; forced != "" {
		return forced
	}
	return e.life.status(at)
}

func (e *pscEndpoint) document(at time.Time) object {
	return keep(object{"id": e.id, "status": e.status(at)}, e.settings)
}

// shown returns the document of an endpoint, which may be stale.
func (e *pscEndpoint) shown(at time.Time) object {
	return e.service.network.sub.server.shown(e.path(), at, e.document)
}

// service finds the Private Service Connect in the path, or returns why it
// can't.
func (n privateNetwork) service(c *call) (*pscService, *failure) {
	id, ok := c.id("pscServiceId")
	if service := n.psc(); ok && service != nil && service.id == id {
		return service, nil
	}
	return nil, pscNotFound
}

// endpoint finds the endpoint in the path, or returns why it can't.
func (n privateNetwork) endpoint(c *call) (*pscEndpoint, *failure) {
	service, f := n.service(c)
	if f != nil {
		return nil, f
	}
	id, _ := c.id("endpointId")
	if e := service.endpoint(id); e != nil {
		return e, nil
	}
	return nil, pscEndpointNotFound
}

func listPSCEndpoints(c *call, n privateNetwork) answer {
	return n.read(c, "pscServiceEndpointsGetRequest", pscGet, func(at time.Time) (any, *failure) {
		service, f := n.service(c)
		if f != nil {
			return nil, f
		}
		list := []any{}
		for _, e := range service.endpoints {
			if !at.Before(e.listed) {
				list = append(list, e.shown(at))
			}
		}
		return object{"pscServiceId": service.id, "endpoints": list}, nil
	})
}

func createPSCEndpoint(c *call, n privateNetwork) answer {
	return n.write(c, http.StatusAccepted, "pscEndpointCreateRequest", pscCreateEndpoint, func(at time.Time) (outcome, *failure) {
		service, f := n.service(c)
		if f != nil {
			return outcome{}, f
		}
		if service.status(at) != statusActive {
			return outcome{}, badRequest("PSC_SERVICE_NOT_ACTIVE", "Private Service Connect is not active.")
		}
		e := &pscEndpoint{service: service, settings: object{}, life: passage{end: "initialized"}}
		if f := e.set(c.body); f != nil {
			return outcome{}, f
		}
		e.id, e.listed = n.sub.server.nextID("pscEndpoint"), at.Add(n.sub.server.lateListing)
		service.endpoints = append(service.endpoints, e)
		return outcome{resourceID: e.id}, nil
	})
}

// set changes where the endpoint is.
func (e *pscEndpoint) set(request object) *failure {
	settings := object{}
	for name, invalid := range endpointMembers {
		settings[name] = str(request, name, str(e.settings, name, ""))
		if settings[name] == "" {
			return badRequest(invalid, name+" is empty.")
		}
	}
	for _, other := range e.service.endpoints {
		same := other != e
		for name := range endpointMembers {
			same = same && other.settings[name] == settings[name]
		}
		if same {
			return conflict("PSC_ENDPOINT_ALREADY_EXISTS", "There is such an endpoint.")
		}
	}
	e.settings = settings
	return nil
}

func updatePSCEndpoint(c *call, n privateNetwork) answer {
	return n.write(c, http.StatusAccepted, "pscEndpointUpdateRequest", pscUpdateEndpoint, func(at time.Time) (outcome, *failure) {
		e, f := n.endpoint(c)
		if f != nil {
			return outcome{}, f
		}
		return c.server.changing(e.path(), at, e.shown, func(at time.Time) (outcome, *failure) {
			return outcome{resourceID: e.id}, e.change(c.body, at)
		})
	})
}

func (e *pscEndpoint) change(request object, at time.Time) *failure {
	action, s := str(request, "action", ""), e.service.network.sub.server
	now := e.status(at)
	switch {
	case action != "" && len(request) > 1:
		return badRequest("PSC_UPDATE_ENDPOINT_REQUEST_CANNOT_HAVE_BOTH_ACTION_AND_OTHER_FIELDS", "There is more than an action.")
	case action != "" && action != "accept" && action != "reject":
		return badRequest("PSC_UPDATE_ENDPOINT_REQUEST_ACTION_INVALID_VALUE", "The action is unknown.")
	case now == "initialized":
		return badRequest("PSC_UPDATE_ENDPOINT_REQUEST_CANNOT_UPDATE_INITIALIZED_ENDPOINT", "The creation script has not been run.")
	case now != "pending" && now != "rejected" && now != statusActive:
		return badRequest("PSC_ENDPOINT_NOT_ACTIVE", "The endpoint is "+now+".")
	case action == "accept":
		e.life = s.pass(at, statusActive, "accept-pending")
	case action == "reject":
		e.life = s.pass(at, "rejected", "reject-pending")
	default:
		if f := e.set(request); f != nil {
			return f
		}
		e.life = s.pass(at, now, "processing")
	}
	return nil
}

// deletePSCEndpoint removes an endpoint: it is shown as deleted for a while
// before it leaves the list.
func deletePSCEndpoint(c *call, n privateNetwork) answer {
	return n.write(c, http.StatusAccepted, "pscEndpointDeleteRequest", pscDeleteEndpoint, func(at time.Time) (outcome, *failure) {
		e, f := n.endpoint(c)
		switch {
		case f != nil:
			return outcome{}, f
		case e.deployed:
			return outcome{}, badRequest("PSC_ENDPOINT_CANNOT_BE_DELETED_WITHOUT_DELETION_SCRIPT", "The deletion script has not been run.")
		}
		e.remove(at)
		return outcome{resourceID: n.sub.id}, nil
	})
}

// remove starts the removal of an endpoint, unless it is in progress.
func (e *pscEndpoint) remove(at time.Time) {
	if e.removal {
		return
	}
	s := e.service.network.sub.server
	s.showOld(e.path(), e.shown(at), at)
	e.removal = true
	e.life = s.pass(at, "deleted", "processing")
	s.schedule(e.life.until().Add(s.provisioning), func(time.Time) {
		e.service.endpoints = slices.DeleteFunc(e.service.endpoints, func(other *pscEndpoint) bool { return other == e })
	})
}

func getPSCCreationScripts(c *call, n privateNetwork) answer {
	terraform := c.req.URL.Query().Get("includeTerraformGcpScript") == "true"
	return getPSCScripts(c, n, func(e *pscEndpoint) object {
		name := str(e.settings, "endpointConnectionName", "")
		script := e.script(fmt.Sprintf("gcloud compute addresses create %[1]s-1-ip --region=REGION --subnet=%[2]s\n"+
			"gcloud compute forwarding-rules create %[1]s-1 --region=REGION --network=%[3]s --address=%[1]s-1-ip --target-service-attachment=%[4]s\n",
			name, e.settings["gcpVpcSubnetName"], e.settings["gcpVpcName"], e.service.attachment()))
		if terraform {
			script["terraformGcp"] = object{"serviceAttachments": []any{object{
				"name":               e.service.attachment(),
				"dnsRecord":          fmt.Sprintf("*.psc.c%d.gcp.rediscloud.test.", e.service.id),
				"ipAddressName":      name + "-1-ip",
				"forwardingRuleName": name + "-1",
			}}}
		}
		return script
	})
}

func getPSCDeletionScripts(c *call, n privateNetwork) answer {
	return getPSCScripts(c, n, func(e *pscEndpoint) object {
		return e.script(fmt.Sprintf("gcloud compute forwarding-rules delete %[1]s-1 --region=REGION --quiet\n"+
			"gcloud compute addresses delete %[1]s-1-ip --region=REGION --quiet\n", e.settings["endpointConnectionName"]))
	})
}

// script returns the commands in both languages, which look the same.
func (e *pscEndpoint) script(commands string) object {
	commands = fmt.Sprintf("gcloud config set project %s\n", e.settings["gcpProjectId"]) + commands
	return object{"bash": "#!/bin/bash\nset -e\n" + commands, "powershell": "$ErrorActionPreference = 'Stop'\n" + commands}
}

func getPSCScripts(c *call, n privateNetwork, script func(*pscEndpoint) object) answer {
	return n.read(c, "pscServiceEndpointScriptGetRequest", pscGet, func(time.Time) (any, *failure) {
		e, f := n.endpoint(c)
		if f != nil {
			return nil, f
		}
		return object{"script": script(e)}, nil
	})
}
