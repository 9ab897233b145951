/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stack form under a lock bit in the head word. Source: arch/x86/kvm/mmu
 * since Linux 6.15, kvm_rmap_lock() and its kin, made for aging without
 * mmu_lock.
 *
 * Words: as in pte_list.h, and bit 1 of the head is PTE_LIST_LOCKED. sptes and
 * descriptors are aligned to 8 bytes, so the bit is free.
 *
 *	I9  a head that is 0 is never locked: who finds 0 has no list to protect;
 *	I10 descriptors that a head leads to change only while its bit is set,
 *	    and it is set by one CPU at a time;
 *	I11 writers set the bit inside mmu_lock; nobody takes mmu_lock under it.
 *
 * Order: the bit is set by a cmpxchg that acquires and cleared by a release
 * store of the whole head, so that what is done under it stays inside.
 */
#ifndef CORE_PTE_LIST_LOCK_H
#define CORE_PTE_LIST_LOCK_H

#include "pte_list.h"

#define PTE_LIST_LOCKED		2ul

/* The old head, or 0: it is empty and was not locked. With preemption off. */
#define rmap_lock		KERN_SYM(rmap_lock)
unsigned long rmap_lock(struct kvm_rmap_head *rmap);

/* The head becomes val, which says no lock; also where rmap_lock() gave 0. */
#define rmap_unlock		KERN_SYM(rmap_unlock)
void rmap_unlock(struct kvm_rmap_head *rmap, unsigned long val);

/* For who changes nothing and does not hold mmu_lock: old is what lock gave. */
#define rmap_lock_readonly	KERN_SYM(rmap_lock_readonly)
#define rmap_unlock_readonly	KERN_SYM(rmap_unlock_readonly)
unsigned long rmap_lock_readonly(struct kvm_rmap_head *rmap);
void rmap_unlock_readonly(struct kvm_rmap_head *rmap, unsigned long old);

/* Writers, under mmu_lock. */
#define lock_add		KERN_SYM(lock_add)
#define lock_remove		KERN_SYM(lock_remove)
#define lock_zap_all		KERN_SYM(lock_zap_all)
#define lock_audit		KERN_SYM(lock_audit)
#define lock_describe		KERN_SYM(lock_describe)

int lock_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep);
void lock_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep);
void lock_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap);
void lock_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit);
void lock_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		   struct rmap_word *out);

#endif
