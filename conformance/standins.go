package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// standIns replace what is private in documents: equal values by the same
// stand-in everywhere, different values by different ones. They follow from the
// order in which values occur, so nothing can be computed back.
//
// Nobody knows all the fields that the API has. So a string or number is kept
// only in a field that is known to contain nothing private, and only if it
// looks as expected there.
type standIns struct {
	secrets []string
	known   map[string]string // by what is replaced, prefixed with its sort
	count   map[string]int    // by sort
}

func newStandIns(secrets []string) *standIns {
	return &standIns{secrets: secrets, known: map[string]string{}, count: map[string]int{}}
}

// Whether a text contains a secret.
func (s *standIns) tells(text string) bool {
	return slices.ContainsFunc(s.secrets, func(secret string) bool { return strings.Contains(text, secret) })
}

// publicTexts are the fields whose strings are words of the API.
var publicTexts = set(`status databaseStatus attachmentStatus trafficStatus upgradeStatus commandType provider region protocol memoryStorage
	deploymentType paymentMethodType planType availability connections sizeMeasurementUnit memoryLimitMeasurementUnit datasetSizeMeasurementUnit
	priceCurrency pricePeriod quantityMeasurement type typeDetails rel title redisVersion redisVersionCompliance version respVersion
	dataPersistence dataEvictionPolicy by shardingType supportedAlerts customerSupport userType mode encryptionType
	persistentStorageEncryptionType storageEncryption queryPerformanceFactor capabilityName days`)

// publicNumbers are the fields whose numbers describe what is offered.
var publicNumbers = set(`size datasetSize price quantity pricePerUnit maximumDatabases maximumThroughput maximumBandwidthGB cidrAllowRules
	datasetSizeInGb memoryLimitInGb planMemoryLimit planDatasetSize numberOfShards numberOfDatabases progress status value ramPercentage
	startHour durationInHours averageItemSizeInBytes`)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

var (
	publicWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$`)
	memberName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,59}$`)
	uuid       = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	email      = regexp.MustCompile(`^[^\s@/]+@[^\s@/]+$`)
	hostPort   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+(:[0-9]+)?$`)
	digits     = regexp.MustCompile(`^[0-9]+$`)
	wholeTime  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$`)
	fraction   = regexp.MustCompile(`\.\d+`)
)

// value returns a document with stand-ins; name is that of the field it is in.
func (s *standIns) value(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		public := make(map[string]any, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			public[s.member(name)] = s.value(name, value[name])
		}
		return public
	case []any:
		public := make([]any, len(value))
		for i, element := range value {
			public[i] = s.value(name, element)
		}
		return public
	case string:
		return s.text(name, value)
	case json.Number:
		if publicNumbers[name] && !s.tells(value.String()) {
			return value
		}
		return s.number(value)
	}
	return value
}

// The name of a field, which is replaced if it is data.
func (s *standIns) member(name string) string {
	if memberName.MatchString(name) && !s.tells(name) {
		return name
	}
	return s.of("member", name, "member%d", 0)
}

// of returns the stand-in of a value, among those of its sort.
func (s *standIns) of(sort, value, format string, first int) string {
	key := sort + " " + value
	if known, ok := s.known[key]; ok {
		return known
	}
	s.count[sort]++
	s.known[key] = fmt.Sprintf(format, first+s.count[sort])
	return s.known[key]
}

// id is the same for a number and a string with the same digits.
func (s *standIns) id(digits string) string { return s.of("id", digits, "%d", 1000) }

// number preserves whether a number is whole, and its notation.
func (s *standIns) number(n json.Number) json.Number {
	f, err := n.Float64()
	switch {
	case err == nil && f == 0:
		return n
	case !strings.ContainsAny(n.String(), ".eE"):
		return json.Number(s.id(n.String()))
	case err == nil && f == math.Trunc(f):
		return json.Number(s.id(strconv.FormatFloat(f, 'f', -1, 64)) + ".0")
	}
	return json.Number(s.id(n.String()) + ".5")
}

// text preserves only the form of a string.
func (s *standIns) text(name, value string) string {
	if value == "" || publicTexts[name] && s.isPublic(value) {
		return value
	}
	if public, ok := publicTime(value); ok {
		return public
	}
	if address, ok := s.address(value); ok {
		return address
	}
	switch {
	case uuid.MatchString(value):
		return s.of("uuid", strings.ToLower(value), "00000000-0000-4000-8000-%012d", 0)
	case digits.MatchString(value):
		return s.id(value)
	case strings.Contains(value, "://"):
		return s.url(value)
	case strings.HasPrefix(value, "/"):
		return s.path(value)
	case email.MatchString(value):
		return s.of("email", value, "user-%d@example.com", 0)
	case hostPort.MatchString(value):
		host, port, found := strings.Cut(value, ":")
		if found {
			return s.host(host) + ":" + s.id(port)
		}
		return s.host(host)
	}
	return s.of("text", value, "text-%d", 0)
}

func (s *standIns) isPublic(value string) bool {
	_, err := netip.ParseAddr(value)
	return err != nil && publicWord.MatchString(value) && !uuid.MatchString(value) && !s.tells(value)
}

// publicTime returns a time of the same form.
func publicTime(value string) (public string, ok bool) {
	if wholeTime.MatchString(value) {
		zone := value[strings.LastIndexAny(value, "Z+-"):]
		return "2026-01-02T03:04:05" + regexp.MustCompile(`\d`).ReplaceAllString(fraction.FindString(value), "0") + zone, true
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "02-Jan-2006", time.RFC1123} {
		if _, err := time.Parse(layout, value); err == nil {
			return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Format(layout), true
		}
	}
	return "", false
}

// address replaces addresses and CIDRs, except for those that mean everyone.
func (s *standIns) address(value string) (public string, ok bool) {
	bare, bits, isCIDR := strings.Cut(value, "/")
	addr, err := netip.ParseAddr(bare)
	if err != nil || isCIDR && !digits.MatchString(bits) {
		return "", false
	}
	switch {
	case addr.IsUnspecified():
		return value, true
	case addr.Is4():
		public = s.of("address", bare, "10.0.0.%d", 0)
	default:
		public = s.of("address", bare, "2001:db8::%x", 0)
	}
	if isCIDR {
		public += "/" + bits
	}
	return public, true
}

func (s *standIns) host(host string) string {
	return s.of("host", strings.ToLower(host), "host-%d.example.com", 0)
}

// url keeps the scheme and the words of the API in the path.
func (s *standIns) url(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil {
		return s.of("url", value, "https://host.example.com/url-%d", 0)
	}
	public := "https://" + s.host(u.Host)
	if u.Scheme == "http" {
		public = "http://" + s.host(u.Host)
	}
	return public + s.path(u.EscapedPath())
}

// path keeps the words of the API, and replaces all other segments.
func (s *standIns) path(path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		switch {
		case segment == "" || routeWords[segment] && !s.tells(segment):
		case digits.MatchString(segment):
			segments[i] = s.id(segment)
		case uuid.MatchString(segment):
			segments[i] = s.text("", segment)
		default:
			segments[i] = s.of("text", segment, "text-%d", 0)
		}
	}
	return strings.Join(segments, "/")
}

// routeWords are the fixed segments of the API's paths.
var routeWords = func() map[string]bool {
	words := set("v1")
	for _, route := range append(rediscloudtest.Routes(), rediscloudtest.RoutesBeyond()...) {
		_, path, _ := strings.Cut(route, " ")
		for segment := range strings.SplitSeq(path, "/") {
			if !strings.Contains(segment, "{") {
				words[segment] = true
			}
		}
	}
	return words
}()
