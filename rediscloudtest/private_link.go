package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

type privateLink struct {
	network     privateNetwork
	number      int // used in the names that AWS assigns
	shareName   string
	life        passage
	empty       time.Time // its document is empty until then
	principals  []*principal
	connections []object
}

// A principal may connect to a PrivateLink.
type principal struct {
	name     string
	settings object
	life     passage
	listed   time.Time // lists include it from then on
}

var (
	linkGet = wrongForm{
		"PRIVATE_LINK_GET_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_LINK_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PRIVATE_LINK_GET_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_LINK_IS_NOT_ALLOWED_WITH_A_SINGLE_REGION_SUBSCRIPTION",
	}
	linkCreate = wrongForm{
		"PRIVATE_LINK_CREATE_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_LINK_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PRIVATE_LINK_CREATE_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_LINK_IS_NOT_ALLOWED_WITH_A_SINGLE_REGION_SUBSCRIPTION",
	}
	linkDelete = wrongForm{
		"PRIVATE_LINK_DELETING_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_LINK_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PRIVATE_LINK_DELETING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_LINK_IS_NOT_ALLOWED_WITH_A_SINGLE_REGION_SUBSCRIPTION",
	}
	linkCreatePrincipal = wrongForm{
		"PRIVATE_LINK_CREATING_PRINCIPLES_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PRIVATE_LINK_CREATING_PRINCIPLES_IS_NOT_ALLOWED_WITH_A_SINGLE_REGION_SUBSCRIPTION",
	}
	linkDeletePrincipal = wrongForm{
		"PRIVATE_LINK_DELETING_A_FLEXIBLE_SUBSCRIPTION_PRINCIPALS_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PRIVATE_LINK_DELETING_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRINCIPALS_IS_NOT_ALLOWED_WITH_A_SINGLE_REGION_SUBSCRIPTION",
	}
	linkDisassociate = wrongForm{
		"PRIVATE_LINK_DISASSOCIATE_CONNECTIONS_A_FLEXIBLE_SUBSCRIPTION_PRIVATE_LINK_IS_NOT_ALLOWED_WITH_AN_ACTIVE_ACTIVE_SUBSCRIPTION",
		"PRIVATE_LINK_DISASSOCIATE_CONNECTIONS_AN_ACTIVE_ACTIVE_SUBSCRIPTION_PRIVATE_LINK_IS_NOT_ALLOWED_WITH_A_SINGLE_REGION_SUBSCRIPTION",
	}
	linkNotFound = missing("PRIVATELINK_SERVICE_NOT_FOUND", "The network has no PrivateLink.")
)

// linkWritten is the status of the response to a write. The API's own document
// says 204, whose response couldn't contain a task.
const linkWritten = http.StatusOK

// link is the PrivateLink of the network, or nil.
func (n privateNetwork) link() *privateLink { return n.sub.privateLinks[n.regionID] }

func (l *privateLink) path() string { return l.network.path() + "/private-link" }

func (l *privateLink) document(at time.Time) object {
	sub := l.network.sub
	status := l.life.status(at)
	if forced := sub.server.forced[l.path()]; forced != "" {
		status = forced
	}
	principals, databases := []any{}, []any{}
	for _, p := range l.principals {
		if at.Before(p.listed) {
			continue
		}
		principals = append(principals, keep(object{"principal": p.name, "status": p.life.status(at)}, p.settings))
	}
	for _, db := range sub.sorted() {
		databases = append(databases, object{
			"databaseId": db.id,
			"port":       num(db.settings, "port", float64(10000+db.id%10000)),
			"rlEndpoint": fmt.Sprintf("db%d.plink.c%d.rediscloud.test", db.id, sub.id),
		})
	}
	configuration := fmt.Sprintf("rcfg-%017x", l.number)
	document := object{
		"status":                   status,
		"principals":               principals,
		"resourceConfigurationId":  configuration,
		"resourceConfigurationArn": "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/" + configuration,
		"shareArn":                 fmt.Sprintf("arn:aws:ram:us-east-1:000000000000:resource-share/%d", l.number),
		"shareName":                l.shareName,
		"connections":              l.connections,
		"databases":                databases,
		"subscriptionId":           sub.id,
	}
	if l.network.regionID != 0 {
		document["regionId"] = l.network.regionID
	}
	return document
}

// getPrivateLink has two forms for a missing PrivateLink: an error, and an
// empty document if there was one before.
func getPrivateLink(c *call, n privateNetwork) answer {
	return n.read(c, "privateLinkGetRequest", linkGet, func(at time.Time) (any, *failure) {
		link, had := n.sub.privateLinks[n.regionID]
		switch {
		case link != nil && at.Before(link.empty):
			return object{"links": []any{}}, nil
		case link != nil:
			return c.server.shown(link.path(), at, link.document), nil
		case had:
			return object{"links": []any{}}, nil
		default:
			return nil, linkNotFound
		}
	})
}

func createPrivateLink(c *call, n privateNetwork) answer {
	return n.write(c, linkWritten, "privateLinkCreateRequest", linkCreate, func(at time.Time) (outcome, *failure) {
		switch {
		case n.provider != "AWS":
			return outcome{}, badRequest("PRIVATE_LINK_CLOUD_PROVIDER_NOT_SUPPORTED", "The subscription is not on AWS.")
		case n.link() != nil:
			return outcome{}, conflict("PRIVATE_LINK_ALREADY_EXISTS", "The network has a PrivateLink already.")
		}
		s := n.sub.server
		link := &privateLink{
			network: n, number: s.nextID("privateLink"), shareName: str(c.body, "shareName", ""), connections: []object{},
			life: s.pass(at, statusActive, "initializing"), empty: at.Add(s.emptyLink),
		}
		if f := link.add(c.body, at); f != nil {
			return outcome{}, f
		}
		if n.sub.privateLinks == nil {
			n.sub.privateLinks = map[int]*privateLink{}
		}
		n.sub.privateLinks[n.regionID] = link
		return outcome{resourceID: n.sub.id}, nil
	})
}

func deletePrivateLink(c *call, n privateNetwork) answer {
	return n.write(c, linkWritten, "privateLinkDeleteRequest", linkDelete, func(at time.Time) (outcome, *failure) {
		link := n.link()
		if link == nil {
			return outcome{}, linkNotFound
		}
		s := n.sub.server
		s.showOld(link.path(), link.document(at), at)
		link.life = s.pass(at, "deleting", "deleting")
		s.schedule(link.life.until(), func(time.Time) {
			if n.link() == link {
				n.sub.privateLinks[n.regionID] = nil
			}
		})
		return outcome{resourceID: n.sub.id, noResponse: true}, nil
	})
}

func getPrivateLinkScript(c *call, n privateNetwork) answer {
	terraform := c.req.URL.Query().Get("includeTerraformAwsScript") == "true"
	return n.read(c, "privateLinkEndpointScriptGetRequest", linkGet, func(at time.Time) (any, *failure) {
		link := n.link()
		if link == nil {
			return nil, linkNotFound
		}
		arn := link.document(at)["resourceConfigurationArn"]
		document := object{"resourceEndpointScript": fmt.Sprintf("#!/usr/bin/env python3\nimport boto3\n\n"+
			"CONFIGURATION = %q\n\nfor endpoint in boto3.client(\"ec2\").describe_vpc_endpoints()[\"VpcEndpoints\"]:\n"+
			"    if endpoint.get(\"ResourceConfigurationArn\") == CONFIGURATION:\n        print(endpoint[\"VpcEndpointId\"])\n", arn)}
		if terraform {
			document["terraformAwsScript"] = fmt.Sprintf("resource \"aws_vpc_endpoint\" \"redis\" {\n"+
				"  vpc_endpoint_type          = \"Resource\"\n  resource_configuration_arn = %q\n  vpc_id                     = var.vpc_id\n}\n", arn)
		}
		return document, nil
	})
}

// AddPrivateLinkConnection acts as the owner of an AWS account who connects to
// a PrivateLink: it adds the connection to the list, and returns the id of its
// association. regionID is 0 unless the subscription is Active-Active, and
// ownerID is an associated principal. The result is "" if there is no such
// PrivateLink or principal.
func (s *Server) AddPrivateLinkConnection(subscriptionID, regionID int, ownerID string) (associationID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	sub := s.subscriptions[subscriptionID]
	if sub == nil || sub.privateLinks[regionID] == nil {
		return ""
	}
	link := sub.privateLinks[regionID]
	if p := link.principal(ownerID); p == nil || p.life.status(now) != "associated" {
		return ""
	}
	number := s.nextID("privateLinkConnection")
	associationID = fmt.Sprintf("rsa-%017x", number)
	link.connections = append(link.connections, object{
		"associationId":   associationID,
		"connectionId":    fmt.Sprintf("vpce-%017x", number),
		"type":            "vpc_endpoint",
		"ownerId":         ownerID,
		"associationDate": wireTime(now),
	})
	return associationID
}

func disassociatePrivateLink(c *call, n privateNetwork) answer {
	return n.write(c, http.StatusAccepted, "privateLinkConnectionsDisassociateRequest", linkDisassociate, func(at time.Time) (outcome, *failure) {
		link := n.link()
		if link == nil {
			return outcome{}, linkNotFound
		}
		left := slices.Clone(link.connections)
		for _, spec := range objects(c.body, "connections") {
			i := slices.IndexFunc(left, func(connection object) bool {
				return connection["associationId"] == spec["associationId"] && connection["ownerId"] == spec["principalId"]
			})
			if i < 0 {
				return outcome{}, missing("ENTITY_NOT_FOUND", "There is no such connection.")
			}
			left = slices.Delete(left, i, i+1)
		}
		c.server.showOld(link.path(), link.document(at), at)
		link.connections = left
		return outcome{resourceID: n.sub.id}, nil
	})
}
