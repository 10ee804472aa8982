package wire

import (
	"time"
	"unicode/utf8"

	"github.com/binhphuoc/ioc/schemas"
)

// Reject is one refused event.
type Reject struct {
	Key       string            `json:"key"`
	At        time.Time         `json:"at"` // when it arrived
	Code      schemas.Code      `json:"code"`
	Field     string            `json:"field"`
	Sentence  schemas.Text      `json:"sentence"`
	Centre    string            `json:"centre"`
	Domain    string            `json:"domain"`
	Transport string            `json:"transport"`
	Topic     string            `json:"topic"`
	Partition int32             `json:"partition"`
	Offset    int64             `json:"offset"`
	Index     int32             `json:"index"`
	EventID   string            `json:"event_id"`
	Source    string            `json:"source"`
	EventType string            `json:"event_type"`
	Header    map[string]string `json:"header"`
	Replay    *RejectReplay     `json:"replay"` // what came of the newest try to take it; null: there was none

	PayloadBytes uint64 `json:"payload_bytes"` // of the whole payload: a list shows the first part of a long one
	// One of the two is there: the text, or, where the bytes are not UTF-8, base64.
	Payload       *string `json:"payload,omitempty"`
	PayloadBase64 []byte  `json:"payload_base64,omitempty"`
}

// RejectReplay is what came of reading a refused event again.
type RejectReplay struct {
	At       time.Time    `json:"at"`
	Taken    bool         `json:"taken"`
	Code     schemas.Code `json:"code"` // why it was refused again; empty: it was not
	Field    string       `json:"field"`
	Sentence schemas.Text `json:"sentence"`
	By       string       `json:"by"`
}

// SetPayload sets the payload, or the first part of one of so many bytes.
func (r *Reject) SetPayload(part []byte, whole uint64) {
	r.PayloadBytes = whole
	text := part
	// A part may end within a character.
	for cut := 0; uint64(len(part)) < whole && cut < utf8.UTFMax-1 && !utf8.Valid(text); cut++ {
		text = text[:max(0, len(text)-1)]
	}
	if utf8.Valid(text) {
		s := string(text)
		r.Payload, r.PayloadBase64 = &s, nil
		return
	}
	r.Payload, r.PayloadBase64 = nil, part
}

// Bytes returns the payload as it was sent.
func (r *Reject) Bytes() []byte {
	if r.Payload != nil {
		return []byte(*r.Payload)
	}
	return r.PayloadBase64
}

// Taken tells whether a replay brought the event in.
func (r *Reject) Taken() bool { return r.Replay != nil && r.Replay.Taken }

// RejectList is one page of refused events, the newest first.
type RejectList struct {
	Rejects []Reject `json:"rejects"`
	Next    string   `json:"next"` // where the next page begins; empty: there is none
}

// RejectCount says how much of one feed is refused for one reason.
type RejectCount struct {
	Centre   string       `json:"centre"`
	Domain   string       `json:"domain"`
	Code     schemas.Code `json:"code"`
	Count    uint64       `json:"count"`
	Open     uint64       `json:"open"` // of these, not taken by a replay since
	Sources  uint64       `json:"sources"`
	First    time.Time    `json:"first"`
	Newest   time.Time    `json:"newest"`
	Key      string       `json:"key"`      // of the newest
	Sentence schemas.Text `json:"sentence"` // of the newest
}

// RejectCounts says what is refused, the most first.
type RejectCounts struct {
	Counts []RejectCount `json:"counts"`
}

// ReplayRequest names refused events that are to be read again: by key, or by what they have in common.
type ReplayRequest struct {
	Keys   []string   `json:"keys"`
	Centre string     `json:"centre"`
	Domain string     `json:"domain"`
	Source string     `json:"source"`
	Code   string     `json:"code"`
	Since  *time.Time `json:"since"`
	Before *time.Time `json:"before"`
	After  string     `json:"after"` // next of the answer before
	Limit  int        `json:"limit"`
	DryRun bool       `json:"dry_run"`
}

// Outcomes of a replay.
const (
	OutcomeTaken   = "taken"
	OutcomeRefused = "refused"
	OutcomeSkipped = "skipped" // it had been taken before
)

// ReplayOutcome is what came of one refused event.
type ReplayOutcome struct {
	Key      string       `json:"key"`
	Outcome  string       `json:"outcome"`
	Events   int          `json:"events"` // taken of it: several when a whole batch had been refused
	Items    int          `json:"items"`  // of a whole batch, those that are refused by themselves from now on
	Code     schemas.Code `json:"code"`
	Field    string       `json:"field"`
	Sentence schemas.Text `json:"sentence"`
}

// Replay is what came of all of a request.
type Replay struct {
	DryRun  bool            `json:"dry_run"`
	Taken   int             `json:"taken"`
	Refused int             `json:"refused"`
	Skipped int             `json:"skipped"`
	Events  int             `json:"events"`
	Items   int             `json:"items"`
	Results []ReplayOutcome `json:"results"`
	Next    string          `json:"next"` // for the next request's after; empty: all were looked at
}
