package rediscloud

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersion(t *testing.T) {
	other := &debug.Module{Path: "example.com/other", Version: "v9.0.0"}
	dep := func(version string, replace *debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Path: "example.com/app", Version: "v7.0.0"},
			Deps: []*debug.Module{other, {Path: modulePath, Version: version, Replace: replace}}}
	}
	for name, test := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"a release":          {dep("v0.1.0", nil), "0.1.0"},
		"a commit":           {dep("v0.1.1-0.20261125200000-0123456789ab", nil), "0.1.1-0.20261125200000-0123456789ab"},
		"a fork":             {dep("v0.1.0", &debug.Module{Path: "example.com/fork", Version: "v0.1.1"}), "0.1.1"},
		"a working copy":     {dep("v0.1.0", &debug.Module{Path: "../rediscloud"}), "devel"},
		"a workspace":        {dep("(devel)", nil), "devel"},
		"its own command":    {&debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: "v0.2.0"}}, "0.2.0"},
		"its own tests":      {&debug.BuildInfo{Main: debug.Module{Path: modulePath}}, "devel"},
		"no modules at all":  {&debug.BuildInfo{}, "devel"},
		"a module of a name": {&debug.BuildInfo{Deps: []*debug.Module{{Path: modulePath + "/x", Version: "v1.0.0"}}}, "devel"},
	} {
		assert.Equal(t, test.want, versionIn(test.info), name)
	}
	assert.NotEmpty(t, Version())
}
