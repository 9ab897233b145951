/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the model weak, for weak.c and weak_*.c only. */
#ifndef SIM_MODEL_WEAK_H
#define SIM_MODEL_WEAK_H

#include "sim/model/buffer.h"

#define WEAK_CPUS_MAX	64	/* a bit each */
#define WEAK_OBJECTS	16	/* bound to a time, for each cpu */
#define WEAK_RESTS	UINT32_MAX
#define WEAK_HISTORY_MAX 64
#define WEAK_MESSAGES_MAX (64 + 8 * WEAK_HISTORY_MAX)

/* A store that has drained. Times count from 1; 0 is what was there before. */
struct weak_message {
	uint64_t value;
	uint64_t seen;		/* cpus that have read it or a newer one: none older for them */
	uint32_t place;
	uint32_t time;
	uint8_t size;
};

/* A pointer to it was loaded at that time: so its words are read after that. */
struct weak_object {
	uint32_t place;
	uint32_t time;
};

/* Times that later loads of a cpu must not, or might have to, fall behind. */
struct weak_cpu {
	uint32_t all;		/* floor of all its loads; WEAK_RESTS: it loads nothing */
	uint32_t newest_read;	/* newest message that it has read */
	uint32_t own;		/* newest of its own stores that has drained */
	uint32_t unlock_read;	/* newest_read at its last unlock */
	uint32_t grace_end;	/* when the last reader left that it waits for */
	uint32_t last_read;	/* of the load before, for marked dependencies */
	uint32_t n_objects;
	struct weak_object object[WEAK_OBJECTS];	/* by place */
};

struct weak_state {
	uint32_t clock;
	uint32_t grace_start;	/* of the grace period that began last */
	uint32_t n_cpus, nr_sptes;
	uint32_t history;	/* messages of a place */
	uint32_t n_messages, room_messages;
	uint32_t regs;		/* registers of each cpu that have times */
	bool sync_none;
	/* offsets in the state, since it may not hold pointers into itself */
	uint32_t cpus_at, messages_at, regs_at, added_at, buffers_at;
};

static inline void *weak_at(const struct weak_state *s, uint32_t offset)
{
	return (uint8_t *)s + offset;
}

static inline struct weak_cpu *weak_cpu(const struct weak_state *s, unsigned int cpu)
{
	return (struct weak_cpu *)weak_at(s, s->cpus_at) + cpu;
}

static inline struct weak_message *weak_messages(const struct weak_state *s)
{
	return weak_at(s, s->messages_at);
}

static inline uint32_t *weak_regs(const struct weak_state *s, unsigned int cpu)
{
	return (uint32_t *)weak_at(s, s->regs_at) + (size_t)cpu * s->regs;
}

/* Per spte: when its last add became visible. Kept only if operations do not synchronise. */
static inline uint32_t *weak_added(const struct weak_state *s)
{
	return weak_at(s, s->added_at);
}

static inline struct buffers *weak_buffers(const struct weak_state *s)
{
	return weak_at(s, s->buffers_at);
}

static inline void weak_raise(uint32_t *floor, uint32_t to)
{
	if (*floor < to)
		*floor = to;
}

static inline void weak_full_barrier(struct weak_cpu *c)
{
	weak_raise(&c->all, c->newest_read);
	weak_raise(&c->all, c->own);
}

/* What a start, a section or an end of a grace period does to a cpu's view. */
void weak_grace(void *state, unsigned int cpu, enum model_grace what);

/*
 * Which cpus may read message i, as far as their general floors and what they
 * have read of its place go; floors of objects come on top.
 */
uint64_t weak_readers(const struct weak_state *s, unsigned int i);
/* Cpus for whose loads it matters when earlier ones were. */
uint64_t weak_ordering(const struct weak_state *s);

size_t weak_words(const void *state, uint64_t *to);
size_t weak_words_max(const struct plan *plan);

#endif
