/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-free-at-once: rcu, but a popped descriptor is freed when it leaves the
 * list, not after a grace period. Wrong: a walker still stands in it, and it is
 * not type-safe either, so what is there may be anything, or nothing.
 */
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static int busted_init(struct kvm *kvm)
{
	size_t size = sizeof(struct pte_list_desc) + kvm->pte_list_ext * sizeof(u64 *);

	kvm->pte_list_desc_cache = kmem_cache_create("pte_list_desc", size, 8, 0);
	return kvm->pte_list_desc_cache ? 0 : -ENOMEM;
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_locked,
	};

	return pte_list_walk_once(kvm, rmap, walk, &rules);
}

RMAP_ALGORITHM(busted_free_at_once) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-free-at-once",
	.summary = "rcu that does not wait for a grace period",
	.source = "made for this program: kfree() where kfree_rcu() was meant",
	.broken = true,
	.needs = RMAP_NEEDS_RCU,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = busted_init,
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
