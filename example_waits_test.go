package rediscloud_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// Progress for people: the states of the task, then those of what it makes.
func ExampleOnProvisioning() {
	ctx := context.Background()
	client, subscriptionID, databaseID := exampleClient()
	task, err := client.Databases.Delete(ctx, subscriptionID, databaseID)
	if err != nil {
		log.Fatal(err)
	}
	_, err = task.WaitProvisioned(ctx,
		rediscloud.OnUpdate(func(state *rediscloud.TaskState) {
			log.Print("task: ", state.Status)
		}),
		rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
			if p.Status == "" {
				fmt.Println(p.Kind, "is gone")
				return
			}
			log.Printf("%s: %s after %s", p.Kind, p.Status, p.Elapsed)
		}))
	if err != nil {
		log.Fatal(err)
	}
	// Output: database is gone
}

// What was made needs manual action before it can be used: the error says which.
func ExampleProvisionError() {
	ctx := context.Background()
	client, _, network, serviceID := examplePSC()
	task, err := client.PrivateServiceConnect.CreateEndpoint(ctx, network, serviceID, &rediscloud.PSCEndpointCreateRequest{
		GCPProjectID: "my-project", GCPVPCName: "my-vpc", GCPVPCSubnetName: "my-subnet", EndpointConnectionName: "redis",
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = task.WaitProvisioned(ctx)
	if failure, ok := errors.AsType[*rediscloud.ProvisionError](err); ok {
		fmt.Println(failure.Kind, failure.Status, failure.ActionRequired)
		log.Print(failure.Hint) // once that is done, wait again: the task is still good for it
	}
	// Output: Private Service Connect endpoint initialized true
}

// A look at the tasks that a lost write may have started. FindTask decides which
// of them it is.
func ExampleOutcomeUnknownError_Candidates() {
	ctx := context.Background()
	client, fake := exampleFake()
	subscriptionID := fake.AddSubscription("production")
	fake.CutNext(1, "POST /subscriptions/{subscriptionId}/databases", rediscloudtest.CutAfter) // the answer gets lost

	_, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
	unknown, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	if !ok {
		log.Fatal(err)
	}
	candidates, err := unknown.Candidates(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, state := range candidates {
		fmt.Println(state.CommandType)
	}
	// Output: databaseCreateRequest
}
