//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps other runs from using the state in a directory until it is
// unlocked, or the process ends in any way.
func lock(directory string) (unlock func(), err error) {
	root, err := os.OpenRoot(directory) // a symbolic link isn't followed
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	file, err := root.OpenFile(".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() { _ = file.Close() }, nil
}
