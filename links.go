package rediscloud

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// Relations of links that the API uses.
const (
	RelSelf     = "self"     // the document itself
	RelTask     = "task"     // the task that a write started
	RelResource = "resource" // what a completed task created or changed
)

// A Link is one hyperlink of a document.
type Link struct {
	Rel   string `json:"rel,omitempty"`
	Href  string `json:"href,omitempty"`
	Type  string `json:"type,omitempty"`  // the HTTP method to use it with
	Title string `json:"title,omitempty"` // the name of the operation behind it
}

// Links are the hyperlinks of a document. They are read from both forms in
// which the API sends them: the array of "links", whose elements name their
// relation, and the object of "_links", whose keys are the relations (in sorted
// order, since an object has none).
type Links []Link

// Get returns the first link with that relation that has an address.
func (l Links) Get(rel string) (Link, bool) {
	i := slices.IndexFunc(l, func(link Link) bool { return link.Rel == rel && link.Href != "" })
	if i < 0 {
		return Link{}, false
	}
	return l[i], true
}

// form turns the object form into an array. A key is the relation, even if its
// value names another one; a string is the address.
func (Links) form(value []byte) []byte {
	if value[0] != '{' {
		return value
	}
	links := map[string][]byte{}
	for rel, link := range tolerant.Members(value) {
		switch link[0] {
		case '"':
			links[rel] = object("rel", quote(rel), "href", link)
		case '{':
			// Of two fields with the same name, the last one counts.
			link = append(bytes.TrimSuffix(bytes.Clone(link), []byte("}")), ',')
			links[rel] = append(link, object("rel", quote(rel))[1:]...)
		}
	}
	var all [][]byte
	for _, rel := range slices.Sorted(maps.Keys(links)) {
		all = append(all, links[rel])
	}
	return slices.Concat([]byte("["), bytes.Join(all, []byte(",")), []byte("]"))
}

// parseBaseURL checks the URL that all requests are sent to.
func parseBaseURL(raw string, insecure bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// The error of net/url quotes the text, which may contain a password.
		return nil, fmt.Errorf("the base URL can't be parsed")
	case u.User != nil:
		return nil, fmt.Errorf("the base URL must not contain a user or password")
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return nil, fmt.Errorf("the base URL %q must be an absolute http or https URL", u.Redacted())
	case !isHost(u.Hostname()) || !isPort(u):
		return nil, fmt.Errorf("the host or port of the base URL is invalid")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the base URL must not contain a query or fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && !insecure:
		return nil, fmt.Errorf("the base URL %q would send the keys in the clear: use https, or WithInsecureHTTP", u.Redacted())
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// isHost reports whether a host can exist: an IP address, or labels of letters
// (of any script), digits, '-' and '_', the last of which isn't a number.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.TrimSuffix(host, ".")
	if len(host) > 253 {
		return false
	}
	last := ""
	for last = range strings.SplitSeq(host, ".") {
		if last == "" || len(last) > 63 || last[0] == '-' || last[len(last)-1] == '-' || strings.ContainsFunc(last, isNoHostRune) {
			return false
		}
	}
	return strings.Trim(last, "0123456789") != ""
}

func isNoHostRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
}

// isPort reports whether a URL has no port, or one that can exist.
func isPort(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// maxLink bounds a link that is followed.
const maxLink = 2048

// within returns the escaped path below base that href leads to. It refuses
// every href that would leave base: a link comes from outside, and the request
// that follows it carries the account's keys.
func within(base *url.URL, href string) (path string, ok bool) {
	if len(href) > maxLink {
		return "", false
	}
	u, err := base.Parse(href)
	if err != nil || u.User != nil || u.Opaque != "" || u.RawQuery != "" {
		return "", false
	}
	if u.Scheme != base.Scheme || !sameHost(u, base) {
		return "", false
	}
	path, below := strings.CutPrefix(u.EscapedPath(), base.EscapedPath()+"/")
	if !below || !cleanPath(path) {
		return "", false
	}
	return "/" + path, true
}

// cleanPath reports whether each segment of an escaped path names something.
func cleanPath(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil || plain == "" || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\") {
			return false
		}
	}
	return true
}

func sameHost(a, b *url.URL) bool {
	return strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
