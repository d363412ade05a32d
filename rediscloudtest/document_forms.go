package rediscloudtest

// WithDocumentForms writes some fields as in the examples of the API's own
// document, where those differ from what clients rely on: the last digits of a
// credit card's number are a string, the global password of an Active-Active
// database and the access key of a cloud account are masked, and the
// subscription of a free plan has a number of connections and another date
// format. It is for tests of a client that reads both forms.
func WithDocumentForms() Option {
	return func(c *config) { c.documentForms = true }
}
