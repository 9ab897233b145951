/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All executions of a litmus test under a memory model, and the final states
 * that they reach. The result is the caller's: litmus_result_clear() it.
 */
#ifndef SIM_LITMUS_EXPLORE_H
#define SIM_LITMUS_EXPLORE_H

#include "sim/litmus/program.h"

struct litmus_limits {
	uint64_t states_max;	/* of the search, 0: no limit */
	double seconds_max;	/* 0: no limit */
	bool every_order;	/* tests: nothing is left out that could be */
};

enum litmus_end {
	LITMUS_COMPLETE,
	LITMUS_LIMIT,		/* there may be more final states */
	LITMUS_INTERRUPTED,
};

struct litmus_result {
	enum litmus_end end;
	char *limit;		/* which, if one was hit */
	/* Final states that differ in what is shown, in herd7's order. */
	struct litmus_value *value;	/* n_items for each state */
	bool *holds;			/* the condition's property */
	unsigned int n_items, n_states;
	unsigned int positive, negative;	/* states in which it holds, and not */
	char *deadlock;		/* who waits for what, if the test can deadlock */
	uint64_t searched;	/* states of the search */
	double seconds;		/* not part of the result */
};

/*
 * Fails with LITMUS_ERROR_REFUSED if the test does what cannot be run (an access
 * to what is no location, a loop without an access), with ENGINE_ERROR if there
 * is no engine to be had.
 */
bool litmus_explore(const struct litmus_program *program, const char *model,
		    const struct litmus_limits *limits, struct litmus_result *result,
		    GError **error);
void litmus_result_clear(struct litmus_result *result);

/* "Never", "Sometimes", "Always": of the property, whatever the quantifier. */
const char *litmus_observation(const struct litmus_result *result);
/* Is the condition met? */
bool litmus_is_met(const struct litmus_program *program, const struct litmus_result *result);

#endif
