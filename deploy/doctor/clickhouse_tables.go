package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/binhphuoc/ioc/deploy/migrate"
	"github.com/binhphuoc/ioc/deploy/retention"
	"github.com/binhphuoc/ioc/schemas/ddl"
)

const (
	// Parts of one partition: ClickHouse slows inserts down at 1000, and refuses them at 3000.
	manyParts    = 300
	tooManyParts = 1000
	// A merge that takes longer than this is stuck, or the disk is far too slow.
	longMerge = time.Hour
	// The most that a replica may be behind.
	replicaDelay = 5 * time.Minute
	replicaQueue = 1000
	// A feed sends at least once a minute; after this, none does.
	silence = 10 * time.Minute
	// How far ahead of the clock an event may be.
	ahead = 10 * time.Minute
)

// schema compares the migrations of this binary with those of the database, and looks for tables that somebody has dropped.
func (db *database) schema(ctx context.Context) []Finding {
	var there uint64
	if err := db.conn.QueryRow(ctx, "SELECT count() FROM system.databases WHERE name = ?", db.name).Scan(&there); err != nil {
		return db.failed(err)
	}
	migrate := say("Chạy ioc migrate với cùng --clickhouse-dsn.", "Run ioc migrate with the same --clickhouse-dsn.")
	if there == 0 {
		return []Finding{bad(say("Cơ sở dữ liệu %s chưa có.", "The database %s is not there.", db.name), migrate)}
	}
	pending, err := db.pending(ctx)
	if err != nil {
		return []Finding{db.history(err)}
	}
	if len(pending) > 0 {
		names := make([]string, len(pending))
		for i, m := range pending {
			names[i] = m.Name
		}
		return []Finding{bad(say("Thiếu %d bước nâng cấp bảng: %s.", "%d migrations are missing: %s.", len(pending), listed(names)), migrate)}
	}
	var names []string
	if err := db.conn.QueryRow(ctx, "SELECT groupArray(name) FROM system.tables WHERE database = ?", db.name).Scan(&names); err != nil {
		return db.failed(err)
	}
	var gone []string
	for _, name := range tables(db.d.o.Migrations) {
		if !slices.Contains(names, name) {
			gone = append(gone, name)
		}
	}
	if len(gone) > 0 {
		return []Finding{bad(say("Bảng đã bị xóa: %s.", "Tables were dropped: %s.", listed(gone)),
			say("Khôi phục từ bản sao lưu. Bảng trống có thể tạo lại bằng câu lệnh trong schemas/ddl; bảng suy ra thì sau đó chạy ioc rebuild.",
				"Restore them from a backup. Empty ones are made by the statements in schemas/ddl; for derived ones run ioc rebuild after that."))}
	}
	last := db.d.o.Migrations[len(db.d.o.Migrations)-1]
	return []Finding{fine(say("Cơ sở dữ liệu %s đã ở bước mới nhất: %s.", "The database %s is up to date: %s.", db.name, last.Name))}
}

// pending lists the migrations that the database lacks: all, when it has never seen one.
func (db *database) pending(ctx context.Context) (out []ddl.Migration, err error) {
	o := *db.o
	o.Auth.Database = db.name
	conn, err := clickhouse.Open(&o)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	out, err = migrate.Pending(ctx, conn, db.d.o.Migrations)
	var e *clickhouse.Exception
	if errors.As(err, &e) && e.Code == codeUnknownTable {
		return db.d.o.Migrations, nil
	}
	return out, err
}

// history is the finding about migrations that can't be compared.
func (db *database) history(err error) Finding {
	switch {
	case errors.Is(err, migrate.ErrNewer):
		return bad(say("Cơ sở dữ liệu mới hơn chương trình này: %s", "The database is newer than this program: %s", err),
			say("Cài bản ioc mới, bản đã nâng cấp cơ sở dữ liệu.", "Install the newer ioc, which has migrated the database."))
	case errors.Is(err, migrate.ErrChanged):
		return bad(say("Một bước nâng cấp đã bị sửa sau khi chạy: %s", "A migration was changed after it had run: %s", err),
			say("Dùng bản ioc chính thức; viết bước mới thay vì sửa bước cũ.", "Use a released ioc; write a new migration instead of changing an old one."))
	default:
		return db.failed(err)[0]
	}
}

// tables lists what the migrations make and do not drop again.
func tables(migrations []ddl.Migration) []string {
	made := regexp.MustCompile(`(?i)^\s*CREATE\s+(?:TABLE|MATERIALIZED\s+VIEW|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)
	dropped := regexp.MustCompile(`(?i)^\s*DROP\s+(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?(\w+)`)
	var out []string
	for _, m := range migrations {
		for _, s := range m.Statements {
			if name := made.FindStringSubmatch(s); name != nil && !slices.Contains(out, name[1]) {
				out = append(out, name[1])
			}
			if name := dropped.FindStringSubmatch(s); name != nil {
				out = slices.DeleteFunc(out, func(n string) bool { return n == name[1] })
			}
		}
	}
	return out
}

// bounded lists the tables that the migrations give an end of keeping.
func bounded(migrations []ddl.Migration) []string {
	made := regexp.MustCompile(`(?is)^\s*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+).*\n\s*TTL\s`)
	var out []string
	for _, m := range migrations {
		for _, s := range m.Statements {
			if name := made.FindStringSubmatch(s); name != nil {
				out = append(out, name[1])
			}
		}
	}
	there := tables(migrations)
	return slices.DeleteFunc(out, func(name string) bool { return !slices.Contains(there, name) })
}

func (db *database) ttl(ctx context.Context) []Finding {
	var rows []struct {
		Name   string `ch:"name"`
		Engine string `ch:"engine_full"`
	}
	want := bounded(db.d.o.Migrations)
	if err := db.conn.Select(ctx, &rows, "SELECT name, engine_full FROM system.tables WHERE database = ? AND name IN (?)", db.name, want); err != nil {
		return db.failed(err)
	}
	var without []string
	for _, r := range rows {
		if !strings.Contains(r.Engine, " TTL ") {
			without = append(without, r.Name)
		}
	}
	switch {
	case len(without) > 0:
		return []Finding{warn(say("Bảng không còn thời hạn lưu (TTL), sẽ lớn mãi: %s.", "Tables have lost their TTL, and will grow for ever: %s.", listed(without)),
			say("Đặt lại TTL như trong schemas/ddl, hoặc chạy ioc migrate: ALTER TABLE … MODIFY TTL ….", "Set it again as in schemas/ddl, or run ioc migrate: ALTER TABLE … MODIFY TTL …."))}
	case len(rows) < len(want):
		return []Finding{skip(say("Chưa có bảng.", "There are no tables yet."), say("Chạy ioc migrate.", "Run ioc migrate."))}
	default:
		return db.keeping(ctx, want)
	}
}

// keeping compares the TTLs with the settings.
func (db *database) keeping(ctx context.Context, fixed []string) []Finding {
	differing, err := retention.Differing(ctx, db.conn, db.name, db.d.o.Keep)
	if err != nil {
		return db.failed(err)
	}
	none := func(ttl string) string { return cmp.Or(ttl, "∞") }
	var out []Finding
	for _, d := range differing {
		out = append(out, warn(say("Bảng %s giữ dữ liệu theo TTL %s, cấu hình muốn %s.", "Table %s keeps rows by the TTL %s, the settings want %s.", d.Name, none(d.Has), none(d.TTL)),
			say("Chạy ioc migrate với cùng các thiết lập --keep-… như ioc dashboard-api.", "Run ioc migrate with the same --keep-… settings as ioc dashboard-api.")))
	}
	return orFine(out, say("Thời hạn lưu (TTL) đúng như cấu hình, và còn đủ ở: %s.", "The TTLs are those of the settings, and in place on: %s.", listed(fixed)))
}

func (db *database) parts(ctx context.Context) []Finding {
	var detached []struct {
		Table  string `ch:"table"`
		Reason string `ch:"reason"`
		N      uint64 `ch:"n"`
	}
	if err := db.conn.Select(ctx, &detached, `SELECT table, ifNull(reason, '') AS reason, count() AS n FROM system.detached_parts
WHERE database = ? GROUP BY table, reason ORDER BY table, reason`, db.name); err != nil {
		return db.failed(err)
	}
	var out []Finding
	for _, r := range detached {
		switch {
		case strings.HasPrefix(r.Reason, "broken") || strings.Contains(r.Reason, "unexpected"):
			out = append(out, bad(say("Bảng %s: %d phần dữ liệu hỏng đã bị tách ra (%s).", "Table %s: %d broken parts were set aside (%s).", r.Table, r.N, r.Reason),
				say("Kiểm tra đĩa, rồi khôi phục bảng từ bản sao lưu hoặc cho các trung tâm gửi lại; sự kiện trùng chỉ tính một lần.", "Check the disk, then restore the table from a backup or let the centres send again; repeats count once.")))
		case r.Reason != "ignored": // covered by another part: nothing is missing
			out = append(out, warn(say("Bảng %s: %d phần dữ liệu bị tách ra, không được đọc.", "Table %s: %d parts are detached, and not read.", r.Table, r.N),
				say("Gắn lại: ALTER TABLE %s ATTACH PARTITION …; hoặc xóa nếu cố ý: ALTER TABLE … DROP DETACHED PART ….", "Attach them: ALTER TABLE %s ATTACH PARTITION …; or drop them if that was meant: ALTER TABLE … DROP DETACHED PART ….", r.Table)))
		}
	}
	var busiest struct {
		Table string `ch:"table"`
		N     uint64 `ch:"n"`
	}
	err := db.conn.QueryRow(ctx, `SELECT argMax(table, parts) AS table, max(parts) AS n FROM
(SELECT table, count() AS parts FROM system.parts WHERE database = ? AND active GROUP BY table, partition_id)`, db.name).ScanStruct(&busiest)
	if err != nil {
		return db.failed(err)
	}
	text := say("Nhiều phần dữ liệu nhất trong một phân vùng: %d, ở bảng %s.", "Most parts in one partition: %d, in table %s.", busiest.N, busiest.Table)
	advice := say("Việc gộp không theo kịp ghi: xem tải của đĩa và CPU, và đừng chạy nhiều ioc ingest hơn cần thiết; đến 3000 phần, ClickHouse từ chối ghi.", "Merging does not keep up with writing: look at the load of disk and CPU, and run no more ioc ingest than needed; at 3000 parts ClickHouse refuses inserts.")
	switch {
	case busiest.N == 0:
		text = say("Chưa có dữ liệu.", "There is no data yet.")
	case busiest.N >= tooManyParts:
		out = append(out, bad(text, advice))
	case busiest.N >= manyParts:
		out = append(out, warn(text, advice))
	}
	return orFine(out, text)
}

// background looks at what the server does by itself: mutations, merges, replication.
func (db *database) background(ctx context.Context) []Finding {
	var rows []struct {
		Kind   string  `ch:"kind"`
		Table  string  `ch:"table"`
		Detail string  `ch:"detail"`
		Amount float64 `ch:"amount"`
	}
	err := db.conn.Select(ctx, &rows, `
SELECT kind, table, detail, amount FROM (
SELECT 'mutation' AS kind, table, latest_fail_reason AS detail, 0. AS amount FROM system.mutations WHERE database = ? AND NOT is_done AND latest_fail_reason != ''
UNION ALL SELECT 'merge' AS kind, table, result_part_name AS detail, elapsed AS amount FROM system.merges WHERE database = ? AND elapsed > ?
UNION ALL SELECT 'readonly' AS kind, table, replica_name AS detail, 0. AS amount FROM system.replicas WHERE database = ? AND is_readonly
UNION ALL SELECT 'behind' AS kind, table, replica_name AS detail, toFloat64(absolute_delay) AS amount FROM system.replicas WHERE database = ? AND (absolute_delay > ? OR queue_size > ?)
) ORDER BY kind, table`, db.name, db.name, longMerge.Seconds(), db.name, db.name, replicaDelay.Seconds(), replicaQueue)
	if err != nil {
		return db.failed(err)
	}
	var out []Finding
	for _, r := range rows {
		switch r.Kind {
		case "mutation":
			out = append(out, bad(say("Bảng %s: một thay đổi (mutation) bị lỗi: %s", "Table %s: a mutation fails: %s", r.Table, r.Detail),
				say("Sửa nguyên nhân, hoặc hủy: KILL MUTATION WHERE database = '%s' AND table = '%s'.", "Remove the cause, or give it up: KILL MUTATION WHERE database = '%s' AND table = '%s'.", db.name, r.Table)))
		case "merge":
			out = append(out, warn(say("Bảng %s: việc gộp %s đã kéo dài %.0f phút.", "Table %s: the merge of %s has taken %.0f minutes.", r.Table, r.Detail, r.Amount/60),
				say("Xem tải và tình trạng của đĩa.", "Look at the load and the health of the disk.")))
		case "readonly":
			out = append(out, bad(say("Bảng %s: bản sao %s chỉ đọc.", "Table %s: the replica %s is read-only.", r.Table, r.Detail),
				say("Kiểm tra kết nối tới ClickHouse Keeper, rồi SYSTEM RESTART REPLICA %s.%s.", "Look at the connection to ClickHouse Keeper, then SYSTEM RESTART REPLICA %s.%s.", db.name, r.Table)))
		default:
			out = append(out, warn(say("Bảng %s: bản sao %s chậm %.0f s.", "Table %s: the replica %s is %.0f s behind.", r.Table, r.Detail, r.Amount),
				say("Xem system.replication_queue và mạng giữa các máy.", "Look at system.replication_queue and the network between the servers.")))
		}
	}
	return orFine(out, say("Không có thay đổi bị lỗi, việc gộp kẹt hay bản sao chậm.", "No mutation fails, no merge is stuck, no replica is behind."))
}

// events compares the newest event with the clock.
func (db *database) events(ctx context.Context) []Finding {
	var n uint64
	var arrived, happened time.Time
	err := db.conn.QueryRow(ctx, "SELECT count(), max(newest_arrival), max(newest_event) FROM `"+strings.ReplaceAll(db.name, "`", "")+"`.feed_source").Scan(&n, &arrived, &happened)
	if err != nil {
		return db.failed(err)
	}
	if n == 0 {
		return []Finding{warn(say("Chưa có sự kiện nào.", "There is no event yet."), say("Khởi động ioc ingest, và gửi thử một sự kiện như README chỉ.", "Start ioc ingest, and push a first event as the README shows."))}
	}
	return []Finding{judgeEvents(arrived, happened, db.d.o.Now())}
}

func judgeEvents(arrived, happened, now time.Time) Finding {
	text := say("Sự kiện mới nhất đến lúc %s, xảy ra lúc %s.", "The newest event arrived at %s, and happened at %s.", arrived.UTC().Format(time.RFC3339), happened.UTC().Format(time.RFC3339))
	switch {
	case arrived.Sub(now) > skewProblem || happened.Sub(now) > ahead+skewProblem:
		return bad(text, say("Mốc đó nằm ở tương lai: đồng hồ máy này chậm, hoặc đồng hồ máy chạy ioc ingest nhanh. Bật đồng bộ giờ trên cả hai.",
			"That is in the future: the clock of this machine is slow, or that of ioc ingest is fast. Switch on time synchronisation on both."))
	case now.Sub(arrived) > silence:
		return warn(text, say("Không có gì đến đã %s: xem ioc ingest có chạy không, và hàng chờ ở Kafka và MQTT ở trên.", "Nothing has come for %s: see whether ioc ingest runs, and the queues at Kafka and MQTT in this list.", now.Sub(arrived).Round(time.Second)))
	default:
		return fine(text)
	}
}
