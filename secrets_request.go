package rediscloud

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
)

// Requests that contain secrets are printed and logged as JSON in which the
// secrets are redacted. Package fmt alone would show them where a verb doesn't
// suit a field. Their methods are in secrets_generated.go.

//go:generate go run ./internal/cmd/secretmethods

// showable is the JSON of a request without its secrets.
func showable(req any) json.RawMessage {
	doc, err := json.Marshal(withoutSecrets(reflect.ValueOf(req)).Interface())
	if err != nil {
		return json.RawMessage("{}") // can't happen: it is the JSON that is sent
	}
	return doc
}

func show(f fmt.State, req any) { _, _ = f.Write(showable(req)) }

func logged(req any) slog.Value { return slog.AnyValue(showable(req)) }

// withoutSecrets returns a copy of a request in which the secrets are redacted.
func withoutSecrets(v reflect.Value) reflect.Value {
	clean := reflect.New(v.Type()).Elem()
	clean.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			clean.Set(reflect.New(v.Type().Elem()))
			clean.Elem().Set(withoutSecrets(v.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				clean.Field(i).Set(withoutSecrets(v.Field(i)))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			clean.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				clean.Index(i).Set(withoutSecrets(v.Index(i)))
			}
		}
	case reflect.String:
		switch secret := v.Interface().(type) {
		case Secret, SecretURI:
			clean.SetString(fmt.Sprint(secret))
		}
	}
	return clean
}
