/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-short-section: nulls whose walk leaves its read-side section behind each
 * descriptor and begins another, to keep grace periods short. Wrong: the address
 * of the next descriptor comes from the section that has ended. By then that
 * descriptor may be free, and the slab's page that it was in, too: type-safe means
 * for as long as a section lasts, and no longer. Where pages stay no entry is missed
 * all the same, so that only whoever keeps count of sections notices.
 */
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static enum pte_list_step busted_next(const struct kvm *kvm, const struct kvm_rmap_head *rmap,
				      const struct pte_list_iter *it, unsigned long more)
{
	rcu_read_unlock();
	rcu_read_lock();
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

RMAP_ALGORITHM(busted_short_section) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-short-section",
	.summary = "nulls that begins another read-side section with each descriptor",
	.source = "made for this program: cond_resched_rcu() in the middle of a walk",
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
