/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-tail-insert: hlist-nulls whose nodes are inserted at the tail. Wrong: a
 * walker that stands in a node when it is unlinked and put back at the tail of
 * the same list is at its end, in the right nulls, and has missed all between.
 */
#include "rmap_node.h"

struct busted_place {
	unsigned long *link;
	unsigned long word;
};

static int busted_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	struct busted_place at = { .link = &rmap->val };
	struct rmap_node *node;

	mmu_assert_write_locked(vcpu->kvm);
	for (;;) {
		mark_state(&at);
		at.word = READ_PLAIN(*at.link);
		if (node_is_nulls(at.word))
			break;
		at.link = &node_of(at.word)->next;
	}
	node = node_new(vcpu, sptep, at.word);
	if (!node)
		return -ENOMEM;
	/* The node before the link that leads to it; pairs with node_walk()'s dependency. */
	rcu_assign_pointer(*at.link, (unsigned long)node);
	return 0;
}

RMAP_ALGORITHM(busted_tail_insert) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-tail-insert",
	.summary = "hlist-nulls that inserts at the tail",
	.source = "Documentation/RCU/rculist_nulls.rst: why insertion is at the head",
	.broken = true,
	.params = node_no_params,
	.objects = node_objects,
	.init = node_init,
	.destroy = node_destroy,
	.objects_max = node_objects_max,
	.add = busted_add,
	.remove = node_remove,
	.zap_all = node_zap_all,
	.walk = node_walk,
	.audit = node_audit,
	.describe = node_describe,
};
