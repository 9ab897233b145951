/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checked mode: as timing, and every operation leaves its stamp in this
 * thread's log, which the judge reads when all have stopped. What stamps have
 * to say is in stamps.h; a test gives another header to see the judge awake.
 */
#ifndef HW_STAMPS_H
#define HW_STAMPS_H	"sim/hw/stamps.h"
#endif
#include HW_STAMPS_H
#include "sim/hw/play.h"

static bool checked_visit(struct rmap_walk *walk, u64 *sptep)
{
	struct hw_thread *t = walk->arg;
	size_t number = sptep - t->kvm->sptes;

	t->visits++;
	if (unlikely(number >= t->kvm->nr_sptes))
		t->counts->strange++;
	else
		t->record->seen[number / 64] |= 1ull << number % 64;
	return true;
}

HW_INLINE void checked_event(struct hw_thread *t, const struct hw_op *op, bool add, uint64_t time)
{
	t->log->event[t->log->n_events++] = (struct hw_event){
		.time = time, .spte = op->spte, .rmap = op->rmap, .add = add,
	};
}

HW_INLINE void checked_add(struct hw_thread *t, const struct hw_op *op)
{
	int ret = mmu_topup_memory_cache(t->vcpu);
	uint64_t time = 0;

	if (!ret) {
		time = STAMP_ADD_BEFORE_LOCK();
		mmu_write_lock(t->kvm);
		ret = t->algorithm->add(t->vcpu, play_rmap(t, op), play_spte(t, op));
		mmu_write_unlock(t->kvm);
		time = STAMP_ADD_AFTER_UNLOCK(time);
	}
	if (!ret)
		checked_event(t, op, true, time);
	t->counts->adds_failed += !!ret;
	t->counts->adds++;
}

HW_INLINE void checked_remove(struct hw_thread *t, const struct hw_op *op)
{
	uint64_t time;

	mmu_write_lock(t->kvm);
	time = STAMP_REMOVE_UNDER_LOCK();
	t->algorithm->remove(t->kvm, play_rmap(t, op), play_spte(t, op));
	mmu_write_unlock(t->kvm);
	checked_event(t, op, false, STAMP_REMOVE_AFTER_UNLOCK(time));
	t->counts->removes++;
}

HW_INLINE void checked_walk(struct hw_thread *t, const struct hw_op *op)
{
	struct hw_walk *record = hw_log_walk(t->log, t->stride, t->log->n_walks);
	enum rmap_walk_result result;

	memset(record, 0, t->stride);
	record->rmap = op->rmap;
	t->record = record;
	t->walk = (struct rmap_walk){ .visit = checked_visit, .arg = t };
	record->begin = stamp_walk_begin();
	result = t->algorithm->walk(t->kvm, play_rmap(t, op), &t->walk);
	record->end = stamp_walk_end();
	record->complete = result == RMAP_WALK_COMPLETE;
	t->log->n_walks++;
	play_count_walk(t->counts, &t->walk.stats, result, record->end - record->begin);
}

/* A full log ends the lap for all. */
void hw_play_checked(struct hw_thread *t, uint64_t ops)
{
	uint64_t room = MIN(t->log->room_events - t->log->n_events,
			    t->log->room_walks - t->log->n_walks);

	t->visits = t->counts->visits;
	play(t, MIN(ops, room), checked_add, checked_remove, checked_walk);
	t->counts->visits = t->visits;
	if (ops > room)
		__atomic_fetch_or(&t->run->shared->flags, HW_LAP_OVER, __ATOMIC_SEQ_CST);
}
