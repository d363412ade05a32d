package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// CostReportsService creates reports of the costs of the account, in the FOCUS
// format (see https://focus.finops.org).
type CostReportsService struct{ client *Client }

// Create creates a report. The task yields its id for
// [CostReportsService.Download].
//
// API: POST /cost-report
func (s *CostReportsService) Create(ctx context.Context, req *CostReportCreateRequest) (*Task[CostReport], error) {
	return submit(ctx, s.client, post("/cost-report").command("costReportCreateRequest").withBody(req), carried(costReportKind))
}

// Download returns the file of a report, in the format that it was created in.
// The file is streamed, so it may be larger than memory. The caller must close
// it, whether or not it was read to the end.
//
// If the report doesn't exist, or no longer does, the error is [ErrNotFound].
// Requests are retried like others, but only until the file begins to arrive.
// When ctx ends, reading the file fails. The client's attempt timeout only
// covers the time until the response header arrives, so ctx is what bounds the
// whole download.
//
// API: GET /cost-report/{costReportId}
func (s *CostReportsService) Download(ctx context.Context, costReportID string) (io.ReadCloser, error) {
	return download(ctx, s.client, get("/cost-report/{costReportId}", costReportID))
}

// A CostReport is a report that was created.
type CostReport struct {
	ID string `json:"costReportId"` // a file name
}

var costReportKind = newKind[CostReport]("CostReport", kind{})

func (r *CostReport) check() error {
	if r.ID == "" {
		return errors.New("missing id of a cost report")
	}
	return nil
}

// CostReportCreateRequest describes a report. The report contains what matches
// all filters; an unset filter matches everything.
type CostReportCreateRequest struct {
	StartDate Date `json:"startDate"` // the first day; required
	EndDate   Date `json:"endDate"`   // the last day, at most 40 days after the first; required

	Format           *CostReportFormat `json:"format,omitempty"` // default CostReportFormatCSV
	SubscriptionIDs  []int             `json:"subscriptionIds,omitzero"`
	DatabaseIDs      []int             `json:"databaseIds,omitzero"`
	SubscriptionType *SubscriptionType `json:"subscriptionType,omitempty"`
	Regions          []string          `json:"regions,omitzero"` // the provider's names, such as "us-east-1"
	Tags             []CostReportTag   `json:"tags,omitzero"`
}

// maxCostReportDays is the maximum distance between the first and the last day
// of a report.
const maxCostReportDays = 40

func (r *CostReportCreateRequest) validate() error {
	return cmp.Or(
		required("StartDate", r.StartDate != ""),
		required("EndDate", r.EndDate != ""),
		r.validateDates(),
		notBlank("Format", r.Format),
		eachPositive("SubscriptionIDs", r.SubscriptionIDs),
		eachPositive("DatabaseIDs", r.DatabaseIDs),
		notBlank("SubscriptionType", r.SubscriptionType),
		eachGiven("Regions", r.Regions),
		nestedEach("Tags", r.Tags))
}

func (r *CostReportCreateRequest) validateDates() error {
	start, err := r.StartDate.parse("StartDate")
	if err != nil {
		return err
	}
	end, err := r.EndDate.parse("EndDate")
	if err != nil {
		return err
	}
	switch days := int(end.Sub(start).Hours() / 24); {
	case days < 0:
		return errors.New("EndDate must not be before StartDate")
	case days > maxCostReportDays:
		return fmt.Errorf("EndDate must be at most %d days after StartDate, not %d", maxCostReportDays, days)
	}
	return nil
}

// eachPositive rejects invalid ids.
func eachPositive(name string, ids []int) error {
	for i, id := range ids {
		if id <= 0 {
			return fmt.Errorf("%s[%d] must be positive, not %d", name, i, id)
		}
	}
	return nil
}

// A CostReportTag matches the databases that have this tag.
type CostReportTag struct {
	Key   string `json:"key"`   // required
	Value string `json:"value"` // required
}

func (t *CostReportTag) validate() error {
	return cmp.Or(
		required("Key", t.Key != ""),
		required("Value", t.Value != ""))
}

// A CostReportFormat is the file format of a report.
type CostReportFormat string

// The formats of a cost report.
const (
	CostReportFormatCSV  CostReportFormat = "csv"
	CostReportFormatJSON CostReportFormat = "json"
)

// A SubscriptionType is the plan of a subscription.
type SubscriptionType string

// The types of subscriptions.
const (
	SubscriptionTypePro        SubscriptionType = "pro"
	SubscriptionTypeEssentials SubscriptionType = "essentials"
)

// A Date is a day, written YYYY-MM-DD: "2026-01-31".
type Date string

// DateOf returns the day of t in t's own time zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// parse checks that the day exists.
func (d Date) parse(name string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("%s must be a day like 2026-01-31, not %q", name, string(d))
	}
	return day, nil
}
