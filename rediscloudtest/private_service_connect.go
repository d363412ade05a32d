package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

type pscService struct {
	network   privateNetwork
	id        int
	life      passage
	endpoints []*pscEndpoint
}

var (
	pscGet = wrongForm{
		"PSC_GET_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_ENDPOINT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PSC_GET_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_ENDPOINTS_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	}
	pscCreate = wrongForm{
		"PSC_CREATING_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PSC_CREATING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	}
	pscDelete = wrongForm{
		"PSC_DELETING_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PSC_DELETING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_SERVICE_CONNECT_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	}
	pscNotFound = missing("PSC_SERVICE_NOT_FOUND", "The network has no Private Service Connect.")
)

// psc is the Private Service Connect of the network, or nil.
func (n privateNetwork) psc() *pscService { return n.sub.psc[n.regionID] }

func (p *pscService) path() string { return p.network.path() + "/private-service-connect" }

func (p *pscService) status(at time.Time) string {
	if forced := p.network.sub.server.forced[p.path()]; forced != "" {
		return forced
	}
	return p.life.status(at)
}

func (p *pscService) document(at time.Time) object {
	return object{
		"id":                    p.id,
		"connectionHostName":    fmt.Sprintf("psc.c%d.gcp.rediscloud.test", p.id),
		"serviceAttachmentName": p.attachment(),
		"status":                p.status(at),
	}
}

// shown returns the document of a service, which may be stale.
func (p *pscService) shown(at time.Time) object {
	return p.network.sub.server.shown(p.path(), at, p.document)
}

func (p *pscService) attachment() string { return fmt.Sprintf("service-attachment-%d", p.id) }

func getPSC(c *call, n privateNetwork) answer {
	return n.read(c, "pscServiceGetRequest", pscGet, func(at time.Time) (any, *failure) {
		if n.psc() == nil {
			return nil, pscNotFound
		}
		return n.psc().shown(at), nil
	})
}

func createPSC(c *call, n privateNetwork) answer {
	return n.write(c, http.StatusAccepted, "pscServiceCreateRequest", pscCreate, func(at time.Time) (outcome, *failure) {
		switch {
		case n.provider != "GCP":
			return outcome{}, badRequest("PSC_CLOUD_PROVIDER_IS_NOT_SUPPORTED", "The subscription is not on Google Cloud.")
		case n.psc() != nil:
			return outcome{}, conflict("PSC_SERVICE_ALREADY_EXISTS", "The network has Private Service Connect already.")
		}
		s := n.sub.server
		service := &pscService{
			network: n, id: s.nextID("psc"),
			life: s.pass(at, statusActive, "create-queued", "initialized", "create-pending"),
		}
		if n.sub.psc == nil {
			n.sub.psc = map[int]*pscService{}
		}
		n.sub.psc[n.regionID] = service
		return outcome{resourceID: service.id}, nil
	})
}

func deletePSC(c *call, n privateNetwork) answer {
	return n.write(c, http.StatusAccepted, "pscServiceDeleteRequest", pscDelete, func(at time.Time) (outcome, *failure) {
		service := n.psc()
		if service == nil {
			return outcome{}, pscNotFound
		}
		inUse := func(e *pscEndpoint) bool { return e.status(at) != "deleted" }
		if slices.ContainsFunc(service.endpoints, inUse) {
			return outcome{}, badRequest("PSC_SERVICE_CANNOT_DELETE_SERVICE_WITH_ACTIVE_ENDPOINTS", "There are endpoints.")
		}
		s := n.sub.server
		s.showOld(service.path(), service.shown(at), at)
		service.life = s.pass(at, "deleted", "delete-queued", "delete-pending")
		s.schedule(service.life.until(), func(time.Time) {
			if n.psc() == service {
				delete(n.sub.psc, n.regionID)
			}
		})
		return outcome{resourceID: n.sub.id}, nil
	})
}
