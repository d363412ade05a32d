package rediscloudtest

import "net/http"

// LinkForm is how the links of a document are written. The API has used two
// forms, and a client must read both.
type LinkForm int

const (
	// LinkMixed uses [LinkObject] for a task that is read alone, and
	// [LinkArray] for anything else.
	LinkMixed LinkForm = iota
	// LinkObject writes an object "_links" whose fields are named after the
	// relation.
	LinkObject
	// LinkArray writes an array "links" whose elements have a field "rel".
	LinkArray
)

type link struct {
	rel, path, title string
}

// linkBaseFor returns the base URL of the links in the response to a request.
func (s *Server) linkBaseFor(r *http.Request) string {
	if s.linkHost != "" {
		return s.linkHost
	}
	scheme, host := "http", r.Host
	if r.TLS != nil || r.URL.Scheme == "https" {
		scheme = "https"
	}
	if host == "" {
		host = r.URL.Host
	}
	return scheme + "://" + host + basePath
}

// setLinks adds links to a document: in the given form, unless the server has a
// form of its own.
func (s *Server) setLinks(document object, mixed LinkForm, links ...link) object {
	form := s.linkForm
	if form == LinkMixed {
		form = mixed
	}
	byRel, list := object{}, []any{}
	for _, l := range links {
		member := object{"href": s.linkBase + l.path, "type": "GET"}
		if l.title != "" {
			member["title"] = l.title
		}
		if form == LinkObject {
			byRel[l.rel] = member
		} else {
			member["rel"] = l.rel
			list = append(list, member)
		}
	}
	if form == LinkObject {
		document["_links"] = byRel
	} else {
		document["links"] = list
	}
	return document
}

// linked is setLinks for a document that isn't a task.
func (s *Server) linked(document object, links ...link) object {
	return s.setLinks(document, LinkArray, links...)
}

func self(path string) link { return link{rel: "self", path: path} }
