// Package yamlfile reads definition files, and tells all that is wrong in one with file, line and key.
package yamlfile

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in a definition file.
type Fault struct {
	File    string
	Line    int    // 0: the file as a whole
	Key     string // such as formula.where; empty: the file as a whole
	Problem string
	// VI is the problem in Vietnamese, where people see it and not only who writes files; else empty.
	VI string
}

// Error returns the fault as file:line: key: problem.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	b.WriteString(": ")
	if f.Key != "" {
		b.WriteString(f.Key + ": ")
	}
	b.WriteString(f.Problem)
	return b.String()
}

// Meant returns " (did you mean X?)" for the candidate that looks most like the word, or nothing.
func Meant(word string, candidates []string) string {
	best, least := "", max(1, min(3, len(word)/3))+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if d := distance(word, c); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}

// distance is the number of bytes to insert, delete or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
