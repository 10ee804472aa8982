package doctor

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/binhphuoc/ioc/deploy/local"
	source "github.com/binhphuoc/ioc/ingest/kafka"
)

// kafkaServer is a Kafka, and what an administrator does to it.
type kafkaServer struct {
	*testing.T
	addr   string
	client *kafka.Client
}

// newKafka takes the real Kafka that IOC_TEST_KAFKA names, or else starts the embedded one.
func newKafka(t *testing.T) *kafkaServer {
	t.Helper()
	addr := os.Getenv("IOC_TEST_KAFKA")
	if addr == "" {
		k, err := local.NewKafka(local.KafkaOptions{Listen: "127.0.0.1:0", Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := k.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		<-k.Ready()
		t.Cleanup(func() { cancel(); wg.Wait() })
		addr = k.Addr()
	}
	return administer(t, addr, &kafka.Transport{})
}

func administer(t *testing.T, addr string, transport *kafka.Transport) *kafkaServer {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	return &kafkaServer{T: t, addr: addr, client: &kafka.Client{Addr: kafka.TCP(addr), Transport: transport, Timeout: patience}}
}

// topic makes a topic that the test's end removes.
func (k *kafkaServer) topic(name string, configs ...string) {
	k.Helper()
	config := kafka.TopicConfig{Topic: name, NumPartitions: 2, ReplicationFactor: 1}
	for _, c := range configs {
		key, value, _ := strings.Cut(c, "=")
		config.ConfigEntries = append(config.ConfigEntries, kafka.ConfigEntry{ConfigName: key, ConfigValue: value})
	}
	r, err := k.client.CreateTopics(context.Background(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{config}})
	if err == nil {
		err = r.Errors[name]
	}
	if err != nil {
		k.Fatalf("create topic %s: %v", name, err)
	}
	k.Cleanup(func() {
		if _, err := k.client.DeleteTopics(context.Background(), &kafka.DeleteTopicsRequest{Topics: []string{name}}); err != nil {
			k.Error(err)
		}
	})
}

// publish sends messages to partition 0, once the topic has a leader.
func (k *kafkaServer) publish(topic string, n int) {
	k.Helper()
	records := make([]kafka.Record, n)
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		for i := range records {
			records[i] = kafka.Record{Value: kafka.NewBytes([]byte("x"))}
		}
		r, err := k.client.Produce(context.Background(), &kafka.ProduceRequest{Topic: topic, RequiredAcks: kafka.RequireAll, Records: kafka.NewRecordReader(records...)})
		if err == nil {
			err = r.Error
		}
		if err == nil {
			return
		}
		if time.Now().After(until) {
			k.Fatalf("publish to %s: %v", topic, err)
		}
	}
}

func (k *kafkaServer) examine(o Options) []Check {
	k.Helper()
	o.Kafka.Brokers = []string{k.addr}
	o.Kafka.Group = "doctor-" + o.Registry.Centres[0].Code
	return examine(k.T, o)
}

func TestKafkaThatIsWell(t *testing.T) {
	k := newKafka(t)
	o := options(t)
	for _, d := range o.Registry.Domains {
		k.topic(topicOf(o.Registry.Centres[0].Code, d.Code), "retention.ms=604800000")
	}
	k.publish(topicOf(o.Registry.Centres[0].Code, "sensor"), 3)
	checks := k.examine(o)
	expect(t, checks,
		want{"kafka.reachable", OK, k.addr}, want{"kafka.versions", OK, "understand each other"},
		want{"kafka.group", Warning, "has no member"}, want{"kafka.lag", OK, "events wait in Kafka"},
	)
	if found(checks, want{"kafka.topics", Problem, ""}) {
		t.Error(told(checks))
	}
	if found(checks, want{"kafka.group", Problem, ""}) {
		t.Error(told(checks))
	}
}

func TestWhatIsBrokenInKafka(t *testing.T) {
	for _, c := range []struct {
		name  string
		wreck func(k *kafkaServer, o Options, topic string)
		want  []want
	}{
		{
			"no topics", func(*kafkaServer, Options, string) {},
			[]want{{"kafka.topics", Problem, "2 topics are missing"}},
		},
		{
			"one topic", func(k *kafkaServer, _ Options, topic string) { k.topic(topic) },
			[]want{{"kafka.topics", Problem, "1 topics are missing"}},
		},
		{
			"kept for an hour", func(k *kafkaServer, _ Options, topic string) { k.topic(topic, "retention.ms=3600000") },
			[]want{{"kafka.topics", Problem, "kept for less than a day"}},
		},
		{
			"kept for two days", func(k *kafkaServer, _ Options, topic string) { k.topic(topic, "retention.ms=172800000") },
			[]want{{"kafka.topics", Warning, "kept for less than three days"}},
		},
		{
			"compacted", func(k *kafkaServer, _ Options, topic string) { k.topic(topic, "cleanup.policy=compact") },
			[]want{{"kafka.topics", Problem, "cleanup.policy=compact"}},
		},
		{
			"limits", func(k *kafkaServer, _ Options, topic string) {
				k.topic(topic, "retention.bytes=1000000", "max.message.bytes=100000")
			},
			[]want{{"kafka.topics", Warning, "retention.bytes removes"}, {"kafka.topics", Warning, "max.message.bytes is smaller"}},
		},
		{
			"a topic of nobody", func(k *kafkaServer, _ Options, topic string) { k.topic(topic + "-x") },
			[]want{{"kafka.topics", Warning, "Topics of centres or domains that are not in the registry"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, o := newKafka(t), options(t)
			topic := topicOf(o.Registry.Centres[0].Code, "sensor")
			c.wreck(k, o, topic)
			expect(t, k.examine(o), c.want...)
		})
	}
}

// guarded is a Kafka with accounts and rights: one administrator, one that may do what is granted.
func guarded(t *testing.T) (admin *kafkaServer, reader source.Options) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.EnableACLs(),
		kfake.Superuser("PLAIN", "admin", "admin"), kfake.User("PLAIN", "ioc-ingest", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	addr := cluster.ListenAddrs()[0]
	admin = administer(t, addr, &kafka.Transport{SASL: plain.Mechanism{Username: "admin", Password: "admin"}})
	return admin, source.Options{SASL: "plain", User: "ioc-ingest", Password: "secret"}
}

func (k *kafkaServer) allow(principal string, operation kafka.ACLOperationType, resource kafka.ResourceType, name string) {
	k.Helper()
	r, err := k.client.CreateACLs(context.Background(), &kafka.CreateACLsRequest{ACLs: []kafka.ACLEntry{{
		ResourceType: resource, ResourceName: name, ResourcePatternType: kafka.PatternTypePrefixed,
		Principal: principal, Host: "*", Operation: operation, PermissionType: kafka.ACLPermissionTypeAllow,
	}}})
	if err == nil {
		err = errors.Join(r.Errors...)
	}
	if err != nil {
		k.Fatal(err)
	}
}

func TestRightsInKafka(t *testing.T) {
	const reads = "User:ioc-ingest"
	all := func(k *kafkaServer) {
		k.allow(reads, kafka.ACLOperationTypeRead, kafka.ResourceTypeTopic, "ioc.")
		k.allow(reads, kafka.ACLOperationTypeDescribeConfigs, kafka.ResourceTypeTopic, "ioc.")
		k.allow(reads, kafka.ACLOperationTypeRead, kafka.ResourceTypeGroup, "doctor-")
	}
	for _, c := range []struct {
		name  string
		grant func(k *kafkaServer)
		want  []want
	}{
		{"none", func(*kafkaServer) {}, []want{{"kafka.topics", Problem, "2 topics are missing (or the account may not see them)"}}},
		{"sees topics", func(k *kafkaServer) { k.allow(reads, kafka.ACLOperationTypeDescribe, kafka.ResourceTypeTopic, "ioc.") }, []want{
			{"kafka.topics", Skipped, "configuration of 2 topics may not be read"}, {"kafka.group", Problem, "may not use the group"}, {"kafka.lag", Skipped, "may not see the offsets"},
		}},
		{"sees topics and the group", func(k *kafkaServer) {
			k.allow(reads, kafka.ACLOperationTypeDescribe, kafka.ResourceTypeTopic, "ioc.")
			k.allow(reads, kafka.ACLOperationTypeDescribe, kafka.ResourceTypeGroup, "doctor-")
		}, []want{{"kafka.group", Problem, "may not read: ioc."}, {"kafka.group", Problem, "may not commit offsets"}}},
		{"reads", all, []want{{"kafka.group", Warning, "has no member"}, {"kafka.lag", OK, "0 events wait"}, {"kafka.acl", Skipped, "may not see the rights"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, account := guarded(t)
			o := options(t)
			for _, d := range o.Registry.Domains {
				k.topic(topicOf(o.Registry.Centres[0].Code, d.Code))
			}
			c.grant(k)
			o.Kafka = account
			expect(t, k.examine(o), c.want...)
		})
	}
	t.Run("a wrong password", func(t *testing.T) {
		k, account := guarded(t)
		o := options(t)
		o.Kafka = account
		o.Kafka.Password = "sai"
		expect(t, k.examine(o), want{"kafka.reachable", Problem, "account, password or TLS are probably wrong"}, want{"kafka.topics", Skipped, "kafka.reachable failed"})
	})
}

func TestWhoMayWrite(t *testing.T) {
	acl := func(principal, name string, pattern kafka.PatternType, operation kafka.ACLOperationType) kafka.ACLResource {
		return kafka.ACLResource{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: name, PatternType: pattern,
			ACLs: []kafka.ACLDescription{{Principal: principal, Operation: operation, PermissionType: kafka.ACLPermissionTypeAllow}},
		}
	}
	own := []kafka.ACLResource{
		acl("User:a", "ioc.a.", kafka.PatternTypePrefixed, kafka.ACLOperationTypeWrite),
		acl("User:b", "ioc.b.sensor", kafka.PatternTypeLiteral, kafka.ACLOperationTypeAll),
		acl("User:reader", "ioc.", kafka.PatternTypePrefixed, kafka.ACLOperationTypeRead),
	}
	for _, c := range []struct {
		name string
		acls []kafka.ACLResource
		want want
	}{
		{"each its own", own, want{"kafka.acl", OK, "(2 accounts)"}},
		{"none", nil, want{"kafka.acl", Warning, "No rights on topics"}},
		{"one for all", append(slices.Clone(own), acl("User:x", "*", kafka.PatternTypeLiteral, kafka.ACLOperationTypeWrite)), want{"kafka.acl", Warning, "User:x may write for several centres: a, b"}},
		{"one for a prefix", append(slices.Clone(own), acl("User:x", "ioc.", kafka.PatternTypePrefixed, kafka.ACLOperationTypeWrite)), want{"kafka.acl", Warning, "User:x may write for several"}},
		{"none for b", own[:1], want{"kafka.acl", Warning, "may write to ioc.b.*"}},
	} {
		expect(t, []Check{result("kafka.acl", judgeACLs(c.acls, []string{"a", "b"}))}, c.want)
	}
}

func TestReplicas(t *testing.T) {
	one, two := kafka.Broker{Host: "a", ID: 1}, kafka.Broker{Host: "b", ID: 2}
	three := []kafka.Broker{one, two, {Host: "c", ID: 3}}
	topics := []kafka.Topic{
		{Name: "leader", Partitions: []kafka.Partition{{Replicas: []kafka.Broker{one}}}},
		{Name: "behind", Partitions: []kafka.Partition{{Leader: one, Replicas: []kafka.Broker{one, two}, Isr: []kafka.Broker{one}}}},
		{Name: "single", Partitions: []kafka.Partition{{Leader: one, Replicas: []kafka.Broker{one}, Isr: []kafka.Broker{one}}}},
		{Name: "insync", Partitions: []kafka.Partition{{Leader: one, Replicas: three, Isr: three}}},
	}
	configs := map[string]map[string]string{"insync": {"min.insync.replicas": "1", "retention.ms": "-1"}}
	expect(t, []Check{result("x", append(judgeReplicas(topics, 3), judgeConfigs(topics, configs)...))},
		want{"x", Problem, "Partitions have no leader: leader."}, want{"x", Warning, "Replicas are behind: behind."},
		want{"x", Warning, "There is one copy only: a broken broker loses events: single."}, want{"x", Warning, "min.insync.replicas = 1: an acknowledged event can be lost with one broker: insync."})
}

func TestTheCommandsThatItAdvises(t *testing.T) {
	if got := creation([]string{"ioc.a.b"}, 1); !strings.Contains(got, "--replication-factor 1") || !strings.Contains(got, "min.insync.replicas=1") {
		t.Error(got)
	}
	if got := creation([]string{"ioc.a.b"}, 5); !strings.Contains(got, "--replication-factor 3") || !strings.Contains(got, "min.insync.replicas=2") || !strings.Contains(got, "retention.ms=604800000") {
		t.Error(got)
	}
}
