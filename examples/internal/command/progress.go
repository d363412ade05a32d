package command

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// tick is how often the time on a terminal moves on.
const tick = 100 * time.Millisecond

// A Progress shows how far a wait is: on a terminal as one line whose time moves
// on, elsewhere as a line for each change.
type Progress struct {
	out  io.Writer
	live bool

	mu     sync.Mutex
	begun  time.Time
	status string // "" until something is known
	shown  int    // how wide the line is that is there
	stop   func()
}

// NewProgress returns a display on out.
func NewProgress(out io.Writer) *Progress {
	file, ok := out.(*os.File)
	if !ok {
		return &Progress{out: out}
	}
	info, err := file.Stat()
	return &Progress{out: out, live: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// Begin returns the options that make a wait report to p. End it.
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

// Printf writes a line of its own, also while a wait is going on.
func (p *Progress) Printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
	fmt.Fprintf(p.out, format, args...)
}

// leave goes to the line after the live one.
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
	// Over the old line, and over the ^C that a terminal may have put there. Then
	// once more, for the cursor to stand at the end.
	fmt.Fprintf(p.out, "\r%-*s\r%s", p.shown+len("^C"), line, line)
	p.shown = len(line)
}

// keepTime draws the line again and again until stop is called.
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
