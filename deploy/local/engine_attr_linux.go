package local

import "syscall"

// childAttributes are those of a process that watches its lifeline by itself.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// programAttributes are those of a foreign program, which knows no lifeline:
// the kernel tells it when we die.
func programAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
