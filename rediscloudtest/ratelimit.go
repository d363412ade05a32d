package rediscloudtest

import (
	"slices"
	"time"
)

// admit counts a request if the limit allows one more within the window that
// ends now. Rejected requests don't count.
func (s *Server) admit(now time.Time) (remaining int, retryAfter time.Duration, ok bool) {
	if s.rateLimit == 0 {
		return 0, 0, true
	}
	s.accepted = slices.DeleteFunc(s.accepted, func(t time.Time) bool { return now.Sub(t) >= s.rateWindow })
	if len(s.accepted) >= s.rateLimit {
		return 0, s.accepted[0].Add(s.rateWindow).Sub(now), false
	}
	s.accepted = append(s.accepted, now)
	return s.rateLimit - len(s.accepted), 0, true
}
