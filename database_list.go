package rediscloud

import (
	"cmp"
	"iter"
)

// DatabaseListOptions choose a page of a list of databases.
type DatabaseListOptions struct {
	Offset int `url:"offset,omitempty"` // how many databases to skip
	Limit  int `url:"limit,omitempty"`  // how many to return at most; 0 leaves it to the API
}

func (o *DatabaseListOptions) validate() error {
	return cmp.Or(
		atLeast("Offset", &o.Offset, 0),
		atLeast("Limit", &o.Limit, 0))
}

// databasePages iterates over a list of databases from the page on that opts,
// which may be nil, choose.
func databasePages[T any](opts *DatabaseListOptions, key func(*T) int, read func(*DatabaseListOptions) (page[T], error)) iter.Seq2[*T, error] {
	first := DatabaseListOptions{}
	if opts != nil {
		first = *opts
	}
	return pages(first.Offset, first.Limit, key, func(offset, limit int) (page[T], error) {
		return read(&DatabaseListOptions{Offset: offset, Limit: limit})
	})
}

// DatabaseList is the answer of DatabasesService.List: one page.
type DatabaseList struct {
	AccountID     int                     `json:"accountId"`
	Subscriptions []SubscriptionDatabases `json:"subscription"` // in fact one
	Links         Links                   `json:"links,omitempty"`
}

// SubscriptionDatabases are the databases of one subscription on a page.
type SubscriptionDatabases struct {
	SubscriptionID    int        `json:"subscriptionId"`
	NumberOfDatabases int        `json:"numberOfDatabases"`
	Databases         []Database `json:"databases"`
	Links             Links      `json:"links,omitempty"`
}

// Databases returns the databases of the page.
func (l *DatabaseList) Databases() []Database {
	if len(l.Subscriptions) == 1 {
		return l.Subscriptions[0].Databases
	}
	var all []Database
	for _, subscription := range l.Subscriptions {
		all = append(all, subscription.Databases...)
	}
	return all
}

// total is how many databases the page says there are.
func (l *DatabaseList) total() (n int) {
	for _, subscription := range l.Subscriptions {
		n += subscription.NumberOfDatabases
	}
	return n
}
