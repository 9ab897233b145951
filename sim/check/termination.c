/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * termination: bounds on what a walk may take. A run can only show that a bound
 * is exceeded; that there is none at all is for an exhaustive search to say.
 */
#include "sim/check/check.h"
#include "sim/engine/state.h"

extern const struct check check_termination;

static void termination_walk_moved(struct engine *e, uint64_t *ghost, unsigned int task)
{
	const struct task *t = &e->tasks[task];
	const struct plan *plan = e->plan;

	(void)ghost;
	/* A fault that recycles, and an unmap, walk a list that is theirs alone. */
	if (!plan_op_walks(t->op.kind))
		return;
	if (plan->pass_steps_max && t->sim.pass_steps > plan->pass_steps_max)
		check_fail(e, &check_termination, task,
			   "a pass of %s's walk of rmap%u took more than %" G_GUINT64_FORMAT
			   " steps (check.pass-steps)", engine_task_name(e, task), t->op.rmap,
			   plan->pass_steps_max);
	else if (plan->restarts_max && t->walk_restarts > plan->restarts_max)
		check_fail(e, &check_termination, task,
			   "%s's walk of rmap%u restarted more than %" G_GUINT64_FORMAT
			   " times (check.restarts)", engine_task_name(e, task), t->op.rmap,
			   plan->restarts_max);
}

const struct check check_termination = {
	.name = "termination",
	.summary = "bounds on the steps of a pass and the restarts of a walk",
	.doc = "A step is one load of a list word by a walker, that is by an operation that "
	       "consists of walks; a pass is one way through the list, and each restart begins "
	       "another. "
	       "check.pass-steps bounds the steps of one pass, check.restarts the restarts of one "
	       "walk (0: no bound). Time spent waiting for a lock is not counted.",
	.by_default = true,
	.walk_moved = termination_walk_moved,
};
