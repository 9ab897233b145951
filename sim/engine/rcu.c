/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read-side sections and grace periods. A grace period starts when the stores
 * that were made before the call are visible, and ends when every section that
 * was open at its start has ended and what was stored in it is visible: the end
 * of a section is a note that travels behind the stores of its cpu. The memory
 * model says what the cpus see behind the start and behind the end.
 *
 * Per waiting task there stands how many sections of each cpu it still needs;
 * their ends arrive in order, so a number is enough.
 */
#include "sim/engine/state.h"

static uint8_t *needed(const struct engine *e, const struct task *waiter, unsigned int cpu)
{
	return &e->rcu_need[task_number(e, waiter) * e->plan->n_tasks + cpu];
}

static void grace(struct engine *e, const struct task *t, enum model_grace what)
{
	if (e->model->grace)
		e->model->grace(e->model_state, t->sim.cpu, what);
}

void rcu_lock(struct engine *e, struct task *t)
{
	if (t->rcu_nesting++)
		return;
	t->rcu_open++;
	grace(e, t, GRACE_SECTION);
}

void rcu_unlock(struct engine *e, struct task *t)
{
	struct model_note note = { .cpu = t->sim.cpu, .kind = NOTE_RCU_LEFT };
	const struct sim_event *ev = &t->sim.ev;

	if (!t->rcu_nesting) {
		check_fail(e, check_find("locking"), task_number(e, t),
			   "%s ends a read-side section that it is not in, at %s:%u",
			   engine_task_name(e, task_number(e, t)), ev->site->file, ev->site->line);
		return;
	}
	if (!--t->rcu_nesting)
		e->model->note(e->model_state, &note);
}

void rcu_left(struct engine *e, unsigned int cpu)
{
	unsigned int i;

	e->tasks[cpu].rcu_open--;
	for (i = 0; i < e->plan->n_tasks; i++) {
		struct task *waiter = &e->tasks[i];

		if (waiter->sim.ev.kind != EV_SYNC_WAIT || !*needed(e, waiter, cpu))
			continue;
		if (!--*needed(e, waiter, cpu))
			grace(e, waiter, GRACE_LEFT);
	}
	e->run->set_dirty = true;
}

void rcu_sync_begin(struct engine *e, struct task *t)
{
	unsigned int cpu;

	for (cpu = 0; cpu < e->plan->n_tasks; cpu++)
		*needed(e, t, cpu) = e->tasks[cpu].rcu_open;
	grace(e, t, GRACE_STARTS);
	t->sim.ev.kind = EV_SYNC_WAIT;
	e->run->set_dirty = true;
}

bool rcu_sync_is_over(const struct engine *e, const struct task *t)
{
	unsigned int cpu;

	for (cpu = 0; cpu < e->plan->n_tasks; cpu++) {
		if (*needed(e, t, cpu))
			return false;
	}
	return true;
}

void rcu_sync_end(struct engine *e, struct task *t)
{
	grace(e, t, GRACE_ENDS);
}

/* What a waiting task still needs, for the identity of a state. */
uint64_t *rcu_words(const struct engine *e, const struct task *t, uint64_t *to)
{
	unsigned int cpu;

	for (cpu = 0; t->sim.ev.kind == EV_SYNC_WAIT && cpu < e->plan->n_tasks; cpu++)
		*to++ = *needed(e, t, cpu);
	return to;
}
