package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

const gatewayAvailable = "available"

// A gateway is a transit gateway that is shared with a region of a
// subscription.
type gateway struct {
	sub        *subscription
	region     *region
	id         int
	attachment string    // its status, "" if it isn't attached
	attached   int       // the attachment's number
	listed     time.Time // the list includes it from then on
	cidrs      []any
}

// An invitation is an offer to share a transit gateway.
type invitation struct {
	region *region
	id     int
	name   string
	status string
	shared time.Time
}

// ShareTransitGateway acts as the owner of a transit gateway in AWS who shares
// it: it creates a pending invitation and returns its id. Once the invitation
// is accepted, the list includes the gateway. The region is one of the
// subscription, "" for its first. The id is 0 if there is no such subscription
// or region.
func (s *Server) ShareTransitGateway(subscriptionID int, region, name string) (invitationID int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	sub := s.subscriptions[subscriptionID]
	if sub == nil {
		return 0
	}
	for _, r := range sub.regions() {
		if region == "" || r.name == region {
			i := &invitation{region: r, id: s.nextID("invitation"), name: name, status: "pending", shared: now}
			sub.invitations = append(sub.invitations, i)
			return i.id
		}
	}
	return 0
}

// AcceptTransitGatewayAttachment acts as the owner of a transit gateway in AWS,
// whose acceptance makes an attachment available. It reports whether there was
// one waiting for it.
func (s *Server) AcceptTransitGatewayAttachment(subscriptionID, transitGatewayID int) bool {
	return s.decideAttachment(subscriptionID, transitGatewayID, "pending", gatewayAvailable)
}

// RejectTransitGatewayAttachment makes an attachment that waits for the owner
// of the transit gateway end as rejected. It reports whether there was one.
func (s *Server) RejectTransitGatewayAttachment(subscriptionID, transitGatewayID int) bool {
	return s.decideAttachment(subscriptionID, transitGatewayID, "rejecting", "rejected")
}

func (s *Server) decideAttachment(subscriptionID, transitGatewayID int, first, last string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	sub := s.subscriptions[subscriptionID]
	if sub == nil {
		return false
	}
	i := slices.IndexFunc(sub.gateways, func(g *gateway) bool { return g.id == transitGatewayID })
	if i < 0 || sub.gateways[i].attachment != "pendingAcceptance" {
		return false
	}
	sub.gateways[i].change(first, last, now)
	return true
}

// change puts an attachment through a change, which ends in another status.
func (g *gateway) change(first, last string, at time.Time) {
	g.attachment = first
	which := g.attached
	g.sub.server.schedule(g.sub.server.settled(at), func(time.Time) {
		if g.attachment == first && g.attached == which {
			g.attachment = last
		}
	})
}

// onNetwork returns a handler of tasks on the network of a subscription, or of
// the region in the path. The errors are those for a path that doesn't match:
// in several regions, and in a single one.
func onNetwork(commandType string, activeActiveError, singleRegionError string,
	run func(*call, *subscription, *region, time.Time) (outcome, *failure)) func(*call, *subscription) answer {
	return func(c *call, sub *subscription) answer {
		start, status := sub.start, http.StatusAccepted
		if c.req.Method == http.MethodGet {
			start, status = sub.startRead, http.StatusOK
		}
		id, regional := 0, c.path["regionId"] != ""
		if regional {
			var ok bool
			if id, ok = c.id("regionId"); !ok {
				return c.fail(http.StatusBadRequest, "regionId is not a number")
			}
		}
		return start(c, status, commandType, func(at time.Time) (outcome, *failure) {
			switch {
			case regional && !sub.isActiveActive():
				return outcome{}, badRequest(singleRegionError, "The subscription is in a single region.")
			case !regional && sub.isActiveActive():
				return outcome{}, badRequest(activeActiveError, "The subscription is in several regions.")
			}
			for _, r := range sub.regions() {
				if !regional || r.id == id {
					if provider, _ := sub.location(); provider != "AWS" {
						return outcome{}, badRequest("TGW_CLOUD_PROVIDER_IS_NOT_SUPPORTED", "The subscription is not on AWS.")
					}
					return run(c, sub, r, at)
				}
			}
			return outcome{}, missing("TGW_REGION_DOES_NOT_EXIST", "The subscription is not in this region.")
		})
	}
}

// startRead submits a task that reads something of a subscription.
func (sub *subscription) startRead(c *call, status int, commandType string, read func(time.Time) (outcome, *failure)) answer {
	return c.start(status, commandType, func(at time.Time) (outcome, *failure) {
		if f := sub.missing(); f != nil {
			return outcome{}, f
		}
		return read(at)
	})
}

var listGateways = onNetwork("tgwGetRequest",
	"TGW_GETTING_SINGLE_REGION_TGWS_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION",
	"TGW_GETTING_ACTIVE_ACTIVE_SUBSCRIPTION_TGW_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
	func(_ *call, sub *subscription, r *region, at time.Time) (outcome, *failure) {
		if sub.status(at) != statusActive {
			return outcome{resourceID: sub.id}, nil // not known yet
		}
		list := []any{}
		for _, g := range sub.gateways {
			if g.region == r {
				list = append(list, g.shown(at))
			}
		}
		return outcome{resourceID: sub.id, resource: object{"tgws": list}}, nil
	})

var listInvitations = onNetwork("tgwInvitationsGetRequest",
	"TGW_GETTING_SINGLE_REGION_TGW_INVITATIONS_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION",
	"TGW_GETTING_ACTIVE_ACTIVE_SUBSCRIPTION_TGW_INVITATIONS_IS_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION",
	func(_ *call, sub *subscription, r *region, _ time.Time) (outcome, *failure) {
		list := []any{}
		for _, i := range sub.invitations {
			if i.region == r {
				list = append(list, i.document())
			}
		}
		return outcome{resourceID: sub.id, resource: object{"resources": list}}, nil
	})

var (
	acceptInvitation = onInvitation("tgwAcceptInvitationRequest", "TGW_ACCEPTING", func(sub *subscription, i *invitation) {
		i.status = "accepted"
		sub.gateways = append(sub.gateways, &gateway{sub: sub, region: i.region, id: sub.server.nextID("gateway"), cidrs: []any{}})
	})
	rejectInvitation = onInvitation("tgwRejectInvitationRequest", "TGW_REJECTING", func(_ *subscription, i *invitation) { i.status = "rejected" })
)

// onInvitation returns a handler of tasks on the invitation in the path, which
// must be pending.
func onInvitation(commandType, verb string, run func(*subscription, *invitation)) func(*call, *subscription) answer {
	return onNetwork(commandType,
		verb+"_A_FLEXIBLE_SUBSCRIPTION_TGW_RESOURCE_SHARE_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		verb+"_AN_ACTIVE_ACTIVE_TGW_RESOURCE_SHARE_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
		func(c *call, sub *subscription, r *region, _ time.Time) (outcome, *failure) {
			id, _ := c.id("tgwInvitationId")
			for _, i := range sub.invitations {
				if i.id == id && i.region == r && i.status == "pending" {
					run(sub, i)
					return outcome{resourceID: id}, nil
				}
			}
			return outcome{}, missing("TGW_RESOURCE_SHARE_DOES_NOT_EXIST", "There is no such pending invitation.")
		})
}

var createAttachment = onGateway("tgwAttachmentCreateRequest",
	"TGW_CREATING_A_FLEXIBLE_SUBSCRIPTION_TGW_ATTACHMENT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
	"TGW_CREATING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_TGW_ATTACHMENT_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	func(_ *call, g *gateway, at time.Time) *failure {
		if g.attachment != "" {
			return badRequest("TGW_ATTACHMENT_IS_NOT_ACTIVE", "The transit gateway is attached already.")
		}
		s := g.sub.server
		g.attached, g.listed = s.nextID("attachment"), at.Add(s.lateListing)
		g.change("initiating-request", "pendingAcceptance", at)
		return nil
	})

var updateAttachment = onGateway("tgwUpdateCidrsRequest",
	"TGW_UPDATING_A_FLEXIBLE_SUBSCRIPTION_TGW_ATTACHMENT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
	"TGW_UPDATING_AN_ACTIVE_ACTIVE_TGW_ATTACHMENT_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	func(c *call, g *gateway, at time.Time) *failure {
		cidrs, given := c.body["cidrs"].([]any)
		for i, cidr := range cidrs {
			if slices.Contains(cidrs[:i], cidr) {
				return badRequest("TGW_ATTACHMENT_CIDRS_REQUEST_CONTAINS_DUPLICATES", "A range of addresses is there twice.")
			}
		}
		switch {
		case g.attachment == "":
			return missing("TGW_ATTACHMENT_DOES_NOT_EXIST", "The transit gateway is not attached.")
		case g.attachment != gatewayAvailable:
			return badRequest("TGW_ATTACHMENT_IS_NOT_ACTIVE", "The attachment is not available.")
		case given && slices.Equal(cidrs, g.cidrs):
			return badRequest("TGW_ATTACHMENT_CIDRS_ARE_THE_SAME_AS_EXISTING_ONES", "The attachment has these ranges of addresses.")
		}
		if given {
			g.cidrs = cidrs
			g.change("modifying", gatewayAvailable, at)
		}
		return nil
	})

var deleteAttachment = onGateway("tgwAttachmentDeleteRequest",
	"TGW_DELETING_A_FLEXIBLE_SUBSCRIPTION_TGW_ATTACHMENT_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
	"TGW_DELETING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_TGW_ATTACHMENT_IS_NOT_ALLOWED_WITH_A_FLEXIBLE_SUBSCRIPTION",
	func(_ *call, g *gateway, at time.Time) *failure {
		if g.attachment == "" || g.attachment == "deleting" {
			return missing("TGW_ATTACHMENT_DOES_NOT_EXIST", "The transit gateway is not attached.")
		}
		g.cidrs = []any{}
		g.change("deleting", "", at)
		return nil
	})

// onGateway returns a handler of tasks on the transit gateway in the path.
func onGateway(commandType, activeActiveError, singleRegionError string, run func(*call, *gateway, time.Time) *failure) func(*call, *subscription) answer {
	return onNetwork(commandType, activeActiveError, singleRegionError,
		func(c *call, sub *subscription, r *region, at time.Time) (outcome, *failure) {
			id, _ := c.id("TgwId")
			for _, g := range sub.gateways {
				if g.id == id && g.region == r {
					return c.server.changing(g.path(), at, g.shown, func(at time.Time) (outcome, *failure) {
						return outcome{resourceID: id}, run(c, g, at)
					})
				}
			}
			return outcome{}, missing("TGW_DOES_NOT_EXIST", "There is no such transit gateway.")
		})
}

func (g *gateway) path() string { return fmt.Sprintf("%s/transitGateways/%d", g.sub.path(), g.id) }

// shown returns the document of a gateway, which may be stale.
func (g *gateway) shown(at time.Time) object {
	return g.sub.server.shown(g.path(), at, g.document)
}

func (g *gateway) document(at time.Time) object {
	cidrs := []any{}
	for _, cidr := range g.cidrs {
		cidrs = append(cidrs, object{"cidrAddress": cidr, "status": statusActive})
	}
	document := object{
		"id": g.id, "awsTgwUid": fmt.Sprintf("tgw-%017x", g.id), "awsAccountId": awsAccount,
		"status": gatewayAvailable, "cidrs": cidrs,
	}
	if g.attachment != "" && !at.Before(g.listed) {
		document["status"], document["attachmentStatus"] = g.attachment, g.attachment
		document["attachmentUid"] = fmt.Sprintf("tgw-attach-%017x", g.attached)
	}
	return document
}

// awsAccount shares all transit gateways.
const awsAccount = "123456789012"

func (i *invitation) document() object {
	return object{
		"id": i.id, "name": i.name, "status": i.status, "awsAccountId": awsAccount, "sharedDate": wireTime(i.shared),
		"resourceShareUid": fmt.Sprintf("00000000-0000-4000-8000-%012x", i.id),
	}
}
