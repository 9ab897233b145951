/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a task may read of free type-safe objects: those whose addresses it has loaded
 * in the read-side section that it is in (check lifetime). Task code, as program.c.
 *
 * Everything is stale once a section of the operation has ended, but what is loaded in
 * the present one. Nothing is in the first, so that nothing is written down in it; what
 * was loaded before it began, outside of any, is taken to be its own.
 */
#include "sim/kern/sim/program.h"

/* The row of its cpu's task: softirqs are one section each and need none. */
static uint64_t *fresh_row(const struct sim_task *t)
{
	return &sim.fresh[t->cpu * sim.fresh_words];
}

void sim_forget_addresses(struct sim_task *t)
{
	unsigned int i;

	for (i = 0; i < sim.fresh_words; i++)
		fresh_row(t)[i] = 0;
	t->fresh = 0;
}

/* The number + 1 of the type-safe object to which a value leads, without its tags; 0: none. */
static uint32_t object_of(uint64_t value)
{
	uint64_t off = (value & 0xfffffffffff8ull) - (uint64_t)sim.heap;

	return off < sim.heap_bytes ? sim.object[off / 8] : 0;
}

/* Outside of tasks, as at the setup, nobody asks. */
void sim_has_address(struct sim_task *t, uint64_t value)
{
	uint32_t number;

	if (!t->left || !t->section || sim.direct)
		return;
	number = object_of(value);
	if (!number)
		return;
	fresh_row(t)[(number - 1) / 64] |= 1ull << (number - 1) % 64;
	t->fresh = 1;
}

static bool is_stale(const struct sim_task *t, const volatile void *p)
{
	uint32_t number = object_of((uint64_t)p);

	return t->left && number &&
	       !(fresh_row(t)[(number - 1) / 64] >> (number - 1) % 64 & 1);
}

/* Whether an atomic changes what is there is looked at behind it (act.c). */
bool sim_may_read_free(const struct sim_task *t)
{
	uint64_t off = (uint64_t)t->ev.addr - (uint64_t)sim.heap;

	if (off >= sim.heap_bytes || sim.shadow[off] != (t->ev.size | SIM_FREE) ||
	    t->ev.kind == EV_STORE)
		return false;
	return sim.direct || (t->section && !is_stale(t, t->ev.addr));
}

uint64_t sim_loaded(struct sim_task *t, const volatile void *p, unsigned int size)
{
	uint64_t value = t->buffer ? sim_forwarded(t, p, size) : sim_peek(p, size);

	sim_has_address(t, value);
	return value;
}
