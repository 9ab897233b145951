/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-early-call: snapshot whose remove gives the old array to call_rcu() before
 * the head leads to the new one, as patches do that call call_rcu() before
 * list_del_rcu(). Wrong: the grace period waits for those readers only that were
 * inside when it began, and a walker that begins between the two finds the old
 * array still. The callback may even run before the head is stored: it interrupts
 * the writer, which a spinlock does not prevent.
 */
#include "rmap_snapshot.h"

static void busted_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	struct snapshot_copy c;

	if (!snapshot_copy_without(kvm, rmap, sptep, &c))
		return;
	call_rcu(&c.old->rcu, snapshot_free_rcu);
	snapshot_publish(rmap, &c);
}

RMAP_ALGORITHM(busted_early_call) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-early-call",
	.summary = "snapshot that calls call_rcu() before the array has left the list",
	.source = "made for this program: call_rcu() before list_del_rcu()",
	.broken = true,
	.needs = RMAP_NEEDS_RCU,
	.params = snapshot_params,
	.objects = snapshot_objects,
	.init = snapshot_init,
	.destroy = snapshot_destroy,
	.check_extent = snapshot_check_extent,
	.objects_max = snapshot_objects_max,
	.add = snapshot_add,
	.remove = busted_remove,
	.zap_all = snapshot_zap_all,
	.walk = snapshot_walk,
	.audit = snapshot_audit,
	.describe = snapshot_describe,
	.callbacks = snapshot_callbacks,
};
