package wire

// SignIn is what a reader shows to open a session, or to give the one that they have another name.
type SignIn struct {
	Token string `json:"token"`
	Name  string `json:"name"` // of the person; empty: a program, or a wall
}

// Session is how the reader stands here.
type Session struct {
	Name        string `json:"name"`         // under which changes are recorded, beside the address; empty: the address alone
	TokenNeeded bool   `json:"token_needed"` // to open another one
}

// EventType is one type of event that the platform takes.
type EventType struct {
	Type       string `json:"type"`
	CloudEvent string `json:"cloud_event"` // value of the CloudEvents attribute "type"
	Schema     string `json:"schema"`      // path of its JSON Schema
}

// KPIList is the catalogue.
type KPIList struct {
	KPIs []KPI `json:"kpis"`
}

// CentreList are the centres that the reader may see.
type CentreList struct {
	Centres []Centre `json:"centres"`
}

// FeedList are the feeds that the reader may see.
type FeedList struct {
	Feeds []FeedHealth `json:"feeds"`
}

// EventTypeList are all types of events.
type EventTypeList struct {
	Types []EventType `json:"types"`
}
