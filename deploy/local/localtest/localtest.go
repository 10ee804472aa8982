// Package localtest gives tests a database of their own on a real ClickHouse.
package localtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// variable names the DSN of the ClickHouse to test on: a server, or what
// `ioc clickhouse` prints.
const variable = "IOC_TEST_CLICKHOUSE_DSN"

// ClickHouse creates a database for one test and returns its DSN. The database
// is dropped at the end of the test. Without an engine the test is skipped
// here, and fails in CI.
func ClickHouse(t testing.TB) string {
	t.Helper()
	server := os.Getenv(variable)
	if server == "" && os.Getenv("CI") != "" {
		t.Fatalf("NO CLICKHOUSE: %s is not set", variable)
	}
	if server == "" {
		t.Skipf("NO CLICKHOUSE, NOTHING TESTED: start `ioc clickhouse` and set %s to what it prints", variable)
	}
	dsn, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	database := "test_" + strings.ToLower(rand.Text())
	execute(t, server, "CREATE DATABASE "+database)
	t.Cleanup(func() { execute(t, server, "DROP DATABASE IF EXISTS "+database+" SYNC") })
	dsn.Path = "/" + database
	return dsn.String()
}

// execute connects without the test's database: the library aborts on a
// handshake that names one which isn't there.
func execute(t testing.TB, server, query string) {
	t.Helper()
	// Not the test's context: at cleanup that has ended.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	options, err := clickhouse.ParseDSN(server)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		t.Fatalf("open %s: %v", variable, err)
	}
	defer conn.Close()
	if err := conn.Exec(ctx, query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
