package main

import (
	"fmt"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

// fact is one thing that a formula looks at: its fields by name. An absent one is unknown.
type fact map[string]any

// admits evaluates a condition. What is unknown is not admitted; the empty condition admits all.
func admits(e kpi.Expr, f fact) bool {
	if e.Node == nil {
		return true
	}
	yes, _ := eval(e.Node, f).(bool)
	return yes
}

// number evaluates a numeric expression; false when it is unknown.
func number(e kpi.Expr, f fact) (float64, bool) {
	n, ok := eval(e.Node, f).(float64)
	return n, ok
}

// eval is the language of KPI files, walked over one fact in the plainest way: nil is unknown.
func eval(n ast.Node, f fact) any {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return f[n.Value]
	case *ast.StringNode:
		return n.Value
	case *ast.IntegerNode:
		return float64(n.Value)
	case *ast.FloatNode:
		return n.Value
	case *ast.BoolNode:
		return n.Value
	case *ast.NilNode:
		return nil
	case *ast.ConstantNode:
		return constant(n.Value)
	case *ast.UnaryNode:
		return unary(n.Operator, eval(n.Node, f))
	case *ast.BinaryNode:
		return binary(n.Operator, eval(n.Left, f), eval(n.Right, f))
	case *ast.ArrayNode:
		var out []any
		for _, x := range n.Nodes {
			out = append(out, eval(x, f))
		}
		return out
	case *ast.MemberNode:
		counts, _ := eval(n.Node, f).(map[string]float64)
		name, _ := eval(n.Property, f).(string)
		return counts[name]
	case *ast.CallNode:
		return call(n, f)
	default:
		panic(fmt.Sprintf("%T in a KPI file: the checker must learn it", n))
	}
}

func constant(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case []any:
		var out []any
		for _, x := range v {
			out = append(out, constant(x))
		}
		return out
	case map[string]struct{}: // a folded list of texts
		var out []any
		for x := range v {
			out = append(out, x)
		}
		return out
	default:
		return v
	}
}

func unary(op string, x any) any {
	switch x := x.(type) {
	case bool:
		return !x
	case float64:
		if op == "-" {
			return -x
		}
		return x
	default:
		return nil
	}
}

func binary(op string, l, r any) any {
	switch op {
	case "and", "&&":
		return both(l, r, false)
	case "or", "||":
		return both(l, r, true)
	case "==":
		if l == nil || r == nil { // only ever written as x == nil
			return l == nil && r == nil
		}
		return l == r
	case "!=":
		if l == nil || r == nil {
			return (l == nil) != (r == nil)
		}
		return l != r
	case "in":
		if l == nil {
			return nil
		}
		list, _ := r.([]any)
		for _, x := range list {
			if x == l {
				return true
			}
		}
		return false
	}
	if a, ok := l.(time.Time); ok {
		b, ok := r.(time.Time)
		if !ok {
			return nil
		}
		l, r = float64(a.UnixMilli()), float64(b.UnixMilli())
	}
	a, ok1 := l.(float64)
	b, ok2 := r.(float64)
	if !ok1 || !ok2 {
		return nil
	}
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	default:
		panic("operator " + op + " in a KPI file: the checker must learn it")
	}
}

// both is "or" when decisive is true, else "and": one decisive side is enough, also beside an unknown one.
func both(l, r any, decisive bool) any {
	a, ok1 := l.(bool)
	b, ok2 := r.(bool)
	switch {
	case ok1 && a == decisive, ok2 && b == decisive:
		return decisive
	case ok1 && ok2:
		return !decisive
	default:
		return nil
	}
}

func call(n *ast.CallNode, f fact) any {
	name := n.Callee.(*ast.IdentifierNode).Value
	if name == "total" {
		counts, _ := eval(n.Arguments[0], f).(map[string]float64)
		var sum float64
		for _, c := range counts {
			sum += c
		}
		return sum
	}
	from, ok1 := eval(n.Arguments[0], f).(time.Time)
	to, ok2 := eval(n.Arguments[1], f).(time.Time)
	if !ok1 || !ok2 {
		return nil
	}
	ms := float64(to.UnixMilli() - from.UnixMilli())
	switch name {
	case "seconds":
		return ms / 1000
	case "hours":
		return ms / 3600000
	default:
		panic("function " + name + " in a KPI file: the checker must learn it")
	}
}
