/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-scan-up: nulls, but the walker reads a descriptor's slots from the
 * lowest to the highest. Wrong: a hole is filled from the last used slot; an
 * entry that moves down to a slot that the walker has passed, while the walker
 * has yet to reach the slot it came from, is missed. Hole and moved entry must
 * share a descriptor.
 */
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static inline bool busted_slots_up(struct kvm *kvm, struct rmap_walk *walk,
				   struct pte_list_iter *it)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, it->word);
	u64 *sptep;

	for (it->slot = 0; it->slot < kvm->pte_list_ext; it->slot++) {
		mark_state(it);
		sptep = READ_ONCE(desc->sptes[it->slot]);
		walk_step(walk);
		if (sptep && !walk->visit(walk, sptep))
			return false;
	}
	return true;
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = busted_slots_up, .next = pte_list_next_nulls,
	};

	return pte_list_walk_unbounded(kvm, rmap, walk, &rules);
}

RMAP_ALGORITHM(busted_scan_up) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-scan-up",
	.summary = "nulls with the slots read upwards",
	.source = "made for this program",
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
