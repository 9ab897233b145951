/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pso: as tso, but stores to different locations may leave a cpu's buffer in
 * any order. Those to one location keep theirs; a release store (unlock and
 * rcu_assign_pointer included) leaves behind all that were made before it, and
 * smp_wmb keeps what is behind it behind what was before it.
 */
#include "sim/kern/sim/sim.h"
#include "sim/model/buffer.h"

static struct model_env pso_env;

static void pso_begin(void *state, const struct plan *plan, const struct model_env *env)
{
	pso_env = *env;
	buffers_begin(state, plan);
}

static void pso_fence(void *state, unsigned int cpu, const struct sim_event *ev)
{
	struct buffer *b = buffer_of(state, cpu);

	if (event_is_full_fence(ev) || ev->order == ORD_WMB)
		b->barrier = b->stores > 0;
}

static void pso_note(void *state, const struct model_note *note)
{
	buffer_note(buffer_of(state, note->cpu), note, &pso_env);
}

static unsigned int pso_pending(const void *state, unsigned int cpu, uint32_t *places,
				unsigned int max)
{
	return buffer_pending(buffer_of(state, cpu), true, places, max);
}

static void pso_drain(void *state, unsigned int cpu, uint32_t place)
{
	struct buffer_entry store;

	buffer_take(buffer_of(state, cpu), place, &store);
	buffer_drain(state, cpu, &store, &pso_env);
}

const struct model model_pso = {
	.name = "pso",
	.summary = "as tso, with a buffer for each location: stores pass each other",
	.source = "SPARC V8's partial store order; kernel barriers as in memory-barriers.txt",
	.scope = "at most memory.store-buffer stores of a cpu wait at a time",
	.buffer = buffered_buffer,
	.state_size = buffers_size,
	.begin = pso_begin,
	.asked = buffered_asked,
	.enabled = buffered_enabled,
	.load = buffered_load,
	.store = buffered_store,
	.rmw_load = buffered_rmw_load,
	.rmw_store = buffered_rmw_store,
	.fence = pso_fence,
	.note = pso_note,
	.cancel = buffered_cancel,
	.pending = pso_pending,
	.busy = buffered_busy,
	.drain = pso_drain,
	.changed = buffered_changed,
	.words = buffered_words,
	.words_max = buffers_words_max,
};
