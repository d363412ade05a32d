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

// WaitProvisioned waits until a database is active, and returns it. One that isn't
// there is ErrNotFound; one that fails ends the wait with a *ProvisionError. A
// *WaitError is all else that ends it, such as ctx.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}
func (s *EssentialsDatabasesService) WaitProvisioned(ctx context.Context, subscriptionID, databaseID int, opts ...WaitOption) (*EssentialsDatabase, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// List returns one page of the databases of a subscription, without their
// passwords. A page past the last one is empty; a subscription that doesn't
// exist is ErrNotFound. opts may be nil.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases
func (s *EssentialsDatabasesService) List(ctx context.Context, subscriptionID int, opts *DatabaseListOptions) (*EssentialsDatabaseList, error) {
	return fetch[EssentialsDatabaseList](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases", subscriptionID).withQuery(opts))
}

// All iterates over the databases of a subscription, without their passwords,
// and reads pages as it goes: from opts.Offset on, opts.Limit at a time, 100 if
// opts is nil or sets none. It ends with the error, if there is one; a
// subscription that doesn't exist is ErrNotFound.
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

// GetByName returns the database of a subscription with exactly that name, as Get
// does. None is [ErrNotFound], and so is a subscription that doesn't exist; several
// are an [*AmbiguousNameError].
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases, and the read of the database
func (s *EssentialsDatabasesService) GetByName(ctx context.Context, subscriptionID int, name string) (*EssentialsDatabase, error) {
	found, err := byName(essentialsDatabaseKind.noun, name, s.All(ctx, subscriptionID, nil), func(db *EssentialsDatabase) (int, string) { return db.ID, db.Name })
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, subscriptionID, found.ID) // the list lacks the password
}

func essentialsDatabaseKey(d *EssentialsDatabase) int { return d.ID }

// Create makes a database. The task yields it; with WaitProvisioned, once it is
// active and can be connected to.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases
func (s *EssentialsDatabasesService) Create(ctx context.Context, subscriptionID int, req *EssentialsDatabaseCreateRequest) (*Task[EssentialsDatabase], error) {
	return submit(ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases", subscriptionID).command("fixedDatabaseCreateRequest").withBody(req).shows(essentialsDatabaseShows...),
		readBack(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID))
}

// Update changes a database; what req doesn't set stays as it is. The task
// yields the database; with WaitProvisioned, once the change is carried out.
//
// API: PUT /fixed/subscriptions/{subscriptionId}/databases/{databaseId}
func (s *EssentialsDatabasesService) Update(ctx context.Context, subscriptionID, databaseID int, req *EssentialsDatabaseUpdateRequest) (*Task[EssentialsDatabase], error) {
	return submit(ctx, s.client,
		put("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID).command("fixedDatabaseUpdateRequest").withBody(req).shows(essentialsDatabaseShows...),
		readBack(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}

// Delete removes a database and its data. WaitProvisioned waits until it is gone.
//
// API: DELETE /fixed/subscriptions/{subscriptionId}/databases/{databaseId}
func (s *EssentialsDatabasesService) Delete(ctx context.Context, subscriptionID, databaseID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID).command("fixedDatabaseDeleteRequest"),
		removal(essentialsDatabaseKind, "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}", subscriptionID, databaseID))
}
