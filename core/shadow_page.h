/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow pages: pages of sptes that come and go.
 *
 * The guest has nr_tables page tables of sp_entries entries each; address K of the
 * guest's is entry K % sp_entries of table K / sp_entries. A table that the guest
 * uses is shadowed by one page, found through a word of kvm->root[]; hardware,
 * harvests, aging and fast faults follow that word without mmu_lock.
 *
 * A page is of one of two kinds. It may shadow a table of the guest's: then its
 * entries map what the guest's entries say, any gfn each, and the page remembers
 * which (shadowed_translation[]). Or it is direct: its entries map consecutive gfns
 * from gfn on, as with two-dimensional paging, or where KVM splits a large page of
 * the guest's. All pages of a direct table can also be mapped by one large spte,
 * which then stands in the word of kvm->root[] and is in the rmap of the first.
 */
#ifndef CORE_SHADOW_PAGE_H
#define CORE_SHADOW_PAGE_H

#include "rmap.h"
#include "spte.h"

/* page->role */
#define KVM_SP_LEVEL_4K		1u
#define KVM_SP_DIRECT		(1u << 4)

/* An object of a slab cache; every spte of one that is free is 0. */
struct kvm_mmu_page {
	unsigned long gfn;	/* of the guest's table; of the first page if direct */
	u32 role;
	u16 shadowed_translation[KVM_SP_ENTRIES_MAX];	/* of each entry its gfn */
	struct rcu_head rcu_head;
	u64 spt[];
};

/*
 * A word of kvm->guest_dir[]: the gfn of the guest's table, or of the first page
 * that its large page maps.
 */
#define KVM_GUEST_LARGE		1ull
#define KVM_GUEST_GFN_SHIFT	1

static inline u64 kvm_guest_entry(unsigned long gfn, bool large)
{
	return (u64)gfn << KVM_GUEST_GFN_SHIFT | (large ? KVM_GUEST_LARGE : 0);
}

static inline u32 kvm_guest_entry_role(u64 entry)
{
	return KVM_SP_LEVEL_4K | (entry & KVM_GUEST_LARGE ? KVM_SP_DIRECT : 0);
}

/* What a present word of kvm->root[] leads to, if it is not a large spte. */
static inline struct kvm_mmu_page *kvm_child_sp(u64 entry)
{
	return (struct kvm_mmu_page *)(entry & ~(SPTE_PRESENT | SPTE_WRITABLE));
}

static inline u64 kvm_link_sp(const struct kvm_mmu_page *sp)
{
	return (unsigned long)sp | SPTE_PRESENT | SPTE_WRITABLE;
}

/* The page of which sptep is the entry for addr; NULL: of none, or it is a large one. */
static inline struct kvm_mmu_page *sptep_to_sp(const struct kvm *kvm, u64 *sptep,
					       unsigned long addr)
{
	if (!kvm->sp_entries || sptep == &kvm->root[addr / kvm->sp_entries])
		return NULL;
	sptep -= addr % kvm->sp_entries;
	return (struct kvm_mmu_page *)((u8 *)sptep - offsetof(struct kvm_mmu_page, spt));
}

/* The gfn that the entry maps, or did; under mmu_lock. */
static inline unsigned long kvm_mmu_page_get_gfn(struct kvm_mmu_page *sp, unsigned int index)
{
	if (READ_PLAIN(sp->role) & KVM_SP_DIRECT)
		return READ_PLAIN(sp->gfn) + index;
	return READ_PLAIN(sp->shadowed_translation[index]);
}

#endif
