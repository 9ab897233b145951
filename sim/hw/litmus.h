/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A litmus test on pinned threads, many rounds, in a child process with a time
 * limit. C is mapped as the x86-64 kernel maps it: smp_mb is a locked
 * instruction, every atomic is one (a cmpxchg that fails, too), all other
 * barriers, acquires and releases bind the compiler only, spin_unlock is a plain
 * store.
 *
 * Must be called before the process has a second thread. Errors are HW_ERROR's.
 */
#ifndef SIM_HW_LITMUS_H
#define SIM_HW_LITMUS_H

#include "sim/hw/sample.h"
#include "sim/litmus/program.h"

struct hw_litmus_options {
	guint64 rounds;
	gboolean provoke;	/* a slow older store before the racing code */
	guint64 seed;		/* of the small delays at a round's start */
	double seconds_max;	/* then it ends with the rounds it has done; 0: no limit */
	double hang_seconds;	/* without the end of a round: it will not come */
	const guint *cpus;	/* of each process */
};

struct hw_litmus_result {
	guint64 rounds;		/* done */
	double seconds;
	gboolean interrupted;
	gboolean limited;	/* by seconds_max */
	char reason[HW_MESSAGE_MAX];	/* it hung or crashed, and this is why; "" if not */

	/* The program's items, then those that only its condition or filter reads. */
	struct litmus_item *item;
	guint n_items;
	/* Final states that the filter lets pass, in herd7's order of values. */
	guint n_states;
	guint64 *count;
	struct litmus_value *value;	/* n_items of each state */
	guint64 filtered;	/* rounds that it does not let pass */
};

/* FALSE, HW_ERROR_PLAN: what this program does cannot be run here, and why. */
gboolean hw_litmus_takes(const struct litmus_program *program, GError **error);

/* The program must be one that hw_litmus_takes(). NULL with an error. */
struct hw_litmus_result *hw_litmus_run(const struct litmus_program *program,
				       const struct hw_litmus_options *opt, GError **error);
void hw_litmus_result_free(struct hw_litmus_result *result);

/* Does the condition's property hold in this state? */
gboolean hw_litmus_state_holds(const struct litmus_program *program,
			       const struct hw_litmus_result *result, guint state);

#endif
