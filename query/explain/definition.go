package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/kpi"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// definition says the formula as a sentence. Fields keep the names that they have in the contract.
func definition(s subject) schemas.Text {
	f := s.KPI.Formula
	head := headOf(f)
	if s.told != nil && f.Kind == kpi.KindFigure {
		head = schemas.Text{VI: "Số liệu " + f.Indicator + " của đúng kỳ này, hoặc của kỳ gần nhất trước đó", EN: "Figure " + f.Indicator + " of just this period, or of the last one before"}
		if s.Period != "" {
			head = schemas.Text{VI: "Số liệu " + f.Indicator + " của kỳ " + s.Period, EN: "Figure " + f.Indicator + " of " + s.Period}
		}
	}
	vi, en := []string{head.VI}, []string{head.EN}
	add := func(t schemas.Text) { vi, en = append(vi, t.VI), append(en, t.EN) }
	expression := func(e kpi.Expr, t schemas.Text) {
		if e.Node != nil {
			add(schemas.Text{VI: t.VI + say(e.Node, vietnamese()), EN: t.EN + say(e.Node, english())})
		}
	}
	if f.At != "" {
		add(schemas.Text{VI: fmt.Sprintf("có %s %s", f.At, window(s).Local.VI), EN: fmt.Sprintf("with %s %s", f.At, window(s).Local.EN)})
	} else {
		add(window(s).Local)
	}
	expression(f.Where, schemas.Text{VI: "điều kiện: ", EN: "filter: "})
	expression(f.Numerator, schemas.Text{VI: "tử số thêm điều kiện: ", EN: "the numerator also: "})
	expression(f.Value, schemas.Text{VI: "giá trị: ", EN: "value: "})
	expression(f.Weight, schemas.Text{VI: "trọng số: ", EN: "weight: "})
	if f.Across != "" {
		t := acrossOf(f.Across)
		add(schemas.Text{VI: "gộp các nguồn bằng " + t.VI, EN: "sources combined by their " + t.EN})
	}
	if s.KPI.Scale != 1 {
		n := strconv.FormatFloat(s.KPI.Scale, 'f', -1, 64)
		add(schemas.Text{VI: "nhân với " + strings.Replace(n, ".", ",", 1), EN: "times " + n})
	}
	if s.basis == wire.BasisKept {
		add(keptAs(s))
	}
	return schemas.Text{VI: strings.Join(vi, "; ") + ".", EN: strings.Join(en, "; ") + "."}
}

// headOf says what is computed of which things.
func headOf(f kpi.Formula) schemas.Text {
	of := nounOf(f.Of)
	both := func(vi, en string) schemas.Text { return schemas.Text{VI: vi, EN: en} }
	switch f.Kind {
	case kpi.KindCount:
		return both("Đếm "+of.VI, "Count of "+of.EN)
	case kpi.KindSum:
		return both("Tổng giá trị của "+of.VI, "Sum of a value of "+of.EN)
	case kpi.KindRate:
		return both("Tổng giá trị của "+of.VI+" chia cho số giờ", "Sum of a value of "+of.EN+" divided by the hours")
	case kpi.KindRatio:
		return both("Tỷ lệ "+of.VI+" đạt điều kiện của tử số", "Share of "+of.EN+" that the numerator admits")
	case kpi.KindAverage:
		return both("Trung bình giá trị của "+of.VI, "Mean of a value of "+of.EN)
	case kpi.KindQuantile:
		p := strconv.FormatFloat(f.Quantile*100, 'f', -1, 64)
		return both("Phân vị "+p+" % giá trị của "+of.VI, p+" % quantile of a value of "+of.EN)
	case kpi.KindStanding:
		return both("Đếm "+of.VI+" theo trạng thái hiện hành", "Count of "+of.EN+" as they stand")
	case kpi.KindStandingRatio:
		return both("Tỷ lệ "+of.VI+" theo trạng thái hiện hành đạt điều kiện của tử số", "Share of "+of.EN+", as they stand, that the numerator admits")
	case kpi.KindLast:
		return both("Giá trị mới nhất của mỗi nguồn số đo", "Newest value of each source of readings")
	case kpi.KindSumPerSource:
		return both("Tổng giá trị của mỗi nguồn số đo", "Sum of the values of each source of readings")
	case kpi.KindAirQuality:
		return both("Chỉ số VN_AQI giờ của mỗi trạm theo Quyết định 1459/QĐ-TCMT: với bụi PM2.5 và PM10 là trung bình có trọng số Nowcast của 12 giờ, với O₃, SO₂, NO₂ và CO là trung bình giờ vừa qua (µg/m³); lấy chất kém nhất, cần ít nhất một loại bụi có số đo ở hai trong ba giờ gần nhất",
			"Hourly VN_AQI of each station by Decision 1459/QĐ-TCMT: of PM2.5 and PM10 the Nowcast weighted mean of 12 hours, of O₃, SO₂, NO₂ and CO the mean of the last hour (µg/m³); the worst of them, and none without either dust in two of the last three hours")
	case kpi.KindUp:
		return both("Tỷ lệ nguồn "+of.VI+" đã biết (30 ngày) có tin trong hai chu kỳ gần nhất", "Share of the known sources of "+of.EN+" (30 days) heard within twice their interval")
	case kpi.KindDown:
		return both("Đếm nguồn "+of.VI+" đã biết (30 ngày) không có tin trong hai chu kỳ gần nhất, hoặc có tin mà không đạt điều kiện",
			"Count of the known sources of "+of.EN+" (30 days) not heard within twice their interval, or heard and not admitted by the filter")
	case kpi.KindFigure:
		return both("Số liệu "+f.Indicator+" của kỳ mới nhất, lần công bố mới nhất", "Figure "+f.Indicator+" of the latest period, of that the newest issue")
	case kpi.KindFeed:
		return both("Tỷ lệ nguồn dữ liệu (lĩnh vực của một trung tâm) có tin trong chu kỳ", "Share of the feeds (a domain of a centre) heard within their interval")
	case kpi.KindScore:
		return both("Số điểm đạt được theo bảng điểm "+f.Scorecard+", trong số điểm có số liệu; điểm chưa có số liệu không tính là 0",
			"Points reached by the scorecard "+f.Scorecard+", of those that are known; what is not known is not counted as 0")
	default:
		return both(string(f.Kind), string(f.Kind))
	}
}

func acrossOf(how string) schemas.Text {
	return map[string]schemas.Text{
		"mean": {VI: "trung bình", EN: "mean"}, "min": {VI: "giá trị nhỏ nhất", EN: "minimum"},
		"max": {VI: "giá trị lớn nhất", EN: "maximum"}, "sum": {VI: "tổng", EN: "sum"},
	}[how]
}

// nounOf names things of a kind.
func nounOf(of string) schemas.Text {
	if t, ok := map[string]schemas.Text{
		"dossier": {VI: "hồ sơ", EN: "dossiers"}, "call": {VI: "cuộc gọi", EN: "calls"}, "ticket": {VI: "phản ánh, kiến nghị, câu hỏi", EN: "reports, petitions and questions"},
		"document": {VI: "văn bản", EN: "documents"}, "meeting": {VI: "cuộc họp", EN: "meetings"}, "procedure": {VI: "thủ tục", EN: "procedures"},
		"security": {VI: "sự cố an toàn thông tin", EN: "security findings"}, "camera": {VI: "camera", EN: "cameras"}, "sensor": {VI: "cảm biến", EN: "sensors"},
		"reading": {VI: "số đo", EN: "readings"}, "figure": {VI: "số liệu", EN: "figures"}, kpi.OfMeasure: {VI: "lần đo của mọi loại", EN: "measurements of every type"},
		kpi.OfRejected: {VI: "sự kiện bị từ chối", EN: "refused events"},
	}[of]; ok {
		return t
	}
	return schemas.Text{VI: of, EN: of}
}

// tongue are the words of expressions in one language.
type tongue struct {
	and, or, not, in, unknown, known, yes, no string
	now                                       string
	comma                                     bool // decimals are written with one
	calls                                     map[string]string
}

func vietnamese() tongue {
	return tongue{
		and: " và ", or: " hoặc ", not: "không phải ", in: " thuộc ", unknown: " chưa có", known: " đã có", yes: "có", no: "không", now: "lúc xét", comma: true,
		calls: map[string]string{"hours": "số giờ từ %s đến %s", "seconds": "số giây từ %s đến %s", "total": "tổng của %s"},
	}
}

func english() tongue {
	return tongue{
		and: " and ", or: " or ", not: "not ", in: " one of ", unknown: " unknown", known: " known", yes: "yes", no: "no", now: "that moment",
		calls: map[string]string{"hours": "hours from %s to %s", "seconds": "seconds from %s to %s", "total": "total of %s"},
	}
}

// say writes an expression in words.
func say(n ast.Node, t tongue) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if n.Value == "now" {
			return t.now
		}
		return n.Value
	case *ast.StringNode:
		return "“" + n.Value + "”"
	case *ast.IntegerNode:
		return strconv.Itoa(n.Value)
	case *ast.FloatNode:
		text := strconv.FormatFloat(n.Value, 'f', -1, 64)
		if t.comma {
			text = strings.Replace(text, ".", ",", 1)
		}
		return text
	case *ast.BoolNode:
		if n.Value {
			return t.yes
		}
		return t.no
	case *ast.UnaryNode:
		if n.Operator == "-" {
			return "−" + say(n.Node, t)
		}
		return t.not + "(" + say(n.Node, t) + ")"
	case *ast.BinaryNode:
		return sayBinary(n, t)
	case *ast.ArrayNode:
		items := make([]string, len(n.Nodes))
		for i, item := range n.Nodes {
			items[i] = say(item, t)
		}
		return strings.Join(items, ", ")
	case *ast.MemberNode:
		return say(n.Node, t) + "[" + say(n.Property, t) + "]"
	case *ast.CallNode:
		args := make([]any, len(n.Arguments))
		for i, a := range n.Arguments {
			args[i] = say(a, t)
		}
		return fmt.Sprintf(t.calls[say(n.Callee, t)], args...)
	default:
		return n.String()
	}
}

func sayBinary(n *ast.BinaryNode, t tongue) string {
	_, left := n.Left.(*ast.NilNode)
	_, right := n.Right.(*ast.NilNode)
	if left || right {
		field := n.Left
		if left {
			field = n.Right
		}
		return say(field, t) + map[string]string{"==": t.unknown, "!=": t.known}[n.Operator]
	}
	word := map[string]string{
		"==": " = ", "!=": " ≠ ", "<=": " ≤ ", ">=": " ≥ ", "*": " × ", "/": " ÷ ", "-": " − ", "and": t.and, "&&": t.and, "or": t.or, "||": t.or, "in": t.in,
	}[n.Operator]
	if word == "" {
		word = " " + n.Operator + " "
	}
	return group(n.Left, n, t) + word + group(n.Right, n, t)
}

// group puts brackets around what would read as something else without them.
func group(n ast.Node, in *ast.BinaryNode, t tongue) string {
	inner, ok := n.(*ast.BinaryNode)
	if ok && rank(inner.Operator) < rank(in.Operator) || ok && n == in.Right && rank(inner.Operator) == rank(in.Operator) && strings.Contains("-/", in.Operator) {
		return "(" + say(n, t) + ")"
	}
	return say(n, t)
}

// rank says how tightly an operator binds.
func rank(operator string) int {
	switch operator {
	case "or", "||":
		return 1
	case "and", "&&":
		return 2
	case "+", "-":
		return 4
	case "*", "/":
		return 5
	default:
		return 3
	}
}
