package rediscloudtest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// An answer is a response to the caller. Its header may be written to.
type answer struct {
	status int
	header http.Header
	body   []byte
	more   [][]byte // of the body
}

func (a answer) size() int {
	size := len(a.body)
	for _, part := range a.more {
		size += len(part)
	}
	return size
}

func newAnswer(status int, contentType string, body []byte) answer {
	a := answer{status: status, header: http.Header{}, body: body}
	if contentType != "" {
		a.header.Set("Content-Type", contentType)
	}
	return a
}

func empty(status int) answer { return newAnswer(status, "", nil) }

func jsonAnswer(status int, document any) answer {
	body, err := json.Marshal(document)
	if err != nil {
		return empty(http.StatusInternalServerError)
	}
	return newAnswer(status, "application/json", body)
}

func (c *call) ok(document any) answer { return jsonAnswer(http.StatusOK, document) }

// fail responds like Spring's default error handler, as the API does for most
// of its errors.
func (c *call) fail(status int, message string) answer {
	document := object{
		"timestamp": c.now.UTC().Format("2006-01-02T15:04:05.000-0700"),
		"status":    status,
		"error":     http.StatusText(status),
		"path":      c.req.URL.Path,
	}
	if message != "" {
		document["message"] = message
	}
	return jsonAnswer(status, document)
}

func (c *call) notFound() answer { return c.fail(http.StatusNotFound, "") }

// unauthorized is the response of the proxy in front of the API, which returns
// HTML.
func unauthorized() answer {
	const page = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n" +
		"<center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	return newAnswer(http.StatusUnauthorized, "text/html", []byte(page))
}

func tooManyRequests(retryAfter time.Duration) answer {
	a := jsonAnswer(http.StatusTooManyRequests, object{"message": "Too many requests!"})
	seconds := int(retryAfter / time.Second) // rounded down as by the API, so 0 occurs
	a.header.Set("X-Rate-Limit-Retry-After-Seconds", strconv.Itoa(seconds))
	a.setRemaining(0)
	return a
}

func (a answer) setRemaining(n int) { a.header.Set("X-Rate-Limit-Remaining", strconv.Itoa(n)) }

// wireTime formats a time as in the API's documents.
func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
