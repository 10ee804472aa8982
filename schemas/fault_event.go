package schemas

import (
	"strconv"
	"strings"
	"time"
)

// Faults of the attributes.

func faultUnknownType(got string) *fault {
	names := make([]string, 0, 11)
	for _, t := range Types() {
		names = append(names, string(t))
	}
	return newFault(CodeUnknownType, "type",
		"type là $1, hệ thống không biết loại này: gửi vn.binhphuoc.ioc.LOẠI.v1, với LOẠI là một trong: $2.",
		"type is $1, which is no known type: send vn.binhphuoc.ioc.TYPE.v1, with TYPE one of $2.",
		quote(got, 60), strings.Join(names, ", "))
}

func faultUnknownCentre(centre string) *fault {
	return newFault(CodeUnknownPlace, "source",
		"source nêu trung tâm $1, không có trong danh mục: sửa mã trung tâm, hoặc yêu cầu đăng ký trung tâm này.",
		"source names the centre $1, which is not in the registry: correct the code, or have the centre registered.",
		quote(centre, 40))
}

func faultUnknownDomain(domain string) *fault {
	return newFault(CodeUnknownPlace, "source",
		"source nêu lĩnh vực $1, không có trong danh mục: sửa mã lĩnh vực, hoặc yêu cầu đăng ký lĩnh vực này.",
		"source names the domain $1, which is not in the registry: correct the code, or have the domain registered.",
		quote(domain, 40))
}

func faultWrongCentre(source, topic string) *fault {
	return newFault(CodeWrongCentre, "source",
		"source thuộc trung tâm $1, nhưng chủ đề (topic) thuộc trung tâm $2: gửi vào chủ đề của $1, hoặc sửa source.",
		"source belongs to the centre $1, but the topic to $2: send it to the topic of $1, or correct source.",
		source, quote(topic, 40))
}

func faultTimeAhead(t, arrived time.Time, limit time.Duration) *fault {
	return newFault(CodeTimeAhead, "time",
		"time là $1, sau lúc nhận ($2) hơn $3 phút: chỉnh đồng hồ và múi giờ của máy gửi.",
		"time is $1, more than $3 minutes after its arrival ($2): set the sender's clock and time zone right.",
		local(t), local(arrived), strconv.Itoa(int(limit.Minutes())))
}

func faultTimeExpired(t, oldest time.Time) *fault {
	return newFault(CodeTimeExpired, "time",
		"time là $1, trước $2 là thời điểm xa nhất còn lưu dữ liệu gốc: kiểm tra đồng hồ của máy gửi.",
		"time is $1, before $2 from which on raw data is kept: check the sender's clock.",
		local(t), local(oldest))
}

func faultCentreNotThen(c Centre, t time.Time) *fault {
	until := "…"
	if c.To != nil {
		until = local(*c.To)
	}
	return newFault(CodeUnknownPlace, "source",
		"source nêu trung tâm $1, hoạt động từ $2 đến $3, không có lúc $4: sửa time, hoặc gửi dưới mã của trung tâm kế tục.",
		"source names the centre $1, which exists from $2 to $3, not at $4: correct time, or send under the code of its successor.",
		c.Code, local(c.From), until, local(t))
}

// local shows a moment as the readers of a refusal tell the time.
func local(t time.Time) string {
	return t.In(Zone()).Format(time.RFC3339)
}
