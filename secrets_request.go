package rediscloud

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
)

// The requests that hold secrets are printed and logged as their JSON, in which
// the secrets are redacted. What package fmt prints by itself would show them
// where a verb doesn't suit a member.

// showable is the JSON of a request without its secrets.
func showable(req any) json.RawMessage {
	doc, err := json.Marshal(withoutSecrets(reflect.ValueOf(req)).Interface())
	if err != nil {
		return json.RawMessage("{}") // can't be: it is the JSON that is sent
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

// Format prints the request as JSON without its secrets.
func (r ACLUserCreateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r ACLUserCreateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r ACLUserUpdateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r ACLUserUpdateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the backups as JSON without its secrets.
func (b BackupSpec) Format(f fmt.State, _ rune) { show(f, b) }

// LogValue is the backups as JSON without its secrets.
func (b BackupSpec) LogValue() slog.Value { return logged(b) }

// Format prints the request as JSON without its secrets.
func (r CloudAccountCreateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r CloudAccountCreateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r CloudAccountUpdateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r CloudAccountUpdateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r DatabaseBackupRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r DatabaseBackupRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r DatabaseCreateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r DatabaseCreateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r DatabaseImportRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r DatabaseImportRequest) LogValue() slog.Value { return logged(r) }

// Format prints the change as JSON without its secrets.
func (r DatabaseRegionUpdate) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the change as JSON without its secrets.
func (r DatabaseRegionUpdate) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r DatabaseRegionsUpdateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r DatabaseRegionsUpdateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r DatabaseUpdateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r DatabaseUpdateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the model as JSON without its secrets.
func (m EmbeddingModelSpec) Format(f fmt.State, _ rune) { show(f, m) }

// LogValue is the model as JSON without its secrets.
func (m EmbeddingModelSpec) LogValue() slog.Value { return logged(m) }

// Format prints the request as JSON without its secrets.
func (r EssentialsDatabaseBackupRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r EssentialsDatabaseBackupRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r EssentialsDatabaseCreateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r EssentialsDatabaseCreateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r EssentialsDatabaseUpdateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r EssentialsDatabaseUpdateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r LangCacheCreateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r LangCacheCreateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r LangCacheUpdateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r LangCacheUpdateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the memory as JSON without its secrets.
func (m LongTermMemorySpec) Format(f fmt.State, _ rune) { show(f, m) }

// LogValue is the memory as JSON without its secrets.
func (m LongTermMemorySpec) LogValue() slog.Value { return logged(m) }

// Format prints the credentials as JSON without their secrets.
func (c MemoryModelCredentialsSpec) Format(f fmt.State, _ rune) { show(f, c) }

// LogValue is the credentials as JSON without their secrets.
func (c MemoryModelCredentialsSpec) LogValue() slog.Value { return logged(c) }

// Format prints the model as JSON without its secrets.
func (m MemoryModelSpec) Format(f fmt.State, _ rune) { show(f, m) }

// LogValue is the model as JSON without its secrets.
func (m MemoryModelSpec) LogValue() slog.Value { return logged(m) }

// Format prints the request as JSON without its secrets.
func (r MemoryStoreCreateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r MemoryStoreCreateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the request as JSON without its secrets.
func (r MemoryStoreUpdateRequest) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the request as JSON without its secrets.
func (r MemoryStoreUpdateRequest) LogValue() slog.Value { return logged(r) }

// Format prints the replica as JSON without its secrets.
func (r ReplicaSpec) Format(f fmt.State, _ rune) { show(f, r) }

// LogValue is the replica as JSON without its secrets.
func (r ReplicaSpec) LogValue() slog.Value { return logged(r) }

// Format prints the source as JSON without its secrets.
func (s SyncSourceSpec) Format(f fmt.State, _ rune) { show(f, s) }

// LogValue is the source as JSON without its secrets.
func (s SyncSourceSpec) LogValue() slog.Value { return logged(s) }
