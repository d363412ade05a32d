package rediscloud

import (
	"fmt"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// An Account is a customer of Redis Cloud.
type Account struct {
	ID                int    `json:"id"`
	Name              string `json:"name"`
	CreatedTimestamp  Time   `json:"createdTimestamp,omitzero"`
	UpdatedTimestamp  Time   `json:"updatedTimestamp,omitzero"`
	POCStatus         string `json:"pocStatus,omitempty"`         // of a proof of concept, such as "inactive"
	MarketplaceStatus string `json:"marketplaceStatus,omitempty"` // such as "active"
	Key               APIKey `json:"key,omitzero"`
	Links             Links  `json:"links,omitempty"`
}

// An APIKey describes the API key of a request. It contains neither the access
// key nor the secret key.
type APIKey struct {
	Name             string      `json:"name"`
	AccountID        int         `json:"accountId"`
	AccountName      string      `json:"accountName"`
	AllowedSourceIPs []string    `json:"allowedSourceIps,omitempty"` // CIDRs that it may be used from, such as "0.0.0.0/0"
	CreatedTimestamp Time        `json:"createdTimestamp,omitzero"`
	Owner            APIKeyOwner `json:"owner,omitzero"`
	UserAccountID    int         `json:"userAccountId,omitempty"` // the id of its owner
	HTTPSourceIP     string      `json:"httpSourceIp,omitempty"`  // the source address of the request
}

// An APIKeyOwner is the user that an API key belongs to.
type APIKeyOwner struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// PaymentMethodList is the result of [AccountService.ListPaymentMethods].
type PaymentMethodList struct {
	AccountID      int           `json:"accountId"`
	PaymentMethods []PaymentCard `json:"paymentMethods"`
	Links          Links         `json:"links,omitempty"`
}

func (l *PaymentMethodList) elements() []PaymentCard { return l.PaymentMethods }

// A PaymentCard is a credit card that subscriptions can be paid with.
type PaymentCard struct {
	ID                 int        `json:"id"`
	Type               string     `json:"type"`               // such as "Visa"
	CreditCardEndsWith CardDigits `json:"creditCardEndsWith"` // the last four digits of its number
	NameOnCard         string     `json:"nameOnCard"`
	ExpirationMonth    int        `json:"expirationMonth"` // 1 to 12
	ExpirationYear     int        `json:"expirationYear"`
	IsDefault          bool       `json:"isDefaultForShopper"` // used if no other is chosen
	Links              Links      `json:"links,omitempty"`
}

// CardDigits are the last digits of the number of a credit card, such as
// "0042".
type CardDigits string

// UnmarshalJSON reads a string, or a number, which lacks leading zeros.
func (d *CardDigits) UnmarshalJSON(data []byte) error {
	text, err := scalarText(data)
	*d = CardDigits(text)
	if n, ok := tolerant.Int(text); ok && data[0] != '"' {
		*d = CardDigits(fmt.Sprintf("%04d", n))
	}
	return err
}

// RegionListOptions filter the regions that [AccountService.ListRegions]
// returns.
type RegionListOptions struct {
	Provider Provider `url:"provider,omitempty"` // "" for all
}

// RegionList is the result of [AccountService.ListRegions].
type RegionList struct {
	Regions []Region `json:"regions"`
	Links   Links    `json:"links,omitempty"`
}

func (l *RegionList) elements() []Region { return l.Regions }

// A Region is a region of a cloud provider that subscriptions can be in.
type Region struct {
	ID       int      `json:"id"`
	Name     string   `json:"name"` // the provider's name for it, such as "us-east-1"
	Provider Provider `json:"provider"`
}

// ModuleList is the result of [AccountService.ListDatabaseModules].
type ModuleList struct {
	Modules []Module `json:"modules"`
	Links   Links    `json:"links,omitempty"`
}

func (l *ModuleList) elements() []Module { return l.Modules }

// A Module is an advanced capability of Redis that a database can have: see
// [ModuleSpec].
type Module struct {
	Name           string            `json:"name"`           // the name in a ModuleSpec, such as "RedisJSON"
	CapabilityName string            `json:"capabilityName"` // the display name, such as "JSON"
	Description    string            `json:"description"`
	Parameters     []ModuleParameter `json:"parameters,omitempty"`
}

// A ModuleParameter is a setting of a [Module].
type ModuleParameter struct {
	Name         string `json:"name"`
	Description  string `json:"description"`
	Type         string `json:"type"`         // the type of its values, such as "integer"
	DefaultValue any    `json:"defaultValue"` // nil if there is none; a number is a float64
	Required     bool   `json:"required"`
}

// DataPersistenceList is the result of
// [AccountService.ListDataPersistenceOptions].
type DataPersistenceList struct {
	DataPersistence []DataPersistenceOption `json:"dataPersistence"`
	Links           Links                   `json:"links,omitempty"`
}

func (l *DataPersistenceList) elements() []DataPersistenceOption { return l.DataPersistence }

// A DataPersistenceOption is a type of data persistence, with its description.
type DataPersistenceOption struct {
	Name        DataPersistence `json:"name"`
	Description string          `json:"description"`
}

// QueryPerformanceFactorList is the result of
// [AccountService.ListQueryPerformanceFactors].
type QueryPerformanceFactorList struct {
	QueryPerformanceFactors []string `json:"queryPerformanceFactors"` // such as "2x"
	Links                   Links    `json:"links,omitempty"`
}
