package rediscloud

import (
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/rediscloud-go/rediscloud"

// devel is the version of a build that no release is in.
const devel = "devel"

// Version returns the version of this package in the running program, such as
// "0.1.0": the one that the program's go.mod names. It is "devel" if the program
// was built from a working copy, as with a replace directive, or without
// information on its modules. The User-Agent header says it too.
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return devel
	}
	return versionIn(info)
})

func versionIn(info *debug.BuildInfo) string {
	for _, module := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if module.Path != modulePath {
			continue
		}
		if module.Replace != nil {
			module = module.Replace
		}
		if number, ok := strings.CutPrefix(module.Version, "v"); ok {
			return number
		}
	}
	return devel
}
