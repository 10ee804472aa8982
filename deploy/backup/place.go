package backup

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// Place is where a backup lies: a folder of the server, or a part of a bucket.
type Place struct {
	text        string // as it was given
	folder      string
	url         string // of S3
	key, secret string
}

// S3 is how to reach object storage.
type S3 struct{ Endpoint, Key, Secret string }

// ParsePlace reads FOLDER or s3://BUCKET/PATH.
func ParsePlace(text string, s3 S3) (Place, error) {
	bucket, isS3 := strings.CutPrefix(text, "s3://")
	switch {
	case text == "":
		return Place{}, errors.New("name a folder, or s3://BUCKET/PATH")
	case !isS3 && strings.Contains(text, "://"):
		return Place{}, fmt.Errorf("%q: want a folder, or s3://BUCKET/PATH", text)
	case !isS3:
		return Place{text: text, folder: path.Clean(text)}, nil
	}
	bucket, inner, _ := strings.Cut(bucket, "/")
	if bucket == "" || strings.Trim(inner, "/") == "" {
		return Place{}, fmt.Errorf("%q: want a bucket and a path, s3://BUCKET/PATH", text)
	}
	if s3.Key == "" || s3.Secret == "" {
		return Place{}, errors.New("s3: set IOC_S3_KEY and IOC_S3_SECRET in the environment, or s3-key and s3-secret in the file of --config")
	}
	if s3.Endpoint == "" {
		s3.Endpoint = "https://s3.amazonaws.com"
	}
	endpoint, err := url.Parse(s3.Endpoint)
	if err != nil || endpoint.Host == "" || endpoint.User != nil {
		return Place{}, fmt.Errorf("--s3-endpoint %q: want the URL of a service, such as https://s3.example.vn", s3.Endpoint)
	}
	return Place{text: text, url: endpoint.JoinPath(bucket, inner).String(), key: s3.Key, secret: s3.Secret}, nil
}

// String names the place, without secrets.
func (p Place) String() string { return p.text }

// sql names one part of a backup.
func (p Place) sql(part string) string {
	if p.url != "" {
		return "S3(" + literal(p.url+"/"+part) + ", " + literal(p.key) + ", " + literal(p.secret) + ")"
	}
	return "File(" + literal(path.Join(p.folder, part)) + ")"
}

func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
