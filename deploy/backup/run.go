package backup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// poll is how often the server is asked how far it is.
const poll = 200 * time.Millisecond

// Error codes of ClickHouse.
const (
	codeExists  = 598 // BACKUP_ALREADY_EXISTS
	codeMissing = 599 // BACKUP_NOT_FOUND
)

// Errors about the place of a backup.
var (
	ErrExists     = errors.New("there is a backup already: choose another folder")
	ErrNoS3       = errors.New("the embedded ClickHouse can't write to S3: back up to a folder, and copy that to S3, from where it can be restored; or use a ClickHouse server")
	ErrNoBackup   = errors.New("there is no whole backup")
	ErrNotAllowed = errors.New("the ClickHouse server may not use this folder: name one without a leading / for one in its own folder of backups; " +
		"which that is the server's configuration says, <backups><allowed_path>/var/lib/clickhouse/backups/</allowed_path></backups> " +
		"(for the embedded engine: --backup-dir, at the start of ioc up)")
)

// run has the server do a BACKUP or RESTORE, and waits for its end.
func (s *server) run(ctx context.Context, part string, at Place, sql string) error {
	if err := s.start(ctx, part, sql); err != nil {
		return s.explain(err, part, at)
	}
	return nil
}

// start follows the work of the server. When ctx ends, it ends that work too.
func (s *server) start(ctx context.Context, part, sql string) error {
	var id, status string
	// The secrets are within the text; the server masks them wherever it shows it.
	if err := s.conn.QueryRow(ctx, sql+" ASYNC").Scan(&id, &status); err != nil {
		return err
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		var failure, query string
		p := Progress{Part: part}
		err := s.conn.QueryRow(ctx, "SELECT toString(status), error, num_files, files_read, total_size, query_id FROM system.backups WHERE id = ?", id).
			Scan(&status, &failure, &p.Files, &p.Done, &p.Bytes, &query)
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("ask how far it is: %w", err)
		}
		s.show(p)
		switch status {
		case "BACKUP_CREATED", "RESTORED":
			return nil
		case "BACKUP_FAILED", "RESTORE_FAILED", "BACKUP_CANCELLED", "RESTORE_CANCELLED":
			return failed(failure)
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), s.conn.Exec(context.WithoutCancel(ctx), "KILL QUERY WHERE query_id = ?", query))
		case <-tick.C:
		}
	}
}

// failed makes an exception out of what the server noted: "Code: 36. DB::Exception: …, Stack trace …".
func failed(text string) error {
	var e clickhouse.Exception
	text, _, _ = strings.Cut(text, ", Stack trace")
	if _, err := fmt.Sscanf(text, "Code: %d.", &e.Code); err != nil {
		return errors.New(text)
	}
	_, e.Message, _ = strings.Cut(text, "DB::Exception: ")
	return &e
}

// explain says what to do about an error of the server, and takes the secrets out of it.
func (s *server) explain(err error, part string, at Place) error {
	var e *clickhouse.Exception
	switch {
	case errors.As(err, &e) && strings.Contains(e.Message, "backups.allowed_path"):
		err = ErrNotAllowed
	case errors.As(err, &e) && strings.Contains(e.Message, "BackupsIOThreadPool is not initialized"):
		err = ErrNoS3 // the library starts no threads for it
	case errors.As(err, &e) && e.Code == codeExists:
		err = ErrExists
	case errors.As(err, &e) && e.Code == codeMissing && part == partManifest:
		err = ErrNoBackup
	}
	for _, secret := range s.secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			err = errors.New(strings.ReplaceAll(err.Error(), secret, "***"))
		}
	}
	return fmt.Errorf("%s (%s): %w", at, part, err)
}
