package rediscloud

// read decodes a document as the methods do, but doesn't miss its id.
func read(doc string, v any) error {
	_, err := unmarshalUnchecked([]byte(doc), v)
	return err
}
