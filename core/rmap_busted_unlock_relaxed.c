/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-unlock-relaxed: lock-bit whose read-only unlock is a plain store, as
 * its review asked whether it may be: nothing was written under the bit. Wrong:
 * the walker's loads may then be satisfied after its unlock has let a writer in,
 * by the compiler or by hardware that lets a load wait behind a later store
 * (arm64, RISC-V), and the walker reads what was freed.
 *
 * Seeing it needs load buffering: a load that reads what another CPU stored
 * because it saw a later store of the loading CPU. x86 never does that; tso and
 * pso do not, nor does `weak`, whose loads are older than they might be, never
 * newer. So every check stays silent here, under all models of this program. A
 * litmus test that an axiomatic model decides (the kernel's allows it, and
 * forbids it with the release) is LB+po+cmpxchg-acquire:
 *
 *	walker, who has the bit		writer
 *	r0 = READ_ONCE(slot)		if (cmpxchg_acquire(lock, 0, 1) == 0)
 *	WRITE_ONCE(lock, 0)			WRITE_ONCE(slot, 1)
 *	exists: the writer got the bit, and r0 = 1
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
	enum pte_list_step step;

	walk_step(walk);
	step = pte_list_pass_from(kvm, rmap, walk, &it, &rules);
	if (head) {
		WRITE_ONCE(rmap->val, head);
		preempt_enable();
	}
	return pte_list_result(step);
}

RMAP_ALGORITHM(busted_unlock_relaxed) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-unlock-relaxed",
	.summary = "lock-bit whose read-only unlock does not release; no model here shows it",
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
