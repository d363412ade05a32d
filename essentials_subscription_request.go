package rediscloud

import "cmp"

// EssentialsSubscriptionCreateRequest describes a subscription to create. Name
// and PlanID are required.
type EssentialsSubscriptionCreateRequest struct {
	Name   string `json:"name"`
	PlanID int    `json:"planId"` // one of those that EssentialsPlansService.List returns

	// PaymentMethod is PaymentMethodCreditCard by default. PaymentMethodID is a
	// payment method of the account, which the API requires except for
	// PaymentMethodMarketplace and free plans: leave it nil then. A free plan
	// takes no PaymentMethod either. If PaymentMethod is set to
	// PaymentMethodCreditCard, a nil PaymentMethodID is rejected before anything
	// is sent; so is one that isn't positive. The rest only the API checks, such
	// as an id that is missing while PaymentMethod is nil.
	PaymentMethod   *PaymentMethod `json:"paymentMethod,omitempty"`
	PaymentMethodID *int           `json:"paymentMethodId,omitempty"`
}

func (r *EssentialsSubscriptionCreateRequest) validate() error {
	return cmp.Or(
		required("Name", r.Name != ""),
		required("PlanID", r.PlanID != 0),
		atLeast("PlanID", &r.PlanID, 1),
		checkPayment(r.PaymentMethod, r.PaymentMethodID))
}

// EssentialsSubscriptionUpdateRequest changes a subscription. Fields that are
// nil stay unchanged.
type EssentialsSubscriptionUpdateRequest struct {
	Name *string `json:"name,omitempty"`

	// PlanID is one of those that EssentialsPlansService.ListForSubscription
	// returns.
	PlanID *int `json:"planId,omitempty"`

	// PaymentMethodID is required with PaymentMethodCreditCard; leave it nil
	// with PaymentMethodMarketplace.
	PaymentMethod   *PaymentMethod `json:"paymentMethod,omitempty"`
	PaymentMethodID *int           `json:"paymentMethodId,omitempty"`
}

func (r *EssentialsSubscriptionUpdateRequest) validate() error {
	return cmp.Or(
		notBlank("Name", r.Name),
		atLeast("PlanID", r.PlanID, 1),
		checkPayment(r.PaymentMethod, r.PaymentMethodID))
}
