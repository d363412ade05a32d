package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// maxStalePages is how many pages in a row may contain nothing new. A list that
// grows at its front, such as a log, shifts while it is read.
const maxStalePages = 3

// defaultPageSize is the limit of a page if the caller sets none.
const defaultPageSize = 100

// A page is the part of a list that one request returns.
type page[T any] struct {
	items []T
	total int // of all pages; 0 if the API doesn't say
}

// pages iterates over a list that is read page by page, starting at an offset.
// The API doesn't mark the last page. It is the one that is empty, the one that
// isn't full unless the total promises more, or the one before a 404; a 404 of
// the first page is an error like any other.
//
// Elements that a page repeats, because the list has changed meanwhile, are
// skipped: key identifies them. Several pages in a row that should contain
// something new and don't are an error, since the next one would not either.
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

// unseen returns the items whose key is new, in the memory of all, and adds
// their keys to seen.
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

// A lister is the response of a method that lists.
type lister[T any] interface{ elements() []T }

// listed iterates over a list that is read in one request.
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

// each yields pointers to the elements until yield returns false, and reports
// whether it never did.
func each[T any](elements []T, yield func(*T, error) bool) bool {
	for i := range elements {
		if !yield(&elements[i], nil) {
			return false
		}
	}
	return true
}
