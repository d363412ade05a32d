package rediscloud_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// carries runs an operation to its end, with the log that a careful program
// writes: the request, the progress, and the outcome.
func carries[T, R any](ctx context.Context, log *slog.Logger, used map[reflect.Type]bool, req R, submit func(context.Context, R) (*rediscloud.Task[T], error)) (*T, error) {
	used[reflect.TypeOf(req).Elem()] = true
	log.Debug("request", "request", req)
	task, err := submit(ctx, req)
	if err != nil {
		log.Debug("refused", "error", err)
		return nil, err
	}
	log.Debug("task", "task", task, "token", task.Token())
	result, err := task.WaitProvisioned(ctx, rediscloud.OnUpdate(func(state *rediscloud.TaskState) { log.Debug("state", "state", state) }))
	log.Debug("result", "result", result, "error", err, "list", []any{result})
	return result, err
}

// A log of everything, of a session that uses every secret, contains none.
func TestSessionLogHoldsNoSecrets(t *testing.T) {
	for name, handler := range map[string]func(io.Writer, *slog.HandlerOptions) slog.Handler{
		"text": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) },
		"JSON": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(w, o) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var text bytes.Buffer
				session(t, slog.New(handler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})), &text)
			})
		})
	}
}

func session(t *testing.T, log *slog.Logger, text *bytes.Buffer) {
	fake := rediscloudtest.New(calm, rediscloudtest.WithKeys("Account-key-0123456789", "Secret-key-0123456789"))
	client, ctx, used := connect(t, fake, rediscloud.WithLogger(log)), t.Context(), map[reflect.Type]bool{}
	secrets := []string{fake.AccountKey(), fake.SecretKey()}
	next := func() string {
		secrets = append(secrets, fmt.Sprintf("Hidden.%d.word", len(secrets)))
		return secrets[len(secrets)-1]
	}
	secret := func() *rediscloud.Secret { return new(rediscloud.Secret(next())) }
	uri := func() *rediscloud.SecretURI {
		return new(rediscloud.SecretURI("ftp://" + next() + ":" + next() + "@host/path"))
	}
	pro, wide := fake.AddSubscription("pro"), fake.AddSubscription("wide", "us-east-1", "us-east-2")
	essentials := fake.AddEssentialsSubscription("essentials", rediscloudtest.PlanStandard)
	db, spread, small := fake.AddDatabase(pro, "a"), fake.AddDatabase(wide, "b"), fake.AddDatabase(essentials, "c")

	backup := func() *rediscloud.BackupSpec {
		return &rediscloud.BackupSpec{Active: new(true), Interval: new(rediscloud.BackupIntervalEvery24Hours), StorageType: new(rediscloud.StorageTypeFTP), StoragePath: uri()}
	}
	replica := func() *rediscloud.ReplicaSpec {
		return &rediscloud.ReplicaSpec{SyncSources: []rediscloud.SyncSourceSpec{{Endpoint: *uri()}}}
	}
	made, err := carries(ctx, log, used, &rediscloud.DatabaseCreateRequest{
		Name: "made", DatasetSizeInGB: new(1.0), Password: secret(), RemoteBackup: backup(), Replica: replica(),
	}, func(ctx context.Context, req *rediscloud.DatabaseCreateRequest) (*rediscloud.Task[rediscloud.Database], error) {
		return client.Databases.Create(ctx, pro, req)
	})
	require.NoError(t, err)
	assert.NotEmpty(t, made.Security.Password)
	_, err = carries(ctx, log, used, &rediscloud.DatabaseCreateRequest{
		Name: "cache", DatasetSizeInGB: new(1.0), Protocol: new(rediscloud.ProtocolMemcached), SASLUsername: new("me"), SASLPassword: secret(), PeriodicBackupPath: uri(),
	}, func(ctx context.Context, req *rediscloud.DatabaseCreateRequest) (*rediscloud.Task[rediscloud.Database], error) {
		return client.Databases.Create(ctx, pro, req)
	})
	require.NoError(t, err)
	_, err = carries(ctx, log, used, &rediscloud.DatabaseUpdateRequest{
		Password: secret(), ReplicaOf: []rediscloud.SecretURI{*uri()}, PeriodicBackupPath: uri(),
	}, func(ctx context.Context, req *rediscloud.DatabaseUpdateRequest) (*rediscloud.Task[rediscloud.Database], error) {
		return client.Databases.Update(ctx, pro, db, req)
	})
	require.NoError(t, err)
	_, err = carries(ctx, log, used, &rediscloud.DatabaseRegionsUpdateRequest{
		GlobalPassword: secret(), Regions: []rediscloud.DatabaseRegionUpdate{{Region: "us-east-1", Password: secret(), RemoteBackup: backup()}},
	}, func(ctx context.Context, req *rediscloud.DatabaseRegionsUpdateRequest) (*rediscloud.Task[rediscloud.Database], error) {
		return client.Databases.UpdateRegions(ctx, wide, spread, req)
	})
	require.NoError(t, err)
	_, err = carries(ctx, log, used, &rediscloud.DatabaseBackupRequest{AdhocBackupPath: uri()}, func(ctx context.Context, req *rediscloud.DatabaseBackupRequest) (*rediscloud.Task[rediscloud.None], error) {
		return client.Databases.Backup(ctx, pro, db, req)
	})
	require.NoError(t, err)
	importing := func() *rediscloud.DatabaseImportRequest {
		return &rediscloud.DatabaseImportRequest{SourceType: rediscloud.StorageTypeFTP, ImportFromURIs: []rediscloud.SecretURI{*uri(), *uri()}}
	}
	_, err = carries(ctx, log, used, importing(), func(ctx context.Context, req *rediscloud.DatabaseImportRequest) (*rediscloud.Task[rediscloud.None], error) {
		return client.Databases.Import(ctx, pro, db, req)
	})
	require.NoError(t, err)

	_, err = carries(ctx, log, used, &rediscloud.EssentialsDatabaseCreateRequest{
		Name: "made", Password: secret(), PeriodicBackupPath: uri(), Replica: replica(),
	}, func(ctx context.Context, req *rediscloud.EssentialsDatabaseCreateRequest) (*rediscloud.Task[rediscloud.EssentialsDatabase], error) {
		return client.EssentialsDatabases.Create(ctx, essentials, req)
	})
	require.NoError(t, err)
	_, err = carries(ctx, log, used, &rediscloud.EssentialsDatabaseUpdateRequest{
		Password: secret(), ReplicaOf: []rediscloud.SecretURI{*uri()}, PeriodicBackupPath: uri(),
	}, func(ctx context.Context, req *rediscloud.EssentialsDatabaseUpdateRequest) (*rediscloud.Task[rediscloud.EssentialsDatabase], error) {
		return client.EssentialsDatabases.Update(ctx, essentials, small, req)
	})
	require.NoError(t, err)
	_, err = carries(ctx, log, used, &rediscloud.EssentialsDatabaseBackupRequest{AdhocBackupPath: uri()}, func(ctx context.Context, req *rediscloud.EssentialsDatabaseBackupRequest) (*rediscloud.Task[rediscloud.None], error) {
		return client.EssentialsDatabases.Backup(ctx, essentials, small, req)
	})
	require.NoError(t, err)
	_, err = carries(ctx, log, used, importing(), func(ctx context.Context, req *rediscloud.DatabaseImportRequest) (*rediscloud.Task[rediscloud.None], error) {
		return client.EssentialsDatabases.Import(ctx, essentials, small, req)
	})
	require.NoError(t, err)

	_, err = carries(ctx, log, used, &rediscloud.ACLUserCreateRequest{Name: "u", Role: "none", Password: *secret()}, client.ACLUsers.Create)
	require.ErrorContains(t, err, "ACL_ROLE_DOES_NOT_EXISTS") // a failed task, with its error
	_, err = carries(ctx, log, used, &rediscloud.ACLUserUpdateRequest{Password: secret()}, func(ctx context.Context, req *rediscloud.ACLUserUpdateRequest) (*rediscloud.Task[rediscloud.ACLUser], error) {
		return client.ACLUsers.Update(ctx, 7, req)
	})
	require.Error(t, err)
	account, err := carries(ctx, log, used, &rediscloud.CloudAccountCreateRequest{
		Name: "c", AccessKeyID: "A", AccessSecretKey: *secret(), ConsoleUsername: "u", ConsolePassword: *secret(), SignInLoginURL: "https://x.signin.aws.amazon.com/console",
	}, client.CloudAccounts.Create)
	require.NoError(t, err)
	_, err = carries(ctx, log, used, &rediscloud.CloudAccountUpdateRequest{
		AccessKeyID: "A", AccessSecretKey: *secret(), ConsoleUsername: "u", ConsolePassword: *secret(),
	}, func(ctx context.Context, req *rediscloud.CloudAccountUpdateRequest) (*rediscloud.Task[rediscloud.CloudAccount], error) {
		return client.CloudAccounts.Update(ctx, account.ID, req)
	})
	require.NoError(t, err)

	sessionBeyond(ctx, t, log, used, client, made.ID, secret, &secrets)

	// Errors that contain a request or a response.
	for _, cut := range []rediscloudtest.Cut{rediscloudtest.CutBefore, rediscloudtest.CutAfter} {
		fake.CutNext(1, "", cut)
		_, err = carries(ctx, log, used, &rediscloud.DatabaseCreateRequest{Name: fmt.Sprint("lost", cut), Password: secret()}, func(ctx context.Context, req *rediscloud.DatabaseCreateRequest) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Create(ctx, pro, req)
		})
		require.Error(t, err)
	}
	fake.AnswerNext(1, "GET /subscriptions/{subscriptionId}/databases/{databaseId}", 200, nil, `[{"security":{"password":"`+next()+`"}}]`)
	_, err = client.Databases.Get(ctx, pro, db)
	require.Error(t, err)
	log.Debug("odd", "error", err, "text", fmt.Sprintf("%+v %#v", err, err))
	time.Sleep(time.Minute)

	for _, s := range [][2]int{{pro, db}, {pro, made.ID}, {wide, spread}} {
		found, err := client.Databases.Get(ctx, s[0], s[1])
		require.NoError(t, err)
		log.Debug("read", "database", found)
		for _, password := range []rediscloud.ReceivedSecret{found.Security.Password, found.GlobalPassword} {
			if password != "" && !strings.Contains(string(password), "*") {
				secrets = append(secrets, string(password))
			}
		}
	}
	require.Greater(t, len(secrets), 40)
	require.Greater(t, strings.Count(text.String(), "\n"), 100)
	for _, secret := range secrets {
		assert.NotContains(t, text.String(), secret)
	}

	// All requests with secrets were part of it.
	requests, _ := structs()
	for _, typ := range requests {
		if holdsSecrets(typ) && strings.HasSuffix(typ.Name(), "Request") {
			assert.True(t, used[typ], "%s isn't logged here", typ)
		}
	}
}

// sessionBeyond is the part of the session with memory stores and caches.
func sessionBeyond(ctx context.Context, t *testing.T, log *slog.Logger, used map[reflect.Type]bool, client *rediscloud.Client, db int, secret func() *rediscloud.Secret, secrets *[]string) {
	model := func() *rediscloud.MemoryModelSpec {
		return &rediscloud.MemoryModelSpec{Provider: new("openai"), Credentials: &rediscloud.MemoryModelCredentialsSpec{Type: "key", APIKey: secret()}}
	}
	store, err := carries(ctx, log, used, &rediscloud.MemoryStoreCreateRequest{
		Name: "s", DatabaseID: db, LLM: model(), LongTermMemory: &rediscloud.LongTermMemorySpec{Embedding: model()},
	}, client.AgentMemory.Create)
	require.NoError(t, err)
	_, err = carries(ctx, log, used, &rediscloud.MemoryStoreUpdateRequest{LLM: model()}, func(ctx context.Context, req *rediscloud.MemoryStoreUpdateRequest) (*rediscloud.Task[rediscloud.MemoryStore], error) {
		return client.AgentMemory.Update(ctx, store.ID, req)
	})
	require.NoError(t, err)

	embedding := func() rediscloud.EmbeddingModelSpec {
		return rediscloud.EmbeddingModelSpec{Provider: "openai", Name: "small", APIKey: secret()}
	}
	create := &rediscloud.LangCacheCreateRequest{
		Name: "c", Database: rediscloud.LangCacheDatabaseSpec{DatabaseID: db}, EmbeddingModel: embedding(),
		DefaultSearchThreshold: 0.9, DefaultTTLMillis: 5000, Attributes: []string{},
	}
	update := &rediscloud.LangCacheUpdateRequest{EmbeddingModel: new(embedding())}
	log.Debug("requests", "create", create, "update", update)
	cache, err := client.LangCache.Create(ctx, create)
	require.NoError(t, err)
	require.NoError(t, client.LangCache.Update(ctx, cache.ID, update))
	used[reflect.TypeOf(*create)], used[reflect.TypeOf(*update)] = true, true

	key, err := client.LangCache.CreateAPIKey(ctx, cache.ID, "app")
	require.NoError(t, err)
	*secrets = append(*secrets, string(key.Secret))
	var unknown error = &rediscloud.ServiceAPIKeyError{Name: "app", Secret: key.Secret, Candidates: []rediscloud.ServiceAPIKey{key.Key}}
	log.Debug("key", "key", key, "error", unknown, "text", fmt.Sprintf("%v %+v %#v", unknown, unknown, unknown))
}
