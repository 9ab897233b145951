/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-deep-stack: nulls, but a walker that has to restart calls itself, with
 * a large frame each time. Wrong: kernel stacks are small.
 */
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static unsigned long busted_recurse(unsigned long depth)
{
	volatile unsigned long frame[128];

	frame[depth % 128] = depth;
	if (depth > 1000000)
		return frame[0];
	return busted_recurse(depth + 1) + frame[depth % 128];
}

static inline enum pte_list_step busted_next(const struct kvm *kvm,
					     const struct kvm_rmap_head *rmap,
					     const struct pte_list_iter *it, unsigned long more)
{
	enum pte_list_step step = pte_list_next_nulls(kvm, rmap, it, more);

	if (step == PTE_LIST_RESTART && busted_recurse(0) == 0)
		return PTE_LIST_END;
	return step;
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = busted_next,
	};

	return pte_list_walk_unbounded(kvm, rmap, walk, &rules);
}

RMAP_ALGORITHM(busted_deep_stack) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-deep-stack",
	.summary = "nulls that recurses without an end when it restarts",
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
