// Package sample has one of each kind of name.
package sample

import (
	"context"
	"io"
	"time"
)

// What a program can use.
const (
	Untyped           = 1 << 10
	ColourRed  Colour = "red"
	ColourBlue Colour = "blue\n"
)

const hidden = 5

var (
	ErrOdd   error
	Inferred = map[string][]int{}
	unseen   int
)

type Colour string

func (c Colour) Bright() bool           { return c == ColourRed }
func (c *Colour) Set(text string) error { return nil }
func (c Colour) quiet()                 {}

type Point struct {
	X, Y   int `json:"x"`
	Label  *string
	Odd    int "a`b"
	hidden int
}

type Wide struct {
	shared
	*base
	time.Time `json:"time"`
}

type shared struct {
	ID   int `json:"id"`
	name string
}

func (s shared) Describe() string { return "" }

type base struct{}

func (b *base) Reset()  {}
func (b *base) secret() {}

type List[T any, K comparable] struct{ Items map[K]T }

func (l *List[T, K]) Add(key K, item T) {}

type Reader interface {
	io.Closer
	Read(ctx context.Context, name string) (text string, err error)
}

type Number interface{ ~int | ~float64 }

type Sealed interface {
	Kind() string
	sealed()
}

type Option func(*Point) error

type Alias = time.Duration

type lower struct{ Field int }

func (lower) Method() {}

func Make[T Number](ctx context.Context, width, height int, more ...T) (*Point, error) {
	return nil, nil
}
func helper() {}
