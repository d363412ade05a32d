package rediscloud_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// setUp is a snippet of docs/lost-writes.md.
func setUp(ctx context.Context, client *rediscloud.Client, store journal.Store) error {
	names := []string{"cache", "sessions", "queue", "search", "stats"}
	const entry = "create-shop"
	subscription, err := client.Subscriptions.GetByName(ctx, "shop")
	if errors.Is(err, rediscloud.ErrNotFound) {
		subscription, err = journal.Run(ctx, store, entry, client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Subscription], error) {
			return client.Subscriptions.Create(ctx, &rediscloud.SubscriptionCreateRequest{
				Name:           new("shop"),
				CloudProviders: []rediscloud.CloudProviderSpec{{Regions: []rediscloud.CloudRegionSpec{{Region: "us-east-1"}}}},
				Databases:      []rediscloud.SubscriptionDatabaseSpec{{Name: names[0], DatasetSizeInGB: new(1.0)}}, // at least one is required
			})
		})
	} else if err == nil {
		if subscription, err = client.Subscriptions.WaitProvisioned(ctx, subscription.ID); err == nil {
			err = store.Remove(ctx, entry)
		}
	}
	if err != nil {
		return err
	}
	for _, name := range names { // the first one exists: it is found by its name
		if _, err := ensureDatabase(ctx, client, store, subscription.ID, &rediscloud.DatabaseCreateRequest{
			Name:            name,
			DatasetSizeInGB: new(1.0),
		}); err != nil {
			return fmt.Errorf("database %s: %w", name, err)
		}
	}
	return nil
}

// ensureDatabase returns the database with the name in req, active. It creates
// the database if there is none.
func ensureDatabase(ctx context.Context, client *rediscloud.Client, store journal.Store, subscriptionID int, req *rediscloud.DatabaseCreateRequest) (*rediscloud.Database, error) {
	entry := fmt.Sprintf("create-%d-%s", subscriptionID, req.Name)
	found, err := client.Databases.GetByName(ctx, subscriptionID, req.Name)
	if errors.Is(err, rediscloud.ErrNotFound) { // or it is new and not listed yet: then the entry knows it
		return journal.RunInTurn(ctx, store, entry, client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Create(ctx, subscriptionID, req)
		})
	}
	if err != nil {
		return nil, err
	}
	db, err := client.Databases.WaitProvisioned(ctx, subscriptionID, found.ID) // it may still be pending
	if err != nil {
		return nil, err
	}
	return db, store.Remove(ctx, entry) // from now on, its name finds it
}

// The set-up of docs/lost-writes.md can be interrupted and repeated.
func TestSetUp(t *testing.T) {
	store, err := journal.Dir(t.TempDir())
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(time.Minute), rediscloudtest.WithLateListing(20*time.Second))
		client, err := rediscloud.NewClient(
			rediscloud.WithBaseURL(fake.URL()),
			rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
			rediscloud.WithHTTPClient(fake.Client()))
		require.NoError(t, err)
		ctx := t.Context()
		interrupted := 0
		for done := 0; done < 2; { // the second removes the entries
			short, cancel := context.WithTimeout(ctx, time.Duration(interrupted%13+1)*5*time.Second)
			err := setUp(short, client, store)
			cancel()
			if err == nil {
				done++
				continue
			}
			if !errors.Is(err, rediscloud.ErrConflict) {
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
			interrupted++
			require.Less(t, interrupted, 200)
			time.Sleep(time.Second)
		}
		require.Greater(t, interrupted, 10)
		subscription, err := client.Subscriptions.GetByName(ctx, "shop")
		require.NoError(t, err)
		databases, err := client.Databases.WaitAllProvisioned(ctx, subscription.ID)
		require.NoError(t, err)
		require.Len(t, databases, 5)
		left, err := store.Names()
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

// The snippets of README.md and docs, so that they compile. Whole programs are in
// docs/programs.
var _ = []any{
	// README.md
	func(ctx context.Context, client *rediscloud.Client, subscriptionID int) error {
		for db, err := range client.Databases.All(ctx, subscriptionID, nil) {
			if err != nil {
				return err
			}
			fmt.Println(db.ID, db.Name, db.Status)
		}
		return nil
	},
	func() (any, error) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(5 * time.Minute))
		client, err := rediscloud.NewClient(
			rediscloud.WithBaseURL(fake.URL()),
			rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
			rediscloud.WithHTTPClient(fake.Client()))
		return client, err
	},

	// docs/waiting.md
	func(ctx context.Context, task *rediscloud.Task[rediscloud.Database]) (any, error) {
		db, err := task.WaitProvisioned(ctx,
			rediscloud.OnUpdate(func(s *rediscloud.TaskState) { log.Print(s.Status) }),
			rediscloud.OnProvisioning(func(p rediscloud.Provisioning) { log.Print(p.Kind, " ", p.Status) }))
		return db, err
	},

	// docs/lost-writes.md
	func(ctx context.Context, client *rediscloud.Client, task *rediscloud.Task[rediscloud.Database]) (any, error) {
		token := task.Token()

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
	func(ctx context.Context, client *rediscloud.Client, subscriptionID int, req *rediscloud.DatabaseCreateRequest) (any, error) {
		ctx = rediscloud.OnIntent(ctx, func(token string) error {
			return os.WriteFile("create-cache.intent", []byte(token), 0o600) // an error keeps the write from being sent
		})
		task, err := client.Databases.Create(ctx, subscriptionID, req)
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

	// docs/errors.md
	func(ctx context.Context, task *rediscloud.Task[rediscloud.Database]) {
		_, err := task.WaitProvisioned(ctx)
		if failure, ok := errors.AsType[*rediscloud.TaskError](err); ok {
			log.Printf("refused: %s: %s", failure.Type, failure.Description) // nothing was made
		}
		if failure, ok := errors.AsType[*rediscloud.ProvisionError](err); ok && failure.ActionRequired {
			log.Printf("%s is %s: %s", failure.Kind, failure.Status, failure.Hint) // do that, then wait again
		}
		if ended, ok := errors.AsType[*rediscloud.WaitError](err); ok {
			log.Printf("task %s is still running, last %q", ended.TaskID, ended.Last.Status)
		}
	},

	// docs/limits.md
	func() (any, error) {
		client, err := rediscloud.NewClient(
			rediscloud.WithRateLimit(200), // leaves the other half to somebody else
			rediscloud.WithRetry(rediscloud.RetryPolicy{MaxRetries: 8}),
			rediscloud.WithAttemptTimeout(20*time.Second))
		return client, err
	},
	func() any {
		// A Limiter lets one request through, or returns an error.
		type Limiter interface {
			Wait(ctx context.Context) error
		}
		return rediscloud.WithRateLimiter(Limiter(nil))
	},

	// docs/requests.md
	func() any {
		req := &rediscloud.DatabaseUpdateRequest{
			Replication: new(false),               // sent, though it is the zero value
			Alerts:      []rediscloud.AlertSpec{}, // removes all alerts
			SourceIPs:   nil,                      // left out: nothing changes
		}
		return req
	},
	func(ctx context.Context, client *rediscloud.Client, subscriptionID, databaseID int) error {
		var answer rediscloud.Response
		db, err := client.Databases.Get(rediscloud.WithCaptureResponse(ctx, &answer), subscriptionID, databaseID)
		if err != nil {
			return err
		}
		var more struct {
			NewField string `json:"newField"`
		}
		if err := json.Unmarshal(answer.Body, &more); err != nil {
			return err
		}
		log.Print(db.Name, more.NewField, answer.Unread)
		return nil
	},

	// docs/api-notes.md
	func(ctx context.Context, client *rediscloud.Client) (*rediscloud.EssentialsSubscription, error) {
		free := map[int]bool{}
		for plan, err := range client.EssentialsPlans.All(ctx, nil) {
			if err != nil {
				return nil, err
			}
			free[plan.ID] = plan.Free()
		}
		for subscription, err := range client.EssentialsSubscriptions.All(ctx) {
			if err != nil {
				return nil, err
			}
			if free[subscription.PlanID] {
				return subscription, nil
			}
		}
		return nil, rediscloud.ErrNotFound
	},
	func(ctx context.Context, client *rediscloud.Client, subscriptionID int) error {
		task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
		if err != nil {
			return err
		}
		db, err := task.WaitProvisioned(ctx)
		if err != nil {
			return err
		}
		update, err := client.Databases.UpdateRegions(ctx, subscriptionID, db.ID, &rediscloud.DatabaseRegionsUpdateRequest{
			EnableTLS: new(true),
			Regions: []rediscloud.DatabaseRegionUpdate{{
				Region: "us-east-1",
				RemoteBackup: &rediscloud.BackupSpec{
					Active:      new(true),
					Interval:    new(rediscloud.BackupIntervalEvery24Hours),
					StorageType: new(rediscloud.StorageTypeAWSS3),
					StoragePath: new(rediscloud.SecretURI("s3://backups/cache")),
				},
			}},
		})
		if err != nil {
			return err
		}
		_, err = update.WaitProvisioned(ctx)
		return err
	},
}

func TestSnippetsCompile(t *testing.T) {
	programs, err := filepath.Glob("docs/programs/*/main.go")
	require.NoError(t, err)
	compiled := readFile(t, "readme_test.go")
	for _, program := range programs {
		compiled += readFile(t, program)
	}
	compiled = withoutIndent(compiled)
	for _, page := range pages(t) {
		for _, snippet := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readFile(t, page), -1) {
			assert.Contains(t, compiled, withoutIndent(snippet[1]), "%s: this snippet is neither among those above nor one of docs/programs", page)
		}
	}
}

// A newcomer reads the README, and reads on in docs for as long as links lead there.
func TestPagesAreLinked(t *testing.T) {
	readme := readFile(t, "README.md")
	assert.LessOrEqual(t, strings.Count(readme, "\n"), 150, "lines of README.md")
	for _, page := range pages(t)[1:] {
		assert.Contains(t, readme, "("+page+")")
	}
	examples, err := filepath.Glob("examples/*/README.md")
	require.NoError(t, err)
	for _, example := range examples {
		assert.Contains(t, readme, "("+filepath.Dir(example)+")")
	}
	code := regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	link := regexp.MustCompile(`\]\(([^)#: ]*\.[a-z]+)?(#[^)]*)?\)`)
	for _, page := range pages(t) {
		for _, to := range link.FindAllStringSubmatch(code.ReplaceAllString(readFile(t, page), ""), -1) {
			target := page
			if to[1] != "" {
				target = filepath.Join(filepath.Dir(page), to[1])
				assert.FileExists(t, target, page)
			}
			if to[2] != "" {
				assert.Contains(t, anchors(readFile(t, target)), to[2], page)
			}
		}
	}
}

// Prose is wrapped at one width; tables and code aren't.
func TestPagesHaveOneWidth(t *testing.T) {
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/README.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		for _, page := range found {
			prose := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(readFile(t, page), "")
			for line := range strings.SplitSeq(prose, "\n") {
				if !strings.HasPrefix(line, "|") {
					assert.LessOrEqual(t, utf8.RuneCountInString(line), 130, "%s: %s", page, line)
				}
			}
		}
	}
}

// anchors are what the headings of a page are linked by.
func anchors(page string) (anchors []string) {
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		anchors = append(anchors, "#"+strings.ReplaceAll(name, " ", "-"))
	}
	return anchors
}

// pages are README.md and those of docs.
func pages(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, docs)
	return append([]string{"README.md"}, docs...)
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
