package rediscloud

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestChecks(t *testing.T) {
	long := 8
	for _, test := range []struct {
		err  error
		want string
	}{
		{required("A", true), ""},
		{required("A", false), "A is required"},
		{notBlank[string]("A", nil), ""},
		{notBlank("A", new("x")), ""},
		{notBlank("A", new(Secret(""))), "A must not be empty"},
		{exclusive("A", true, "B", false), ""},
		{exclusive("A", false, "B", true), ""},
		{exclusive("A", true, "B", true), "A and B can't be given together"},
		{onlyWith("A", false, "B", false), ""},
		{onlyWith("A", true, "B", true), ""},
		{onlyWith("A", true, "B", false), "A can only be given with B"},
		{atLeast[int]("A", nil, 1), ""},
		{atLeast("A", new(1), 1), ""},
		{atLeast("A", new(0), 1), "A must be at least 1, not 0"},
		{atLeast("A", new(0.05), 0.1), "A must be at least 0.1, not 0.05"},
		{atLeast("A", new(math.NaN()), 0.1), "A must be at least 0.1, not NaN"},
		{between[int]("A", nil, 1, 3), ""},
		{between("A", new(1), 1, 3), ""},
		{between("A", new(3), 1, 3), ""},
		{between("A", new(0), 1, 3), "A must be from 1 to 3, not 0"},
		{between("A", new(4), 1, 3), "A must be from 1 to 3, not 4"},
		{atMost("A", long, 8), ""},
		{atMost("A", long, 7), "A may have at most 7 elements, not 8"},
		{nested("A", (*Throughput)(nil)), ""},
		{nested("A", nil), ""},
		{nested("A", &Throughput{}), "A.By is required"},
		{nestedEach("A", []AlertSpec{{Name: "x"}, {}}), "A[1].Name is required"},
		{nestedEach[AlertSpec]("A", nil), ""},
		{eachGiven[string]("A", nil), ""},
		{eachGiven("A", []string{"x", ""}), "A[1] must not be empty"},
		{checkRegionalThroughput("A", []LocalThroughput{{}}), "A[0].Region is required"},
		{checkRegionalThroughput("A", []LocalThroughput{{Region: new("")}}), "A[0].Region must not be empty"},
		{checkPort(new(9999)), "Port must be from 10000 to 19999, not 9999"},
		{checkPort(new(19999)), ""},
		{checkRAMPercentage(nil), ""},
		{checkRAMPercentage(new(50)), ""},
		{checkRAMPercentage(new(15)), "RAMPercentage must be a multiple of 10, not 15"},
		{checkRAMPercentage(new(60)), "RAMPercentage must be from 10 to 50, not 60"},
		{checkRAMPercentage(new(0)), "RAMPercentage must be from 10 to 50, not 0"},
	} {
		if test.want == "" {
			assert.NoError(t, test.err)
		} else {
			assert.EqualError(t, test.err, test.want)
		}
	}
	assert.False(t, isTrue(nil) || isTrue(new(false)) || isFalse(nil) || isFalse(new(true)))
	assert.True(t, isTrue(new(true)) && isFalse(new(false)))
}
