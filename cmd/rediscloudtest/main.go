// Command rediscloudtest serves a fake of the Redis Cloud API over HTTP, for
// testing programs in any language.
//
// It prints the environment variables to set, then serves until it is
// interrupted. The account is empty at first, unless it is seeded from a file,
// and nothing outlives the process. Requests to /_fake do what no request to
// the API can: docs/fake.md describes them. Like the API, it shows a change a
// moment late, and takes one change of a subscription at a time: -calm and
// -lenient turn this off, and other flags make it worse. Package
// [github.com/rediscloud-go/rediscloud/rediscloudtest] describes the fake.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "rediscloudtest:", err)
		os.Exit(1)
	}
}

// errUsage means wrong flags, which have already been reported to the user.
var errUsage = errors.New("wrong usage")

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	addr, fake, err := parse(args, stderr)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	root := "http://" + reachable(listener.Addr())
	fmt.Fprintf(stdout, "# serving a fake of the Redis Cloud API at %s/v1, its other side at %s/_fake\n", root, root)
	fmt.Fprintf(stdout, "export REDISCLOUD_URL=%s/v1\n", root)
	fmt.Fprintf(stdout, "export REDISCLOUD_ACCESS_KEY=%s\n", fake.AccountKey())
	fmt.Fprintf(stdout, "export REDISCLOUD_SECRET_KEY=%s\n", fake.SecretKey())

	server := &http.Server{Handler: bothSides(fake), ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// bothSides serves the API and the other side. An http.ServeMux would redirect
// odd paths, unlike the API.
func bothSides(fake *rediscloudtest.Server) http.Handler {
	other := fake.OtherSide()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_fake" || strings.HasPrefix(r.URL.Path, "/_fake/") {
			other.ServeHTTP(w, r)
			return
		}
		fake.ServeHTTP(w, r)
	})
}

// reachable is an address at which a program on this machine reaches the
// listener.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return addr.String()
}
