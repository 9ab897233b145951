/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Store buffers; see buffer.h. */
#include "sim/kern/sim/sim.h"
#include "sim/model/buffer.h"

#define NOTES_ROOM	8	/* what would leave one more must wait */

static size_t stride_of(const struct plan *plan)
{
	return sizeof(struct buffer) +
	       (plan->store_buffer + NOTES_ROOM) * sizeof(struct buffer_entry);
}

size_t buffers_size(const struct plan *plan)
{
	return sizeof(struct buffers) + plan->n_tasks * ((stride_of(plan) + 7) & ~(size_t)7);
}

void buffers_begin(struct buffers *bs, const struct plan *plan)
{
	unsigned int i;

	*bs = (struct buffers){
		.n_cpus = plan->n_tasks,
		.capacity = plan->store_buffer,
		.room = plan->store_buffer + NOTES_ROOM,
		.stride = (stride_of(plan) + 7) & ~(size_t)7,
	};
	for (i = 0; i < bs->n_cpus; i++)
		buffer_of(bs, i)->room = bs->room;
}

bool buffer_has_room(const struct buffers *bs, unsigned int cpu, bool store)
{
	const struct buffer *b = buffer_of(bs, cpu);

	if (store && b->stores == bs->capacity)
		return false;
	return !b->stores || (uint32_t)b->n + BUFFER_SPARE < bs->room;
}


static void remove_entry(struct buffer *b, unsigned int i)
{
	for (b->n--; i < b->n; i++)
		b->entry[i] = b->entry[i + 1];
}

void buffer_note(struct buffer *b, const struct model_note *note, const struct model_env *env)
{
	if (!b->stores) {
		env->deliver(note);
		return;
	}
	b->entry[b->n++] = (struct buffer_entry){
		.is_note = 1, .note = note->kind, .place = note->arg,
	};
}

void buffer_cancel(struct buffer *b, const struct model_note *note)
{
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		const struct buffer_entry *entry = &b->entry[i];

		if (entry->is_note && entry->note == note->kind && entry->place == note->arg) {
			remove_entry(b, i);
			return;
		}
	}
}

const struct buffer_entry *buffer_find(const struct buffer *b, const void *addr)
{
	uint32_t place = (const uint8_t *)addr - sim.heap;
	unsigned int i;

	for (i = b->n; i-- > 0;) {
		if (b->entry[i].place == place && !b->entry[i].is_note)
			return &b->entry[i];
	}
	return NULL;
}

/* Is there a store before entry i that it must not pass? */
static bool is_held_back(const struct buffer *b, unsigned int i, bool by_place)
{
	const struct buffer_entry *entry = &b->entry[i];
	unsigned int j;

	for (j = 0; j < i; j++) {
		const struct buffer_entry *before = &b->entry[j];

		if (before->is_note)
			continue;
		if (!by_place || before->place == entry->place || entry->flags & BUFFER_RELEASE)
			return true;
	}
	return false;
}

bool buffer_stands_behind_barrier(const struct buffer *b)
{
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		if (b->entry[i].flags & BUFFER_BARRIER && is_held_back(b, i, false))
			return true;
	}
	return b->barrier;
}

bool buffer_has_unlock(const struct buffer *b)
{
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		if (b->entry[i].flags & BUFFER_UNLOCK)
			return true;
	}
	return false;
}

unsigned int buffer_pending(const struct buffer *b, bool by_place, uint32_t *places,
			    unsigned int max)
{
	unsigned int i, n = 0;

	for (i = 0; i < b->n && n < max; i++) {
		if (b->entry[i].is_note)
			continue;
		/* Whatever still stands before a barrier keeps back all that is behind it. */
		if (b->entry[i].flags & BUFFER_BARRIER && is_held_back(b, i, false))
			break;
		if (!is_held_back(b, i, by_place))
			places[n++] = b->entry[i].place;
		else if (!by_place)
			break;
	}
	return n;
}

void buffer_take(struct buffer *b, uint32_t place, struct buffer_entry *out)
{
	unsigned int i = 0;

	while (b->entry[i].is_note || b->entry[i].place != place)
		i++;
	*out = b->entry[i];
	remove_entry(b, i);
	b->stores--;
	if (!b->stores)
		b->barrier = false;
}

void buffer_shift(struct buffer *b)
{
	remove_entry(b, 0);
	if (!--b->stores)
		b->barrier = false;
}

static void deliver_notes(struct buffer *b, unsigned int cpu, const struct model_env *env)
{
	while (b->n && b->entry[0].is_note) {
		struct model_note note = {
			.cpu = cpu, .kind = b->entry[0].note, .arg = b->entry[0].place,
		};

		remove_entry(b, 0);
		env->deliver(&note);
	}
}

void buffer_drain(struct buffers *bs, unsigned int cpu, const struct buffer_entry *store,
		  const struct model_env *env)
{
	uint8_t *addr = sim.heap + store->place;
	struct model_drained what = {
		.cpu = cpu, .place = store->place, .size = store->size,
		.before = sim_peek(addr, store->size), .value = store->value, .site = store->site,
	};

	sim_poke(addr, store->size, store->value);
	env->drained(&what);
	deliver_notes(buffer_of(bs, cpu), cpu, env);
}

bool buffers_busy(const struct buffers *bs)
{
	unsigned int i;

	for (i = 0; i < bs->n_cpus; i++) {
		if (buffer_of(bs, i)->stores)
			return true;
	}
	return false;
}

size_t buffers_words(const struct buffers *bs, uint64_t *to)
{
	uint64_t *begin = to;
	unsigned int i, j;

	for (i = 0; i < bs->n_cpus; i++) {
		const struct buffer *b = buffer_of(bs, i);

		bool first = true;

		*to++ = b->n | (uint64_t)b->barrier << 16;
		for (j = 0; j < b->n; j++) {
			const struct buffer_entry *entry = &b->entry[j];
			/* Nothing stands before the first, so it is kept back by nothing. */
			uint64_t flags = first ? entry->flags & BUFFER_UNLOCK : entry->flags;

			first &= entry->is_note;
			*to++ = entry->place | (uint64_t)entry->is_note << 32 | flags << 40 |
				(uint64_t)entry->note << 48;
			*to++ = sim_canonical(entry->value);
		}
	}
	return to - begin;
}

size_t buffers_words_max(const struct plan *plan)
{
	return plan->n_tasks * (1 + 2 * ((size_t)plan->store_buffer + NOTES_ROOM));
}

bool event_is_full_fence(const struct sim_event *ev)
{
	return ev->kind == EV_FENCE && (ev->order == ORD_MB || ev->order == ORD_AFTER_SPINLOCK);
}

bool event_is_locked(const struct sim_event *ev)
{
	switch (ev->kind) {
	case EV_XCHG:
	case EV_CMPXCHG:
	case EV_ADD:
	case EV_OR:
	case EV_AND:
	case EV_LOCK:
	case EV_TRYLOCK:
	case EV_LOCK_WAIT:
	case EV_SYNC_RCU:
		return true;
	case EV_UNLOCK:
		return ev->order == ORD_READ;	/* one reader less: an atomic */
	default:
		return event_is_full_fence(ev);
	}
}

bool event_is_local(const struct sim_event *ev)
{
	return ev->kind == EV_FENCE || event_enters_buffer(ev);
}

struct buffer *buffered_buffer(void *state, unsigned int cpu)
{
	return buffer_of(state, cpu);
}

bool buffered_enabled(const void *state, unsigned int cpu, const struct sim_event *ev)
{
	if (event_is_locked(ev))
		return !buffer_of(state, cpu)->stores;
	if (ev->kind == EV_STORE || ev->kind == EV_UNLOCK)
		return buffer_has_room(state, cpu, true);
	if (ev->kind == EV_FREE || ev->kind == EV_FREE_RCU || ev->kind == EV_RCU_UNLOCK)
		return buffer_has_room(state, cpu, false);
	return true;
}

bool buffered_asked(const void *state, unsigned int cpu, const struct sim_event *ev)
{
	return !event_is_local(ev) || !buffered_enabled(state, cpu, ev);
}

uint64_t buffered_load(void *state, unsigned int cpu, const struct sim_event *ev)
{
	const struct buffer_entry *own = buffer_find(buffer_of(state, cpu), ev->addr);

	return own ? own->value : sim_peek(ev->addr, ev->size);
}

void buffered_store(void *state, unsigned int cpu, const struct sim_event *ev, uint64_t value)
{
	buffer_push(buffer_of(state, cpu), ev, value);
}

/* Its buffer is empty, so memory is what it sees. */
uint64_t buffered_rmw_load(void *state, unsigned int cpu, const struct sim_event *ev)
{
	(void)state;
	(void)cpu;
	return sim_peek(ev->addr, ev->size);
}

void buffered_rmw_store(void *state, unsigned int cpu, const struct sim_event *ev,
			  uint64_t value)
{
	(void)state;
	(void)cpu;
	sim_poke(ev->addr, ev->size, value);
}

void buffered_cancel(void *state, const struct model_note *note)
{
	buffer_cancel(buffer_of(state, note->cpu), note);
}

bool buffered_busy(const void *state)
{
	return buffers_busy(state);
}

bool buffered_changed(const void *state, unsigned int cpu, const void *addr, unsigned int size,
			uint64_t value)
{
	const struct buffer_entry *own = buffer_find(buffer_of(state, cpu), addr);

	return (own ? own->value : sim_peek(addr, size)) != value;
}

size_t buffered_words(const void *state, uint64_t *to)
{
	return buffers_words(state, to);
}
