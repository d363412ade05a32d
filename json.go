package rediscloud

import (
	"bytes"
	"encoding/json"
	"errors"
)

// None is what an operation yields that leaves nothing to read.
type None struct{}

// checked is what a result implements that is worth nothing without some of
// its members, such as its id.
type checked interface{ check() error }

func unmarshal(data []byte, doc any) error {
	switch string(bytes.TrimSpace(data)) {
	case "":
		return errors.New("the answer is empty")
	case "null":
		return errors.New("the answer is null")
	}
	if err := json.Unmarshal(data, doc); err != nil {
		return err
	}
	if c, ok := doc.(checked); ok {
		return c.check()
	}
	return nil
}

func isObject(data []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) }
