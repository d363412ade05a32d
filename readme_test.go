package rediscloud_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// The snippets of the README, so that they compile.
var _ = []any{
	func(ctx context.Context, subscriptionID int) {
		client, err := rediscloud.NewClient() // keys from the environment
		if err != nil {
			log.Fatal(err)
		}
		task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{
			Name:            "cache",
			DatasetSizeInGB: new(1.5),
			DataPersistence: new(rediscloud.DataPersistenceAOFEvery1Second),
		})
		if err != nil {
			log.Fatal(err)
		}
		log.Printf("task %s", task.ID()) // known from now on
		db, err := task.WaitProvisioned(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(db.Name, db.Status, db.PublicEndpoint)
	},
	func(ctx context.Context, task *rediscloud.Task[rediscloud.Database]) (any, error) {
		db, err := task.WaitProvisioned(ctx,
			rediscloud.OnUpdate(func(s *rediscloud.TaskState) { log.Print(s.Status) }),
			rediscloud.OnProvisioning(func(p rediscloud.Provisioning) { log.Print(p.Kind, " ", p.Status) }))
		return db, err
	},
	func(ctx context.Context, client *rediscloud.Client, task *rediscloud.Task[rediscloud.Database]) (any, error) {
		token := task.Token() // text without secrets; keep it in a file, or in a database

		// later, in another process
		again, err := rediscloud.ResumeTask[rediscloud.Database](client, token)
		if err != nil {
			log.Fatal(err)
		}
		db, err := again.WaitProvisioned(ctx)
		return db, err
	},
	func(ctx context.Context, client *rediscloud.Client, subscriptionID int, req *rediscloud.DatabaseCreateRequest) (any, error) {
		task, err := client.Databases.Create(ctx, subscriptionID, req)
		if unknown, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err); ok {
			task, err = rediscloud.FindTask[rediscloud.Database](ctx, unknown)
		}
		return task, err
	},
	func(ctx context.Context, client *rediscloud.Client, subscriptionID int, req *rediscloud.DatabaseCreateRequest) (*rediscloud.Database, error) {
		store, err := journal.Dir("/var/lib/shop/journal")
		if err != nil {
			return nil, err
		}
		db, err := journal.Run(ctx, store, "create-cache", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Create(ctx, subscriptionID, req)
		})
		return db, err
	},
	func(ctx context.Context, client *rediscloud.Client, subscriptionID, databaseID int, req *rediscloud.DatabaseUpdateRequest) (any, error) {
		db, err := rediscloud.InTurn(ctx, client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Update(ctx, subscriptionID, databaseID, req)
		})
		return db, err
	},
	func(err error) {
		if errors.Is(err, rediscloud.ErrNotFound) {
			log.Print("it isn't there")
		}
	},
	func() (any, error) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(5 * time.Minute))
		client, err := rediscloud.NewClient(
			rediscloud.WithBaseURL(fake.URL()),
			rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
			rediscloud.WithHTTPClient(fake.Client()))
		return client, err
	},
}

func TestReadmeSnippetsCompile(t *testing.T) {
	compiled := withoutIndent(readFile(t, "readme_test.go"))
	snippets := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readFile(t, "README.md"), -1)
	require.NotEmpty(t, snippets)
	for _, snippet := range snippets {
		assert.Contains(t, compiled, withoutIndent(snippet[1]), "this snippet isn't among those above")
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(data)
}

func withoutIndent(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimLeft(lines[i], "\t ")
	}
	return strings.Join(lines, "\n")
}
