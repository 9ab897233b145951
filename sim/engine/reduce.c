/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which choices of a litmus test's search are enough. What the processes may
 * still do is known, so a persistent set can be had (Godefroid 1996): tasks,
 * with the drains of their cpus, such that nothing that another task may ever do
 * depends on what these do next. Trying these alone reaches every final state
 * and every deadlock.
 *
 * Two things depend on each other if they touch one location and one of them
 * writes it. Under a model whose messages have times, what makes a message
 * depends on all that does, as long as times can matter to somebody; and grace
 * periods depend on read-side sections and on times.
 */
#include <string.h>
#include "sim/engine/state.h"
#include "sim/litmus/body.h"

struct footprint {
	uint64_t reads, writes;		/* locations */
	bool time;			/* makes a message, or asks what time it is */
	bool section, sync;		/* of RCU */
};

struct reduction {
	struct engine *e;
	unsigned int n;				/* tasks */
	bool time_matters;
	struct footprint next[LITMUS_PROCS_MAX];	/* of what a task and its cpu do next */
	struct footprint ahead[LITMUS_PROCS_MAX];	/* of all that they may still do */
	unsigned int choices[LITMUS_PROCS_MAX];	/* how many each has now */
};

static bool depend(const struct footprint *a, const struct footprint *b)
{
	return (a->writes & (b->reads | b->writes)) || (a->reads & b->writes) ||
	       (a->time && b->time) || (a->sync && b->section) || (a->section && b->sync);
}

static uint64_t location_of(const void *addr)
{
	uint64_t place = (const uint8_t *)addr - sim.heap;
	unsigned int i = place < sizeof(litmus_world.loc_at) ? litmus_world.loc_at[place] : 0;

	return i ? 1ull << (i - 1) : ~0ull;
}

/* The event that t has announced. */
static void add_event(const struct reduction *r, const struct task *t, struct footprint *f)
{
	const struct sim_event *ev = &t->sim.ev;
	bool direct = r->e->model->direct;

	switch (ev->kind) {
	case EV_NONE:
	case EV_FENCE:
		return;
	case EV_LOAD:
		f->reads |= location_of(ev->addr);
		return;
	case EV_STORE:
	case EV_UNLOCK:
		/* Into a buffer that nobody else sees. */
		f->writes |= direct ? location_of(ev->addr) : 0;
		return;
	case EV_RCU_LOCK:
		f->section = true;
		return;
	case EV_RCU_UNLOCK:
		f->section = true;
		f->time |= r->time_matters;
		return;
	case EV_SYNC_RCU:
	case EV_SYNC_WAIT:
		f->sync = true;
		f->time |= r->time_matters;
		return;
	default:
		f->reads |= location_of(ev->addr);
		f->writes |= location_of(ev->addr);
		f->time |= r->time_matters;
	}
}

static void look_at_task(struct reduction *r, unsigned int i)
{
	const struct litmus_proc *proc = &litmus_world.program->proc[i];
	const struct litmus_insn *insn = &proc->insn[litmus_world.frame[i]->pc];
	const struct task *t = &r->e->tasks[i];
	struct footprint *f = &r->ahead[i];

	f->reads = insn->loads_ahead;
	f->writes = insn->stores_ahead;
	f->section = insn->sections_ahead || t->rcu_open;
	f->sync = insn->syncs_ahead || t->sim.ev.kind == EV_SYNC_WAIT;
	add_event(r, t, &r->next[i]);
}

static void look_at_choice(struct reduction *r, const struct choice *c)
{
	struct footprint *next = &r->next[c->who];

	r->choices[c->who]++;
	if (c->kind != CHOICE_DRAIN)
		return;
	next->writes |= location_of(sim.heap + c->pick);
	next->time |= r->time_matters;
	next->section |= r->e->tasks[c->who].rcu_open > 0;
	/* What else its buffer holds is not known: any of its stores. */
	r->ahead[c->who].writes |= litmus_world.program->proc[c->who].insn[0].stores_ahead;
}

static void look(struct reduction *r, struct engine *e)
{
	unsigned int i;

	*r = (struct reduction){ .e = e, .n = e->plan->n_tasks };
	r->time_matters = e->model->asks && world_may_order();
	for (i = 0; i < r->n; i++)
		look_at_task(r, i);
	for (i = 0; i < e->set.n; i++)
		look_at_choice(r, &e->set.ev[i]);
	for (i = 0; i < r->n; i++) {
		struct footprint *f = &r->ahead[i];

		f->time = r->time_matters && (f->writes || f->section || f->sync);
	}
}

/* The smallest persistent set that task i is in. */
static uint32_t close_set(const struct reduction *r, unsigned int i)
{
	uint32_t set = 1u << i, left = set;
	unsigned int t, u;

	while (left) {
		t = __builtin_ctz(left);
		left &= left - 1;
		for (u = 0; u < r->n; u++) {
			if (set >> u & 1 || !depend(&r->next[t], &r->ahead[u]))
				continue;
			set |= 1u << u;
			left |= 1u << u;
		}
	}
	return set;
}

static unsigned int choices_of(const struct reduction *r, uint32_t set)
{
	unsigned int n = 0;

	for (; set; set &= set - 1)
		n += r->choices[__builtin_ctz(set)];
	return n;
}

static void keep(struct choice_set *set, uint32_t tasks)
{
	unsigned int i, n = 0;
	int running = -1;

	for (i = 0; i < set->n; i++) {
		if (!(tasks >> set->ev[i].who & 1))
			continue;
		if ((int)i == set->running)
			running = n;
		set->ev[n++] = set->ev[i];
	}
	set->n = n;
	set->running = running;
}

void reduce_choices(struct engine *e)
{
	struct choice_set *set = &e->set;
	unsigned int i, n, fewest = set->n;
	struct reduction r;
	uint32_t tasks, best = 0;

	if (set->n < 2)
		return;
	look(&r, e);
	for (i = 0; i < r.n && fewest > 1; i++) {
		if (!r.choices[i])
			continue;
		tasks = close_set(&r, i);
		n = choices_of(&r, tasks);
		if (n >= fewest)
			continue;
		fewest = n;
		best = tasks;
	}
	if (best)
		keep(set, best);
}
