package rediscloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

type tag struct {
	key, value       string
	created, updated time.Time
}

func (db *database) tag(key string) int {
	return slices.IndexFunc(db.tags, func(t *tag) bool { return t.key == key })
}

func (db *database) tagDocument(t *tag, links ...link) object {
	return db.sub.server.linked(object{
		"key": t.key, "value": t.value, "createdAt": wireTime(t.created), "updatedAt": wireTime(t.updated),
	}, links...)
}

func (db *database) tagAnswer(c *call, t *tag) answer {
	return c.ok(db.tagDocument(t, self(db.path()+"/tags")))
}

func listTags(c *call, db *database) answer {
	list := []any{}
	for _, t := range db.tags {
		list = append(list, db.tagDocument(t))
	}
	document := object{"accountId": c.server.accountID, "tags": list}
	return c.ok(c.server.linked(document, self(db.path()+"/tags")))
}

func createTag(c *call, db *database) answer {
	key, value := str(c.body, "key", ""), str(c.body, "value", "")
	if db.tag(key) >= 0 {
		return c.fail(http.StatusConflict, fmt.Sprintf("tag %q exists", key))
	}
	t := &tag{key: key, value: value, created: c.now, updated: c.now}
	db.tags = append(db.tags, t)
	return db.tagAnswer(c, t)
}

// replaceTags replaces all tags of the database. An existing tag keeps its
// creation time.
func replaceTags(c *call, db *database) answer {
	var tags []*tag
	for _, spec := range objects(c.body, "tags") {
		if err := mustHave(spec, "key", "value"); err != nil {
			return c.fail(http.StatusBadRequest, err.Error())
		}
		t := &tag{key: str(spec, "key", ""), value: str(spec, "value", ""), created: c.now, updated: c.now}
		if slices.ContainsFunc(tags, func(other *tag) bool { return other.key == t.key }) {
			return c.fail(http.StatusBadRequest, fmt.Sprintf("tag %q occurs twice", t.key))
		}
		if i := db.tag(t.key); i >= 0 {
			t.created = db.tags[i].created
		}
		tags = append(tags, t)
	}
	db.tags = tags
	return listTags(c, db)
}

func updateTag(c *call, db *database) answer {
	i := db.tag(c.path["tagKey"])
	if i < 0 {
		return c.notFound()
	}
	db.tags[i].value, db.tags[i].updated = str(c.body, "value", ""), c.now
	return db.tagAnswer(c, db.tags[i])
}

func deleteTag(c *call, db *database) answer {
	i := db.tag(c.path["tagKey"])
	if i < 0 {
		return c.notFound()
	}
	db.tags = slices.Delete(db.tags, i, i+1)
	return c.ok(object{})
}
