package rediscloud

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPages(t *testing.T) {
	gone := &APIError{Method: "GET", Path: "/x", StatusCode: 404}
	broken := errors.New("broken")
	type answer struct {
		items []int
		total int
		err   error
	}
	for _, test := range []struct {
		name          string
		offset, limit int
		answers       []answer
		wantReads     []string // offset,limit
		want          []int
		wantErr       string
	}{
		{name: "default limit, short page", answers: []answer{{items: []int{1, 2}}}, wantReads: []string{"0,100"}, want: []int{1, 2}},
		{name: "empty at once", limit: 2, answers: []answer{{}}, wantReads: []string{"0,2"}},
		{name: "full page, then empty", limit: 2, answers: []answer{{items: []int{1, 2}}, {}}, wantReads: []string{"0,2", "2,2"}, want: []int{1, 2}},
		{name: "full page, then 404", limit: 2, answers: []answer{{items: []int{1, 2}}, {err: gone}}, wantReads: []string{"0,2", "2,2"}, want: []int{1, 2}},
		{name: "full page, though the total is reached", limit: 2, answers: []answer{{items: []int{1, 2}, total: 2}, {items: []int{3}, total: 1}}, wantReads: []string{"0,2", "2,2"}, want: []int{1, 2, 3}},
		{name: "404 at once", limit: 2, answers: []answer{{err: gone}}, wantReads: []string{"0,2"}, wantErr: gone.Error()},
		{name: "404 at once, at an offset", offset: 4, limit: 2, answers: []answer{{err: gone}}, wantReads: []string{"4,2"}, wantErr: gone.Error()},
		{name: "other error later", limit: 1, answers: []answer{{items: []int{1}}, {err: broken}}, wantReads: []string{"0,1", "1,1"}, want: []int{1}, wantErr: "broken"},
		{name: "from an offset", offset: 3, limit: 2, answers: []answer{{items: []int{4, 5}}, {items: []int{6}}}, wantReads: []string{"3,2", "5,2"}, want: []int{4, 5, 6}},
		{name: "from an offset, with the total", offset: 3, limit: 2, answers: []answer{{items: []int{4}, total: 4}}, wantReads: []string{"3,2"}, want: []int{4}},
		{name: "server gives less than asked for", limit: 5, answers: []answer{{items: []int{1, 2}, total: 3}, {items: []int{3}, total: 3}}, wantReads: []string{"0,5", "2,5"}, want: []int{1, 2, 3}},
		{name: "element moved to the next page", limit: 2, answers: []answer{{items: []int{1, 2}}, {items: []int{2, 3}}, {items: []int{3}}}, wantReads: []string{"0,2", "2,2", "4,2"}, want: []int{1, 2, 3}},
		{name: "pages moved on by new elements", limit: 1, answers: []answer{{items: []int{3}}, {items: []int{3}}, {items: []int{3}}, {items: []int{2}}, {items: []int{2}}, {items: []int{1}}, {}}, wantReads: []string{"0,1", "1,1", "2,1", "3,1", "4,1", "5,1", "6,1"}, want: []int{3, 2, 1}},
		{name: "offset ignored", limit: 2, answers: slices.Repeat([]answer{{items: []int{1, 2}}}, 5), wantReads: []string{"0,2", "2,2", "4,2", "6,2", "8,2"}, want: []int{1, 2}, wantErr: "rediscloud: the page at offset 8 repeats what came before it: the list can't be read to its end"},
		{name: "offset ignored on a short page", limit: 5, answers: slices.Repeat([]answer{{items: []int{1, 2}, total: 17}}, 5), wantReads: []string{"0,5", "2,5", "4,5", "6,5", "8,5"}, want: []int{1, 2}, wantErr: "rediscloud: the page at offset 8 repeats what came before it: the list can't be read to its end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var reads []string
			all := pages(test.offset, test.limit, func(n *int) int { return *n }, func(offset, limit int) (page[int], error) {
				if !assert.Less(t, len(reads), len(test.answers), "too many reads") {
					return page[int]{}, errors.New("too many reads")
				}
				answer := test.answers[len(reads)]
				reads = append(reads, fmt.Sprintf("%d,%d", offset, limit))
				return page[int]{items: answer.items, total: answer.total}, answer.err
			})
			for range 2 { // an iterator can be used again
				reads = nil
				var got []int
				var gotErr error
				for n, err := range all {
					assert.NoError(t, gotErr, "the error is the last")
					if gotErr = err; err == nil {
						got = append(got, *n)
					}
				}
				assert.Equal(t, test.wantReads, reads)
				assert.Equal(t, test.want, got)
				if test.wantErr == "" {
					assert.NoError(t, gotErr)
				} else {
					assert.EqualError(t, gotErr, test.wantErr)
				}
			}
		})
	}
}

func TestPagesStopsWithTheLoop(t *testing.T) {
	var reads []int
	all := pages(0, 2, func(n *int) int { return *n }, func(offset, _ int) (page[int], error) {
		reads = append(reads, offset)
		return page[int]{items: []int{offset, offset + 1}}, nil
	})
	for n, err := range all {
		require.NoError(t, err)
		if *n == 2 {
			break
		}
	}
	assert.True(t, slices.Equal([]int{0, 2}, reads), "%v", reads)
}
