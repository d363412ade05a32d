//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// Nothing typed on a terminal, above all Ctrl-C, garbles the display: each item
// is shown once, from the start of its line, with how it ended.
func TestInterruptedOnTerminal(t *testing.T) {
	t.Parallel()
	a := serve(t, rediscloudtest.WithProcessing(3*time.Second))
	screen, terminal := openTerminal(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "apply", a.planPath, "-state", a.statePath, "-settle", "300ms")
	cmd.Env = a.env()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, cmd.Start())
	require.NoError(t, terminal.Close())

	check := func(patterns ...string) {
		t.Helper()
		text := screen.text()
		lines := strings.Split(text, "\n")
		require.GreaterOrEqual(t, len(lines), len(patterns), text)
		for n, want := range patterns {
			assert.Regexp(t, "^"+want+" *$", lines[n], text)
		}
		assert.Equal(t, 1, strings.Count(text, "subscription metrics  "), text)
	}
	require.Eventually(t, func() bool { return strings.Contains(screen.text(), "queued") }, 20*time.Second, 20*time.Millisecond)
	screen.typed(t, "what?")
	time.Sleep(3 * redrawInterval)
	check("subscription shop +[0-9]+s  (queued|processing).*", "  database cache +waiting", "  database sessions +waiting",
		"subscription metrics +[0-9]+s  (queued|processing).*", "  database series +waiting")
	screen.typed(t, "\x03")
	_ = cmd.Wait()
	screen.done()
	check("subscription shop +[0-9]+s  stopped", "  database cache +waiting", "  database sessions +waiting",
		"subscription metrics +[0-9]+s  stopped", "  database series +waiting", "automation: subscription .*")
	assert.Equal(t, exitRunning, cmd.ProcessState.ExitCode(), screen.text())
	assert.NotContains(t, screen.text(), "^C")
}

// A screen records what is written to a terminal.
type screen struct {
	keys   *os.File
	closed chan struct{}

	mu          sync.Mutex
	lines       [][]rune
	row, column int
	unread      string
}

// openTerminal returns a terminal 200 columns wide and what it shows.
func openTerminal(t *testing.T) (*screen, *os.File) {
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	fd := int(keys.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 200}))
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	s := &screen{keys: keys, closed: make(chan struct{})}
	go func() {
		defer close(s.closed)
		buffer := make([]byte, 4096)
		for {
			n, err := keys.Read(buffer)
			if err != nil {
				return // nobody has the terminal open any more
			}
			s.write(string(buffer[:n]))
		}
	}()
	t.Cleanup(func() { _ = keys.Close() })
	return s, terminal
}

func (s *screen) typed(t *testing.T, keys string) {
	_, err := s.keys.WriteString(keys)
	require.NoError(t, err)
}

func (s *screen) done() {
	select {
	case <-s.closed:
	case <-time.After(10 * time.Second):
	}
}

var escape = regexp.MustCompile(`^\x1b\[([0-9]*)([A-Z])`)

// write does what a terminal does, as far as a display needs it.
func (s *screen) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread += text
	for s.unread != "" {
		r := []rune(s.unread)[0]
		rest := s.unread[len(string(r)):]
		for len(s.lines) <= s.row {
			s.lines = append(s.lines, nil)
		}
		switch r {
		case '\x1b':
			match := escape.FindStringSubmatch(s.unread)
			if match == nil {
				return // the rest is on its way
			}
			rest = s.unread[len(match[0]):]
			switch line := s.lines[s.row]; match[2] {
			case "A":
				n, _ := strconv.Atoi(match[1])
				s.row = max(s.row-n, 0)
			case "J":
				s.lines = s.lines[:s.row+1]
				fallthrough
			case "K":
				s.lines[s.row] = line[:min(len(line), s.column)]
			}
		case '\r':
			s.column = 0
		case '\n':
			s.row++
		default:
			for len(s.lines[s.row]) <= s.column {
				s.lines[s.row] = append(s.lines[s.row], ' ')
			}
			s.lines[s.row][s.column] = r
			s.column++
		}
		s.unread = rest
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, line := range s.lines {
		b.WriteString(string(line) + "\n")
	}
	return b.String()
}
