package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// A progress shows how far a wait is: on a terminal as one line that changes,
// elsewhere as a line for each change.
type progress struct {
	out   io.Writer
	live  bool
	begun time.Time
	shown string
}

func newProgress(out io.Writer) *progress {
	file, ok := out.(*os.File)
	if !ok {
		return &progress{out: out}
	}
	info, err := file.Stat()
	return &progress{out: out, live: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// options make a wait report to p.
func (p *progress) options() []rediscloud.WaitOption {
	p.begun, p.shown = time.Now(), ""
	return []rediscloud.WaitOption{
		rediscloud.OnUpdate(func(state *rediscloud.TaskState) { p.show("task", string(state.Status)) }),
		rediscloud.OnProvisioning(func(r rediscloud.Provisioning) {
			status := r.Status
			if status == "" {
				status = "gone"
			}
			p.show(r.Kind, status)
		}),
	}
}

func (p *progress) show(what, status string) {
	line := fmt.Sprintf("  %5.1fs  %s %s", time.Since(p.begun).Seconds(), what, status)
	if !p.live {
		fmt.Fprintln(p.out, line)
		return
	}
	fmt.Fprintf(p.out, "\r%-*s", len(p.shown), line)
	p.shown = line
}

// end leaves the last line in place.
func (p *progress) end() {
	if p.live && p.shown != "" {
		fmt.Fprintln(p.out)
	}
}
