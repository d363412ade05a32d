package provider

import (
	"context"
	"log/slog"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// newLogger returns a logger for the client that writes to Terraform's log: see TF_LOG. The client logs no secrets.
func newLogger() *slog.Logger { return slog.New(logHandler{}) }

type logHandler struct{ attrs []slog.Attr }

func (h logHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := map[string]any{}
	add := func(attr slog.Attr) bool {
		fields[attr.Key] = attr.Value.Resolve().String()
		return true
	}
	for _, attr := range h.attrs {
		add(attr)
	}
	record.Attrs(add)
	tflog.Debug(ctx, record.Message, fields)
	return nil
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{attrs: append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)}
}

func (h logHandler) WithGroup(string) slog.Handler { return h }
