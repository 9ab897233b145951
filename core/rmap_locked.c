/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locked: the list is walked under mmu_lock. The baseline that every lockless
 * walk is compared with.
 *
 * Encoding: pte_list.h, either form. With `stack` the last descriptor ends in
 * nulls, which a locked walk does not need; Linux ends in 0 there.
 * G1 a walk visits every spte that is in the list when it gets mmu_lock;
 * G2 a walk is one pass, of at most one step for the head and pte-list-ext + 1
 *    for each descriptor; how long it waits for mmu_lock is up to others.
 * Beside it may run: anything that does not hold mmu_lock.
 */
#include "pte_list_walk.h"

enum { LOCKED_FORM = PTE_LIST_NR_PARAMS };
enum { LOCKED_FORM_TAIL, LOCKED_FORM_STACK };

static const char *const locked_forms[] = { "tail", "stack", NULL };

static const struct rmap_param locked_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = "form", .summary = "of the list: as Linux to 6.3, or since 6.4",
	  .def = LOCKED_FORM_STACK, .max = 1, .words = locked_forms },
	{ .name = NULL },
};

static bool locked_is_tail(const struct kvm *kvm)
{
	return kvm->param[LOCKED_FORM] == LOCKED_FORM_TAIL;
}

static int locked_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	if (locked_is_tail(vcpu->kvm))
		return tail_add(vcpu, rmap, sptep);
	return stack_add(vcpu, rmap, sptep);
}

static void locked_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	if (locked_is_tail(kvm))
		tail_remove(kvm, rmap, sptep);
	else
		stack_remove(kvm, rmap, sptep);
}

static void locked_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	if (locked_is_tail(kvm))
		tail_zap_all(kvm, rmap);
	else
		stack_zap_all(kvm, rmap);
}

static enum rmap_walk_result locked_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	struct pte_list_iter it = { 0 };

	return pte_list_walk_locked(kvm, rmap, walk, &it);
}

static void locked_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	if (locked_is_tail(kvm))
		tail_audit(kvm, rmap, audit);
	else
		stack_audit(kvm, rmap, audit);
}

/* Half-filled descriptors may stand anywhere in a tail-form list: one entry each at worst. */
static u32 locked_objects_max(const struct kvm *kvm, u32 sptes)
{
	if (locked_is_tail(kvm))
		return sptes;
	return pte_list_objects_max(kvm, sptes);
}

RMAP_ALGORITHM(locked) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "locked",
	.summary = "the list is walked under mmu_lock",
	.source = "arch/x86/kvm/mmu: pte_list_add() and its kin, to 6.3 and since 6.4",
	.params = locked_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = locked_objects_max,
	.add = locked_add,
	.remove = locked_remove,
	.zap_all = locked_zap_all,
	.walk = locked_walk,
	.audit = locked_audit,
	.describe = pte_list_describe,
};
