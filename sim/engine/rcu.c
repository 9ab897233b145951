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
 * So it is for each object that was given to kfree_rcu() or call_rcu(). When its
 * grace period ends, once it may, is a choice of the system, by which the object
 * is free, or its callback begins (softirq.c); those that one cpu waits for end
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
	if (t->sim.ev.order == ORD_BH) {
		t->bh_off++;
		e->run->list_dirty = true;	/* no callback may begin */
	}
	if (!e->plan->litmus)
		sim_enter_section(&t->sim);
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
			   engine_actor(e, t), ev->site->file, ev->site->line);
		return;
	}
	if (ev->order == ORD_BH && t->bh_off) {
		t->bh_off--;
		e->run->list_dirty = true;
	}
	if (!e->plan->litmus)
		sim_leave_section(&t->sim);
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

/* Whatever runs above it meanwhile. */
static bool waits_in_sync(const struct engine *e, const struct task *t)
{
	const struct softirq *softirq = softirq_of(e, t->sim.cpu);

	return (softirq ? softirq->below.ev.kind : t->sim.ev.kind) == EV_SYNC_WAIT;
}

void rcu_left(struct engine *e, unsigned int cpu)
{
	unsigned int i;

	e->tasks[cpu].rcu_open--;
	objects_left(e, cpu);
	slab_page_left(e, cpu);
	for (i = 0; e->rcu_need && i < e->plan->n_tasks; i++) {
		struct task *waiter = &e->tasks[i];

		if (!waits_in_sync(e, waiter) || !*needed(e, waiter, cpu))
			continue;
		if (!--*needed(e, waiter, cpu))
			grace(e, waiter, GRACE_LEFT);
	}
	e->run->set_dirty = true;
}

/* Where nobody may sleep, or where it would be for oneself. */
static const char *cannot_sleep(const struct engine *e, const struct task *t)
{
	unsigned int i;

	if (softirq_of(e, t->sim.cpu))
		return "in a softirq, which cannot sleep";
	if (t->bh_off)
		return "with softirqs off, where nobody may sleep";
	if (t->rcu_nesting)
		return "inside a read-side section: it waits for itself";
	for (i = 0; i < LOCKS_HELD_MAX; i++) {
		if (t->sim.held[i])
			return "under a spinlock, where nobody may sleep";
	}
	return e->rcu_need ? NULL : "without RMAP_NEEDS_RCU";
}

void rcu_sync_begin(struct engine *e, struct task *t)
{
	const char *wrong = e->plan->litmus ? NULL : cannot_sleep(e, t);
	unsigned int cpu;

	if (wrong) {
		check_fail(e, check_find("locking"), task_number(e, t),
			   "%s calls synchronize_rcu() %s, at %s:%u (%s)", engine_actor(e, t),
			   wrong, t->sim.ev.site->file, t->sim.ev.site->line,
			   t->sim.ev.site->func);
		return;
	}
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

	for (cpu = 0; waits_in_sync(e, t) && cpu < e->plan->n_tasks; cpu++)
		*to++ = *needed(e, t, cpu);
	return to;
}

void rcu_free(struct engine *e, struct kmem_cache *c, struct rcu_wait wait, struct task *t)
{
	struct model_note note = {
		.cpu = t->sim.cpu, .kind = NOTE_RCU_FREED, .arg = slab_which(c, wait.object),
	};

	wait.cpu = t->sim.cpu;
	c->live[wait.object] = SLAB_WAITS;
	c->waits[c->nr_waits++] = wait;
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
	return wait->started && (!wait->callback || softirq_may_begin(e, wait->cpu));
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

/* An object that waits is freed, or its callback begins: then whose softirq it is. */
static struct task *wait_is_over(struct engine *e, const struct choice *choice,
				 struct kmem_cache *c, uint16_t object)
{
	unsigned int i = wait_of(c, object);
	struct rcu_wait wait = c->waits[i];

	c->nr_waits--;
	memmove(&c->waits[i], &c->waits[i + 1], (c->nr_waits - i) * sizeof(*c->waits));
	trace_grace(e, choice, false, wait.callback);
	if (wait.callback) {
		softirq_begin(e, c, &wait);
		return &e->tasks[wait.cpu];
	}
	slab_release(e, c, object);
	return NULL;
}

struct task *rcu_free_ends(struct engine *e, const struct choice *choice)
{
	uint16_t object;
	struct kmem_cache *c = slab_of(e, sim.heap + choice->pick, &object);
	struct task *t = NULL;

	if (c->page) {
		slab_page_goes(e, c, object);
		trace_grace(e, choice, true, 0);
	} else {
		t = wait_is_over(e, choice, c, object);
	}
	e->run->set_dirty = true;	/* somebody may have waited for an object */
	return t;
}

static void tell_readers(const struct engine *e, const u8 *sections, GString *to)
{
	unsigned int cpu;

	for (cpu = 0; cpu < e->plan->n_tasks; cpu++) {
		if (sections[cpu])
			g_string_append_printf(to, ", for the read-side section of %s",
					       engine_task_name(e, cpu));
	}
}

void rcu_tell_readers(const struct engine *e, const struct task *t, GString *to)
{
	const struct kmem_cache *c = (const struct kmem_cache *)t->sim.ev.operand;

	if (t->sim.ev.kind == EV_SYNC_WAIT && !e->plan->litmus)
		tell_readers(e, needed(e, t, 0), to);
	else if (t->sim.ev.kind == EV_ALLOC && c->nr_waits && c->waits[0].started)
		tell_readers(e, needed_by(e, c, c->waits[0].object), to);
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
				(uint64_t)wait->started << 32 |
				(uint64_t)wait->callback << 40 | (uint64_t)wait->head << 48;
			for (cpu = 0; wait->started && cpu < e->plan->n_tasks; cpu++)
				*to++ = needed_by(e, c, wait->object)[cpu];
		}
	}
	return to;
}
