package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rediscloud-go/rediscloud"
)

// endpointForm matches an endpoint that is safe in a shell script.
var endpointForm = regexp.MustCompile(`^[A-Za-z0-9.-]+:[0-9]{1,5}$`)

// connection returns the URL that Redis clients connect to. It consists of
// letters, digits and :/@.%-_~, so it needs no quotes anywhere.
func connection(db *rediscloud.EssentialsDatabase) (string, error) {
	if !endpointForm.MatchString(db.PublicEndpoint) {
		return "", fmt.Errorf("the endpoint of database %d is %q: nothing can connect to that", db.ID, db.PublicEndpoint)
	}
	password := string(db.Security.Password)
	if password == "" {
		return "", fmt.Errorf("the API returns no password for database %d: is its default user disabled?", db.ID)
	}
	scheme := "redis"
	if db.Security.EnableTLS {
		scheme = "rediss"
	}
	escaped := strings.ReplaceAll(url.QueryEscape(password), "+", "%20")
	return scheme + "://default:" + escaped + "@" + db.PublicEndpoint, nil
}

// setVariable sets the variable in a file, replacing its old value. All other
// lines are kept. Afterwards only the user can read the file.
func setVariable(path, value string) error {
	lines, _, err := otherLines(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return replace(path, append(lines, variable+"="+value+"\n"))
}

// dropVariable removes the variable from a file if its value contains a text,
// and removes the file if nothing else is in it.
func dropVariable(path, text string) (dropped bool, err error) {
	lines, value, err := otherLines(path)
	if err != nil || text == "" || !strings.Contains(value, text) {
		return false, err
	}
	if len(lines) == 0 {
		return true, os.Remove(path)
	}
	return true, replace(path, lines)
}

// line matches a line that sets the variable.
var line = regexp.MustCompile(`^\s*(?:export\s+)?` + variable + `=(.*)`)

// otherLines returns the lines of a file, except those that set the variable,
// and the variable's value.
func otherLines(path string) (lines []string, value string, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, "", err
	}
	if !info.Mode().IsRegular() {
		return nil, "", fmt.Errorf("%s is not a regular file", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	for l := range strings.Lines(string(text)) {
		if found := line.FindStringSubmatch(l); found != nil {
			value = found[1]
			continue
		}
		lines = append(lines, strings.TrimSuffix(l, "\n")+"\n")
	}
	return lines, value, nil
}

// replace writes a new file, which only the user can read, and renames it to
// path.
func replace(path string, lines []string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = file.WriteString(strings.Join(lines, ""))
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// sourced returns the path as a shell must be given it: a name without a slash
// would be searched for on the PATH.
func sourced(path string) string {
	if !filepath.IsAbs(path) {
		path = "./" + path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
