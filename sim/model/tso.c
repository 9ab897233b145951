/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tso: x86's memory. Each cpu has a first-in-first-out buffer of its stores;
 * loads look there first, locked instructions and full fences wait until it is
 * empty, and when its oldest store goes to memory is an event of its own.
 * smp_rmb, smp_wmb and the fences around atomics are for the compiler only, an
 * unlock is an ordinary store.
 */
#include "sim/kern/sim/sim.h"
#include "sim/model/buffer.h"

static struct model_env tso_env;

static void tso_begin(void *state, const struct plan *plan, const struct model_env *env)
{
	tso_env = *env;
	buffers_begin(state, plan);
}

static void tso_fence(void *state, unsigned int cpu, const struct sim_event *ev)
{
	(void)state;
	(void)cpu;
	(void)ev;
}

static void tso_note(void *state, const struct model_note *note)
{
	buffer_note(buffer_of(state, note->cpu), note, &tso_env);
}

static unsigned int tso_pending(const void *state, unsigned int cpu, uint32_t *places,
				unsigned int max)
{
	return buffer_pending(buffer_of(state, cpu), false, places, max);
}

static void tso_drain(void *state, unsigned int cpu, uint32_t place)
{
	struct buffer *b = buffer_of(state, cpu);
	struct buffer_entry store = b->entry[0];

	(void)place;	/* there is only the oldest, and no note stands before it */
	buffer_shift(b);
	buffer_drain(state, cpu, &store, &tso_env);
}

const struct model model_tso = {
	.name = "tso",
	.summary = "x86: a first-in-first-out store buffer for each cpu",
	.source = "Owens, Sarkar, Sewell 2009; Sewell et al. 2010 (x86-TSO)",
	.scope = "at most memory.store-buffer stores of a cpu wait at a time",
	.fifo = true,
	.buffer = buffered_buffer,
	.state_size = buffers_size,
	.begin = tso_begin,
	.asked = buffered_asked,
	.enabled = buffered_enabled,
	.load = buffered_load,
	.store = buffered_store,
	.rmw_load = buffered_rmw_load,
	.rmw_store = buffered_rmw_store,
	.fence = tso_fence,
	.note = tso_note,
	.cancel = buffered_cancel,
	.pending = tso_pending,
	.busy = buffered_busy,
	.drain = tso_drain,
	.changed = buffered_changed,
	.words = buffered_words,
	.words_max = buffers_words_max,
};
