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

// endpointForm is how an endpoint looks that can stand in a shell script.
var endpointForm = regexp.MustCompile(`^[A-Za-z0-9.-]+:[0-9]{1,5}$`)

// connection is the URL by which clients of Redis connect. It consists of
// letters, digits and :/@.%-_~ and so needs no quotes anywhere.
func connection(db *rediscloud.EssentialsDatabase) (string, error) {
	if !endpointForm.MatchString(db.PublicEndpoint) {
		return "", fmt.Errorf("the endpoint of database %d is %q: one can't connect to that", db.ID, db.PublicEndpoint)
	}
	password := string(db.Security.Password)
	if password == "" {
		return "", fmt.Errorf("the API tells no password of database %d: is its default user turned off?", db.ID)
	}
	scheme := "redis"
	if db.Security.EnableTLS {
		scheme = "rediss"
	}
	escaped := strings.ReplaceAll(url.QueryEscape(password), "+", "%20")
	return scheme + "://default:" + escaped + "@" + db.PublicEndpoint, nil
}

// setVariable puts the variable into a file, in place of what it was. All other
// lines stay. Only the user can read the file then.
func setVariable(path, value string) error {
	lines, _, err := otherLines(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return replace(path, append(lines, variable+"="+value+"\n"))
}

// dropVariable takes the variable out of a file if its value holds a text, and
// removes the file if nothing else is in it.
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

// line is one that sets the variable.
var line = regexp.MustCompile(`^\s*(?:export\s+)?` + variable + `=(.*)`)

// otherLines reads the lines of a file, without those that set the variable, and
// what it is set to.
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

// replace writes a file beside, which only the user can read, and renames it.
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

// sourced is how a shell takes in a file: a name without a slash would be looked
// for elsewhere.
func sourced(path string) string {
	if !filepath.IsAbs(path) {
		path = "./" + path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
