/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Store buffers: per cpu a row of stores, oldest first, and among them notes
 * that travel behind the stores before them. Shared by the models that have
 * buffers; what may leave one, and when, is the model's.
 *
 * A note is delivered as soon as no store stands before it. Places are offsets
 * in the simulated memory. All of it lies in the model's state, without
 * pointers into itself.
 */
#ifndef SIM_MODEL_BUFFER_H
#define SIM_MODEL_BUFFER_H

#include "sim/kern/sim/stores.h"
#include "sim/model/model.h"

struct buffers {
	uint32_t n_cpus;
	uint32_t capacity;	/* stores of one cpu */
	uint32_t room;		/* entries of one cpu, with the notes */
	uint32_t stride;	/* bytes from one cpu's to the next one's */
};

size_t buffers_size(const struct plan *plan);
void buffers_begin(struct buffers *bs, const struct plan *plan);

static inline struct buffer *buffer_of(const struct buffers *bs, unsigned int cpu)
{
	return (struct buffer *)((uint8_t *)(bs + 1) + (size_t)cpu * bs->stride);
}

/* Room for one more store, or for what leaves a note (a free, the end of a section)? */
bool buffer_has_room(const struct buffers *bs, unsigned int cpu, bool store);
void buffer_note(struct buffer *b, const struct model_note *note, const struct model_env *env);
void buffer_cancel(struct buffer *b, const struct model_note *note);
/* The youngest store to that location, or NULL. */
const struct buffer_entry *buffer_find(const struct buffer *b, const void *addr);

/* Would a store that is made at once pass a write barrier? Is an unlock on its way? */
bool buffer_stands_behind_barrier(const struct buffer *b);
bool buffer_has_unlock(const struct buffer *b);

/* Places of those that can leave now: the oldest, or (by_place) the oldest of each place. */
unsigned int buffer_pending(const struct buffer *b, bool by_place, uint32_t *places,
			    unsigned int max);
/* Take the oldest store to place out; *out is it. */
void buffer_take(struct buffer *b, uint32_t place, struct buffer_entry *out);
/* The oldest entry is a store, and goes. */
void buffer_shift(struct buffer *b);
/* Put it into memory, tell, and deliver the notes that stood behind it. */
void buffer_drain(struct buffers *bs, unsigned int cpu, const struct buffer_entry *store,
		  const struct model_env *env);
bool buffers_busy(const struct buffers *bs);

size_t buffers_words(const struct buffers *bs, uint64_t *to);
size_t buffers_words_max(const struct plan *plan);

bool event_is_full_fence(const struct sim_event *ev);
/* What waits for an empty buffer on x86: locked instructions and smp_mb. */
bool event_is_locked(const struct sim_event *ev);
/* What changes nothing outside of its own cpu: a store into a buffer, lesser fences. */
bool event_is_local(const struct sim_event *ev);

/* Functions of struct model for models whose state begins with their buffers. */
struct buffer *buffered_buffer(void *state, unsigned int cpu);
bool buffered_enabled(const void *state, unsigned int cpu, const struct sim_event *ev);
bool buffered_asked(const void *state, unsigned int cpu, const struct sim_event *ev);
uint64_t buffered_load(void *state, unsigned int cpu, const struct sim_event *ev);
void buffered_store(void *state, unsigned int cpu, const struct sim_event *ev, uint64_t value);
uint64_t buffered_rmw_load(void *state, unsigned int cpu, const struct sim_event *ev);
void buffered_rmw_store(void *state, unsigned int cpu, const struct sim_event *ev, uint64_t value);
void buffered_cancel(void *state, const struct model_note *note);
bool buffered_busy(const void *state);
bool buffered_changed(const void *state, unsigned int cpu, const void *addr, unsigned int size,
		      uint64_t value);
size_t buffered_words(const void *state, uint64_t *to);

#endif
