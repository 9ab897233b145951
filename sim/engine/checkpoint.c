/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkpoints: the run's bytes and the tasks' stacks, copied. Taken between two
 * points, when every task stands before an announced event. A stack is copied
 * from 128 bytes below its pointer, since leaf functions may keep data there.
 *
 * Identity: what decides how a run can go on, and nothing else. Stacks are left
 * out because what lies in them depends on the compiler; for each task its
 * position (id) stands in for them.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/engine/state.h"

#define RED_ZONE	128

struct checkpoint {
	size_t room;
	size_t bytes;
	uint8_t *data;
};

/* Stacks hold frames that no sanitizer knows: copied where none looks. */
static void copy_words(void *to, const void *from, size_t bytes)
{
	size_t words = bytes / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

static uint8_t *stack_from(const struct task *t)
{
	uint8_t *from = (uint8_t *)((uintptr_t)t->sim.ctx.sp & ~7ul) - RED_ZONE;

	return from < t->stack ? t->stack : from;
}

static size_t stack_size(const struct task *t)
{
	return t->done ? 0 : t->stack + STACK_BYTES - stack_from(t);
}

struct checkpoint *checkpoint_new(struct engine *e)
{
	struct checkpoint *cp = g_new0(struct checkpoint, 1);

	cp->room = sim.heap_bytes + e->used_room + (size_t)e->plan->n_tasks * STACK_BYTES;
	cp->data = g_malloc0(cp->room);
	return cp;
}

void checkpoint_save(struct engine *e, struct checkpoint *cp)
{
	uint8_t *to = cp->data;
	unsigned int i;

	memcpy(to, sim.heap, sim.heap_bytes);
	to += sim.heap_bytes;
	memcpy(to, e->used, e->used_bytes);
	to += e->used_room;
	for (i = 0; i < e->plan->n_tasks; i++) {
		const struct task *t = &e->tasks[i];
		size_t bytes = stack_size(t);

		if (bytes)
			copy_words(to, stack_from(t), bytes);
		to += bytes;
	}
	cp->bytes = to - cp->data;
}

void checkpoint_restore(struct engine *e, const struct checkpoint *cp)
{
	const uint8_t *from = cp->data;
	unsigned int i;

	memcpy(sim.heap, from, sim.heap_bytes);
	from += sim.heap_bytes;
	memcpy(e->used, from, e->used_bytes);
	from += e->used_room;
	for (i = 0; i < e->plan->n_tasks; i++) {
		const struct task *t = &e->tasks[i];
		size_t bytes = stack_size(t);

		if (bytes)
			copy_words(stack_from(t), from, bytes);
		from += bytes;
	}
	e->failed_check = NULL;
	sim.nr_visits = 0;
	/* The list of what may be chosen is made from the tasks, not kept. */
	choice_refresh(e);
}

void checkpoint_free(struct checkpoint *cp)
{
	if (!cp)
		return;
	g_free(cp->data);
	g_free(cp);
}

size_t checkpoint_bytes(const struct checkpoint *cp)
{
	return cp->bytes;
}

static uint64_t identity_words(const struct engine *e, uint64_t h, const void *p, size_t bytes)
{
	const uint64_t *word = p;
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		h = hash_mix(h, canonical(e, word[i]));
	return h;
}

static uint64_t identity_task(const struct engine *e, uint64_t h, const struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	unsigned int i;

	h = hash_mix(h, (uint64_t)t->done | t->in_op << 1 | t->begin_pending << 2 |
			(uint64_t)t->queue_next << 8 | (uint64_t)ev->kind << 32);
	if (t->done)
		return h;
	h = hash_mix(h, t->id);
	h = hash_mix(h, t->op_id);
	h = hash_mix(h, canonical(e, (uint64_t)ev->addr));
	h = hash_mix(h, canonical(e, ev->operand));
	h = hash_mix(h, ev->kind == EV_CMPXCHG ? canonical(e, ev->expected) : 0);
	h = hash_mix(h, ev->site->hash);
	for (i = 0; i < LOCKS_HELD_MAX; i++)
		h = hash_mix(h, canonical(e, (uint64_t)t->sim.held[i]));
	return h;
}

static uint64_t identity_slabs(const struct engine *e, uint64_t h)
{
	unsigned int i, j;

	for (i = 0; i < e->nr_caches; i++) {
		h = hash_mix(h, e->caches[i]->nr_free);
		for (j = 0; j < e->caches[i]->nr_free; j++)
			h = hash_mix(h, e->caches[i]->free[j]);
	}
	return h;
}

/* Only a run that waits by cpu_relax has reads. */
static uint64_t identity_reads(const struct engine *e, uint64_t h)
{
	unsigned int i, j;

	for (i = 0; e->slow_only && i < e->plan->n_tasks; i++) {
		const struct task_reads *reads = &e->reads[i];

		h = hash_mix(h, (uint64_t)reads->n << 1 | reads->overflow);
		for (j = 0; j < reads->n; j++) {
			h = hash_mix(h, canonical(e, (uint64_t)reads->read[j].addr));
			h = hash_mix(h, canonical(e, reads->read[j].value));
		}
	}
	return h;
}

uint64_t engine_identity(const struct engine *e, uint64_t hash_seed)
{
	uint64_t h = hash_mix(hash_seed, e->run->ending);
	unsigned int i;

	h = identity_words(e, h, sim.heap, sim.heap_bytes);
	h = identity_words(e, h, e->ghost_base, e->ghost_words * 8);
	h = identity_slabs(e, h);
	for (i = 0; i < e->plan->nr_sptes; i++)
		h = hash_mix(h, e->spte_rmap[i]);
	for (i = 0; i < e->plan->n_tasks; i++)
		h = identity_task(e, h, &e->tasks[i]);
	h = identity_reads(e, h);
	return e->model->identity ? e->model->identity(e->model_state, h) : h;
}
