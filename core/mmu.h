/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What surrounds an rmap operation: mmu_lock, whichever kind it is, and the
 * per-vCPU cache that is topped up outside it (as in arch/x86/kvm/mmu).
 */
#ifndef CORE_MMU_H
#define CORE_MMU_H

#include "rmap.h"

#define kvm_mmu_init			KERN_SYM(kvm_mmu_init)
#define mmu_topup_memory_cache		KERN_SYM(mmu_topup_memory_cache)
#define mmu_memory_cache_alloc		KERN_SYM(mmu_memory_cache_alloc)
#define mmu_free_memory_cache		KERN_SYM(mmu_free_memory_cache)

/* The locks; the constants and arrays are the caller's. */
void kvm_mmu_init(struct kvm *kvm);

/* Fill the vCPU's cache to kvm->cache_objs, outside mmu_lock. 0 or -ENOMEM. */
int mmu_topup_memory_cache(struct kvm_vcpu *vcpu);

/* From the vCPU's cache, or from the slab when the plan has no caches. */
void *mmu_memory_cache_alloc(struct kvm_vcpu *vcpu);

/* Give everything in the vCPU's cache back to the slab. */
void mmu_free_memory_cache(struct kvm_vcpu *vcpu);

static inline void mmu_write_lock(struct kvm *kvm)
{
	if (kvm->mmu_lock_is_rw)
		write_lock(&kvm->mmu_rwlock);
	else
		spin_lock(&kvm->mmu_lock);
}

static inline void mmu_write_unlock(struct kvm *kvm)
{
	if (kvm->mmu_lock_is_rw)
		write_unlock(&kvm->mmu_rwlock);
	else
		spin_unlock(&kvm->mmu_lock);
}

/* A walker under mmu_lock shares it with other walkers when it is an rwlock. */
static inline void mmu_read_lock(struct kvm *kvm)
{
	if (kvm->mmu_lock_is_rw)
		read_lock(&kvm->mmu_rwlock);
	else
		spin_lock(&kvm->mmu_lock);
}

static inline void mmu_read_unlock(struct kvm *kvm)
{
	if (kvm->mmu_lock_is_rw)
		read_unlock(&kvm->mmu_rwlock);
	else
		spin_unlock(&kvm->mmu_lock);
}

static inline void mmu_assert_write_locked(struct kvm *kvm)
{
	if (kvm->mmu_lock_is_rw)
		lockdep_assert_held_write(&kvm->mmu_rwlock);
	else
		lockdep_assert_held(&kvm->mmu_lock);
}

#endif
