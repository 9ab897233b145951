/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop of a thread, for both modes: each gives the three operations as
 * functions that the compiler puts in line, so that neither asks which it is.
 */
#ifndef SIM_HW_PLAY_H
#define SIM_HW_PLAY_H

#include "sim/hw/state.h"
#include "sim/kern/hw/kern_hw.h"

#define HW_INLINE	static inline __attribute__((always_inline))

typedef void (*hw_op_fn)(struct hw_thread *t, const struct hw_op *op);

HW_INLINE struct kvm_rmap_head *play_rmap(struct hw_thread *t, const struct hw_op *op)
{
	return &t->kvm->rmaps[op->rmap];
}

HW_INLINE u64 *play_spte(struct hw_thread *t, const struct hw_op *op)
{
	return &t->kvm->sptes[op->spte];
}

HW_INLINE void play_count_walk(struct hw_counts *c, const struct rmap_walk_stats *s,
			       enum rmap_walk_result result, uint64_t ticks)
{
	c->complete += result == RMAP_WALK_COMPLETE;
	c->stopped += result == RMAP_WALK_STOPPED;
	c->given_up += result == RMAP_WALK_GIVEN_UP;
	c->steps += s->steps;
	c->restarts += s->restarts;
	c->slow_path += s->slow_path;
	if (s->steps > c->steps_max)
		c->steps_max = s->steps;
	if (s->restarts > c->restarts_max)
		c->restarts_max = s->restarts;
	hw_histogram_add(&c->latency_ticks, ticks);
	hw_histogram_add(&c->steps_of_walk, s->steps);
	hw_histogram_add(&c->restarts_of_walk, s->restarts);
	c->walks++;
}

HW_INLINE void play(struct hw_thread *t, uint64_t ops, hw_op_fn add, hw_op_fn remove,
		    hw_op_fn walk)
{
	struct hw_counts *c = t->counts;

	for (; ops && !READ_ONCE(*t->flags); ops--) {
		const struct hw_op *op = &t->tape->ops[t->at];

		WRITE_ONCE(c->issued, c->issued + 1);
		t->at = t->at + 1 == t->tape->n ? 0 : t->at + 1;
		if (op->kind == PLAN_OP_WALK)
			walk(t, op);
		else if (op->kind == PLAN_OP_ADD)
			add(t, op);
		else if (op->kind == PLAN_OP_REMOVE)
			remove(t, op);
		else
			hw_pages_play(t, op);
		kern_hw_quiescent_state();
	}
}

#endif
