/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a plan says of struct kvm: the constants that the caller of core/ fills in
 * before init. The same for both back ends, which have a struct kvm each, so these
 * are compiled with either.
 */
#ifndef SIM_KERN_CONSTANTS_H
#define SIM_KERN_CONSTANTS_H

#include <string.h>
#include "core/kvm_mmu.h"
#include "scenarios/plan.h"

static inline void kern_list_constants(struct kvm *kvm, const struct plan *plan)
{
	kvm->mmu_lock_is_rw = plan->lock_rw;
	kvm->pte_list_ext = plan->pte_list_ext;
	kvm->address_bits = plan->address_bits;
	kvm->nr_rmaps = plan->nr_rmaps;
	kvm->nr_sptes = plan->nr_sptes;
	kvm->nr_vcpus = plan->n_tasks + 1;	/* the last one does the setup */
	kvm->cache_objs = plan->cache_objs;
	kvm->alloc_zero = plan->alloc_zero;
	memcpy(kvm->param, plan->param, sizeof(kvm->param));
}

/* How the small KVM goes about it; where there are guests and pages. kvm->vcpus is there. */
static inline void kern_page_constants(struct kvm *kvm, const struct plan *plan,
				       const struct rmap_algorithm *algorithm)
{
	unsigned int i;

	kvm->dirty_order = plan->dirty_order;
	kvm->dirty_set = plan->dirty_set;
	kvm->write_protect = plan->write_protect;
	kvm->flush = plan->flush;
	kvm->handshake = plan->handshake;
	kvm->harvest_locked = plan->harvest_locked;
	kvm->fast_fault = plan->fast_fault;
	kvm->free = plan->free;
	kvm->sp_entries = plan_page_entries(plan);
	kvm->nr_tables = plan->shadow_pages;
	kvm->bookkeeping = plan->bookkeeping;
	kvm->nr_mmio = plan->mmio;
	kvm->recycle = plan->recycle;
	kvm->recycle_order = plan->recycle_order;
	kvm->recycle_threshold = plan->recycle_threshold;
	kvm->invalidate = plan->invalidate;
	kvm->unmap_no_flush = plan->unmap_no_flush;
	while (rmap_algorithms[kvm->rmap_algorithm] != algorithm)
		kvm->rmap_algorithm++;
	for (i = 0; i < plan->n_tasks; i++)
		kvm->vcpus[i].has_guest = plan->tasks[i].has_guest;
}

#endif
