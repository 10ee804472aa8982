package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/binhphuoc/ioc/schemas"
)

// unreachable says why a server can't be reached. name is what it is, setting the one that says where.
func unreachable(name, setting, where string, err error) Finding {
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &dns):
		return bad(say("%s: không tìm thấy tên máy %s.", "%s: the host name %s is not known.", name, dns.Name),
			say("Sửa tên trong %s, hoặc thêm tên đó vào DNS.", "Correct the name in %s, or add it to DNS.", setting))
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &verify):
		return bad(say("%s ở %s: chứng chỉ không được tin cậy: %s", "%s at %s: its certificate is not trusted: %s", name, where, err),
			say("Chỉ ra tệp chứng chỉ CA của máy chủ (--mqtt-ca, --kafka-ca, hoặc kho chứng chỉ của hệ thống), và dùng đúng tên trong chứng chỉ.",
				"Name the file of the server's CA (--mqtt-ca, --kafka-ca, or the system's store), and use the name that the certificate is for."))
	case errors.As(err, &record):
		return bad(say("%s ở %s không nói TLS.", "%s at %s does not talk TLS.", name, where),
			say("Dùng cổng TLS của máy chủ, hoặc tắt TLS trong cấu hình.", "Use the server's TLS port, or switch TLS off in the settings."))
	case errors.Is(err, syscall.ECONNREFUSED):
		return bad(say("%s: không có gì lắng nghe ở %s.", "%s: nothing listens on %s.", name, where),
			say("Khởi động máy chủ, hoặc sửa địa chỉ trong %s.", "Start the server, or correct the address in %s.", setting))
	case slow(err):
		return bad(say("%s: %s không trả lời.", "%s: %s does not answer.", name, where),
			say("Kiểm tra địa chỉ trong %s, mạng và tường lửa giữa hai máy.", "Look at the address in %s, and at the network and the firewall between the two machines.", setting))
	default:
		return bad(say("%s ở %s: %s", "%s at %s: %s", name, where, err),
			say("Kiểm tra %s, và nhật ký của máy chủ.", "Look at %s, and at the server's log.", setting))
	}
}

// slow says that the error is one of time.
func slow(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.EHOSTUNREACH) ||
		errors.Is(err, syscall.ENETUNREACH) || (errors.As(err, &n) && n.Timeout())
}

// listed joins names, and cuts a long list short.
func listed(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// unconfigured is the finding about what is not set.
func unconfigured(what, how schemas.Text) []Finding { return []Finding{skip(what, how)} }
