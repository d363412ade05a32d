package rediscloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// Documents of any form are decoded or refused, and what has been decoded can
// be encoded and decoded again.
func FuzzDecoders(f *testing.F) {
	types := append(resultTypes(f), reflect.TypeFor[Links](), reflect.TypeFor[TaskResponse](), reflect.TypeFor[TaskFailure](), reflect.TypeFor[Time](),
		reflect.TypeFor[CardDigits](), reflect.TypeFor[Availability](), reflect.TypeFor[ConnectionLimit](), reflect.TypeFor[ReplicaOf](),
		reflect.TypeFor[TransitGatewayCIDR](), reflect.TypeFor[VPCPeeringCIDR]())
	for i := range types {
		for _, doc := range []string{
			`null`, `{}`, `[]`, `""`, `0`, `true`, `"text"`, `"0042"`, `[{}]`, `[null]`, `{"id":null}`, `1e400`, `"2026-01-02T03:04:05Z"`,
			`{"databaseId":1,"replicaOf":["redis://a@b"],"_links":{"self":{"href":"x"}},"links":[1,null,{"rel":"a","href":"b"}]}`,
			`{"subscription":{"databases":[{"databaseId":1}]}}`, `{"subscription":[{"databases":null}]}`,
			`{"taskId":"t","response":{"resourceId":"7","error":"NOT_FOUND","resource":{}}}`, `{"vpcCidr":"10.0.0.0/8","active":true}`,
		} {
			f.Add(uint8(i), []byte(doc))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		typ := types[int(which)%len(types)]
		doc := reflect.New(typ).Interface()
		if unmarshal(data, doc) != nil {
			return
		}
		again, err := json.Marshal(doc)
		if err != nil {
			t.Fatalf("%T of %q can't be encoded: %v", doc, data, err)
		}
		if err := json.Unmarshal(again, reflect.New(typ).Interface()); err != nil {
			t.Fatalf("%T of %q became %s: %v", doc, data, again, err)
		}
		_ = fmt.Sprintf("%v %+v %#v", doc, doc, doc)
	})
}

// The parts that are extracted from documents before they are decoded.
func FuzzElements(f *testing.F) {
	for _, doc := range []string{
		`{"a":[{"id":1},{"id":"x"}]}`, `{"a":{"b":[{"id":1}]}}`, `{"a":[{"b":[{"id":1}]},null,3]}`, `{"a":null}`, `{}`, `null`, `[]`, `{"a":[{"id":null}]}`,
		`{"status":"active","a":[{"id":{}}]}`, `{"links":[]}`,
	} {
		f.Add([]byte(doc))
	}
	lists := [][]string{{"a"}, {"a", "b"}, {"a", "a", "b"}}
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, list := range lists {
			found, err := elementsIn(doc, list, "id")
			if err != nil && len(found) > 0 {
				t.Errorf("elements and an error: %v", err)
			}
			for id, element := range found {
				var members struct{ ID json.RawMessage }
				if json.Unmarshal(element, &members) != nil || id == "" {
					t.Errorf("%q is under %q", element, id)
				}
			}
		}
		for _, k := range kindsByName {
			_, _ = k.status(doc)
			_ = k.present(doc)
			_, _ = k.element(doc, place{Path: "/x", ID: 1})
		}
	})
}

// What is printed of a URI contains nothing of its credentials.
func FuzzRedactURI(f *testing.F) {
	for _, secret := range []string{"pw", "p@w", "p/w", "p?w", "p%zz", "\n", "://", "@", "?@", "@?"} {
		f.Add(secret)
	}
	f.Fuzz(func(t *testing.T, secret string) {
		secret = "S3cr3t" + secret + "S3cr3t"
		for _, uri := range []string{
			"redis://user:" + secret + "@host:6379", "ftp://" + secret + "@host/path", "abs://:" + secret + "@container/x.rdb", "user:" + secret + "@host",
			"https://host/path?sig=" + secret, "https://user:" + secret + "@host/path?sig=" + secret, "redis://u:" + secret + "@host?a=b@c",
		} {
			if shown := SecretURI(uri).String(); strings.Contains(shown, "S3cr3t") {
				t.Errorf("%q is shown as %q", uri, shown)
			}
		}
	})
}

// A list with arbitrary pages comes to an end.
func FuzzPages(f *testing.F) {
	f.Add([]byte{100, 100, 3}, uint8(0), 0)
	f.Add([]byte{0}, uint8(10), 1000)
	f.Add([]byte{5, 5, 5, 5}, uint8(5), -1)
	f.Fuzz(func(t *testing.T, sizes []byte, limit uint8, total int) {
		reads, keys := 0, 0
		for _, err := range pages(0, int(limit), func(n *int) int { return *n }, func(int, int) (page[int], error) {
			size := 0
			if reads < len(sizes) {
				size = int(sizes[reads])
			}
			if reads++; reads > len(sizes)+maxStalePages+2 {
				t.Fatal("it goes on for ever")
			}
			part := page[int]{total: total}
			for i := range size {
				if i%3 == 0 {
					keys++
				}
				part.items = append(part.items, keys)
			}
			if size == 255 {
				return part, ErrNotFound
			}
			return part, nil
		}) {
			if err != nil && errors.Is(err, ErrNotFound) && reads > 1 {
				t.Error("a 404 after the first page is the end")
			}
		}
	})
}

// Every path that Do accepts is below the base URL.
func FuzzDoPath(f *testing.F) {
	for _, path := range []string{"/x", "//x", "/../x", "/%2e%2e/x", "/a?b=c", "/a#b", `/a\b`, "/a;b", "/@x", "/a%2fb", "/%00", "/ü", "/a b/"} {
		f.Add(path)
	}
	base, err := parseBaseURL(testBase, false)
	if err != nil {
		f.Fatal(err)
	}
	sender := &transport{base: base, header: http.Header{}.Clone}
	f.Fuzz(func(t *testing.T, path string) {
		c := doCall("GET", path)
		if c.err != nil {
			return
		}
		req, err := sender.request(t.Context(), c)
		if err != nil {
			return
		}
		sent, err := url.Parse(req.URL.String())
		if err != nil || sent.Host != base.Host || sent.Scheme != "https" || sent.User != nil || !strings.HasPrefix(sent.EscapedPath(), "/v1/") {
			t.Fatalf("%q is sent to %s", path, req.URL)
		}
		for segment := range strings.SplitSeq(sent.Path, "/") {
			if segment == "." || segment == ".." {
				t.Errorf("%q is sent to %s", path, req.URL)
			}
		}
	})
}
