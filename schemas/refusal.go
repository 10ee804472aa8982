package schemas

// Code says in one word why an event was refused. Codes are part of the contract: they never change meaning.
type Code string

// The reasons for which an event is refused.
const (
	CodeTooLarge     Code = "too_large"     // over MaxMessageBytes
	CodeNotUTF8      Code = "not_utf8"      // bytes that are not UTF-8
	CodeNotJSON      Code = "not_json"      // no JSON, or nested too deep
	CodeNoEvent      Code = "no_event"      // an empty batch or an empty message
	CodeMissing      Code = "missing_field" // a required field is absent, null or empty
	CodeWrongType    Code = "wrong_type"    // a field has another JSON type than the contract's
	CodeOutOfRange   Code = "out_of_range"  // a value outside of its list, range, length or pattern
	CodeUnknownType  Code = "unknown_type"  // the attribute "type" names no type of the contract
	CodeUnknownPlace Code = "unknown_place" // source names a centre or a domain that is not in the registry
	CodeWrongCentre  Code = "wrong_centre"  // the topic belongs to another centre than the source
	CodeTimeAhead    Code = "time_ahead"    // time is more than MaxAhead in the future
	CodeTimeExpired  Code = "time_expired"  // time is before the retention of raw data
	// CodeStorageRefused is an event that passed every check and that the storage yet would not take.
	CodeStorageRefused Code = "storage_refused"
)

// Refusal says why one event was not accepted. It is stored with the event, and shown to the centre that sent it.
type Refusal struct {
	Code     Code
	Field    string // JSON path of the field at fault, such as data.value; empty when the whole is at fault
	Sentence string // what is wrong and what to do, in Vietnamese
	English  string // the same in English
	// What could be read of the event, empty where it could not.
	ID, Source, EventType string
	// Item is the event's own bytes: the whole message, or its element of a batch.
	Item []byte
	// Index is the place in a batch, from 0; -1 when the message was refused as a whole or is no batch.
	Index int
}

// Error makes a Refusal an error; its text is the English sentence.
func (r *Refusal) Error() string { return string(r.Code) + ": " + r.English }
