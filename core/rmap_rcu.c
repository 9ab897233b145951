/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rcu: lockless walk of the stack form whose descriptors are freed by RCU. One
 * that was popped keeps what it says until every walker that may stand in it has
 * left, so no walker is carried off, and there is nothing to restart for.
 *
 * Encoding and I1 to I4: pte_list.h.
 * I5 a descriptor serves one list, once, from its push to its pop; its `more`
 *    never changes, and what it leads to was pushed before it. So a walker that
 *    has read a head goes down the descriptors that lay one on the other when
 *    that head was stored, popped or not, to the nulls of this rmap;
 * I6 in a popped descriptor every slot is empty; with collapse=yes it has the
 *    entry that went back to the head.
 * G1 a pass visits every spte that was in the list throughout the walk. One that
 *    is in a descriptor P when the walk begins is moved only to a lower slot of P
 *    or to a descriptor below, pushed before P (I3), so never to one that the
 *    walker does not come by: what was pushed later holds what came later. The
 *    hole is filled before its source is cleared, and the walker reads sources
 *    before holes: it sees the entry in one of them. When P is popped before the
 *    walker reads the head, the head that it finds was stored behind the move
 *    (stack_pop()). With collapse=yes the entry that goes back to the head stays
 *    in the slot from which it went, where a walker that stands there finds it:
 *    unlike `nulls`, this walk bears it;
 * G2 one pass, no restart, never mmu_lock: at most 1 + D (S + 1) steps for the D
 *    descriptors of S slots that the list had when the head was read, whatever
 *    writers do. Writers pay: memory that is in no list waits for grace periods.
 * With free=call-rcu a callback gives the descriptor back, in a softirq of the CPU
 * that popped it, which may come while that CPU holds mmu_lock or walks: it takes
 * no lock and touches no list (G1 and G2 do not depend on who frees).
 * Beside it may run: any number of walkers, and one writer under mmu_lock.
 * Source: Documentation/RCU/listRCU.rst; asked for on the kvm list in 2013, where
 * the answer was that shadow pages come and go too fast to wait for each.
 */
#include "pte_list_walk.h"

static const struct rmap_param rcu_params[] = {
	PTE_LIST_STACK_PARAMS,
	PTE_LIST_FREE_PARAM,
	{ .name = NULL },
};

enum { RCU_FREE = PTE_LIST_NR_PARAMS };

static int rcu_init(struct kvm *kvm)
{
	kvm->descs_by_call = kvm->param[RCU_FREE] == PTE_LIST_CALL_RCU;
	return pte_list_init_rcu(kvm);
}

static enum pte_list_step rcu_next(const struct kvm *kvm, const struct kvm_rmap_head *rmap,
				   const struct pte_list_iter *it, unsigned long more)
{
	(void)kvm;
	(void)it;
	if (more == pte_list_nulls(rmap))
		return PTE_LIST_END;
	/* I5: there is no other end. */
	return WARN_ON_ONCE(!more || pte_list_is_nulls(more)) ? PTE_LIST_END : PTE_LIST_ON;
}

static enum rmap_walk_result rcu_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
				      struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = rcu_next,
	};

	return pte_list_walk_once(kvm, rmap, walk, &rules);
}

RMAP_ALGORITHM(rcu) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "rcu",
	.summary = "lockless; descriptors freed by RCU: one pass, no restart",
	.source = "Documentation/RCU/listRCU.rst",
	.needs = RMAP_NEEDS_RCU,
	.params = rcu_params,
	.objects = pte_list_rcu_objects,
	.init = rcu_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = rcu_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
	.callbacks = pte_list_callbacks,
};
