package schemas

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// want describes what the contract expects of a field, for the sentence of a refusal.
type want struct {
	kind   jsontext.Kind // to which a value of another JSON type could be converted; 0: none
	vi, en string
}

func wantText(most int) want {
	m := strconv.Itoa(most)
	return want{
		'"', "một chuỗi từ 1 đến " + m + " ký tự, không có ký tự điều khiển",
		"a string of 1 to " + m + " characters, without control characters",
	}
}

func wantKey(most int) want {
	m := strconv.Itoa(most)
	return want{
		0, "một chuỗi từ 1 đến " + m + " ký tự trong a-z, 0-9, dấu gạch dưới và dấu chấm, ví dụ pm2.5",
		"a string of 1 to " + m + " of the characters a-z, 0-9, underscore and dot, such as pm2.5",
	}
}

func wantOneOf(list []string) want {
	s := strings.Join(list, ", ")
	if len(list) == 1 {
		return want{0, s, s}
	}
	return want{0, "một trong: " + s, "one of " + s}
}

func wantNumber(least, most float64) want {
	n, m := strconv.FormatFloat(least, 'g', -1, 64), strconv.FormatFloat(most, 'g', -1, 64)
	return want{'0', "một số từ " + n + " đến " + m, "a number from " + n + " to " + m}
}

func wantInteger(least, most int64) want {
	n, m := strconv.FormatInt(least, 10), strconv.FormatInt(most, 10)
	return want{'0', "một số nguyên từ " + n + " đến " + m, "an integer from " + n + " to " + m}
}

func wantBool() want { return want{'t', "true hoặc false", "true or false"} }

func wantTime() want {
	return want{
		0, "thời điểm RFC 3339 có múi giờ, năm 2000 đến 2100, ví dụ 2026-10-01T08:30:00+07:00",
		"an RFC 3339 time with offset, of the years 2000 to 2100, such as 2026-10-01T08:30:00+07:00",
	}
}

func wantPeriod() want {
	return want{
		0, "một kỳ: năm 2026, quý 2026-Q3 hoặc tháng 2026-10",
		"a period: a year 2026, a quarter 2026-Q3 or a month 2026-10",
	}
}

func wantObject() want { return want{0, "một đối tượng {...}", "an object {...}"} }

func wantList(most int) want {
	m := strconv.Itoa(most)
	return want{0, "một danh sách từ 1 đến " + m + " phần tử", "a list of 1 to " + m + " elements"}
}

func wantPairs(most int) want {
	m := strconv.Itoa(most)
	return want{0, "một đối tượng có nhiều nhất " + m + " cặp tên và giá trị", "an object of at most " + m + " pairs"}
}

func wantSource() want {
	return want{
		0, "/TRUNG_TÂM/LĨNH_VỰC/TÊN, tên có 1 đến 128 ký tự trong A-Z, a-z, 0-9 và . _ : -, ví dụ /dong-xoai/camera/cam-0142",
		"/CENTRE/DOMAIN/NAME, with a name of 1 to 128 of the characters A-Z, a-z, 0-9 and . _ : -, such as /dong-xoai/camera/cam-0142",
	}
}
