package dashboardapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/binhphuoc/ioc/schemas"
)

//go:embed nav.html
var navHTML string

//go:embed nav.css
var navCSS string

// Pages that lead to each other.
const (
	reportsPath    = "/reports"
	scorecardsPath = "/scorecards"
)

// nav is the way from each page to the others, and to the same page in the other language.
type nav struct {
	English bool
	here    string // path of the page among those that are named; empty: none of these
	address *url.URL
}

// navigation makes the part of a page that leads to the others.
func (s *Server) navigation(r *http.Request, here string, en bool) (template.HTML, error) {
	var out bytes.Buffer
	if err := s.nav.Execute(&out, nav{English: en, here: here, address: r.URL}); err != nil {
		return "", fmt.Errorf("write the navigation: %w", err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // made by a template that escapes
}

// T chooses one of two texts.
func (n nav) T(vi, en string) string { return said(schemas.Text{VI: vi, EN: en}, n.English) }

// Pages are those that can be gone to, in the language that the reader has asked for.
func (n nav) Pages() []choice {
	list := []choice{
		{Text: n.T("Màn hình", "Wall"), Link: "/wall"},
		{Text: n.T("Bàn điều hành", "Console"), Link: "/console"},
		{Text: n.T("Báo cáo", "Reports"), Link: reportsPath},
		{Text: n.T("Bảng điểm", "Scorecards"), Link: scorecardsPath},
		{Text: n.T("Nhập số liệu", "Figures"), Link: figuresPath},
		{Text: n.T("Sửa cảnh", "Edit scenes"), Link: "/edit"},
	}
	for i := range list {
		list[i].Chosen = list[i].Link == n.here
		name := "language"
		if pageOf(list[i].Link) != "" {
			name = "lang"
		}
		if language := n.address.Query().Get("language"); language != "" {
			list[i].Link += "?" + url.Values{name: {language}}.Encode()
		}
	}
	return list
}

// Other is this page in the other language.
func (n nav) Other() choice {
	q := n.address.Query()
	q.Set("language", n.OtherLang())
	return choice{Text: n.T("English", "Tiếng Việt"), Link: n.address.Path + "?" + q.Encode()}
}

// OtherLang is the other language.
func (n nav) OtherLang() string { return n.T("en", "vi") }

// pageLanguage is English when the address says so, or else the browser.
func pageLanguage(r *http.Request) (en bool, err error) {
	switch r.URL.Query().Get("language") {
	case "":
		return english(r), nil
	case "en":
		return true, nil
	case "vi":
		return false, nil
	default:
		return false, badRequest("language phải là vi hoặc en.", "language must be vi or en.")
	}
}
