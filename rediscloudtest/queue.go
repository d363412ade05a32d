package rediscloudtest

import (
	"slices"
	"time"
)

// submit adds a task to the queue, after those that other programs have
// submitted just before it.
func (s *Server) submit(now time.Time, commandType string, run func(at time.Time) (outcome, *failure)) *task {
	for i := range s.foreignTasks {
		made := madeUpTasks[i%len(madeUpTasks)]
		s.enqueue(now, &task{commandType: made.commandType, number: -1, foreign: true, run: func(time.Time) (outcome, *failure) {
			return made.outcome, nil
		}})
	}
	if injected := s.faults.takeFailure(); injected != nil {
		run = func(time.Time) (outcome, *failure) { return outcome{}, injected }
	}
	t := &task{commandType: commandType, number: s.submitted, run: run}
	s.submitted++
	t.initial = s.initializing && s.submitted%3 == 0
	s.enqueue(now, t)
	return t
}

// enqueue submits a task, and starts it at once if there is room.
func (s *Server) enqueue(now time.Time, t *task) {
	t.id, t.place, t.length = s.newTaskID(), s.dice.places.Uint64(), s.taskLength(t.commandType)
	t.submitted, t.visible = now, now.Add(s.unknownFor)
	t.unknownUntil = t.visible
	s.tasks = append(s.tasks, t)
	s.changed = append(s.changed, t)
	s.waiting = append(s.waiting, t)
	s.startTasks(now)
}

// startTasks starts waiting tasks while there is room.
func (s *Server) startTasks(now time.Time) {
	for s.running < s.parallelTasks && len(s.waiting) > 0 {
		i := s.nextInLine()
		t := s.waiting[i]
		s.waiting = slices.Delete(s.waiting, i, i+1)
		s.running++
		t.started, t.ended, t.shown = now, now.Add(t.length), now
		if t.initial {
			t.shown = now.Add(min(t.length/2, 2*time.Second))
			s.schedule(t.shown, func(time.Time) { s.touch(t) })
		} else {
			s.touch(t)
		}
		s.schedule(t.ended, func(at time.Time) { s.endTask(t, at) })
	}
}

func (s *Server) nextInLine() int {
	switch s.taskOrder {
	case OrderLIFO:
		return len(s.waiting) - 1
	case OrderRandom:
		return s.dice.order.IntN(len(s.waiting))
	default:
		return 0
	}
}

// endTask performs the task's effect, and makes room for the next one.
func (s *Server) endTask(t *task, at time.Time) {
	if t.outcome, t.failure = t.run(at); t.failure != nil {
		t.outcome = outcome{}
	}
	t.run = nil
	s.running--
	s.touch(t)
	s.logTask(t, at)
	s.startTasks(at)
}

// touch marks a task as the latest changed.
func (s *Server) touch(t *task) {
	for i, other := range slices.Backward(s.changed) {
		if other == t {
			s.changed = append(slices.Delete(s.changed, i, i+1), t)
			return
		}
	}
}

// Tasks of other programs and of the past.
var madeUpTasks = []struct {
	commandType string
	outcome     outcome
}{
	{"databaseUpdateRequest", outcome{resourceID: 50000001, additionalResourceID: 110001, silent: true}},
	{"databaseCreateRequest", outcome{
		resourceID: 50000002, additionalResourceID: 110001,
		link: &link{"resource", "/subscriptions/110001/databases/50000002", "getDatabaseInformation"},
	}},
	{"databaseDeleteRequest", outcome{resourceID: 50000003, additionalResourceID: 110001, silent: true}},
	{"aclUserUpdateRequest", outcome{resourceID: 30001}},
	{"subscriptionUpdateRequest", outcome{resourceID: 110002, silent: true}},
}

// seedTasks adds the tasks that ended before the server was created.
func (s *Server) seedTasks(now time.Time) {
	ends := make([]time.Time, s.oldTasks)
	for i := range ends {
		ends[i] = now.Add(-time.Duration(s.dice.old.Int64N(int64(taskMemory))))
	}
	slices.SortFunc(ends, time.Time.Compare)
	for i, ended := range ends {
		made := madeUpTasks[i%len(madeUpTasks)]
		t := &task{
			id: s.newTaskID(), commandType: made.commandType, number: -1, old: true, place: s.dice.places.Uint64(),
			started: ended.Add(-s.processing), ended: ended, outcome: made.outcome,
		}
		t.submitted, t.shown = t.started, t.started
		t.visible, t.unknownUntil = t.submitted, t.submitted
		if i%20 == 19 {
			t.outcome, t.failure = outcome{}, missing("DATABASE_NOT_FOUND", "There is no such database.")
		}
		s.tasks, s.changed = append(s.tasks, t), append(s.changed, t)
	}
}
