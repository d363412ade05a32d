package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
)

// A place is a region where the API deploys.
type place struct {
	id             int
	name, provider string
}

// places are the regions that the API lists.
var places = slices.Concat(
	placesOf("AWS", map[string]int{
		"us-east-1": 1, "us-west-1": 2, "us-west-2": 3, "eu-west-1": 4, "ap-southeast-1": 5, "ap-northeast-1": 6, "sa-east-1": 7,
		"ap-southeast-2": 15, "eu-central-1": 29, "ap-south-1": 30, "us-east-2": 59, "eu-west-2": 60, "eu-west-3": 61, "eu-north-1": 62,
		"ca-central-1": 63, "ap-east-1": 64, "ap-northeast-2": 116, "ap-northeast-3": 117, "il-central-1": 132, "mx-central-1": 144,
		"ap-southeast-7": 145, "ap-southeast-5": 146,
	}),
	placesOf("GCP", map[string]int{
		"us-central1": 27, "asia-east1": 32, "asia-northeast1": 33, "asia-southeast1": 34, "europe-west1": 35, "europe-west4": 36,
		"us-east1": 38, "us-east4": 39, "us-west1": 40, "asia-east2": 67, "asia-south1": 69, "australia-southeast1": 71,
		"europe-north1": 72, "europe-west2": 74, "europe-west3": 75, "northamerica-northeast1": 77, "us-west2": 82,
		"southamerica-east1": 95, "asia-northeast2": 104, "europe-west6": 113, "asia-southeast2": 128, "me-west1": 129,
		"europe-southwest1": 130, "northamerica-northeast2": 131, "europe-west10": 133, "europe-west8": 134, "europe-west9": 135,
		"europe-west12": 136, "europe-central2": 137, "me-central2": 138, "me-central1": 139, "us-east5": 140, "us-south1": 141,
		"southamerica-west1": 142, "africa-south1": 143,
	}),
)

func placesOf(provider string, ids map[string]int) []place {
	var list []place
	for name, id := range ids {
		list = append(list, place{id, name, provider})
	}
	slices.SortFunc(list, func(a, b place) int { return a.id - b.id })
	return list
}

// firstOtherRegion is the id of the first region that the API doesn't list.
// Tests may name any.
const firstOtherRegion = 1001

// regionID returns the id of a region, the same everywhere.
func (s *Server) regionID(name string) int {
	for _, p := range places {
		if p.name == name {
			return p.id
		}
	}
	if s.otherRegions == nil {
		s.otherRegions = map[string]int{}
	}
	if s.otherRegions[name] == 0 {
		s.otherRegions[name] = firstOtherRegion + len(s.otherRegions)
	}
	return s.otherRegions[name]
}

func listAllRegions(c *call) answer {
	provider := c.req.URL.Query().Get("provider")
	if provider != "" && provider != "AWS" && provider != "GCP" {
		return c.fail(http.StatusBadRequest, "provider is neither AWS nor GCP")
	}
	list := []any{}
	for _, p := range places {
		if provider == "" || p.provider == provider {
			list = append(list, object{"id": p.id, "name": p.name, "provider": p.provider})
		}
	}
	return c.ok(c.server.linked(object{"regions": list}, self("/regions")))
}

// awsAccountOf is the AWS account in which a cloud account deploys.
func awsAccountOf(cloudAccount int) string {
	return fmt.Sprintf("%012d", 100_000_000_000+int64(cloudAccount))
}
