package local

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
)

// verify compares a file with its integrity string. An empty one asks for nothing.
func verify(path, integrity string) error {
	if integrity == "" {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("check the package: %w", err)
	}
	defer file.Close()
	hash := sha512.New()
	if _, err := io.Copy(hash, file); err != nil {
		return fmt.Errorf("check the package: %w", err)
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(hash.Sum(nil)); got != integrity {
		return fmt.Errorf("the package is not the one that was published: it has %s, and should have %s", got, integrity)
	}
	return nil
}

// unpack writes one entry of a package to a file.
func unpack(tarball, entry, target string) error {
	file, err := os.Open(tarball)
	if err != nil {
		return fmt.Errorf("open the package: %w", err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("open the package: %w", err)
	}
	reader := tar.NewReader(plain)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the package has no %s", entry)
		}
		if err != nil {
			return fmt.Errorf("read the package: %w", err)
		}
		if header.Name == entry && header.Typeflag == tar.TypeReg {
			return write(reader, target)
		}
	}
}

// write copies everything to a file that is on the disk when it returns.
func write(from io.Reader, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	_, err = io.Copy(file, from)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("unpack to %s: %w", path, err)
	}
	return nil
}
