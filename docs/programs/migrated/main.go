// Creates a database, waits for it, and lists all databases.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/rediscloud-go/rediscloud"
)

func main() {
	ctx := context.Background()
	subscriptionID, err := strconv.Atoi(os.Getenv("SUBSCRIPTION_ID"))
	if err != nil {
		log.Fatal(err)
	}
	client, err := rediscloud.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	// Create, and wait until it is active.
	task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{
		Name:            "cache",
		DatasetSizeInGB: new(1.5),
		DataPersistence: new(rediscloud.DataPersistenceAOFEvery1Second),
	})
	if err != nil {
		log.Fatal(err)
	}
	db, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.Name, db.PublicEndpoint)

	// Not found.
	if _, err := client.Databases.Get(ctx, subscriptionID, db.ID+1); errors.Is(err, rediscloud.ErrNotFound) {
		fmt.Println("there is no such database")
	}

	// List.
	for db, err := range client.Databases.All(ctx, subscriptionID, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(db.Name, db.Status)
	}
}
