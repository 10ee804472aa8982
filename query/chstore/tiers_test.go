package chstore

import (
	"regexp"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTiersCoverAWindowOnceAndWholly(t *testing.T) {
	part := regexp.MustCompile(`tier = (\d+) AND bucket >= toDateTime\((\d+), 'UTC'\) AND bucket < toDateTime\((\d+), 'UTC'\)`)
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(100_000_000, 180_000_000).Draw(t, "from") * 10
		to := from + rapid.Int64Range(1, 5_000_000).Draw(t, "length")*10
		covered := int64(0)
		for _, m := range part.FindAllStringSubmatch(inTiers(time.Unix(from, 0), time.Unix(to, 0)), -1) {
			tier, lo, hi := number(m[1]), number(m[2]), number(m[3])
			if (lo+zone)%tier != 0 || (hi+zone)%tier != 0 || lo < from || hi > to {
				t.Fatalf("tier %d from %d to %d is not made of whole buckets within the window", tier, lo, hi)
			}
			covered += hi - lo
		}
		if covered != to-from {
			t.Fatalf("%d s covered of %d", covered, to-from)
		}
	})
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}
