package rediscloudtest

import (
	"net/http"
	"time"
)

func getCIDR(c *call, sub *subscription) answer {
	return c.start(http.StatusAccepted, "cidrGetRequest", func(time.Time) (outcome, *failure) {
		if f := sub.missing(); f != nil {
			return outcome{}, f
		}
		if sub.isActiveActive() {
			return outcome{}, badRequest("GETTING_SINGLE_REGION_CIDR_WHITE_LIST_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION",
				"The subscription is in several regions.")
		}
		return sub.cidrOutcome(), nil
	})
}

func updateCIDR(c *call, sub *subscription) answer {
	return sub.start(c, http.StatusAccepted, "cidrUpdateRequest", func(time.Time) (outcome, *failure) {
		if sub.isActiveActive() {
			return outcome{}, badRequest("UPDATING_SINGLE_REGION_CIDR_WHITE_LIST_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION",
				"The subscription is in several regions.")
		}
		if list, ok := c.body["cidrIps"].([]any); ok {
			sub.cidrs = list
		}
		if list, ok := c.body["securityGroupIds"].([]any); ok {
			sub.securityGroups = list
		}
		return sub.cidrOutcome(), nil
	})
}

func (sub *subscription) cidrOutcome() outcome {
	allowed := object{"cidr_ips": sub.cidrs, "security_group_ids": sub.securityGroups, "errors": []any{}}
	return outcome{resourceID: sub.id, resource: allowed}
}
