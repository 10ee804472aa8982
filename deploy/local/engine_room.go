package local

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/binhphuoc/ioc/deploy/disk"
)

// On a disk that is full to the last byte, the engine as a library (26.7) takes writes for done that failed: it finishes a
// merge with empty files, removes what it merged, and so loses rows that were acknowledged. deploy/chaos found it, and a
// trace of its system calls shows it. So it must never meet such a disk: with less than the reserve it begins nothing, and
// with less than three quarters of it, it is killed, which costs nothing, until there is room again.
const (
	mostReserve = 512 << 20 // bytes; of a small disk a quarter
	lookEvery   = 20 * time.Millisecond
	// roomEvery is how often a disk without room is looked at.
	roomEvery = time.Second
)

var errNoRoom = errors.New("the disk has no room")

// reserve is how many bytes of the data folder's disk are kept free; 0 where that is not known.
func reserve(dir string) uint64 {
	_, total, err := disk.Space(dir)
	if err != nil {
		return 0
	}
	return min(mostReserve, total/4)
}

// room says what is wrong when less than this share, in percent, of the reserve is free.
func (c *ClickHouse) room(share uint64) error {
	least := reserve(c.dir) * share / 100
	if free, _, err := disk.Space(c.dir); err == nil && free < least {
		return fmt.Errorf("%w: %d MiB are free on the disk of %s, and ClickHouse needs %d MiB; make room there", errNoRoom, free>>20, c.dir, least>>20)
	}
	return nil
}

// awaitRoom returns when there is room, or ctx ends.
func (c *ClickHouse) awaitRoom(ctx context.Context) {
	err := c.room(100)
	if err == nil {
		return
	}
	c.log.Error("clickhouse_waits_for_room", "error", err)
	again := time.NewTicker(roomEvery)
	defer again.Stop()
	for c.room(100) != nil {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
	c.log.Info("clickhouse_has_room")
}

// keepRoom kills the process when the disk is about to be full, and notes that it did. It returns when ended is closed.
func (c *ClickHouse) keepRoom(cmd *exec.Cmd, ended <-chan struct{}, full *atomic.Bool) {
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		select {
		case <-ended:
			return
		case <-again.C:
		}
		if c.room(75) != nil && !full.Swap(true) {
			_ = cmd.Process.Kill() // fails where it has just ended
		}
	}
}
