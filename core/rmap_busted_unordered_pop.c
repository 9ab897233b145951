/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-unordered-pop: nulls, but an emptied descriptor leaves the head by a
 * store that nothing orders behind the move of its last entry, as the code of
 * 2013 had it. Wrong where stores may pass each other: a walker that enters by
 * the new head looks at the hole before the entry has arrived there. x86 keeps
 * the order.
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
		.slots = pte_list_slots_down, .next = pte_list_next_nulls,
	};

	return pte_list_walk_unbounded(kvm, rmap, walk, &rules);
}

static void busted_pop(struct kvm *kvm, struct kvm_rmap_head *rmap, struct pte_list_desc *desc)
{
	unsigned long more = READ_PLAIN(desc->more);

	WRITE_ONCE(rmap->val, pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY);
	pte_list_free(kvm, desc);
}

static void busted_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct stack_place hole = { 0 };
	long last;

	if (!pte_list_many(head)) {
		WRITE_ONCE(rmap->val, 0);
		return;
	}
	if (WARN_ON_ONCE(!stack_find(kvm, head, sptep, &hole)))
		return;
	last = stack_last_used(kvm, pte_list_desc_of(kvm, head));
	stack_fill_hole(kvm, &hole, pte_list_desc_of(kvm, head), last);
	if (last == 0)
		busted_pop(kvm, rmap, pte_list_desc_of(kvm, head));
	else
		stack_shrink(kvm, rmap, head, last);
}

RMAP_ALGORITHM(busted_unordered_pop) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-unordered-pop",
	.summary = "nulls that pops a descriptor without a release",
	.source = "\"KVM: MMU: introduce nulls desc\", 2013, taken to a machine that is not x86",
	.broken = true,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = busted_remove,
	.zap_all = stack_zap_all,
	.walk = busted_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
