package doctor

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/binhphuoc/ioc/ingest/mqtt"
)

const mqttPassword = "bí mật"

// mosquitto runs a real one, with an account for ingest and one for a centre, and returns its address.
func mosquitto(t *testing.T, acl, config string) string {
	t.Helper()
	dir, addr := t.TempDir(), closed(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous false\npassword_file %s/passwd\nacl_file %s/acl\nsys_interval 1\n%s\n", port, dir, dir, config)
	if os.Getuid() == 0 {
		text += "user root\n" // otherwise it becomes a user who may not read here
	}
	for name, content := range map[string]string{"conf": text, "acl": acl, "passwd": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, user := range []string{"ioc-ingest", "dong-xoai"} {
		if out, err := exec.CommandContext(t.Context(), program(t, "mosquitto_passwd"), "-b", filepath.Join(dir, "passwd"), user, mqttPassword).CombinedOutput(); err != nil {
			t.Fatalf("mosquitto_passwd: %v: %s", err, out)
		}
	}
	cmd := exec.CommandContext(context.Background(), program(t, "mosquitto"), "-c", filepath.Join(dir, "conf"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "Mosquitto answers", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return addr
}

// program finds what the package mosquitto installs. Without it the test is skipped here, and fails in CI.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("NO MOSQUITTO: install the package mosquitto")
	}
	if err != nil {
		t.Skip("NO MOSQUITTO, NOTHING TESTED: install the package mosquitto")
	}
	return path
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("after %s, not: %s", patience, what)
		}
	}
}

// shipped is the ACL that the platform ships.
func shipped(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../mosquitto/acl")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func client(t *testing.T, addr, user, id string) paho.Client {
	t.Helper()
	o := paho.NewClientOptions().AddBroker("tcp://" + addr).SetUsername(user).SetPassword(mqttPassword).SetClientID(id).SetCleanSession(false)
	c := paho.NewClient(o)
	settle(t, c.Connect())
	t.Cleanup(func() { c.Disconnect(goodbye) })
	return c
}

func settle(t *testing.T, token paho.Token) {
	t.Helper()
	if !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatalf("no answer, or %v", token.Error())
	}
}

func mqttOptions(t *testing.T, addr string) Options {
	t.Helper()
	o := options(t)
	o.MQTT = mqtt.Options{Broker: "tcp://" + addr, User: "ioc-ingest", Password: mqttPassword}
	return o
}

// sending publishes until the test ends.
func sending(t *testing.T, addr string) {
	t.Helper()
	c := client(t, addr, "dong-xoai", "sender")
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				c.Publish("ioc/dong-xoai/sensor/a", 1, false, "x").WaitTimeout(patience)
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-ended })
}

func TestMQTTThatIsWell(t *testing.T) {
	for _, share := range []string{"", "ingest"} {
		addr := mosquitto(t, shipped(t), "")
		settle(t, client(t, addr, "ioc-ingest", "ioc-ingest").Subscribe("ioc/#", 1, nil))
		sending(t, addr)
		o := mqttOptions(t, addr)
		o.MQTT.Share, o.Listen = share, 2*time.Second
		expect(t, examine(t, o),
			want{"mqtt.reachable", OK, "mosquitto version"}, want{"mqtt.subscribe", OK, "and events come"}, want{"mqtt.dropped", OK, "no message"},
		)
		// What it says of itself is as old as its last look.
		eventually(t, "the subscription is seen", func() bool { return found(examine(t, o), want{"mqtt.session", OK, "subscriptions"}) })
	}
}

func TestWhatIsBrokenInMQTT(t *testing.T) {
	const (
		sys    = "user ioc-ingest\ntopic read $SYS/broker/#\n"
		writes = "user dong-xoai\ntopic write ioc/dong-xoai/#\n"
	)
	for _, c := range []struct {
		name, acl, config string
		wreck             func(t *testing.T, addr string, o *Options)
		want              want
	}{
		{"a wrong password", "", "", func(_ *testing.T, _ string, o *Options) { o.MQTT.Password = "sai" }, want{"mqtt.reachable", Problem, `refuses the account "ioc-ingest"`}},
		{"no session", sys, "", func(*testing.T, string, *Options) {}, want{"mqtt.session", Warning, "No session is subscribed"}},
		{"no right to read", sys + writes, "", func(t *testing.T, addr string, o *Options) {
			sending(t, addr)
			o.Listen = time.Second
		}, want{"mqtt.subscribe", Warning, "but none below ioc/ came"}},
		{"nothing of itself", writes, "", func(*testing.T, string, *Options) {}, want{"mqtt.dropped", Skipped, "does not say"}},
		{"a short queue", sys + "topic read ioc/#\n" + writes, "max_queued_messages 1\nmax_inflight_messages 1", func(t *testing.T, addr string, _ *Options) {
			away := client(t, addr, "ioc-ingest", "ioc-ingest")
			settle(t, away.Subscribe("ioc/#", 1, nil))
			away.Disconnect(goodbye)
			sender := client(t, addr, "dong-xoai", "sender")
			for range 10 {
				settle(t, sender.Publish("ioc/dong-xoai/sensor/a", 1, false, "x"))
			}
		}, want{"mqtt.dropped", Warning, "messages since it started"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr := mosquitto(t, c.acl, c.config)
			o := mqttOptions(t, addr)
			c.wreck(t, addr, &o)
			var checks []Check
			eventually(t, c.want.text, func() bool {
				checks = examine(t, o)
				return found(checks, c.want)
			})
			expect(t, checks)
		})
	}
}
