/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timing mode: the operations, and a histogram of the walks. Nothing is shared. */
#include "sim/hw/play.h"
#include "sim/hw/stamps.h"

static bool timing_visit(struct rmap_walk *walk, u64 *sptep)
{
	(void)sptep;
	((struct hw_thread *)walk->arg)->visits++;
	return true;
}

HW_INLINE void timing_add(struct hw_thread *t, const struct hw_op *op)
{
	int ret = mmu_topup_memory_cache(t->vcpu);

	if (!ret) {
		mmu_write_lock(t->kvm);
		ret = t->algorithm->add(t->vcpu, play_rmap(t, op), play_spte(t, op));
		mmu_write_unlock(t->kvm);
	}
	t->counts->adds_failed += !!ret;
	t->counts->adds++;
}

HW_INLINE void timing_remove(struct hw_thread *t, const struct hw_op *op)
{
	mmu_write_lock(t->kvm);
	t->algorithm->remove(t->kvm, play_rmap(t, op), play_spte(t, op));
	mmu_write_unlock(t->kvm);
	t->counts->removes++;
}

HW_INLINE void timing_walk(struct hw_thread *t, const struct hw_op *op)
{
	enum rmap_walk_result result;
	uint64_t begin, end;

	t->walk = (struct rmap_walk){ .visit = timing_visit, .arg = t };
	begin = stamp_walk_begin();
	result = t->algorithm->walk(t->kvm, play_rmap(t, op), &t->walk);
	end = stamp_walk_end();
	play_count_walk(t->counts, &t->walk.stats, result, end - begin);
}

void hw_play_timing(struct hw_thread *t, uint64_t ops)
{
	t->visits = t->counts->visits;
	play(t, ops, timing_add, timing_remove, timing_walk);
	t->counts->visits = t->visits;
}
