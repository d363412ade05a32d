package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// A local stands in for Redis Cloud: a fake of the API, and a redis-server to
// which all its endpoints lead.
type local struct {
	api          *rediscloud.Client
	fake         *rediscloudtest.Server
	subscription int
	password     string
	stop         func()
}

func startLocal(ctx context.Context, withTLS bool) (*local, error) {
	password := rand.Text()
	address, certificate, stop, err := startRedis(ctx, password, withTLS)
	if err != nil {
		return nil, err
	}
	fake := rediscloudtest.New(
		rediscloudtest.WithEndpointFunc(func(int) (public, private string) { return address, address }),
		rediscloudtest.WithCertificate(certificate))
	api, err := rediscloud.NewClient(
		rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		rediscloud.WithHTTPClient(fake.Client()))
	if err != nil {
		stop()
		return nil, err
	}
	return &local{api: api, fake: fake, subscription: fake.AddSubscription("local"), password: password, stop: stop}, nil
}

// startRedis runs a redis-server on a free port of this machine until stop is
// called. With TLS, certificate is the one to trust.
func startRedis(ctx context.Context, password string, withTLS bool) (address, certificate string, stop func(), err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return "", "", nil, errors.New("this needs redis-server on the PATH (apt-get install redis-server, brew install redis)")
	}
	dir, err := os.MkdirTemp("", "connect")
	if err != nil {
		return "", "", nil, err
	}
	clean := func() { _ = os.RemoveAll(dir) }
	port, err := freePort(ctx)
	if err != nil {
		clean()
		return "", "", nil, err
	}
	address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	// In a file, which other users of the machine can't read; they could read
	// arguments.
	config := fmt.Sprintf("bind 127.0.0.1\nrequirepass %s\ndir %s\nsave \"\"\n", password, dir)
	probe := &redis.Options{Addr: address, Password: password}
	if withTLS {
		certificate, err = writeCertificate(dir)
		if err != nil {
			clean()
			return "", "", nil, err
		}
		config += fmt.Sprintf("port 0\ntls-port %d\ntls-auth-clients no\ntls-cert-file %s\ntls-key-file %s\n",
			port, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM([]byte(certificate))
		probe.TLSConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	} else {
		config += fmt.Sprintf("port %d\n", port)
	}
	file := filepath.Join(dir, "redis.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		clean()
		return "", "", nil, err
	}
	server := exec.CommandContext(ctx, program, file)
	if err := server.Start(); err != nil {
		clean()
		return "", "", nil, err
	}
	stop = func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		clean()
	}
	rdb := redis.NewClient(probe)
	defer func() { _ = rdb.Close() }()
	for tries := 0; ; tries++ {
		err := rdb.Ping(ctx).Err()
		if err == nil {
			return address, certificate, stop, nil
		}
		if tries == 100 || ctx.Err() != nil {
			stop()
			return "", "", nil, fmt.Errorf("redis-server doesn't respond: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// writeCertificate creates a self-signed certificate for this machine.
func writeCertificate(dir string) (certificate string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "redis-server of an example"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return "", err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), cert, 0o600); err != nil {
		return "", err
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	return string(cert), os.WriteFile(filepath.Join(dir, "key.pem"), private, 0o600)
}
