/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-bulk-free: nulls, but a zap of the whole list frees the descriptors
 * first and clears the head last. In between the head leads to free memory.
 *
 * Right for a walk under mmu_lock (`walk=mmu-lock`), which cannot be in between:
 * arch/x86/kvm/mmu empties its lists in that order.
 *
 * A lockless walker can. It sees no more than one that entered before the first
 * was freed and stood still: the memory is type-safe, nobody can list a
 * descriptor again before he has mmu_lock, and with it the cleared head. So no
 * entry is missed. What is lost is the bound: with alloc-zero another vCPU, which
 * needs no mmu_lock for that, gets the descriptor that the head leads to and
 * zeroes it; the walker finds a `more` of 0, begins again by the same head, and
 * waits for a writer in all but name, who may have been interrupted.
 *
 * Where descriptors are not type-safe it is worse: rmap_busted_bulk_free_rcu.c.
 */
#include "pte_list_walk.h"

enum { BUSTED_WALK = PTE_LIST_NR_PARAMS };

static const char *const busted_walks[] = { "lockless", "mmu-lock", NULL };

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = "walk", .summary = "whether a walk holds mmu_lock",
	  .def = 0, .max = 1, .words = busted_walks },
	{ .name = NULL },
};

static void busted_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	struct stack_place at = { .word = READ_PLAIN(rmap->val) };
	unsigned long more;

	mmu_assert_write_locked(kvm);
	while (pte_list_many(at.word)) {
		mark_state(&at);
		more = READ_PLAIN(pte_list_desc_of(kvm, at.word)->more);
		pte_list_free(kvm, pte_list_desc_of(kvm, at.word));
		at.word = pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY;
	}
	WRITE_ONCE(rmap->val, 0);
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_nulls,
	};
	struct pte_list_iter it = { 0 };

	if (kvm->param[BUSTED_WALK])
		return pte_list_walk_locked(kvm, rmap, walk, &it);
	return pte_list_walk_unbounded(kvm, rmap, walk, &rules);
}

RMAP_ALGORITHM(busted_bulk_free) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-bulk-free",
	.summary = "nulls that frees a whole list's descriptors before it clears the head",
	.source = "arch/x86/kvm/mmu, where walks hold mmu_lock",
	.broken = true,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = busted_zap_all,
	.walk = busted_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
