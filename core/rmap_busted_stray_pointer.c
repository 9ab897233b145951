/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-stray-pointer: nulls, but the walker follows another rmap's nulls as if
 * they led to a descriptor. Wrong: it reads slots where there is no descriptor.
 */
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static inline enum pte_list_step busted_next(const struct kvm *kvm,
					     const struct kvm_rmap_head *rmap,
					     const struct pte_list_iter *it, unsigned long more)
{
	if (pte_list_is_nulls(more) && more != pte_list_nulls(rmap))
		return PTE_LIST_ON;
	return pte_list_next_nulls(kvm, rmap, it, more);
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = busted_next,
	};

	return pte_list_walk_unbounded(kvm, rmap, walk, &rules);
}

RMAP_ALGORITHM(busted_stray_pointer) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-stray-pointer",
	.summary = "nulls that takes foreign nulls for a descriptor",
	.source = "made for this program: what a bad walker does to the machine",
	.broken = true,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = busted_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
