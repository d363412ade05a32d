package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
)

// startRedis runs a redis-server of its own, without a port, until stop is called.
func startRedis(ctx context.Context) (url string, stop func(), err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return "", nil, errors.New("this needs redis-server on the PATH (apt-get install redis-server, brew install redis)")
	}
	dir, err := os.MkdirTemp("", "fleet")
	if err != nil {
		return "", nil, err
	}
	socket := filepath.Join(dir, "redis.sock")
	server := exec.CommandContext(ctx, program, "--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no")
	if err := server.Start(); err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	stop = func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		_ = os.RemoveAll(dir)
	}
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	defer func() { _ = rdb.Close() }()
	for tries := 0; ; tries++ {
		err := rdb.Ping(ctx).Err()
		if err == nil {
			return "unix://" + socket, stop, nil
		}
		if tries == 100 || ctx.Err() != nil {
			stop()
			return "", nil, fmt.Errorf("redis-server doesn't answer: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
