package chstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/binhphuoc/ioc/schemas/kpi"
)

// translator turns the checked expressions of KPI files into SQL. The catalogue has refused
// all that is not in its small language, so an unknown node is an error of ours.
type translator struct {
	now time.Time // value of the variable now; zero where the formula can't have it
}

// condition is the SQL of a boolean expression; the zero expression admits everything.
func (t translator) condition(e kpi.Expr) (string, error) {
	if e.Node == nil {
		return "1", nil
	}
	sql, err := t.node(e.Node)
	if err != nil {
		return "", fmt.Errorf("translate %q: %w", e.Text, err)
	}
	// A comparison with nothing is not true, as in SQL; the aggregates want a plain 0 or 1.
	return "ifNull(" + sql + ", 0)", nil
}

// number is the SQL of a numeric expression.
func (t translator) number(e kpi.Expr) (string, error) {
	sql, err := t.node(e.Node)
	if err != nil {
		return "", fmt.Errorf("translate %q: %w", e.Text, err)
	}
	return sql, nil
}

func (t translator) node(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if n.Value == "now" {
			return moment(t.now), nil
		}
		return "`" + n.Value + "`", nil
	case *ast.StringNode:
		return quote(n.Value), nil
	case *ast.IntegerNode:
		return strconv.Itoa(n.Value), nil
	case *ast.FloatNode:
		return strconv.FormatFloat(n.Value, 'g', -1, 64), nil
	case *ast.BoolNode:
		return strconv.FormatBool(n.Value), nil
	case *ast.NilNode:
		return "NULL", nil
	case *ast.ConstantNode:
		return t.constant(n.Value)
	case *ast.UnaryNode:
		return t.unary(n)
	case *ast.BinaryNode:
		return t.binary(n)
	case *ast.ArrayNode:
		return t.list(n.Nodes)
	case *ast.MemberNode:
		return t.member(n)
	case *ast.CallNode:
		return t.call(n)
	default:
		return "", fmt.Errorf("%T is not in the language of KPI files", n)
	}
}

// constant translates what the parser folded: literals and lists of them.
func (t translator) constant(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return quote(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case bool:
		return strconv.FormatBool(v), nil
	default:
		return "", fmt.Errorf("constant of type %T", v)
	}
}

func (t translator) unary(n *ast.UnaryNode) (string, error) {
	x, err := t.node(n.Node)
	if err != nil {
		return "", err
	}
	switch n.Operator {
	case "!", "not":
		return "(NOT " + x + ")", nil
	case "-", "+":
		return "(" + n.Operator + x + ")", nil
	default:
		return "", fmt.Errorf("operator %s", n.Operator)
	}
}

func (t translator) binary(n *ast.BinaryNode) (string, error) {
	l, err := t.node(n.Left)
	if err != nil {
		return "", err
	}
	r, err := t.node(n.Right)
	if err != nil {
		return "", err
	}
	switch n.Operator {
	case "==", "!=":
		if l == "NULL" {
			l, r = r, l
		}
		switch {
		case r == "NULL" && n.Operator == "==":
			return "isNull(" + l + ")", nil
		case r == "NULL":
			return "isNotNull(" + l + ")", nil
		case n.Operator == "==":
			return "(" + l + " = " + r + ")", nil
		default:
			return "(" + l + " != " + r + ")", nil
		}
	case "<", "<=", ">", ">=", "+", "-", "*", "/":
		return "(" + l + " " + n.Operator + " " + r + ")", nil
	case "and", "&&":
		return "(" + l + " AND " + r + ")", nil
	case "or", "||":
		return "(" + l + " OR " + r + ")", nil
	case "in":
		return "(" + l + " IN " + r + ")", nil
	default:
		return "", fmt.Errorf("operator %s", n.Operator)
	}
}

func (t translator) list(nodes []ast.Node) (string, error) {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		x, err := t.node(n)
		if err != nil {
			return "", err
		}
		out[i] = x
	}
	return "(" + strings.Join(out, ", ") + ")", nil
}

func (t translator) member(n *ast.MemberNode) (string, error) {
	m, err := t.node(n.Node)
	if err != nil {
		return "", err
	}
	key, err := t.node(n.Property)
	if err != nil {
		return "", err
	}
	return m + "[" + key + "]", nil
}

func (t translator) call(n *ast.CallNode) (string, error) {
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return "", fmt.Errorf("call of %T", n.Callee)
	}
	args := make([]string, len(n.Arguments))
	for i, a := range n.Arguments {
		x, err := t.node(a)
		if err != nil {
			return "", err
		}
		args[i] = x
	}
	switch {
	case name.Value == "seconds" && len(args) == 2:
		return "(dateDiff('millisecond', " + args[0] + ", " + args[1] + ") / 1000)", nil
	case name.Value == "hours" && len(args) == 2:
		return "(dateDiff('millisecond', " + args[0] + ", " + args[1] + ") / 3600000)", nil
	case name.Value == "total" && len(args) == 1:
		return "arraySum(mapValues(" + args[0] + "))", nil
	default:
		return "", fmt.Errorf("function %s", name.Value)
	}
}
