package rediscloudtest

import (
	"fmt"
	"maps"
	"net/http"
	"time"
)

// A cloud is a subscription's deployment with one provider.
type cloud struct {
	settings object
	regions  []*region
}

type region struct {
	id       int
	name     string
	settings object
	subnet   string // used if a request names none
}

func (s *Server) newCloud(spec object) *cloud {
	c := &cloud{settings: maps.Clone(spec)}
	delete(c.settings, "regions")
	for _, r := range objects(spec, "regions") {
		c.add(s, r)
	}
	return c
}

// add deploys to one more region.
func (c *cloud) add(s *Server, spec object) {
	name := str(spec, "region", "")
	r := &region{id: s.regionID(name), name: name, settings: maps.Clone(spec)}
	networking := maps.Clone(child(spec, "networking"))
	if networking == nil {
		networking = object{}
	}
	if networking["deploymentCIDR"] == nil {
		networking["deploymentCIDR"] = fmt.Sprintf("10.0.%d.0/24", len(c.regions))
	}
	number := s.nextID("network")
	networking["vpcId"] = or(networking, "vpcId", fmt.Sprintf("vpc-%017x", number))
	if c.provider() == "AWS" {
		networking["securityGroupId"] = or(networking, "securityGroupId", fmt.Sprintf("sg-%017x", number))
	}
	r.subnet = fmt.Sprintf("subnet-%017x", number)
	r.settings["networking"] = networking
	c.regions = append(c.regions, r)
}

func (c *cloud) provider() string { return str(c.settings, "provider", "AWS") }

func (sub *subscription) cloudDocument(c *cloud) object {
	size := 0.0
	for _, db := range sub.databases {
		size += db.datasetSize()
	}
	regions := []any{}
	for _, r := range c.regions {
		regions = append(regions, r.document())
	}
	document := object{
		"provider":       c.provider(),
		"cloudAccountId": or(c.settings, "cloudAccountId", 1),
		"totalSizeInGb":  size,
		"regions":        regions,
	}
	if c.provider() == "AWS" {
		document["awsAccountId"] = awsAccountOf(int(num(c.settings, "cloudAccountId", internalCloudAccount)))
	}
	return sub.server.linked(keep(document, c.settings))
}

// document describes the region with a network for each of its subnets, or a
// default one.
func (r *region) document() object {
	networking := child(r.settings, "networking")
	networks := []any{}
	subnets, _ := networking["subnetIds"].([]any)
	if len(subnets) == 0 {
		subnets = []any{r.subnet}
	}
	for _, subnet := range subnets {
		networks = append(networks, keep(object{"subnetId": subnet}, networking, "subnetIds"))
	}
	document := object{
		"region":                     r.name,
		"networking":                 networks,
		"multipleAvailabilityZones":  flag(r.settings, "multipleAvailabilityZones", false),
		"preferredAvailabilityZones": or(r.settings, "preferredAvailabilityZones", []any{r.name + "a"}),
	}
	return keep(document, r.settings)
}

// location returns the first cloud's provider and its first region.
func (sub *subscription) location() (provider, region string) {
	provider, region = "AWS", "us-east-1"
	if len(sub.clouds) > 0 {
		provider = sub.clouds[0].provider()
		if len(sub.clouds[0].regions) > 0 {
			region = sub.clouds[0].regions[0].name
		}
	}
	return provider, region
}

func updateResourceTags(c *call, sub *subscription) answer {
	return sub.start(c, http.StatusAccepted, "subscriptionUpdateRequest", func(time.Time) (outcome, *failure) {
		for _, cloud := range sub.clouds {
			cloud.settings["resourceTags"] = c.body["resourceTags"]
		}
		return sub.done(), nil
	})
}
