package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/binhphuoc/ioc/query/chstore"
	"github.com/binhphuoc/ioc/query/report/page"
	"github.com/binhphuoc/ioc/query/report/pdf"
	"github.com/binhphuoc/ioc/query/report/sheet"
	"github.com/binhphuoc/ioc/query/schedule"
	"github.com/binhphuoc/ioc/query/smtp"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// reportFormats are the forms in which a report can be had: over REST, by the command, and by a schedule.
func reportFormats() map[string]schedule.Format {
	return map[string]schedule.Format{
		"json": {Extension: "json", ContentType: "application/json", Write: func(w io.Writer, r *wire.Report, _ string) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(r)
		}},
		"pdf":  {Extension: "pdf", ContentType: "application/pdf", Write: pdf.Write},
		"xlsx": {Extension: "xlsx", ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: sheet.Write},
		"csv":  {Extension: "csv", ContentType: "text/csv; charset=utf-8", Write: sheet.WriteCSV},
		"html": {Extension: "html", ContentType: "text/html; charset=utf-8", Write: func(w io.Writer, r *wire.Report, language string) error {
			return page.Write(w, r, language, page.Links{})
		}},
	}
}

// scheduledReports makes the part that makes and sends reports by itself. Without --report-schedules it has none to make,
// and tells what came of earlier ones.
func (a *parts) scheduledReports(store *chstore.Store) (*schedule.Runner, error) {
	o := schedule.Options{
		Store: store, Registry: a.registry, Formats: a.formats, Worker: workerName(), Log: a.p.log.With("part", "reports"),
		Book: schedule.NewBook(a.s.reportSchedules, a.knownToSchedules()),
	}
	var err error
	if o.Mailer, err = a.mailer(); err != nil {
		return nil, err
	}
	if a.s.reportSchedules == "" {
		return schedule.New(o)
	}
	o.Build = a.build(store)
	dir := a.s.reportDir
	if dir == "" {
		dir = filepath.Join(a.s.data, "reports")
	}
	if o.Folder, err = schedule.OpenFolder(dir); err != nil {
		return nil, fmt.Errorf("--report-dir: %w", err)
	}
	a.closers = append(a.closers, o.Folder.Close)
	for _, err := range o.Book.Reload() {
		a.p.log.Error("the file of schedules is refused", "error", err)
	}
	return schedule.New(o)
}

// mailer is the way to send mails; nil when there is no mail server.
func (a *parts) mailer() (schedule.Mailer, error) {
	if a.s.smtpHost == "" {
		if a.s.smtpFrom != "" || a.s.smtpUser != "" || a.s.smtpPassword != "" {
			return nil, errors.New("--smtp-host is missing: without it the other settings of the mail server are of no use")
		}
		return nil, nil
	}
	m, err := smtp.New(smtp.Options{
		Host: a.s.smtpHost, Port: a.s.smtpPort, User: a.s.smtpUser, Password: a.s.smtpPassword, From: a.s.smtpFrom, TLS: a.s.smtpTLS, CAFile: a.s.smtpCA,
	})
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return m, nil
}

// knownToSchedules is what a file of schedules can name.
func (a *parts) knownToSchedules() schedule.Known {
	return schedule.Known{Registry: a.registry, Formats: a.formats, Mail: a.s.smtpHost != ""}
}

// workerName names this process among all that make reports.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "ioc"
	}
	return host + "/" + uuid.NewString()[:8]
}
