package main

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// The two colours differ for everyone, and aren't the only difference: lines
// are solid or dashed, marks are round or square, and each line has its name at
// its end.
const (
	blue   = "#0072b2"
	orange = "#d55e00"
	ink    = "#24292f"
	grey   = "#6e7781"
	pale   = "#d8dee4"
)

type point struct{ x, y float64 }

// A canvas collects the elements of a picture.
type canvas struct {
	strings.Builder
	width, height float64
}

func (c *canvas) add(format string, args ...any) { fmt.Fprintf(c, format+"\n", args...) }

// text puts a text at a place. The anchor is start, middle or end.
func (c *canvas) text(at point, anchor, colour, text string) {
	c.add(`<text x="%s" y="%s" text-anchor="%s" fill="%s">%s</text>`, px(at.x), px(at.y), anchor, colour, html.EscapeString(text))
}

func (c *canvas) line(from, to point, colour string, dashed bool) {
	c.add(`<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s"%s/>`, px(from.x), px(from.y), px(to.x), px(to.y), colour, dashes(dashed))
}

// mark draws where something was measured: round, or square.
func (c *canvas) mark(at point, colour string, square bool) {
	if square {
		c.add(`<rect x="%s" y="%s" width="7" height="7" fill="white" stroke="%s" stroke-width="1.5"/>`, px(at.x-3.5), px(at.y-3.5), colour)
		return
	}
	c.add(`<circle cx="%s" cy="%s" r="3.5" fill="%s"/>`, px(at.x), px(at.y), colour)
}

func dashes(dashed bool) string {
	if dashed {
		return ` stroke-dasharray="6 4"`
	}
	return ""
}

// document returns the whole picture.
func (c *canvas) document(title string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" font-family="Helvetica, Arial, sans-serif" font-size="13">
<title>%[3]s</title>
<rect width="100%%" height="100%%" fill="white"/>
<text x="16" y="24" font-size="15" font-weight="bold" fill="%[4]s">%[3]s</text>
%[5]s</svg>
`, px(c.width), px(c.height), html.EscapeString(title), ink, c.String())
}

// px formats a coordinate in pixels.
func px(n float64) string { return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64) }

// An axis maps values to positions. Its ends are those of the shown range.
type axis struct {
	name     string
	min, max float64
	log      bool
	ticks    []float64
	from, to float64 // in pixels
}

func (a axis) at(value float64) float64 {
	low, high := a.min, a.max
	if a.log {
		value, low, high = math.Log(value), math.Log(low), math.Log(high)
	}
	return a.from + (value-low)/(high-low)*(a.to-a.from)
}

func tick(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
