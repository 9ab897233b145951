/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The identity of weak's state. Times grow without bound, but what decides how a
 * run can go on is only how they lie among the messages that somebody can still
 * read: so a time is written as the number of such messages that are not newer.
 * Below a cpu's general floor its other times make no difference.
 */
#include "sim/kern/sim/sim.h"
#include "sim/model/weak.h"

/* The messages whose times count, in their order. */
struct ranks {
	const struct weak_state *s;
	uint64_t ordering;	/* cpus for whose loads times matter */
	unsigned int n;
	uint32_t time[WEAK_MESSAGES_MAX];
};

static uint64_t rank(const struct ranks *r, uint32_t time)
{
	unsigned int low = 0, high = r->n;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (r->time[mid] <= time)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint64_t rank_above(const struct ranks *r, uint32_t time, uint32_t all)
{
	return rank(r, time > all ? time : all);
}

static uint32_t least_floor(const struct weak_state *s, uint64_t cpus)
{
	uint32_t least = UINT32_MAX;
	unsigned int cpu;

	for (cpu = 0; cpu < s->n_cpus; cpu++) {
		if (cpus >> cpu & 1 && weak_cpu(s, cpu)->all < least)
			least = weak_cpu(s, cpu)->all;
	}
	return least;
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

static uint64_t *put_message(const struct ranks *r, unsigned int i, uint64_t readers, bool newest,
			     uint64_t *to)
{
	const struct weak_message *m = &weak_messages(r->s)[i];

	*to++ = m->place | (uint64_t)newest << 32;
	*to++ = readers;
	*to++ = sim_canonical(m->value);
	return to;
}

/*
 * Those that only cpus can read to which times do not matter: by place, and in a
 * place by time. The newest of a place needs no mention, it is in memory.
 */
static uint64_t *put_timeless(const struct ranks *r, uint64_t *to)
{
	const struct weak_message *m = weak_messages(r->s);
	uint32_t place = 0, next;
	unsigned int i;

	for (;; place = next + 1) {
		next = UINT32_MAX;
		for (i = 0; i < r->s->n_messages; i++) {
			if (m[i].place >= place && m[i].place < next)
				next = m[i].place;
		}
		if (next == UINT32_MAX)
			return to;
		for (i = 0; i < r->s->n_messages; i++) {
			uint64_t readers = m[i].place == next ? weak_readers(r->s, i) : 0;

			if (readers && !(readers & r->ordering) && !is_newest(r->s, i))
				to = put_message(r, i, readers, false, to);
		}
	}
}

/* Each message with those who can read it; the newest of a place is always readable. */
static uint64_t *put_messages(struct ranks *r, uint64_t *to)
{
	const struct weak_message *m = weak_messages(r->s);
	uint64_t *begin = to++;
	unsigned int i;

	for (i = 0; i < r->s->n_messages; i++) {
		uint64_t readers = weak_readers(r->s, i);
		bool newest = is_newest(r->s, i);

		if (!(readers & r->ordering) ||
		    (newest && m[i].time <= least_floor(r->s, readers & r->ordering)))
			continue;
		r->time[r->n++] = m[i].time;
		to = put_message(r, i, readers, newest, to);
	}
	*begin = r->n;
	return put_timeless(r, to);
}

static uint64_t *put_cpu(const struct ranks *r, unsigned int cpu, uint64_t *to)
{
	const struct weak_cpu *c = weak_cpu(r->s, cpu);
	const struct buffer *b = buffer_of(weak_buffers(r->s), cpu);
	const uint32_t *reg = weak_regs(r->s, cpu);
	uint64_t *bound;
	unsigned int i;

	if (!(r->ordering >> cpu & 1))
		return to;	/* who can read what says all */
	*to++ = rank(r, c->all) | rank_above(r, c->newest_read, c->all) << 16 |
		rank_above(r, c->own, c->all) << 32 |
		rank_above(r, c->unlock_read, c->all) << 48;
	/* last_read is for what comes before the next event: it ends here. */
	*to++ = rank_above(r, c->grace_end, c->all);
	bound = to++;
	for (i = 0; i < c->n_objects; i++) {
		if (rank(r, c->object[i].time) > rank(r, c->all))
			*to++ = c->object[i].place | rank(r, c->object[i].time) << 32;
	}
	*bound = to - bound;
	for (i = 0; i < r->s->regs; i++)
		*to++ = rank_above(r, reg[i], c->all);
	for (i = 0; i < b->n; i++)
		*to++ = rank_above(r, b->entry[i].time, c->all);
	return to;
}

size_t weak_words(const void *state, uint64_t *to)
{
	struct ranks r = { .s = state, .ordering = weak_ordering(state) };
	uint64_t *begin = to;
	unsigned int i;

	to = put_messages(&r, to);
	for (i = 0; i < r.s->n_cpus; i++)
		to = put_cpu(&r, i, to);
	*to++ = r.ordering;
	*to++ = rank_above(&r, r.s->grace_start, least_floor(r.s, r.ordering));
	for (i = 0; r.s->sync_none && i < r.s->nr_sptes; i++)
		*to++ = rank_above(&r, weak_added(r.s)[i], least_floor(r.s, r.ordering));
	return to + buffers_words(weak_buffers(r.s), to) - begin;
}

size_t weak_words_max(const struct plan *plan)
{
	size_t cpu = 3 + WEAK_OBJECTS + SIM_REGS_MAX + 3 * (size_t)plan->store_buffer + 16;

	return 3 * (size_t)WEAK_MESSAGES_MAX + 3 + plan->n_tasks * cpu + plan_spte_slots(plan) +
	       buffers_words_max(plan);
}
