/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * access: what a bad walker does to the machine. The back end looks at every
 * address before it is used (sim.h, act.c); faults, overflowing stacks and
 * tasks that announce nothing come from guard.c. This file only says so.
 */
#include "sim/check/check.h"

const struct check check_access = {
	.name = "access",
	.summary = "every access meets a live or type-safe object",
	.doc = "The address of each primitive must lie in a live or type-safe object of the "
	       "simulated memory and be the start of a location of that size; a visited pointer "
	       "must be an spte; what is freed must be allocated. A fault on a task's stack, a "
	       "stack that overflows and a task that announces nothing for limits.hang seconds "
	       "of CPU time count as well. The message names the task and the last place in the "
	       "source that it announced from.",
	.always = true,
};
