package wire

import (
	"time"

	"github.com/binhphuoc/ioc/schemas"
)

// TypeShow is the frame that tells walls what to show.
const TypeShow = "show"

// SceneList are the scenes in force.
type SceneList struct {
	Scenes []Scene `json:"scenes"`
}

// Scene is one picture of a wall: widgets on a grid.
type Scene struct {
	ID      string        `json:"id"`
	Name    schemas.Text  `json:"name"`
	Centre  string        `json:"centre,omitempty"` // whose scene it is; empty: the whole province's
	Columns int           `json:"columns"`
	Rows    int           `json:"rows"`
	Widgets []SceneWidget `json:"widgets"`
}

// SceneWidget is one part of a scene. Which of the fields below its place it has depends on its kind.
type SceneWidget struct {
	Kind string `json:"kind"`
	X    int    `json:"x"` // column, from 1
	Y    int    `json:"y"` // row, from 1
	W    int    `json:"w"` // columns
	H    int    `json:"h"` // rows

	Title     *schemas.Text `json:"title,omitempty"` // in place of the name of what it shows
	KPI       string        `json:"kpi,omitempty"`
	KPIs      []string      `json:"kpis,omitempty"`
	Centre    string        `json:"centre,omitempty"`
	Centres   []string      `json:"centres,omitempty"`
	Seconds   float64       `json:"seconds,omitempty"` // how far back it looks
	Of        string        `json:"of,omitempty"`      // whose state: feeds, camera or sensor
	Scorecard string        `json:"scorecard,omitempty"`
	By        string        `json:"by,omitempty"` // what a scorecard ranks
	Min       *float64      `json:"min,omitempty"`
	Max       *float64      `json:"max,omitempty"`
	Text      *schemas.Text `json:"text,omitempty"`
	Limit     int           `json:"limit,omitempty"` // of a list
}

// WallList are the walls in force.
type WallList struct {
	Walls []Wall `json:"walls"`
}

// Wall is a set of scenes that one screen shows in turn.
type Wall struct {
	ID       string       `json:"id"`
	Name     schemas.Text `json:"name"`
	Diagonal float64      `json:"diagonal_inches"`
	Distance float64      `json:"distance_metres"` // from which it is read
	TakeOver bool         `json:"take_over"`       // an alarm of priority 1 takes the place of the scene
	Scenes   []WallScene  `json:"scenes"`
}

// WallScene is the turn of one scene.
type WallScene struct {
	Scene   string  `json:"scene"`
	Seconds float64 `json:"seconds"`
}

// ShowRequest tells a wall what to show: another scene, to stay on one, or to go on.
type ShowRequest struct {
	Scene  string `json:"scene,omitempty"` // empty: the one that it shows
	Paused bool   `json:"paused"`
}

// Show is the newest of these requests to a wall.
type Show struct {
	Type   string    `json:"type"`
	Wall   string    `json:"wall"`
	Scene  string    `json:"scene"`
	Paused bool      `json:"paused"`
	At     time.Time `json:"at"`
}

// SceneVersion is a scene as somebody saved it. Versions are kept for ever.
type SceneVersion struct {
	ID      string    `json:"id"`
	Version int       `json:"version"`          // from 1; 0: that of the files
	Centre  string    `json:"centre,omitempty"` // whose scene it was
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Why     string    `json:"why"`
	Removed bool      `json:"removed"` // back to the one of the files
	// Document is a file of --scene-dir. It and Scene are left out of lists.
	Document string `json:"document,omitempty"`
	Scene    *Scene `json:"scene,omitempty"` // absent too where it names what is no longer there
}

// SceneVersionList are the newest versions of a scene, the newest first.
type SceneVersionList struct {
	ID       string         `json:"id"`
	Version  int            `json:"version"` // of the newest: the base of the next; 0: there is none
	Shipped  bool           `json:"shipped"` // it is there without them too
	Versions []SceneVersion `json:"versions"`
}

// SceneFault is one thing that is wrong in a scene.
type SceneFault struct {
	Line     int          `json:"line,omitempty"` // in YAML
	Field    string       `json:"field"`          // such as widgets[2].kpi; empty: the scene as a whole
	Sentence schemas.Text `json:"sentence"`
}

// SceneProblem refuses a scene.
type SceneProblem struct {
	Problem
	Faults []SceneFault `json:"faults"`
}
