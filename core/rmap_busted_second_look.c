/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-second-look: snapshot, but the walker looks at the head again for each
 * entry, as one does who takes rcu_dereference() for an ordinary pointer. Wrong:
 * what it reads lies in several arrays, and what moved to a lower slot from one to
 * the next is passed by.
 */
#include "rmap_snapshot.h"

/* All that lives on across a mark; no padding. */
struct busted_iter {
	unsigned long slot;
};

static u64 *busted_entry(struct kvm_rmap_head *rmap, struct rmap_walk *walk,
			 const struct busted_iter *it, bool *more)
{
	struct rmap_snapshot *array;
	unsigned long n = 0;

	array = (struct rmap_snapshot *)rcu_dereference(rmap->val);
	walk_step(walk);
	if (array)
		n = READ_ONCE(array->n);
	walk_step(walk);
	*more = it->slot < n;
	return *more ? READ_ONCE(array->sptes[it->slot]) : NULL;
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	struct busted_iter it = { 0 };
	bool more = true, go_on = true;
	u64 *sptep;

	(void)kvm;
	rcu_read_lock();
	for (; go_on && more; it.slot++) {
		mark_state(&it);
		sptep = busted_entry(rmap, walk, &it, &more);
		if (sptep)
			go_on = walk->visit(walk, sptep);
	}
	rcu_read_unlock();
	return go_on ? RMAP_WALK_COMPLETE : RMAP_WALK_STOPPED;
}

RMAP_ALGORITHM(busted_second_look) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-second-look",
	.summary = "snapshot that looks at the head again for each entry",
	.source = "made for this program: rcu_dereference() in a loop",
	.broken = true,
	.needs = RMAP_NEEDS_RCU,
	.params = snapshot_params,
	.objects = snapshot_objects,
	.init = snapshot_init,
	.destroy = snapshot_destroy,
	.check_extent = snapshot_check_extent,
	.objects_max = snapshot_objects_max,
	.add = snapshot_add,
	.remove = snapshot_remove,
	.zap_all = snapshot_zap_all,
	.walk = busted_walk,
	.audit = snapshot_audit,
	.describe = snapshot_describe,
	.callbacks = snapshot_callbacks,
};
