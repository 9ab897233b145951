/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-unordered-publish: nulls, but the head is made to point to a new
 * descriptor by a store that nothing orders behind those that fill it. Wrong
 * where stores may pass each other: the head arrives first, and a reused
 * descriptor still says what it said when it was freed. x86 keeps the order.
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

static int busted_push(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *first, u64 *second,
		       unsigned long more)
{
	struct pte_list_desc *desc = pte_list_alloc(vcpu);

	if (!desc)
		return -ENOMEM;
	stack_fill_desc(vcpu->kvm, desc, first, second, more);
	WRITE_ONCE(rmap->val, pte_list_word(vcpu->kvm, desc, 0) | PTE_LIST_MANY);
	return 0;
}

static int busted_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct pte_list_desc *desc = pte_list_desc_of(vcpu->kvm, head);

	if (!head)
		return stack_add(vcpu, rmap, sptep);
	if (!pte_list_many(head))
		return busted_push(vcpu, rmap, (u64 *)head, sptep, pte_list_nulls(rmap));
	if (!READ_PLAIN(desc->sptes[vcpu->kvm->pte_list_ext - 1]))
		return stack_add(vcpu, rmap, sptep);
	return busted_push(vcpu, rmap, sptep, NULL, head & ~PTE_LIST_MANY);
}

RMAP_ALGORITHM(busted_unordered_publish) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-unordered-publish",
	.summary = "nulls whose publishing store of the head is not a release",
	.source = "made for this program",
	.broken = true,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = busted_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = busted_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
