/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmu_lock and the per-vCPU descriptor caches.
 *
 * A vCPU that is about to add an spte fills its cache first, outside mmu_lock,
 * because the slab may sleep there and must not under a spinlock (source of the
 * idea: mmu_topup_memory_caches() in arch/x86/kvm/mmu). With alloc-zero the slab
 * zeroes each object word by word, while a lockless walker may still stand in
 * it: type-safe means that the memory stays a descriptor, not that it stays
 * this one.
 */
#include "mmu.h"

void kvm_mmu_init(struct kvm *kvm)
{
	spin_lock_init(&kvm->mmu_lock);
	rwlock_init(&kvm->mmu_rwlock);
	spin_lock_init(&kvm->slots_lock);
	spin_lock_init(&kvm->host_lock);
}

int mmu_topup_memory_cache(struct kvm_vcpu *vcpu)
{
	struct kvm_mmu_memory_cache *mc = &vcpu->pte_list_desc_cache;
	gfp_t gfp = GFP_KERNEL_ACCOUNT | (vcpu->kvm->alloc_zero ? __GFP_ZERO : 0);
	void *obj;

	if (!vcpu->kvm->pte_list_desc_cache)
		return 0;	/* the algorithm allocates nothing */
	while (mc->nobjs < vcpu->kvm->cache_objs) {
		obj = kmem_cache_alloc(vcpu->kvm->pte_list_desc_cache, gfp);
		if (!obj)
			return mc->nobjs ? 0 : -ENOMEM;
		mc->objects[mc->nobjs++] = obj;
	}
	return 0;
}

void *mmu_memory_cache_alloc(struct kvm_vcpu *vcpu)
{
	struct kvm_mmu_memory_cache *mc = &vcpu->pte_list_desc_cache;

	if (mc->nobjs)
		return mc->objects[--mc->nobjs];
	return kmem_cache_alloc(vcpu->kvm->pte_list_desc_cache, GFP_ATOMIC);
}

void mmu_free_memory_cache(struct kvm_vcpu *vcpu)
{
	struct kvm_mmu_memory_cache *mc = &vcpu->pte_list_desc_cache;

	while (mc->nobjs) {
		mc->nobjs--;
		kmem_cache_free(vcpu->kvm->pte_list_desc_cache, mc->objects[mc->nobjs]);
	}
}
