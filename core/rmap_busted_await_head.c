/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-await-head: nulls, but a walker that has been carried off waits until
 * the head changes before it begins again, in the belief that whoever took the
 * descriptor away is still at work. Wrong: the last change may be over, and then
 * nobody ever lets it go on.
 */
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static void busted_await_head(struct kvm_rmap_head *rmap, struct rmap_walk *walk)
{
	struct stack_place at = { 0 };

	at.word = READ_ONCE(rmap->val);
	walk_step(walk);
	for (;;) {
		mark_state(&at);
		if (READ_ONCE(rmap->val) != at.word)
			return;
		cpu_relax();
	}
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_nulls,
	};
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;

	rcu_read_lock();
	for (;;) {
		step = pte_list_pass(kvm, rmap, walk, &it, &rules);
		if (step != PTE_LIST_RESTART)
			break;
		busted_await_head(rmap, walk);
		walk_restart(walk);
	}
	rcu_read_unlock();
	return pte_list_result(step);
}

RMAP_ALGORITHM(busted_await_head) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-await-head",
	.summary = "nulls that waits for the head to change before it restarts",
	.source = "made for this program",
	.broken = true,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = busted_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
