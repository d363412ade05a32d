package journal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const createRoute = "POST /subscriptions/{subscriptionId}/databases"

// A program is one process: its client, its store, and the moment at which it
// is killed.
type program struct {
	journal.Store
	client *rediscloud.Client
	ctx    context.Context
	steps  int // it is killed after so many steps; never if 0
	mu     sync.Mutex
}

// step is a point at which the program can be killed: nothing after it happens,
// except for what the system has already been asked to do.
func (p *program) step() {
	p.mu.Lock()
	p.steps--
	killed := p.steps == 0
	p.mu.Unlock()
	if killed {
		runtime.Goexit()
	}
}

func (p *program) Load(ctx context.Context, name string) (string, error) {
	p.step()
	defer p.step()
	return p.Store.Load(ctx, name)
}

func (p *program) Save(ctx context.Context, name, entry string) error {
	p.step()
	err := p.Store.Save(ctx, name, entry)
	p.step()
	return err
}

func (p *program) Remove(ctx context.Context, name string) error {
	p.step()
	err := p.Store.Remove(ctx, name)
	p.step()
	return err
}

func connect(t *testing.T, fake *rediscloudtest.Server) *rediscloud.Client {
	t.Helper()
	client, err := rediscloud.NewClient(rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()), rediscloud.WithBaseURL(fake.URL()), rediscloud.WithHTTPClient(fake.Client()))
	require.NoError(t, err)
	return client
}

// start is a process that creates the database "cache" with the journal, and
// returns its id, or 0 if it was killed.
func start(t *testing.T, fake *rediscloudtest.Server, store journal.Store, sub, steps int, inTurn bool) (id int) {
	p := &program{Store: store, client: connect(t, fake), ctx: t.Context(), steps: steps}
	done := make(chan struct{})
	go func() {
		defer close(done)
		submit := func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			p.step()
			task, err := p.client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "cache"})
			p.step() // the response has come, and nobody gets it
			return task, err
		}
		var db *rediscloud.Database
		var err error
		if inTurn {
			db, err = journal.RunInTurn(p.ctx, p, "create-cache", p.client, sub, submit)
		} else {
			db, err = journal.Run(p.ctx, p, "create-cache", p.client, submit)
		}
		if !assert.NoError(t, err) {
			return
		}
		p.step()
		id = db.ID
		assert.NoError(t, p.Remove(p.ctx, "create-cache"))
	}()
	<-done
	return id
}

// Killed at each of its steps, and again at each of the next process's, the
// program creates one database.
func TestKilledAtEachStep(t *testing.T) {
	t.Parallel()
	for _, inTurn := range []bool{false, true} {
		killed := 0
		for first := 1; ; first++ {
			over := false
			for second := 0; second < 8; second++ {
				synctest.Test(t, func(t *testing.T) {
					fake := rediscloudtest.New(rediscloudtest.WithUnknownFor(3 * time.Second))
					sub := fake.AddSubscription("s")
					store, err := journal.Dir(t.TempDir())
					require.NoError(t, err)
					noted := start(t, fake, store, sub, first, inTurn)
					over = noted != 0 && second == 0
					for _, steps := range []int{second, 0} {
						if noted == 0 { // a program that has recorded the result doesn't run it again
							time.Sleep(time.Second)
							noted = start(t, fake, store, sub, steps, inTurn)
						}
					}
					assert.NotZero(t, noted)
					assert.Equal(t, []int{noted}, fake.Databases(sub), "killed at %d, then at %d", first, second)
					names, err := store.Names()
					require.NoError(t, err)
					if names != nil {
						assert.Equal(t, []string{"create-cache"}, names)
					}
				})
				killed++
				if over {
					break
				}
			}
			if over {
				break
			}
		}
		t.Logf("%d ways to be killed", killed)
		assert.Greater(t, killed, 40)
	}
}

// Killed while the response is on its way: the request has arrived, or not.
func TestKilledWhileTheAnswerIsOnItsWay(t *testing.T) {
	for name, arrives := range map[string]bool{"arrived": true, "not arrived": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New()
				sub := fake.AddSubscription("s")
				store, err := journal.Dir(t.TempDir())
				require.NoError(t, err)
				killing := &killer{next: fake.Transport(), arrives: arrives}
				client, err := rediscloud.NewClient(rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()), rediscloud.WithBaseURL(fake.URL()), rediscloud.WithHTTPClient(&http.Client{Transport: killing}))
				require.NoError(t, err)
				done := make(chan struct{})
				go func() {
					defer close(done)
					_, _ = journal.Run(t.Context(), store, "create-cache", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
						return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "cache"})
					})
					t.Error("it was not killed")
				}()
				<-done
				neighbour := connect(t, fake)
				theirs := fake.AddSubscription("t")
				_, err = neighbour.Databases.Create(t.Context(), theirs, &rediscloud.DatabaseCreateRequest{Name: "cache"})
				require.NoError(t, err)
				id := start(t, fake, store, sub, 0, false)
				assert.Equal(t, []int{id}, fake.Databases(sub))
				assert.Len(t, fake.Databases(theirs), 1)
				posts := 0
				for _, req := range fake.Requests() {
					if req.Method == http.MethodPost {
						posts++
					}
				}
				assert.Equal(t, 2, posts)
			})
		})
	}
}

// A killer ends the goroutine that sends a write.
type killer struct {
	next    http.RoundTripper
	arrives bool
}

func (k *killer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		return k.next.RoundTrip(req)
	}
	if k.arrives {
		resp, err := k.next.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
	}
	runtime.Goexit()
	return nil, nil
}

func runOnce(t *testing.T, fake *rediscloudtest.Server, store journal.Store, sub int) (*rediscloud.Database, error) {
	t.Helper()
	client := connect(t, fake)
	return journal.Run(t.Context(), store, "create", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
		return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
	})
}

func entry(t *testing.T, store journal.Store) string {
	t.Helper()
	text, err := store.Load(t.Context(), "create")
	require.NoError(t, err)
	return text
}

// A rejected write leaves no entry; one whose outcome is unknown does.
func TestEntryAfterErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		sub := fake.AddSubscription("s")
		store, err := journal.Dir(t.TempDir())
		require.NoError(t, err)

		fake.AnswerNext(1, createRoute, 400, nil, `{"message":"no"}`)
		_, err = runOnce(t, fake, store, sub)
		require.ErrorContains(t, err, "400 Bad Request: no")
		assert.Empty(t, entry(t, store))

		fake.FailNextTask("DATABASE_NAME_EXISTS", "409 CONFLICT", "")
		_, err = runOnce(t, fake, store, sub)
		require.ErrorIs(t, err, rediscloud.ErrConflict)
		assert.Empty(t, entry(t, store))

		fake.CutNext(3, createRoute, rediscloudtest.CutBefore)
		_, err = runOnce(t, fake, store, sub)
		require.ErrorContains(t, err, `journal entry "create": sent 3 times, and created nothing: rediscloud: POST /subscriptions/120001/databases: `)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		_, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err)
		assert.False(t, unknown, "it is known")
		assert.Empty(t, entry(t, store), "it was looked for, and wasn't accepted")

		fake.CutNext(1, createRoute, rediscloudtest.CutAfter)
		fake.AnswerNext(1, "GET /tasks", 403, nil, "")
		_, err = runOnce(t, fake, store, sub)
		require.ErrorIs(t, err, rediscloud.ErrForbidden)
		assert.Contains(t, entry(t, store), "rediscloud-intent-1.")
		db, err := runOnce(t, fake, store, sub)
		require.NoError(t, err)
		assert.Contains(t, entry(t, store), "rediscloud-task-1.")
		assert.Equal(t, []int{db.ID}, fake.Databases(sub))
		again, err := runOnce(t, fake, store, sub)
		require.NoError(t, err)
		assert.Equal(t, db.ID, again.ID)
		require.NoError(t, store.Remove(t.Context(), "create"))
	})
}

// A write that was lost and has certainly created nothing is sent again: it
// never arrived, or its task has failed. The reason for which a task fails when
// the response arrives is the caller's to see.
func TestLostWriteIsSentAgain(t *testing.T) {
	for name, cut := range map[string]func(*rediscloudtest.Server){
		"it never arrived": func(fake *rediscloudtest.Server) { fake.CutNext(2, createRoute, rediscloudtest.CutBefore) },
		"its task has failed": func(fake *rediscloudtest.Server) {
			fake.CutNext(1, createRoute, rediscloudtest.CutAfter)
			fake.FailNextTask("SUBSCRIPTION_NOT_ACTIVE", "400 BAD_REQUEST", "")
		},
		"its task has failed, and then it is lost again": func(fake *rediscloudtest.Server) {
			fake.CutNext(2, createRoute, rediscloudtest.CutAfter)
			fake.FailNextTask("SUBSCRIPTION_NOT_ACTIVE", "400 BAD_REQUEST", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New()
				sub := fake.AddSubscription("s")
				store, err := journal.Dir(t.TempDir())
				require.NoError(t, err)
				cut(fake)
				db, err := runOnce(t, fake, store, sub)
				require.NoError(t, err)
				assert.Equal(t, []int{db.ID}, fake.Databases(sub))
			})
		})
	}
}

// A list of tasks that lags by 10 s doesn't make a lost write look as if it had
// never arrived.
func TestLostWriteWithALateList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithStaleTaskList(10 * time.Second))
		sub := fake.AddSubscription("s")
		store, err := journal.Dir(t.TempDir())
		require.NoError(t, err)
		fake.CutNext(1, createRoute, rediscloudtest.CutAfter)
		db, err := runOnce(t, fake, store, sub)
		require.NoError(t, err)
		assert.Equal(t, []int{db.ID}, fake.Databases(sub))
		assert.Len(t, fake.Tasks(), 1)
	})
}

// In another process, too, a write that was lost and whose task has failed
// doesn't obscure the next one.
func TestLostTwiceWithARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		sub := fake.AddSubscription("s")
		store, err := journal.Dir(t.TempDir())
		require.NoError(t, err)
		fake.CutNext(2, createRoute, rediscloudtest.CutAfter)
		fake.FailNextTask("SUBSCRIPTION_NOT_ACTIVE", "400 BAD_REQUEST", "")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // before it can be resolved
		client := connect(t, fake)
		_, err = journal.Run(ctx, store, "create", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
		})
		cancel()
		require.Error(t, err)
		assert.Contains(t, entry(t, store), "rediscloud-intent-1.")
		db, err := runOnce(t, fake, store, sub)
		require.NoError(t, err)
		assert.Equal(t, []int{db.ID}, fake.Databases(sub))
	})
}

// If the store fails before the request, nothing is sent; if it fails after it,
// nothing is created twice.
func TestStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		sub := fake.AddSubscription("s")
		store, err := journal.Dir(t.TempDir())
		require.NoError(t, err)
		full := errors.New("disk full")
		client := connect(t, fake)
		for _, saves := range []int{0, 1} {
			failing := &failingStore{Store: store, saves: saves, err: full}
			_, err = journal.Run(t.Context(), failing, "create", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
				return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
			})
			require.ErrorIs(t, err, full)
			assert.Len(t, fake.Tasks(), saves)
		}
		// In the same process, and in another one.
		for _, client := range []*rediscloud.Client{client, connect(t, fake)} {
			_, err = journal.Run(t.Context(), store, "create", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
				return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
			})
			require.NoError(t, err)
			assert.Len(t, fake.Tasks(), 1)
		}
	})
}

type failingStore struct {
	journal.Store
	saves int
	err   error
}

func (s *failingStore) Save(ctx context.Context, name, entry string) error {
	if s.saves--; s.saves < 0 {
		return s.err
	}
	return s.Store.Save(ctx, name, entry)
}

// Many goroutines that run the same name make one write; the second write of a
// submit is rejected.
func TestOneWriteForAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		sub := fake.AddSubscription("s")
		store, err := journal.Dir(t.TempDir())
		require.NoError(t, err)
		client := connect(t, fake)
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				_, err := journal.Run(t.Context(), store, "create", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
					return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: fmt.Sprint("d", i)})
				})
				assert.NoError(t, err)
			})
		}
		group.Wait()
		assert.Len(t, fake.Databases(sub), 1)

		_, err = journal.Start(t.Context(), store, "two", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			_, err := client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "one"})
			require.NoError(t, err)
			return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "two"})
		})
		require.ErrorContains(t, err, "submit may make only one write")
		assert.Len(t, fake.Tasks(), 2)
		kept, err := store.Load(t.Context(), "two")
		require.NoError(t, err)
		assert.NotEmpty(t, kept)

		_, err = journal.Start(t.Context(), store, "none", client, func(context.Context) (*rediscloud.Task[rediscloud.Database], error) { return nil, nil })
		require.ErrorContains(t, err, "submit returned no task")
		_, err = journal.Start[rediscloud.Database](t.Context(), nil, "none", client, nil)
		require.Error(t, err)
	})
}

// The same directory is one place, however it is named; another one is another
// place, whose entry of the same name doesn't wait.
func TestOneWriteForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		sub := fake.AddSubscription("s")
		client := connect(t, fake)
		directory := t.TempDir()
		link := filepath.Join(t.TempDir(), "link")
		require.NoError(t, os.Symlink(filepath.Dir(directory), link))
		submitting, release := make(chan struct{}), make(chan struct{})
		run := func(path, database string, before func()) error {
			store, err := journal.Dir(path)
			require.NoError(t, err)
			_, err = journal.Run(t.Context(), store, "create", client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
				before()
				return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: database})
			})
			return err
		}
		var group sync.WaitGroup
		group.Go(func() {
			assert.NoError(t, run(directory, "one", func() { close(submitting); <-release }))
		})
		<-submitting
		group.Go(func() {
			assert.NoError(t, run(filepath.Join(link, filepath.Base(directory)), "never", func() {}))
		})
		require.NoError(t, run(t.TempDir(), "two", func() {}), "it doesn't wait for the first")
		close(release)
		group.Wait()
		assert.Len(t, fake.Databases(sub), 2)
	})
}

// A change that came too early is forgotten, and submitted again.
func TestRunInTurnAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(time.Minute))
		client, other, ctx := connect(t, fake), connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		store, err := journal.Dir(t.TempDir())
		require.NoError(t, err)
		_, err = other.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "theirs"})
		require.NoError(t, err)
		time.Sleep(10 * time.Second)
		submitted := 0
		db, err := journal.RunInTurn(ctx, store, "create", client, sub, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			submitted++
			return client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "mine"})
		})
		require.NoError(t, err)
		assert.Equal(t, "mine", db.Name)
		assert.Equal(t, 2, submitted)
		assert.Len(t, fake.Databases(sub), 2)
	})
}
