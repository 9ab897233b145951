/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: runs a plan's tasks as coroutines, one announced event at a time,
 * in the order that a strategy chooses.
 *
 * Announce, choose, act: a task fills in its next event and nothing happens
 * until the scheduler picks it. A point is such a moment of choice; points are
 * what rates count. Under a model that acts on memory directly, a chosen task
 * may be given several points at once and acts in line.
 *
 * One engine per process: its memory (the arena) lies at a fixed address, so
 * that the same run has the same addresses everywhere; campaigns fork.
 *
 * Ownership: the plan is the caller's and must outlive the engine. Strings and
 * arrays returned belong to the engine unless said otherwise, and last until
 * the next run.
 */
#ifndef SIM_ENGINE_ENGINE_H
#define SIM_ENGINE_ENGINE_H

#include <glib.h>
#include "scenarios/plan.h"
#include "sim/engine/event.h"

#define ENGINE_ERROR (engine_error_quark())
GQuark engine_error_quark(void);

enum engine_error {
	ENGINE_ERROR_ARENA,	/* the arena's place is taken, no memory: exit 3 */
	ENGINE_ERROR_PLAN,	/* the plan does not fit an engine: exit 2 */
	ENGINE_ERROR_DIVERGED,	/* replay: the schedule and the run disagree: exit 2 */
};

struct engine;
struct checkpoint;
struct walk_tally;	/* walks.h */

/* Where the arena is mapped; only tests change it, before engine_new(). */
extern uintptr_t engine_arena_base;

enum run_verdict {
	RUN_CLEAN,
	RUN_VIOLATION,
	RUN_INCOMPLETE,		/* a limit came first */
	RUN_DIVERGED,		/* a replayed schedule did not fit; see message */
	RUN_STOPPED,		/* where it was to be stopped */
};

#define RUN_MESSAGE_MAX	512
#define RUN_STEPS_BUCKETS 24

/* Sums over runs add up; the engine's own are of one run. */
struct run_stats {
	uint64_t points;
	uint64_t operations;
	uint64_t adds, removes;	/* that ended, and were done */
	uint64_t walks;		/* ended ones */
	uint64_t walks_complete;
	uint64_t passes;
	uint64_t steps;
	uint64_t restarts;
	uint64_t slow_paths;
	uint64_t visits;
	uint64_t foreign;	/* visits to sptes not of the walked rmap */
	/* maxima */
	uint64_t walk_steps_max;
	uint64_t pass_steps_max;
	uint64_t restarts_max;
};

struct run_result {
	enum run_verdict verdict;
	uint64_t seed;
	uint64_t digest;	/* 0 unless asked for */
	const char *check;	/* of a violation: the check's name */
	char message[RUN_MESSAGE_MAX];	/* one sentence */
	char diverged[RUN_MESSAGE_MAX];	/* relaxed replay: the first line that did not fit */
	uint64_t point;		/* how many points had been taken then */
	int task;		/* who was at fault, or -1 */
	struct run_stats stats;
};

/* What happened at one transition; given to an observer in order. */
struct trace_record {
	uint64_t point;		/* 1.. for points; unasked ones carry the last point's */
	int task;		/* -1: the system */
	uint16_t cpu;
	struct sim_event event;	/* event.site may be NULL for the engine's own */
	uint64_t before;	/* the location's value before (stores, atomics, locks) */
	uint64_t value;		/* what was loaded, stored, or resulted */
	struct plan_op op;	/* the task's operation */
	bool unasked;		/* no point: it happened in passing */
	bool waits;		/* a store that has entered a buffer */
	bool softirq;		/* of its cpu, above the task */
	bool violation;		/* this is where a check fired */
	const char *check;
	const char *message;	/* the violation, or a note in words, or NULL */
};

typedef void (*trace_observer)(const struct trace_record *rec, void *data);

/* A non-default answer, with what stood there when it was given. */
struct schedule_entry {
	uint64_t after;		/* points since the entry before */
	struct choice choice;
	uint64_t site_hash;	/* of the event chosen; 0: the system's */
	char expect[96];	/* the same in words: "load rmap0.head at core/x.c:12" */
};

enum engine_flags {
	ENGINE_DIGEST	= 1 << 0,	/* hash the events of each run */
	ENGINE_RECORD	= 1 << 1,	/* keep the schedule of each run */
	ENGINE_IDENTITY	= 1 << 2,	/* maintain identities (5 below) */
	ENGINE_STEPWISE	= 1 << 3,	/* act on the engine's side only, for tests */
	/*
	 * For an exhaustive search: identities, no limits on events and operations,
	 * walks' steps noted transition by transition, and nothing judged along a
	 * path that is for the finished graph to judge (termination).
	 */
	ENGINE_SEARCH	= 1 << 4,
	ENGINE_NO_MARKS	= 1 << 5,	/* marks are passed over, for tests */
	/* A litmus test's search leaves nothing out that it could, for tests. */
	ENGINE_EVERY_ORDER = 1 << 6,
};

/*
 * Map the arena, build kvm and the first state of the plan, run its setup.
 * flags: of enum engine_flags. Fails with ENGINE_ERROR, and with the message of
 * the violation if the setup itself breaks a check.
 */
struct engine *engine_new(const struct plan *plan, unsigned int flags, GError **error);
void engine_free(struct engine *e);

/* Called for every transition of the runs that follow; NULL: nobody. */
void engine_observe(struct engine *e, trace_observer observer, void *data);

/* One run from the start to its end. Never fails; verdicts are in the result. */
void engine_run(struct engine *e, uint64_t seed, struct run_result *result);

/*
 * The same, answering from a schedule instead of a strategy. relaxed: a line
 * that does not fit is reported in result->diverged but does not end the run.
 */
void engine_replay(struct engine *e, uint64_t seed, const struct schedule_entry *entries,
		   size_t n, bool relaxed, struct run_result *result);

/* Runs that follow are cut short after so many points (RUN_STOPPED); 0: none is. */
void engine_stop_at(struct engine *e, uint64_t points);

/* The schedule of the last run (ENGINE_RECORD). */
const struct schedule_entry *engine_schedule(struct engine *e, size_t *n);

/* Walks that ended in the last run, by steps and restarts (of whole runs only). */
const struct walk_tally *engine_walks(const struct engine *e);

/* Stop in a debugger just before this point acts (SIGTRAP on the task's stack); 0: never. */
void engine_break_at(struct engine *e, uint64_t point);

const struct plan *engine_plan(const struct engine *e);
const char *engine_task_name(const struct engine *e, int task);

/* "rmap0.head", "desc2.sptes[1]", "mmu_lock"; returns buf. */
const char *engine_name(const struct engine *e, const void *addr, char *buf, size_t len);
/* A value of that location in the field's terms: "desc1 | MANY, position 2"; returns buf. */
const char *engine_value(const struct engine *e, const void *addr, uint64_t value, char *buf,
			 size_t len);
/* "READ_ONCE rmap0.head": an announced event in words; returns buf. */
const char *engine_event_words(const struct engine *e, const struct sim_event *ev, char *buf,
			       size_t len);

/*
 * Step by step, for checkpoints, tests and searches: begin, then advance until
 * it returns false, then end.
 */
void engine_begin(struct engine *e, uint64_t seed);
bool engine_advance(struct engine *e);			/* one point */
void engine_end(struct engine *e, struct run_result *result);

/* The whole run state at this point. A checkpoint is reusable and the caller's. */
struct checkpoint *checkpoint_new(struct engine *e);
void checkpoint_save(struct engine *e, struct checkpoint *cp);
void checkpoint_restore(struct engine *e, const struct checkpoint *cp);
void checkpoint_free(struct checkpoint *cp);
size_t checkpoint_bytes(const struct checkpoint *cp);

/* The same in the caller's memory; checkpoint_room() bytes are enough for any. */
size_t checkpoint_room(const struct engine *e);
size_t checkpoint_put(struct engine *e, uint8_t *to);		/* bytes written */
void checkpoint_get(struct engine *e, const uint8_t *from);

/*
 * The present state as words that decide how a run can go on: memory, ghosts,
 * positions, no stacks (ENGINE_IDENTITY). At most engine_state_words_max() are
 * put into words; returns how many. Equal words, equal future.
 */
size_t engine_state_words(const struct engine *e, uint64_t *words);
size_t engine_state_words_max(const struct engine *e);
/* The first of them only: memory and ghosts. */
size_t engine_memory_words(const struct engine *e, uint64_t *words);
uint64_t engine_words_hash(const uint64_t *words, size_t n, uint64_t hash_seed);
/* The hash of the state's words. */
uint64_t engine_identity(const struct engine *e, uint64_t hash_seed);

#endif
