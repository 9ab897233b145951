/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-unlocked-read: rcu, but the walker is in no read-side section. Wrong:
 * the grace period does not wait for it, and what it stands in goes away.
 */
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_locked,
	};
	struct pte_list_iter it = { 0 };

	return pte_list_result(pte_list_pass(kvm, rmap, walk, &it, &rules));
}

RMAP_ALGORITHM(busted_unlocked_read) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-unlocked-read",
	.summary = "rcu that walks outside of any read-side section",
	.source = "made for this program: a forgotten rcu_read_lock()",
	.broken = true,
	.needs = RMAP_NEEDS_RCU,
	.params = busted_params,
	.objects = pte_list_rcu_objects,
	.init = pte_list_init_rcu,
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
