/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small KVM around the rmaps: a memslot of nr_rmaps guest pages (a page's
 * gfn is the number of its rmap) with a bit each in the dirty bitmap, sptes
 * that map them, and vCPUs with a TLB.
 *
 * Who may run beside whom: everything beside everything. Faults, zaps and
 * unmaps take mmu_lock; fast faults and, by choice, the harvest of the dirty
 * log do not; one harvest at a time (slots_lock).
 *
 * How a page's write gets into the log, step by step
 *	1 the guest writes through a TLB entry that allows it; if there is none, the
 *	  spte is read (and its accessed and dirty bits set) and becomes one; if it
 *	  does not allow it, the vCPU leaves the guest and faults;
 *	2 a fault makes the spte writable, lists it in the page's rmap, and sets the
 *	  page's dirty bit, in an order that dirty_order says;
 *	3 a harvest takes the bits, word by word, makes all sptes of each page that
 *	  was dirty read-only by the algorithm's walk, flushes the TLBs, and reports;
 *	  user space copies what is reported when it returns.
 * Which orders lose no write under which kind of walk: doc/dirty-log.md.
 *
 * Source of the ideas: arch/x86/kvm/mmu, virt/kvm/kvm_main.c; the order of the
 * fault: "KVM: MMU: lockless write-protect", kvm list, 2013.
 */
#ifndef CORE_KVM_MMU_H
#define CORE_KVM_MMU_H

#include "mmu.h"
#include "shadow_page.h"
#include "spte.h"

#define kvm_vcpu_write		KERN_SYM(kvm_vcpu_write)
#define kvm_flush_remote_tlbs	KERN_SYM(kvm_flush_remote_tlbs)
#define kvm_mmu_page_fault	KERN_SYM(kvm_mmu_page_fault)
#define kvm_zap_spte		KERN_SYM(kvm_zap_spte)
#define kvm_unmap_gfn		KERN_SYM(kvm_unmap_gfn)
#define kvm_age_gfn		KERN_SYM(kvm_age_gfn)
#define kvm_zap_rmap		KERN_SYM(kvm_zap_rmap)
#define drop_spte		KERN_SYM(drop_spte)
#define kvm_recycle_rmap	KERN_SYM(kvm_recycle_rmap)
#define kvm_faultin_page	KERN_SYM(kvm_faultin_page)
#define mmu_invalidate_retry	KERN_SYM(mmu_invalidate_retry)
#define kvm_invalidate_begin	KERN_SYM(kvm_invalidate_begin)
#define kvm_invalidate_end	KERN_SYM(kvm_invalidate_end)
#define mark_page_dirty		KERN_SYM(mark_page_dirty)
#define kvm_get_dirty_log	KERN_SYM(kvm_get_dirty_log)
#define kvm_shadow_page_type	KERN_SYM(kvm_shadow_page_type)
#define kvm_mmu_init_shadow_pages	KERN_SYM(kvm_mmu_init_shadow_pages)
#define walk_shadow_page_lockless_begin	KERN_SYM(walk_shadow_page_lockless_begin)
#define walk_shadow_page_lockless_end	KERN_SYM(walk_shadow_page_lockless_end)
#define kvm_guest_sptep		KERN_SYM(kvm_guest_sptep)
#define mmu_topup_shadow_page	KERN_SYM(mmu_topup_shadow_page)
#define kvm_mmu_get_child_sp	KERN_SYM(kvm_mmu_get_child_sp)
#define kvm_mmu_page_set_gfn	KERN_SYM(kvm_mmu_page_set_gfn)
#define kvm_zap_page		KERN_SYM(kvm_zap_page)
#define kvm_map_large		KERN_SYM(kvm_map_large)
#define kvm_vcpu_set_guest_dir	KERN_SYM(kvm_vcpu_set_guest_dir)

/* The algorithm that keeps the rmaps. */
static inline const struct rmap_algorithm *kvm_rmap(const struct kvm *kvm)
{
	return rmap_algorithms[kvm->rmap_algorithm];
}

/*
 * vcpu.c: the guest on that vCPU writes to page gfn, which its page tables map at
 * addr (the number of an entry), faulting as often as it takes. 0, or the fault's error.
 */
int kvm_vcpu_write(struct kvm_vcpu *vcpu, unsigned long addr, unsigned long gfn);

/*
 * vcpu.c: the guest makes its entry for the table lead to a table that lies in page
 * gfn, or makes it a large page that begins there.
 */
int kvm_vcpu_set_guest_dir(struct kvm_vcpu *vcpu, unsigned long table, unsigned long gfn,
			   bool large);

/* vcpu.c: no vCPU writes any more through what an spte said before the call. */
void kvm_flush_remote_tlbs(struct kvm *kvm);

#define KVM_FAULT_EMULATE	1	/* there is no page: the access is emulated */

/*
 * mmu_fault.c. 0 (try again), KVM_FAULT_EMULATE, -ENOMEM, -EOVERFLOW, or -EFAULT: the
 * guest's large page does not lead there.
 */
int kvm_mmu_page_fault(struct kvm_vcpu *vcpu, unsigned long addr, unsigned long gfn);
/* One spte goes, if it is there, and TLBs are flushed. */
int kvm_zap_spte(struct kvm *kvm, unsigned long addr);
/* The same without the flush, under mmu_lock; sp: its page, or NULL. Was it there? */
bool drop_spte(struct kvm *kvm, struct kvm_mmu_page *sp, u64 *sptep);
/* All sptes of the page go, and TLBs are flushed. */
int kvm_unmap_gfn(struct kvm *kvm, unsigned long gfn);

/*
 * Under mmu_lock, and the flush is the caller's. All sptes of page outer->gfn, in bulk;
 * outer->flush: there were some.
 */
void kvm_zap_rmap(struct kvm *kvm, struct kvm_outer *outer);

/*
 * mmu_recycle.c: under mmu_lock, behind the listing of an spte of that page; `order`
 * says where in the fault this is. TLBs are flushed if anything went.
 */
void kvm_recycle_rmap(struct kvm *kvm, unsigned long gfn, enum kvm_recycle_order order);

/* mmu_notifier.c. Find the host's page, before mmu_lock; returns what the next one wants. */
u64 kvm_faultin_page(struct kvm *kvm, unsigned long gfn);
/* Under mmu_lock: may what was found be gone by now? */
bool mmu_invalidate_retry(struct kvm *kvm, u64 seq);
/* Around an unmap. begin takes mmu_lock; end is behind its release, and changes the page. */
void kvm_invalidate_begin(struct kvm *kvm);
void kvm_invalidate_end(struct kvm *kvm, unsigned long gfn);

/* dirty_log.c */
void mark_page_dirty(struct kvm *kvm, unsigned long gfn);
int kvm_get_dirty_log(struct kvm_vcpu *vcpu);
/* Clear the accessed bit of the page's sptes, by the algorithm's walk; was there any? */
int kvm_age_gfn(struct kvm_vcpu *vcpu, unsigned long gfn);

/* shadow_page.c */
extern const struct rmap_object_type kvm_shadow_page_type;
/* Where sp_entries is not 0; before anything else of this. 0 or -ENOMEM. */
int kvm_mmu_init_shadow_pages(struct kvm *kvm);
/* Between them shadow pages are read without mmu_lock. */
void walk_shadow_page_lockless_begin(struct kvm_vcpu *vcpu);
void walk_shadow_page_lockless_end(struct kvm_vcpu *vcpu);
/* The spte that maps the guest's address; NULL: its table has no shadow page. */
u64 *kvm_guest_sptep(struct kvm *kvm, unsigned long addr);
/* Outside mmu_lock, for kvm_mmu_get_child_sp(). 0 or -ENOMEM. */
int mmu_topup_shadow_page(struct kvm_vcpu *vcpu);
/* Under mmu_lock: the page that the guest's entry for the table wants, made if there is none. */
struct kvm_mmu_page *kvm_mmu_get_child_sp(struct kvm_vcpu *vcpu, unsigned long table, u64 guest);
/* Which gfn the entry is going to map. */
void kvm_mmu_page_set_gfn(struct kvm_mmu_page *sp, unsigned int index, unsigned long gfn);
/* The table's shadow page goes, with all that it maps. */
int kvm_zap_page(struct kvm *kvm, unsigned long table);
/* Before anything else: one read-only large spte maps all pages of a direct table. */
int kvm_map_large(struct kvm_vcpu *vcpu, unsigned long table);

#endif
