/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dirty log: marking pages, and harvesting what is marked. (And aging, which
 * walks the same way.)
 *
 * A harvest takes a word of the bitmap by xchg: a bit that is set behind it is for
 * the next one. Then the sptes of each page that was marked lose their WRITABLE bit
 * and the TLBs are flushed, so that by the time it returns the guest's next write to
 * the page faults, and is marked. What the guest writes in between is copied: user
 * space reads the page when the harvest has returned.
 */
#include "kvm_mmu.h"

void mark_page_dirty(struct kvm *kvm, unsigned long gfn)
{
	if (kvm->dirty_set == KVM_DIRTY_TEST_THEN_SET && test_bit(gfn, kvm->dirty_bitmap))
		return;
	set_bit(gfn, kvm->dirty_bitmap);
}

/* Keeps the other bits, whatever hardware and vCPUs do to them meanwhile. */
static bool spte_write_protect(const struct kvm *kvm, u64 *sptep)
{
	u64 old = READ_ONCE(*sptep);

	for (;;) {
		if (!(old & SPTE_PRESENT) || !(old & SPTE_WRITABLE))
			return false;
		if (kvm->write_protect == KVM_PROTECT_PLAIN) {
			WRITE_ONCE(*sptep, old & ~SPTE_WRITABLE);
			return true;
		}
		if (try_cmpxchg(sptep, &old, old & ~SPTE_WRITABLE))
			return true;
	}
}

/* Safe on any spte of any gfn: a walker may have been carried off. */
static bool write_protect_visit(struct rmap_walk *walk, u64 *sptep)
{
	struct kvm_dirty_log *log = walk->arg;
	struct kvm_outer *outer = &log->outer;
	u64 spte = log->kvm->flush == KVM_FLUSH_OWN_GFN ? READ_ONCE(*sptep) : 0;

	if (!spte_write_protect(log->kvm, sptep) || outer->flush)
		return true;
	if (log->kvm->flush == KVM_FLUSH_OWN_GFN && spte_gfn(spte) != outer->gfn)
		return true;
	outer->flush = log->kvm->flush != KVM_FLUSH_NONE;
	update_outer(outer);
	return true;
}

static void protect_page(struct kvm_vcpu *vcpu, struct kvm_dirty_log *log)
{
	struct kvm *kvm = vcpu->kvm;
	struct rmap_walk walk = {
		.visit = write_protect_visit, .arg = log, .mmu_locked = kvm->harvest_locked,
	};

	mark_outer(&log->outer);
	if (!kvm->harvest_locked)
		walk_shadow_page_lockless_begin(vcpu);
	kvm_rmap(kvm)->walk(kvm, &kvm->rmaps[log->outer.gfn], &walk);
	if (!kvm->harvest_locked)
		walk_shadow_page_lockless_end(vcpu);
}

static void harvest_word(struct kvm_vcpu *vcpu, struct kvm_dirty_log *log, unsigned long word)
{
	struct kvm *kvm = vcpu->kvm;

	if (!READ_ONCE(kvm->dirty_bitmap[word]))
		return;
	/* Before the lists and sptes are read; pairs with mmu_set_spte(). */
	log->outer.mask = xchg(&kvm->dirty_bitmap[word], 0);
	kvm_note(KVM_NOTE_TOOK_LOG, NULL, log->outer.mask);
	while (log->outer.mask) {
		log->outer.gfn = word * 64 + __builtin_ctzll(log->outer.mask);
		log->outer.mask &= log->outer.mask - 1;
		protect_page(vcpu, log);
	}
}

int kvm_get_dirty_log(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	struct kvm_dirty_log log = { .kvm = kvm };
	unsigned long word, words = (kvm->nr_rmaps + 63) / 64;

	log.outer.flush = kvm->flush == KVM_FLUSH_ALWAYS;
	spin_lock(&kvm->slots_lock);
	if (kvm->harvest_locked)
		mmu_write_lock(kvm);
	for (word = 0; word < words; word++)
		harvest_word(vcpu, &log, word);
	if (log.outer.flush)
		kvm_flush_remote_tlbs(kvm);
	if (kvm->harvest_locked)
		mmu_write_unlock(kvm);
	spin_unlock(&kvm->slots_lock);
	return 0;
}

/* Takes what a carried-off walker meets for this page's: the host is told a little wrong. */
static bool age_visit(struct rmap_walk *walk, u64 *sptep)
{
	struct kvm_outer *outer = walk->arg;

	if (!(READ_ONCE(*sptep) & SPTE_ACCESSED)) {
		kvm_note(KVM_NOTE_NOT_ACCESSED, sptep, outer->gfn);
		return true;
	}
	clear_bit(SPTE_ACCESSED_BIT, (unsigned long *)sptep);
	kvm_note(KVM_NOTE_TOOK_ACCESSED, sptep, outer->gfn);
	outer->young = 1;
	update_outer(outer);
	return true;
}

/*
 * As Linux did it before 6.15, or as it does it since. TLBs are not flushed: what a
 * guest does by an entry that it has is not seen before the entry goes.
 */
int kvm_age_gfn(struct kvm_vcpu *vcpu, unsigned long gfn)
{
	struct kvm *kvm = vcpu->kvm;
	struct kvm_outer outer = { .gfn = gfn };
	struct rmap_walk walk = {
		.visit = age_visit, .arg = &outer, .mmu_locked = kvm->harvest_locked,
	};
	enum rmap_walk_result result;

	if (kvm->harvest_locked)
		mmu_write_lock(kvm);
	else
		walk_shadow_page_lockless_begin(vcpu);
	result = kvm_rmap(kvm)->walk(kvm, &kvm->rmaps[gfn], &walk);
	kvm_note(KVM_NOTE_AGED, NULL, kvm_note_write(gfn, outer.young));
	if (kvm->harvest_locked)
		mmu_write_unlock(kvm);
	else
		walk_shadow_page_lockless_end(vcpu);
	return result;
}
