package rediscloud

import (
	"cmp"
	"iter"
)

// DatabaseListOptions select a page of a list of databases.
type DatabaseListOptions struct {
	Offset int `url:"offset,omitempty"` // how many databases to skip
	Limit  int `url:"limit,omitempty"`  // how many to return at most; 0 means the API's default
}

func (o *DatabaseListOptions) validate() error {
	return cmp.Or(
		atLeast("Offset", &o.Offset, 0),
		atLeast("Limit", &o.Limit, 0))
}

// databasePages iterates over a list of databases, starting with the page that
// opts select. opts may be nil.
func databasePages[T any](opts *DatabaseListOptions, key func(*T) int, read func(*DatabaseListOptions) (page[T], error)) iter.Seq2[*T, error] {
	first := DatabaseListOptions{}
	if opts != nil {
		first = *opts
	}
	return pages(first.Offset, first.Limit, key, func(offset, limit int) (page[T], error) {
		return read(&DatabaseListOptions{Offset: offset, Limit: limit})
	})
}

// DatabaseList is the result of [DatabasesService.List]: one page.
type DatabaseList struct {
	AccountID         int        `json:"accountId"`
	SubscriptionID    int        `json:"subscriptionId"`
	NumberOfDatabases int        `json:"numberOfDatabases"` // as counted by the API
	Databases         []Database `json:"databases"`
	Links             Links      `json:"links,omitempty"` // those of the page, then those of the subscription
}

// EssentialsDatabaseList is the result of [EssentialsDatabasesService.List]:
// one page.
type EssentialsDatabaseList struct {
	AccountID         int                  `json:"accountId"`
	SubscriptionID    int                  `json:"subscriptionId"`
	NumberOfDatabases int                  `json:"numberOfDatabases"` // as counted by the API
	Databases         []EssentialsDatabase `json:"databases"`
	Links             Links                `json:"links,omitempty"` // those of the page, then those of the subscription
}

// A databaseList is any of these lists, or the part of a page about one
// subscription.
type databaseList[D any] struct {
	AccountID         int   `json:"accountId"`
	SubscriptionID    int   `json:"subscriptionId"`
	NumberOfDatabases int   `json:"numberOfDatabases"`
	Databases         []D   `json:"databases"`
	Links             Links `json:"links"`
}

// with adds the subscriptions of a page: one, unless the API does what it never
// did.
func (l databaseList[D]) with(subscriptions ...databaseList[D]) databaseList[D] {
	for _, s := range subscriptions {
		l.SubscriptionID = cmp.Or(l.SubscriptionID, s.SubscriptionID)
		l.NumberOfDatabases += s.NumberOfDatabases
		l.Databases, l.Links = joined(l.Databases, s.Databases), joined(l.Links, s.Links)
	}
	return l
}

// joined doesn't copy b if a is empty.
func joined[T any](a, b []T) []T {
	if len(a) == 0 {
		return b
	}
	return append(a, b...)
}

// The documents of the lists. Those of Essentials hold a single subscription,
// the others a list.
type (
	databasesDocument struct {
		databaseList[Database]
		Subscriptions []databaseList[Database] `json:"subscription"`
	}
	essentialsDatabasesDocument struct {
		databaseList[EssentialsDatabase]
		Subscription databaseList[EssentialsDatabase] `json:"subscription"`
	}
	severalEssentialsDatabasesDocument struct {
		databaseList[EssentialsDatabase]
		Subscriptions []databaseList[EssentialsDatabase] `json:"subscription"`
	}
)

func (l *DatabaseList) unmarshal(data []byte) (unread []string, err error) {
	var doc databasesDocument
	unread, err = decoder.Unmarshal(data, &doc)
	*l = DatabaseList(doc.with(doc.Subscriptions...))
	return unread, err
}

func (l *EssentialsDatabaseList) unmarshal(data []byte) (unread []string, err error) {
	var doc essentialsDatabasesDocument
	unread, err = decoder.Unmarshal(data, &doc)
	*l = EssentialsDatabaseList(doc.with(doc.Subscription))
	if err == nil {
		return unread, nil
	}
	var several severalEssentialsDatabasesDocument
	unread, err = decoder.Unmarshal(data, &several)
	*l = EssentialsDatabaseList(several.with(several.Subscriptions...))
	return unread, err
}
