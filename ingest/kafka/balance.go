package kafka

import (
	"cmp"
	"slices"

	"github.com/segmentio/kafka-go"
)

// spread gives the members of the group about as many partitions each, over all topics together. The library's own
// balancers deal out every topic by itself: where topics have one partition, the first member would get them all.
type spread struct{}

// ProtocolName implements kafka.GroupBalancer.
func (spread) ProtocolName() string { return "ioc-spread" }

// UserData implements kafka.GroupBalancer.
func (spread) UserData() ([]byte, error) { return nil, nil }

// AssignGroups implements kafka.GroupBalancer: each partition goes to the one of its topic's readers that has fewest.
func (spread) AssignGroups(members []kafka.GroupMember, partitions []kafka.Partition) kafka.GroupMemberAssignments {
	members = slices.SortedFunc(slices.Values(members), func(a, b kafka.GroupMember) int { return cmp.Compare(a.ID, b.ID) })
	partitions = slices.SortedFunc(slices.Values(partitions), func(a, b kafka.Partition) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
	})
	out := kafka.GroupMemberAssignments{}
	load := map[string]int{}
	for _, m := range members {
		out[m.ID] = map[string][]int{}
	}
	for _, p := range partitions {
		to := ""
		for _, m := range members {
			if slices.Contains(m.Topics, p.Topic) && (to == "" || load[m.ID] < load[to]) {
				to = m.ID
			}
		}
		if to == "" {
			continue
		}
		load[to]++
		out[to][p.Topic] = append(out[to][p.Topic], p.ID)
	}
	return out
}
