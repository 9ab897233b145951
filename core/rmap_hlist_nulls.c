/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hlist-nulls: the kernel's rculist_nulls, one node per spte, inserted at the
 * head. A walker that ends in another rmap's nulls begins again.
 *
 * Encoding, N1 and N2: rmap_node.h.
 * G1 a pass that ends in this rmap's nulls has visited every spte that was in
 *    the list throughout the walk. A node that is reused in this list is put in
 *    front of all of them, so that it leads to all of them; one that is unlinked
 *    leads to what was behind it, or where that has gone;
 * G2 there is no bound on passes, nor on the steps of one: whoever takes the
 *    node away under the walker and puts it in front again has it begin again.
 * Order: links are followed by their dependencies alone, and a removal needs
 * none: who reads a link that has been replaced sees what stood there before.
 * Beside it may run: any number of walkers, and one writer under mmu_lock.
 * Source: include/linux/rculist_nulls.h and Documentation/RCU/rculist_nulls.rst.
 */
#include "rmap_node.h"

RMAP_ALGORITHM(hlist_nulls) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "hlist-nulls",
	.summary = "lockless; one node per spte, as the kernel's rculist_nulls; no bound",
	.source = "include/linux/rculist_nulls.h",
	.params = node_no_params,
	.objects = node_objects,
	.init = node_init,
	.destroy = node_destroy,
	.objects_max = node_objects_max,
	.add = node_add,
	.remove = node_remove,
	.zap_all = node_zap_all,
	.walk = node_walk,
	.audit = node_audit,
	.describe = node_describe,
};
