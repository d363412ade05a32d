package rediscloud

import (
	"cmp"
	"context"
	"errors"
)

// A MaintenanceMode says who picks the hours for maintenance.
type MaintenanceMode string

// The maintenance modes.
const (
	MaintenanceModeAutomatic MaintenanceMode = "automatic" // Redis picks them
	MaintenanceModeManual    MaintenanceMode = "manual"    // the customer picks them, as windows
)

// A MaintenanceDay is a day of the week.
type MaintenanceDay string

// The days of the week.
const (
	MaintenanceDayMonday    MaintenanceDay = "Monday"
	MaintenanceDayTuesday   MaintenanceDay = "Tuesday"
	MaintenanceDayWednesday MaintenanceDay = "Wednesday"
	MaintenanceDayThursday  MaintenanceDay = "Thursday"
	MaintenanceDayFriday    MaintenanceDay = "Friday"
	MaintenanceDaySaturday  MaintenanceDay = "Saturday"
	MaintenanceDaySunday    MaintenanceDay = "Sunday"
)

// MaintenanceWindows say when a subscription may be maintained.
type MaintenanceWindows struct {
	Mode       MaintenanceMode        `json:"mode"`
	TimeZone   string                 `json:"timeZone,omitempty"` // of the hours: that of the deployment region
	Windows    []MaintenanceWindow    `json:"windows,omitempty"`
	SkipStatus *MaintenanceSkipStatus `json:"skipStatus,omitempty"` // nil if the API doesn't say
}

var maintenanceWindowsKind = newKind[MaintenanceWindows]("MaintenanceWindows", kind{})

func (w *MaintenanceWindows) check() error {
	if w.Mode == "" {
		return errors.New("missing maintenance mode")
	}
	return nil
}

// A MaintenanceWindow is a span of hours, in the time of the deployment region.
type MaintenanceWindow struct {
	Days            []MaintenanceDay `json:"days"`            // at least one
	StartHour       int              `json:"startHour"`       // 0 (midnight) to 23
	DurationInHours int              `json:"durationInHours"` // 4 to 24; at least 8 with MemoryStorageRAMAndFlash
}

func (w *MaintenanceWindow) validate() error {
	return cmp.Or(
		required("Days", len(w.Days) > 0),
		eachGiven("Days", w.Days),
		between("StartHour", &w.StartHour, 0, 23),
		between("DurationInHours", &w.DurationInHours, 4, 24))
}

// A MaintenanceSkipStatus says whether maintenance is being skipped.
type MaintenanceSkipStatus struct {
	RemainingSkips int  `json:"remainingSkips"`          // how many more times it can be skipped
	CurrentSkipEnd Time `json:"currentSkipEnd,omitzero"` // zero if none is being skipped
}

// MaintenanceWindowsReplaceRequest sets when a subscription may be maintained.
type MaintenanceWindowsReplaceRequest struct {
	Mode    MaintenanceMode     `json:"mode"`
	Windows []MaintenanceWindow `json:"windows,omitzero"` // for MaintenanceModeManual: 1 to 7, they replace all existing ones
}

func (r *MaintenanceWindowsReplaceRequest) validate() error {
	return cmp.Or(
		required("Mode", r.Mode != ""),
		required("Windows", r.Mode != MaintenanceModeManual || len(r.Windows) > 0),
		atMost("Windows", len(r.Windows), 7),
		nestedEach("Windows", r.Windows))
}

// GetMaintenanceWindows returns when a subscription may be maintained.
//
// API: GET /subscriptions/{subscriptionId}/maintenance-windows
func (s *SubscriptionsService) GetMaintenanceWindows(ctx context.Context, subscriptionID int) (*MaintenanceWindows, error) {
	return fetch[MaintenanceWindows](ctx, s.client, get("/subscriptions/{subscriptionId}/maintenance-windows", subscriptionID))
}

// ReplaceMaintenanceWindows sets when a subscription may be maintained. The
// task yields the new windows.
//
// API: PUT /subscriptions/{subscriptionId}/maintenance-windows
func (s *SubscriptionsService) ReplaceMaintenanceWindows(ctx context.Context, subscriptionID int, req *MaintenanceWindowsReplaceRequest) (*Task[MaintenanceWindows], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/maintenance-windows", subscriptionID).command("subscriptionMaintenanceWindowsUpdateRequest").withBody(req).
			shows("mode", "windows"),
		readBack(maintenanceWindowsKind, "/subscriptions/{subscriptionId}/maintenance-windows", subscriptionID))
}
