/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chosen event takes effect. Runs on the engine's stack; what it does must
 * not depend on whether the task could have acted in line, so that quick and
 * stepwise runs of a seed are the same run.
 */
#include <string.h>
#include "sim/engine/state.h"

void fail_access(struct engine *e, struct task *t, const char *what)
{
	char name[160];

	engine_event_words(e, &t->sim.ev, name, sizeof(name));
	check_fail(e, check_find("access"), task_number(e, t), "%s %s: %s at %s:%u (%s)",
		   engine_actor(e, t), what, name, t->sim.ev.site->file,
		   t->sim.ev.site->line, t->sim.ev.site->func);
}

/* What cpu_relax will wait for a change of. */
static void act_note_read(struct engine *e, struct task *t, uint64_t value)
{
	struct task_reads *reads = &e->reads[task_number(e, t)];
	unsigned int i;

	if (!e->slow_only)
		return;
	for (i = 0; i < reads->n; i++) {
		if (reads->read[i].addr == t->sim.ev.addr)
			break;
	}
	if (i == READS_MAX) {
		reads->overflow = true;
		return;
	}
	reads->read[i].addr = t->sim.ev.addr;
	reads->read[i].value = value;
	reads->read[i].size = t->sim.ev.size;
	if (i == reads->n)
		reads->n++;
}

static void act_forget_reads(struct engine *e, struct task *t)
{
	if (e->slow_only)
		memset(&e->reads[task_number(e, t)], 0, sizeof(*e->reads));
}

static void lock_take(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	uint64_t word = e->model->rmw_load(e->model_state, t->sim.cpu, ev);
	unsigned int i;

	if (ev->order == ORD_READ)
		word++;
	else
		word = ev->order == ORD_WRITE ? RWLOCK_WRITER : 1;
	e->model->rmw_store(e->model_state, t->sim.cpu, ev, word);
	for (i = 0; i < LOCKS_HELD_MAX; i++) {
		if (!t->sim.held[i]) {
			t->sim.held[i] = ev->addr;
			break;
		}
	}
}

/* A lock's word has changed, which is news only to those that stand before one. */
static void lock_changed(struct engine *e)
{
	e->run->set_dirty |= sim.lockers > 0;
}

/* Where the one of that number keeps who stands behind it. */
static uint16_t *queue_next_of(struct engine *e, unsigned int number)
{
	unsigned int cpu = (number - 1) % e->plan->n_tasks;
	struct softirq *softirq = softirq_of(e, cpu);

	if (softirq && cpu == number - 1)
		return &softirq->queue_next;
	return &e->tasks[cpu].queue_next;
}

static void lock_queue(struct engine *e, struct task *t)
{
	struct lock_words *l = t->sim.ev.addr;
	uint16_t number = queue_number(e, t);

	if (l->last)
		*queue_next_of(e, l->last) = number;
	else
		l->first = number;
	l->last = number;
	t->queue_next = 0;
	t->sim.ev.kind = EV_LOCK_WAIT;
	e->run->set_dirty = true;
}

static void lock_unqueue(struct task *t)
{
	struct lock_words *l = t->sim.ev.addr;

	l->first = t->queue_next;
	if (!l->first)
		l->last = 0;
	t->queue_next = 0;
}

static void act_lock(struct engine *e, struct task *t)
{
	const struct lock_words *l = t->sim.ev.addr;

	if (e->plan->lock_fifo && (l->first || !lock_is_free(&t->sim.ev))) {
		lock_queue(e, t);
		return;
	}
	lock_take(e, t);
	sim.lockers--;
	lock_changed(e);
}

static uint64_t act_trylock(struct engine *e, struct task *t)
{
	const struct lock_words *l = t->sim.ev.addr;

	if (l->first || !lock_is_free(&t->sim.ev))
		return 0;
	lock_take(e, t);
	lock_changed(e);
	return 1;
}

static void act_unlock(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	const struct lock_words *l = ev->addr;
	char name[96];
	unsigned int i;

	for (i = 0; i < LOCKS_HELD_MAX; i++) {
		if (t->sim.held[i] == ev->addr)
			break;
	}
	if (i == LOCKS_HELD_MAX) {
		check_fail(e, check_find("locking"), task_number(e, t),
			   "%s unlocks %s, which it does not hold, at %s:%u",
			   engine_actor(e, t),
			   engine_name(e, ev->addr, name, sizeof(name)), ev->site->file,
			   ev->site->line);
		return;
	}
	t->sim.held[i] = NULL;
	if (ev->order == ORD_READ)
		e->model->rmw_store(e->model_state, t->sim.cpu, ev, l->word - 1);
	else
		e->model->store(e->model_state, t->sim.cpu, ev, 0);
	if (e->model->direct || ev->order == ORD_READ)
		lock_changed(e);	/* else when it drains */
}

static uint64_t act_rmw(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	uint64_t old = e->model->rmw_load(e->model_state, t->sim.cpu, ev);
	uint64_t value = ev->operand;

	if (ev->kind == EV_CMPXCHG && old != ev->expected)
		return old;
	if (ev->kind == EV_ADD)
		value = old + ev->operand;
	else if (ev->kind == EV_OR)
		value = old | ev->operand;
	else if (ev->kind == EV_AND)
		value = old & ev->operand;
	e->model->rmw_store(e->model_state, t->sim.cpu, ev, value);
	return old;
}

/* Is there a free object, or its remains, where a location was looked for? */
static bool is_of_free(const struct kmem_cache *c, uint16_t object, const struct sim_event *ev)
{
	if (!c || c->live[object] != SLAB_FREE)
		return false;
	if (!c->typesafe || slab_page_is_gone(c, object))
		return true;
	return sim.shadow[(uint8_t *)ev->addr - sim.heap] == (ev->size | SIM_FREE);
}

/* What is wrong with t's access to a free object of c. */
static const char *why_gone(const struct task *t, const struct kmem_cache *c, uint16_t object)
{
	if (slab_page_is_gone(c, object))
		return "whose slab page is gone";
	if (!c->typesafe || t->sim.ev.kind != EV_LOAD)
		return "which is free";
	if (!t->sim.section)
		return "which is free, in no read-side section";
	return "which is free, by an address from a read-side section that has ended";
}

void fail_reach(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	char name[160], object[96];
	uint16_t number;
	const struct kmem_cache *c = slab_of(e, ev->addr, &number);
	const char *in = plan_op_walks(t->op.kind) ? "'s walk" : "'s operation";

	if (!is_of_free(c, number, ev)) {
		fail_access(e, t, "accesses memory that is no live object");
		return;
	}
	engine_event_words(e, ev, name, sizeof(name));
	engine_name(e, slab_object(c, number), object, sizeof(object));
	object[strcspn(object, ".")] = 0;
	check_fail(e, check_find("lifetime"), task_number(e, t),
		   "%s%s %s %s, %s: %s at %s:%u (%s)", engine_actor(e, t),
		   softirq_of(e, t->sim.cpu) ? "" : in,
		   ev->kind == EV_LOAD ? "reads" : "writes to", object, why_gone(t, c, number),
		   name, ev->site->file, ev->site->line, ev->site->func);
}

static void act_free_rcu(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	const char *wrong = ev->operand ? slab_call_rcu(e, ev->addr, ev->operand, t) :
					  slab_free_rcu(e, ev->addr, t);

	if (wrong)
		fail_access(e, t, wrong);
}

static void act_free(struct engine *e, struct task *t)
{
	const char *wrong = slab_free(e, (struct kmem_cache *)t->sim.ev.operand, t->sim.ev.addr,
				      t);

	if (wrong)
		fail_access(e, t, wrong);
}

static bool is_access(enum ev_kind kind)
{
	return kind >= EV_LOAD && kind <= EV_AND;
}

static uint64_t act_switch(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;

	switch (ev->kind) {
	case EV_LOAD:
		return e->model->load(e->model_state, t->sim.cpu, ev);
	case EV_STORE:
		e->model->store(e->model_state, t->sim.cpu, ev, ev->operand);
		return ev->operand;
	case EV_FENCE:
		e->model->fence(e->model_state, t->sim.cpu, ev);
		return 0;
	case EV_LOCK:
		act_lock(e, t);
		return 0;
	case EV_LOCK_WAIT:
		lock_unqueue(t);
		lock_take(e, t);
		e->run->set_dirty = true;
		return 0;
	case EV_TRYLOCK:
		return act_trylock(e, t);
	case EV_UNLOCK:
		act_unlock(e, t);
		return 0;
	case EV_ALLOC:
		if (e->model->sync)
			e->model->sync(e->model_state, t->sim.cpu);
		return (uint64_t)slab_alloc(e, (struct kmem_cache *)ev->operand, t);
	case EV_FREE:
		act_free(e, t);
		return 0;
	case EV_FREE_RCU:
		act_free_rcu(e, t);
		return 0;
	case EV_RCU_LOCK:
		rcu_lock(e, t);
		return 0;
	case EV_RCU_UNLOCK:
		rcu_unlock(e, t);
		return 0;
	case EV_SYNC_RCU:
		rcu_sync_begin(e, t);
		return 0;
	case EV_SYNC_WAIT:
		rcu_sync_end(e, t);
		return 0;
	case EV_RELAX:
		act_forget_reads(e, t);
		return 0;
	default:
		return act_rmw(e, t);
	}
}

/* An atomic that leaves a word as it was, as a compare that fails, has read it. */
static bool has_changed_free(const struct sim_event *ev, uint64_t old)
{
	return !sim_reachable(ev->addr, ev->size) && sim_peek(ev->addr, ev->size) != old;
}

static bool may_access(const struct task *t)
{
	return sim_reachable(t->sim.ev.addr, t->sim.ev.size) || sim_may_read_free(&t->sim);
}

uint64_t act_event(struct engine *e, struct task *t)
{
	struct sim_event *ev = &t->sim.ev;
	uint64_t before = 0, value;
	enum ev_kind kind = ev->kind;
	bool waits;

	if (is_access(kind) && !may_access(t)) {
		fail_reach(e, t);
		return 0;
	}
	if (SIM_DEBUG && kind >= EV_STORE && kind <= EV_CMPXCHG && !e->plan->litmus &&
	    !sim_may_keep(ev->operand)) {
		fail_access(e, t, "stores a pointer that leads out of the simulated memory");
		return 0;
	}
	if (e->on_store && kind >= EV_STORE && kind <= EV_AND)
		e->on_store(e, t);
	if (is_access(kind))
		before = sim_peek(ev->addr, ev->size);
	value = act_switch(e, t);
	if (is_access(kind) && kind != EV_STORE)
		act_note_read(e, t, value);
	if ((is_access(kind) && kind != EV_STORE) || kind == EV_ALLOC)
		sim_has_address(&t->sim, value);
	if (kind >= EV_XCHG && kind <= EV_AND && has_changed_free(ev, value))
		fail_reach(e, t);
	if (kind == EV_TRYLOCK && !value)
		act_note_read(e, t, sim_peek(ev->addr, ev->size));
	e->run->list_dirty |= !e->model->direct;
	/* Who stands before an alloc waits while all that is not in use waits for RCU. */
	if (e->frees_by_rcu && (kind == EV_ALLOC || kind == EV_FREE))
		e->run->set_dirty = true;
	if (e->slow_only && kind != EV_LOAD)
		e->run->set_dirty = true;	/* somebody may wait for this store */
	if (!e->stepwise)
		return value;
	digest_event(e, t, value);
	/* Who has waited for a lock stands where one stands who has not. */
	waits = ev->kind != kind;
	if (!waits)
		t->sim.id = hash_mix(hash_mix(t->sim.id, ev->site->hash), sim_canonical(value));
	trace_event(e, t, before, value, !waits ? NULL : kind == EV_LOCK ? "queues for the lock" :
		    "the grace period starts");
	return value;
}
