/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * null: keeps nothing and walks nothing. What a run costs with it is what the
 * harness costs. Its walks say that they gave up, so no check expects visits.
 */
#include "pte_list.h"

static int null_init(struct kvm *kvm)
{
	(void)kvm;
	return 0;
}

static void null_destroy(struct kvm *kvm)
{
	(void)kvm;
}

static u32 null_objects_max(const struct kvm *kvm, u32 sptes)
{
	(void)kvm;
	(void)sptes;
	return 0;
}

static int null_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	(void)vcpu;
	(void)rmap;
	(void)sptep;
	return 0;
}

static void null_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	(void)kvm;
	(void)rmap;
	(void)sptep;
}

static void null_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	(void)kvm;
	(void)rmap;
}

/* One load, so that the walk is an operation with an event. */
static enum rmap_walk_result null_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
				       struct rmap_walk *walk)
{
	(void)kvm;
	(void)READ_ONCE(rmap->val);
	walk_step(walk);
	return RMAP_WALK_GIVEN_UP;
}

static void null_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	(void)kvm;
	(void)rmap;
	audit->keeps_nothing = true;
}

RMAP_ALGORITHM(null) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "null",
	.summary = "does nothing: the cost of the harness",
	.source = "fio's null engine",
	.params = pte_list_no_params,
	.objects = pte_list_objects,
	.init = null_init,
	.destroy = null_destroy,
	.objects_max = null_objects_max,
	.add = null_add,
	.remove = null_remove,
	.zap_all = null_zap_all,
	.walk = null_walk,
	.audit = null_audit,
	.describe = pte_list_describe,
};
