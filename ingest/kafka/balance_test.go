package kafka

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go"
)

func TestSpread(t *testing.T) {
	both := []string{"a", "b"}
	one := func(topic string, ids ...int) []kafka.Partition {
		var out []kafka.Partition
		for _, id := range ids {
			out = append(out, kafka.Partition{Topic: topic, ID: id})
		}
		return out
	}
	for _, c := range []struct {
		name       string
		members    []kafka.GroupMember
		partitions []kafka.Partition
		want       kafka.GroupMemberAssignments
	}{
		{
			"topics of one partition are dealt out",
			[]kafka.GroupMember{{ID: "2", Topics: both}, {ID: "1", Topics: both}},
			append(one("b", 0), one("a", 0)...),
			kafka.GroupMemberAssignments{"1": {"a": {0}}, "2": {"b": {0}}},
		},
		{
			"one that has heard of fewer topics",
			[]kafka.GroupMember{{ID: "1", Topics: []string{"a"}}, {ID: "2", Topics: both}},
			append(one("a", 1, 0, 2), one("b", 0)...),
			kafka.GroupMemberAssignments{"1": {"a": {0, 2}}, "2": {"a": {1}, "b": {0}}},
		},
		{
			"more members than partitions",
			[]kafka.GroupMember{{ID: "1", Topics: both}, {ID: "2", Topics: both}},
			one("a", 0),
			kafka.GroupMemberAssignments{"1": {"a": {0}}, "2": {}},
		},
		{
			"a partition that nobody wants",
			[]kafka.GroupMember{{ID: "1", Topics: []string{"a"}}},
			one("b", 0),
			kafka.GroupMemberAssignments{"1": {}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, spread{}.AssignGroups(c.members, c.partitions)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
