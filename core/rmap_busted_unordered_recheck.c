/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-unordered-recheck: a walker that knows no list's end from another's: it
 * follows links to any end, reads the head again, and begins anew if that has
 * changed. Wrong where loads may be done out of order: the second load of the
 * head returns what it was before the descriptor under the walker was popped and
 * reused. x86 loads in program order.
 *
 * The parameter `rmb` puts the order there. (Even then the same descriptor may
 * have come back to the head meanwhile. An end that names its list needs no
 * second look: that is what nulls are for.)
 */
#include "pte_list_walk.h"

enum { BUSTED_RMB = PTE_LIST_NR_PARAMS };

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = "rmb", .summary = "the list is read before the head is read again",
	  .def = 0, .max = 1, .words = pte_list_no_yes },
	{ .name = NULL },
};

/* All that lives on across a mark; no padding. */
struct busted_place {
	unsigned long head;	/* by which the pass entered */
	unsigned long word;	/* that led to the present descriptor */
	unsigned long slot;
};

static bool busted_slots(struct kvm *kvm, struct rmap_walk *walk, struct busted_place *at)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, at->word);
	u64 *sptep;

	for (at->slot = kvm->pte_list_ext; at->slot;) {
		at->slot--;
		mark_state(at);
		/* Before lower slots and other descriptors; pairs with stack_fill_hole(). */
		sptep = smp_load_acquire(&desc->sptes[at->slot]);
		walk_step(walk);
		if (sptep && !walk->visit(walk, sptep))
			return false;
	}
	return true;
}

static enum pte_list_step busted_recheck(const struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk, struct busted_place *at)
{
	unsigned long again;

	at->word = 0;
	at->slot = 0;
	mark_state(at);
	if (kvm->param[BUSTED_RMB]) {
		/* The last `more` before the head; pairs with the release in stack_push(). */
		smp_rmb();
	}
	again = READ_ONCE(rmap->val);
	walk_step(walk);
	return again == at->head ? PTE_LIST_END : PTE_LIST_RESTART;
}

static enum pte_list_step busted_pass(struct kvm *kvm, struct kvm_rmap_head *rmap,
				      struct rmap_walk *walk)
{
	struct busted_place at = { 0 };

	mark_state(&at);
	/* Before the descriptors; pairs with stack_push() and stack_pop(). */
	at.head = smp_load_acquire(&rmap->val);
	walk_step(walk);
	if (!at.head)
		return PTE_LIST_END;
	if (!pte_list_many(at.head))
		return walk->visit(walk, (u64 *)at.head) ? PTE_LIST_END : PTE_LIST_STOPPED;
	at.word = at.head;
	do {
		if (!busted_slots(kvm, walk, &at))
			return PTE_LIST_STOPPED;
		mark_state(&at);
		at.word = READ_ONCE(pte_list_desc_of(kvm, at.word)->more);
		walk_step(walk);
	} while (at.word && !pte_list_is_nulls(at.word));
	return busted_recheck(kvm, rmap, walk, &at);
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	enum pte_list_step step;

	rcu_read_lock();
	for (;;) {
		step = busted_pass(kvm, rmap, walk);
		if (step != PTE_LIST_RESTART)
			break;
		walk_restart(walk);
	}
	rcu_read_unlock();
	return pte_list_result(step);
}

RMAP_ALGORITHM(busted_unordered_recheck) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-unordered-recheck",
	.summary = "takes any end, and the head read again without order for the proof",
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
