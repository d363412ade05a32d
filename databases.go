package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// DatabasesService manages the databases of Pro subscriptions, including
// Active-Active ones.
type DatabasesService struct{ client *Client }

// Get returns a database, with its password.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}
func (s *DatabasesService) Get(ctx context.Context, subscriptionID, databaseID int) (*Database, error) {
	return fetch[Database](ctx, s.client, get("/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// List returns one page of the databases of a subscription, without their
// passwords. A page past the last one is empty, and so is the first one of a
// subscription without databases; if the subscription doesn't exist, the error
// is [ErrNotFound]. The API's response is the same in all three cases, so List
// then reads the subscription too. opts may be nil.
//
// API: GET /subscriptions/{subscriptionId}/databases
func (s *DatabasesService) List(ctx context.Context, subscriptionID int, opts *DatabaseListOptions) (*DatabaseList, error) {
	list, err := s.list(ctx, subscriptionID, opts)
	if !errors.Is(err, ErrNotFound) {
		return list, err
	}
	if err := s.holdsNone(ctx, subscriptionID); err != nil {
		return nil, err
	}
	return &DatabaseList{SubscriptionID: subscriptionID}, nil
}

// list reads a page. ErrNotFound may just mean that the page is empty.
func (s *DatabasesService) list(ctx context.Context, subscriptionID int, opts *DatabaseListOptions) (*DatabaseList, error) {
	return fetch[DatabaseList](ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases", subscriptionID).withQuery(opts))
}

// holdsNone is the second read after a list of databases wasn't found. It
// returns an error unless the subscription exists, and so has no databases. The
// caller asked for the list, so a captured response must be that of the list,
// not of this read.
func (s *DatabasesService) holdsNone(ctx context.Context, subscriptionID int) error {
	_, err := s.client.Subscriptions.Get(WithCaptureResponse(ctx, nil), subscriptionID)
	return err
}

// All iterates over the databases of a subscription, without their passwords,
// and reads pages as it goes: starting at opts.Offset, opts.Limit at a time
// (100 if opts is nil or Limit is 0). On failure it yields the error and stops.
// A subscription without databases yields nothing; if the subscription doesn't
// exist, the error is [ErrNotFound].
//
// API: GET /subscriptions/{subscriptionId}/databases
func (s *DatabasesService) All(ctx context.Context, subscriptionID int, opts *DatabaseListOptions) iter.Seq2[*Database, error] {
	all := databasePages(opts, databaseKey, func(opts *DatabaseListOptions) (page[Database], error) {
		list, err := s.list(ctx, subscriptionID, opts)
		if err != nil {
			return page[Database]{}, err
		}
		return page[Database]{items: list.Databases, total: list.NumberOfDatabases}, nil
	})
	return func(yield func(*Database, error) bool) {
		for database, err := range all {
			if errors.Is(err, ErrNotFound) {
				if err = s.holdsNone(ctx, subscriptionID); err == nil {
					return
				}
			}
			if !yield(database, err) {
				return
			}
		}
	}
}

// GetByName returns the database of a subscription with exactly that name, as
// [DatabasesService.Get] does. If there is none, or the subscription doesn't
// exist, the error is [ErrNotFound]; if there are several, an
// [*AmbiguousNameError].
//
// API: GET /subscriptions/{subscriptionId}/databases
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}
func (s *DatabasesService) GetByName(ctx context.Context, subscriptionID int, name string) (*Database, error) {
	found, err := byName(databaseKind.noun, name, s.All(ctx, subscriptionID, nil), func(db *Database) (int, string) { return db.ID, db.Name })
	if err != nil {
		return nil, err
	}
	return whole(databaseKind.noun, name, func() (*Database, error) {
		return s.Get(ctx, subscriptionID, found.ID) // the list lacks the password
	})
}

func databaseKey(d *Database) int { return d.ID }

// WaitProvisioned waits until a database is active, and returns it as
// [DatabasesService.Get] does, with its password. If it doesn't exist, the error
// is [ErrNotFound]; if it fails, a [*ProvisionError]. Anything else that ends
// the wait, such as ctx, is a [*WaitError].
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}
func (s *DatabasesService) WaitProvisioned(ctx context.Context, subscriptionID, databaseID int, opts ...WaitOption) (*Database, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// WaitAllProvisioned waits until all databases of a subscription are active,
// and returns them, without their passwords. There may be none. If any fail,
// the error joins a [*ProvisionError] for each; if the subscription doesn't
// exist, it is [ErrNotFound].
//
// It knows only the databases that the list shows. A new one may be missing
// from it for a while: to wait for databases that you have just created, pass
// their tasks to the function [WaitAllProvisioned].
//
// API: GET /subscriptions/{subscriptionId}/databases
func (s *DatabasesService) WaitAllProvisioned(ctx context.Context, subscriptionID int, opts ...WaitOption) ([]Database, error) {
	w, err := s.client.newResourceWait(ctx, knownToExist(opts))
	if err != nil {
		return nil, err
	}
	if w.resource, err = expand("/subscriptions/{subscriptionId}/databases", subscriptionID); err != nil {
		return nil, fmt.Errorf("rediscloud: %w", err)
	}
	read := func(ctx context.Context) observation {
		databases, err := s.existing(ctx, subscriptionID)
		return observation{value: databases, err: err}
	}
	seen, err := w.repeat(ctx, read(ctx), read, func(seen observation) (bool, error) {
		if seen.err != nil {
			return w.givesUp(), w.failure(seen.err)
		}
		return w.allActive(seen.value.([]Database))
	})
	databases, _ := seen.value.([]Database)
	return databases, err
}

// existing reads all databases of a subscription.
func (s *DatabasesService) existing(ctx context.Context, subscriptionID int) ([]Database, error) {
	var databases []Database
	for database, err := range s.All(ctx, subscriptionID, nil) {
		if err != nil {
			return nil, err
		}
		databases = append(databases, *database)
	}
	return databases, nil
}

// Create creates a database. The task yields it; [Task.WaitProvisioned] waits
// until it is active and accepts connections. Concurrent changes to a
// subscription may be rejected: see [InTurn].
//
// API: POST /subscriptions/{subscriptionId}/databases
func (s *DatabasesService) Create(ctx context.Context, subscriptionID int, req *DatabaseCreateRequest) (*Task[Database], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases", subscriptionID).command("databaseCreateRequest").withBody(req).shows(databaseShows...),
		readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID))
}

// CreateDryRun creates nothing: the task yields what [DatabasesService.Create]
// would cost.
//
// API: POST /subscriptions/{subscriptionId}/databases with dryRun
func (s *DatabasesService) CreateDryRun(ctx context.Context, subscriptionID int, req *DatabaseCreateRequest) (*Task[Pricing], error) {
	return submit(ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases", subscriptionID).withDryRun(req), carried(pricingKind))
}

// Update changes a database; fields that req leaves unset stay unchanged. The
// task yields the database; [Task.WaitProvisioned] waits until the change is
// carried out. For an Active-Active database, use
// [DatabasesService.UpdateRegions]. Concurrent changes to a subscription may be
// rejected: see [InTurn].
//
// API: PUT /subscriptions/{subscriptionId}/databases/{databaseId}
func (s *DatabasesService) Update(ctx context.Context, subscriptionID, databaseID int, req *DatabaseUpdateRequest) (*Task[Database], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID).command("databaseUpdateRequest").withBody(req).shows(databaseShows...),
		readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// UpdateDryRun changes nothing: the task yields what [DatabasesService.Update]
// would cost.
//
// API: PUT /subscriptions/{subscriptionId}/databases/{databaseId} with dryRun
func (s *DatabasesService) UpdateDryRun(ctx context.Context, subscriptionID, databaseID int, req *DatabaseUpdateRequest) (*Task[Pricing], error) {
	return submit(ctx, s.client,
		put("/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID).withDryRun(req), carried(pricingKind))
}

// Delete removes a database and its data. [Task.WaitProvisioned] waits until it
// is gone. Concurrent changes to a subscription may be rejected: see [InTurn].
//
// API: DELETE /subscriptions/{subscriptionId}/databases/{databaseId}
func (s *DatabasesService) Delete(ctx context.Context, subscriptionID, databaseID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID).command("databaseDeleteRequest"),
		removal(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// allActive reports whether all databases of a subscription are active. The
// error joins those that have failed.
func (w *wait) allActive(databases []Database) (bool, error) {
	var failures []error
	var waiting []string
	for i := range databases {
		d := &databases[i]
		switch databaseKind.verdict(string(d.Status)) {
		case failed:
			failures = append(failures, &ProvisionError{Kind: databaseKind.noun, Resource: fmt.Sprintf("%s/%d", w.resource, d.ID), Status: string(d.Status)})
		case ready:
		default:
			waiting = append(waiting, fmt.Sprintf("%d %s", d.ID, d.Status))
		}
	}
	w.status = firstOf(strings.Join(waiting, "; "), string(DatabaseStatusActive))
	return len(failures) > 0 || w.held(len(waiting) == 0), errors.Join(failures...)
}
