package journal_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// A database is created once, however often the program is killed on the way.
func ExampleRun() {
	fake := rediscloudtest.New(rediscloudtest.WithCalm(), rediscloudtest.WithProcessing(0), rediscloudtest.WithProvisioning(0))
	subscriptionID := fake.AddSubscription("production")
	client, err := rediscloud.NewClient(rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		rediscloud.WithBaseURL(fake.URL()), rediscloud.WithHTTPClient(fake.Client()))
	if err != nil {
		log.Fatal(err)
	}
	path, err := os.MkdirTemp("", "journal")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(path) }()

	ctx := context.Background()
	store, err := journal.Dir(path)
	if err != nil {
		log.Print(err)
		return
	}
	for range 2 { // as if the program had been killed before it could record the result
		db, err := journal.Run(ctx, store, "create-cache", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			fmt.Println("submitting")
			return client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
		})
		if err != nil {
			log.Print(err)
			return
		}
		fmt.Println(db.Name, db.Status)
	}
	if err := store.Remove(ctx, "create-cache"); err != nil {
		log.Print(err)
	}
	// Output:
	// submitting
	// cache active
	// cache active
}
