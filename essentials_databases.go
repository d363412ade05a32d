package rediscloud

import (
	"context"
	"iter"
)

// EssentialsDatabasesService manages the databases of Essentials subscriptions.
type EssentialsDatabasesService struct{ client *Client }

// Get returns a database, with its password.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}
func (s *EssentialsDatabasesService) Get(ctx context.Context, subscriptionID, databaseID int) (*EssentialsDatabase, error) {
	return fetch[EssentialsDatabase](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// WaitProvisioned waits until a database is active, and returns it as
// [EssentialsDatabasesService.Get] does, with its password. If it doesn't exist,
// the error is [ErrNotFound]; if it fails, a [*ProvisionError]. Anything else
// that ends the wait, such as ctx, is a [*WaitError].
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}
func (s *EssentialsDatabasesService) WaitProvisioned(ctx context.Context, subscriptionID, databaseID int, opts ...WaitOption) (*EssentialsDatabase, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// List returns one page of the databases of a subscription, without their
// passwords. A page past the last one is empty; if the subscription doesn't
// exist, the error is [ErrNotFound]. opts may be nil.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases
func (s *EssentialsDatabasesService) List(ctx context.Context, subscriptionID int, opts *DatabaseListOptions) (*EssentialsDatabaseList, error) {
	return fetch[EssentialsDatabaseList](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases", subscriptionID).withQuery(opts))
}

// All iterates over the databases of a subscription, without their passwords,
// and reads pages as it goes: starting at opts.Offset, opts.Limit at a time
// (100 if opts is nil or Limit is 0). On failure it yields the error and stops.
// A subscription without databases yields nothing; if the subscription doesn't
// exist, the error is [ErrNotFound].
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases
func (s *EssentialsDatabasesService) All(ctx context.Context, subscriptionID int, opts *DatabaseListOptions) iter.Seq2[*EssentialsDatabase, error] {
	return databasePages(opts, essentialsDatabaseKey, func(opts *DatabaseListOptions) (page[EssentialsDatabase], error) {
		list, err := s.List(ctx, subscriptionID, opts)
		if err != nil {
			return page[EssentialsDatabase]{}, err
		}
		return page[EssentialsDatabase]{items: list.Databases, total: list.NumberOfDatabases}, nil
	})
}

// GetByName returns the database of a subscription with exactly that name, as
// [EssentialsDatabasesService.Get] does. If there is none, or the subscription
// doesn't exist, the error is [ErrNotFound]; if there are several, an
// [*AmbiguousNameError].
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}
func (s *EssentialsDatabasesService) GetByName(ctx context.Context, subscriptionID int, name string) (*EssentialsDatabase, error) {
	found, err := byName(essentialsDatabaseKind.noun, name, s.All(ctx, subscriptionID, nil), func(db *EssentialsDatabase) (int, string) { return db.ID, db.Name })
	if err != nil {
		return nil, err
	}
	return whole(essentialsDatabaseKind.noun, name, func() (*EssentialsDatabase, error) {
		return s.Get(ctx, subscriptionID, found.ID) // the list lacks the password
	})
}

func essentialsDatabaseKey(d *EssentialsDatabase) int { return d.ID }

// Create creates a database. The task yields it; [Task.WaitProvisioned] waits
// until it is active and accepts connections.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases
func (s *EssentialsDatabasesService) Create(ctx context.Context, subscriptionID int, req *EssentialsDatabaseCreateRequest) (*Task[EssentialsDatabase], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases", subscriptionID).command("fixedDatabaseCreateRequest").withBody(req).shows(essentialsDatabaseShows...),
		readBack(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID))
}

// Update changes a database; fields that req leaves unset stay unchanged. The
// task yields the database; [Task.WaitProvisioned] waits until the change is
// carried out.
//
// API: PUT /fixed/subscriptions/{subscriptionId}/databases/{databaseId}
func (s *EssentialsDatabasesService) Update(ctx context.Context, subscriptionID, databaseID int, req *EssentialsDatabaseUpdateRequest) (*Task[EssentialsDatabase], error) {
	return submit(ctx, s.client,
		put("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID).command("fixedDatabaseUpdateRequest").withBody(req).shows(essentialsDatabaseShows...),
		readBack(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// Delete removes a database and its data. [Task.WaitProvisioned] waits until it
// is gone.
//
// API: DELETE /fixed/subscriptions/{subscriptionId}/databases/{databaseId}
func (s *EssentialsDatabasesService) Delete(ctx context.Context, subscriptionID, databaseID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID).command("fixedDatabaseDeleteRequest"),
		removal(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}
