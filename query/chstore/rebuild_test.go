package chstore

import (
	"regexp"
	"testing"
)

// Each key is in exactly one part: where a range ends, that of the next part begins.
func TestPartsOfKeysTouch(t *testing.T) {
	bound := regexp.MustCompile(`key (>=|<) toUUID\('00000000-0000-0000-([0-9a-f]{4})-000000000000'\)`)
	for _, parts := range []int{1, 2, 3, 51, mostKeyParts} {
		var from, to [4][]string // by quarter of all values
		for part := range parts {
			quarter := -1
			for _, b := range bound.FindAllStringSubmatch(keysOf(part, parts), -1) {
				if b[1] == ">=" {
					quarter++
					from[quarter] = append(from[quarter], b[2])
				} else {
					to[quarter] = append(to[quarter], b[2])
				}
			}
			if quarter != 3 {
				t.Fatalf("part %d of %d: %s", part, parts, keysOf(part, parts))
			}
		}
		for quarter, begins := range [4]string{"0000", "4000", "8000", "c000"} {
			if from[quarter][0] != begins {
				t.Errorf("%d parts: quarter %d begins at %s", parts, quarter, from[quarter][0])
			}
			for part := 1; part < parts; part++ {
				if to[quarter][part-1] != from[quarter][part] {
					t.Fatalf("%d parts: part %d ends at %s, the next begins at %s", parts, part-1, to[quarter][part-1], from[quarter][part])
				}
			}
		}
		if len(to[3]) != parts-1 {
			t.Errorf("%d parts: the last one has an end", parts)
		}
	}
}
