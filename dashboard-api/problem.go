package dashboardapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/text/language"

	"github.com/binhphuoc/ioc/dashboard-api/live"
	"github.com/binhphuoc/ioc/dashboard-api/ws"
	"github.com/binhphuoc/ioc/query"
	"github.com/binhphuoc/ioc/schemas"
	"github.com/binhphuoc/ioc/schemas/wire"
)

// fault is an error that says how it is answered.
type fault struct {
	status int
	detail schemas.Text
	cause  error // stays inside
}

func (f *fault) Error() string {
	if f.cause != nil {
		return f.detail.EN + ": " + f.cause.Error()
	}
	return f.detail.EN
}

func (f *fault) Unwrap() error { return f.cause }

// badRequest takes both sentences as formats for the same arguments.
func badRequest(vi, en string, args ...any) error {
	return &fault{status: http.StatusBadRequest, detail: schemas.Text{VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...)}}
}

func notFound(vi, en string) error {
	return &fault{status: http.StatusNotFound, detail: schemas.Text{VI: vi, EN: en}}
}

// faultOf is the table of what each error is answered with.
func faultOf(err error) *fault {
	var f *fault
	var large *http.MaxBytesError
	var refused *ws.Refused
	var told *query.Refusal
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &told) && errors.Is(told, query.ErrNotFound):
		return &fault{http.StatusNotFound, told.Text, err}
	case errors.As(err, &told) && errors.Is(told, query.ErrConflict):
		return &fault{http.StatusConflict, told.Text, err}
	case errors.As(err, &told):
		return &fault{http.StatusBadRequest, told.Text, err}
	case errors.Is(err, query.ErrNotFound):
		return &fault{http.StatusNotFound, schemas.Text{
			VI: "Không có chỉ tiêu, trung tâm hoặc sự kiện này, hoặc bạn không được xem.",
			EN: "There is no such KPI, centre or event, or you may not see it.",
		}, err}
	case errors.Is(err, query.ErrBadRequest):
		return &fault{http.StatusBadRequest, schemas.Text{VI: "Yêu cầu không hợp lệ: " + err.Error(), EN: err.Error()}, err}
	case errors.Is(err, query.ErrBusy):
		return &fault{http.StatusConflict, schemas.Text{
			VI: "Việc này đang được thực hiện. Hãy đợi rồi thử lại.",
			EN: "This is being done already. Wait, and try again.",
		}, err}
	case errors.As(err, &large):
		return &fault{http.StatusRequestEntityTooLarge, schemas.Text{
			VI: fmt.Sprintf("Nội dung gửi lên vượt quá %d byte.", large.Limit),
			EN: fmt.Sprintf("The request body is over %d bytes.", large.Limit),
		}, err}
	case errors.As(err, &refused):
		return &fault{refused.Status, schemas.Text{
			VI: "Kênh trực tiếp chỉ nhận kết nối WebSocket từ trang được phép.",
			EN: "The live channel takes websocket connections of allowed pages alone.",
		}, err}
	case errors.Is(err, live.ErrFull):
		return &fault{http.StatusServiceUnavailable, schemas.Text{
			VI: "Kênh trực tiếp đã đủ số kết nối. Hãy thử lại sau.",
			EN: "The live channel has as many clients as it takes. Try again later.",
		}, err}
	case errors.Is(err, context.DeadlineExceeded):
		return &fault{http.StatusGatewayTimeout, schemas.Text{
			VI: "Kho dữ liệu không trả lời kịp. Hãy thử lại, hoặc hỏi khoảng thời gian ngắn hơn.",
			EN: "Storage did not answer in time. Try again, or ask for a shorter span.",
		}, err}
	default:
		return &fault{http.StatusInternalServerError, schemas.Text{
			VI: "Hệ thống gặp lỗi khi trả lời. Nguyên nhân đã được ghi vào nhật ký.",
			EN: "The server failed to answer. The cause is in its log.",
		}, err}
	}
}

// title names a status in both languages.
func title(status int) schemas.Text {
	vi := map[int]string{
		http.StatusBadRequest:            "Yêu cầu không hợp lệ",
		http.StatusUnauthorized:          "Cần đăng nhập",
		http.StatusForbidden:             "Không được phép",
		http.StatusNotFound:              "Không tìm thấy",
		http.StatusMethodNotAllowed:      "Phương thức không được hỗ trợ",
		http.StatusConflict:              "Xung đột",
		http.StatusUnprocessableEntity:   "Nội dung có lỗi",
		http.StatusRequestEntityTooLarge: "Nội dung quá lớn",
		http.StatusUnsupportedMediaType:  "Kiểu nội dung không được hỗ trợ",
		http.StatusMisdirectedRequest:    "Sai địa chỉ máy chủ",
		http.StatusServiceUnavailable:    "Tạm thời không phục vụ được",
		http.StatusGatewayTimeout:        "Quá thời gian chờ",
	}[status]
	if vi == "" {
		vi = "Lỗi hệ thống"
	}
	return schemas.Text{VI: vi, EN: http.StatusText(status)}
}

// english tells whether the reader would rather have English than Vietnamese.
func english(r *http.Request) bool {
	want, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return false
	}
	_, i, _ := language.NewMatcher([]language.Tag{language.Vietnamese, language.English}).Match(want...)
	return i == 1
}

func said(t schemas.Text, en bool) string {
	if en {
		return t.EN
	}
	return t.VI
}

// fail answers with a problem. What is the server's own fault is logged, here and nowhere else.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // the client has gone, and nobody reads the answer
	}
	f := faultOf(err)
	if f.status >= http.StatusInternalServerError && !errors.Is(err, live.ErrFull) {
		s.o.Log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "status", f.status, "error", err)
	}
	s.answerProblem(w, r, f, func(p wire.Problem) any { return p })
}

// answerProblem answers with a problem, to which more may be added.
func (s *Server) answerProblem(w http.ResponseWriter, r *http.Request, f *fault, more func(wire.Problem) any) {
	en := english(r)
	p := wire.Problem{Type: "about:blank", Title: said(title(f.status), en), Status: f.status, Detail: said(f.detail, en)}
	data, err := json.Marshal(more(p))
	if err != nil {
		s.o.Log.Error("a problem can't be encoded", "error", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", map[bool]string{true: "en", false: "vi"}[en])
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(f.status)
	_, _ = w.Write(data) // who no longer reads it needs no answer
}
