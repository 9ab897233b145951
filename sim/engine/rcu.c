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
 *
 * So it is for each object that was given to kfree_rcu(). When its grace period
 * ends, once it may, is a choice of the system; those that one cpu waits for end
 * in the order of its calls. What may end may do so however late, so at the end
 * of a run it need not have. Slab pages that go back wait likewise (slab_page.c).
 */
#include <string.h>
#include "sim/engine/state.h"

static uint8_t *needed(const struct engine *e, const struct task *waiter, unsigned int cpu)
{
	return &e->rcu_need[task_number(e, waiter) * e->plan->n_tasks + cpu];
}

/* One number for each cpu. */
static u8 *needed_by(const struct engine *e, const struct kmem_cache *c, uint16_t object)
{
	return &c->needed[object * e->plan->n_tasks];
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

static void objects_left(struct engine *e, unsigned int cpu)
{
	unsigned int i, k;

	for (i = 0; i < e->nr_caches; i++) {
		const struct kmem_cache *c = e->caches[i];

		for (k = 0; k < c->nr_waits; k++) {
			u8 *sections = needed_by(e, c, c->waits[k].object);

			if (c->waits[k].started && sections[cpu])
				sections[cpu]--;
		}
	}
}

void rcu_left(struct engine *e, unsigned int cpu)
{
	unsigned int i;

	e->tasks[cpu].rcu_open--;
	objects_left(e, cpu);
	slab_page_left(e, cpu);
	for (i = 0; e->rcu_need && i < e->plan->n_tasks; i++) {
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

void rcu_free(struct engine *e, struct kmem_cache *c, uint16_t object, struct task *t)
{
	struct model_note note = {
		.cpu = t->sim.cpu, .kind = NOTE_RCU_FREED, .arg = slab_which(e, c, object),
	};

	c->live[object] = SLAB_WAITS;
	c->waits[c->nr_waits++] = (struct rcu_wait){ .object = object, .cpu = t->sim.cpu };
	e->model->note(e->model_state, &note);
}

/* The place of an object among those that wait. */
static unsigned int wait_of(const struct kmem_cache *c, uint16_t object)
{
	unsigned int i = 0;

	while (c->waits[i].object != object)
		i++;
	return i;
}

void rcu_free_starts(struct engine *e, uint32_t which)
{
	struct kmem_cache *c = e->caches[which >> 16];
	uint16_t object = which;
	struct rcu_wait *wait = &c->waits[wait_of(c, object)];
	unsigned int cpu;

	wait->started = 1;
	for (cpu = 0; cpu < e->plan->n_tasks; cpu++)
		needed_by(e, c, object)[cpu] = e->tasks[cpu].rcu_open;
	grace(e, &e->tasks[wait->cpu], GRACE_QUEUED);
	e->run->list_dirty = true;
}

static bool may_end(const struct engine *e, const struct kmem_cache *c,
		    const struct rcu_wait *wait)
{
	unsigned int cpu;

	for (cpu = 0; wait->started && cpu < e->plan->n_tasks; cpu++) {
		if (needed_by(e, c, wait->object)[cpu])
			return false;
	}
	return wait->started;
}

/* Those of one cache; the first of a cpu holds back its others. */
static unsigned int pending_of(const struct engine *e, const struct kmem_cache *c,
			       struct choice *to, unsigned int max)
{
	uint64_t seen[SET_WORDS] = { 0 };
	unsigned int i, n = 0;

	for (i = 0; i < c->nr_waits && n < max; i++) {
		const struct rcu_wait *wait = &c->waits[i];
		uint64_t bit = 1ull << wait->cpu % 64;

		if (!(seen[wait->cpu / 64] & bit) && may_end(e, c, wait))
			to[n++] = (struct choice){
				CHOICE_GRACE, wait->cpu, wait->cpu,
				(uint8_t *)slab_object(c, wait->object) - sim.heap,
			};
		seen[wait->cpu / 64] |= bit;
	}
	return n;
}

unsigned int rcu_pending(const struct engine *e, struct choice *to, unsigned int max)
{
	unsigned int i, n = 0;

	for (i = 0; e->run->alive && i < e->nr_caches; i++) {
		n += pending_of(e, e->caches[i], to + n, max - n);
		n += slab_page_pending(e, e->caches[i], to + n, max - n);
	}
	return n;
}

/* An object that waits is freed. */
static void object_released(struct engine *e, struct kmem_cache *c, uint16_t object)
{
	unsigned int i = wait_of(c, object);

	c->nr_waits--;
	memmove(&c->waits[i], &c->waits[i + 1], (c->nr_waits - i) * sizeof(*c->waits));
	slab_release(e, c, object);
}

void rcu_free_ends(struct engine *e, const struct choice *choice)
{
	uint16_t object;
	struct kmem_cache *c = slab_of(e, sim.heap + choice->pick, &object);

	if (c->page)
		slab_page_goes(e, c, object);
	else
		object_released(e, c, object);
	trace_grace(e, choice, c->page != NULL);
	e->run->set_dirty = true;	/* somebody may have waited for an object */
}

/* What waits, for the identity of a state. */
uint64_t *rcu_free_words(const struct engine *e, uint64_t *to)
{
	unsigned int i, k, cpu;

	for (i = 0; e->frees_by_rcu && i < e->nr_caches; i++) {
		const struct kmem_cache *c = e->caches[i];

		*to++ = c->nr_waits;
		for (k = 0; k < c->nr_waits; k++) {
			const struct rcu_wait *wait = &c->waits[k];

			*to++ = wait->object | (uint64_t)wait->cpu << 16 |
				(uint64_t)wait->started << 32;
			for (cpu = 0; wait->started && cpu < e->plan->n_tasks; cpu++)
				*to++ = needed_by(e, c, wait->object)[cpu];
		}
	}
	return to;
}
