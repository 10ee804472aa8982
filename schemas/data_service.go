package schemas

// Lengths of the texts of the services.
const (
	maxID   = 128
	maxText = 200 // names of agencies and procedures, topics
)

func (f fields) dossier() *Dossier {
	return &Dossier{
		DossierID:   f.text("dossier_id", maxID),
		Procedure:   f.text("procedure", maxText),
		Agency:      f.text("agency", maxText),
		Level:       f.small("level", 2, 4),
		Channel:     f.oneOf("channel", "online", "counter", "post"),
		Status:      f.oneOf("status", "received", "processing", "supplement", "completed", "returned", "withdrawn"),
		ReceivedAt:  f.time("received_at"),
		DueAt:       f.time("due_at"),
		CompletedAt: f.optTime("completed_at"),
		PaidOnline:  f.optBool("paid_online"),
		Digitised:   f.optBool("digitised"),
		Rating:      f.optSmall("rating", 1, 5),
	}
}

func (f fields) call() *Call {
	return &Call{
		CallID:     f.text("call_id", maxID),
		Topic:      f.optText("topic", maxText),
		Status:     f.oneOf("status", "waiting", "answered", "abandoned", "ended"),
		QueuedAt:   f.time("queued_at"),
		AnsweredAt: f.optTime("answered_at"),
		EndedAt:    f.optTime("ended_at"),
		Rating:     f.optSmall("rating", 1, 5),
	}
}

func (f fields) ticket() *Ticket {
	return &Ticket{
		TicketID:   f.text("ticket_id", maxID),
		Kind:       f.oneOf("kind", "question", "petition", "field_report"),
		Channel:    f.oneOf("channel", "phone", "web", "app", "zalo", "email"),
		Agency:     f.optText("agency", maxText),
		Topic:      f.text("topic", maxText),
		Status:     f.oneOf("status", "received", "forwarded", "resolved", "reopened"),
		ReceivedAt: f.time("received_at"),
		DueAt:      f.optTime("due_at"),
		ResolvedAt: f.optTime("resolved_at"),
		Rating:     f.optSmall("rating", 1, 5),
		Position:   f.position(),
	}
}

func (f fields) document() *Document {
	return &Document{
		DocumentID: f.text("document_id", maxID),
		Agency:     f.text("agency", maxText),
		Direction:  f.oneOf("direction", "in", "out"),
		Signed:     f.bool("signed"),
		At:         f.time("at"),
		DueAt:      f.optTime("due_at"),
		DoneAt:     f.optTime("done_at"),
	}
}

func (f fields) meeting() *Meeting {
	return &Meeting{
		MeetingID: f.text("meeting_id", maxID),
		Agency:    f.text("agency", maxText),
		Paperless: f.bool("paperless"),
		At:        f.time("at"),
	}
}

func (f fields) catalogueEntry() *Procedure {
	return &Procedure{
		Procedure: f.text("procedure", maxText),
		Agency:    f.text("agency", maxText),
		Level:     f.small("level", 2, 4),
		Connected: f.bool("connected"),
	}
}

func (f fields) security() *Security {
	return &Security{
		FindingID: f.text("finding_id", maxID),
		Severity:  f.small("severity", 1, 5),
		Category:  f.text("category", maxText),
		Status:    f.oneOf("status", "open", "blocked", "closed"),
	}
}
