package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/binhphuoc/ioc/schemas/kpi"

	"github.com/binhphuoc/ioc/deploy/disk"
)

const (
	gib = 1 << 30
	// Below these shares of a disk, or sizes, something has to be done. Merges of ClickHouse need room beside what they merge.
	littleShare, littleSpace = 0.10, 5 * gib
	noShare, noSpace         = 0.03, 1 * gib
)

// kpis reads all KPI files, and finds each fault of each with its line.
func (d *Doctor) kpis() check {
	return check{"kpi.files", func(context.Context) []Finding {
		builtin, errs := kpi.Builtin()
		count := len(builtin.KPIs)
		if d.o.KPIDir != "" {
			own, faults := kpi.Load(os.DirFS(d.o.KPIDir), ".")
			count += len(own.KPIs)
			errs = append(errs, faults...)
		}
		var out []Finding
		for _, err := range errs {
			var fault *kpi.Fault
			if errors.As(err, &fault) {
				out = append(out, bad(say("Tệp KPI bị từ chối: %s", "A KPI file is refused: %s", fault),
					say("Sửa tệp ở dòng đó; bản tốt gần nhất còn hiệu lực đến khi khởi động lại.", "Correct the file at that line; the last good version stays until a restart.")))
				continue
			}
			out = append(out, bad(say("Không đọc được các tệp KPI: %s", "The KPI files can't be read: %s", err),
				say("Sửa --kpi-dir, hoặc quyền đọc của thư mục.", "Correct --kpi-dir, or who may read the folder.")))
		}
		return orFine(out, say("%d tệp KPI đều tốt.", "%d KPI files are good.", count))
	}}
}

// disk looks at the disk of the data folder.
func (d *Doctor) disk() check {
	return check{"disk.data", func(context.Context) []Finding {
		if _, err := os.Stat(d.o.Data); err != nil {
			return unconfigured(say("Thư mục %q chưa có.", "The folder %q is not there.", d.o.Data),
				say("Chỉ cần cho ioc up và ioc clickhouse: chỉ ra bằng --data.", "Only ioc up and ioc clickhouse need it: name it by --data."))
		}
		free, total, err := disk.Space(d.o.Data)
		if err != nil {
			return unconfigured(say("Không biết đĩa của %s còn bao nhiêu: %s", "How much of the disk of %s is free is not known: %s", d.o.Data, err),
				say("Xem bằng công cụ của hệ điều hành.", "Look with the tools of the system."))
		}
		return []Finding{room(d.o.Data, free, total)}
	}}
}

// room judges the free space of a disk.
func room(name string, free, total uint64) Finding {
	share := float64(free) / float64(max(total, 1))
	text := say("Đĩa của %s: còn %s trên %s (%.0f %%).", "Disk of %s: %s of %s are free (%.0f %%).", name, size(free), size(total), 100*share)
	advice := say("Thêm đĩa, rút ngắn thời hạn lưu (TTL), hoặc dọn dữ liệu khác; khi đĩa đầy, không sự kiện nào được ghi và hàng chờ ở broker dài ra.",
		"Add disk, keep data for less long (TTL), or remove what else is there; on a full disk no event is written, and the queues at the brokers grow.")
	switch {
	case share < noShare || free < noSpace:
		return bad(text, advice)
	case share < littleShare || free < littleSpace:
		return warn(text, advice)
	default:
		return fine(text)
	}
}

func size(bytes uint64) string {
	if bytes < gib {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/gib)
}
