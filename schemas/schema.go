package schemas

import "embed"

//go:embed event/*.schema.json
var schemaFiles embed.FS

// Schema returns the JSON Schema (2020-12) of a whole event of this type, as one structured CloudEvent.
// What it accepts the decoder accepts too, but for what no schema can know: the clock, the registry, the topic.
func Schema(t Type) ([]byte, bool) {
	raw, err := schemaFiles.ReadFile("event/" + string(t) + ".v1.schema.json")
	return raw, err == nil
}
