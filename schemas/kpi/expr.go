package kpi

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"go.yaml.in/yaml/v4"

	"github.com/binhphuoc/ioc/schemas/yamlfile"
)

// maxExpr bounds the length of an expression, and by that the depth of its tree.
const maxExpr = 1000

// exprError is what is wrong in an expression, and where.
type exprError struct {
	from    int // rune
	problem string
}

func (e *exprError) Error() string { return e.problem }

// parseExpr reads an expression and checks that it stays within what can be translated to SQL, and that it is of
// the wanted type. The language's own checker is not asked: it lets nil be compared with everything, texts be added
// and times be subtracted, and what SQL made of that would be a surprise.
func parseExpr(text string, fields map[string]FieldType, now bool, want ValueType) (Expr, error) {
	if len(text) > maxExpr {
		return Expr{}, &exprError{problem: fmt.Sprintf("is longer than %d bytes", maxExpr)}
	}
	tree, err := parser.Parse(text)
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) {
			return Expr{}, &exprError{from: at.From, problem: fmt.Sprintf("%s, at character %d", at.Message, at.Column+1)}
		}
		return Expr{}, &exprError{problem: err.Error()}
	}
	c := checker{fields: fields, now: now}
	got, err := c.node(tree.Node)
	if err != nil {
		return Expr{}, err
	}
	if got.Is != want {
		return Expr{}, &exprError{problem: fmt.Sprintf("is a %s, not a %s", got.Is, want)}
	}
	return Expr{Text: text, Node: tree.Node}, nil
}

// expr returns the checked expression under a key; the zero Expr when the key is absent.
func (s section) expr(key string, fields map[string]FieldType, now bool, want ValueType) Expr {
	if !s.Has(key) {
		return Expr{}
	}
	text := s.Required(key)
	if text == "" {
		return Expr{}
	}
	e, err := parseExpr(text, fields, now, want)
	if err == nil {
		return e
	}
	n := s.Node(key)
	line := n.Line
	var at *exprError
	if n.Style == yaml.LiteralStyle && errors.As(err, &at) {
		// The text of a literal block begins below its key, and keeps its lines.
		line += 1 + strings.Count(string([]rune(text)[:min(at.from, len([]rune(text)))]), "\n")
	}
	s.Faults().Add(line, s.Path(key), "%s", err)
	return Expr{}
}

// checker finds the type of each node of an expression, and refuses what has none.
type checker struct {
	fields map[string]FieldType
	now    bool // the variable now is known
}

// node returns the type of a node. A fault prints only nodes whose parts have their types: of a < b < c the parser
// makes a < b && b < c with one b, and what is nested in that way, and has no type, prints without end.
func (c *checker) node(n ast.Node) (FieldType, error) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return c.name(n)
	case *ast.StringNode:
		return FieldType{Is: TypeText}, nil
	case *ast.IntegerNode, *ast.FloatNode:
		return FieldType{Is: TypeNumber}, nil
	case *ast.BoolNode:
		return FieldType{Is: TypeBool}, nil
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.CallNode:
		return c.call(n)
	case *ast.NilNode:
		return refuse(n, "nil stands only beside == or !=")
	case *ast.ArrayNode:
		return refuse(n, "a list stands only after in")
	case *ast.BuiltinNode:
		return refuse(n, "unknown function %s; there are hours, seconds and total", n.Name)
	default:
		return refuse(n, "character %d begins what can not be used here; there are fields, literals, comparisons, "+
			"and, or, not, in, + - * /, hours, seconds and total", n.Location().From+1)
	}
}

func (c *checker) name(n *ast.IdentifierNode) (FieldType, error) {
	if n.Value == "now" {
		if !c.now {
			return refuse(n, "now is known only to standing and standing_ratio: a bucket of time has no now")
		}
		return FieldType{Is: TypeTime}, nil
	}
	t, ok := c.fields[n.Value]
	if !ok {
		return refuse(n, "unknown field %s%s", n.Value, yamlfile.Meant(n.Value, slices.Collect(maps.Keys(c.fields))))
	}
	return t, nil
}

func (c *checker) unary(n *ast.UnaryNode) (FieldType, error) {
	t, err := c.node(n.Node)
	if err != nil {
		return t, err
	}
	switch n.Operator {
	case "not", "!":
		return t, expect(n, n.Operator, t, TypeBool)
	case "-":
		return t, expect(n, n.Operator, t, TypeNumber)
	default:
		return refuse(n, "unknown operator %s", n.Operator)
	}
}

func (c *checker) binary(n *ast.BinaryNode) (FieldType, error) {
	switch n.Operator {
	case "in":
		return c.in(n)
	case "==", "!=":
		if isNil(n.Left) || isNil(n.Right) {
			return c.nilness(n)
		}
	}
	left, err := c.node(n.Left)
	if err != nil {
		return left, err
	}
	right, err := c.node(n.Right)
	if err != nil {
		return right, err
	}
	result := FieldType{Is: TypeBool, Nullable: left.Nullable || right.Nullable}
	switch n.Operator {
	case "and", "&&", "or", "||":
		err = firstOf(expect(n, n.Operator, left, TypeBool), expect(n, n.Operator, right, TypeBool))
	case "==", "!=":
		err = firstOf(expect(n, n.Operator, left, TypeText, TypeNumber, TypeBool, TypeTime), same(n, left, right))
	case "<", "<=", ">", ">=":
		err = firstOf(expect(n, n.Operator, left, TypeNumber, TypeTime), same(n, left, right))
	case "+", "-", "*", "/":
		// A division by zero is unknown.
		result = FieldType{Is: TypeNumber, Nullable: result.Nullable || n.Operator == "/"}
		err = firstOf(expect(n, n.Operator, left, TypeNumber), expect(n, n.Operator, right, TypeNumber))
		if err != nil && left.Is == TypeTime && right.Is == TypeTime {
			return refuse(n, "times can not be subtracted: write hours(from, to) or seconds(from, to)")
		}
	default:
		return refuse(n, "unknown operator %s; there are == != < <= > >= and or not in + - * /", n.Operator)
	}
	return result, err
}

// in checks that the right side is a list of literals of the left side's type.
func (c *checker) in(n *ast.BinaryNode) (FieldType, error) {
	left, err := c.node(n.Left)
	if err != nil {
		return left, err
	}
	if err := expect(n.Left, "in", left, TypeText, TypeNumber); err != nil {
		return left, err
	}
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok || len(list.Nodes) == 0 {
		return refuse(n, `in needs a list of literals after it, such as in ["received", "processing"]`)
	}
	for _, item := range list.Nodes {
		switch item.(type) {
		case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode:
		default:
			return refuse(item, "the list after in may hold only literal texts or numbers")
		}
		t, err := c.node(item)
		if err != nil {
			return t, err
		}
		if err := same(item, left, t); err != nil {
			return t, err
		}
	}
	return FieldType{Is: TypeBool, Nullable: left.Nullable}, nil
}

// nilness checks field == nil and field != nil.
func (c *checker) nilness(n *ast.BinaryNode) (FieldType, error) {
	side := n.Left
	if isNil(side) {
		side = n.Right
	}
	field, ok := side.(*ast.IdentifierNode)
	if !ok {
		return refuse(n, "only a field can be compared with nil")
	}
	t, err := c.node(field)
	if err != nil {
		return t, err
	}
	switch {
	case t.Is == TypeText:
		return refuse(n, `%s is a text and never nil; an unknown one is ""`, field.Value)
	case !t.Nullable:
		return refuse(n, "%s is never nil", field.Value)
	}
	return FieldType{Is: TypeBool}, nil
}

// member checks counts["car"] and dims["lane"].
func (c *checker) member(n *ast.MemberNode) (FieldType, error) {
	field, ok := n.Node.(*ast.IdentifierNode)
	if !ok {
		return refuse(n, `only a field has parts, such as counts["car"]`)
	}
	t, err := c.node(field)
	if err != nil {
		return t, err
	}
	key, literal := n.Property.(*ast.StringNode)
	switch {
	case t.Is != TypeCounts && t.Is != TypeLabels:
		return refuse(n, "%s has no parts", field.Value)
	case !literal || key.Value == "" || n.Optional:
		return refuse(n, `a part of %s is written as %s["name"]`, field.Value, field.Value)
	case t.Is == TypeCounts:
		return FieldType{Is: TypeNumber}, nil
	default:
		return FieldType{Is: TypeText}, nil
	}
}

func (c *checker) call(n *ast.CallNode) (FieldType, error) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return refuse(n, "only hours, seconds and total can be called")
	}
	var want []ValueType
	switch callee.Value {
	case "hours", "seconds":
		want = []ValueType{TypeTime, TypeTime}
	case "total":
		want = []ValueType{TypeCounts}
	default:
		return refuse(n, "unknown function %s%s; there are hours, seconds and total", callee.Value,
			yamlfile.Meant(callee.Value, []string{"hours", "seconds", "total"}))
	}
	if len(n.Arguments) != len(want) {
		return refuse(n, "%s takes %d arguments, not %d", callee.Value, len(want), len(n.Arguments))
	}
	result := FieldType{Is: TypeNumber}
	for i, argument := range n.Arguments {
		t, err := c.node(argument)
		if err != nil {
			return t, err
		}
		if err := expect(argument, callee.Value, t, want[i]); err != nil {
			return t, err
		}
		result.Nullable = result.Nullable || t.Nullable
	}
	return result, nil
}

func isNil(n ast.Node) bool {
	_, ok := n.(*ast.NilNode)
	return ok
}

func expect(n ast.Node, operator string, got FieldType, want ...ValueType) error {
	if slices.Contains(want, got.Is) {
		return nil
	}
	names := make([]string, len(want))
	for i, w := range want {
		names[i] = string(w)
	}
	_, err := refuse(n, "%s needs a %s, not a %s: %s", operator, strings.Join(names, " or a "), got.Is, n)
	return err
}

func same(n ast.Node, left, right FieldType) error {
	if left.Is == right.Is {
		return nil
	}
	_, err := refuse(n, "a %s can not be compared with a %s: %s", left.Is, right.Is, n)
	return err
}

func refuse(n ast.Node, format string, args ...any) (FieldType, error) {
	return FieldType{}, &exprError{from: n.Location().From, problem: fmt.Sprintf(format, args...)}
}

// firstOf returns the first error: the ones after it usually follow from it.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
