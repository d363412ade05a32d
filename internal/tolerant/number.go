package tolerant

import (
	"encoding/json"
	"strconv"
	"strings"
)

// isNumber reports whether a text is a JSON number.
func isNumber(text string) bool {
	return text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') && json.Valid([]byte(text))
}

// Int returns the whole number that a text represents, such as "12", "12.0" and
// "1.2E+1". It isn't ok for one that has a fraction or doesn't fit.
func Int(text string) (n int64, ok bool) {
	if text = strings.TrimSpace(text); !isNumber(text) {
		return 0, false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	shift, err := strconv.Atoi(firstOf(exponent, "0"))
	fraction = strings.TrimRight(fraction, "0")
	switch digits := strings.TrimLeft(whole+fraction, "-0"); {
	case digits == "":
		return 0, true // zero, whatever the exponent
	case err != nil || shift < -maxDigits || shift > maxDigits:
		return 0, false
	}
	if shift -= len(fraction); shift >= 0 {
		whole += fraction + strings.Repeat("0", shift)
	} else {
		whole += fraction
		cut := max(0, len(whole)+shift)
		if strings.Trim(whole[cut:], "-0") != "" {
			return 0, false
		}
		whole = whole[:cut]
	}
	n, err = strconv.ParseInt(whole, 10, 64)
	return n, err == nil
}

// maxDigits is more than an int64 has. Fractions may have more: they must be
// zeros.
const maxDigits = 1000

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// float returns the number that a text represents.
func float(text string, bits int) (float64, bool) {
	if text = strings.TrimSpace(text); !isNumber(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, bits)
	return f, err == nil
}
