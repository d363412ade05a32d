package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// maxStalePages is how many pages in a row may bring nothing new. A list that
// grows at its front, such as a log, moves on while it is read.
const maxStalePages = 3

// defaultPageSize is the limit of a page where the caller sets none.
const defaultPageSize = 100

// A page is a part of a list, as one request yields it.
type page[T any] struct {
	items []T
	total int // how many there are on all pages; 0 if that isn't told
}

// pages iterates over a list that is read page by page, from an offset on. The
// API has no mark for the last page. It is the one that is empty, the one that
// isn't full unless the total promises more, or the one before a 404; a 404 at
// once is an error like others.
//
// Elements that a page repeats, since the list has changed meanwhile, are left
// out: key tells which are the same. When several pages in a row should bring
// something new and don't, that is an error, since the next one would not either.
func pages[T any, K comparable](offset, limit int, key func(*T) K, read func(offset, limit int) (page[T], error)) iter.Seq2[*T, error] {
	if limit == 0 {
		limit = defaultPageSize
	}
	return func(yield func(*T, error) bool) {
		seen := make(map[K]bool)
		stale := 0
		for next := offset; ; {
			part, err := read(next, limit)
			if errors.Is(err, ErrNotFound) && next != offset {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			fresh := unseen(part.items, key, seen)
			if !each(fresh, yield) {
				return
			}
			begin := next
			next += len(part.items)
			if len(part.items) == 0 || len(part.items) < limit && next >= part.total {
				return
			}
			if stale++; len(fresh) > 0 {
				stale = 0
			}
			if stale > maxStalePages {
				yield(nil, fmt.Errorf("rediscloud: the page at offset %d repeats what came before it: the list can't be read to its end", begin))
				return
			}
		}
	}
}

// unseen returns the items whose key is new, in the memory of all, and notes it.
func unseen[T any, K comparable](items []T, key func(*T) K, seen map[K]bool) []T {
	fresh := items[:0]
	for i := range items {
		if k := key(&items[i]); !seen[k] {
			seen[k] = true
			fresh = append(fresh, items[i])
		}
	}
	return fresh
}

// A lister is the answer of a method that lists.
type lister[T any] interface{ elements() []T }

// listed iterates over a list that is read at once.
func listed[L lister[T], T any](ctx context.Context, read func(context.Context) (L, error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		list, err := read(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		each(list.elements(), yield)
	}
}

// each yields pointers to the elements until told to stop, which it reports.
func each[T any](elements []T, yield func(*T, error) bool) bool {
	for i := range elements {
		if !yield(&elements[i], nil) {
			return false
		}
	}
	return true
}
