package rediscloudtest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	day           = 24 * time.Hour
	maxReportDays = 40
)

func createCostReport(c *call) answer {
	return c.start(http.StatusAccepted, "costReportCreateRequest", func(at time.Time) (outcome, *failure) {
		start, end, f := reportDates(c.body, at)
		if f != nil {
			return outcome{}, f
		}
		for _, tag := range objects(c.body, "tags") {
			if str(tag, "key", "") == "" {
				return outcome{}, badRequest("COST_REPORT_TAG_KEY_EMPTY", "A tag has no key.")
			}
			if str(tag, "value", "") == "" {
				return outcome{}, badRequest("COST_REPORT_TAG_VALUE_EMPTY", "A tag has no value.")
			}
		}
		id, write := newUUID()+".csv", writeCSV
		if str(c.body, "format", "csv") == "json" {
			id, write = newUUID()+".json", writeJSON
		}
		c.server.costReports[id] = write(c.server.costs(c.body, start, end))
		return outcome{resource: object{"costReportId": id}}, nil
	})
}

// reportDates checks the dates of a report.
func reportDates(request object, now time.Time) (start, end time.Time, f *failure) {
	first, last := str(request, "startDate", ""), str(request, "endDate", "")
	if first == "" {
		return start, end, badRequest("COST_REPORT_START_DATE_IS_MISSING", "The first day is missing.")
	}
	if last == "" {
		return start, end, badRequest("COST_REPORT_END_DATE_IS_MISSING", "The last day is missing.")
	}
	start, err1 := time.Parse(time.DateOnly, first)
	end, err2 := time.Parse(time.DateOnly, last)
	switch {
	case err1 != nil || err2 != nil:
		f = badRequest("COST_REPORT_INVALID_DATE_FORMAT", "A day is not written as YYYY-MM-DD.")
	case end.Before(start):
		f = badRequest("COST_REPORT_END_DATE_BEFORE_START_DATE", "The last day is before the first.")
	case end.Sub(start) > maxReportDays*day:
		f = badRequest("COST_REPORT_DATE_RANGE_EXCEEDS_LIMIT", "The days are more than 40.")
	case end.After(now):
		f = badRequest("COST_REPORT_FUTURE_DATES_NOT_ALLOWED", "The last day is still to come.")
	}
	return start, end, f
}

// reportColumns are some of the columns of the FOCUS format.
var reportColumns = []string{
	"ChargePeriodStart", "ChargePeriodEnd", "BilledCost", "BillingCurrency", "ServiceName", "SubAccountId", "SubAccountName",
	"ResourceId", "ResourceName", "RegionId",
}

// costs returns the rows of a report: the cost of each requested database per
// day and region.
func (s *Server) costs(request object, start, end time.Time) [][]string {
	rows := [][]string{}
	for from := start; !from.After(end); from = from.Add(day) {
		for _, id := range slices.Sorted(maps.Keys(s.subscriptions)) {
			sub := s.subscriptions[id]
			if str(request, "subscriptionType", "pro") != "pro" || !asked(request, "subscriptionIds", id) {
				continue
			}
			for _, db := range sub.sorted() {
				if !asked(request, "databaseIds", db.id) || !db.hasTags(objects(request, "tags")) {
					continue
				}
				rows = append(rows, db.costs(request, from)...)
			}
		}
	}
	return rows
}

func (db *database) costs(request object, from time.Time) (rows [][]string) {
	for _, cloud := range db.sub.clouds {
		for _, r := range cloud.regions {
			if !asked(request, "regions", r.name) {
				continue
			}
			cost := strconv.FormatFloat(24*num(price("", ""), "pricePerUnit", 0), 'f', 3, 64)
			rows = append(rows, []string{
				wireTime(from), wireTime(from.Add(day)), cost, "USD", "Redis Cloud Pro",
				strconv.Itoa(db.sub.id), str(db.sub.settings, "name", ""), strconv.Itoa(db.id), db.name(), r.name,
			})
		}
	}
	return rows
}

// asked reports whether a filter accepts a value: it is absent, empty, or
// contains the value.
func asked(request object, filter string, value any) bool {
	list, _ := request[filter].([]any)
	return len(list) == 0 || slices.ContainsFunc(list, func(v any) bool { return fmt.Sprint(v) == fmt.Sprint(value) })
}

func (db *database) hasTags(wanted []object) bool {
	return !slices.ContainsFunc(wanted, func(want object) bool {
		i := db.tag(str(want, "key", ""))
		return i < 0 || db.tags[i].value != str(want, "value", "")
	})
}

func writeCSV(rows [][]string) []byte {
	var file bytes.Buffer
	_ = csv.NewWriter(&file).WriteAll(append([][]string{reportColumns}, rows...))
	return file.Bytes()
}

func writeJSON(rows [][]string) []byte {
	list := []map[string]string{}
	for _, row := range rows {
		entry := map[string]string{}
		for i, column := range reportColumns {
			entry[column] = row[i]
		}
		list = append(list, entry)
	}
	file, err := json.Marshal(list)
	if err != nil {
		return nil // can't happen: all values are strings
	}
	return file
}

func getCostReport(c *call) answer {
	id := c.path["costReportId"]
	file, ok := c.server.costReports[id]
	if !ok {
		return c.notFound()
	}
	a := newAnswer(http.StatusOK, "application/octet-stream", file)
	a.header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", id))
	return a
}
