/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-unordered-move: nulls, but remove fills the hole and clears the source
 * by two stores that may pass each other. Wrong where they do: between the two
 * the moved entry is in no slot at all. x86 keeps the order; a compiler keeps
 * it too, as far as both are volatile.
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

static void busted_fill_hole(struct kvm *kvm, const struct stack_place *hole,
			     struct pte_list_desc *from, long last)
{
	struct pte_list_desc *to = pte_list_desc_of(kvm, hole->word);
	u64 *moved = READ_PLAIN(from->sptes[last]);

	if (to != from || hole->slot != (unsigned long)last)
		WRITE_ONCE(to->sptes[hole->slot], moved);
	WRITE_ONCE(from->sptes[last], NULL);
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
	busted_fill_hole(kvm, &hole, pte_list_desc_of(kvm, head), last);
	stack_shrink(kvm, rmap, head, last);
}

RMAP_ALGORITHM(busted_unordered_move) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-unordered-move",
	.summary = "nulls whose remove fills the hole and clears the source in no order",
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
