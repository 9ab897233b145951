/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * weak: what code must bear that is to be right on arm64 and RISC-V as well.
 * After the promising semantics of Pulte et al., without promises.
 *
 * Stores wait in buffers as under pso. One that drains becomes a message with
 * the next time of one clock for all, so it is seen by nobody or can be seen by
 * everybody. A load may return any message of its location that is not behind a
 * floor of its cpu:
 *
 *	- of all its loads: raised by smp_rmb to the newest it has read, by an
 *	  acquire to what that read, by full barriers to both and to its own stores;
 *	- of the location: never older than what it has read or stored there;
 *	- of the object: a load that returned a pointer binds its time to what
 *	  the pointer leads to, whatever tag bits it carries. So are address
 *	  dependencies respected in native code; one that goes through an index
 *	  is not seen and must be marked (depends_on_load() in core/kern.h).
 *	  Litmus bodies say what they depend on, register by register.
 *
 * A cpu's own waiting store is forwarded, and brings the time of the data and
 * the address that it was made from. Atomics read the newest and act at once.
 *
 * Left out, so that all outcomes are ones the kernel's memory model allows but
 * not the other way round: load buffering (a load that is done behind a later
 * store), outcomes that are not multi-copy atomic, and an acquire atomic whose
 * store is late.
 */
#include <string.h>
#include "sim/kern/sim/sim.h"
#include "sim/model/weak.h"

#define MESSAGES_SPARE	64

static struct model_env weak_env;

static uint32_t room_for_messages(const struct plan *plan)
{
	/* A litmus test's history is as long as all its stores; places have a first value, too. */
	return plan->litmus ? 2 * plan->history + 4 : MESSAGES_SPARE + 8 * plan->history;
}

static size_t regs_of(const struct plan *plan)
{
	return plan->litmus ? SIM_REGS_MAX : 0;
}

static size_t weak_state_size(const struct plan *plan)
{
	return sizeof(struct weak_state) + plan->n_tasks * sizeof(struct weak_cpu) +
	       room_for_messages(plan) * sizeof(struct weak_message) +
	       plan->n_tasks * regs_of(plan) * sizeof(uint32_t) +
	       (plan_spte_slots(plan) + 2) * sizeof(uint32_t) + buffers_size(plan);
}

static uint32_t align(uint32_t offset)
{
	return (offset + 7) & ~7u;
}

static void weak_begin(void *state, const struct plan *plan, const struct model_env *env)
{
	struct weak_state *s = state;
	unsigned int i;

	weak_env = *env;
	*s = (struct weak_state){
		.n_cpus = plan->n_tasks,
		.nr_sptes = plan_spte_slots(plan),
		.history = plan->history,
		.room_messages = room_for_messages(plan),
		.regs = regs_of(plan),
		.sync_none = !plan_synchronises(plan),
		.cpus_at = align(sizeof(*s)),
	};
	s->messages_at = align(s->cpus_at + s->n_cpus * sizeof(struct weak_cpu));
	s->regs_at = s->messages_at + s->room_messages * sizeof(struct weak_message);
	s->added_at = s->regs_at + s->n_cpus * s->regs * sizeof(uint32_t);
	s->buffers_at = align(s->added_at + s->nr_sptes * sizeof(uint32_t));
	buffers_begin(weak_buffers(s), plan);
	for (i = 0; i < s->n_cpus && plan_synchronises(plan); i++)
		weak_cpu(s, i)->all = WEAK_RESTS;
}

static uint32_t place_of(const void *addr)
{
	return (const uint8_t *)addr - sim.heap;
}

/* Bind the object at place to a time; with too many bound, the cpu's loads are all held back. */
static void bind_object(struct weak_cpu *c, uint32_t place, uint32_t time)
{
	uint32_t i = 0;

	if (time <= c->all)
		return;
	while (i < c->n_objects && c->object[i].place < place)
		i++;
	if (i < c->n_objects && c->object[i].place == place) {
		weak_raise(&c->object[i].time, time);
		return;
	}
	if (c->n_objects == WEAK_OBJECTS) {
		weak_raise(&c->all, time);
		return;
	}
	memmove(&c->object[i + 1], &c->object[i], (c->n_objects - i) * sizeof(c->object[0]));
	c->object[i] = (struct weak_object){ .place = place, .time = time };
	c->n_objects++;
}

static uint32_t bound_time(const struct weak_cpu *c, const void *addr)
{
	uint32_t i, place;

	if (!c->n_objects)
		return 0;
	place = weak_env.object(place_of(addr));
	for (i = 0; i < c->n_objects; i++) {
		if (c->object[i].place == place)
			return c->object[i].time;
	}
	return 0;
}

static uint32_t newest_of(const struct weak_state *s, unsigned int cpu, uint64_t mask)
{
	const uint32_t *reg = weak_regs(s, cpu);
	uint32_t time = 0;

	for (; mask; mask &= mask - 1)
		weak_raise(&time, reg[__builtin_ctzll(mask)]);
	return time;
}

/* When what the address was made from was read. */
static uint32_t address_time(const struct weak_state *s, unsigned int cpu,
			     const struct sim_event *ev)
{
	if (ev->deps)
		return newest_of(s, cpu, ev->deps->address);
	return bound_time(weak_cpu(s, cpu), ev->addr);
}

static uint64_t all_cpus(const struct weak_state *s)
{
	return s->n_cpus == 64 ? ~0ull : (1ull << s->n_cpus) - 1;
}

uint64_t weak_ordering(const struct weak_state *s)
{
	return weak_env.may_order ? weak_env.may_order() : all_cpus(s);
}

uint64_t weak_readers(const struct weak_state *s, unsigned int i)
{
	const struct weak_message *m = weak_messages(s);
	uint64_t readers = all_cpus(s);
	unsigned int j, cpu;

	if (weak_env.may_load)
		readers &= weak_env.may_load(m[i].place);
	for (j = i + 1; j < s->n_messages; j++) {
		if (m[j].place != m[i].place)
			continue;
		readers &= ~m[j].seen;
		for (cpu = 0; cpu < s->n_cpus; cpu++) {
			if (weak_cpu(s, cpu)->all >= m[j].time)
				readers &= ~(1ull << cpu);
		}
	}
	return readers;
}

static void remove_message(struct weak_state *s, unsigned int i)
{
	struct weak_message *m = weak_messages(s);

	s->n_messages--;
	memmove(&m[i], &m[i + 1], (s->n_messages - i) * sizeof(*m));
	memset(&m[s->n_messages], 0, sizeof(*m));
}

static bool is_newest(const struct weak_state *s, unsigned int i)
{
	const struct weak_message *m = weak_messages(s);
	unsigned int j;

	for (j = i + 1; j < s->n_messages; j++) {
		if (m[j].place == m[i].place)
			return false;
	}
	return true;
}

/* Messages that nobody can read any more, or that tell nobody anything. */
static void prune(struct weak_state *s)
{
	const struct weak_message *m = weak_messages(s);
	uint32_t least = UINT32_MAX;
	unsigned int i, cpu;

	for (cpu = 0; cpu < s->n_cpus; cpu++) {
		if (weak_cpu(s, cpu)->all < least)
			least = weak_cpu(s, cpu)->all;
	}
	for (i = s->n_messages; i-- > 0;) {
		if (is_newest(s, i) ? m[i].time <= least : !weak_readers(s, i))
			remove_message(s, i);
	}
}

/* No room: everybody is forced past the oldest. */
static void make_room(struct weak_state *s)
{
	unsigned int cpu, i;

	prune(s);
	for (i = 0; s->n_messages + 2 > s->room_messages; i++) {
		uint32_t time = weak_messages(s)[i % s->n_messages].time;

		for (cpu = 0; cpu < s->n_cpus; cpu++)
			weak_raise(&weak_cpu(s, cpu)->all, time);
		prune(s);
	}
}

static unsigned int count_messages(const struct weak_state *s, uint32_t place, unsigned int *oldest)
{
	const struct weak_message *m = weak_messages(s);
	unsigned int i, n = 0;

	for (i = s->n_messages; i-- > 0;) {
		if (m[i].place != place)
			continue;
		*oldest = i;
		n++;
	}
	return n;
}

/* A store to place is visible from now on. */
static void put_message(struct weak_state *s, unsigned int cpu, uint32_t place, unsigned int size,
			uint64_t value)
{
	struct weak_message *m = weak_messages(s);
	unsigned int oldest = 0, n;

	if (s->n_messages + 2 > s->room_messages)
		make_room(s);
	n = count_messages(s, place, &oldest);
	if (!n) {
		memmove(&m[1], &m[0], s->n_messages++ * sizeof(*m));
		m[0] = (struct weak_message){
			.value = sim_peek(sim.heap + place, size), .place = place, .size = size,
		};
	} else if (n >= s->history) {
		remove_message(s, oldest);
	}
	m[s->n_messages++] = (struct weak_message){
		.value = value, .place = place, .size = size, .time = ++s->clock,
		.seen = 1ull << cpu,
	};
	weak_raise(&weak_cpu(s, cpu)->own, s->clock);
}

/* Messages that cpu can load from place, newest first; at least one if there is any. */
static unsigned int readable(const struct weak_state *s, unsigned int cpu, uint32_t place,
			     uint32_t floor, unsigned int *which, unsigned int max)
{
	const struct weak_message *m = weak_messages(s);
	unsigned int i, n = 0;

	weak_raise(&floor, weak_cpu(s, cpu)->all);
	for (i = s->n_messages; i-- > 0 && n < max;) {
		if (m[i].place != place)
			continue;
		which[n++] = i;
		if (m[i].time <= floor || m[i].seen >> cpu & 1)
			break;
	}
	return n;
}

/* A load has got its value. floor: when what its address was made from was read. */
static void note_read(struct weak_state *s, unsigned int cpu, const struct sim_event *ev,
		      uint64_t value, uint32_t time, uint32_t floor)
{
	struct weak_cpu *c = weak_cpu(s, cpu);
	uint32_t object;

	weak_raise(&c->newest_read, time);
	if (ev->order == ORD_ACQUIRE)
		weak_raise(&c->all, time);
	weak_raise(&time, floor);
	c->last_read = time;
	if (ev->deps) {
		if (ev->deps->to >= 0)
			weak_regs(s, cpu)[ev->deps->to] = time;
		return;
	}
	object = weak_env.pointee(value);
	if (object != MODEL_NO_OBJECT)
		bind_object(c, object, time);
}

static uint64_t weak_load(void *state, unsigned int cpu, const struct sim_event *ev)
{
	struct weak_state *s = state;
	const struct buffer_entry *own = buffer_find(buffer_of(weak_buffers(s), cpu), ev->addr);
	uint32_t floor = address_time(s, cpu, ev);
	unsigned int which[WEAK_HISTORY_MAX + 1], n;
	struct weak_message *m;

	if (own) {
		note_read(s, cpu, ev, own->value, own->time, floor);
		return own->value;
	}
	n = readable(s, cpu, place_of(ev->addr), floor, which, WEAK_HISTORY_MAX + 1);
	if (!n) {
		uint64_t value = sim_peek(ev->addr, ev->size);

		note_read(s, cpu, ev, value, 0, floor);
		return value;
	}
	m = &weak_messages(s)[which[n > 1 ? weak_env.pick(cpu, n) : 0]];
	m->seen |= 1ull << cpu;
	note_read(s, cpu, ev, m->value, m->time, floor);
	return m->value;
}

static void weak_store(void *state, unsigned int cpu, const struct sim_event *ev, uint64_t value)
{
	struct weak_state *s = state;
	struct buffer_entry *entry = buffer_push(buffer_of(weak_buffers(s), cpu), ev, value);
	struct weak_cpu *c = weak_cpu(s, cpu);

	entry->time = address_time(s, cpu, ev);
	if (ev->deps)
		weak_raise(&entry->time, newest_of(s, cpu, ev->deps->data));
	if (ev->kind == EV_UNLOCK)
		c->unlock_read = c->newest_read;
}

static bool is_full(const struct sim_event *ev)
{
	return ev->order == ORD_FULL;
}

static uint64_t weak_rmw_load(void *state, unsigned int cpu, const struct sim_event *ev)
{
	struct weak_state *s = state;
	uint64_t value = sim_peek(ev->addr, ev->size);
	struct sim_event plain = *ev;
	unsigned int newest;

	if (ev->kind == EV_CMPXCHG && value != ev->expected)
		plain.order = ORD_RELAXED;	/* a failed one orders nothing */
	else if (ev->kind == EV_LOCK || ev->kind == EV_LOCK_WAIT || ev->kind == EV_TRYLOCK)
		plain.order = ORD_ACQUIRE;	/* readers and writers too */
	if (!readable(s, cpu, place_of(ev->addr), 0, &newest, 1)) {
		note_read(s, cpu, &plain, value, 0, 0);
		return value;
	}
	weak_messages(s)[newest].seen |= 1ull << cpu;
	note_read(s, cpu, &plain, value, weak_messages(s)[newest].time, address_time(s, cpu, ev));
	return value;
}

static void weak_rmw_store(void *state, unsigned int cpu, const struct sim_event *ev,
			   uint64_t value)
{
	struct weak_state *s = state;
	struct weak_cpu *c = weak_cpu(s, cpu);

	put_message(s, cpu, place_of(ev->addr), ev->size, value);
	sim_poke(ev->addr, ev->size, value);
	if (ev->kind == EV_LOCK || ev->kind == EV_LOCK_WAIT || ev->kind == EV_TRYLOCK)
		weak_raise(&c->all, c->unlock_read);
	else if (is_full(ev))
		weak_full_barrier(c);
}

static bool is_fence_for(const struct sim_event *ev)
{
	return event_is_full_fence(ev) || (ev->kind == EV_FENCE &&
	       (ev->order == ORD_BEFORE_ATOMIC || ev->order == ORD_AFTER_ATOMIC));
}

static void weak_fence(void *state, unsigned int cpu, const struct sim_event *ev)
{
	struct weak_state *s = state;
	struct buffer *b = buffer_of(weak_buffers(s), cpu);
	struct weak_cpu *c = weak_cpu(s, cpu);

	if (is_fence_for(ev))
		weak_full_barrier(c);
	else if (ev->order == ORD_RMB)
		weak_raise(&c->all, c->newest_read);
	else if (ev->order == ORD_WMB)
		b->barrier = b->stores > 0;
}

static bool atomic_enabled(const struct buffer *b, const struct sim_event *ev)
{
	if (buffer_find(b, ev->addr) || buffer_stands_behind_barrier(b))
		return false;
	if (ev->kind == EV_CMPXCHG && is_full(ev) && sim_peek(ev->addr, ev->size) != ev->expected)
		return true;
	return ev->order != ORD_FULL && ev->order != ORD_RELEASE;
}

static bool weak_enabled(const void *state, unsigned int cpu, const struct sim_event *ev)
{
	const struct buffers *bs = weak_buffers(state);
	const struct buffer *b = buffer_of(bs, cpu);

	if (!b->stores)
		return true;
	switch (ev->kind) {
	case EV_LOCK:
	case EV_LOCK_WAIT:
	case EV_TRYLOCK:
		return !buffer_find(b, ev->addr) && !buffer_stands_behind_barrier(b) &&
		       !buffer_has_unlock(b);
	case EV_XCHG:
	case EV_CMPXCHG:
	case EV_ADD:
	case EV_OR:
	case EV_AND:
		return atomic_enabled(b, ev);
	case EV_STORE:
		return buffer_has_room(bs, cpu, true);
	case EV_UNLOCK:
		return ev->order != ORD_READ && buffer_has_room(bs, cpu, true);
	case EV_FREE:
	case EV_FREE_RCU:
	case EV_RCU_UNLOCK:
		return buffer_has_room(bs, cpu, false);
	case EV_SYNC_RCU:
		return false;
	default:
		return !is_fence_for(ev);
	}
}

static bool weak_asked(const void *state, unsigned int cpu, const struct sim_event *ev)
{
	return !event_is_local(ev) || !weak_enabled(state, cpu, ev);
}

static void weak_note(void *state, const struct model_note *note)
{
	buffer_note(buffer_of(weak_buffers(state), note->cpu), note, &weak_env);
}

static void weak_cancel(void *state, const struct model_note *note)
{
	buffer_cancel(buffer_of(weak_buffers(state), note->cpu), note);
}

static unsigned int weak_pending(const void *state, unsigned int cpu, uint32_t *places,
				 unsigned int max)
{
	return buffer_pending(buffer_of(weak_buffers(state), cpu), true, places, max);
}

static bool weak_busy(const void *state)
{
	return buffers_busy(weak_buffers(state));
}

static void weak_drain(void *state, unsigned int cpu, uint32_t place)
{
	struct weak_state *s = state;
	struct buffer_entry store;

	buffer_take(buffer_of(weak_buffers(s), cpu), place, &store);
	put_message(s, cpu, place, store.size, store.value);
	buffer_drain(weak_buffers(s), cpu, &store, &weak_env);
	prune(s);
}

static bool weak_changed(const void *state, unsigned int cpu, const void *addr, unsigned int size,
			 uint64_t value)
{
	const struct weak_state *s = state;
	const struct buffer_entry *own = buffer_find(buffer_of(weak_buffers(s), cpu), addr);
	unsigned int which[WEAK_HISTORY_MAX + 1], i, n;

	if (own)
		return own->value != value;
	n = readable(s, cpu, place_of(addr), 0, which, WEAK_HISTORY_MAX + 1);
	for (i = 0; i < n; i++) {
		if (weak_messages(s)[which[i]].value != value)
			return true;
	}
	return !n && sim_peek(addr, size) != value;
}

static void weak_sync(void *state, unsigned int cpu)
{
	struct weak_state *s = state;
	struct weak_cpu *c = weak_cpu(s, cpu);

	*c = (struct weak_cpu){ .all = s->clock };
	prune(s);
}

static void weak_rest(void *state, unsigned int cpu)
{
	struct weak_state *s = state;
	struct weak_cpu *c = weak_cpu(s, cpu);

	*c = (struct weak_cpu){ .all = WEAK_RESTS };
	prune(s);
}

static void weak_move(void *state, unsigned int cpu, const struct sim_deps *deps)
{
	weak_regs(state, cpu)[deps->to] = newest_of(state, cpu, deps->data);
}

static void weak_depend(void *state, unsigned int cpu, const void *addr)
{
	struct weak_cpu *c = weak_cpu(state, cpu);
	uint32_t object = weak_env.object(place_of(addr));

	if (object != MODEL_NO_OBJECT)
		bind_object(c, object, c->last_read);
}

static void weak_visible(void *state, uint32_t spte)
{
	struct weak_state *s = state;

	weak_added(s)[spte] = s->clock;
}

static bool weak_sees(const void *state, unsigned int cpu, uint32_t spte)
{
	return weak_cpu(state, cpu)->all >= weak_added(state)[spte];
}

const struct model model_weak = {
	.name = "weak",
	.summary = "as pso, and loads may return older values: arm64, RISC-V",
	.source = "Pulte, Pichon-Pharabod, Kang, Lee, Hur, PLDI 2019, without promises",
	.scope = "at most memory.store-buffer stores of a cpu wait at a time, memory.history "
		 "values of a location are kept; no load buffering, nothing that is not multi-copy "
		 "atomic, no acquire atomic whose store is late",
	.cpus_max = WEAK_CPUS_MAX,
	.asks = true,
	.state_size = weak_state_size,
	.begin = weak_begin,
	.asked = weak_asked,
	.enabled = weak_enabled,
	.load = weak_load,
	.store = weak_store,
	.rmw_load = weak_rmw_load,
	.rmw_store = weak_rmw_store,
	.fence = weak_fence,
	.note = weak_note,
	.cancel = weak_cancel,
	.pending = weak_pending,
	.busy = weak_busy,
	.drain = weak_drain,
	.changed = weak_changed,
	.sync = weak_sync,
	.rest = weak_rest,
	.grace = weak_grace,
	.move = weak_move,
	.depend = weak_depend,
	.visible = weak_visible,
	.sees = weak_sees,
	.words = weak_words,
	.words_max = weak_words_max,
};
