package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"golang.org/x/sync/errgroup"

	"github.com/binhphuoc/ioc/schemas"
)

const (
	// At 1,000 events a second, catching up with this takes some minutes.
	longQueue = 100_000
	// How many topics are tried at once.
	tries = 4
	// How long to wait before asking a cluster again that is not ready.
	retry = 200 * time.Millisecond
)

// grant is the command that lets ingest read.
func grant(principal, group string) schemas.Text {
	base := "kafka-acls.sh --bootstrap-server … --add --allow-principal " + principal
	command := base + " --operation Read --operation Describe --operation DescribeConfigs --resource-pattern-type prefixed --topic ioc.\n" + base + " --operation Read --group " + group
	return say("Cấp quyền đọc:\n%s", "Grant reading:\n%s", command)
}

// principal is what Kafka calls the account of the settings.
func (c *cluster) principal() string {
	if c.o.User == "" {
		return "User:ANONYMOUS"
	}
	return "User:" + c.o.User
}

// acl looks at who may write to which centre's topics, where the account may see that.
func (c *cluster) acl(ctx context.Context) []Finding {
	r, err := c.client.DescribeACLs(ctx, &kafka.DescribeACLsRequest{Filter: kafka.ACLFilter{
		ResourceTypeFilter: kafka.ResourceTypeTopic, ResourcePatternTypeFilter: kafka.PatternTypeAny,
		Operation: kafka.ACLOperationTypeAny, PermissionType: kafka.ACLPermissionTypeAny,
	}})
	if err == nil {
		err = r.Error
	}
	switch {
	case errors.Is(err, kafka.SecurityDisabled):
		return []Finding{warn(say("Kafka không kiểm tra quyền: ai tới được cổng đều ghi được cho mọi trung tâm.", "Kafka checks no rights: whoever reaches its port can write for every centre."),
			say("Đặt authorizer.class.name và tài khoản SASL cho mỗi trung tâm, rồi cấp quyền ghi riêng:\n%s", "Set authorizer.class.name and a SASL account for each centre, then let each write to its own:\n%s", writeGrant("dong-xoai")))}
	case errors.Is(err, kafka.ClusterAuthorizationFailed):
		return []Finding{skip(say("Tài khoản không được xem các quyền (cần Describe trên Cluster); quyền đọc được thử ở kafka.group.", "The account may not see the rights (it needs Describe on the cluster); kafka.group tries reading."),
			say("Chạy ioc doctor bằng tài khoản quản trị Kafka để xem ai được ghi.", "Run ioc doctor with an administrator's account of Kafka to see who may write."))}
	case err != nil:
		return []Finding{c.failed(err)}
	}
	var codes []string
	for _, centre := range c.d.o.Registry.Centres {
		codes = append(codes, centre.Code)
	}
	return judgeACLs(r.Resources, codes)
}

// writeGrant is the command that lets a centre write.
func writeGrant(centre string) string {
	return fmt.Sprintf("kafka-acls.sh --bootstrap-server … --add --allow-principal User:%s --operation Write --operation Describe --resource-pattern-type prefixed --topic ioc.%s.", centre, centre)
}

// judgeACLs finds accounts that may write for more than one centre, and centres for which none may.
// Denials are left aside: they only make less of what is said here.
func judgeACLs(resources []kafka.ACLResource, centres []string) (out []Finding) {
	if len(resources) == 0 {
		return []Finding{warn(say("Chưa đặt quyền nào trên chủ đề.", "No rights on topics are set."),
			say("Cho mỗi trung tâm một tài khoản, chỉ ghi được chủ đề của mình:\n%s", "Give each centre an account that writes to its own topics alone:\n%s", writeGrant("dong-xoai")))}
	}
	may := map[string][]string{} // centres by account
	for _, r := range resources {
		for _, a := range r.ACLs {
			writes := a.Operation == kafka.ACLOperationTypeWrite || a.Operation == kafka.ACLOperationTypeAll
			if a.PermissionType != kafka.ACLPermissionTypeAllow || !writes {
				continue
			}
			for _, centre := range centres {
				if covers(r, "ioc."+centre+".") && !slices.Contains(may[a.Principal], centre) {
					may[a.Principal] = append(may[a.Principal], centre)
				}
			}
		}
	}
	served := map[string]bool{}
	var wide []string
	for account, of := range may {
		for _, centre := range of {
			served[centre] = true
		}
		if len(of) > 1 {
			wide = append(wide, account)
		}
	}
	slices.Sort(wide)
	for _, account := range wide {
		out = append(out, warn(say("Tài khoản %s được ghi cho nhiều trung tâm: %s.", "The account %s may write for several centres: %s.", account, listed(may[account])),
			say("Mỗi trung tâm một tài khoản, chỉ ghi được chủ đề của mình; nhiều ACL cũ bỏ bằng kafka-acls.sh --remove.", "One account for each centre, which writes to its own topics alone; take the wider right away with kafka-acls.sh --remove.")))
	}
	for _, centre := range centres {
		if !served[centre] {
			out = append(out, warn(say("Không tài khoản nào (ngoài quản trị) được ghi vào ioc.%s.*.", "No account (other than administrators) may write to ioc.%s.*.", centre),
				say("Nếu trung tâm gửi qua Kafka, cấp quyền:\n%s", "If the centre sends by Kafka, grant it:\n%s", writeGrant(centre))))
		}
	}
	return orFine(out, say("Mỗi trung tâm có tài khoản ghi riêng (%d tài khoản).", "Each centre has an account of its own that writes (%d accounts).", len(may)))
}

// covers says whether a right on a resource is one on topics that begin with a prefix.
func covers(r kafka.ACLResource, prefix string) bool {
	switch {
	case r.ResourceName == "*":
		return true
	case r.PatternType == kafka.PatternTypePrefixed:
		return strings.HasPrefix(prefix, r.ResourceName) || strings.HasPrefix(r.ResourceName, prefix)
	default:
		return strings.HasPrefix(r.ResourceName, prefix)
	}
}

// group tries what ingest does: look at the group, read each topic, commit an offset.
func (c *cluster) group(ctx context.Context) []Finding {
	there, _, err := c.present(ctx)
	if err != nil {
		return []Finding{c.failed(err)}
	}
	var out []Finding
	members := 0
	err = settled(ctx, func() error {
		r, err := c.client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{c.o.Group}})
		if err != nil || len(r.Groups) == 0 {
			return err
		}
		members = len(r.Groups[0].Members)
		return r.Groups[0].Error
	})
	switch {
	case errors.Is(err, kafka.GroupAuthorizationFailed):
		return []Finding{bad(say("Tài khoản %s không được dùng nhóm %s.", "The account %s may not use the group %s.", c.principal(), c.o.Group), grant(c.principal(), c.o.Group))}
	case err != nil && !errors.Is(err, kafka.GroupIdNotFound):
		return []Finding{c.failed(fmt.Errorf("look at the group %s: %w", c.o.Group, err))}
	case members == 0:
		out = append(out, warn(say("Nhóm %s không có thành viên: không ai đọc Kafka.", "The group %s has no member: nobody reads Kafka.", c.o.Group),
			say("Khởi động ioc ingest, hoặc sửa --kafka-group.", "Start ioc ingest, or correct --kafka-group.")))
	}
	if refused := c.unreadable(ctx, there); len(refused) > 0 {
		out = append(out, bad(say("Tài khoản %s không được đọc: %s.", "The account %s may not read: %s.", c.principal(), listed(refused)), grant(c.principal(), c.o.Group)))
	}
	if len(there) > 0 {
		if err := c.commit(ctx, there[0].Name); errors.Is(err, kafka.GroupAuthorizationFailed) || errors.Is(err, kafka.TopicAuthorizationFailed) {
			out = append(out, bad(say("Tài khoản %s không được ghi nhận vị trí đọc của nhóm %s.", "The account %s may not commit offsets of the group %s.", c.principal(), c.o.Group), grant(c.principal(), c.o.Group)))
		}
	}
	return orFine(out, say("Nhóm %s có %d thành viên; đọc được %d chủ đề và ghi nhận được vị trí.", "Members of the group %s: %d; topics that can be read: %d; offsets can be committed.", c.o.Group, members, len(there)))
}

// settled asks again while the cluster is still looking for who coordinates the group: it does so for the first group that it ever has.
func settled(ctx context.Context, ask func() error) error {
	for {
		err := ask()
		var k kafka.Error
		if !errors.As(err, &k) || !slices.Contains([]kafka.Error{kafka.NotCoordinatorForGroup, kafka.GroupCoordinatorNotAvailable, kafka.GroupLoadInProgress}, k) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retry):
		}
	}
}

// unreadable fetches from each topic, and returns those that may not be read.
func (c *cluster) unreadable(ctx context.Context, topics []kafka.Topic) []string {
	var mu sync.Mutex
	var refused []string
	var g errgroup.Group
	g.SetLimit(tries)
	for _, t := range topics {
		g.Go(func() error {
			r, err := c.client.Fetch(ctx, &kafka.FetchRequest{Topic: t.Name, Offset: kafka.LastOffset, MinBytes: 1, MaxBytes: 1 << 10, MaxWait: 10 * time.Millisecond})
			if err == nil {
				err = r.Error
			}
			if errors.Is(err, kafka.TopicAuthorizationFailed) {
				mu.Lock()
				defer mu.Unlock()
				refused = append(refused, t.Name)
			}
			return nil
		})
	}
	g.Wait() //nolint:errcheck // none is returned: what is not about rights is said by the other checks
	slices.Sort(refused)
	return refused
}

// commit tries to commit as a member that the group does not have: Kafka looks at the rights first, and then refuses. Nothing changes.
func (c *cluster) commit(ctx context.Context, topic string) error {
	r, err := c.client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID: c.o.Group, GenerationID: 1<<31 - 1, MemberID: "ioc-doctor", Topics: map[string][]kafka.OffsetCommit{topic: {{Partition: 0}}},
	})
	if err != nil {
		return fmt.Errorf("try to commit: %w", err)
	}
	for _, p := range r.Topics[topic] {
		if p.Error != nil {
			return p.Error
		}
	}
	return nil
}

// backlog is what a group has not read yet.
type backlog struct {
	waiting int64
	lost    int64 // removed before it was read
	topics  []string
	losers  []string
}

func (c *cluster) lag(ctx context.Context) []Finding {
	there, _, err := c.present(ctx)
	if err != nil {
		return []Finding{c.failed(err)}
	}
	b, err := c.backlog(ctx, there)
	switch {
	case errors.Is(err, kafka.GroupAuthorizationFailed), errors.Is(err, kafka.TopicAuthorizationFailed):
		return []Finding{skip(say("Tài khoản không được xem vị trí đọc.", "The account may not see the offsets."), grant(c.principal(), c.o.Group))}
	case err != nil:
		return []Finding{c.failed(err)}
	}
	var out []Finding
	if b.lost > 0 {
		out = append(out, bad(say("%d sự kiện đã bị Kafka xóa trước khi được đọc: %s.", "Kafka has removed %d events before they were read: %s.", b.lost, listed(b.losers)),
			say("Cho các trung tâm gửi lại khoảng thời gian đó (trùng chỉ tính một lần), và tăng retention.ms.", "Let the centres send that time again (repeats count once), and raise retention.ms.")))
	}
	if b.waiting >= longQueue {
		out = append(out, warn(say("%d sự kiện đang chờ trong Kafka, nhiều nhất: %s.", "%d events wait in Kafka, most of them in: %s.", b.waiting, listed(b.topics)),
			say("Xem ioc ingest có chạy và ClickHouse có nhận không; thêm ioc ingest cùng --kafka-group nếu không theo kịp.", "See whether ioc ingest runs and ClickHouse takes; add ioc ingest with the same --kafka-group if they do not keep up.")))
	}
	return orFine(out, say("%d sự kiện đang chờ trong Kafka.", "%d events wait in Kafka.", b.waiting))
}

// backlog compares what the group has committed with the ends of the partitions.
func (c *cluster) backlog(ctx context.Context, topics []kafka.Topic) (backlog, error) {
	var b backlog
	ask, ends := map[string][]int{}, map[string][]kafka.OffsetRequest{}
	for _, t := range topics {
		for _, p := range t.Partitions {
			ask[t.Name] = append(ask[t.Name], p.ID)
			ends[t.Name] = append(ends[t.Name], kafka.FirstOffsetOf(p.ID), kafka.LastOffsetOf(p.ID))
		}
	}
	if len(ask) == 0 {
		return b, nil
	}
	var committed *kafka.OffsetFetchResponse
	err := settled(ctx, func() (err error) {
		if committed, err = c.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: c.o.Group, Topics: ask}); err != nil {
			return err
		}
		if errors.Is(committed.Error, kafka.GroupIdNotFound) { // it has never committed
			return nil
		}
		return committed.Error
	})
	if err != nil {
		return b, fmt.Errorf("read the offsets of the group %s: %w", c.o.Group, err)
	}
	bounds, err := c.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: ends})
	if err != nil {
		return b, fmt.Errorf("read the ends of the topics: %w", err)
	}
	waiting := map[string]int64{}
	for _, t := range topics {
		for _, p := range bounds.Topics[t.Name] {
			at := int64(-1)
			for _, o := range committed.Topics[t.Name] {
				if o.Partition == p.Partition {
					at = o.CommittedOffset
				}
			}
			if p.Error != nil || p.LastOffset < 0 {
				continue
			}
			if at >= 0 && at < p.FirstOffset {
				b.lost += p.FirstOffset - at
				b.losers = append(b.losers, t.Name)
			}
			// Without a committed offset a group begins at the first.
			waiting[t.Name] += p.LastOffset - max(at, p.FirstOffset)
		}
		b.waiting += waiting[t.Name]
		if waiting[t.Name] > 0 {
			b.topics = append(b.topics, t.Name)
		}
	}
	slices.SortStableFunc(b.topics, func(x, y string) int { return int(waiting[y] - waiting[x]) })
	return b, nil
}
