package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

// How a topic of the contract is made. The advice of the checks repeats these numbers.
const (
	topicPartitions  = 3
	topicReplication = 3
	topicInSync      = 2
	topicRetention   = 7 * 24 * time.Hour
	topicMessage     = 4 << 20 // more than the platform takes, so that what is too large reaches it, and is refused by name

	shortRetention = 3 * 24 * time.Hour // a weekend
	noRetention    = 24 * time.Hour
	eventSize      = 1 << 20
)

// creation is the command that makes topics.
func creation(topics []string, brokers int) string {
	replication := min(topicReplication, max(brokers, 1))
	inSync := min(topicInSync, replication)
	return fmt.Sprintf("for t in %s; do kafka-topics.sh --bootstrap-server … --create --topic $t --partitions %d --replication-factor %d --config retention.ms=%d --config max.message.bytes=%d --config min.insync.replicas=%d; done",
		strings.Join(topics, " "), topicPartitions, replication, topicRetention.Milliseconds(), topicMessage, inSync)
}

// alteration is the command that sets one entry of the configuration of topics.
func alteration(topics []string, entry string) string {
	return fmt.Sprintf("for t in %s; do kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name $t --add-config %s; done", strings.Join(topics, " "), entry)
}

func (c *cluster) topics(ctx context.Context) []Finding {
	there, brokers, err := c.present(ctx)
	if err != nil {
		return []Finding{c.failed(err)}
	}
	wanted := c.wanted()
	var missing, unknown, mine []string
	partitions := 0
	for _, name := range wanted {
		i := slices.IndexFunc(there, func(t kafka.Topic) bool { return t.Name == name })
		if i < 0 || errors.Is(there[i].Error, kafka.UnknownTopicOrPartition) {
			missing = append(missing, name)
			continue
		}
		mine = append(mine, name)
		partitions += len(there[i].Partitions)
	}
	for _, t := range there {
		if !slices.Contains(wanted, t.Name) {
			unknown = append(unknown, t.Name)
		}
	}
	var out []Finding
	if len(missing) > 0 {
		command := creation(missing, brokers)
		out = append(out, bad(say("Thiếu %d chủ đề (hoặc tài khoản không được thấy): %s.", "%d topics are missing (or the account may not see them): %s.", len(missing), listed(missing)),
			say("Tạo chúng:\n%s", "Make them:\n%s", command)))
	}
	if len(unknown) > 0 {
		out = append(out, warn(say("Chủ đề của trung tâm hay lĩnh vực không có trong danh bạ: %s. Sự kiện trong đó bị từ chối.", "Topics of centres or domains that are not in the registry: %s. Events in them are refused.", listed(unknown)),
			say("Xóa chúng, sửa tên, hoặc thêm trung tâm vào danh bạ.", "Remove them, correct their names, or add the centre to the registry.")))
	}
	out = append(out, judgeReplicas(there, brokers)...)
	configs, findings := c.configs(ctx, mine)
	out = append(out, findings...)
	out = append(out, judgeConfigs(there, configs)...)
	return orFine(out, say("Đủ %d chủ đề; phân vùng: %d, broker: %d.", "All %d topics are there; partitions: %d, brokers: %d.", len(mine), partitions, brokers))
}

// sorted collects topics by what is wrong with them.
type sorted map[string][]string

func (s sorted) add(what, topic string) {
	if !slices.Contains(s[what], topic) {
		s[what] = append(s[what], topic)
	}
}

// judgeReplicas looks at who has the partitions.
func judgeReplicas(topics []kafka.Topic, brokers int) (out []Finding) {
	s := sorted{}
	for _, t := range topics {
		if errors.Is(t.Error, kafka.TopicAuthorizationFailed) {
			s.add("hidden", t.Name)
		}
		for _, p := range t.Partitions {
			switch {
			case p.Leader.Host == "":
				s.add("leader", t.Name)
			case len(p.Isr) < len(p.Replicas):
				s.add("behind", t.Name)
			case len(p.Replicas) == 1 && brokers > 1:
				s.add("single", t.Name)
			}
		}
	}
	if names := s["hidden"]; len(names) > 0 {
		out = append(out, bad(say("Tài khoản không được xem chủ đề: %s.", "The account may not see the topics: %s.", listed(names)), grant("User:ioc-ingest", "ioc-ingest")))
	}
	if names := s["leader"]; len(names) > 0 {
		out = append(out, bad(say("Phân vùng không có broker phụ trách (leader): %s.", "Partitions have no leader: %s.", listed(names)),
			say("Khởi động lại broker giữ chúng; xem nhật ký của broker điều khiển.", "Start the brokers that hold them; look at the log of the controller.")))
	}
	if names := s["behind"]; len(names) > 0 {
		out = append(out, warn(say("Bản sao không theo kịp: %s.", "Replicas are behind: %s.", listed(names)),
			say("Xem broker nào dừng hoặc đầy đĩa.", "See which broker is down or has a full disk.")))
	}
	if names := s["single"]; len(names) > 0 {
		out = append(out, warn(say("Chỉ có một bản: hỏng một broker là mất sự kiện: %s.", "There is one copy only: a broken broker loses events: %s.", listed(names)),
			say("Tăng lên %d bản bằng kafka-reassign-partitions.sh.", "Raise it to %d copies with kafka-reassign-partitions.sh.", min(topicReplication, brokers))))
	}
	return out
}

// configs reads the configuration of topics.
func (c *cluster) configs(ctx context.Context, topics []string) (map[string]map[string]string, []Finding) {
	if len(topics) == 0 {
		return nil, nil
	}
	request := &kafka.DescribeConfigsRequest{}
	for _, t := range topics {
		request.Resources = append(request.Resources, kafka.DescribeConfigRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: t})
	}
	r, err := c.client.DescribeConfigs(ctx, request)
	if err != nil {
		return nil, []Finding{c.failed(fmt.Errorf("read the configuration of topics: %w", err))}
	}
	out := map[string]map[string]string{}
	var refused []string
	for _, resource := range r.Resources {
		if resource.Error != nil {
			refused = append(refused, resource.ResourceName)
			continue
		}
		entries := map[string]string{}
		for _, e := range resource.ConfigEntries {
			entries[e.ConfigName] = e.ConfigValue
		}
		out[resource.ResourceName] = entries
	}
	if len(refused) > 0 {
		return out, []Finding{skip(say("Không được xem cấu hình của %d chủ đề: thời hạn lưu và số bản không được kiểm tra.", "The configuration of %d topics may not be read: retention and copies are not checked.", len(refused)),
			say("Cấp quyền DescribeConfigs cho tài khoản:\n%s", "Grant DescribeConfigs to the account:\n%s",
				"kafka-acls.sh --bootstrap-server … --add --allow-principal User:ioc-ingest --operation DescribeConfigs --resource-pattern-type prefixed --topic ioc."))}
	}
	return out, nil
}

// judgeConfigs looks at what the topics keep, and for how long: Kafka is the buffer while ClickHouse is away.
func judgeConfigs(topics []kafka.Topic, configs map[string]map[string]string) (out []Finding) {
	s := sorted{}
	for _, t := range topics {
		entries, ok := configs[t.Name]
		if !ok {
			continue
		}
		number := func(name string, otherwise int64) int64 {
			n, err := strconv.ParseInt(entries[name], 10, 64)
			if err != nil {
				return otherwise
			}
			return n
		}
		kept := number("retention.ms", -1)
		switch {
		case kept < 0: // for ever
		case kept < noRetention.Milliseconds():
			s.add("gone", t.Name)
		case kept < shortRetention.Milliseconds():
			s.add("short", t.Name)
		}
		if strings.Contains(entries["cleanup.policy"], "compact") {
			s.add("compact", t.Name)
		}
		if number("retention.bytes", -1) >= 0 {
			s.add("bytes", t.Name)
		}
		if number("max.message.bytes", eventSize) < eventSize {
			s.add("message", t.Name)
		}
		copies := 0
		for _, p := range t.Partitions {
			copies = max(copies, len(p.Replicas))
		}
		if copies >= topicReplication && number("min.insync.replicas", topicInSync) < topicInSync {
			s.add("insync", t.Name)
		}
	}
	retention := fmt.Sprintf("retention.ms=%d", topicRetention.Milliseconds())
	if names := s["gone"]; len(names) > 0 {
		out = append(out, bad(say("Sự kiện chỉ được giữ chưa tới một ngày: một đêm mất kết nối là mất: %s.", "Events are kept for less than a day: a night's outage loses them: %s.", listed(names)),
			say("Giữ 7 ngày:\n%s", "Keep 7 days:\n%s", alteration(names, retention))))
	}
	if names := s["short"]; len(names) > 0 {
		out = append(out, warn(say("Sự kiện được giữ chưa tới ba ngày, ngắn hơn một kỳ nghỉ: %s.", "Events are kept for less than three days, shorter than a holiday: %s.", listed(names)),
			say("Giữ 7 ngày:\n%s", "Keep 7 days:\n%s", alteration(names, retention))))
	}
	if names := s["compact"]; len(names) > 0 {
		out = append(out, bad(say("cleanup.policy=compact chỉ giữ sự kiện cuối của mỗi nguồn: %s.", "cleanup.policy=compact keeps the last event of each source alone: %s.", listed(names)),
			say("Đổi thành delete:\n%s", "Change it to delete:\n%s", alteration(names, "cleanup.policy=delete"))))
	}
	if names := s["bytes"]; len(names) > 0 {
		out = append(out, warn(say("retention.bytes xóa sự kiện chưa đọc khi đầy: %s.", "retention.bytes removes events that nobody has read when it is full: %s.", listed(names)),
			say("Bỏ giới hạn đó:\n%s", "Take that limit away:\n%s", alteration(names, "retention.bytes=-1"))))
	}
	if names := s["message"]; len(names) > 0 {
		out = append(out, warn(say("max.message.bytes nhỏ hơn một sự kiện được phép (1 MiB): %s.", "max.message.bytes is smaller than an event may be (1 MiB): %s.", listed(names)),
			say("Tăng lên:\n%s", "Raise it:\n%s", alteration(names, fmt.Sprintf("max.message.bytes=%d", topicMessage)))))
	}
	if names := s["insync"]; len(names) > 0 {
		out = append(out, warn(say("min.insync.replicas = 1: sự kiện đã nhận có thể mất cùng một broker: %s.", "min.insync.replicas = 1: an acknowledged event can be lost with one broker: %s.", listed(names)),
			say("Đặt %d:\n%s", "Set it to %d:\n%s", topicInSync, alteration(names, fmt.Sprintf("min.insync.replicas=%d", topicInSync)))))
	}
	return out
}
