/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nulls-dirty: as nulls, but before the walk and before every rewalk the page's
 * bit in the dirty bitmap is tested; if it is set the walk is given up.
 *
 * The reason: the walk write-protects the page for the log that is being
 * harvested. If somebody has marked the page dirty since its bit was taken, the
 * page will be in the next log, whose harvest walks it again; so this walk may
 * leave it writable.
 *
 * Encoding and I1 to I4: pte_list.h. Walk: pte_list_walk.h.
 * G1 as for nulls, where the walk says that it is complete;
 * G2 there is no bound as long as nobody marks the page: zaps, read faults and
 *    prefetches move descriptors too. Once the bit is set and seen, at most the
 *    pass that is going on follows; and a single pass has no bound of its own.
 * Order: none is needed for the list. Of the page it is asked that the bit is
 * found set only if the next harvest finds it, which is so for any value read.
 * Beside it may run: any number of walkers, one writer under mmu_lock, and
 * whoever marks pages.
 * Source: the answers to "KVM: MMU: introduce nulls desc", kvm list, 2013.
 */
#include "pte_list_walk.h"

static const struct rmap_param nulls_dirty_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static enum rmap_walk_result nulls_dirty_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					      struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_nulls,
	};
	enum rmap_walk_result result = RMAP_WALK_GIVEN_UP;
	unsigned long page = rmap_number(kvm, rmap);
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;

	rcu_read_lock();
	while (walk->mmu_locked || !test_bit(page, kvm->dirty_bitmap)) {
		step = pte_list_pass(kvm, rmap, walk, &it, &rules);
		if (step != PTE_LIST_RESTART) {
			result = pte_list_result(step);
			break;
		}
		walk_restart(walk);
		it = (struct pte_list_iter){ 0 };
		mark_state(&it);
	}
	rcu_read_unlock();
	return result;
}

RMAP_ALGORITHM(nulls_dirty) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "nulls-dirty",
	.summary = "nulls that gives up before a pass if the page has been marked dirty; no bound",
	.source = "answers to \"KVM: MMU: introduce nulls desc\", kvm list, 2013",
	.needs = RMAP_NEEDS_DIRTY,
	.params = nulls_dirty_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = nulls_dirty_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
