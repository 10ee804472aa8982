package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Error codes of ClickHouse.
const (
	codeUnknownTable    = 60
	codeUnknownDatabase = 81
	codeNotAllowed      = 497 // ACCESS_DENIED
	codeSignIn          = 516 // AUTHENTICATION_FAILED
)

// The first version that has every setting that the platform sends: use_skip_indexes_on_data_read came last.
const (
	leastMajor = 25
	leastMinor = 9
)

const (
	// Memory below which roll-ups and rebuilds of a full database run out of it.
	leastMemory = 1 * gib
	// Queries that a rebuild makes may take this long.
	leastTime = 60 * time.Second

	skewWarning = 2 * time.Second
	skewProblem = time.Minute
)

// database is the ClickHouse of the settings. Checks talk to it without naming the database, which may not exist.
type database struct {
	d    *Doctor
	o    *clickhouse.Options
	conn driver.Conn
	name string
}

func (d *Doctor) clickhouse() group {
	if d.o.ClickHouseDSN == "" {
		return group{checks: []check{{"clickhouse", func(context.Context) []Finding {
			return unconfigured(say("Chưa cấu hình ClickHouse.", "No ClickHouse is configured."),
				say("Đặt --clickhouse-dsn clickhouse://ioc:MẬT_KHẨU@máy:9000/ioc, hoặc IOC_CLICKHOUSE_DSN.", "Set --clickhouse-dsn clickhouse://ioc:PASSWORD@host:9000/ioc, or IOC_CLICKHOUSE_DSN."))
		}}}}
	}
	db, err := d.open()
	if err != nil {
		return group{checks: []check{{"clickhouse.reachable", func(context.Context) []Finding {
			return []Finding{bad(say("Không đọc được --clickhouse-dsn: %s", "--clickhouse-dsn can't be read: %s", err),
				say("Viết theo mẫu clickhouse://ioc:MẬT_KHẨU@máy:9000/ioc.", "Write it as clickhouse://ioc:PASSWORD@host:9000/ioc."))}
		}}}}
	}
	return group{close: func() { db.conn.Close() }, checks: []check{
		{"clickhouse.reachable", db.reachable},
		{"clickhouse.version", db.version},
		{"clickhouse.settings", db.settings},
		{"clickhouse.clock", db.clock},
		{"clickhouse.schema", db.schema},
		{"clickhouse.ttl", db.ttl},
		{"clickhouse.parts", db.parts},
		{"clickhouse.background", db.background},
		{"clickhouse.disk", db.disks},
		{"clickhouse.events", db.events},
	}}
}

func (d *Doctor) open() (*database, error) {
	o, err := clickhouse.ParseDSN(d.o.ClickHouseDSN)
	if err != nil {
		return nil, fmt.Errorf("read ClickHouse DSN: %w", err)
	}
	db := &database{d: d, o: o, name: o.Auth.Database}
	if db.name == "" {
		db.name = "default"
	}
	o.Auth.Database = ""
	o.DialTimeout, o.ReadTimeout = d.o.Timeout, d.o.Timeout
	o.MaxOpenConns, o.MaxIdleConns = 10, 10 // one for each check
	db.conn, err = clickhouse.Open(o)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return db, nil
}

// failed is the finding about a question that could not be asked.
func (db *database) failed(err error) []Finding {
	var e *clickhouse.Exception
	switch {
	case errors.As(err, &e) && e.Code == codeNotAllowed:
		return []Finding{warn(say("Tài khoản %s không được xem điều này: %s", "The account %s may not see this: %s", db.o.Auth.Username, e.Message),
			say("Cấp quyền: GRANT SELECT ON system.* TO %s;", "Grant it: GRANT SELECT ON system.* TO %s;", db.o.Auth.Username))}
	case errors.As(err, &e) && (e.Code == codeUnknownTable || e.Code == codeUnknownDatabase):
		return []Finding{skip(say("Chưa có bảng.", "There are no tables yet."), say("Chạy ioc migrate.", "Run ioc migrate."))}
	case errors.As(err, &e):
		return []Finding{bad(say("ClickHouse trả lời lỗi %d: %s", "ClickHouse answers with error %d: %s", e.Code, e.Message),
			say("Xem nhật ký của ClickHouse.", "Look at the log of ClickHouse."))}
	default:
		return []Finding{unreachable("ClickHouse", "--clickhouse-dsn", listed(db.o.Addr), err)}
	}
}

func (db *database) reachable(ctx context.Context) []Finding {
	var version string
	err := db.conn.QueryRow(ctx, "SELECT version()").Scan(&version)
	var e *clickhouse.Exception
	switch {
	case err == nil:
		return []Finding{fine(say("%s trả lời, tài khoản %s.", "%s answers, account %s.", listed(db.o.Addr), db.o.Auth.Username))}
	case errors.As(err, &e) && e.Code == codeSignIn:
		return []Finding{bad(say("ClickHouse từ chối tài khoản %s hoặc mật khẩu của nó.", "ClickHouse refuses the account %s or its password.", db.o.Auth.Username),
			say("Sửa tên và mật khẩu trong --clickhouse-dsn, và xem tài khoản được vào từ máy này không (HOST).", "Correct name and password in --clickhouse-dsn, and see whether the account may come from this machine (HOST)."))}
	default:
		return db.failed(err)
	}
}

func (db *database) version(ctx context.Context) []Finding {
	var text string
	if err := db.conn.QueryRow(ctx, "SELECT version()").Scan(&text); err != nil {
		return db.failed(err)
	}
	return []Finding{judgeVersion(text)}
}

func judgeVersion(text string) Finding {
	parts := strings.Split(text, ".")
	major, err := strconv.Atoi(parts[0])
	minor := 0
	if err == nil && len(parts) > 1 {
		minor, err = strconv.Atoi(parts[1])
	}
	switch {
	case err != nil:
		return warn(say("Không hiểu số phiên bản %q.", "The version %q is not understood.", text), say("Cần ít nhất %d.%d.", "At least %d.%d is needed.", leastMajor, leastMinor))
	case major < leastMajor || (major == leastMajor && minor < leastMinor):
		return bad(say("ClickHouse %s quá cũ: cần ít nhất %d.%d.", "ClickHouse %s is too old: at least %d.%d is needed.", text, leastMajor, leastMinor),
			say("Nâng cấp ClickHouse; bản cũ không biết những thiết lập mà nền tảng gửi kèm câu hỏi.", "Upgrade ClickHouse; an older one does not know the settings that the platform sends with its queries."))
	default:
		return fine(say("ClickHouse %s (cần ít nhất %d.%d).", "ClickHouse %s (at least %d.%d is needed).", text, leastMajor, leastMinor))
	}
}

// setting is a row of system.settings.
type setting struct {
	Name  string `ch:"name"`
	Value string `ch:"value"`
	Fixed uint8  `ch:"readonly"` // the account may not change it
}

// sent are the settings that the platform sets for itself, so it must be allowed to.
func sent() []string {
	return []string{
		"async_insert", "max_query_size", "max_partitions_per_insert_block", "do_not_merge_across_partitions_select_final",
		"use_query_condition_cache", "use_skip_indexes_on_data_read", "use_skip_indexes_if_final",
	}
}

func (db *database) settings(ctx context.Context) []Finding {
	var rows []setting
	names := append(sent(), "readonly", "max_memory_usage", "max_execution_time", "session_timezone")
	// The driver turns the deadline of a context into max_execution_time, which is not what the account has.
	// The connection's own time limits remain.
	ctx = context.WithoutCancel(ctx)
	if err := db.conn.Select(ctx, &rows, "SELECT name, value, readonly FROM system.settings WHERE name IN (?)", names); err != nil {
		return db.failed(err)
	}
	var zone string
	if err := db.conn.QueryRow(ctx, "SELECT timezone()").Scan(&zone); err != nil {
		return db.failed(err)
	}
	return orFine(db.judgeSettings(rows), say("Thiết lập của tài khoản %s đều ổn; múi giờ của máy chủ: %s.", "The settings of the account %s are all right; time zone of the server: %s.", db.o.Auth.Username, zone))
}

func (db *database) judgeSettings(rows []setting) (out []Finding) {
	known := map[string]setting{}
	for _, s := range rows {
		known[s.Name] = s
	}
	number := func(name string) float64 {
		n, err := strconv.ParseFloat(known[name].Value, 64)
		if err != nil {
			return 0
		}
		return n
	}
	profile := say("Sửa hồ sơ thiết lập của tài khoản %s: ALTER USER … SETTINGS …, hoặc users.xml.", "Change the settings profile of the account %s: ALTER USER … SETTINGS …, or users.xml.", db.o.Auth.Username)
	if number("readonly") > 0 {
		out = append(out, bad(say("Tài khoản chỉ được đọc (readonly = %s): không ghi được sự kiện.", "The account may only read (readonly = %s): no event can be written.", known["readonly"].Value), profile))
	}
	var fixed, missing []string
	for _, name := range sent() {
		s, ok := known[name]
		switch {
		case !ok:
			missing = append(missing, name)
		case s.Fixed != 0:
			fixed = append(fixed, name)
		}
	}
	if len(missing) > 0 {
		out = append(out, bad(say("Máy chủ không biết thiết lập: %s.", "The server does not know the settings: %s.", listed(missing)),
			say("Nâng cấp ClickHouse lên ít nhất %d.%d.", "Upgrade ClickHouse to at least %d.%d.", leastMajor, leastMinor)))
	}
	if len(fixed) > 0 {
		out = append(out, bad(say("Tài khoản không được đổi các thiết lập mà nền tảng cần: %s.", "The account may not change settings that the platform needs to: %s.", listed(fixed)), profile))
	}
	if n := number("max_memory_usage"); n > 0 && n < leastMemory {
		out = append(out, warn(say("max_memory_usage chỉ có %s: tính lại toàn bộ có thể hết bộ nhớ.", "max_memory_usage is %s only: a rebuild may run out of it.", size(uint64(n))), profile))
	}
	if n := number("max_execution_time"); n > 0 && n < leastTime.Seconds() {
		out = append(out, warn(say("max_execution_time chỉ có %.0f s: câu hỏi dài bị cắt ngang.", "max_execution_time is %.0f s only: long queries are cut off.", n), profile))
	}
	if zone := known["session_timezone"].Value; zone != "" && zone != "UTC" {
		out = append(out, warn(say("session_timezone = %s: giờ không ghi rõ múi sẽ được hiểu khác.", "session_timezone = %s: times without a zone are read differently.", zone), profile))
	}
	return out
}

func (db *database) clock(ctx context.Context) []Finding {
	var there time.Time
	before := db.d.o.Now()
	if err := db.conn.QueryRow(ctx, "SELECT now64(6, 'UTC')").Scan(&there); err != nil {
		return db.failed(err)
	}
	after := db.d.o.Now()
	return []Finding{judgeClock(before, there, after)}
}

// judgeClock compares the server's clock with the middle of the question: it can't be known better than half of the way.
func judgeClock(before, there, after time.Time) Finding {
	way := after.Sub(before)
	skew := there.Sub(before.Add(way / 2))
	text := say("Đồng hồ của ClickHouse lệch %s so với máy này (±%s).", "The clock of ClickHouse differs by %s from this machine's (±%s).", skew.Round(time.Millisecond), (way / 2).Round(time.Millisecond))
	advice := say("Bật đồng bộ giờ (chrony hoặc systemd-timesyncd) trên cả hai máy. Sự kiện đi trước đồng hồ quá 10 phút bị từ chối.", "Switch on time synchronisation (chrony or systemd-timesyncd) on both machines. Events more than 10 minutes ahead of the clock are refused.")
	switch sure := skew.Abs() - way/2; {
	case sure > skewProblem:
		return bad(text, advice)
	case sure > skewWarning:
		return warn(text, advice)
	default:
		return fine(text)
	}
}

func (db *database) disks(ctx context.Context) []Finding {
	var rows []struct {
		Name  string `ch:"name"`
		Free  uint64 `ch:"free_space"`
		Total uint64 `ch:"total_space"`
		Keep  uint64 `ch:"keep_free_space"`
	}
	// Object storage says that it has no end.
	if err := db.conn.Select(ctx, &rows, "SELECT name, free_space, total_space, keep_free_space FROM system.disks WHERE total_space < bitShiftLeft(toUInt64(1), 60) ORDER BY name"); err != nil {
		return db.failed(err)
	}
	var out []Finding
	for _, r := range rows {
		out = append(out, room("ClickHouse, "+r.Name, r.Free, r.Total))
		if r.Keep == 0 {
			out = append(out, warn(
				say("Đĩa %s của ClickHouse không giữ chỗ dự phòng: khi đầy đến byte cuối, một lần gộp dở dang có thể được coi là xong và làm hỏng bảng.",
					"Disk %s of ClickHouse keeps no reserve: when it is full to the last byte, a merge that was cut short may count as done, and the table breaks.", r.Name),
				say("Đặt <storage_configuration><disks><%[1]s><keep_free_space_bytes>1073741824</keep_free_space_bytes></%[1]s></disks></storage_configuration> trong cấu hình máy chủ.",
					"Set <storage_configuration><disks><%[1]s><keep_free_space_bytes>1073741824</keep_free_space_bytes></%[1]s></disks></storage_configuration> in the server's configuration.", r.Name)))
		}
	}
	return orFine(slices.Clip(out), say("Dữ liệu nằm trên kho đối tượng.", "The data is on object storage."))
}
