package rediscloud

type want map[string]string
type match int

const (
	unknown match = iota
	same
	other
)

func (w want) compare(doc []byte) match { return unknown }
