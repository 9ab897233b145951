/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there is to choose from, and the questions inside a transition. With
 * loop_ask(), which asks what happens next, this is where every choice passes:
 * strategies, replay and searches differ only in how they answer, and the
 * answers that are not the default make up the schedule.
 */
#include <string.h>
#include "sim/engine/state.h"
#include "sim/model/buffer.h"

#define DRAINS_MAX	64	/* of one cpu: no buffer has room for more stores */

void choice_record(struct engine *e, const struct choice *c, const struct sim_event *ev)
{
	struct run_state *r = e->run;
	struct schedule_record *rec;

	if (r->recorded == e->record_room) {
		e->record_room = e->record_room ? 2 * e->record_room : 1024;
		e->record = g_renew(struct schedule_record, e->record, e->record_room);
	}
	rec = &e->record[r->recorded++];
	rec->after = r->points - r->recorded_point;
	rec->choice = *c;
	rec->ev = ev ? *ev : (struct sim_event){ .kind = EV_NONE };
	r->recorded_point = r->points;
}

static bool relax_is_over(const struct engine *e, const struct task *t)
{
	const struct task_reads *reads = &e->reads[task_number(e, t)];
	unsigned int i;

	if (e->plan->spin_real || !e->slow_only || reads->overflow || !reads->n)
		return true;
	for (i = 0; i < reads->n; i++) {
		const void *addr = reads->read[i].addr;
		unsigned int size = reads->read[i].size;
		uint64_t value = reads->read[i].value;

		if (e->model->changed ? e->model->changed(e->model_state, t->sim.cpu, addr, size,
							  value) : sim_peek(addr, size) != value)
			return true;
	}
	return false;
}

/* What waits, waits for stores of its own cpu: where none are pending nothing does. */
static inline bool model_allows(const struct engine *e, const struct task *t,
				const struct sim_event *ev)
{
	if (!e->model->enabled || (t->sim.buffer && !t->sim.buffer->stores))
		return true;
	return e->model->enabled(e->model_state, t->sim.cpu, ev);
}

/* May it act now? lockers: counts those that stand before a lock. */
static inline bool is_enabled(const struct engine *e, const struct task *t, unsigned int *lockers)
{
	const struct sim_event *ev = &t->sim.ev;

	*lockers += ev->kind == EV_LOCK || ev->kind == EV_LOCK_WAIT;
	if (!model_allows(e, t, ev))
		return false;
	switch (ev->kind) {
	case EV_NONE:
		return false;
	case EV_LOCK:
		/* One can always queue. */
		return e->plan->lock_fifo || lock_is_free(ev);
	case EV_LOCK_WAIT:
		return ((const struct lock_words *)ev->addr)->first == queue_number(e, t) &&
		       lock_is_free(ev);
	case EV_RELAX:
		return relax_is_over(e, t);
	case EV_SYNC_WAIT:
		return rcu_sync_is_over(e, t);
	case EV_ALLOC:
		return !slab_waits(e, (const struct kmem_cache *)ev->operand, t);
	default:
		return true;
	}
}

/* Only t may be able to go on by now, or no longer. */
void choice_update(struct engine *e, const struct task *t)
{
	unsigned int i = task_number(e, t), lockers;
	uint64_t bit = 1ull << (i % 64), *word = &e->run->enabled[i / 64];

	if (is_enabled(e, t, &lockers) == !!(*word & bit))
		return;
	*word ^= bit;
	e->run->set_changed = e->run->list_dirty = true;
}

/* What may drain, as a number that tells it from what could before. */
static void note_drains(struct engine *e, uint64_t h)
{
	e->run->set_changed |= h != e->run->drains;
	e->run->drains = h;
}

/* Their sum stands for a set of them, whatever the order. */
static uint64_t drain_hash(unsigned int cpu, uint32_t place)
{
	return mix64((uint64_t)cpu << 32 | place);
}

static void choice_add_drain(struct engine *e, unsigned int cpu, uint32_t place, uint64_t *h)
{
	struct choice_set *set = &e->set;

	set->ev[set->n++] = (struct choice){ CHOICE_DRAIN, cpu, cpu, place };
	*h += drain_hash(cpu, place);
}

static uint64_t choice_add_drains(struct engine *e)
{
	struct choice_set *set = &e->set;
	uint32_t places[DRAINS_MAX];
	unsigned int i, j, n;
	uint64_t h = 0;

	for (i = 0; i < e->plan->n_tasks; i++) {
		const struct buffer *b = e->tasks[i].sim.buffer;

		if (b && !b->stores)
			continue;
		if (b && !b->entry[0].is_note && e->model->fifo) {
			choice_add_drain(e, i, b->entry[0].place, &h);
			continue;
		}
		n = e->model->pending(e->model_state, i, places,
				      MIN(DRAINS_MAX, CHOICE_SET_MAX - set->n));
		for (j = 0; j < n; j++)
			choice_add_drain(e, i, places[j], &h);
	}
	return h;
}

static uint64_t choice_add_graces(struct engine *e)
{
	struct choice_set *set = &e->set;
	unsigned int n = rcu_pending(e, &set->ev[set->n], CHOICE_SET_MAX - set->n);
	uint64_t h = 0;

	for (; n--; set->n++)
		h += mix64(drain_hash(set->ev[set->n].cpu, set->ev[set->n].pick));
	return h;
}

/* What the system may do by itself. */
static void choice_add_system(struct engine *e)
{
	uint64_t h = e->model->pending ? choice_add_drains(e) : 0;

	if (engine_has_graces(e))
		h += choice_add_graces(e);
	note_drains(e, h);
}

/* Are choices left out that a litmus test's search need not try? */
static bool reduces(const struct engine *e)
{
	return e->plan->litmus && (e->flags & ENGINE_SEARCH) && !(e->flags & ENGINE_EVERY_ORDER);
}

static void list_fifo_drained(struct engine *e, unsigned int place, const struct buffer *b)
{
	struct choice_set *set = &e->set;
	struct choice *c = &set->ev[place];
	uint64_t h = e->run->drains - drain_hash(c->cpu, c->pick);
	unsigned int i;

	if (b->stores) {
		c->pick = b->entry[0].place;
		h += drain_hash(c->cpu, c->pick);
	} else {
		set->n--;
		for (i = place; i < set->n; i++)
			set->ev[i] = set->ev[i + 1];
	}
	note_drains(e, h);
}

void choice_drained(struct engine *e, unsigned int place, unsigned int cpu)
{
	const struct buffer *b = e->tasks[cpu].sim.buffer;

	/* A drain keeps nobody from going on; its own task may have waited for it. */
	if (!(e->run->enabled[cpu / 64] >> cpu % 64 & 1))
		choice_update(e, &e->tasks[cpu]);
	if (e->run->list_dirty || !e->model->fifo || reduces(e))
		e->run->list_dirty = true;
	else
		list_fifo_drained(e, place, b);
}

/* The list of what may be chosen, from the set of tasks that can go on. */
void choice_list(struct engine *e)
{
	struct run_state *r = e->run;
	struct choice_set *set = &e->set;
	unsigned int i, word, n = 0;
	uint64_t left;

	set->running = -1;
	for (word = 0; word * 64 < e->plan->n_tasks; word++) {
		for (left = r->enabled[word]; left; left &= left - 1) {
			i = word * 64 + __builtin_ctzll(left);
			if ((int)i == r->running)
				set->running = n;
			set->ev[n++] = (struct choice){ .kind = CHOICE_TASK, .cpu = i, .who = i };
		}
	}
	set->n = n;
	if (e->model->pending || engine_has_graces(e))
		choice_add_system(e);
	if (reduces(e))
		reduce_choices(e);
	r->set_dirty = r->list_dirty = false;
}

/* Which tasks may be chosen now; remembers whether that has changed. */
void choice_refresh(struct engine *e)
{
	unsigned int i, word, lockers = 0, n_tasks = e->plan->n_tasks;
	struct run_state *r = e->run;
	uint64_t enabled;

	for (word = 0; word * 64 < n_tasks; word++) {
		unsigned int end = MIN(n_tasks, word * 64 + 64);

		enabled = 0;
		for (i = word * 64; i < end; i++) {
			if (is_enabled(e, &e->tasks[i], &lockers))
				enabled |= 1ull << (i % 64);
		}
		r->set_changed |= enabled != r->enabled[word];
		r->enabled[word] = enabled;
	}
	sim.lockers = lockers + softirq_lockers(e);
	choice_list(e);
}

static bool holds(const struct sim_task *t, const void *lock)
{
	unsigned int i;

	for (i = 0; lock && i < LOCKS_HELD_MAX; i++) {
		if (t->held[i] == lock)
			return true;
	}
	return false;
}

static void tell_holders(struct engine *e, const void *lock, GString *to)
{
	unsigned int i;

	for (i = 0; i < e->plan->n_tasks; i++) {
		const struct softirq *softirq = softirq_of(e, i);

		if (holds(&e->tasks[i].sim, lock))
			g_string_append_printf(to, ", held by %s", engine_actor(e, &e->tasks[i]));
		if (softirq && holds(&softirq->below, lock))
			g_string_append_printf(to, ", held by %s", engine_task_name(e, i));
	}
}

/* Nobody can go on and not all are done: say who waits for what. */
void choice_deadlock(struct engine *e)
{
	GString *who = g_string_new(NULL);
	char words[160];
	unsigned int i;

	for (i = 0; i < e->plan->n_tasks; i++) {
		struct task *t = &e->tasks[i];

		if (t->done && !softirq_of(e, i))
			continue;
		engine_event_words(e, &t->sim.ev, words, sizeof(words));
		g_string_append_printf(who, "%s%s waits in %s", who->len ? "; " : "",
				       engine_actor(e, t), words);
		rcu_tell_readers(e, t, who);
		tell_holders(e, t->sim.ev.addr, who);
	}
	check_fail(e, check_find("locking"), -1, "deadlock: %s", who->str);
	g_string_free(who, TRUE);
}

void engine_stop(struct engine *e, enum run_verdict verdict, const char *message)
{
	e->run->over = true;
	e->run->verdict = verdict;
	g_strlcpy(e->message, message, sizeof(e->message));
}

/* One of n >= 1 alternatives inside t's transition; answer is the default. */
uint32_t choice_pick(struct engine *e, enum choice_kind kind, struct task *t, uint32_t n,
		     uint32_t answer)
{
	struct choice c = { .kind = kind, .cpu = t->sim.cpu, .who = task_number(e, t) };
	uint32_t usual = answer;

	if (e->strategy->pick)
		e->strategy->pick(e->strategy_state, &c, e->run->points, n, &answer);
	c.pick = answer;
	/* The default is drawn anew in each round of a search's cycle: all answers are kept. */
	if ((answer != usual || (e->flags & ENGINE_SEARCH)) && (e->flags & ENGINE_RECORD))
		choice_record(e, &c, NULL);
	return answer;
}

/* Which of n messages a load of cpu returns, 0 the newest. */
uint32_t choice_read(unsigned int cpu, uint32_t n)
{
	struct engine *e = engine_present;
	struct task *t = &e->tasks[cpu];

	return choice_pick(e, CHOICE_READ, t, n, rng_below(&t->stream, n));
}
