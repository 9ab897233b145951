/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tapes of operations; see tape.h. */
#include <string.h>
#include "sim/engine/rng.h"
#include "sim/hw/tape.h"

#define DRAWN		16384u	/* operations drawn for a mix before it is brought back */
#define VARIANTS_MAX	64u
#define LAP_MAX		(1u << 20)

/* What a task's drawing needs to know of its sptes; no other task touches them. */
struct drawing {
	const struct plan *plan;
	const struct plan_task *task;
	struct rng stream;
	uint16_t *where;	/* all sptes, rmap + 1 or 0; this task's own are right */
	guint *spte;		/* room for its pool */
};

void hw_tape_apply(uint16_t *where, const struct hw_op *op)
{
	if (op->kind == PLAN_OP_ADD)
		where[op->spte] = op->rmap + 1;
	else if (op->kind == PLAN_OP_REMOVE)
		where[op->spte] = 0;
}

static struct hw_op tape_op(const struct plan_op *op)
{
	return (struct hw_op){ .kind = op->kind, .rmap = op->rmap, .spte = op->spte };
}

static void tape_put(struct hw_tape *tape, struct drawing *d, struct hw_op op)
{
	tape->ops[tape->n++] = op;
	hw_tape_apply(d->where, &op);
}

/* The pool's sptes that are in a list, or that are not, in the pool's order. */
static guint draw_sptes(struct drawing *d, gboolean listed)
{
	guint i, n = 0;

	for (i = 0; i < d->task->n_pool; i++) {
		if (!!d->where[d->task->pool[i]] == listed)
			d->spte[n++] = d->task->pool[i];
	}
	return n;
}

static gboolean draw_possible(struct drawing *d, enum plan_op_kind kind)
{
	if (kind != PLAN_OP_ADD && kind != PLAN_OP_REMOVE)
		return TRUE;
	return draw_sptes(d, kind == PLAN_OP_REMOVE) > 0;
}

/* As sim/engine/mix.c: one draw over the weights of what can be done now. */
static enum plan_op_kind draw_kind(struct drawing *d)
{
	const struct plan_mix_item *mix = d->task->mix;
	guint i, total = 0, drawn;

	for (i = 0; i < d->task->n_mix; i++)
		total += draw_possible(d, mix[i].kind) ? mix[i].weight : 0;
	if (!total)
		return PLAN_OP_WALK;
	drawn = rng_below(&d->stream, total);
	for (i = 0; i < d->task->n_mix; i++) {
		if (!draw_possible(d, mix[i].kind))
			continue;
		if (drawn < mix[i].weight)
			break;
		drawn -= mix[i].weight;
	}
	return mix[i].kind;
}

static guint draw_one_of(struct drawing *d, const guint *of, guint n)
{
	return n == 1 ? of[0] : of[rng_below(&d->stream, n)];
}

/* Each spte of a guest's pool maps one page, as in the simulator; a zap may find nothing. */
static struct hw_op draw_page(struct drawing *d, struct hw_op op)
{
	const struct plan_task *task = d->task;
	guint at = task->n_pool > 1 ? rng_below(&d->stream, task->n_pool) : 0;

	if (op.kind == PLAN_OP_GUEST_WRITE || op.kind == PLAN_OP_ZAP_SPTE)
		op.spte = task->pool[at];
	if (op.kind == PLAN_OP_GUEST_WRITE)
		op.rmap = task->rmaps[at % task->n_rmaps];
	else if (op.kind == PLAN_OP_UNMAP || op.kind == PLAN_OP_AGE)
		op.rmap = draw_one_of(d, task->rmaps, task->n_rmaps);
	return op;
}

static struct hw_op draw_op(struct drawing *d)
{
	struct hw_op op = { .kind = draw_kind(d) };

	if (plan_op_is_of_kvm(op.kind))
		return draw_page(d, op);
	if (op.kind != PLAN_OP_WALK)
		op.spte = draw_one_of(d, d->spte, draw_sptes(d, op.kind == PLAN_OP_REMOVE));
	if (op.kind == PLAN_OP_REMOVE)
		op.rmap = d->where[op.spte] - 1;
	else
		op.rmap = draw_one_of(d, d->task->rmaps, d->task->n_rmaps);
	return op;
}

/* The task's sptes go back to where they were at the start. */
static void tape_close(struct hw_tape *tape, struct drawing *d, const uint16_t *start)
{
	guint i;

	for (i = 0; i < d->task->n_pool; i++) {
		guint spte = d->task->pool[i];

		if (d->where[spte] == start[spte])
			continue;
		if (d->where[spte])
			tape_put(tape, d, (struct hw_op){ .kind = PLAN_OP_REMOVE, .spte = spte,
							  .rmap = d->where[spte] - 1 });
		if (start[spte])
			tape_put(tape, d, (struct hw_op){ .kind = PLAN_OP_ADD, .spte = spte,
							  .rmap = start[spte] - 1 });
	}
}

static void tape_draw(struct hw_tape *tape, struct drawing *d, const struct hw_tapes *tapes,
		      guint64 seed, guint who)
{
	gsize start_bytes = d->plan->nr_sptes * sizeof(*tapes->start);
	guint i, v, n = DRAWN;

	if (tapes->laps && !d->task->forever) {
		n = tape->lap = CLAMP(d->task->operations, 1, LAP_MAX);
		tape->variants = CLAMP(DRAWN / n, 1, VARIANTS_MAX);
	}
	tape->ops = g_new0(struct hw_op, (gsize)n * tape->variants + 2 * d->task->n_pool);
	for (v = 0; v < tape->variants; v++) {
		rng_init(&d->stream, seed + v, who + 1);
		memcpy(d->where, tapes->start, start_bytes);
		for (i = 0; i < n; i++)
			tape_put(tape, d, draw_op(d));
	}
	if (!tape->lap)
		tape_close(tape, d, tapes->start);
}

static void tape_program(struct hw_tape *tape, const struct plan_task *task, gboolean laps)
{
	guint i;

	tape->ops = g_new0(struct hw_op, task->n_ops);
	tape->n = task->n_ops;
	tape->lap = laps && !task->forever ? task->n_ops : 0;
	for (i = 0; i < task->n_ops; i++)
		tape->ops[i] = tape_op(&task->ops[i]);
}

/* Does the program leave its sptes as it found them? */
static gboolean program_closed(const struct plan *plan, const struct plan_task *task,
			       const uint16_t *start)
{
	gsize bytes = plan->nr_sptes * sizeof(*start);
	uint16_t *where = g_memdup2(start, bytes);
	gboolean closed;
	guint i;

	for (i = 0; i < task->n_ops; i++) {
		struct hw_op op = tape_op(&task->ops[i]);

		hw_tape_apply(where, &op);
	}
	closed = !memcmp(where, start, bytes);
	g_free(where);
	return closed;
}

static void find_start(struct hw_tapes *tapes, const struct plan *plan)
{
	guint i;

	tapes->start = g_new0(uint16_t, plan->nr_sptes);
	for (i = 0; i < plan->n_setup; i++) {
		struct hw_op op = tape_op(&plan->setup[i]);

		hw_tape_apply(tapes->start, &op);
	}
	tapes->laps = plan->kvm;	/* the log is judged when all have stopped */
	for (i = 0; i < plan->n_tasks; i++)
		tapes->laps |= !program_closed(plan, &plan->tasks[i], tapes->start);
}

struct hw_tapes *hw_tapes_new(const struct plan *plan, guint64 seed)
{
	struct hw_tapes *tapes = g_new0(struct hw_tapes, 1);
	struct drawing d = {
		.plan = plan,
		.where = g_new0(uint16_t, plan->nr_sptes),
		.spte = g_new0(guint, plan->nr_sptes),
	};
	guint i;

	tapes->n = plan->n_tasks;
	tapes->tape = g_new0(struct hw_tape, plan->n_tasks);
	find_start(tapes, plan);
	for (i = 0; i < plan->n_tasks; i++) {
		d.task = &plan->tasks[i];
		tapes->tape[i].variants = 1;
		if (d.task->n_mix)
			tape_draw(&tapes->tape[i], &d, tapes, seed, i);
		else
			tape_program(&tapes->tape[i], d.task, tapes->laps);
	}
	g_free(d.where);
	g_free(d.spte);
	return tapes;
}

void hw_tapes_free(struct hw_tapes *tapes)
{
	unsigned int i;

	if (!tapes)
		return;
	for (i = 0; i < tapes->n; i++)
		g_free(tapes->tape[i].ops);
	g_free(tapes->tape);
	g_free(tapes->start);
	g_free(tapes);
}
