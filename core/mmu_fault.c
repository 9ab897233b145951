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

bool drop_spte(struct kvm *kvm, struct kvm_mmu_page *sp, u64 *sptep)
{
	u64 old = xchg(sptep, 0);
	unsigned long gfn;

	if (!(old & SPTE_PRESENT))
		return false;
	/* Where it is listed is what its page says, not what the spte does. */
	gfn = sp ? kvm_mmu_page_get_gfn(sp, sptep - sp->spt) : spte_gfn(old);
	kvm_note(KVM_NOTE_UNLISTED, sptep, gfn);
	kvm_rmap(kvm)->remove(kvm, &kvm->rmaps[gfn], sptep);
	return true;
}

/*
 * Without mmu_lock: the spte is read-only for the log's sake only. What
 * becomes writable here is marked at once; a harvest that has taken the bit
 * before has this spte still to protect, or finds it marked the next time.
 */
static bool fast_pf_fix_spte(struct kvm *kvm, u64 *sptep, unsigned long gfn, bool any_gfn)
{
	u64 old = READ_ONCE(*sptep);
	bool fixed, maps = spte_gfn(old) == gfn;

	if (!(old & SPTE_PRESENT) || !(old & SPTE_MMU_WRITABLE) || !(maps || any_gfn))
		return false;
	if (old & SPTE_WRITABLE)
		return maps;	/* somebody else has seen to it */
	kvm_note(KVM_NOTE_OWES_MARK, NULL, gfn);
	fixed = try_cmpxchg(sptep, &old, old | SPTE_WRITABLE);
	if (fixed)
		mark_page_dirty(kvm, gfn);
	kvm_note(KVM_NOTE_MARKED, NULL, gfn);
	return fixed;
}

/*
 * Small sptes of direct pages only, which map what their place says. Which gfn an
 * entry of a page that shadows a table maps can change, and only mmu_lock keeps it;
 * the spte does not tell, for what hardware's says is a frame. So `indirect`
 * lets the guest write to a page and marks the one that was there before. And of a
 * large spte one page is marked, and all become writable (`large`); the slow path
 * drops it and maps small ones.
 */
static bool fast_pf_walk(struct kvm *kvm, unsigned long addr, unsigned long gfn)
{
	unsigned long table = addr / kvm->sp_entries;
	u64 entry = READ_ONCE(kvm->root[table]);
	struct kvm_mmu_page *sp;
	u64 *sptep;

	if (!(entry & SPTE_PRESENT))
		return false;
	if (spte_is_large(entry))
		return kvm->fast_fault == KVM_FAST_FAULT_LARGE && spte_maps(entry, gfn) &&
		       fast_pf_fix_spte(kvm, &kvm->root[table], spte_gfn(entry), false);
	sp = kvm_child_sp(entry);
	sptep = &sp->spt[addr % kvm->sp_entries];
	if (READ_ONCE(sp->role) & KVM_SP_DIRECT)
		return fast_pf_fix_spte(kvm, sptep, gfn, false);
	return kvm->fast_fault == KVM_FAST_FAULT_INDIRECT &&
	       fast_pf_fix_spte(kvm, sptep, gfn, true);
}

static bool fast_page_fault(struct kvm_vcpu *vcpu, unsigned long addr, unsigned long gfn)
{
	struct kvm *kvm = vcpu->kvm;
	bool fixed;

	if (!kvm->fast_fault)
		return false;
	if (!kvm->sp_entries)
		return fast_pf_fix_spte(kvm, &kvm->sptes[addr], gfn, false);
	walk_shadow_page_lockless_begin(vcpu);
	fixed = fast_pf_walk(kvm, addr, gfn);
	walk_shadow_page_lockless_end(vcpu);
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
	/* Who faults is about to use it; and what was there may have been used. */
	WRITE_ONCE(*sptep, make_spte(gfn) | SPTE_ACCESSED);
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

/* The page belongs to no memslot: the spte says so, and maps nothing. */
static int mmu_set_mmio_spte(struct kvm *kvm, struct kvm_mmu_page *sp, u64 *sptep)
{
	fault_goes_on(4);
	if (kvm->bookkeeping != KVM_BOOKS_MMIO_OVER_PRESENT && drop_spte(kvm, sp, sptep))
		kvm_flush_remote_tlbs(kvm);
	fault_goes_on(5);
	WRITE_ONCE(*sptep, SPTE_MMIO);
	return KVM_FAULT_EMULATE;
}

/* sp: the page of the spte, or NULL. */
static int mmu_map_spte(struct kvm_vcpu *vcpu, struct kvm_mmu_page *sp, u64 *sptep,
			unsigned long gfn)
{
	struct kvm *kvm = vcpu->kvm;
	u64 old = READ_ONCE(*sptep);
	int ret;

	if (gfn >= kvm->nr_rmaps - kvm->nr_mmio)
		return mmu_set_mmio_spte(kvm, sp, sptep);
	if (spte_allows_write(old, gfn))
		return 0;	/* somebody else has seen to it */
	if ((old & SPTE_PRESENT) && spte_gfn(old) == gfn) {
		fault_goes_on(1);
		return mmu_set_spte(vcpu, sptep, gfn, true);
	}
	fault_goes_on(2);
	/* The guest's tables lead elsewhere by now. */
	if (drop_spte(kvm, sp, sptep))
		kvm_flush_remote_tlbs(kvm);
	fault_goes_on(3);
	if (sp)
		kvm_mmu_page_set_gfn(sp, sptep - sp->spt, gfn);
	ret = mmu_set_spte(vcpu, sptep, gfn, false);
	if (!ret)
		kvm_recycle_rmap(kvm, gfn, KVM_RECYCLE_AFTER_MARK);
	return ret;
}

static int mmu_map(struct kvm_vcpu *vcpu, unsigned long addr, unsigned long gfn)
{
	struct kvm *kvm = vcpu->kvm;
	unsigned int index;
	struct kvm_mmu_page *sp;
	u64 guest;

	if (!kvm->sp_entries)
		return mmu_map_spte(vcpu, NULL, &kvm->sptes[addr], gfn);
	index = addr % kvm->sp_entries;
	guest = READ_ONCE(kvm->guest_dir[addr / kvm->sp_entries]);
	if ((guest & KVM_GUEST_LARGE) && (guest >> KVM_GUEST_GFN_SHIFT) + index != gfn)
		return -EFAULT;
	sp = kvm_mmu_get_child_sp(vcpu, addr / kvm->sp_entries, guest);
	if (!sp)
		return -ENOMEM;
	return mmu_map_spte(vcpu, sp, &sp->spt[index], gfn);
}

int kvm_mmu_page_fault(struct kvm_vcpu *vcpu, unsigned long addr, unsigned long gfn)
{
	struct kvm *kvm = vcpu->kvm;
	u64 seq = 0;
	int ret;

	if (fast_page_fault(vcpu, addr, gfn))
		return 0;
	ret = mmu_topup_memory_cache(vcpu);
	if (!ret)
		ret = mmu_topup_shadow_page(vcpu);
	if (ret)
		return ret;
	if (kvm->invalidate != KVM_INVALIDATE_NONE)
		seq = kvm_faultin_page(kvm, gfn);
	mmu_write_lock(kvm);
	if (kvm->invalidate == KVM_INVALIDATE_NONE || !mmu_invalidate_retry(kvm, seq))
		ret = mmu_map(vcpu, addr, gfn);
	kvm_note(KVM_NOTE_FAULT_ENDS, NULL, gfn);
	mmu_write_unlock(kvm);
	return ret;
}

int kvm_zap_spte(struct kvm *kvm, unsigned long addr)
{
	u64 *sptep;

	mmu_write_lock(kvm);
	sptep = kvm_guest_sptep(kvm, addr);
	if (sptep && drop_spte(kvm, sptep_to_sp(kvm, sptep, addr), sptep))
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
