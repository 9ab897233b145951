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
	size_t bytes;
	size_t used_bytes;
	uint8_t *data;
};

/*
 * Stacks hold frames that no sanitizer knows: copied where none looks. Stacks are a
 * few hundred bytes, where a string instruction takes longer to begin than to copy.
 */
static void copy_words(void *to, const void *from, size_t bytes)
{
	__asm__ volatile("1:\n\t"
			 "subq $16, %2\n\t"
			 "jb 2f\n\t"
			 "movups (%1), %%xmm0\n\t"
			 "addq $16, %1\n\t"
			 "movups %%xmm0, (%0)\n\t"
			 "addq $16, %0\n\t"
			 "jmp 1b\n"
			 "2:\n\t"
			 "testb $8, %b2\n\t"
			 "jz 3f\n\t"
			 "movq (%1), %%rax\n\t"
			 "movq %%rax, (%0)\n"
			 "3:"
			 : "+r"(to), "+r"(from), "+r"(bytes)
			 :
			 : "rax", "xmm0", "cc", "memory");
}

static uint8_t *stack_from(uint8_t *stack, const struct sim_context *ctx)
{
	uint8_t *from = (uint8_t *)((uintptr_t)ctx->sp & ~7ul) - RED_ZONE;

	return from < stack ? stack : from;
}

/* What is copied of a task's stack, and of the softirq's above it; 0 bytes: nothing. */
static size_t stack_of(const struct engine *e, const struct task *t, uint8_t **from)
{
	const struct softirq *softirq = softirq_of(e, t->sim.cpu);

	*from = stack_from(t->stack, softirq ? &softirq->below.ctx : &t->sim.ctx);
	return t->done ? 0 : t->stack + STACK_BYTES - *from;
}

static size_t stack_above(const struct engine *e, const struct task *t, uint8_t **from)
{
	const struct softirq *softirq = softirq_of(e, t->sim.cpu);

	if (!softirq)
		return 0;
	*from = stack_from(softirq->stack, &t->sim.ctx);
	return softirq->stack + STACK_BYTES - *from;
}

size_t checkpoint_room(const struct engine *e)
{
	size_t stacks = (size_t)e->plan->n_tasks * STACK_BYTES * (e->softirqs ? 2 : 1);

	return sim.heap_bytes + e->used_room + stacks;
}

size_t checkpoint_put(struct engine *e, uint8_t *to)
{
	const uint8_t *begin = to;
	unsigned int i;

	memcpy(to, sim.heap, sim.heap_bytes);
	to += sim.heap_bytes;
	memcpy(to, e->used, e->used_bytes);
	to += e->used_bytes;
	for (i = 0; i < e->plan->n_tasks; i++) {
		uint8_t *stack;
		size_t bytes = stack_of(e, &e->tasks[i], &stack);

		if (bytes)
			copy_words(to, stack, bytes);
		to += bytes;
		bytes = e->softirqs ? stack_above(e, &e->tasks[i], &stack) : 0;
		if (bytes)
			copy_words(to, stack, bytes);
		to += bytes;
	}
	return to - begin;
}

void checkpoint_get(struct engine *e, const uint8_t *from)
{
	unsigned int i;

	memcpy(sim.heap, from, sim.heap_bytes);
	from += sim.heap_bytes;
	memcpy(e->used, from, e->used_bytes);
	from += e->used_bytes;
	for (i = 0; i < e->plan->n_tasks; i++) {
		uint8_t *stack;
		size_t bytes = stack_of(e, &e->tasks[i], &stack);

		if (bytes)
			copy_words(stack, from, bytes);
		from += bytes;
		bytes = e->softirqs ? stack_above(e, &e->tasks[i], &stack) : 0;
		if (bytes)
			copy_words(stack, from, bytes);
		from += bytes;
	}
	slab_show_all(e);
	e->failed_check = NULL;
	sim.nr_visits = 0;
	/* The list of what may be chosen is made from the tasks, not kept. */
	choice_refresh(e);
}

struct checkpoint *checkpoint_new(struct engine *e)
{
	struct checkpoint *cp = g_new0(struct checkpoint, 1);

	cp->data = g_malloc0(checkpoint_room(e));
	return cp;
}

void checkpoint_save(struct engine *e, struct checkpoint *cp)
{
	cp->used_bytes = e->used_bytes;
	cp->bytes = checkpoint_put(e, cp->data);
}

/* Reads that are kept since then (must_note_reads()) were none at the time. */
void checkpoint_restore(struct engine *e, const struct checkpoint *cp)
{
	size_t now = e->used_bytes;

	e->used_bytes = cp->used_bytes;
	checkpoint_get(e, cp->data);
	e->used_bytes = now;
	memset(e->used + cp->used_bytes, 0, now - cp->used_bytes);
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
