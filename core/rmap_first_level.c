/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * first-level: lockless on the first level only; whatever is longer or has
 * moved is walked under mmu_lock.
 *
 * The proposal can be read in two ways, and `level` says which:
 *	descriptor  the first level of the list: a direct spte, or one descriptor
 *		    that ends in this head's nulls. Anything else takes mmu_lock;
 *	mapping	    the first level of the page tables: an rmap holds sptes of one
 *		    mapping size, as KVM has an rmap for each size. Rmaps of 4K
 *		    mappings are walked as `nulls` does, the others under mmu_lock.
 *		    Here the rmaps of 4K mappings are those below small-rmaps.
 *
 * Encoding and I1 to I4: pte_list.h. Walk: pte_list_walk.h.
 * G1 as for nulls. With level=descriptor it hangs on `more` being read last: it
 *    says this head's nulls only if the descriptor is the list's only one now.
 *    Without collapse a list that has had an entry throughout has then not lost
 *    the descriptor meanwhile, and what moved in it moved to lower slots. With
 *    collapse it may have: the entry goes back to the head, the descriptor
 *    serves another rmap and comes back, and the entry may be missed;
 * G2 level=descriptor: no restart, at most one descriptor without mmu_lock and
 *    one pass under it; level=mapping: no bound below small-rmaps.
 * Beside it may run: any number of walkers, and one writer under mmu_lock.
 * Source: the answers to "KVM: MMU: introduce nulls desc", kvm list, 2013.
 */
#include "pte_list_walk.h"

enum { FIRST_LEVEL_LEVEL = PTE_LIST_NR_PARAMS, FIRST_LEVEL_SMALL };
enum { FIRST_LEVEL_DESCRIPTOR, FIRST_LEVEL_MAPPING };

#define RMAPS_MAX	64

static const char *const first_level_words[] = { "descriptor", "mapping", NULL };

static const struct rmap_param first_level_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = "level", .summary = "first level of the list, or of the page tables",
	  .def = FIRST_LEVEL_DESCRIPTOR, .max = 1, .words = first_level_words },
	{ .name = "small-rmaps", .summary = "with level=mapping: rmaps below this hold 4K mappings",
	  .def = RMAPS_MAX, .min = 0, .max = RMAPS_MAX },
	{ .name = NULL },
};

static enum pte_list_step first_level_next(const struct kvm *kvm, const struct kvm_rmap_head *rmap,
					   const struct pte_list_iter *it, unsigned long more)
{
	(void)kvm;
	(void)it;
	return more == pte_list_nulls(rmap) ? PTE_LIST_END : PTE_LIST_LOCK;
}

static enum rmap_walk_result first_level_by_descriptor(struct kvm *kvm, struct kvm_rmap_head *rmap,
						       struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = first_level_next,
	};
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;

	rcu_read_lock();
	step = pte_list_pass(kvm, rmap, walk, &it, &rules);
	rcu_read_unlock();
	if (step != PTE_LIST_LOCK)
		return pte_list_result(step);
	walk_slow_path(walk);
	return pte_list_walk_locked(kvm, rmap, walk, &it);
}

static enum rmap_walk_result first_level_by_mapping(struct kvm *kvm, struct kvm_rmap_head *rmap,
						    struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_nulls,
	};
	struct pte_list_iter it = { 0 };

	if (rmap_number(kvm, rmap) < (unsigned long)kvm->param[FIRST_LEVEL_SMALL])
		return pte_list_walk_unbounded(kvm, rmap, walk, &rules);
	return pte_list_walk_locked(kvm, rmap, walk, &it);
}

static enum rmap_walk_result first_level_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					      struct rmap_walk *walk)
{
	if (kvm->param[FIRST_LEVEL_LEVEL] == FIRST_LEVEL_MAPPING)
		return first_level_by_mapping(kvm, rmap, walk);
	return first_level_by_descriptor(kvm, rmap, walk);
}

RMAP_ALGORITHM(first_level) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "first-level",
	.summary = "lockless on the first level only, of the list or of the mapping; else mmu_lock",
	.source = "answers to \"KVM: MMU: introduce nulls desc\", kvm list, 2013",
	.params = first_level_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = first_level_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
