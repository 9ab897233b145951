/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sptes come and go: faults, zaps.
 *
 * An spte that is present is in the rmap of its gfn, except while mmu_lock is
 * held. A zap clears the spte, takes it off the rmap, and flushes before
 * mmu_lock is released.
 *
 * dirty_order says when a fault marks its page. "last" is that of the series of
 * 2013, whose harvest holds no lock: when the bit is there, so are spte and rmap
 * entry. Linux marks first; its harvest holds mmu_lock, and sees all of a fault or
 * nothing. "between" is a mistake that suits neither.
 */
#include "kvm_mmu.h"

/* What a fault needs to know behind a call. */
static void fault_goes_on(int stage)
{
	const struct kvm_outer outer = { .stage = stage };

	mark_outer(&outer);
}

bool drop_spte(struct kvm *kvm, u64 *sptep)
{
	u64 old = xchg(sptep, 0);

	if (!(old & SPTE_PRESENT))
		return false;
	kvm_note(KVM_NOTE_UNLISTED, sptep, spte_gfn(old));
	kvm_rmap(kvm)->remove(kvm, &kvm->rmaps[spte_gfn(old)], sptep);
	return true;
}

/*
 * Without mmu_lock: the spte is read-only for the log's sake only. What
 * becomes writable here is marked at once; a harvest that has taken the bit
 * before has this spte still to protect, or finds it marked the next time.
 */
static bool fast_page_fault(struct kvm *kvm, u64 *sptep, unsigned long gfn)
{
	u64 old = READ_ONCE(*sptep);
	bool fixed;

	if (!(old & SPTE_PRESENT) || spte_gfn(old) != gfn || !(old & SPTE_MMU_WRITABLE))
		return false;
	if (old & SPTE_WRITABLE)
		return true;	/* somebody else has seen to it */
	kvm_note(KVM_NOTE_OWES_MARK, NULL, gfn);
	fixed = try_cmpxchg(sptep, &old, old | SPTE_WRITABLE);
	if (fixed)
		mark_page_dirty(kvm, gfn);
	kvm_note(KVM_NOTE_MARKED, NULL, gfn);
	return fixed;
}

static int mmu_list_spte(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long gfn)
{
	struct kvm *kvm = vcpu->kvm;
	int ret = kvm_rmap(kvm)->add(vcpu, &kvm->rmaps[gfn], sptep);

	if (ret)
		return ret;
	kvm_note(KVM_NOTE_LISTED, sptep, gfn);
	return 0;
}

/* It could not be listed: nobody would find it, and some guest may have used it by now. */
static void mmu_take_back(struct kvm *kvm, u64 *sptep, int ret)
{
	WRITE_ONCE(*sptep, 0);
	fault_goes_on(ret);
	kvm_flush_remote_tlbs(kvm);
}

/*
 * A page that becomes writable is marked; `listed`: the spte is in the rmap already.
 * A plain store will do: what others do to it meanwhile without mmu_lock is to make
 * it writable (fast faults, which mark) or read-only (harvests, which come again).
 */
static int mmu_set_spte(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long gfn, bool listed)
{
	struct kvm *kvm = vcpu->kvm;
	int ret = 0;

	if (kvm->dirty_order == KVM_DIRTY_FIRST)
		mark_page_dirty(kvm, gfn);
	else
		kvm_note(KVM_NOTE_OWES_MARK, NULL, gfn);
	WRITE_ONCE(*sptep, make_spte(gfn));
	kvm_note(KVM_NOTE_MAPPED, sptep, gfn);
	if (kvm->dirty_order == KVM_DIRTY_BETWEEN) {
		mark_page_dirty(kvm, gfn);
		kvm_note(KVM_NOTE_MARKED, NULL, gfn);
	}
	if (!listed)
		ret = mmu_list_spte(vcpu, sptep, gfn);
	if (ret)
		mmu_take_back(kvm, sptep, ret);
	else if (!listed)
		kvm_recycle_rmap(kvm, gfn, KVM_RECYCLE_BEFORE_MARK);
	if (kvm->dirty_order != KVM_DIRTY_LAST)
		return ret;
	/* The spte and its entry before the bit; pairs with xchg() in kvm_get_dirty_log(). */
	smp_mb__before_atomic();
	mark_page_dirty(kvm, gfn);
	kvm_note(KVM_NOTE_MARKED, NULL, gfn);
	return ret;
}

static int mmu_map(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long gfn)
{
	struct kvm *kvm = vcpu->kvm;
	u64 old = READ_ONCE(*sptep);
	int ret;

	if (spte_allows_write(old, gfn))
		return 0;	/* somebody else has seen to it */
	if ((old & SPTE_PRESENT) && spte_gfn(old) == gfn) {
		fault_goes_on(1);
		return mmu_set_spte(vcpu, sptep, gfn, true);
	}
	fault_goes_on(2);
	/* The guest's tables lead elsewhere by now. */
	if (drop_spte(kvm, sptep))
		kvm_flush_remote_tlbs(kvm);
	fault_goes_on(3);
	ret = mmu_set_spte(vcpu, sptep, gfn, false);
	if (!ret)
		kvm_recycle_rmap(kvm, gfn, KVM_RECYCLE_AFTER_MARK);
	return ret;
}

int kvm_mmu_page_fault(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long gfn)
{
	struct kvm *kvm = vcpu->kvm;
	u64 seq = 0;
	int ret;

	if (kvm->fast_fault && fast_page_fault(kvm, sptep, gfn))
		return 0;
	ret = mmu_topup_memory_cache(vcpu);
	if (ret)
		return ret;
	if (kvm->invalidate != KVM_INVALIDATE_NONE)
		seq = kvm_faultin_page(kvm, gfn);
	mmu_write_lock(kvm);
	if (kvm->invalidate == KVM_INVALIDATE_NONE || !mmu_invalidate_retry(kvm, seq))
		ret = mmu_map(vcpu, sptep, gfn);
	kvm_note(KVM_NOTE_FAULT_ENDS, NULL, gfn);
	mmu_write_unlock(kvm);
	return ret;
}

int kvm_zap_spte(struct kvm *kvm, u64 *sptep)
{
	mmu_write_lock(kvm);
	if (drop_spte(kvm, sptep))
		kvm_flush_remote_tlbs(kvm);
	mmu_write_unlock(kvm);
	return 0;
}

static bool unmap_visit(struct rmap_walk *walk, u64 *sptep)
{
	struct kvm_outer *outer = walk->arg;

	/*
	 * Under mmu_lock the walk meets only sptes of this page, but a second time
	 * where an algorithm begins without mmu_lock all the same.
	 */
	if (!(READ_ONCE(*sptep) & SPTE_PRESENT))
		return true;
	kvm_note(KVM_NOTE_UNLISTED, sptep, outer->gfn);
	xchg(sptep, 0);
	outer->flush = 1;
	update_outer(outer);
	return true;
}

void kvm_zap_rmap(struct kvm *kvm, struct kvm_outer *outer)
{
	struct rmap_walk walk = { .visit = unmap_visit, .arg = outer, .mmu_locked = true };

	kvm_rmap(kvm)->walk(kvm, &kvm->rmaps[outer->gfn], &walk);
	if (outer->flush)
		kvm_rmap(kvm)->zap_all(kvm, &kvm->rmaps[outer->gfn]);
}

int kvm_unmap_gfn(struct kvm *kvm, unsigned long gfn)
{
	struct kvm_outer outer = { .gfn = gfn };

	kvm_invalidate_begin(kvm);
	kvm_zap_rmap(kvm, &outer);
	if (outer.flush && !kvm->unmap_no_flush)
		kvm_flush_remote_tlbs(kvm);
	mmu_write_unlock(kvm);
	kvm_note(KVM_NOTE_UNMAPPED, NULL, gfn);
	kvm_invalidate_end(kvm, gfn);
	return 0;
}
