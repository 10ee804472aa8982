package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

const (
	// refused is the return code of a subscription that the broker does not grant.
	refused = 0x80
	// goodbye is how long the last packet may take, in milliseconds.
	goodbye = 100
	// What a broker says of itself comes at once, or not at all.
	sysQuiet = 200 * time.Millisecond
	sysMost  = 1500 * time.Millisecond
	// So many messages should have come while one listened; when none did, something keeps them away.
	surely = 10
)

// broker is the MQTT broker of the settings. The doctor has a client id and, where work is shared, a group of its own:
// those of ingest would throw it out, or take messages from it.
type broker struct {
	d      *Doctor
	id     string
	client paho.Client

	mu    sync.Mutex
	sys   map[string]string // what the broker says of itself, without $SYS/broker/
	heard chan struct{}     // a message of a centre has come
	once  sync.Once
}

func (d *Doctor) mqtt() group {
	o := d.o.MQTT
	if o.Broker == "" {
		return group{checks: []check{{"mqtt", func(context.Context) []Finding {
			return unconfigured(say("Chưa cấu hình MQTT.", "No MQTT broker is configured."),
				say("Đặt --mqtt-broker tcp://máy:1883 hoặc ssl://máy:8883, hoặc IOC_MQTT_BROKER; không dùng MQTT thì bỏ qua.", "Set --mqtt-broker tcp://host:1883 or ssl://host:8883, or IOC_MQTT_BROKER; without MQTT there is nothing to do."))
		}}}}
	}
	b := &broker{d: d, id: "ioc-doctor-" + strings.ToLower(rand.Text()[:8]), sys: map[string]string{}, heard: make(chan struct{})}
	c, err := o.Client()
	if err != nil {
		return group{checks: []check{{"mqtt.reachable", func(context.Context) []Finding {
			return []Finding{bad(say("Cấu hình MQTT sai: %s", "The MQTT settings are wrong: %s", err), say("Sửa các thiết lập --mqtt-….", "Correct the settings --mqtt-…."))}
		}}}}
	}
	b.client = paho.NewClient(c.SetClientID(b.id).SetProtocolVersion(4).SetAutoReconnect(false).SetConnectTimeout(d.o.Timeout).SetDefaultPublishHandler(b.handle))
	return group{close: func() { b.client.Disconnect(goodbye) }, checks: []check{
		{"mqtt.reachable", b.reachable},
		{"mqtt.subscribe", b.subscribe},
		{"mqtt.session", b.session},
		{"mqtt.dropped", b.dropped},
	}}
}

// handle hears what the broker says of itself, and that a centre sends.
func (b *broker) handle(_ paho.Client, m paho.Message) {
	name, own := strings.CutPrefix(m.Topic(), "$SYS/broker/")
	if !own {
		b.once.Do(func() { close(b.heard) })
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sys[name] = string(m.Payload())
}

// done waits for the broker's answer.
func done(ctx context.Context, t paho.Token) error {
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *broker) reachable(ctx context.Context) []Finding {
	o := b.d.o.MQTT
	err := done(ctx, b.client.Connect())
	switch {
	case err == nil:
		// A broker that does not show it says nothing, which is all right.
		if err := done(ctx, b.client.Subscribe("$SYS/broker/#", 0, nil)); err == nil {
			b.settle(ctx)
		}
		version := b.statistics()["version"]
		if version == "" {
			return []Finding{fine(say("%s trả lời, tài khoản %q.", "%s answers, account %q.", o.Broker, o.User))}
		}
		return []Finding{fine(say("%s trả lời, tài khoản %q, %s.", "%s answers, account %q, %s.", o.Broker, o.User, version))}
	case errors.Is(err, packets.ErrorRefusedNotAuthorised), errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword):
		return []Finding{bad(say("Broker MQTT từ chối tài khoản %q hoặc mật khẩu của nó.", "The MQTT broker refuses the account %q or its password.", o.User),
			say("Sửa --mqtt-user và --mqtt-password; với Mosquitto, đặt lại bằng mosquitto_passwd.", "Correct --mqtt-user and --mqtt-password; with Mosquitto, set it again with mosquitto_passwd."))}
	default:
		return []Finding{unreachable("MQTT", "--mqtt-broker", o.Broker, err)}
	}
}

// settle waits until the broker has said what it has to say of itself.
func (b *broker) settle(ctx context.Context) {
	until := time.After(sysMost)
	for seen := -1; ; {
		n := len(b.statistics())
		if n == seen && n > 0 {
			return
		}
		seen = n
		select {
		case <-ctx.Done():
			return
		case <-until:
			return
		case <-time.After(sysQuiet):
		}
	}
}

func (b *broker) statistics() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.sys)
}

// number returns the first of some statistics that the broker has: their names differ between brokers.
func (b *broker) number(names ...string) (float64, bool) {
	all := b.statistics()
	for _, name := range names {
		if n, err := strconv.ParseFloat(all[name], 64); err == nil {
			return n, true
		}
	}
	return 0, false
}

// subscribe asks for what ingest reads, and listens a moment. Mosquitto grants every subscription, and then leaves out what its
// ACL does not let the account read: only a message that comes proves the right to read.
func (b *broker) subscribe(ctx context.Context) []Finding {
	filter := "ioc/#"
	if b.d.o.MQTT.Share != "" {
		filter = "$share/" + b.id + "/ioc/#"
	}
	advice := say("Cho tài khoản %q đọc ioc/#: với Mosquitto, dòng \"topic read ioc/#\" dưới \"user %s\" như deploy/mosquitto/acl.", "Let the account %q read ioc/#: with Mosquitto the line \"topic read ioc/#\" below \"user %s\", as in deploy/mosquitto/acl.", b.d.o.MQTT.User, b.d.o.MQTT.User)
	token := b.client.Subscribe(filter, 0, nil)
	if err := done(ctx, token); err != nil {
		return []Finding{unreachable("MQTT", "--mqtt-broker", b.d.o.MQTT.Broker, err)}
	}
	if t, ok := token.(*paho.SubscribeToken); ok && t.Result()[filter] == refused {
		return []Finding{bad(say("Broker không cho đăng ký %s.", "The broker does not allow to subscribe to %s.", filter), advice)}
	}
	listen := time.NewTimer(b.d.o.Listen)
	defer listen.Stop()
	select {
	case <-b.heard:
		return []Finding{fine(say("Đăng ký %s được, và có sự kiện đến.", "Subscribed to %s, and events come.", filter))}
	case <-listen.C:
	case <-ctx.Done():
	}
	perMinute, known := b.number("load/publish/received/1min", "load/messages/received/1min")
	if known && perMinute*b.d.o.Listen.Minutes() >= surely {
		return []Finding{warn(say("Broker nhận %.0f bản tin mỗi phút, nhưng không bản tin nào dưới ioc/ đến sau %s.", "The broker takes %.0f messages a minute, but none below ioc/ came in %s.", perMinute, b.d.o.Listen), advice)}
	}
	return []Finding{fine(say("Broker cho đăng ký %s; không có sự kiện nào trong %s, nên quyền đọc chưa được chứng minh.", "The broker grants %s; no event came in %s, so the right to read is not proven.", filter, b.d.o.Listen))}
}

// session looks whether anybody is subscribed: a broker keeps messages for sessions that it knows. To ask for ingest's
// session itself would take it over.
func (b *broker) session(context.Context) []Finding {
	n, known := b.number("subscriptions/count", "subscriptions")
	shared, _ := b.number("shared_subscriptions/count")
	switch {
	case known && !strings.HasPrefix(b.statistics()["version"], "mosquitto"):
		return []Finding{skip(say("Chỉ Mosquitto nói số đăng ký hiện thời.", "Mosquitto alone says how many are subscribed now."),
			say("Xem danh sách phiên bằng công cụ của broker.", "Look at the list of sessions with the broker's own tools."))}
	case !known:
		return []Finding{skip(say("Broker không cho xem $SYS: không biết có phiên nào giữ bản tin không.", "The broker does not show $SYS: whether a session keeps messages is not known."),
			say("Cho tài khoản đọc $SYS/broker/#, như deploy/mosquitto/acl.", "Let the account read $SYS/broker/#, as in deploy/mosquitto/acl."))}
	case n+shared < 1:
		return []Finding{warn(say("Không phiên nào đăng ký: bản tin gửi bây giờ không được giữ cho ai.", "No session is subscribed: what is sent now is kept for nobody."),
			say("Cho ioc ingest kết nối ít nhất một lần trước khi các trung tâm gửi; sau đó broker giữ bản tin khi nó vắng.", "Let ioc ingest connect at least once before the centres send; after that the broker keeps messages while it is away."))}
	default:
		return []Finding{fine(say("Broker có %.0f đăng ký.", "The broker has %.0f subscriptions.", n+shared))}
	}
}

func (b *broker) dropped(context.Context) []Finding {
	n, known := b.number("publish/messages/dropped", "messages/dropped")
	switch {
	case !known:
		return []Finding{skip(say("Broker không nói đã bỏ bao nhiêu bản tin ($SYS).", "The broker does not say how many messages it has dropped ($SYS)."),
			say("Cho tài khoản đọc $SYS/broker/#, như deploy/mosquitto/acl.", "Let the account read $SYS/broker/#, as in deploy/mosquitto/acl."))}
	case n > 0:
		return []Finding{warn(say("Broker đã bỏ %.0f bản tin từ khi khởi động.", "The broker has dropped %.0f messages since it started.", n),
			say("Đặt max_queued_messages 0 và max_queued_bytes 0 như deploy/mosquitto/mosquitto.conf, và cho các trung tâm gửi lại thời gian đó; trùng chỉ tính một lần.", "Set max_queued_messages 0 and max_queued_bytes 0 as in deploy/mosquitto/mosquitto.conf, and let the centres send that time again; repeats count once."))}
	default:
		return []Finding{fine(say("Broker chưa bỏ bản tin nào.", "The broker has dropped no message."))}
	}
}
