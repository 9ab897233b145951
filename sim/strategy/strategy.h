/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strategy chooses the interleaving of a simulated run. One file
 * sim/strategy/NAME.c, ending in one const struct strategy strategy_NAME.
 *
 * A strategy keeps its state in state_size bytes that the engine owns, saves
 * and restores with the run; it holds no pointers and no unbounded memory.
 */
#ifndef SIM_STRATEGY_STRATEGY_H
#define SIM_STRATEGY_STRATEGY_H

#include "sim/engine/event.h"
#include "scenarios/plan.h"

#define CHOICE_SET_MAX 1024
#define CHOICE_PREEMPT_MAX 512

/* What may happen next. Tasks first, by number; then the system's events. */
struct choice_set {
	unsigned int n;
	int running;		/* place of the task that was running, or -1: it can't go on */
	bool fresh;		/* the set is another one than at the last question */
	uint64_t point;		/* points taken so far */
	const struct sim_event *const *events;	/* announced, by task's number */
	const char *complaint;	/* set by a strategy that cannot go on as it was told */
	/* Behind those n: tasks whose CPU the host may take away, which nobody need choose. */
	unsigned int n_preempt;
	struct choice ev[CHOICE_SET_MAX + CHOICE_PREEMPT_MAX];
};

struct strategy {
	const char *name;
	const char *summary;
	const char *source;
	size_t state_size;
	bool preempts;		/* it answers PREEMPT; for others the engine does (preempt.c) */

	void (*begin)(void *state, const struct plan *plan, uint64_t seed);

	/*
	 * Which event of set (n >= 1) happens next. *quantum: for how many
	 * points, this one included, it need not be asked again while the set
	 * stays as it is. If it breaks, the rest of the quantum is forgotten.
	 */
	unsigned int (*next)(void *state, struct choice_set *set, uint32_t *quantum);

	/*
	 * A question inside a transition (CHOICE_OP, CHOICE_REUSE, CHOICE_READ):
	 * one of n. The default answer stands in *answer; NULL: always that one.
	 */
	void (*pick)(void *state, const struct choice *question, uint64_t point, uint32_t n,
		     uint32_t *answer);
};

/*
 * What the strategy `replay` is to follow from the next run on; the caller's,
 * not copied. relaxed: a line that does not fit is passed over.
 */
struct schedule_entry;
void strategy_replay_load(const struct schedule_entry *entries, size_t n, bool relaxed);
/* The first complaint of the present run, or NULL; entries not reached count at its end. */
const char *strategy_replay_complaint(const void *state, bool ended);

extern const struct strategy *const strategies[];	/* NULL-terminated */
const struct strategy *strategy_find(const char *name);

#endif
