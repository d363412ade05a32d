package rediscloud_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// exampleClient returns a client of a fast fake API, which holds a subscription
// with a database.
func exampleClient() (client *rediscloud.Client, subscriptionID, databaseID int) {
	client, fake := exampleFake()
	subscriptionID = fake.AddSubscription("production")
	return client, subscriptionID, fake.AddDatabase(subscriptionID, "sessions")
}

func Example() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient() // else: rediscloud.NewClient()

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
	fmt.Println(db.Name, db.Status, db.DatasetSizeInGB)
	// Output: cache active 1.5
}

func ExampleNewClient() {
	client, err := rediscloud.NewClient(
		rediscloud.WithCredentials("account-key", "secret-key"), // by default from the environment
		rediscloud.WithUserAgent("my-program/1.0"),
		rediscloud.WithAttemptTimeout(20*time.Second))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: rediscloud.Client(https://api.redislabs.com/v1)
}

// Wait returns when the task is processed, WaitProvisioned when what it made
// can be used.
func ExampleTask() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient()
	task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
	if err != nil {
		log.Fatal(err)
	}
	db, err := task.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.Name, "is known by its id")
	db, err = task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.Name, db.Status)
	// Output:
	// cache is known by its id
	// cache active
}

func ExampleTask_Updates() {
	ctx := context.Background()
	client, subscriptionID, databaseID := exampleClient()
	task, err := client.Databases.Delete(ctx, subscriptionID, databaseID)
	if err != nil {
		log.Fatal(err)
	}
	var last rediscloud.TaskStatus
	for state, err := range task.Updates(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		last = state.Status
	}
	fmt.Println(last)
	// Output: processing-completed
}

// A wait that ends early loses nothing: the token, kept in a file or a
// database, makes the handle again.
func ExampleResumeTask() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient()
	task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
	if err != nil {
		log.Fatal(err)
	}
	token := task.Token()

	short, cancel := context.WithTimeout(ctx, time.Microsecond)
	defer cancel()
	_, err = task.Wait(short)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))

	task, err = rediscloud.ResumeTask[rediscloud.Database](client, token)
	if err != nil {
		log.Fatal(err)
	}
	db, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.Name, db.Status)
	// Output:
	// true
	// cache active
}

// Several databases are submitted at once, and one wait sees them all through.
func ExampleWaitAllProvisioned() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient()
	var tasks []*rediscloud.Task[rediscloud.Database]
	for _, name := range []string{"carts", "orders"} {
		task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: name})
		if err != nil {
			log.Fatal(err)
		}
		tasks = append(tasks, task)
	}
	databases, err := rediscloud.WaitAllProvisioned(ctx, tasks)
	if err != nil {
		log.Fatal(err) // names each task that failed
	}
	for _, db := range databases {
		fmt.Println(db.Name, db.Status)
	}
	// Output:
	// carts active
	// orders active
}

// WaitForTasks is for tasks that yield different things.
func ExampleClient_WaitForTasks() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient()
	var tasks []rediscloud.AnyTask
	for _, name := range []string{"one", "two", "sessions"} {
		task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: name})
		if err != nil {
			log.Fatal(err)
		}
		tasks = append(tasks, task)
	}
	states, err := client.WaitForTasks(ctx, tasks)
	for _, state := range states {
		fmt.Println(state.Status)
	}
	fmt.Println(errors.Is(err, rediscloud.ErrConflict)) // the name is in use
	// Output:
	// processing-completed
	// processing-completed
	// processing-error
	// true
}

func ExampleTaskError() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient()
	task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "sessions"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = task.Wait(ctx)
	if failure, ok := errors.AsType[*rediscloud.TaskError](err); ok {
		fmt.Println(failure.Type, failure.StatusCode())
	}
	fmt.Println(errors.Is(err, rediscloud.ErrConflict))
	// Output:
	// DATABASE_NAME_EXISTS 409
	// true
}

// A dry run returns the price and creates nothing.
func ExampleDatabasesService_CreateDryRun() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient()
	task, err := client.Databases.CreateDryRun(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache", DatasetSizeInGB: new(1.0)})
	if err != nil {
		log.Fatal(err)
	}
	pricing, err := task.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, item := range pricing.Items {
		fmt.Println(item.DatabaseName, item.PriceCurrency, item.PricePeriod, item.PricePerUnit > 0)
	}
	// Output: cache USD hour true
}

func ExampleDatabasesService_All() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient()
	for db, err := range client.Databases.All(ctx, subscriptionID, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(db.Name, db.Status)
	}
	// Output: sessions active
}

// A pointer to a zero value and an empty list are sent, nil is left out.
func ExampleDatabasesService_Update() {
	ctx := context.Background()
	client, subscriptionID, databaseID := exampleClient()
	task, err := client.Databases.Update(ctx, subscriptionID, databaseID, &rediscloud.DatabaseUpdateRequest{
		Replication: new(false),
		Alerts:      []rediscloud.AlertSpec{}, // clears them
	})
	if err != nil {
		log.Fatal(err)
	}
	db, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.Replication, len(db.Alerts))
	// Output: false 0
}

func ExampleSubscriptionsService_Create() {
	ctx := context.Background()
	client, _, _ := exampleClient()
	task, err := client.Subscriptions.Create(ctx, &rediscloud.SubscriptionCreateRequest{
		Name: new("staging"),
		CloudProviders: []rediscloud.CloudProviderSpec{{
			Regions: []rediscloud.CloudRegionSpec{{
				Region:     "us-east-1",
				Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: new("10.0.0.0/24")},
			}},
		}},
		Databases: []rediscloud.SubscriptionDatabaseSpec{{Name: "cache", DatasetSizeInGB: new(1.0)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	sub, err := task.WaitProvisioned(ctx, rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
		log.Printf("%s is %s after %s", p.Kind, p.Status, p.Elapsed)
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sub.Name, sub.Status, sub.NumberOfDatabases)
	// Output: staging active 1
}

func ExampleTasksService_All() {
	ctx := context.Background()
	client, subscriptionID, databaseID := exampleClient()
	if _, err := client.Databases.Delete(ctx, subscriptionID, databaseID); err != nil {
		log.Fatal(err)
	}
	for state, err := range client.Tasks.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(state.CommandType)
	}
	// Output: databaseDeleteRequest
}

// An endpoint that the package has no method for.
func ExampleClient_Do() {
	ctx := context.Background()
	client, subscriptionID, databaseID := exampleClient()
	var state rediscloud.TaskState
	err := client.Do(ctx, "PUT", fmt.Sprintf("/subscriptions/%d/databases/%d", subscriptionID, databaseID), map[string]any{"replication": false}, &state)
	if err != nil {
		log.Fatal(err)
	}
	done, err := client.WaitForTask(ctx, &state)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(done.Status)
	// Output: processing-completed
}

// A field that the package doesn't know.
func ExampleWithCaptureResponse() {
	client, subscriptionID, _ := exampleClient()
	var answer rediscloud.Response
	ctx := rediscloud.WithCaptureResponse(context.Background(), &answer)
	if _, err := client.Subscriptions.Get(ctx, subscriptionID); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.StatusCode, answer.Header.Get("X-Rate-Limit-Remaining"), len(answer.Body) > 0)
	// Output: 200 399 true
}
