package rediscloud

import (
	"errors"
	"time"
)

// An EssentialsSubscription holds databases as its plan allows. For the fields
// of the plan, see [EssentialsPlan].
type EssentialsSubscription struct {
	ID             int                `json:"id"`
	Name           string             `json:"name"`
	Status         SubscriptionStatus `json:"status"`
	DatabaseStatus DatabaseStatus     `json:"databaseStatus,omitempty"`
	CreationDate   Time               `json:"creationDate,omitzero"`

	PaymentMethodType PaymentMethod `json:"paymentMethodType,omitempty"`
	PaymentMethodID   int           `json:"paymentMethodId,omitempty"` // 0 if it is free or paid through a marketplace

	PlanID   int      `json:"planId"`
	PlanName string   `json:"planName"`
	PlanType PlanType `json:"planType,omitempty"`
	Provider Provider `json:"provider"`
	Region   string   `json:"region"`

	Size                float64  `json:"size"`
	SizeMeasurementUnit SizeUnit `json:"sizeMeasurementUnit"`

	Price         float64 `json:"price"`
	PriceCurrency string  `json:"priceCurrency"`
	PricePeriod   string  `json:"pricePeriod"`

	MaximumDatabases int             `json:"maximumDatabases"`
	Availability     Availability    `json:"availability"`
	Connections      ConnectionLimit `json:"connections"`
	CIDRAllowRules   int             `json:"cidrAllowRules"`

	SupportDataPersistence        bool   `json:"supportDataPersistence"`
	SupportInstantAndDailyBackups bool   `json:"supportInstantAndDailyBackups"`
	SupportReplication            bool   `json:"supportReplication"`
	SupportClustering             bool   `json:"supportClustering"`
	CustomerSupport               string `json:"customerSupport,omitempty"`

	Links Links `json:"links,omitempty"`
}

var essentialsSubscriptionKind = newKind[EssentialsSubscription]("EssentialsSubscription", kind{
	noun: "subscription", member: "status",
	ready:  []string{string(SubscriptionStatusActive)},
	failed: []string{string(SubscriptionStatusError)},
	route:  "/fixed/subscriptions/{resourceId}",
	list:   []string{"subscriptions"}, id: "id", siblings: true,
	settle: 10 * time.Second,
})

func (s *EssentialsSubscription) check() error {
	if s.ID == 0 {
		return errors.New("missing id of a subscription")
	}
	return nil
}

// EssentialsSubscriptionList is the result of
// [EssentialsSubscriptionsService.List].
type EssentialsSubscriptionList struct {
	AccountID     int                      `json:"accountId"`
	Subscriptions []EssentialsSubscription `json:"subscriptions"`
	Links         Links                    `json:"links,omitempty"`
}

func (l *EssentialsSubscriptionList) elements() []EssentialsSubscription { return l.Subscriptions }

// A PlanType describes how a plan is paid. The API has more than are listed
// here.
type PlanType string

// The known types of plan.
const (
	PlanTypePayAsYouGo PlanType = "pay-as-you-go" // by usage of the databases; some settings are for this type only
)
