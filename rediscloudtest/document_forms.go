package rediscloudtest

// WithDocumentForms writes some members as the examples in the API's own document have them, where those differ from what clients have
// come to rely on: the end of a credit card's number is a text, the global password of an Active-Active database and the access key of
// a cloud account are masked, and the subscription of a free plan has a number of connections and a date of another form. It is for
// tests of a client that reads both.
func WithDocumentForms() Option {
	return func(c *config) { c.documentForms = true }
}
