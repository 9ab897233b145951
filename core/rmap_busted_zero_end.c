/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-zero-end: nulls whose popped descriptors get `more` = 0 before they are
 * freed, and whose walker takes 0 for the end. Wrong: a walker that stands in a
 * descriptor while it is popped believes that it has seen the whole list.
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
	return more ? pte_list_next_nulls(kvm, rmap, it, more) : PTE_LIST_END;
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = busted_next,
	};

	return pte_list_walk_unbounded(kvm, rmap, walk, &rules);
}

static void busted_pop(struct kvm *kvm, struct kvm_rmap_head *rmap, struct pte_list_desc *desc)
{
	unsigned long more = READ_PLAIN(desc->more);

	WRITE_ONCE(rmap->val, pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY);
	WRITE_ONCE(desc->more, 0);
	pte_list_free(kvm, desc);
}

static void busted_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct pte_list_desc *desc = pte_list_desc_of(kvm, head);
	struct stack_place hole = { 0 };
	long last;

	if (!pte_list_many(head)) {
		WRITE_ONCE(rmap->val, 0);
		return;
	}
	if (WARN_ON_ONCE(!stack_find(kvm, head, sptep, &hole)))
		return;
	last = stack_last_used(kvm, desc);
	stack_fill_hole(kvm, &hole, desc, last);
	if (last == 0)
		busted_pop(kvm, rmap, desc);
	else
		stack_shrink(kvm, rmap, head, last);
}

RMAP_ALGORITHM(busted_zero_end) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-zero-end",
	.summary = "nulls whose popped descriptors' more is cleared, and 0 is the end",
	.source = "made for this program",
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
