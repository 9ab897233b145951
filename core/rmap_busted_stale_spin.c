/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-stale-spin: lock-bit whose walker, when it finds the bit set, waits for
 * the value that it has already read to change. Wrong: it is never read again,
 * and the walker waits though the bit has long been cleared.
 */
#include "pte_list_lock.h"
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

struct busted_seen {
	unsigned long head;
};

static unsigned long busted_lock(struct kvm_rmap_head *rmap)
{
	struct busted_seen seen = { 0 };

	seen.head = READ_ONCE(rmap->val);
	while (seen.head) {
		mark_state(&seen);
		if (seen.head & PTE_LIST_LOCKED) {
			cpu_relax();
			continue;
		}
		/* The list's words after the bit; pairs with the release in rmap_unlock(). */
		if (try_cmpxchg_acquire(&rmap->val, &seen.head, seen.head | PTE_LIST_LOCKED))
			break;
	}
	return seen.head;
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_locked,
	};
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;
	unsigned long head;

	preempt_disable();
	head = busted_lock(rmap);
	it.word = head;
	walk_step(walk);
	step = pte_list_pass_from(kvm, rmap, walk, &it, &rules);
	if (head)
		rmap_unlock(rmap, head);
	preempt_enable();
	return pte_list_result(step);
}

RMAP_ALGORITHM(busted_stale_spin) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-stale-spin",
	.summary = "lock-bit that waits without reading the head again",
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
