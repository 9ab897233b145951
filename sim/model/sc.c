/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sc: sequential consistency (Lamport 1979). Every access acts on memory at
 * once and in program order; fences have nothing to do.
 */
#include "sim/kern/sim/sim.h"
#include "sim/model/model.h"

static struct model_env sc_env;

static size_t sc_state_size(const struct plan *plan)
{
	(void)plan;
	return 0;
}

static void sc_begin(void *state, const struct plan *plan, const struct model_env *env)
{
	(void)state;
	(void)plan;
	sc_env = *env;
}

static uint64_t sc_load(void *state, unsigned int cpu, const struct sim_event *ev)
{
	(void)state;
	(void)cpu;
	return sim_peek(ev->addr, ev->size);
}

static void sc_store(void *state, unsigned int cpu, const struct sim_event *ev, uint64_t value)
{
	(void)state;
	(void)cpu;
	sim_poke(ev->addr, ev->size, value);
}

static void sc_fence(void *state, unsigned int cpu, const struct sim_event *ev)
{
	(void)state;
	(void)cpu;
	(void)ev;
}

static void sc_note(void *state, const struct model_note *note)
{
	(void)state;
	sc_env.deliver(note);
}

const struct model model_sc = {
	.name = "sc",
	.summary = "sequential consistency: one memory, program order",
	.source = "Lamport 1979",
	.direct = true,
	.state_size = sc_state_size,
	.begin = sc_begin,
	.load = sc_load,
	.store = sc_store,
	.rmw_load = sc_load,
	.rmw_store = sc_store,
	.fence = sc_fence,
	.note = sc_note,
};
