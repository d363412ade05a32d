package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/VictoriaMetrics/metricsql"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// A dashboard is the part of a Grafana dashboard that the test reads.
type dashboard struct {
	Panels []panel `json:"panels"`
}

type panel struct {
	ID          int    `json:"id"`
	Title       string `json:"title"`
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct {
		Defaults struct {
			Thresholds struct {
				Steps []struct{ Value *float64 }
			}
		}
	}
	Datasource source   `json:"datasource"`
	Targets    []target `json:"targets"`
}

type source struct{ Type, UID string }

type target struct {
	RefID        string `json:"refId"`
	Expr         string `json:"expr"`
	LegendFormat string `json:"legendFormat"`
	Datasource   source `json:"datasource"`
}

// series are the time series of a registry, each with its labels and its name.
type series []map[string]string

// names are the names of the metrics.
func (s series) names() map[string]bool {
	names := map[string]bool{}
	for _, labels := range s {
		names[labels["__name__"]] = true
	}
	return names
}

// selected returns the series that a selector selects.
func (s series) selected(t *testing.T, selector *metricsql.MetricExpr) (found series) {
	t.Helper()
	require.Len(t, selector.LabelFilterss, 1, "there is no \"or\" in Prometheus")
	for _, labels := range s {
		if !slices.ContainsFunc(selector.LabelFilterss[0], func(f metricsql.LabelFilter) bool { return !matches(t, labels, f) }) {
			found = append(found, labels)
		}
	}
	return found
}

func matches(t *testing.T, labels map[string]string, f metricsql.LabelFilter) bool {
	t.Helper()
	value, has := labels[f.Label]
	if !has {
		return false // Prometheus takes it for an empty label, but it is a mistake
	}
	equal := value == f.Value
	if f.IsRegexp {
		pattern, err := regexp.Compile("^(?:" + f.Value + ")$")
		require.NoError(t, err)
		equal = pattern.MatchString(value)
	}
	return equal != f.IsNegative
}

// emitted returns every series that the program can emit.
func emitted(t *testing.T) (all series) {
	t.Helper()
	r := newRig(t, rediscloudtest.WithProvisioning(0))
	sub := r.fake.AddSubscription("s")
	for i, create := range []string{"a", "a", "b"} { // the second one fails
		task, err := r.client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: create})
		require.NoError(t, err)
		_, err = task.WaitProvisioned(t.Context(), r.metrics.Wait())
		require.Equal(t, i == 1, err != nil)
	}
	tasks := make([]rediscloud.AnyTask, 2) // so the list of tasks is polled
	for i := range tasks {
		task, err := r.client.Databases.Create(t.Context(), r.fake.AddSubscription("s"), &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		tasks[i] = task
	}
	_, err := r.client.WaitForTasks(t.Context(), tasks)
	require.NoError(t, err)
	r.fake.AnswerNext(1, "", 503, nil, "")
	r.fake.CutNext(1, "", rediscloudtest.CutAfter)
	r.fake.AnswerNext(1, "", 429, http.Header{"Retry-After": {"3"}}, "")
	_, err = r.client.Subscriptions.List(t.Context())
	require.NoError(t, err)

	families, err := r.registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{"__name__": family.GetName()}
			for _, pair := range metric.GetLabel() {
				labels[pair.GetName()] = pair.GetValue()
			}
			if family.GetType() != dto.MetricType_HISTOGRAM {
				all = append(all, labels)
				continue
			}
			for suffix, le := range map[string]string{"_sum": "", "_count": "", "_bucket": "+Inf"} {
				of := maps.Clone(labels)
				of["__name__"] += suffix
				if le != "" {
					of["le"] = le
				}
				all = append(all, of)
			}
		}
	}
	return all
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile("dashboard.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &d))
	require.NotEmpty(t, d.Panels)
	return d
}

// Each query of the dashboard uses metrics, labels and values that are really
// emitted, and each metric is drawn.
func TestDashboardDrawsWhatIsEmitted(t *testing.T) {
	var all series
	synctest.Test(t, func(t *testing.T) { all = emitted(t) })
	drawn := map[string]bool{}
	for _, panel := range readDashboard(t).Panels {
		for _, target := range panel.Targets {
			t.Run(panel.Title+" "+target.RefID, func(t *testing.T) { checkQuery(t, target, all, drawn) })
		}
	}
	for name := range all.names() {
		base := regexp.MustCompile("_(sum|count|bucket)$").ReplaceAllString(name, "")
		assert.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(drawn)), func(other string) bool { return strings.HasPrefix(other, base) }), "nothing draws %s", base)
	}
}

func checkQuery(t *testing.T, target target, all series, drawn map[string]bool) {
	t.Helper()
	query := strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h").Replace(target.Expr)
	require.NotContains(t, query, "$")
	expr, err := metricsql.Parse(query)
	require.NoError(t, err)
	assert.False(t, metricsql.IsLikelyInvalid(expr))
	var found series
	var by []string
	metricsql.VisitAll(expr, func(e metricsql.Expr) {
		switch e := e.(type) {
		case *metricsql.MetricExpr:
			selected := all.selected(t, e)
			assert.NotEmpty(t, selected, "%s selects nothing", e.AppendString(nil))
			maps.Copy(drawn, selected.names())
			found = append(found, selected...)
		case *metricsql.FuncExpr:
			assert.Contains(t, []string{"rate", "increase", "histogram_quantile"}, e.Name)
		case *metricsql.AggrFuncExpr:
			assert.Contains(t, []string{"sum", "topk"}, e.Name)
			by = append(by, e.Modifier.Args...)
		}
	})
	for _, label := range by {
		for _, labels := range found {
			assert.Contains(t, labels, label, "%s has no such label", labels["__name__"])
		}
	}
	for _, label := range regexp.MustCompile(`{{(.*?)}}`).FindAllStringSubmatch(target.LegendFormat, -1) {
		assert.Contains(t, by, label[1], "the legend")
	}
	if strings.HasPrefix(target.Expr, "histogram_quantile") {
		assert.Contains(t, by, "le")
	}
}

// Grafana accepts it unchanged: ids are unique, no panel covers another, and
// the data source is the one that the user chooses.
func TestDashboardIsWellFormed(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	ids, taken := map[int]bool{}, map[string]string{}
	d := readDashboard(t)
	for _, p := range d.Panels {
		assert.Contains(t, string(readme), "\n| "+p.Title+" | ")
		assert.False(t, ids[p.ID], "two panels have the id %d", p.ID)
		ids[p.ID] = true
		assert.Equal(t, source{"prometheus", "${datasource}"}, p.Datasource)
		refs := map[string]bool{}
		for _, target := range p.Targets {
			assert.False(t, refs[target.RefID], p.Title)
			refs[target.RefID] = true
			assert.Equal(t, p.Datasource, target.Datasource)
		}
		require.NotEmpty(t, refs, p.Title)
		assert.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24)
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				cell := fmt.Sprint(p.GridPos.X+x, p.GridPos.Y+y)
				assert.Empty(t, taken[cell], p.Title)
				taken[cell] = p.Title
			}
		}
	}
	steps := d.Panels[0].FieldConfig.Defaults.Thresholds.Steps
	require.Len(t, steps, 2)
	assert.InDelta(t, rediscloud.DefaultRateLimit, *steps[1].Value, 0, "the line is the API's limit")
}
