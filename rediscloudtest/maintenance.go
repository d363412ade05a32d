package rediscloudtest

import (
	"net/http"
	"time"
)

func getMaintenanceWindows(c *call, sub *subscription) answer {
	skips := object{"remainingSkips": 2}
	if c.server.forced[sub.path()+"/maintenance-windows"] == "skipped" {
		skips = object{"remainingSkips": 1, "currentSkipEnd": wireTime(c.now.AddDate(0, 0, 7).Truncate(24 * time.Hour))}
	}
	return c.ok(object{
		"mode":       sub.windows["mode"],
		"timeZone":   "Etc/UTC",
		"windows":    sub.windows["windows"],
		"skipStatus": skips,
	})
}

func updateMaintenanceWindows(c *call, sub *subscription) answer {
	const commandType = "subscriptionMaintenanceWindowsUpdateRequest"
	return sub.start(c, http.StatusOK, commandType, func(time.Time) (outcome, *failure) {
		mode, windows := str(c.body, "mode", ""), objects(c.body, "windows")
		switch {
		case mode != "manual" && mode != "automatic":
			return outcome{}, badRequest("MAINTENANCE_WINDOW_INVALID_MAINTENANCE_WINDOW_MODE_PROVIDED", "There is no such mode.")
		case mode == "manual" && len(windows) == 0:
			return outcome{}, badRequest("MAINTENANCE_WINDOW_MANUAL_MODE_WITH_NO_MAINTENANCE_WINDOWS", "There are no windows.")
		case mode == "automatic" && len(windows) > 0:
			return outcome{}, badRequest("MAINTENANCE_WINDOW_AUTOMATIC_MODE_WITH_MAINTENANCE_WINDOWS", "There are windows.")
		}
		sub.windows = object{"mode": mode, "windows": or(c.body, "windows", []any{})}
		return outcome{resourceID: sub.id}, nil
	})
}
