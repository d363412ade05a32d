package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	peeringInitiating = "initiating-request"
	peeringPending    = "pending-acceptance" // on AWS
	peeringInactive   = "inactive"           // on GCP
	peeringFailed     = "failed"
)

// A peering connects a subscription, or a region of an Active-Active
// subscription, with a network of the customer.
type peering struct {
	sub      *subscription
	id       int
	provider string
	region   *region
	settings object // as requests name them
	status   string
	listed   time.Time // lists include it from then on
}

func (p *peering) path() string {
	if p.sub.isActiveActive() {
		return fmt.Sprintf("%s/regions/peerings/%d", p.sub.path(), p.id)
	}
	return fmt.Sprintf("%s/peerings/%d", p.sub.path(), p.id)
}

// told is the status that the API reports.
func (p *peering) told() string {
	if forced := p.sub.server.forced[p.path()]; forced != "" {
		return forced
	}
	return p.status
}

func (sub *subscription) peering(id int) *peering {
	i := slices.IndexFunc(sub.peerings, func(p *peering) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return sub.peerings[i]
}

// AcceptPeering acts as the owner of the other network: on AWS it accepts a
// peering, on GCP it sets the peering up from the other end. The peering
// becomes active. AcceptPeering reports whether a peering was waiting for it.
func (s *Server) AcceptPeering(subscriptionID, peeringID int) bool {
	return s.decidePeering(subscriptionID, peeringID, statusActive)
}

// RejectPeering makes a peering that waits for the owner of the other network
// fail. It reports whether there was one.
func (s *Server) RejectPeering(subscriptionID, peeringID int) bool {
	return s.decidePeering(subscriptionID, peeringID, peeringFailed)
}

func (s *Server) decidePeering(subscriptionID, peeringID int, status string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(s.now())
	sub := s.subscriptions[subscriptionID]
	if sub == nil {
		return false
	}
	p := sub.peering(peeringID)
	if p == nil || p.status != peeringPending && p.status != peeringInactive {
		return false
	}
	p.status = status
	return true
}

// A peeringForm is what differs between the peerings of single-region and
// Active-Active subscriptions.
type peeringForm struct {
	activeActive bool
	status       int    // of responses
	prefix       string // of command types
	notFound     string
}

var (
	plainPeerings  = peeringForm{false, http.StatusAccepted, "peering", "VPC_PEERING_NOT_FOUND"}
	activePeerings = peeringForm{true, http.StatusOK, "activeActiveVpcPeering", "ACTIVE_ACTIVE_VPC_PEERING_NOT_FOUND"}
)

// refuses returns a failure if a subscription has peerings of the other form.
// The API has an error for each verb.
func (f peeringForm) refuses(sub *subscription, verb string) *failure {
	switch {
	case f.activeActive == sub.isActiveActive():
		return nil
	case f.activeActive && verb == "GETTING":
		return badRequest("GETTING_ACTIVE_ACTIVE_SUBSCRIPTION_VPC_PEERINGS_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
			"The subscription is in a single region.")
	case f.activeActive:
		return badRequest(verb+"_AN_ACTIVE_ACTIVE_VPC_PEERING_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
			"The subscription is in a single region.")
	}
	object := map[string]string{
		"GETTING": "SINGLE_REGION_VPC_PEERINGS", "DELETING": "SINGLE_REGION_VPC_PEERING",
		"CREATING": "A_SINGLE_REGION_VPC_PEERING", "UPDATING": "A_SINGLE_REGION_VPC_PEERING",
	}[verb]
	return badRequest(verb+"_"+object+"_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION", "The subscription is in several regions.")
}

func (f peeringForm) list(c *call, sub *subscription) answer {
	commandType := "vpcPeeringGetRequest"
	if f.activeActive {
		commandType = f.prefix + "GetRequest"
	}
	return c.start(f.status, commandType, func(at time.Time) (outcome, *failure) {
		if f := sub.missing(); f != nil {
			return outcome{}, f
		}
		if failed := f.refuses(sub, "GETTING"); failed != nil {
			return outcome{}, failed
		}
		return outcome{resourceID: sub.id, resource: sub.peeringsDocument(at)}, nil
	})
}

func (f peeringForm) create(c *call, sub *subscription) answer {
	return sub.start(c, f.status, f.prefix+"CreateRequest", func(at time.Time) (outcome, *failure) {
		if failed := f.refuses(sub, "CREATING"); failed != nil {
			return outcome{}, failed
		}
		p := &peering{sub: sub, settings: c.body, provider: strings.ToUpper(str(c.body, "provider", "AWS"))}
		if failed := p.place(f); failed != nil {
			return outcome{}, failed
		}
		sub.request(p, at)
		return outcome{resourceID: p.id}, nil
	})
}

// place finds the region of a new peering and checks the request for it.
func (p *peering) place(f peeringForm) *failure {
	name, wrong := str(p.settings, "region", ""), "VPC_PEERING_INVALID_REGION"
	if f.activeActive {
		name, wrong = str(p.settings, "sourceRegion", ""), "ACTIVE_ACTIVE_VPC_PEERING_INVALID_SOURCE_REGION_NAME"
	}
	provider, first := p.sub.location()
	if p.provider == "GCP" && !f.activeActive {
		name = first
	}
	i := slices.IndexFunc(p.sub.regions(), func(r *region) bool { return r.name == name })
	switch {
	case p.provider != "AWS" && p.provider != "GCP":
		return badRequest("VPC_PEERING_IS_NOT_KNOWN_CLOUD_PROVIDER", "The provider is neither AWS nor GCP.")
	case p.provider != provider:
		return badRequest("VPC_PEERING_BELONGS_TO_DIFFERENT_CLOUD_PROVIDER", "The subscription is with another provider.")
	case i < 0:
		return badRequest(wrong, "The subscription is not in this region.")
	}
	if missing := p.missing(); missing != nil {
		return missing
	}
	p.region = p.sub.regions()[i]
	if slices.ContainsFunc(p.sub.peerings, p.same) {
		return conflict("VPC_PEERING_ALREADY_EXIST", "There is a peering with this network.")
	}
	return tooManyCIDRs(p.settings)
}

// missing returns a failure if the request doesn't identify the other network.
func (p *peering) missing() *failure {
	has := func(name string) bool { return str(p.settings, name, "") != "" }
	switch {
	case p.provider == "AWS" && !has("awsAccountId"):
		return badRequest("VPC_PEERING_INVALID_ACCOUNT", "The AWS account is missing.")
	case p.provider == "AWS" && !has("vpcId"):
		return badRequest("VPC_PEERING_INVALID_VPC", "The VPC is missing.")
	case p.provider == "GCP" && (!has("vpcProjectUid") || !has("vpcNetworkName")):
		return badRequest("VPC_PEERING_INVALID_PROJECT", "The project or its network is missing.")
	}
	return nil
}

// same reports whether another peering connects the same networks.
func (p *peering) same(other *peering) bool {
	return p.region == other.region && other.status != peeringFailed && p.settings["vpcId"] == other.settings["vpcId"] &&
		p.settings["vpcProjectUid"] == other.settings["vpcProjectUid"] && p.settings["vpcNetworkName"] == other.settings["vpcNetworkName"]
}

func tooManyCIDRs(request object) *failure {
	if request["vpcCidr"] != nil && request["vpcCidrs"] != nil {
		return badRequest("VPC_PEERING_TOO_MANY_CIDR_SPECIFICATIONS", "There is one range of addresses and a list of them.")
	}
	return nil
}

// request adds a peering, which waits for the other side once it is
// provisioned.
func (sub *subscription) request(p *peering, at time.Time) {
	p.id, p.status, p.listed = sub.server.nextID("peering"), peeringInitiating, at.Add(sub.server.lateListing)
	sub.peerings = append(sub.peerings, p)
	sub.server.schedule(sub.server.settled(at), func(time.Time) {
		switch {
		case p.status != peeringInitiating:
		case p.provider == "GCP":
			p.status = peeringInactive
		default:
			p.status = peeringPending
		}
	})
}

func (f peeringForm) update(c *call, sub *subscription) answer {
	return f.onPeering(c, sub, "UPDATING", "UpdateRequest", func(p *peering, _ time.Time) (outcome, *failure) {
		switch {
		case p.provider != "AWS":
			return outcome{}, badRequest("VPC_PEERING_BELONGS_TO_DIFFERENT_CLOUD_PROVIDER", "The peering is not on AWS.")
		case p.status != statusActive:
			return outcome{}, badRequest("VPC_PEERING_NOT_ACTIVE", "The peering is not active.")
		case c.body["vpcCidr"] == nil && c.body["vpcCidrs"] == nil:
			return outcome{}, badRequest("VPC_PEERING_CIDR_IS_MISSING", "There is no range of addresses.")
		}
		if failed := tooManyCIDRs(c.body); failed != nil {
			return outcome{}, failed
		}
		for _, name := range []string{"vpcCidr", "vpcCidrs"} {
			delete(p.settings, name)
			if c.body[name] != nil {
				p.settings[name] = c.body[name]
			}
		}
		return outcome{resourceID: p.id}, nil
	})
}

func (f peeringForm) delete(c *call, sub *subscription) answer {
	return f.onPeering(c, sub, "DELETING", "DeleteRequest", func(p *peering, at time.Time) (outcome, *failure) {
		p.status = "deleting"
		sub.server.schedule(sub.server.settled(at), func(time.Time) {
			sub.peerings = slices.DeleteFunc(sub.peerings, func(other *peering) bool { return other == p })
		})
		return sub.done(), nil
	})
}

// onPeering submits a task on the peering in the path.
func (f peeringForm) onPeering(c *call, sub *subscription, verb, suffix string, run func(*peering, time.Time) (outcome, *failure)) answer {
	id, ok := c.id("peeringId")
	if !ok {
		return c.fail(http.StatusBadRequest, "peeringId is not a number")
	}
	return sub.start(c, f.status, f.prefix+suffix, func(at time.Time) (outcome, *failure) {
		if failed := f.refuses(sub, verb); failed != nil {
			return outcome{}, failed
		}
		p := sub.peering(id)
		if p == nil {
			return outcome{}, missing(f.notFound, "There is no such peering.")
		}
		return c.server.changing(p.path(), at, p.shown, func(at time.Time) (outcome, *failure) { return run(p, at) })
	})
}

// peeringsDocument is the list of peerings, one list per region for an
// Active-Active subscription.
func (sub *subscription) peeringsDocument(at time.Time) object {
	if !sub.isActiveActive() {
		list := []any{}
		for _, p := range sub.listedPeerings(at) {
			list = append(list, p.shown(at))
		}
		return object{"peerings": list}
	}
	regions := []any{}
	for _, r := range sub.regions() {
		list := []any{}
		for _, p := range sub.listedPeerings(at) {
			if p.region == r {
				list = append(list, p.shown(at))
			}
		}
		regions = append(regions, object{"id": r.id, "region": r.name, "vpcPeerings": list})
	}
	return object{"subscriptionId": sub.id, "regions": regions}
}

// listedPeerings returns the peerings that lists include.
func (sub *subscription) listedPeerings(at time.Time) []*peering {
	return slices.DeleteFunc(slices.Clone(sub.peerings), func(p *peering) bool { return at.Before(p.listed) })
}

// shown returns the document of a peering, which may be stale.
func (p *peering) shown(at time.Time) object {
	return p.sub.server.shown(p.path(), at, func(time.Time) object {
		if p.sub.isActiveActive() {
			return p.activeActiveDocument()
		}
		return p.document()
	})
}

func (p *peering) document() object {
	document := object{"vpcPeeringId": p.id, "regionName": p.region.name}
	if p.provider == "GCP" {
		document["projectUid"], document["networkName"] = p.settings["vpcProjectUid"], p.settings["vpcNetworkName"]
	}
	return p.describe(document)
}

func (p *peering) activeActiveDocument() object {
	document := object{
		"id": p.id, "regionId": p.region.id, "sourceRegion": p.region.name,
		"regionName": or(p.settings, "destinationRegion", p.region.name), // that of the other network, on AWS
	}
	if p.provider == "GCP" {
		document["vpcProjectUid"], document["vpcNetworkName"] = p.settings["vpcProjectUid"], p.settings["vpcNetworkName"]
	} else {
		document["destinationRegion"] = p.settings["destinationRegion"]
	}
	return p.describe(document)
}

// describe adds what both forms of documents have.
func (p *peering) describe(document object) object {
	document["status"] = p.told()
	if p.provider == "GCP" {
		document["redisProjectUid"] = fmt.Sprintf("redis-project-%d", p.sub.id)
		document["redisNetworkName"] = fmt.Sprintf("c%d-network", p.sub.id)
		document["cloudPeeringId"] = fmt.Sprintf("peering-%d", p.id)
		return document
	}
	document["awsAccountId"], document["vpcUid"] = p.settings["awsAccountId"], p.settings["vpcId"]
	document["awsPeeringUid"] = fmt.Sprintf("pcx-%017x", p.id)
	cidrs, _ := p.settings["vpcCidrs"].([]any)
	if one := p.settings["vpcCidr"]; one != nil {
		cidrs = []any{one}
	}
	list := []any{}
	for _, cidr := range cidrs {
		list = append(list, object{"vpcCidr": cidr, "active": "active"})
	}
	if len(cidrs) > 0 {
		document["vpcCidr"] = cidrs[0]
	}
	document["vpcCidrs"] = list
	return document
}
