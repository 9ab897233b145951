/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkpoints: the run's bytes and the tasks' stacks, copied. Taken between two
 * points, when every task stands before an announced event. A stack is copied
 * from 128 bytes below its pointer, since leaf functions may keep data there.
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
