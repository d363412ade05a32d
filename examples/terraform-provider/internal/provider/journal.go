package provider

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rediscloud-go/rediscloud/journal"
)

// tasks is the journal of creates that Terraform may not know of. Terraform
// learns of a resource when its create returns, and records it a moment later:
// a provider that is killed before that has nobody else to report to.
//
// An entry is named after what is created. Package journal keeps the request's
// intent in it, then its task. When the create is done, the id is added to the
// name, and the entry is removed as soon as a refresh shows that Terraform has
// the resource in its state.
type tasks struct {
	dir   string
	scope string // accounts and workspaces see only their own entries

	mu    sync.Mutex
	store *journal.Directory // nil until it is needed
	taken map[string]bool    // the entries of this process
}

// newTasks returns the journal in a directory; "" means the default one.
func newTasks(dir, url, accessKey string) *tasks {
	data := firstOf(os.Getenv("TF_DATA_DIR"), ".terraform")
	selected, _ := os.ReadFile(filepath.Join(data, "environment"))
	workspace := firstOf(os.Getenv("TF_WORKSPACE"), strings.TrimSpace(string(selected)), "default")
	return &tasks{dir: firstOf(dir, filepath.Join(data, "rediscloud-tasks")), scope: short(url, accessKey, workspace), taken: map[string]bool{}}
}

// short returns a hash that represents texts in a name.
func short(texts ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", fmt.Sprintf("%q", texts)))
	return fmt.Sprintf("%x", sum[:8])
}

const madeMark = ".made-" // precedes the id of what was created

// open returns an entry left by a process that has ended, or a new one. Two of
// one key at the same time get two.
func (j *tasks) open(kind string, key func() (int, string)) (entry string, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.store == nil {
		if j.store, err = journal.Dir(j.dir); err != nil {
			return "", err
		}
	}
	names, err := j.store.Names()
	if err != nil {
		return "", err
	}
	parent, name := key()
	prefix := j.prefix(kind) + short(parent, name) + "-"
	entry = prefix + rand.Text()[:8]
	for _, left := range names {
		if strings.HasPrefix(left, prefix) && !j.taken[left] {
			entry = left
			break
		}
	}
	j.taken[entry] = true
	return entry, nil
}

func (j *tasks) prefix(kind string) string { return kind + "-" + j.scope + "-" }

// made records that a create is done.
func (j *tasks) made(ctx context.Context, b *begun, id int) {
	base, _, _ := strings.Cut(b.Entry, madeMark)
	entry := fmt.Sprint(base, madeMark, id)
	j.mu.Lock()
	j.taken[entry] = true
	j.mu.Unlock()
	if entry != b.Entry {
		_ = j.store.Save(context.WithoutCancel(ctx), entry, b.Token)
		j.forget(ctx, b)
	}
}

// recorded removes the entries of a resource that Terraform has in its state.
func (j *tasks) recorded(ctx context.Context, kind string, id int) {
	files, _ := os.ReadDir(j.dir)
	for _, file := range files {
		if name := file.Name(); strings.HasPrefix(name, j.prefix(kind)) && strings.HasSuffix(name, fmt.Sprint(madeMark, id)) {
			j.forget(ctx, &begun{Entry: name})
		}
	}
}

// forget removes an entry. If that fails, a later take-over finds that its
// create is done.
func (j *tasks) forget(ctx context.Context, b *begun) {
	if b == nil {
		return
	}
	if _, err := os.Lstat(j.file(b.Entry)); err != nil {
		return
	}
	if store, err := journal.Dir(j.dir); err == nil {
		_ = store.Remove(context.WithoutCancel(ctx), b.Entry)
	}
}

func (j *tasks) file(entry string) string { return filepath.Join(j.dir, entry) }

// remedy adds to the error of a create of unknown outcome what to do about it:
// its entry is still there.
func (j *tasks) remedy(ctx context.Context, entry string, err error) error {
	if text, _ := j.store.Load(context.WithoutCancel(ctx), entry); text == "" {
		return err
	}
	return fmt.Errorf("%w\n\nThe next apply looks for it again. If you know that it was not accepted, remove %s", err, j.file(entry))
}
