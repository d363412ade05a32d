// Package journal makes a write to Redis Cloud once, whatever happens to the
// program: a crash, a kill or a power failure, even between sending a request
// and receiving its response.
//
//	store, err := journal.Dir("/var/lib/shop/journal")
//	if err != nil {
//		return err
//	}
//	db, err := journal.Run(ctx, store, "create-cache", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
//		return client.Databases.Create(ctx, subscriptionID, req)
//	})
//	if err != nil {
//		return err // run it again: it continues where it was
//	}
//	if err := config.SetDatabase(db.ID); err != nil { // wherever the program looks for it
//		return err
//	}
//	return store.Remove(ctx, "create-cache")
//
// [Run] keeps one entry under the name in the store. Before the request is sent
// the entry is the write's intent, and as soon as the API has answered it is
// the task's token. When Run is called again with the name, in any process, it
// continues from there: it waits for a known task, and searches for an unknown
// one with [rediscloud.FindTask]. The write is sent again only when it is
// certain that the API didn't accept it.
//
// The entry stays until it is removed, which is best done when the program has
// recorded the result: if it were removed earlier, a kill in between would
// leave a resource that nobody knows of, and create a second one. A name stands
// for one write, so a program that makes many writes generates names, such as
// "create-cache-17".
package journal
