package rediscloudtest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// timeline polls a path every 100 ms, and returns what it has seen and for how
// long.
func (r rig) timeline(path string, until time.Duration) []string {
	var seen []string
	var last string
	var since time.Duration
	for now := time.Duration(0); ; now += 100 * time.Millisecond {
		state := "404"
		if res, text := r.do("GET", path, ""); res.StatusCode == http.StatusOK {
			state = parse(r.t, text)["status"].(string)
		}
		if state != last || now == until {
			if last != "" {
				seen = append(seen, fmt.Sprintf("%s %v", last, now-since))
			}
			last, since = state, now
		}
		if now == until {
			return seen
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func TestLifeOfADatabase(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		databases := fmt.Sprintf("/subscriptions/%d/databases", sub)
		r.submit("POST", databases, `{"name":"cache"}`)
		path := databases + "/51000001"
		require.Equal(t, []string{"404 1s", "pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		r.submit("PUT", path, `{"name":"other"}`)
		require.Equal(t, []string{"active 1s", "active-change-pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		r.submit("POST", path+"/import", `{"sourceType":"http","importFromUri":["http://x"]}`)
		require.Equal(t, []string{"active 1s", "import-pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		r.submit("POST", path+"/upgrade", `{"targetRedisVersion":"8.2"}`)
		require.Equal(t, []string{"active 1s", "active-upgrade-pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		r.submit("DELETE", path, "")
		require.Equal(t, []string{"active 1s", "delete-pending 2s", "404 2s"}, r.timeline(path, 5*time.Second))
		require.Empty(t, r.Databases(sub))
	}, WithRateLimit(0))
}

func TestLifeOfASubscription(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.submit("POST", "/subscriptions", creation)
		path := "/subscriptions/120001"
		require.Equal(t, []string{"404 1s", "pending 2s", "active 2s"}, r.timeline(path, 5*time.Second))
		require.Equal(t, []int{51000001}, r.Databases(120001))
		require.Equal(t, "SUBSCRIPTION_IN_USE", r.fail("DELETE", path, ""))

		r.complete("DELETE", path+"/databases/51000001", "")
		require.Equal(t, "SUBSCRIPTION_NOT_ACTIVE", r.fail("DELETE", path, ""), "the database is still being removed")
		time.Sleep(2 * time.Second)
		r.submit("DELETE", path, "")
		require.Equal(t, []string{"active 1s", "deleting 2s", "404 2s"}, r.timeline(path, 5*time.Second))
		require.Empty(t, r.Subscriptions())
	}, WithRateLimit(0))
}

func TestWhatIsPendingRefusesWrites(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.complete("POST", "/subscriptions", creation)
		databases := "/subscriptions/120001/databases"
		require.Equal(t, "SUBSCRIPTION_NOT_ACTIVE", r.fail("POST", databases, `{"name":"second"}`))
		time.Sleep(2 * time.Second)
		r.complete("POST", databases, `{"name":"second"}`)
		r.complete("POST", databases, `{"name":"third"}`)

		r.complete("DELETE", databases+"/51000001", "")
		require.Equal(t, "DATABASE_NOT_ACTIVE", r.fail("DELETE", databases+"/51000001", ""))
		r.submit("DELETE", databases+"/51000002", "")
		late := r.submit("GET", databases+"/51000002/import", "")
		time.Sleep(10 * time.Second)
		require.Equal(t, "processing-completed", r.get("/tasks/" + late)["status"], "a read of what is being removed")
	}, WithLenientSubscriptions())
}

func TestWriteToWhatHasGoneMeanwhile(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := fmt.Sprintf("/subscriptions/%d", r.AddSubscription("s"))
		var ids []string
		for range 3 {
			ids = append(ids, r.submit("DELETE", sub, ""))
		}
		update := r.submit("PUT", sub, `{"name":"x"}`)
		create := r.submit("POST", sub+"/databases", `{"name":"x"}`)
		read := r.submit("GET", sub+"/cidr", "")
		time.Sleep(time.Minute)
		for id, want := range map[string]string{
			ids[1]: "SUBSCRIPTION_NOT_ACTIVE", ids[2]: "SUBSCRIPTION_NOT_FOUND",
			update: "SUBSCRIPTION_NOT_FOUND", create: "SUBSCRIPTION_NOT_FOUND", read: "SUBSCRIPTION_NOT_FOUND",
		} {
			failure := r.get("/tasks/" + id)["response"].(object)["error"].(object)
			require.Equal(t, want, failure["type"])
		}
	})
}

func TestBusySubscriptions(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		sub := fmt.Sprintf("/subscriptions/%d", id)
		r.complete("POST", sub+"/databases", `{"name":"first"}`)
		require.Equal(t, "pending", r.get(sub)["status"])
		require.Equal(t, "SUBSCRIPTION_NOT_ACTIVE", r.fail("POST", sub+"/databases", `{"name":"second"}`))
		time.Sleep(time.Second)
		require.Equal(t, "active", r.get(sub)["status"])

		r.complete("PUT", sub+"/databases/51000001", `{"name":"other"}`)
		require.Equal(t, "SUBSCRIPTION_NOT_ACTIVE", r.fail("PUT", sub, `{"name":"s"}`))
		time.Sleep(time.Second)
		r.complete("PUT", sub, `{"name":"s"}`)
	})
}

func TestSetStatus(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		sub := fmt.Sprintf("/subscriptions/%d", id)
		db := fmt.Sprintf("%s/databases/%d", sub, r.AddDatabase(id, "d"))
		r.SetStatus(db, "error")
		require.Equal(t, "error", r.get(db)["status"])
		r.SetStatus("/v1"+sub+"/", "encryption_key_pending")
		require.Equal(t, "encryption_key_pending", r.get(sub)["status"])
		require.Equal(t, "SUBSCRIPTION_NOT_ACTIVE", r.fail("POST", sub+"/databases", `{"name":"x"}`))
		r.SetStatus(sub, "")
		r.SetStatus(db, "")
		require.Equal(t, "active", r.get(sub)["status"])
		require.Equal(t, "active", r.get(db)["status"])

		r.SetStatus(db+"/traffic", "stopped")
		require.Equal(t, true, r.get(db + "/traffic")["canResume"])
		require.Equal(t, 204, r.status("POST", db+"/traffic/resume", ""))
		require.Equal(t, true, r.get(db + "/traffic")["resumeInProgress"])
		time.Sleep(2 * time.Second)
		require.Equal(t, "active", r.get(db + "/traffic")["trafficStatus"])
	})
}

func TestCustomerManagedKey(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.complete("POST", "/subscriptions", `{"persistentStorageEncryptionType":"customer-managed-key",
			"cloudProviders":[{"regions":[{"region":"r"}]}],"databases":[{"name":"d"}]}`)
		sub := "/subscriptions/120001"
		time.Sleep(time.Hour)
		require.Equal(t, "encryption_key_pending", r.get(sub)["status"])
		require.Equal(t, "pending", r.get(sub + "/databases/51000001")["status"])
		r.complete("PUT", sub, `{"customerManagedKeys":[{"resourceName":"key"}],"deletionGracePeriod":"1-hour"}`)
		require.Equal(t, "pending", r.get(sub)["status"])
		time.Sleep(2 * time.Second)
		require.Equal(t, "active", r.get(sub)["status"])
		r.complete("PUT", sub, `{"deploymentType":"active-active"}`)
		require.Equal(t, "single-region", r.get(sub)["deploymentType"])
		require.Equal(t, "1-hour", r.get(sub)["deletionGracePeriod"])
		require.Equal(t, "active", r.get(sub + "/databases/51000001")["status"])
	})
}

func TestUpgradeProgress(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		db := fmt.Sprintf("/subscriptions/%d/databases/%d", id, r.AddDatabase(id, "d"))
		require.Equal(t, 404, r.status("GET", db+"/upgrade", ""))
		require.Equal(t, "DATABASE_UPGRADE_INVALID_REDIS_VERSION", r.fail("POST", db+"/upgrade", `{"targetRedisVersion":"1.0"}`))
		r.complete("POST", db+"/upgrade", `{"targetRedisVersion":"8.2"}`)
		for i, want := range []string{"0 in-progress 7.4", "25 in-progress 7.4", "50 in-progress 7.4", "75 in-progress 7.4", "100 done 8.2"} {
			upgrade := r.get(db + "/upgrade")
			got := fmt.Sprint(upgrade["progress"], " ", upgrade["upgradeStatus"], " ", r.get(db)["redisVersion"])
			require.Equal(t, want, got, i)
			time.Sleep(500 * time.Millisecond)
		}
		require.Empty(t, r.get(db + "/available-target-versions")["targets"])
	})
}

func TestImportProgress(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		db := fmt.Sprintf("/subscriptions/%d/databases/%d", id, r.AddDatabase(id, "d"))
		require.Equal(t, "DATABASE_IMPORT_URI_NOT_PROVIDED", r.fail("POST", db+"/import", `{"sourceType":"ftp","importFromUri":[]}`))
		r.complete("POST", db+"/import", `{"sourceType":"ftp","importFromUri":["ftp://x"]}`)
		require.Equal(t, object{"status": "importing"}, r.complete("GET", db+"/import", "")["resource"])
		time.Sleep(time.Second)
		require.Equal(t, object{"status": "success", "lastImportTime": "2000-01-01T00:00:04.000Z"},
			r.complete("GET", db+"/import", "")["resource"])
	})
}
