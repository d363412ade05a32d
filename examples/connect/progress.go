package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// progress returns options that make a wait report its state at each change,
// and every 10 s. Call stop after the wait.
func progress(out io.Writer) (opts []rediscloud.WaitOption, stop func()) {
	var mu sync.Mutex
	begun, state := time.Now(), "submitted"
	show := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		if what != "" {
			state = what
		}
		fmt.Fprintf(out, "  %4.0fs  %s\n", time.Since(begun).Seconds(), state)
	}
	done := make(chan struct{})
	var ticks sync.WaitGroup
	ticks.Go(func() {
		ticker := time.NewTicker(10 * time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				show("")
			case <-done:
				return
			}
		}
	})
	return []rediscloud.WaitOption{
			rediscloud.OnUpdate(func(task *rediscloud.TaskState) { show("task " + string(task.Status)) }),
			rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
				if p.Status == "" {
					p.Status = "gone"
				}
				show(p.Kind + " " + p.Status)
			}),
		}, func() {
			close(done)
			ticks.Wait()
		}
}
