package chstore

import (
	"testing"
	"time"

	"github.com/expr-lang/expr/parser"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

func TestConditionsBecomeSQL(t *testing.T) {
	tests := []struct{ expr, want string }{
		{``, `1`},
		{`status == "completed"`, "ifNull((`status` = 'completed'), 0)"},
		{`topic == "it's \\ here"`, "ifNull((`topic` = 'it\\'s \\\\ here'), 0)"},
		{`rating != nil and rating >= 4`, "ifNull((isNotNull(`rating`) AND (`rating` >= 4)), 0)"},
		{`due_at == nil`, "ifNull(isNull(`due_at`), 0)"},
		{`not (status in ["a", "b"]) or paid_online`, "ifNull(((NOT (`status` IN ('a', 'b'))) OR `paid_online`), 0)"},
		{`due_at < now`, "ifNull((`due_at` < fromUnixTimestamp64Milli(toInt64(1000), 'UTC')), 0)"},
		{`hours(received_at, completed_at) <= 1.5`, "ifNull(((dateDiff('millisecond', `received_at`, `completed_at`) / 3600000) <= 1.5), 0)"},
		{`total(counts) - counts["person"] > 0`, "ifNull(((arraySum(mapValues(`counts`)) - `counts`['person']) > 0), 0)"},
	}
	tr := translator{now: time.Unix(1, 0)}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			var e kpi.Expr
			if tt.expr != "" {
				tree, err := parser.Parse(tt.expr)
				if err != nil {
					t.Fatal(err)
				}
				e = kpi.Expr{Text: tt.expr, Node: tree.Node}
			}
			got, err := tr.condition(e)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestWhatIsNotInTheLanguageIsRefused(t *testing.T) {
	for _, text := range []string{`map([1], # + 1)[0] == 1`, `status matches "x"`, `status ? 1 : 2`, `sleep(3)`, `1..3 == nil`} {
		tree, err := parser.Parse(text)
		if err != nil {
			continue // refused even earlier
		}
		if sql, err := (translator{}).condition(kpi.Expr{Text: text, Node: tree.Node}); err == nil {
			t.Errorf("%s became %s", text, sql)
		}
	}
}
