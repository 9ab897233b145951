/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preemptions: the host takes a vCPU off its CPU, wherever it stands, and gives
 * it back after a fixed number of points, or as soon as nobody else can go on.
 * Its store buffer drains meanwhile: what it has stored is on its way.
 *
 * Which task is taken away, and when, is a choice (PREEMPT) like any other; the
 * answers lie behind the set of what may happen, because they are never needed.
 * Strategies that do not answer it have it answered here, from a stream of the
 * scheduler's: one in preempt-every points on average. That a task comes back is
 * no choice.
 *
 * All of it is a strategy that stands before the chosen one: where nothing is
 * preempted, nobody asks whether anything is.
 */
#include "sim/engine/state.h"

#define STREAM	(1ull << 32)	/* beside the strategy's own and the tasks' */

size_t preempt_bytes(const struct plan *plan)
{
	return sizeof(struct preemption) + plan->n_tasks * sizeof(uint64_t);
}

static uint64_t preempt_draw(struct preemption *p, const struct plan *plan)
{
	return 1 + rng_below(&p->rng, 2 * plan->preempt_every - 1);
}

static bool is_away(const struct preemption *p, unsigned int i)
{
	return p->away[i / 64] >> i % 64 & 1;
}

bool preempt_is_away(const struct engine *e, unsigned int cpu)
{
	return e->preemption && is_away(e->preemption, cpu);
}

static void set_away(struct engine *e, unsigned int i, bool away)
{
	struct preemption *p = e->preemption;

	p->away[i / 64] ^= 1ull << i % 64;
	p->n_away += away ? 1 : -1;
	e->run->set_changed = e->run->list_dirty = true;
	trace_preempt(e, i, away ? e->plan->preempt_points : 0);
}

void preempt_take(struct engine *e, const struct choice *c)
{
	set_away(e, c->who, true);
	e->preemption->back[c->who] = e->run->points + 1 + c->pick;
}

/* The task that comes back first. */
static unsigned int preempt_first(const struct engine *e)
{
	const struct preemption *p = e->preemption;
	unsigned int i, first = e->plan->n_tasks;

	for (i = 0; i < e->plan->n_tasks; i++) {
		if (is_away(p, i) && (first == e->plan->n_tasks || p->back[i] < p->back[first]))
			first = i;
	}
	return first;
}

/* Take those that are away off the list of what may be chosen. */
static void preempt_leave_out(const struct engine *e, struct choice_set *set)
{
	unsigned int i, n = 0;
	int running = -1;

	for (i = 0; i < set->n; i++) {
		if (set->ev[i].kind == CHOICE_TASK && is_away(e->preemption, set->ev[i].who))
			continue;
		if ((int)i == set->running)
			running = n;
		set->ev[n++] = set->ev[i];
	}
	set->n = n;
	set->running = running;
}

void preempt_give_back(struct engine *e)
{
	struct preemption *p = e->preemption;
	struct choice_set *set = &e->set;
	unsigned int first;

	while (p->n_away) {
		first = preempt_first(e);
		if (p->back[first] > e->run->points && set->n)
			break;
		set_away(e, first, false);
		choice_list(e);
		preempt_leave_out(e, set);
		set->fresh = true;
	}
}

/* Whoever is not done, as long as somebody else can go on without it. */
static void preempt_list(const struct engine *e, struct choice_set *set)
{
	unsigned int i, can = 0;

	set->n_preempt = 0;
	while (can < 2 && can < set->n && set->ev[can].kind == CHOICE_TASK)
		can++;
	for (i = 0; can && i < e->plan->n_tasks; i++) {
		if (e->tasks[i].done || is_away(e->preemption, i) ||
		    (can == 1 && set->ev[0].who == i))
			continue;
		set->ev[set->n + set->n_preempt++] = (struct choice){
			CHOICE_PREEMPT, i, i, e->plan->preempt_points,
		};
	}
}

static void preempt_begin(void *state, const struct plan *plan, uint64_t seed)
{
	struct engine *e = engine_present;
	struct preemption *p = e->preemption;

	rng_init(&p->rng, seed, STREAM);
	p->next = preempt_draw(p, plan);
	e->decider->begin(state, plan, seed);
}

static bool preempt_is_due(struct engine *e, const struct choice_set *set)
{
	struct preemption *p = e->preemption;

	if (set->point < p->next)
		return false;
	p->next = set->point + preempt_draw(p, e->plan);
	return set->n_preempt > 0;
}

static unsigned int preempt_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	struct engine *e = engine_present;
	struct preemption *p = e->preemption;
	unsigned int who;

	preempt_leave_out(e, set);
	preempt_give_back(e);
	preempt_list(e, set);
	if (!e->decider->preempts && preempt_is_due(e, set))
		return set->n + rng_below(&p->rng, set->n_preempt);
	who = e->decider->next(state, set, quantum);
	if (!e->decider->preempts)
		*quantum = MIN(*quantum, p->next - set->point);
	if (p->n_away)
		*quantum = MIN(*quantum, p->back[preempt_first(e)] - set->point);
	return who;
}

static void preempt_pick(void *state, const struct choice *question, uint64_t point, uint32_t n,
			 uint32_t *answer)
{
	const struct strategy *decider = engine_present->decider;

	if (decider->pick)
		decider->pick(state, question, point, n, answer);
}

const struct strategy preempt_strategy = {
	.name = "preempt",
	.summary = "another one, with CPUs that the host takes away",
	.begin = preempt_begin,
	.next = preempt_next,
	.pick = preempt_pick,
};
