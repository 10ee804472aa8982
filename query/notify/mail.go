package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/binhphuoc/ioc/query/schedule"
)

// email sends each message to one address.
type email struct {
	mailer schedule.Mailer
	to     string
}

// Send implements Sender.
func (e *email) Send(ctx context.Context, m Message) error {
	sum := sha256.Sum256([]byte(m.Key))
	mail := schedule.Mail{
		ID: "alarm." + hex.EncodeToString(sum[:16]), To: e.to, Subject: m.Title, Text: m.Text, At: m.Alarm.ChangedAt,
		HTML: `<!doctype html><html lang="` + m.Language + `"><body><p>` + strings.ReplaceAll(html.EscapeString(m.Text), "\n", "<br>") + "</p></body></html>",
	}
	for _, err := range e.mailer.Send(ctx, []schedule.Mail{mail}) {
		if errors.Is(err, schedule.ErrRefused) {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
