package rediscloud

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// EssentialsPlansService reads the plans that Essentials subscriptions can
// have.
type EssentialsPlansService struct{ client *Client }

// Get returns a plan.
//
// API: GET /fixed/plans/{planId}
func (s *EssentialsPlansService) Get(ctx context.Context, planID int) (*EssentialsPlan, error) {
	return fetch[EssentialsPlan](ctx, s.client, get("/fixed/plans/{planId}", planID))
}

// List returns all plans, or those that opts select. opts may be nil.
//
// API: GET /fixed/plans
func (s *EssentialsPlansService) List(ctx context.Context, opts *EssentialsPlanListOptions) (*EssentialsPlanList, error) {
	return fetch[EssentialsPlanList](ctx, s.client, get("/fixed/plans").withQuery(opts))
}

// All iterates over the plans that [EssentialsPlansService.List] returns. On
// failure it yields the error and stops. opts may be nil.
//
// API: GET /fixed/plans
func (s *EssentialsPlansService) All(ctx context.Context, opts *EssentialsPlanListOptions) iter.Seq2[*EssentialsPlan, error] {
	return listed(ctx, func(ctx context.Context) (*EssentialsPlanList, error) { return s.List(ctx, opts) })
}

// ListForSubscription returns the plans that a subscription can change to, with
// [EssentialsSubscriptionsService.Update].
//
// API: GET /fixed/plans/subscriptions/{subscriptionId}
func (s *EssentialsPlansService) ListForSubscription(ctx context.Context, subscriptionID int) (*EssentialsPlanList, error) {
	return fetch[EssentialsPlanList](ctx, s.client, get("/fixed/plans/subscriptions/{subscriptionId}", subscriptionID))
}

// AllForSubscription iterates over the plans that
// [EssentialsPlansService.ListForSubscription] returns. On failure it yields
// the error and stops.
//
// API: GET /fixed/plans/subscriptions/{subscriptionId}
func (s *EssentialsPlansService) AllForSubscription(ctx context.Context, subscriptionID int) iter.Seq2[*EssentialsPlan, error] {
	return listed(ctx, func(ctx context.Context) (*EssentialsPlanList, error) {
		return s.ListForSubscription(ctx, subscriptionID)
	})
}

// EssentialsPlanListOptions filter plans.
type EssentialsPlanListOptions struct {
	Provider  Provider `url:"provider,omitempty"`  // only those of this provider
	RedisFlex *bool    `url:"redisFlex,omitempty"` // true: only those of Redis Flex
}

// EssentialsPlanList is the result of [EssentialsPlansService.List] and
// [EssentialsPlansService.ListForSubscription].
type EssentialsPlanList struct {
	Plans []EssentialsPlan `json:"plans"`
	Links Links            `json:"links,omitempty"`
}

func (l *EssentialsPlanList) elements() []EssentialsPlan { return l.Plans }

// An EssentialsPlan says where the databases of a subscription are, how large
// they may be, what they can do and what that costs.
type EssentialsPlan struct {
	ID        int      `json:"id"`
	Name      string   `json:"name"` // such as "Multi-AZ 5GB"
	Provider  Provider `json:"provider"`
	Region    string   `json:"region"`
	RegionID  int      `json:"regionId"`
	RedisFlex bool     `json:"redisFlex"` // data is held in RAM and on flash

	// Size limits the memory and DatasetSize the data of the databases, both in
	// SizeMeasurementUnit.
	Size                float64  `json:"size"`
	DatasetSize         float64  `json:"datasetSize,omitempty"`
	SizeMeasurementUnit SizeUnit `json:"sizeMeasurementUnit"`

	Price         float64 `json:"price"` // for one PricePeriod; 0 if the plan is free or paid by usage
	PriceCurrency string  `json:"priceCurrency"`
	PricePeriod   string  `json:"pricePeriod"` // such as "Month"

	MaximumDatabases   int             `json:"maximumDatabases"`
	MaximumThroughput  int64           `json:"maximumThroughput,omitempty"` // operations per second
	MaximumBandwidthGB int             `json:"maximumBandwidthGB,omitempty"`
	Availability       Availability    `json:"availability"`
	Connections        ConnectionLimit `json:"connections"`
	CIDRAllowRules     int             `json:"cidrAllowRules"` // how many addresses and CIDRs SourceIPs may list

	SupportDataPersistence        bool        `json:"supportDataPersistence"`
	SupportInstantAndDailyBackups bool        `json:"supportInstantAndDailyBackups"`
	SupportReplication            bool        `json:"supportReplication"`
	SupportClustering             bool        `json:"supportClustering"`
	SupportSSL                    bool        `json:"supportSsl"` // TLS for connections
	SupportedAlerts               []AlertName `json:"supportedAlerts,omitempty"`
	CustomerSupport               string      `json:"customerSupport,omitempty"` // such as "Standard"

	Links Links `json:"links,omitempty"`
}

// Free reports whether the plan costs nothing. A Price of 0 isn't enough: a
// plan that is paid by usage has none either. A free plan has a fixed Size, and
// supports no replication, clustering, persistence or backups. Any plan that
// differs in one of these isn't considered free.
func (p *EssentialsPlan) Free() bool {
	extras := p.SupportReplication || p.SupportClustering || p.SupportDataPersistence || p.SupportInstantAndDailyBackups || p.RedisFlex
	return p.Price == 0 && p.Size > 0 && !extras
}

func (p *EssentialsPlan) check() error {
	if p.ID == 0 {
		return errors.New("missing id of a plan")
	}
	return nil
}

// A SizeUnit is the unit of the size of a plan.
type SizeUnit string

// The units of size.
const (
	SizeUnitMB SizeUnit = "MB"
	SizeUnitGB SizeUnit = "GB"
)

// An Availability says which outages the databases of a plan survive. The API
// spells the values in several ways; known ones are normalized.
type Availability string

// The types of availability.
const (
	AvailabilityNoReplication Availability = "no-replication"
	AvailabilitySingleZone    Availability = "single-zone"
	AvailabilityMultiZone     Availability = "multi-zone"
)

// UnmarshalJSON reads a value, however it is spelled. An unknown one stays
// unchanged.
func (a *Availability) UnmarshalJSON(data []byte) error {
	text, err := scalarText(data)
	*a = Availability(text)
	switch known := Availability(strings.ToLower(strings.ReplaceAll(text, " ", "-"))); known {
	case AvailabilityNoReplication, AvailabilitySingleZone, AvailabilityMultiZone:
		*a = known
	}
	return err
}

// A ConnectionLimit is how many simultaneous connections a plan allows: a
// number, such as "1024", or [ConnectionLimitUnlimited]. It is "" if the API
// doesn't say.
type ConnectionLimit string

// ConnectionLimitUnlimited means that there is no limit.
const ConnectionLimitUnlimited ConnectionLimit = "unlimited"

// Count returns the limit as a number. ok is false if there is no limit, or the
// API doesn't say.
func (l ConnectionLimit) Count() (n int, ok bool) {
	n, err := strconv.Atoi(string(l))
	return n, err == nil
}

// UnmarshalJSON reads a string or a number.
func (l *ConnectionLimit) UnmarshalJSON(data []byte) error {
	text, err := scalarText(data)
	*l = ConnectionLimit(text)
	if n, ok := tolerant.Int(text); ok {
		*l = ConnectionLimit(strconv.FormatInt(n, 10))
	}
	return err
}
