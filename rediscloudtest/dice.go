package rediscloudtest

import (
	crypto "crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"
)

// dice are the server's sources of randomness: one per use, so the draws for
// one use don't depend on how many were made for another.
type dice struct {
	legs, order, lengths, old, places *rand.Rand
	ids                               io.Reader
}

func newDice(seed uint64, seeded bool) dice {
	next := uint64(0)
	source := func() *rand.Rand {
		next++
		return rand.New(rand.NewPCG(seed, next)) //nolint:gosec // must be predictable
	}
	d := dice{legs: source(), order: source(), lengths: source(), old: source(), places: source(), ids: crypto.Reader}
	if seeded {
		var key [32]byte
		binary.LittleEndian.PutUint64(key[:], seed)
		d.ids = rand.NewChaCha8(key)
	}
	return d
}

// leg is the network delay of a request or its response.
func (s *Server) leg(back bool) time.Duration {
	if s.mostLeg > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.leastLeg + time.Duration(s.dice.legs.Int64N(int64(s.mostLeg-s.leastLeg)+1))
	}
	if back {
		return s.roundTrip - s.roundTrip/2
	}
	return s.roundTrip / 2
}

// taskLength is how long a new task will be processed.
func (s *Server) taskLength(commandType string) time.Duration {
	switch {
	case s.taskDuration != nil:
		return max(s.taskDuration(commandType), 0)
	case s.longestTask > 0:
		// A bounded Pareto distribution with exponent 1.
		u := s.dice.lengths.Float64()
		shortest, longest := float64(s.shortestTask), float64(s.longestTask)
		return time.Duration(math.Round(shortest / (1 - u*(1-shortest/longest))))
	default:
		return s.processing
	}
}

func (s *Server) newTaskID() string { return uuid(s.dice.ids) }

func newUUID() string { return uuid(crypto.Reader) }

func uuid(source io.Reader) string {
	var b [16]byte
	_, _ = io.ReadFull(source, b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
