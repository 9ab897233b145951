/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exhaustive search: every schedule of a plan, with every answer to a
 * question inside a transition, and what follows from the finished graph.
 *
 * A transition is one chosen event and what its task does unasked behind it: in
 * a search also loads, by the holder of mmu_lock, of words that are only stored
 * to under mmu_lock. A store that breaks this claim throws the search away; it
 * begins again with that class of words asked, and the result says so.
 *
 * Worst cases and termination are judged on the finished graph, never along a
 * path: a path stops where it meets a state that has been seen.
 *
 * One search per process at a time; it owns the process's engine. Memory is
 * bytes, time seconds. The result's strings last as long as the search.
 */
#ifndef SIM_SEARCH_SEARCH_H
#define SIM_SEARCH_SEARCH_H

#include <glib.h>
#include "sim/engine/engine.h"

#define SEARCH_WALKERS_MAX	8

enum search_verdict {
	SEARCH_VERIFIED,
	SEARCH_VIOLATED,
	SEARCH_INCOMPLETE,	/* a limit came first; see limit */
	SEARCH_INTERRUPTED,
};

/* What a violation is; those behind the first are findings on the graph. */
enum search_finding {
	SEARCH_NOTHING,
	SEARCH_CHECK,		/* a check fired at the end of the path */
	SEARCH_ENDLESS_PASS,	/* fair cycles, in which a walk never completes: */
	SEARCH_ENDLESS_RESTARTS,
	SEARCH_STARVING,	/* on a lock that others keep taking */
	SEARCH_TOO_LATE,	/* waiting for what comes again and again, gone when it looks */
	SEARCH_STUCK,		/* waiting for what never comes, while others go on */
	SEARCH_BOUND,		/* check.pass-steps or check.restarts can be exceeded */
};

enum search_metric { SEARCH_PASS_STEPS, SEARCH_WALK_STEPS, SEARCH_RESTARTS, SEARCH_NR_METRICS };

struct search_bound {
	bool finite;
	bool fair;		/* not finite: even under fair schedules */
	uint64_t max;		/* if finite */
};

struct search_walker {
	unsigned int task;
	struct search_bound bound[SEARCH_NR_METRICS];
};

struct search_options {
	uint64_t hash_seed;
	bool exact;		/* keep whole states and compare them */
	bool safety;		/* keep no graph: no worst cases, no termination */
	bool asked;		/* no load goes unasked */
	bool every_order;	/* tests: a litmus test's search leaves nothing out */
	bool no_marks;		/* tests: states are told apart by histories */
	bool reverse;		/* tests: try tasks in the opposite order */
	bool count_identity;	/* tests: steps and restarts belong to the identity */
	bool no_table;		/* tests: no state is ever taken for known */
	bool forget_fairness;	/* tests: any cycle will do */
	bool waiting_is_progress;	/* tests: a walker that waits is taken to get on */
	bool unfair_grace;	/* tests: a grace period need never end */
	uint64_t states_max;	/* 0: no limit of its own */
	uint64_t memory_max;	/* bytes, 0: no limit */
	double seconds_max;	/* 0: no limit */
	const char *save;	/* a file, or NULL */
	const char *version;	/* of the program, if there is a file */
	double save_every;	/* seconds */
	/* Now and then, for a progress bar. */
	void (*progress)(uint64_t states, uint64_t transitions, uint64_t depth, void *data);
	void *progress_data;
	/* tests: a state was entered; it was met again. The engine stands in it. */
	void (*on_state)(struct engine *e, uint32_t state, void *data);
	void (*on_merge)(struct engine *e, uint32_t state, void *data);
	/* A final state was reached for the first time. */
	void (*on_final)(struct engine *e, void *data);
	/* Nobody can go on, as message says: instead of a violation, an end like any other. */
	void (*on_deadlock)(struct engine *e, const char *message, void *data);
	void *hook_data;
};

struct search_result {
	enum search_verdict verdict;
	enum search_finding finding;
	const char *check;		/* of a violation */
	char message[RUN_MESSAGE_MAX];
	char limit[RUN_MESSAGE_MAX];	/* what limit was hit, and what would lift it */
	int task;			/* who is at fault, or -1 */
	bool shortest;			/* no shorter counterexample exists */
	uint64_t states, transitions, finals, depth_max;
	uint64_t bytes;			/* of table and graph */
	uint64_t stack_bytes;		/* of the search's path, at its longest */
	uint64_t collisions;		/* met and told apart (exact) */
	double collision_chance;	/* that any two states shared a hash; 0 if exact */
	unsigned int begun_again;	/* claims that did not hold */
	char claims_broken[RUN_MESSAGE_MAX];	/* which classes, and who stored */
	bool judged;			/* the walkers' bounds are known */
	unsigned int n_walkers;
	bool walkers_left_out;		/* more than are judged */
	struct search_walker walker[SEARCH_WALKERS_MAX];
	double seconds, cpu_seconds;	/* not part of the result; CPU time is this session's */
	uint64_t transitions_before;	/* of sessions resumed from */
	bool resumed;
};

struct search;

/* Fails with ENGINE_ERROR; a file to resume from is opt->save, if it is there. */
struct search *search_new(const struct plan *plan, const struct search_options *opt,
			  GError **error);
void search_free(struct search *s);
/* Another watcher than the options'. */
void search_watch(struct search *s, void (*progress)(uint64_t states, uint64_t transitions,
						      uint64_t depth, void *data), void *data);
bool search_run(struct search *s, struct search_result *result, GError **error);

/* Ways that can be told, after the run. */
enum search_witness {
	SEARCH_COUNTEREXAMPLE,		/* of the violation: a path, or stem and cycle */
	SEARCH_WORST,			/* of a walker's metric, if finite */
};

struct search_tale {
	struct run_result run;
	uint64_t cycle_at;	/* points before the cycle; 0 points in it: none */
	uint64_t cycle_points;
};

/*
 * Run that way again, recording: engine_schedule() of search_engine() is then its
 * schedule. False: there is no such witness.
 */
bool search_tell(struct search *s, enum search_witness what, unsigned int walker,
		 enum search_metric metric, struct search_tale *tale);
struct engine *search_engine(struct search *s);

/* "pass-steps", "walk-steps", "restarts" */
const char *search_metric_name(enum search_metric metric);
const char *search_verdict_name(enum search_verdict verdict);

#endif
