/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nulls: lockless walk of the stack form; the last descriptor says whose list
 * it ends, and a walker that ends up in another one begins again.
 *
 * Encoding and I1 to I4: pte_list.h. Walk: pte_list_walk.h.
 * G1 a pass that ends in this rmap's nulls has visited every spte that was in
 *    the list throughout the walk: a descriptor is popped when its entries have
 *    gone towards the tail, and one that is pushed leads to all there is. With
 *    collapse=yes that is lost: a descriptor is freed with an entry in it that
 *    stays, and may come back with this rmap's nulls (collapse-loses-entry);
 * G2 there is no bound on passes, nor on the steps of one: a writer that pops
 *    and pushes as fast as the walker walks can keep it going.
 * Beside it may run: any number of walkers, and one writer under mmu_lock.
 * Source: "KVM: MMU: introduce nulls desc", kvm list 2013, v3 07/15.
 */
#include "pte_list_walk.h"

static const struct rmap_param nulls_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static enum rmap_walk_result nulls_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_nulls,
	};

	return pte_list_walk_unbounded(kvm, rmap, walk, &rules);
}

RMAP_ALGORITHM(nulls) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "nulls",
	.summary = "lockless; restarts when the list ends in another rmap's nulls; no bound",
	.source = "\"KVM: MMU: introduce nulls desc\", kvm list, 2013",
	.params = nulls_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = nulls_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
