/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A task with a mix chooses its next operation: which one, on which spte, in
 * which rmap. All three are choices (CHOICE_OP); by default they are drawn from
 * the task's own stream, so that another schedule does the same work.
 */
#include "sim/engine/state.h"

/* Sptes of the task's pool that are in a list, or that are not. */
static unsigned int mix_sptes(const struct engine *e, const struct plan_task *pt, bool listed,
			      unsigned int *spte)
{
	unsigned int i, n = 0;

	for (i = 0; i < pt->n_pool; i++) {
		int at = world_spte_at(e, pt->pool[i]);

		if ((at >= 0 && e->spte_rmap[at]) == listed)
			spte[n++] = pt->pool[i];
	}
	return n;
}

static bool mix_possible(const struct engine *e, const struct plan_task *pt,
			 enum plan_op_kind kind)
{
	unsigned int spte[1024];

	switch (kind) {
	case PLAN_OP_ADD:
		return mix_sptes(e, pt, false, spte) > 0;
	case PLAN_OP_REMOVE:
		return mix_sptes(e, pt, true, spte) > 0;
	case PLAN_OP_ZAP_SPTE:
	case PLAN_OP_ZAP_PAGE:
		return mix_sptes(e, pt, true, spte) > 0;
	default:
		return true;
	}
}

/* The items that can be done now; the default answer goes by their weights. */
static enum plan_op_kind mix_kind(struct engine *e, struct task *t, const struct plan_task *pt)
{
	unsigned int i, n = 0, total = 0, weight[16], drawn, answer = 0;
	enum plan_op_kind kind[16];

	for (i = 0; i < pt->n_mix && n < G_N_ELEMENTS(kind); i++) {
		if (!mix_possible(e, pt, pt->mix[i].kind))
			continue;
		kind[n] = pt->mix[i].kind;
		weight[n++] = pt->mix[i].weight;
		total += pt->mix[i].weight;
	}
	if (!n)
		return PLAN_OP_WALK;
	drawn = rng_below(&t->stream, total);
	while (drawn >= weight[answer])
		drawn -= weight[answer++];
	return kind[choice_pick(e, CHOICE_OP, t, n, answer)];
}

static unsigned int mix_one_of(struct engine *e, struct task *t, const unsigned int *of,
			       unsigned int n)
{
	if (n == 1)
		return of[0];
	return of[choice_pick(e, CHOICE_OP, t, n, rng_below(&t->stream, n))];
}

/* Each spte of a guest's pool maps one page: its page tables stay as they are. */
static void mix_guest_write(struct engine *e, struct task *t, const struct plan_task *pt)
{
	unsigned int i = pt->n_pool == 1 ? 0 :
		choice_pick(e, CHOICE_OP, t, pt->n_pool, rng_below(&t->stream, pt->n_pool));

	t->op.spte = pt->pool[i];
	t->op.rmap = pt->rmaps[i % pt->n_rmaps];
	if (e->plan->shadow_pages && e->plan->page_role == PLAN_PAGES_DIRECT)
		t->op.rmap = t->op.spte;
}

static void mix_objects(struct engine *e, struct task *t, const struct plan_task *pt)
{
	unsigned int n, spte[1024];

	switch (t->op.kind) {
	case PLAN_OP_GUEST_WRITE:
		mix_guest_write(e, t, pt);
		return;
	case PLAN_OP_GET_DIRTY_LOG:
		return;
	case PLAN_OP_ADD:
	case PLAN_OP_REMOVE:
	case PLAN_OP_ZAP_SPTE:
	case PLAN_OP_ZAP_PAGE:
		n = mix_sptes(e, pt, t->op.kind != PLAN_OP_ADD, spte);
		t->op.spte = mix_one_of(e, t, spte, n);
		break;
	default:
		break;
	}
	if (t->op.kind == PLAN_OP_ZAP_PAGE)
		t->op.spte /= plan_page_entries(e->plan);
	if (t->op.kind == PLAN_OP_REMOVE)
		t->op.rmap = e->spte_rmap[t->op.spte] - 1;
	else if (t->op.kind != PLAN_OP_ZAP_SPTE && t->op.kind != PLAN_OP_ZAP_PAGE)
		t->op.rmap = mix_one_of(e, t, pt->rmaps, pt->n_rmaps);
}

void mix_choose(struct engine *e, struct task *t)
{
	const struct plan_task *pt = &e->plan->tasks[task_number(e, t)];

	t->op = (struct plan_op){ .kind = mix_kind(e, t, pt) };
	mix_objects(e, t, pt);
	t->begin_pending = true;
	t->sim.op_id = hash_mix(hash_mix(t->op.kind, t->op.spte), t->op.rmap);
	if (e->stepwise) {
		digest_event(e, t, t->sim.op_id);
		trace_event(e, t, 0, 0, NULL);
	}
	t->sim.op_id = hash_mix(t->sim.op_id, pt->forever ? 0 : t->operations_done);
	t->sim.op_base = t->sim.id = t->sim.op_id;
}
