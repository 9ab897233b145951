/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-stop-locked: lock-bit whose walk returns at once when visit says stop.
 * Wrong: the bit stays set, and who wants it next waits for ever.
 */
#include "pte_list_lock.h"
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_locked,
	};
	unsigned long head = rmap_lock_readonly(rmap);
	struct pte_list_iter it = { .word = head };

	walk_step(walk);
	if (pte_list_pass_from(kvm, rmap, walk, &it, &rules) == PTE_LIST_STOPPED)
		return RMAP_WALK_STOPPED;
	rmap_unlock_readonly(rmap, head);
	return RMAP_WALK_COMPLETE;
}

RMAP_ALGORITHM(busted_stop_locked) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-stop-locked",
	.summary = "lock-bit that keeps the bit when a walk is stopped",
	.source = "review of \"KVM: x86/mmu: ... walking rmaps outside of mmu_lock\", 2024",
	.broken = true,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = lock_add,
	.remove = lock_remove,
	.zap_all = lock_zap_all,
	.walk = busted_walk,
	.audit = lock_audit,
	.describe = lock_describe,
};
