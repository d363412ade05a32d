package rediscloudtest

import "net/http"

func getTraffic(c *call, db *database) answer {
	state := object{"bdbId": db.id, "trafficStatus": "active", "canResume": false, "resumeInProgress": false}
	if forced := c.server.forced[db.path()+"/traffic"]; forced != "" {
		state["trafficStatus"] = forced
		state["canResume"] = true
		state["stopReason"] = "Set by the test."
		state["resumeEligibleAt"] = wireTime(c.now)
	} else if c.now.Before(db.trafficResumed) {
		state["trafficStatus"] = "stopped"
		state["resumeInProgress"] = true
	}
	return c.ok(state)
}

func resumeTraffic(c *call, db *database) answer {
	traffic := db.path() + "/traffic"
	if c.server.forced[traffic] != "" {
		delete(c.server.forced, traffic)
		db.trafficResumed = c.server.settled(c.now)
	}
	return empty(http.StatusNoContent)
}

func getSlowLog(c *call, db *database) answer {
	entry := object{"id": 1, "startTime": wireTime(db.modified), "duration": 12000, "arguments": "KEYS *"}
	document := object{"entries": []any{entry}}
	return c.ok(c.server.linked(document, self(db.path()+"/slow-log")))
}

// placeholderCertificate looks like a certificate but can't be parsed.
const placeholderCertificate = "-----BEGIN CERTIFICATE-----\nVGhpcyBpcyBub3QgYSBjZXJ0aWZpY2F0ZSwgYnV0IGEgdGVzdCBtYXkgdGFrZSBpdCBmb3Igb25lLg==\n" +
	"-----END CERTIFICATE-----\n"

func getCertificate(c *call, _ *database) answer {
	return c.ok(object{"publicCertificatePEMString": c.server.certificate})
}
