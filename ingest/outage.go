package ingest

import "sync"

// Outage remembers whether a trouble has been told, so that the log hears of its beginning and of its end,
// and of no try in between. The zero value is no trouble.
type Outage struct {
	mu sync.Mutex
	on bool
}

// Changed notes whether there is a trouble, and tells whether that is news.
func (o *Outage) Changed(on bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.on
	o.on = on
	return was != on
}
