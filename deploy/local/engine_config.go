package local

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// configXML is the engine's configuration. Without a section for them, none of
// the system log tables exists: on a machine that nobody tends they would only
// grow. No HTTP port either: everything here speaks the native protocol.
const configXML = `<clickhouse>
  <logger>
    <level>information</level>
    <log>{{xml .Dir}}/log/clickhouse.log</log>
    <errorlog>{{xml .Dir}}/log/clickhouse.err.log</errorlog>
    <size>10M</size>
    <count>5</count>
  </logger>
  <path>{{xml .Dir}}/store/</path>
  <listen_host>{{xml .Host}}</listen_host>
  <tcp_port>{{.Port}}</tcp_port>
  <timezone>UTC</timezone>
  <!-- The machine runs the rest of the platform too. -->
  <max_server_memory_usage_to_ram_ratio>0.5</max_server_memory_usage_to_ram_ratio>
  <!-- See engine_room.go. -->
  <storage_configuration><disks><default><keep_free_space_bytes>{{.Reserve}}</keep_free_space_bytes></default></disks></storage_configuration>
  <mark_cache_size>268435456</mark_cache_size>
  <max_concurrent_queries>100</max_concurrent_queries>
  <max_connections>256</max_connections>
  <backups><allowed_path>{{xml .Backups}}</allowed_path></backups>
  <user_directories>
    <users_xml><path>{{xml .Dir}}/users.xml</path></users_xml>
  </user_directories>
</clickhouse>
`

// usersXML has the account of the platform. The library needs one more: its
// starting query runs as "default", from this machine, and can't give a
// password. That account may do nothing but start listening and hold the
// starting query open, and its quota is exactly these two queries (for 63
// years, the longest interval there is): whoever logs in as "default" later is
// refused whatever he asks.
const usersXML = `<clickhouse>
  <profiles>
    <default>
      <async_insert>0</async_insert>
      <log_queries>0</log_queries>
      <query_profiler_real_time_period_ns>0</query_profiler_real_time_period_ns>
      <query_profiler_cpu_time_period_ns>0</query_profiler_cpu_time_period_ns>
    </default>
  </profiles>
  <quotas>
    <default/>
    <start><interval><duration>2000000000</duration><queries>2</queries></interval></start>
  </quotas>
  <users>
    <{{.User}}>
      <password_sha256_hex>{{.Hash}}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </{{.User}}>
{{- if .Library}}
    <default>
      <no_password/>
      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
      <profile>default</profile>
      <quota>start</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT FILE ON *.*</query>
        <query>GRANT CREATE TEMPORARY TABLE ON *.*</query>
      </grants>
    </default>
{{- end}}
  </users>
</clickhouse>
`

type configValues struct {
	Dir, Host, Port, User, Hash, Backups string
	Library                              bool
	Reserve                              uint64 // bytes of the disk that stay free
}

func writeConfig(dir, addr, secret, backups string, library bool) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("configure ClickHouse: %w", err)
	}
	hash := sha256.Sum256([]byte(secret))
	values := configValues{
		Dir: dir, Host: host, Port: port, User: user, Hash: hex.EncodeToString(hash[:]), Backups: backups, Library: library, Reserve: reserve(dir),
	}
	for _, folder := range []string{filepath.Join(dir, "log"), filepath.Join(dir, "store"), backups} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("configure ClickHouse: %w", err)
		}
	}
	for name, text := range map[string]string{"config.xml": configXML, "users.xml": usersXML} {
		if err := writeTemplate(filepath.Join(dir, name), text, values); err != nil {
			return fmt.Errorf("configure ClickHouse: write %s: %w", name, err)
		}
	}
	return nil
}

func writeTemplate(path, text string, values configValues) error {
	parsed, err := template.New("").Funcs(template.FuncMap{"xml": escape}).Parse(text)
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, values); err != nil {
		return fmt.Errorf("fill in: %w", err)
	}
	return os.WriteFile(path, out.Bytes(), 0o600)
}

func escape(text string) (string, error) {
	var out strings.Builder
	err := xml.EscapeText(&out, []byte(text))
	return out.String(), err
}

// loadPassword reads the password of the data folder, and makes one where there is none.
func loadPassword(path string) (string, error) {
	secret, err := os.ReadFile(path)
	if err == nil && len(bytes.TrimSpace(secret)) > 0 {
		return string(bytes.TrimSpace(secret)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the password of ClickHouse: %w", err)
	}
	made := rand.Text()
	if err := os.WriteFile(path, []byte(made+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the password of ClickHouse: %w", err)
	}
	return made, nil
}
