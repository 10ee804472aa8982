package view

// Mark is a shape that says the same as the words beside it, so that nothing is told by colour alone.
type Mark int

// The marks.
const (
	NoMark  Mark = iota
	Reached      // the target is reached
	NotYet       // it is not
	Missing      // there is no value
	Up           // grew
	Down         // shrank
	Same
	Alert // warning, alarm, or an old value
)

// String is the mark as a character, for where it isn't drawn.
func (m Mark) String() string { return [...]string{"", "●", "▲", "○", "↑", "↓", "=", "!"}[m] }

// Tone says whether something is good news.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Bad
)

// String is the tone as the name of a style.
func (t Tone) String() string { return [...]string{"plain", "good", "bad"}[t] }
