package main

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// surface lists what a package exports, one sorted line for each name that a
// program can use.
func surface(pkg *types.Package) []string {
	s := &lister{pkg: pkg, lines: map[string]bool{}}
	for _, name := range pkg.Scope().Names() {
		if object := pkg.Scope().Lookup(name); object.Exported() {
			s.object(object)
		}
	}
	return slices.Sorted(maps.Keys(s.lines))
}

type lister struct {
	pkg   *types.Package
	lines map[string]bool
}

func (s *lister) add(format string, args ...any) { s.lines[fmt.Sprintf(format, args...)] = true }

// text formats a type, with the names of other packages as qualifiers.
func (s *lister) text(typ types.Type) string { return types.TypeString(typ, s.qualifier) }

func (s *lister) qualifier(pkg *types.Package) string {
	if pkg == s.pkg {
		return ""
	}
	return pkg.Name()
}

// signature formats the parameters and results of a function, including
// parameter names, which distinguish two of the same type.
func (s *lister) signature(f *types.Func) string {
	return strings.TrimPrefix(s.text(f.Signature()), "func")
}

func (s *lister) object(object types.Object) {
	switch object := object.(type) {
	case *types.Const:
		s.add("const %s %s = %s", object.Name(), s.text(object.Type()), object.Val().ExactString())
	case *types.Var:
		s.add("var %s %s", object.Name(), s.text(object.Type()))
	case *types.Func:
		s.add("func %s%s", object.Name(), s.signature(object))
	case *types.TypeName:
		s.typeName(object)
	}
}

func (s *lister) typeName(object *types.TypeName) {
	named, ok := object.Type().(*types.Named)
	if object.IsAlias() || !ok {
		s.add("type %s = %s", object.Name(), s.text(types.Unalias(object.Type())))
		return
	}
	name := s.text(named) // with type parameters
	switch underlying := named.Underlying().(type) {
	case *types.Struct:
		s.structure(name, underlying)
	case *types.Interface:
		s.add("type %s interface", name)
		s.contract(name, underlying)
	default:
		s.add("type %s %s", name, s.text(underlying))
	}
	s.methods(named)
}

func (s *lister) structure(name string, structure *types.Struct) {
	s.add("type %s struct", name)
	s.fields(name, structure)
}

// fields lists the fields of a struct, and those promoted from embedded ones
// that a program can't name.
func (s *lister) fields(name string, structure *types.Struct) {
	for i := range structure.NumFields() {
		field := structure.Field(i)
		if !field.Exported() {
			s.add("type %s struct, unexported fields", name) // it can't be written without names
			if lender, ok := pointee(field.Type()).Underlying().(*types.Struct); ok && field.Embedded() {
				s.fields(name, lender)
			}
			continue
		}
		line := fmt.Sprintf("type %s struct, %s %s", name, field.Name(), s.text(field.Type()))
		if field.Embedded() {
			line = fmt.Sprintf("type %s struct, embedded %s", name, s.text(field.Type()))
		}
		if tag := structure.Tag(i); tag != "" {
			line += " " + quoted(tag)
		}
		s.add("%s", line)
	}
}

// pointee is the type that a pointer points to, or the type itself.
func pointee(typ types.Type) types.Type {
	if pointer, ok := typ.Underlying().(*types.Pointer); ok {
		return pointer.Elem()
	}
	return typ
}

// quoted formats a tag as in source code.
func quoted(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

func (s *lister) contract(name string, contract *types.Interface) {
	for i := range contract.NumEmbeddeds() {
		s.add("type %s interface, embedded %s", name, s.text(contract.EmbeddedType(i)))
	}
	for i := range contract.NumExplicitMethods() {
		method := contract.ExplicitMethod(i)
		if !method.Exported() {
			s.add("type %s interface, unexported methods", name) // no other package can implement it
			continue
		}
		s.add("type %s interface, %s%s", name, method.Name(), s.signature(method))
	}
}

// methods lists the methods of a type, and those promoted from embedded types
// that a program can't name. Methods promoted from an exported type are covered
// by its field.
func (s *lister) methods(named *types.Named) {
	if types.IsInterface(named) {
		return
	}
	all := types.NewMethodSet(types.NewPointer(named))
	byValue := types.NewMethodSet(named)
	for i := range all.Len() {
		selection := all.At(i)
		method := selection.Obj().(*types.Func)
		if !method.Exported() || lent(named, selection.Index()) {
			continue
		}
		receiver := s.receiver(named)
		if byValue.Lookup(method.Pkg(), method.Name()) == nil {
			receiver = "*" + receiver
		}
		s.add("method (%s) %s%s", receiver, method.Name(), s.signature(method))
	}
}

// receiver formats a type as its methods name it, with only the type
// parameters.
func (s *lister) receiver(named *types.Named) string {
	var names []string
	for parameter := range named.TypeParams().TypeParams() {
		names = append(names, parameter.Obj().Name())
	}
	if names == nil {
		return named.Obj().Name()
	}
	return named.Obj().Name() + "[" + strings.Join(names, ", ") + "]"
}

// lent reports whether a method is promoted through an exported embedded field.
func lent(named *types.Named, path []int) bool {
	typ := types.Type(named)
	for _, i := range path[:len(path)-1] {
		field := typ.Underlying().(*types.Struct).Field(i)
		if field.Exported() {
			return true
		}
		typ = pointee(field.Type())
	}
	return false
}
