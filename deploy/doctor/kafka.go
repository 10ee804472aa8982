package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/segmentio/kafka-go"

	source "github.com/binhphuoc/ioc/ingest/kafka"
)

// cluster is the Kafka of the settings.
type cluster struct {
	d         *Doctor
	o         source.Options
	transport *kafka.Transport
	client    *kafka.Client
}

func (d *Doctor) kafka() group {
	if len(d.o.Kafka.Brokers) == 0 {
		return group{checks: []check{{"kafka", func(context.Context) []Finding {
			return unconfigured(say("Chưa cấu hình Kafka.", "No Kafka is configured."),
				say("Đặt --kafka-brokers máy:9092, hoặc IOC_KAFKA_BROKERS; không dùng Kafka thì bỏ qua.", "Set --kafka-brokers host:9092, or IOC_KAFKA_BROKERS; without Kafka there is nothing to do."))
		}}}}
	}
	transport, err := d.o.Kafka.Transport()
	if err != nil {
		return group{checks: []check{{"kafka.reachable", func(context.Context) []Finding {
			return []Finding{bad(say("Cấu hình Kafka sai: %s", "The Kafka settings are wrong: %s", err), say("Sửa các thiết lập --kafka-….", "Correct the settings --kafka-…."))}
		}}}}
	}
	transport.DialTimeout, transport.ClientID = d.o.Timeout, "ioc-doctor"
	c := &cluster{d: d, o: d.o.Kafka, transport: transport}
	c.client = &kafka.Client{Addr: kafka.TCP(c.o.Brokers...), Transport: transport, Timeout: d.o.Timeout}
	return group{close: transport.CloseIdleConnections, checks: []check{
		{"kafka.reachable", c.reachable},
		{"kafka.versions", c.versions},
		{"kafka.topics", c.topics},
		{"kafka.acl", c.acl},
		{"kafka.group", c.group},
		{"kafka.lag", c.lag},
	}}
}

// failed is the finding about a question that the cluster did not answer.
func (c *cluster) failed(err error) Finding {
	switch {
	case errors.Is(err, kafka.SASLAuthenticationFailed):
		return bad(say("Kafka từ chối tài khoản %s hoặc mật khẩu của nó.", "Kafka refuses the account %s or its password.", c.o.User),
			say("Sửa --kafka-user và --kafka-password.", "Correct --kafka-user and --kafka-password."))
	case errors.Is(err, kafka.UnsupportedSASLMechanism):
		return bad(say("Kafka không có cơ chế đăng nhập %q.", "Kafka does not have the sign-in mechanism %q.", c.o.SASL),
			say("Sửa --kafka-sasl: plain, scram-sha-256 hoặc scram-sha-512.", "Correct --kafka-sasl: plain, scram-sha-256 or scram-sha-512."))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return bad(say("Kafka ở %s ngắt kết nối ngay: tài khoản, mật khẩu hoặc TLS có lẽ sai.", "Kafka at %s closes the connection at once: account, password or TLS are probably wrong.", listed(c.o.Brokers)),
			say("Xem --kafka-sasl, --kafka-user, --kafka-password, --kafka-tls có hợp với cổng này không.", "See whether --kafka-sasl, --kafka-user, --kafka-password, --kafka-tls fit this port."))
	default:
		return unreachable("Kafka", "--kafka-brokers", listed(c.o.Brokers), err)
	}
}

// reachable asks each broker that is named, and each that the cluster names: a client has to reach them all.
func (c *cluster) reachable(ctx context.Context) []Finding {
	closed := c.dial(ctx, c.o.Brokers)
	if len(closed) == len(c.o.Brokers) {
		return []Finding{c.failed(closed[c.o.Brokers[0]])}
	}
	m, err := c.client.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		return []Finding{c.failed(err)}
	}
	var out []Finding
	for _, broker := range c.o.Brokers {
		if err := closed[broker]; err != nil {
			out = append(out, warn(say("Broker %s không kết nối được: %s", "The broker %s can't be reached: %s", broker, err),
				say("Khởi động nó, hoặc bỏ khỏi --kafka-brokers.", "Start it, or take it out of --kafka-brokers.")))
		}
	}
	var advertised []string
	for _, b := range m.Brokers {
		advertised = append(advertised, net.JoinHostPort(b.Host, strconv.Itoa(b.Port)))
	}
	closed = c.dial(ctx, advertised)
	for _, broker := range advertised {
		if err := closed[broker]; err != nil {
			out = append(out, bad(say("Cụm Kafka nói một broker ở %s, nhưng từ máy này không tới được: %s", "The cluster says that a broker is at %s, which can't be reached from this machine: %s", broker, err),
				say("Sửa advertised.listeners của broker đó, hoặc DNS và tường lửa giữa hai máy.", "Correct advertised.listeners of that broker, or DNS and the firewall between the two machines.")))
		}
	}
	return orFine(out, say("Các broker trả lời: %s.", "Brokers that answer: %s.", listed(advertised)))
}

// dial tries addresses side by side, and returns why some can't be reached.
func (c *cluster) dial(ctx context.Context, addresses []string) map[string]error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	out := map[string]error{}
	for _, address := range addresses {
		wg.Go(func() {
			dialer := net.Dialer{Timeout: c.d.o.Timeout / 2}
			conn, err := dialer.DialContext(ctx, "tcp", address)
			if err == nil {
				conn.Close()
				return
			}
			mu.Lock()
			defer mu.Unlock()
			out[address] = err
		})
	}
	wg.Wait()
	return out
}

// versions compares what the broker speaks with what the platform's client speaks.
func (c *cluster) versions(ctx context.Context) []Finding {
	r, err := c.client.ApiVersions(ctx, &kafka.ApiVersionsRequest{})
	if err == nil {
		err = r.Error
	}
	if err != nil {
		return []Finding{c.failed(err)}
	}
	// The versions of each request that the client library can send in a consumer group.
	spoken := []struct {
		name     string
		key      int
		versions []int
	}{
		{"Fetch", 1, []int{2, 5, 10}},
		{"Metadata", 3, []int{1, 6}},
		{"OffsetCommit", 8, []int{2}},
		{"OffsetFetch", 9, []int{1}},
		{"FindCoordinator", 10, []int{0}},
		{"JoinGroup", 11, []int{1, 2}},
		{"Heartbeat", 12, []int{0}},
		{"LeaveGroup", 13, []int{0}},
		{"SyncGroup", 14, []int{0}},
	}
	var missing []string
	for _, s := range spoken {
		if !slices.ContainsFunc(r.ApiKeys, func(k kafka.ApiVersionsResponseApiKey) bool {
			return k.ApiKey == s.key && slices.ContainsFunc(s.versions, func(v int) bool { return k.MinVersion <= v && v <= k.MaxVersion })
		}) {
			missing = append(missing, s.name)
		}
	}
	if len(missing) > 0 {
		return []Finding{bad(say("Broker không còn hiểu các yêu cầu: %s.", "The broker does not speak a common version of: %s.", listed(missing)),
			say("Dùng Apache Kafka từ 1.0 đến 4.x.", "Use Apache Kafka 1.0 to 4.x."))}
	}
	return []Finding{fine(say("Broker và ioc hiểu nhau (%d loại yêu cầu đã xem).", "The broker and ioc understand each other (%d kinds of requests were compared).", len(spoken)))}
}

// wanted lists the topics of the contract.
func (c *cluster) wanted() []string {
	var out []string
	for _, centre := range c.d.o.Registry.Centres {
		for _, domain := range c.d.o.Registry.Domains {
			out = append(out, topicOf(centre.Code, domain.Code))
		}
	}
	return out
}

func topicOf(centre, domain string) string { return "ioc." + centre + "." + domain }

// present lists the topics of the contract that are there and may be read, sorted, and those brokers that are alive.
func (c *cluster) present(ctx context.Context) (topics []kafka.Topic, brokers int, err error) {
	m, err := c.client.Metadata(ctx, &kafka.MetadataRequest{})
	if err != nil {
		return nil, 0, fmt.Errorf("list topics: %w", err)
	}
	pattern := regexp.MustCompile(`^ioc\.[a-z0-9-]+\.[a-z0-9-]+$`)
	for _, t := range m.Topics {
		if pattern.MatchString(t.Name) {
			topics = append(topics, t)
		}
	}
	slices.SortFunc(topics, func(a, b kafka.Topic) int { return strings.Compare(a.Name, b.Name) })
	return topics, len(m.Brokers), nil
}
