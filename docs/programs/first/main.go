// Creates a database in a Pro subscription, and waits until it can be used.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/rediscloud-go/rediscloud"
)

func main() {
	subscriptionID := flag.Int("subscription", 0, "id of a Pro subscription")
	flag.Parse()
	ctx := context.Background()

	client, err := rediscloud.NewClient() // keys from the environment
	if err != nil {
		log.Fatal(err)
	}
	task, err := client.Databases.Create(ctx, *subscriptionID, &rediscloud.DatabaseCreateRequest{
		Name:            "cache",
		DatasetSizeInGB: new(1.5),
		DataPersistence: new(rediscloud.DataPersistenceAOFEvery1Second),
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("task %s", task.ID()) // accepted: the API is working on it

	db, err := task.WaitProvisioned(ctx) // minutes
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.Name, db.Status, db.PublicEndpoint)
}
