package rediscloud

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSubscriptionsMaintenanceWindows(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/subscriptions/12/maintenance-windows", answer: `{"mode":"automatic"}`})
	windows, err := client.Subscriptions.GetMaintenanceWindows(t.Context(), 12)
	require.NoError(t, err)
	assert.Equal(t, &MaintenanceWindows{Mode: MaintenanceModeAutomatic}, windows)
}

func TestSubscriptionsUpdateMaintenanceWindows(t *testing.T) {
	windows, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[MaintenanceWindows], error) {
			return c.Subscriptions.ReplaceMaintenanceWindows(ctx, 12, &MaintenanceWindowsReplaceRequest{
				Mode: MaintenanceModeManual,
				Windows: []MaintenanceWindow{
					{Days: []MaintenanceDay{MaintenanceDayMonday, MaintenanceDayWednesday}, StartHour: 0, DurationInHours: 8},
				},
			})
		},
		wire{method: "PUT", path: "/subscriptions/12/maintenance-windows", answer: received,
			body: `{"mode":"manual","windows":[{"days":["Monday","Wednesday"],"startHour":0,"durationInHours":8}]}`},
		completed(`{"resourceId":12}`),
		wire{method: "GET", path: "/subscriptions/12/maintenance-windows", answer: `{"mode":"manual","windows":[{"days":["Monday"],"startHour":0,"durationInHours":8}]}`},
	)
	require.NoError(t, err)
	assert.Equal(t, MaintenanceModeManual, windows.Mode)
}

func TestMaintenanceWindowsDecodes(t *testing.T) {
	assertDecodes(t, MaintenanceWindows{
		Mode:       MaintenanceModeManual,
		TimeZone:   "UTC",
		Windows:    []MaintenanceWindow{{Days: []MaintenanceDay{MaintenanceDaySunday}, StartHour: 12, DurationInHours: 8}},
		SkipStatus: &MaintenanceSkipStatus{RemainingSkips: 2, CurrentSkipEnd: Time{Time: time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)}},
	}, `{"mode":"manual","timeZone":"UTC","windows":[{"days":["Sunday"],"startHour":12,"durationInHours":8}],
		"skipStatus":{"remainingSkips":2,"currentSkipEnd":"2026-03-01T04:00:00Z"}}`)
}
