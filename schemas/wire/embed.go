package wire

import (
	_ "embed"
	"slices"
)

//go:embed openapi.yaml
var openAPI []byte

//go:embed asyncapi.yaml
var asyncAPI []byte

// OpenAPI returns the description of the REST interface, in YAML.
func OpenAPI() []byte { return slices.Clone(openAPI) }

// AsyncAPI returns the description of the live channel, in YAML. It refers to schemas of openapi.yaml beside it.
func AsyncAPI() []byte { return slices.Clone(asyncAPI) }
