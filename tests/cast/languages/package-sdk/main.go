// Makes the SDK of a package schema, as `pulumi package gen-sdk --language LANGUAGE` does where the language host is Pulumi's
// own of today: main LANGUAGE SCHEMA FOLDER, for python, nodejs and go.
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "zero-touch"

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func generate(language string, pkg *schema.Package) (map[string][]byte, error) {
	switch language {
	case "python":
		return python.GeneratePackage(tool, pkg, nil, nil)
	case "nodejs":
		return nodejs.GeneratePackage(tool, pkg, nil, nil, false, nil)
	default:
		return gogen.GeneratePackage(tool, pkg, nil)
	}
}

func main() {
	text, err := os.ReadFile(os.Args[2])
	check(err)
	var spec schema.PackageSpec
	check(json.Unmarshal(text, &spec))
	languages := map[string]schema.Language{"python": python.Importer, "nodejs": nodejs.Importer, "go": gogen.Importer}
	pkg, err := schema.ImportSpec(spec, languages, schema.NewNullLoader(), schema.ValidationOptions{})
	check(err)
	files, err := generate(os.Args[1], pkg)
	check(err)
	for name, content := range files {
		file := filepath.Join(os.Args[3], name)
		check(os.MkdirAll(filepath.Dir(file), 0o755))
		check(os.WriteFile(file, content, 0o644))
	}
}
