package schedule

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"net/mail"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/binhphuoc/ioc/schemas/wire"
)

// maxAttached bounds the files of one mail together: in base64 they take a third more, and mail servers commonly take 25 MB.
const maxAttached = 15 << 20

// ErrRefused says that a mail server will never take a mail to this address: to try again is of no use.
var ErrRefused = errors.New("refused for good")

// Mail is one mail to one address. Each gets one of its own, so that one bad address holds up nobody.
type Mail struct {
	// ID is the same for each attempt, so that mail programs fold a repeat.
	ID          string
	To          string
	Subject     string
	Text, HTML  string // the same in both
	Attachments []Attachment
	At          time.Time
}

// Attachment is one file of a mail.
type Attachment struct {
	Name        string
	ContentType string
	Open        func() (io.ReadCloser, error)
}

// Mailer sends mails.
type Mailer interface {
	// Send returns for each mail nil when the server has taken it, ErrRefused, or why it should be tried again.
	Send(ctx context.Context, mails []Mail) []error
}

// letter is what stands in a mail.
type letter struct {
	Language string
	Intro    string
	Title    string
	Lines    []string
	Files    []string
	TooLarge []string
	Foot     string
}

// mails are those to the addresses that do not have the report yet.
func (r *Runner) mails(s Schedule, run Run, report *wire.Report, to []string, now time.Time) []Mail {
	l, attached := r.letter(s, run, report)
	subject := said(s.Subject, s.Language)
	if subject == "" {
		subject = l.Title
	}
	text, page := l.text(), l.html()
	out := make([]Mail, len(to))
	for i, address := range to {
		out[i] = Mail{ID: mailID(run, address), To: address, Subject: subject, Text: text, HTML: page, Attachments: attached, At: now}
	}
	return out
}

func (r *Runner) letter(s Schedule, run Run, report *wire.Report) (letter, []Attachment) {
	vi := s.Language != "en"
	l := letter{Language: s.Language, Intro: said(s.Intro, s.Language)}
	issued := report.IssuedAt.In(Zone()).Format("15:04 02/01/2006")
	l.Title = fmt.Sprintf("KPI report, %s – %s", report.Period.Name.EN, report.Centre.Name.EN)
	l.Foot = fmt.Sprintf("Made by the IOC platform at %s. Please do not answer this mail.", issued)
	if vi {
		l.Title = fmt.Sprintf("Báo cáo chỉ tiêu %s – %s", report.Period.Name.VI, report.Centre.Name.VI)
		l.Foot = fmt.Sprintf("Thư do hệ thống IOC lập tự động lúc %s. Vui lòng không trả lời thư này.", issued)
	}
	for _, sentence := range report.Summary {
		l.Lines = append(l.Lines, said(sentence.Text, s.Language))
	}
	var attached []Attachment
	var size uint64
	for i, f := range run.Files {
		name := path.Base(f.Name)
		if size+f.Bytes > r.o.MaxAttached {
			mb := strconv.FormatFloat(float64(f.Bytes)/(1<<20), 'f', 1, 64)
			sentence := fmt.Sprintf("%s (%s MB) is too large for a mail. It lies at %s.", name, mb, r.o.Folder.Path(f.Name))
			if vi {
				sentence = fmt.Sprintf("Tệp %s (%s MB) quá lớn để gửi kèm thư. Tệp nằm tại %s.", name, strings.Replace(mb, ".", ",", 1), r.o.Folder.Path(f.Name))
			}
			l.TooLarge = append(l.TooLarge, sentence)
			continue
		}
		size += f.Bytes
		l.Files = append(l.Files, name)
		attached = append(attached, Attachment{
			Name: name, ContentType: r.o.Formats[s.Formats[i]].ContentType,
			Open: func() (io.ReadCloser, error) { return r.o.Folder.Open(f.Name) },
		})
	}
	return l, attached
}

// label is the line before the names of the files.
func (l letter) label() string {
	if l.Language == "en" {
		return "Attached: "
	}
	return "Tệp đính kèm: "
}

func (l letter) text() string {
	var b strings.Builder
	if l.Intro != "" {
		fmt.Fprintf(&b, "%s\n\n", l.Intro)
	}
	fmt.Fprintf(&b, "%s\n\n", l.Title)
	for _, line := range l.Lines {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	if len(l.Files) > 0 {
		fmt.Fprintf(&b, "\n%s%s\n", l.label(), strings.Join(l.Files, ", "))
	}
	for _, line := range l.TooLarge {
		fmt.Fprintf(&b, "\n%s\n", line)
	}
	fmt.Fprintf(&b, "\n-- \n%s\n", l.Foot)
	return b.String()
}

func (l letter) html() string {
	page := template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body style="font-family:sans-serif;font-size:15px;line-height:1.5;color:#1b1b1b;max-width:42em">
{{with .Intro}}<p style="white-space:pre-line">{{.}}</p>{{end}}
<h1 style="font-size:19px">{{.Title}}</h1>
<ul>{{range .Lines}}<li>{{.}}</li>{{end}}</ul>
{{if .Files}}<p>{{.Label}}{{range $i, $f := .Files}}{{if $i}}, {{end}}{{$f}}{{end}}</p>{{end}}
{{range .TooLarge}}<p>{{.}}</p>{{end}}
<p style="color:#666;font-size:13px">{{.Foot}}</p>
</body></html>
`))
	var b strings.Builder
	data := struct {
		letter
		Label string
	}{l, l.label()}
	if err := page.Execute(&b, data); err != nil {
		panic(err) // a builder takes everything, and the fields are there
	}
	return b.String()
}

// mailID is the same for each attempt to send one edition of a report to one address.
func mailID(run Run, address string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{run.Schedule, run.Period, strconv.FormatUint(uint64(run.Edition), 10), bare(address)}, "\n")))
	return fmt.Sprintf("%x", sum[:16])
}

// bare is an address without the name of whose it is: a corrected name gets no second mail.
func bare(address string) string {
	a, err := mail.ParseAddress(address)
	if err != nil {
		return address
	}
	return a.Address
}

// wait is how long it takes until the next attempt.
func wait(attempts uint32) time.Duration {
	const first, most = time.Minute, 6 * time.Hour
	doublings := min(attempts-min(1, attempts), 16)
	return time.Duration(math.Min(float64(first)*math.Pow(2, float64(doublings)), float64(most)))
}
