package command

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// tick is how often the time on a terminal is updated.
const tick = 100 * time.Millisecond

// A Progress shows the state of a wait: on a terminal as one line with a
// running clock, elsewhere as a line for each change.
type Progress struct {
	out  io.Writer
	live bool

	mu     sync.Mutex
	begun  time.Time
	status string // "" until something is known
	shown  int    // width of the line on the terminal
	stop   func()
}

// NewProgress returns a Progress that writes to out.
func NewProgress(out io.Writer) *Progress {
	file, ok := out.(*os.File)
	if !ok {
		return &Progress{out: out}
	}
	info, err := file.Stat()
	return &Progress{out: out, live: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// Begin returns the options that make a wait report to p. Call End after the
// wait.
func (p *Progress) Begin() []rediscloud.WaitOption {
	p.begun, p.status, p.shown = time.Now(), "", 0
	if p.live {
		p.stop = p.keepTime()
	}
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

// End leaves the last line in place.
func (p *Progress) End() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
}

// Printf writes a line, also during a wait.
func (p *Progress) Printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
	fmt.Fprintf(p.out, format, args...)
}

// leave moves to the line after the live one.
func (p *Progress) leave() {
	if p.live && p.shown > 0 {
		fmt.Fprintln(p.out)
	}
	p.status, p.shown = "", 0
}

func (p *Progress) show(what, status string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := what + " " + status; now != p.status {
		p.status = now
		p.draw()
	}
}

func (p *Progress) draw() {
	line := fmt.Sprintf("  %5.1fs  %s", time.Since(p.begun).Seconds(), p.status)
	if !p.live {
		fmt.Fprintln(p.out, line)
		return
	}
	// Overwrites the old line and the ^C that a terminal may have put there.
	// The second time leaves the cursor at the end.
	fmt.Fprintf(p.out, "\r%-*s\r%s", p.shown+len("^C"), line, line)
	p.shown = len(line)
}

// keepTime redraws the line until stop is called.
func (p *Progress) keepTime() (stop func()) {
	done := make(chan struct{})
	var drawing sync.WaitGroup
	drawing.Go(func() {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				p.mu.Lock()
				if p.status != "" {
					p.draw()
				}
				p.mu.Unlock()
			}
		}
	})
	return func() {
		close(done)
		drawing.Wait()
	}
}
