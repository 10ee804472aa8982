package view

import "github.com/binhphuoc/ioc/schemas/wire"

// Labels are the words of headings and columns.
type Labels struct {
	Title, Issuer, Period, IssuedAt, AsOf, PeriodState, Data    string
	Summary, Charts, Notes, Revised, Missing, Sources, Document string
	Definition, Definitions                                     string
	KPI, Unit, Value, Target, Previous, LastYear, History       string
	Change, Gap, Numerator, Denominator, State, Compared, Note  string
	Pillar, Centre, Kind, Newest, ID, Page, Whole, Contents     string
	CentreName, RevisedWord, DefinedBy, Download, OtherLanguage string
	Sheets                                                      Sheets
	States                                                      map[wire.State]string
	Legend                                                      []Key
}

// Key says what a mark stands for.
type Key struct {
	Mark Mark
	Word string
}

// Sheets are the names of the sheets that are not of a pillar.
type Sheets struct{ Summary, Data string }

func labels(v voice) Labels {
	return Labels{
		Title: v.say("Báo cáo chỉ số điều hành", "Report on the indicators"), Issuer: v.say("Đơn vị phát hành", "Issued by"),
		Period: v.say("Kỳ báo cáo", "Period"), IssuedAt: v.say("Phát hành lúc", "Issued at"), AsOf: v.say("Số liệu tính đến", "Figures as of"),
		PeriodState: v.say("Trạng thái kỳ", "State of the period"), Data: v.say("Tình trạng dữ liệu", "State of the data"),
		Summary: v.say("Tóm tắt", "Summary"), Charts: v.say("Biểu đồ so với mục tiêu", "Charts against the targets"), Notes: v.say("Ghi chú", "Notes"),
		Revised: v.say("Số liệu đã sửa sau khi kỳ kết thúc", "Figures revised after their period had closed"),
		Missing: v.say("Chỉ tiêu chưa có số liệu", "Rows without data"), Sources: v.say("Văn bản và nguồn", "Documents and sources"),
		Document: v.say("Văn bản", "Document"), Definition: v.say("Định nghĩa", "Definition"),
		Definitions: v.say("Định nghĩa các chỉ tiêu", "What the indicators mean"),
		KPI:         v.say("Chỉ tiêu", "Indicator"), Unit: v.say("Đơn vị", "Unit"), Value: v.say("Giá trị", "Value"), Target: v.say("Mục tiêu", "Target"),
		Previous: v.say("Kỳ trước", "Period before"), LastYear: v.say("Cùng kỳ năm trước", "A year before"), History: v.say("Diễn biến", "History"),
		Change: v.say("Thay đổi", "Change"), Gap: v.say("Chênh so với mục tiêu", "Gap to target"),
		Numerator: v.say("Tử số", "Numerator"), Denominator: v.say("Mẫu số", "Denominator"), State: v.say("Trạng thái", "State"),
		Compared: v.say("So sánh các trung tâm", "The centres compared"), Note: v.say("Ghi chú", "Note"),
		Pillar: v.say("Trụ cột", "Pillar"), Centre: v.say("Trung tâm", "Centre"), Kind: v.say("Loại", "Kind"),
		Newest: v.say("Sự kiện mới nhất", "Newest event"), ID: v.say("Mã", "Id"), Page: v.say("Trang", "Page"),
		Whole: v.say("Toàn đơn vị", "Whole"), Contents: v.say("Nội dung", "Contents"),
		CentreName: v.say("Tên trung tâm", "Name of the centre"), RevisedWord: v.say("đã sửa", "revised"),
		DefinedBy: v.say("dùng cho", "used by"), Download: v.say("Tải về", "Download"),
		OtherLanguage: v.say("English", "Tiếng Việt"),
		Sheets:        Sheets{Summary: v.say("Tóm tắt", "Summary"), Data: v.say("Dữ liệu", "Data")},
		States: map[wire.State]string{
			wire.StateOK: v.say("bình thường", "normal"), wire.StateWarning: v.say("cảnh báo", "warning"), wire.StateAlarm: v.say("báo động", "alarm"),
			wire.StateStale: v.say("số liệu cũ", "old data"), wire.StateNoData: v.say("chưa có số liệu", "no data"),
		},
		Legend: []Key{
			{Reached, v.say("đạt mục tiêu", "target reached")},
			{NotYet, v.say("chưa đạt", "not yet")},
			{Missing, v.say("chưa có số liệu", "no data")},
			{Up, v.say("tăng", "up")},
			{Down, v.say("giảm", "down")},
			{Same, v.say("không đổi", "unchanged")},
			{Alert, v.say("cần chú ý", "needs attention")},
		},
	}
}
