/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * coverage: an spte that is in the list during the whole of a walk must be
 * visited by it.
 *
 * Ghost state, in words of one bit per spte: for each rmap the sptes that are
 * present (their add has returned and is visible, their remove has not begun),
 * then for each task what its walk still owes: what was present when the walk
 * began, less what it has visited, less what has been removed since. Owing is
 * per incarnation: an spte that comes back is owed by later walks only. Under
 * models with store buffers a third kind of row, for each task, holds what it
 * has added and only its own cpu sees so far.
 */
#include "sim/check/check.h"
#include "sim/engine/state.h"

extern const struct check check_coverage;

static size_t row_words(const struct plan *plan)
{
	return (plan_spte_slots(plan) + 63) / 64;
}

static size_t coverage_ghost_words(const struct plan *plan)
{
	unsigned int rows = model_find(plan->model)->direct ? 1 : 2;

	return row_words(plan) * (plan->nr_rmaps + rows * plan->n_tasks);
}

static uint64_t *present(const struct engine *e, uint64_t *ghost, unsigned int rmap)
{
	return ghost + row_words(e->plan) * rmap;
}

static uint64_t *owed(const struct engine *e, uint64_t *ghost, unsigned int task)
{
	return ghost + row_words(e->plan) * (e->plan->nr_rmaps + task);
}

/* Only under models that are not direct. */
static uint64_t *own(const struct engine *e, uint64_t *ghost, unsigned int task)
{
	return owed(e, ghost, e->plan->n_tasks + task);
}

/* What is on its way from the walker's own cpu it sees already. */
static void owe_own(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int rmap)
{
	uint64_t bit;
	unsigned int i;

	for (i = 0; i < plan_spte_slots(e->plan); i++) {
		bit = 1ull << (i % 64);
		if (own(e, ghost, task)[i / 64] & bit && e->spte_rmap[i] == rmap + 1)
			owed(e, ghost, task)[i / 64] |= bit;
	}
}

/* Where operations do not synchronise: what the walker's cpu may still not see is not owed. */
static void forgive_unseen(struct engine *e, uint64_t *ghost, unsigned int task)
{
	unsigned int i;

	for (i = 0; i < plan_spte_slots(e->plan); i++) {
		if (!e->model->sees(e->model_state, task, i))
			owed(e, ghost, task)[i / 64] &= ~(1ull << (i % 64));
	}
}

static void coverage_op_begin(struct engine *e, uint64_t *ghost, unsigned int task,
			      const struct plan_op *op)
{
	size_t i;

	if (op->kind != PLAN_OP_WALK)
		return;
	for (i = 0; i < row_words(e->plan); i++)
		owed(e, ghost, task)[i] = present(e, ghost, op->rmap)[i];
	if (e->model->sees && !plan_synchronises(e->plan))
		forgive_unseen(e, ghost, task);
	if (!e->model->direct)
		owe_own(e, ghost, task, op->rmap);
}

static void coverage_visit(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int spte)
{
	owed(e, ghost, task)[spte / 64] &= ~(1ull << (spte % 64));
}

static void coverage_add_visible(struct engine *e, uint64_t *ghost, unsigned int task,
				 const struct plan_op *op)
{
	uint64_t bit = 1ull << (op->spte % 64);

	present(e, ghost, op->rmap)[op->spte / 64] |= bit;
	if (!e->model->direct)
		own(e, ghost, task)[op->spte / 64] &= ~bit;
}

/* Nobody owes it any more, whichever rmap he walks: an spte is in one only. */
static void coverage_remove_begin(struct engine *e, uint64_t *ghost, unsigned int task,
				  const struct plan_op *op)
{
	uint64_t bit = 1ull << (op->spte % 64);
	unsigned int i;

	(void)task;
	present(e, ghost, op->rmap)[op->spte / 64] &= ~bit;
	for (i = 0; i < e->plan->n_tasks; i++)
		owed(e, ghost, i)[op->spte / 64] &= ~bit;
	for (i = 0; !e->model->direct && i < e->plan->n_tasks; i++)
		own(e, ghost, i)[op->spte / 64] &= ~bit;
}

static void coverage_op_end(struct engine *e, uint64_t *ghost, unsigned int task,
			    const struct plan_op *op, int result)
{
	uint64_t *row = owed(e, ghost, task);
	size_t i;

	if (op->kind == PLAN_OP_ADD && !result && !e->model->direct)
		own(e, ghost, task)[op->spte / 64] |= 1ull << (op->spte % 64);
	if (op->kind != PLAN_OP_WALK)
		return;
	if (result == RMAP_WALK_STOPPED && !op->stop_after)
		check_fail(e, &check_coverage, task,
			   "%s's walk of rmap%u says that its visitor stopped it, which never did",
			   engine_task_name(e, task), op->rmap);
	for (i = 0; i < row_words(e->plan); i++) {
		if (row[i] && result == RMAP_WALK_COMPLETE)
			check_fail(e, &check_coverage, task,
				   "%s's walk of rmap%u ended without visiting spte%zu, which was "
				   "in rmap%u during the whole walk", engine_task_name(e, task),
				   op->rmap, 64 * i + __builtin_ctzll(row[i]), op->rmap);
		row[i] = 0;
	}
}

const struct check check_coverage = {
	.name = "coverage",
	.summary = "a complete walk visits every spte that was in the list throughout",
	.doc = "An spte is present for a walker from the moment its add has returned and its "
	       "stores are visible to the walker's cpu to the moment its remove is called "
	       "under mmu_lock, whatever the slots hold in between. Every spte that is present "
	       "during the whole walk must have been visited in some pass, the one under "
	       "mmu_lock included. Only walks that say they are complete are judged, and a walk "
	       "may say that it was stopped only where its visitor stops it. Visits to sptes "
	       "that are not of the walked rmap are counted as foreign, not faulted: the visit "
	       "must be safe on any.",
	.by_default = true,
	.ghost_words = coverage_ghost_words,
	.op_begin = coverage_op_begin,
	.op_end = coverage_op_end,
	.add_visible = coverage_add_visible,
	.remove_begin = coverage_remove_begin,
	.visit = coverage_visit,
};
