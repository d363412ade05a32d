// Package journal makes a write to Redis Cloud once, whatever happens to the
// program meanwhile: a crash, a kill, a machine that goes down, also in the
// moment between sending a request and getting its answer.
//
//	store, err := journal.Dir("/var/lib/shop/journal")
//	if err != nil {
//		return err
//	}
//	db, err := journal.Run(ctx, store, "create-cache", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
//		return client.Databases.Create(ctx, subscriptionID, req)
//	})
//	if err != nil {
//		return err // run it again: it goes on where it was
//	}
//	if err := config.SetDatabase(db.ID); err != nil { // wherever the program looks for it
//		return err
//	}
//	return store.Remove(ctx, "create-cache")
//
// Run keeps one entry under the name in the store. Before the request is sent
// that is the write's intent, and as soon as the API has answered it is the
// task's token. When Run is called again with the name, in any process, it goes
// on from there: a task that is known is waited for, and one that isn't is looked
// for with [rediscloud.FindTask]. Only when it is certain that the API didn't
// accept the write is it sent again.
//
// The entry stays until it is removed, which is best done when the program has
// noted the result: were it removed before, a kill in between would leave a
// resource that nobody knows of, and make a second one. A name stands for one
// write, so a program that makes many makes names, such as "create-cache-17".
package journal
