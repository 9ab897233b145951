/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host takes a page away: MMU notifiers, as much of them as matters to sptes.
 *
 * The host's page tables are host_pages[]: which of two pages of the host is behind
 * a gfn. An unmap zaps the gfn's sptes and flushes; from there on the guest must
 * not write to the page that it had. Then the host puts the other page in. A fault
 * looks its page up outside mmu_lock, as it may sleep there, and lists an spte
 * for it later: with an unmap in between, for a page that the host has taken back.
 * So unmaps count, and a fault that finds another count under mmu_lock than
 * before its look-up, or an unmap that is not over, begins again:
 *	unmap:	in progress; zap, flush; [the host's table]; smp_wmb; count, no
 *		longer in progress
 *	fault:	count; smp_rmb; look up; under mmu_lock: in progress, or another count?
 * The count says nothing of a look-up behind the zap and before the host's change:
 * that is what in_progress is for.
 *
 * Where kvm->invalidate is KVM_INVALIDATE_NONE a fault's look-up is one with its
 * mapping, under mmu_lock, and there is nothing to come in between.
 *
 * The count comes round after KVM_INVALIDATE_SEQS, so that programs that loop
 * come back to states that they have been in; the kernel's is an unsigned long.
 *
 * Source of the idea: mmu_invalidate_retry() and its kin, virt/kvm/kvm_main.c.
 */
#include "kvm_mmu.h"

#define KVM_INVALIDATE_SEQS	16

u64 kvm_faultin_page(struct kvm *kvm, unsigned long gfn)
{
	u64 seq = READ_ONCE(kvm->invalidation->seq);
	u64 page;

	/* The count before the host's table; pairs with smp_wmb() in kvm_invalidate_end(). */
	smp_rmb();
	page = READ_ONCE(kvm->host_pages[gfn]);
	kvm_note(KVM_NOTE_LOOKED_UP, NULL, kvm_note_write(gfn, page));
	return seq;
}

bool mmu_invalidate_retry(struct kvm *kvm, u64 seq)
{
	mmu_assert_write_locked(kvm);
	if (kvm->invalidate == KVM_INVALIDATE_IGNORE)
		return false;
	if (kvm->invalidate == KVM_INVALIDATE_RETRY && READ_ONCE(kvm->invalidation->in_progress))
		return true;
	return READ_ONCE(kvm->invalidation->seq) != seq;
}

/* One change at a time: the host has locks for its tables. */
void kvm_invalidate_begin(struct kvm *kvm)
{
	if (kvm->invalidate != KVM_INVALIDATE_NONE)
		spin_lock(&kvm->host_lock);
	mmu_write_lock(kvm);
	if (kvm->invalidate != KVM_INVALIDATE_NONE)
		WRITE_ONCE(kvm->invalidation->in_progress, 1);
}

void kvm_invalidate_end(struct kvm *kvm, unsigned long gfn)
{
	u64 page, seq;

	if (kvm->invalidate == KVM_INVALIDATE_NONE)
		return;
	page = READ_ONCE(kvm->host_pages[gfn]);
	WRITE_ONCE(kvm->host_pages[gfn], page ^ 1);
	mmu_write_lock(kvm);
	/* The host's table before the count; pairs with smp_rmb() in kvm_faultin_page(). */
	smp_wmb();
	seq = READ_ONCE(kvm->invalidation->seq);
	WRITE_ONCE(kvm->invalidation->seq, (seq + 1) % KVM_INVALIDATE_SEQS);
	WRITE_ONCE(kvm->invalidation->in_progress, 0);
	mmu_write_unlock(kvm);
	spin_unlock(&kvm->host_lock);
}
