package local

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is a loaded ClickHouse. It can run once in a process.
type library struct {
	queryCmdline func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	resultError  func(result unsafe.Pointer) *byte
}

func openLibrary(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("load the ClickHouse library: %w", err)
	}
	l := &library{}
	purego.RegisterLibFunc(&l.queryCmdline, handle, "chdb_query_cmdline")
	purego.RegisterLibFunc(&l.resultError, handle, "chdb_result_error")
	return l, nil
}

// run behaves like the program `clickhouse local` with these arguments, and
// returns when its queries have ended.
func (l *library) run(args ...string) error {
	// The engine keeps data bound to the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var pins runtime.Pinner
	defer pins.Unpin()
	argv := make([]*byte, 0, len(args)+2)
	for _, arg := range append([]string{"clickhouse"}, args...) {
		text := append([]byte(arg), 0)
		pins.Pin(&text[0])
		argv = append(argv, &text[0])
	}
	argc := len(argv)
	argv = append(argv, nil)
	pins.Pin(&argv[0])
	result := l.queryCmdline(int32(argc), unsafe.Pointer(&argv[0]))
	if result == nil {
		return errors.New("the engine ended without a result")
	}
	if message := text(l.resultError(result)); message != "" {
		return errors.New(message)
	}
	return nil
}

// text copies a C string.
func text(start *byte) string {
	if start == nil {
		return ""
	}
	length := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(start), length)) != 0 {
		length++
	}
	return string(unsafe.Slice(start, length))
}
