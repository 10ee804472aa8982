//go:build !linux

package local

import "syscall"

// childAttributes are those of a process that watches its lifeline by itself.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// programAttributes are those of a foreign program. No other system than Linux
// can end it with us; an orphan keeps the lock of the data folder, and the next
// start says so.
func programAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
