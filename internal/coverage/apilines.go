package coverage

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// apiLine is the form of a line that names an operation in the comment of a
// method: nothing but the operation, and perhaps what is special about the call.
var apiLine = regexp.MustCompile(`^API: ((?:GET|POST|PUT|PATCH|DELETE) /(?:\S*[^\s,;.])?)(?: (?:with|and) .*|, and the read of .*)?$`)

// UndocumentedCalls compares the API lines in the comments of the services'
// methods, whose source is in dir, with the operations that the methods were
// seen to call. It returns what is wrong: an operation that a method calls and
// doesn't name, one that the API doesn't have, a line of another form, and a
// method that names none.
func (r *Report) UndocumentedCalls(dir string, facts *Facts) ([]string, error) {
	documented, wrong, err := apiLines(dir)
	if err != nil {
		return nil, err
	}
	facts = facts.whole()
	for method, ops := range documented {
		if len(ops) == 0 {
			wrong = append(wrong, method+" has no API line")
		}
		for _, op := range ops {
			if verb, path, _ := strings.Cut(op, " "); !facts.has(op) && !facts.hasFree(verb, path) {
				wrong = append(wrong, fmt.Sprintf("%s names the operation %s, which the API doesn't have", method, op))
			}
		}
	}
	for method, ops := range r.calls {
		named, ok := documented[method]
		for _, op := range ops {
			if ok && !slices.Contains(named, op) && !strings.HasSuffix(op, "/**") {
				wrong = append(wrong, fmt.Sprintf("%s calls %s, and doesn't name it", method, op))
			}
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}

// hasFree reports whether an operation is one of a path below which everything
// is handed on.
func (f *Facts) hasFree(verb, path string) bool {
	op, known := f.match(verb, path)
	return known && strings.HasSuffix(op, "/**") || f.has(verb+" "+path+"/**")
}

// apiLines returns the operations that the comments of the services' exported
// methods name, by service and method, and the lines that can't be read.
func apiLines(dir string) (documented map[string][]string, wrong []string, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	documented = map[string][]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		for _, decl := range file.Decls {
			method, ok := serviceMethod(decl)
			if !ok {
				continue
			}
			ops := []string{}
			for line := range strings.Lines(decl.(*ast.FuncDecl).Doc.Text()) {
				line = strings.TrimSpace(line)
				if !strings.HasPrefix(line, "API:") {
					continue
				}
				parts := apiLine.FindStringSubmatch(line)
				if parts == nil {
					wrong = append(wrong, fmt.Sprintf("%s has the line %q: want one operation, such as API: GET /tasks", method, line))
					continue
				}
				ops = append(ops, parts[1])
			}
			documented[method] = ops
		}
	}
	return documented, wrong, nil
}

// serviceMethod returns the name of an exported method of a service, such as
// "Databases.Create".
func serviceMethod(decl ast.Decl) (name string, ok bool) {
	method, ok := decl.(*ast.FuncDecl)
	if !ok || method.Recv == nil || !method.Name.IsExported() {
		return "", false
	}
	pointer, ok := method.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return "", false
	}
	receiver, ok := pointer.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	service, ok := strings.CutSuffix(receiver.Name, "Service")
	return service + "." + method.Name.Name, ok
}
