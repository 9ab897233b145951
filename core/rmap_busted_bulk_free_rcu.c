/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-bulk-free-rcu: rcu, but a zap of the whole list gives the descriptors to
 * kfree_rcu() first and clears the head last. Wrong: a grace period waits for those
 * who are inside when it begins. One that begins in between does not wait for a
 * walker who comes later still and enters by the old head, and frees what he is in.
 * First out of reach, then the grace period.
 *
 * Right for a walk under mmu_lock (`walk=mmu-lock`), which cannot be in between.
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
		.slots = pte_list_slots_down, .next = pte_list_next_locked,
	};
	struct pte_list_iter it = { 0 };

	if (kvm->param[BUSTED_WALK])
		return pte_list_walk_locked(kvm, rmap, walk, &it);
	return pte_list_walk_once(kvm, rmap, walk, &rules);
}

RMAP_ALGORITHM(busted_bulk_free_rcu) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-bulk-free-rcu",
	.summary = "rcu that frees a whole list's descriptors before it clears the head",
	.source = "arch/x86/kvm/mmu, where walks hold mmu_lock",
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
	.zap_all = busted_zap_all,
	.walk = busted_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
