/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recycling: a fault that lists one spte more of a page that has many zaps them
 * all, its own included, and the guests fault in again what they still use.
 * Without it a guest could make a list as long as it likes, and mmu_lock would be
 * held that long by whoever walks it.
 *
 * It is a zap: sptes are cleared, entries go, TLBs are flushed before mmu_lock is
 * released. Whether a harvest without mmu_lock can come in between and lose a write
 * hangs on recycle_order (doc/recycling.md): a fault that marks its page behind the
 * flush makes good what such a harvest has missed.
 *
 * Source of the idea: rmap_recycle() in arch/x86/kvm/mmu, which dropped one spte
 * after the other in 2013 and empties the list in bulk today.
 */
#include "kvm_mmu.h"

/* Stages of a fault, behind those of mmu_fault.c. */
enum { RECYCLE_COUNTS = 4, RECYCLE_ZAPS, RECYCLE_FLUSHES };

struct recycle {
	struct kvm *kvm;
	struct kvm_outer outer;
};

static void recycle_goes_on(struct recycle *r, int stage)
{
	r->outer.first = NULL;
	r->outer.count = 0;
	r->outer.stage = stage;
	mark_outer(&r->outer);
}

static void recycle_walk(struct recycle *r, bool (*visit)(struct rmap_walk *walk, u64 *sptep))
{
	struct rmap_walk walk = { .visit = visit, .arg = r, .mmu_locked = true };

	kvm_rmap(r->kvm)->walk(r->kvm, &r->kvm->rmaps[r->outer.gfn], &walk);
}

/*
 * Each entry once, though an algorithm may begin without mmu_lock all the same and
 * then anew: nothing moves meanwhile, so a pass begins where the one before it did.
 */
static bool count_visit(struct rmap_walk *walk, u64 *sptep)
{
	struct recycle *r = walk->arg;

	if (!r->outer.first)
		r->outer.first = sptep;
	if (r->outer.first == sptep)
		r->outer.count = 0;
	r->outer.count++;
	update_outer(&r->outer);
	return r->outer.count <= r->kvm->recycle_threshold + 1;
}

/* Are there too many beside the one that has come last? */
static bool rmap_is_long(struct recycle *r)
{
	recycle_goes_on(r, RECYCLE_COUNTS);
	recycle_walk(r, count_visit);
	return r->outer.count > r->kvm->recycle_threshold + 1;
}

static bool first_visit(struct rmap_walk *walk, u64 *sptep)
{
	struct recycle *r = walk->arg;

	r->outer.first = sptep;
	update_outer(&r->outer);
	return false;
}

/* Of this page's rmap: what shadow page it lies in need not be known. */
static bool recycle_spte(struct recycle *r, u64 *sptep)
{
	u64 old = xchg(sptep, 0);

	if (WARN_ON_ONCE(!(old & SPTE_PRESENT)))
		return false;
	kvm_note(KVM_NOTE_UNLISTED, sptep, r->outer.gfn);
	kvm_rmap(r->kvm)->remove(r->kvm, &r->kvm->rmaps[r->outer.gfn], sptep);
	return true;
}

/* As a list can be walked under mmu_lock while it is taken apart: from its head, each time. */
static void recycle_one_by_one(struct recycle *r)
{
	for (;;) {
		recycle_goes_on(r, RECYCLE_ZAPS);
		recycle_walk(r, first_visit);
		if (!r->outer.first || !recycle_spte(r, r->outer.first))
			return;
	}
}

void kvm_recycle_rmap(struct kvm *kvm, unsigned long gfn, enum kvm_recycle_order order)
{
	struct recycle r = { .kvm = kvm, .outer = { .gfn = gfn } };

	if (kvm->recycle == KVM_RECYCLE_NONE || kvm->recycle_order != order)
		return;
	if (!rmap_is_long(&r))
		return;
	if (kvm->recycle == KVM_RECYCLE_BULK) {
		recycle_goes_on(&r, RECYCLE_ZAPS);
		kvm_zap_rmap(kvm, &r.outer);
	} else {
		recycle_one_by_one(&r);
	}
	recycle_goes_on(&r, RECYCLE_FLUSHES);
	kvm_flush_remote_tlbs(kvm);
}
