package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// A terminal is a pseudo-terminal that runs this program against a fake.
type terminal struct {
	*os.File
	process *exec.Cmd
	ended   chan struct{}
	mu      sync.Mutex
	shown   bytes.Buffer
}

func startInTerminal(t *testing.T, fake *rediscloudtest.Server, args ...string) *terminal {
	t.Helper()
	server := httptest.NewServer(fake)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	master, name := openTerminal(t)
	slave, err := os.OpenFile(name, os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	x := &terminal{File: master, ended: make(chan struct{})}
	x.process = exec.Command(os.Args[0], args...)
	x.process.Env = append(os.Environ(), "RUN_QUICKSTART=1",
		rediscloud.EnvAccountKey+"="+fake.AccountKey(), rediscloud.EnvSecretKey+"="+fake.SecretKey(), rediscloud.EnvBaseURL+"="+server.URL+"/v1")
	x.process.Stdin, x.process.Stdout, x.process.Stderr = slave, slave, slave
	x.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, x.process.Start())
	require.NoError(t, slave.Close())
	go x.read()
	t.Cleanup(func() {
		_ = x.process.Process.Kill()
		_ = x.process.Wait()
		_ = master.Close()
	})
	return x
}

// openTerminal returns one side of a new terminal, and the name of the other
// side.
func openTerminal(t *testing.T) (master *os.File, slave string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	var number, unlock uint32
	control := func(request uintptr, argument *uint32) {
		connection, err := master.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, connection.Control(func(fd uintptr) {
			_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(argument)))
			assert.Zero(t, failed)
		}))
	}
	control(syscall.TIOCSPTLCK, &unlock)
	control(syscall.TIOCGPTN, &number)
	return master, fmt.Sprint("/dev/pts/", number)
}

// read collects what is shown, until nobody has the terminal open any more.
func (x *terminal) read() {
	defer close(x.ended)
	buffer := make([]byte, 4096)
	for {
		n, err := x.Read(buffer)
		x.mu.Lock()
		x.shown.Write(buffer[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return strings.ReplaceAll(x.shown.String(), "\r\n", "\n")
}

// until waits for a text to be shown.
func (x *terminal) until(t *testing.T, pattern string) {
	t.Helper()
	want := regexp.MustCompile(pattern)
	for begun := time.Now(); !want.MatchString(x.text()); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			require.FailNow(t, "it isn't shown: "+pattern, "%q", x.text())
		}
	}
}

func (x *terminal) press(t *testing.T, keys string) {
	t.Helper()
	_, err := x.WriteString(keys)
	require.NoError(t, err)
}

// interrupted presses Ctrl-C, and returns what is shown from then on.
func (x *terminal) interrupted(t *testing.T) string {
	t.Helper()
	x.press(t, "\x03")
	_ = x.process.Wait()
	<-x.ended
	assert.Equal(t, 1, x.process.ProcessState.ExitCode())
	_, last, _ := strings.Cut(x.text(), "^C")
	return last
}

func TestInterruptWhileItCreates(t *testing.T) {
	t.Parallel()
	fake := rediscloudtest.New(rediscloudtest.WithProcessing(time.Hour))
	x := startInTerminal(t, fake)
	x.until(t, `costs money. Continue\? \[y/N\] $`)
	x.press(t, "yes\n")
	// The time advances while nothing changes, on one line.
	x.until(t, `\r +0\.\ds  task processing-in-progress`)
	x.until(t, `\r +1\.\ds  task processing-in-progress`)
	assert.LessOrEqual(t, strings.Count(x.text(), "\n"), 3, "%q", x.text())
	last := x.interrupted(t)
	assert.True(t, strings.HasPrefix(last, "\nquickstart: rediscloud: task "), "%q", last)
	assert.Contains(t, last, "The subscription is on its way, and costs money.")

	// The pasted command works, and waits for the same task.
	x = startInTerminal(t, fake, "-resume", pasted(t, last).resume)
	x.until(t, `task processing-in-progress`)
	assert.Equal(t, pasted(t, last), pasted(t, x.interrupted(t)))
	assert.Len(t, fake.Tasks(), 1)
}

func TestInterruptAtTheQuestion(t *testing.T) {
	t.Parallel()
	x := startInTerminal(t, rediscloudtest.New())
	x.until(t, `\[y/N\] $`)
	assert.Contains(t, x.interrupted(t), "\nquickstart: stopped; nothing was done")
}

func TestInterruptWhileItRemoves(t *testing.T) {
	t.Parallel()
	fake := rediscloudtest.New(rediscloudtest.WithProcessing(time.Hour))
	id := fake.AddSubscription("quickstart")
	fake.AddDatabase(id, "cache")
	x := startInTerminal(t, fake, "-remove", fmt.Sprint(id))
	x.until(t, `removing database \d+, task \S+\n\r +\d\.\ds  task `)
	last := x.interrupted(t)
	assert.Contains(t, last, fmt.Sprintf("Subscription %d is left, or being removed", id))
	assert.Equal(t, settings{remove: id}, pasted(t, last))
}
