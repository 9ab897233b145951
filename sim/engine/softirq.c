/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Callbacks of call_rcu(), which run in a softirq of the cpu that called. When a
 * grace period ends the system may let one begin (CHOICE_GRACE), whatever the
 * cpu's task stands before: it may be in the middle of an operation, hold or wait
 * for a lock, sleep, or be done. From then on the softirq stands in its place and
 * it waits below, until the callback has returned. Only local_bh_disable() keeps
 * softirqs out; a spinlock alone does not, nor does preempt_disable().
 *
 * As in the kernel a softirq is a read-side section, and no softirq interrupts
 * another one of its cpu. A callback begins synchronised, as an operation does.
 */
#include <stdio.h>
#include <string.h>
#include "sim/engine/state.h"

bool softirq_may_begin(const struct engine *e, unsigned int cpu)
{
	return !e->softirqs[cpu].runs && !e->tasks[cpu].bh_off && !preempt_is_away(e, cpu);
}

bool softirq_may_come(const struct engine *e, unsigned int cpu)
{
	unsigned int i, k;

	if (!softirq_may_begin(e, cpu))
		return false;
	for (i = 0; i < e->nr_caches; i++) {
		for (k = 0; k < e->caches[i]->nr_waits; k++) {
			const struct rcu_wait *wait = &e->caches[i]->waits[k];

			if (wait->callback && wait->cpu == cpu)
				return true;
		}
	}
	return false;
}

bool softirq_any(const struct engine *e)
{
	unsigned int cpu;

	for (cpu = 0; e->softirqs && cpu < e->plan->n_tasks; cpu++) {
		if (e->softirqs[cpu].runs)
			return true;
	}
	return false;
}

/* Reads that cpu_relax() waits for a change of: the softirq has its own. */
static void keep_reads(struct engine *e, unsigned int cpu)
{
	if (!e->slow_only)
		return;
	e->reads[e->plan->n_tasks + cpu] = e->reads[cpu];
	e->reads[cpu] = (struct task_reads){ 0 };
}

static void give_reads_back(struct engine *e, unsigned int cpu)
{
	if (!e->slow_only)
		return;
	e->reads[cpu] = e->reads[e->plan->n_tasks + cpu];
	e->reads[e->plan->n_tasks + cpu] = (struct task_reads){ 0 };
}

/* It stands as if it had been called by nobody, and will find its callback announced. */
static struct sim_task fresh(const struct softirq *softirq, void *head)
{
	uint64_t *top = (uint64_t *)(softirq->stack + STACK_BYTES);
	uint64_t id = hash_mix(softirq->callback + 1, sim_canonical((uint64_t)head));

	top[-1] = 0;
	return (struct sim_task){
		.ctx = { .sp = &top[-1], .ip = (void *)sim_softirq_main },
		.ev = { .kind = EV_SOFTIRQ_END, .addr = head, .operand = softirq->callback },
		.id = id, .op_id = id, .op_base = id,
		.cpu = softirq->below.cpu, .buffer = softirq->below.buffer,
		.loads_apart = softirq->below.buffer != NULL,
	};
}

void softirq_begin(struct engine *e, struct kmem_cache *c, const struct rcu_wait *wait)
{
	struct softirq *softirq = &e->softirqs[wait->cpu];
	struct task *t = &e->tasks[wait->cpu];

	c->live[wait->object] = SLAB_CALLED;
	softirq->runs = true;
	softirq->callback = wait->callback - 1;
	softirq->object = wait->object;
	for (softirq->cache = 0; e->caches[softirq->cache] != c; softirq->cache++)
		;
	softirq->below = t->sim;
	softirq->queue_next = t->queue_next;
	softirq->begin_pending = t->begin_pending;
	softirq->rcu_nesting = t->rcu_nesting + 1;
	t->sim = fresh(softirq, (uint8_t *)slab_object(c, wait->object) + wait->head);
	t->queue_next = 0;
	t->begin_pending = false;
	keep_reads(e, wait->cpu);
	e->run->writers_inside++;	/* what it has is in no list */
	if (e->model->sync)
		e->model->sync(e->model_state, wait->cpu);
	rcu_lock(e, t);
	e->run->set_dirty = true;
}

/* Does it leave things as they were? */
static void look_at_end(struct engine *e, struct task *t, const struct softirq *softirq)
{
	const char *name = sim_program.algorithm->callbacks[softirq->callback].name;
	char lock[96];
	unsigned int i;

	if (t->rcu_nesting != softirq->rcu_nesting - 1 || t->bh_off)
		check_fail(e, check_find("locking"), task_number(e, t),
			   "%s: %s() has returned inside a section that it began, or outside of "
			   "one that it did not begin", engine_actor(e, t), name);
	for (i = 0; i < LOCKS_HELD_MAX; i++) {
		if (t->sim.held[i])
			check_fail(e, check_find("locking"), task_number(e, t),
				   "%s: %s() has returned and holds %s", engine_actor(e, t), name,
				   engine_name(e, t->sim.held[i], lock, sizeof(lock)));
	}
}

void softirq_end(struct engine *e, struct task *t)
{
	struct softirq *softirq = &e->softirqs[t->sim.cpu];
	uint8_t *live = &e->caches[softirq->cache]->live[softirq->object];

	look_at_end(e, t, softirq);
	if (*live == SLAB_CALLED)
		*live = SLAB_LIVE;
	t->sim = softirq->below;
	t->queue_next = softirq->queue_next;
	t->begin_pending = softirq->begin_pending;
	t->notes.base = t->sim.pass_steps;
	give_reads_back(e, t->sim.cpu);
	*softirq = (struct softirq){ .stack = softirq->stack };
	if (e->model->rest && (t->done || (!t->in_op && plan_synchronises(e->plan))))
		e->model->rest(e->model_state, t->sim.cpu);
	e->run->set_dirty = true;
	e->run->writers_inside--;
	request_drained(e);
}

/* A lock of the task below will never be released: that goes on behind the softirq only. */
void softirq_look_at_lock(struct engine *e, struct task *t)
{
	const struct softirq *softirq = softirq_of(e, t->sim.cpu);
	const struct sim_event *ev = &t->sim.ev;
	char lock[96];
	unsigned int i;

	for (i = 0; softirq && i < LOCKS_HELD_MAX; i++) {
		if (softirq->below.held[i] != ev->addr || lock_is_free(ev))
			continue;
		check_fail(e, check_find("locking"), task_number(e, t),
			   "deadlock: %s waits in %s for %s, which %s holds, on the same CPU, "
			   "at %s:%u", engine_actor(e, t),
			   sim_program.algorithm->callbacks[softirq->callback].name,
			   engine_name(e, ev->addr, lock, sizeof(lock)),
			   engine_task_name(e, task_number(e, t)), ev->site->file, ev->site->line);
	}
}

unsigned int softirq_lockers(const struct engine *e)
{
	unsigned int cpu, n = 0;

	for (cpu = 0; e->softirqs && cpu < e->plan->n_tasks; cpu++) {
		const struct softirq *softirq = &e->softirqs[cpu];

		n += softirq->runs && (softirq->below.ev.kind == EV_LOCK ||
				       softirq->below.ev.kind == EV_LOCK_WAIT);
	}
	return n;
}

const char *engine_actor(struct engine *e, const struct task *t)
{
	snprintf(e->actor, sizeof(e->actor), "%.50s%s", engine_task_name(e, task_number(e, t)),
		 softirq_of(e, t->sim.cpu) ? " softirq" : "");
	return e->actor;
}
