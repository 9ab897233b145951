/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock-bit: a bit of the head word locks the list. Linux ages guest pages that
 * way without mmu_lock; writers set the bit inside mmu_lock.
 *
 * Encoding and I9 to I11: pte_list_lock.h; the list itself: pte_list.h. (Linux
 * ends a list in 0 here. No walker needs its nulls.)
 * G1 a walk visits every spte that is in the list when it gets the bit, and no
 *    other;
 * G2 a walk is one pass, of one step for the head and pte-list-ext + 1 for each
 *    descriptor;
 * G3 nobody says that it gets the bit: it is no queue, and who looks at it only
 *    while others have it waits for ever. Holders wait for nothing.
 * G4 the chain is protected, not what is in the sptes: vCPUs and hardware
 *    change them under the walker, and a writer clears an spte before it takes
 *    the bit to unlist it. The visit has to cope, as everywhere.
 * Beside it may run: any number of walkers, one after the other, and one writer
 * under mmu_lock, which waits for a walker.
 * Source: "KVM: x86/mmu: Add infrastructure to allow walking rmaps outside of
 * mmu_lock" and its series, Linux 6.15.
 */
#include "pte_list_lock.h"
#include "pte_list_walk.h"

static const struct rmap_param lock_bit_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static enum rmap_walk_result lock_bit_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					   struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_locked,
	};
	unsigned long head = rmap_lock_readonly(rmap);
	struct pte_list_iter it = { .word = head };
	enum pte_list_step step;

	walk_step(walk);
	step = pte_list_pass_from(kvm, rmap, walk, &it, &rules);
	/* Also when visit has stopped the walk. */
	rmap_unlock_readonly(rmap, head);
	return pte_list_result(step);
}

RMAP_ALGORITHM(lock_bit) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "lock-bit",
	.summary = "a bit of the head locks the list; the walk needs no mmu_lock; not fair",
	.source = "arch/x86/kvm/mmu: kvm_rmap_lock(), since 6.15",
	.params = lock_bit_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = lock_add,
	.remove = lock_remove,
	.zap_all = lock_zap_all,
	.walk = lock_bit_walk,
	.audit = lock_audit,
	.describe = lock_describe,
};
