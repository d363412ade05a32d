package rediscloud_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// usedRoutes are the endpoints that the clients of connect have used and that
// have responded with success.
var usedRoutes routeSet

type routeSet struct {
	mu   sync.Mutex
	used map[string]bool
}

func (s *routeSet) add(fake *rediscloudtest.Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used == nil {
		s.used = map[string]bool{}
	}
	for _, req := range fake.Requests() {
		if req.Status >= http.StatusOK && req.Status < http.StatusMultipleChoices {
			s.used[req.Route] = true
		}
	}
}

// missing returns the endpoints of the API that no test has used.
func (s *routeSet) missing() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(append(rediscloudtest.Routes(), rediscloudtest.RoutesBeyond()...), func(route string) bool { return s.used[route] })
}

// TestMain runs the tests. Together they must use each endpoint of the API
// through the client.
func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); !raceEnabled && parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		_ = parallel.Value.Set("8") // several wait for real connections, and use no CPU
	}
	debug.SetGCPercent(400) // most garbage is short-lived: the collector would take a fifth of the time
	code := m.Run()
	if code == 0 && ranAll() {
		if missing := usedRoutes.missing(); len(missing) > 0 {
			fmt.Fprintf(os.Stderr, "FAIL: no flow test uses these endpoints:\n\t%s\n", strings.Join(missing, "\n\t"))
			code = 1
		}
	}
	os.Exit(code)
}

// ranAll reports whether no test was left out.
func ranAll() bool {
	for name, whole := range map[string]string{
		"run": "", "skip": "", "list": "", "fuzz": "", "short": "false",
	} {
		if flag.Lookup("test."+name).Value.String() != whole {
			return false
		}
	}
	return flag.Lookup("test.count").Value.String() != "0"
}

// The fake has all known endpoints of the API, and no others.
func TestRoutesOfTheFake(t *testing.T) {
	text, err := os.ReadFile("testdata/api_facts.json")
	require.NoError(t, err)
	type operations []struct{ Op string }
	var facts struct {
		Operations operations
		Beyond     struct{ Operations operations }
	}
	require.NoError(t, json.Unmarshal(text, &facts))
	names := func(known operations) (names []string) {
		for _, operation := range known {
			names = append(names, operation.Op)
		}
		return names
	}
	require.Len(t, facts.Operations, 169)
	assert.ElementsMatch(t, names(facts.Operations), rediscloudtest.Routes())
	require.Len(t, facts.Beyond.Operations, 15)
	assert.ElementsMatch(t, names(facts.Beyond.Operations), rediscloudtest.RoutesBeyond())
}
