package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
)

// startLeashed starts a process of this program whose standard input ends when
// letGo is called, or when this process ends in any way.
func startLeashed(process *exec.Cmd) (letGo func(), err error) {
	leash, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	return func() { _ = leash.Close() }, process.Start()
}

// untilEOF returns when standard input ends.
func untilEOF() { _, _ = io.Copy(io.Discard, os.Stdin) }

// startRedis runs a redis-server, without a port, until stop is called. A
// process of this program in between stops it even if nobody is left to call
// stop.
func startRedis(ctx context.Context) (url string, stop func(), err error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return "", nil, errors.New("this needs redis-server on the PATH (apt-get install redis-server, brew install redis)")
	}
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "fleet")
	if err != nil {
		return "", nil, err
	}
	keeper := exec.CommandContext(context.WithoutCancel(ctx), program, keepCommand, dir)
	keeper.Stderr = os.Stderr
	letGo, err := startLeashed(keeper)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	stop = func() {
		letGo()
		_ = keeper.Wait()
	}
	if err := awaitRedis(ctx, socketIn(dir)); err != nil {
		stop()
		return "", nil, err
	}
	return "unix://" + socketIn(dir), stop, nil
}

func socketIn(dir string) string { return filepath.Join(dir, "redis.sock") }

// keepCommand is used by startRedis only.
const keepCommand = "keep-redis"

// keepRedis runs redis-server until standard input or ctx ends.
func keepRedis(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return usageError{errors.New(keepCommand + " is for the demo")}
	}
	dir := args[0]
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		untilEOF()
		cancel()
	}()
	server := exec.CommandContext(ctx, "redis-server", "--port", "0", "--unixsocket", socketIn(dir), "--dir", dir, "--save", "", "--appendonly", "no")
	err := server.Run()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("redis-server ended: %w", err)
}

// awaitRedis returns when the Redis at a socket responds.
func awaitRedis(ctx context.Context, socket string) error {
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	defer func() { _ = rdb.Close() }()
	for tries := 0; ; tries++ {
		err := rdb.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		if tries == 100 || ctx.Err() != nil {
			return fmt.Errorf("redis-server doesn't respond: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
