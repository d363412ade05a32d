package rediscloud

import (
	"context"
	"log/slog"
	"time"
)

// logAttempt logs one attempt at debug level, without bodies, headers and
// queries, since they may contain secrets.
func (x *exchange) logAttempt(ctx context.Context, took time.Duration, err error) {
	if !x.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", x.call.method),
		slog.String("route", x.call.name()),
		slog.String("path", x.call.path),
		slog.Int("attempt", x.attempts),
		slog.Duration("took", took),
	}
	if x.answer != nil {
		attrs = append(attrs, slog.Int("status", x.answer.StatusCode), slog.Int("bytes", len(x.answer.Body)))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	x.log.LogAttrs(ctx, slog.LevelDebug, "rediscloud: exchange", attrs...)
}

// logWait logs the progress of a wait, at debug level.
func (t *transport) logWait(ctx context.Context, attrs ...slog.Attr) {
	t.log.LogAttrs(ctx, slog.LevelDebug, "rediscloud: waiting", attrs...)
}

// errorAttr is the attribute for an error, or an empty one.
func errorAttr(err error) slog.Attr {
	if err == nil {
		return slog.Attr{}
	}
	return slog.String("error", err.Error())
}
