package wire

import (
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// ReportRunState says how a scheduled report stands.
type ReportRunState string

// The states of a scheduled report.
const (
	RunPending ReportRunState = "pending" // waits for its next attempt
	RunRunning ReportRunState = "running"
	RunDone    ReportRunState = "done"
	RunFailed  ReportRunState = "failed" // nothing is tried any more, unless somebody asks for it
)

// ReportRun is what came of one schedule for one period.
type ReportRun struct {
	Schedule    string         `json:"schedule"`
	Period      string         `json:"period"`
	Centre      string         `json:"centre"`
	Edition     uint32         `json:"edition"` // how often it was asked for anew
	State       ReportRunState `json:"state"`
	Due         time.Time      `json:"due"`
	Attempts    uint32         `json:"attempts"`     // of this edition
	NextAttempt *time.Time     `json:"next_attempt"` // null: none will be
	// Step is what failed last: build, write, mail or schedule; empty: nothing did. Error is what was said there, in the
	// words of the program or of the mail server.
	Step     string            `json:"step"`
	Error    string            `json:"error"`
	Sentence schemas.Text      `json:"sentence"` // how it stands
	Files    []ReportFile      `json:"files"`
	Sent     []string          `json:"sent"`    // addresses that have it
	Refused  map[string]string `json:"refused"` // addresses that will not have it, with what the server said
	At       time.Time         `json:"at"`      // of the newest change
	By       string            `json:"by"`      // who made it
}

// ReportFile is a file of a report, below the folder of reports.
type ReportFile struct {
	Name  string `json:"name"`
	Bytes uint64 `json:"bytes"`
}

// ReportRunList are scheduled reports, the newest first.
type ReportRunList struct {
	Runs []ReportRun `json:"runs"`
}

// ReportSchedule is one schedule of the file in force.
type ReportSchedule struct {
	ID         string    `json:"id"`
	Period     string    `json:"period"` // day, week, month, quarter or year
	Centre     string    `json:"centre"`
	Language   string    `json:"language"`
	Formats    []string  `json:"formats"`
	Folder     string    `json:"folder"`
	To         []string  `json:"to"`
	NextRun    time.Time `json:"next_run"`
	NextPeriod string    `json:"next_period"` // that the next run reports on
}

// ReportScheduleList are the schedules in force.
type ReportScheduleList struct {
	Schedules []ReportSchedule `json:"schedules"`
	// Faults are what is wrong with the file of schedules since; the last good version stays in force.
	Faults []string `json:"faults"`
}

// ReportRunRequest asks for a report now.
type ReportRunRequest struct {
	Schedule string `json:"schedule"`
	Period   string `json:"period"` // empty: the one that closed last
}
