package rediscloud

import (
	"context"
	"errors"
	"iter"
)

// AccountService describes the account that the keys belong to: its details,
// its logs, its payment methods, and what it can use.
type AccountService struct{ client *Client }

// Get returns the account and the API key of the request.
//
// API: GET /
func (s *AccountService) Get(ctx context.Context) (*Account, error) {
	root, err := fetch[rootAccount](ctx, s.client, get("/"))
	if err != nil {
		return nil, err
	}
	root.Account.Links = root.Links
	return &root.Account, nil
}

// ListLogs returns one page of the system log, which records who changed what.
// The newest entry comes first. opts may be nil.
//
// API: GET /logs
func (s *AccountService) ListLogs(ctx context.Context, opts *LogOptions) (*LogList, error) {
	return fetch[LogList](ctx, s.client, get("/logs").withQuery(opts.inUTC()))
}

// AllLogs iterates over the system log and reads pages as it goes: starting at
// opts.Offset, opts.Limit at a time (100 if opts is nil or Limit is 0). On
// failure it yields the error and stops. Entries logged meanwhile are left out.
//
// API: GET /logs
func (s *AccountService) AllLogs(ctx context.Context, opts *LogOptions) iter.Seq2[*LogEntry, error] {
	first := LogOptions{}
	if opts != nil {
		first = *opts
	}
	return pages(first.Offset, first.Limit, logKey, func(offset, limit int) (page[LogEntry], error) {
		part := first
		part.Offset, part.Limit = offset, limit
		list, err := s.ListLogs(ctx, &part)
		if err != nil {
			return page[LogEntry]{}, err
		}
		return page[LogEntry]{items: list.Entries}, nil
	})
}

func logKey(e *LogEntry) int { return e.ID }

// ListSessionLogs returns one page of the session log, which records who signed
// in and out. The newest entry comes first. opts may be nil.
//
// API: GET /session-logs
func (s *AccountService) ListSessionLogs(ctx context.Context, opts *SessionLogOptions) (*SessionLogList, error) {
	return fetch[SessionLogList](ctx, s.client, get("/session-logs").withQuery(opts.inUTC()))
}

// AllSessionLogs iterates over the session log, as [AccountService.AllLogs]
// does over the system log.
//
// API: GET /session-logs
func (s *AccountService) AllSessionLogs(ctx context.Context, opts *SessionLogOptions) iter.Seq2[*SessionLogEntry, error] {
	first := SessionLogOptions{}
	if opts != nil {
		first = *opts
	}
	return pages(first.Offset, first.Limit, sessionLogKey, func(offset, limit int) (page[SessionLogEntry], error) {
		part := first
		part.Offset, part.Limit = offset, limit
		list, err := s.ListSessionLogs(ctx, &part)
		if err != nil {
			return page[SessionLogEntry]{}, err
		}
		return page[SessionLogEntry]{items: list.Entries}, nil
	})
}

func sessionLogKey(e *SessionLogEntry) string { return e.ID }

// ListPaymentMethods returns the credit cards of the account. Requests take
// their ids as PaymentMethodID.
//
// API: GET /payment-methods
func (s *AccountService) ListPaymentMethods(ctx context.Context) (*PaymentMethodList, error) {
	return fetch[PaymentMethodList](ctx, s.client, get("/payment-methods"))
}

// AllPaymentMethods iterates over the credit cards that
// [AccountService.ListPaymentMethods] returns. On failure it yields the error
// and stops.
//
// API: GET /payment-methods
func (s *AccountService) AllPaymentMethods(ctx context.Context) iter.Seq2[*PaymentCard, error] {
	return listed(ctx, s.ListPaymentMethods)
}

// ListRegions returns the regions that Pro subscriptions can be in, of all
// providers or the one in opts. opts may be nil.
//
// API: GET /regions
func (s *AccountService) ListRegions(ctx context.Context, opts *RegionListOptions) (*RegionList, error) {
	return fetch[RegionList](ctx, s.client, get("/regions").withQuery(opts))
}

// AllRegions iterates over the regions that [AccountService.ListRegions]
// returns. On failure it yields the error and stops. opts may be nil.
//
// API: GET /regions
func (s *AccountService) AllRegions(ctx context.Context, opts *RegionListOptions) iter.Seq2[*Region, error] {
	return listed(ctx, func(ctx context.Context) (*RegionList, error) { return s.ListRegions(ctx, opts) })
}

// ListDatabaseModules returns the modules that a database can have, with their
// parameters.
//
// API: GET /database-modules
func (s *AccountService) ListDatabaseModules(ctx context.Context) (*ModuleList, error) {
	return fetch[ModuleList](ctx, s.client, get("/database-modules"))
}

// AllDatabaseModules iterates over the modules that
// [AccountService.ListDatabaseModules] returns. On failure it yields the error
// and stops.
//
// API: GET /database-modules
func (s *AccountService) AllDatabaseModules(ctx context.Context) iter.Seq2[*Module, error] {
	return listed(ctx, s.ListDatabaseModules)
}

// ListDataPersistenceOptions returns the types of data persistence that a
// database can have.
//
// API: GET /data-persistence
func (s *AccountService) ListDataPersistenceOptions(ctx context.Context) (*DataPersistenceList, error) {
	return fetch[DataPersistenceList](ctx, s.client, get("/data-persistence"))
}

// AllDataPersistenceOptions iterates over the types of data persistence that
// [AccountService.ListDataPersistenceOptions] returns. On failure it yields the
// error and stops.
//
// API: GET /data-persistence
func (s *AccountService) AllDataPersistenceOptions(ctx context.Context) iter.Seq2[*DataPersistenceOption, error] {
	return listed(ctx, s.ListDataPersistenceOptions)
}

// ListQueryPerformanceFactors returns the factors by which the compute power
// for search and query can be multiplied.
//
// API: GET /query-performance-factors
func (s *AccountService) ListQueryPerformanceFactors(ctx context.Context) (*QueryPerformanceFactorList, error) {
	return fetch[QueryPerformanceFactorList](ctx, s.client, get("/query-performance-factors"))
}

// rootAccount is the document that holds the account.
type rootAccount struct {
	Account Account `json:"account"`
	Links   Links   `json:"links"`
}

func (r *rootAccount) check() error {
	if r.Account.ID == 0 {
		return errors.New("missing id of an account")
	}
	return nil
}
