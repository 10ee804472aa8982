package mqtt

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/ingest"
)

// spare is a second session, beside the one with the shared subscription, with a plain subscription to the same topics.
//
// Mosquitto 2.0 saves plain subscriptions, and forgets shared ones when it restarts: what is published before the first
// process has subscribed again would be acknowledged to its sender, and thrown away. The spare session gets it.
// Normally all that comes here is dropped, because the shared subscription has it too. It is taken from any doubt on
// until it is certain again that this is so; that some of it is then stored twice changes nothing.
type spare struct {
	session *session
	topic   string // of its marks
	late    ingest.Outage
	again   func() // has the shared subscription made again

	mu      sync.Mutex
	mark    string    // what was sent to itself last: all that comes after it came to a shared subscription too
	asked   time.Time // when
	certain time.Time // from then on, everything is dropped; zero: from no time on
}

const (
	// The library hands each message on by a goroutine of its own. One from before a mark has long begun after so much.
	overtaking = 2 * time.Second
	// markLimit is how long a mark may take before the log says so: as long as the queue before it is.
	markLimit = time.Minute
	// marks is where marks are sent: outside of what anybody else reads.
	marks = "ioc-spare/"
)

func newSpare(o Options) (*spare, error) {
	p := &spare{topic: marks + o.ClientID}
	o.ClientID += "-spare"
	var err error
	p.session, err = newSession(o, events, p.topic)
	if err == nil {
		p.session.gone = p.doubt
	}
	return p, err
}

// run takes what may be nowhere else until ctx ends.
func (p *spare) run(ctx context.Context, take func(paho.Message)) {
	p.session.run(ctx, func(m paho.Message) {
		if p.has(m) {
			m.Ack()
			return
		}
		take(m)
	}, p.again)
}

// has tells whether a message is a mark, or has come to a shared subscription too.
func (p *spare) has(m paho.Message) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if m.Topic() == p.topic {
		if p.mark != "" && string(m.Payload()) == p.mark {
			p.certain, p.mark = now.Add(overtaking), ""
			p.late.Changed(false)
			p.session.o.Log.Info("sharing MQTT topics", "client_id", p.session.o.ClientID)
		}
		return true
	}
	if p.mark != "" && now.Sub(p.asked) > markLimit && p.late.Changed(true) {
		p.session.o.Log.Warn("everything is stored by each process that shares: what it sends to itself does not come back; allow it to write and read the topic",
			"topic", p.topic, "client_id", p.session.o.ClientID)
	}
	return !p.certain.IsZero() && !now.Before(p.certain)
}

// ask is called when the broker has granted the shared subscription. It sends a mark to itself: what comes after it was
// published after that. A mark gets lost only with the connection, and the next one has the subscription made again.
func (p *spare) ask() {
	mark := rand.Text()
	p.mu.Lock()
	p.mark, p.asked, p.certain = mark, time.Now(), time.Time{}
	p.mu.Unlock()
	if p.session.client.IsConnectionOpen() {
		p.session.client.Publish(p.topic, qos, false, mark)
	}
}

// doubt is called when one of the two connections is lost: the broker may have restarted.
func (p *spare) doubt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mark, p.certain = "", time.Time{}
}
